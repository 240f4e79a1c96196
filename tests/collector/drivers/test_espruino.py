import base64
import json
import shutil
import subprocess

import numpy as np
import pytest

from collector.drivers.contract import Advertisement, Started, Write
from collector.drivers.espruino import (
    IDENTIFY_LINE,
    NOTIFY,
    PIECE,
    SERVICE,
    START_LINE,
    STOP_LINE,
    WRITE,
    BangleEncoder,
    EspruinoDriver,
    PuckEncoder,
)
from domain.errors import HandshakeError, PayloadError
from domain.samples import BatteryReading, DeviceBlock

UP = np.tile([0.0, 0.0, 1.0], (5, 1))


def lines(encoder, count, gyro=None):
    """Whole lines of the simulated sensor, one every five samples."""
    found = []
    for n in range(count):
        times = 100.0 + (n * 5 + np.arange(5)) / encoder.rate_hz
        found.append(
            b"".join(sent.payload for sent in encoder.samples(times, UP * (n + 1) / 8, gyro))
        )
    return found


def blocks(events):
    return [event for event in events if isinstance(event, DeviceBlock)]


def typed(commands):
    assert all(isinstance(c, Write) and c.response and c.characteristic == WRITE for c in commands)
    assert all(len(c.payload) <= PIECE for c in commands)
    return b"".join(c.payload for c in commands)


@pytest.mark.parametrize(
    ("name", "serves"),
    [("Bangle.js c0de", True), ("Puck.js 12ab", True), ("Pixl.js 1", False), ("UART", False), (None, False)],
)  # fmt: skip
def test_it_is_known_by_its_name_and_not_by_everybodys_uart(name, serves):
    heard = Advertisement("C0:00:00:00:00:05", name, -60, 0.0, service_uuids=(SERVICE,))
    assert EspruinoDriver.matches(heard) is serves


def test_what_is_typed_goes_in_pieces_of_twenty_acknowledged_bytes():
    driver = EspruinoDriver()
    assert typed(driver.start()) == START_LINE
    assert typed(driver.stop()) == STOP_LINE
    assert typed(driver.identify()) == IDENTIFY_LINE


def test_every_line_is_cleared_before_and_not_echoed():
    assert START_LINE.startswith(b"\x03\x10")
    assert STOP_LINE.startswith(b"\x03\x10")
    assert IDENTIFY_LINE.startswith(b"\x10")  # Ctrl-C would interrupt what runs
    for line in (START_LINE, STOP_LINE, IDENTIFY_LINE):
        assert line.count(b"\n") == 1
        assert line.endswith(b"\n")


def test_a_line_in_any_pieces_gives_the_same_block():
    (line,) = lines(BangleEncoder(), 1)
    for size in (1, 3, 20, 200):
        driver = EspruinoDriver()
        events = []
        for at in range(0, len(line), size):
            events += driver.feed(NOTIFY, line[at : at + size], 0.0)
        assert events[0] == Started(12.5)
        (block,) = blocks(events)
        np.testing.assert_allclose(block.acc_g, UP / 8)
        np.testing.assert_allclose(block.device_times, 100.0 + np.arange(5) / 12.5, atol=1e-9)
        assert (block.sequence, block.sequence_modulus) == (0, 65536)
        assert block.device_modulus_s == 2**31 / 1000


def test_prompts_echoes_and_other_output_are_no_samples_and_no_faults():
    driver = EspruinoDriver()
    one, two = lines(BangleEncoder(), 2)
    said = b"\x1b[J>" + one + b"=undefined\r\n>print(1)\r\n1\r\n>" + two + b"\r\n>"
    assert [block.sequence for block in blocks(driver.feed(NOTIFY, said, 0.0))] == [0, 5]
    assert driver.feed(NOTIFY, b"Uncaught Error: an app of the watch\r\n", 0.0) == ()


@pytest.mark.parametrize("at", range(0, 60, 7))
def test_a_torn_line_costs_itself_alone(at):
    driver = EspruinoDriver()
    first, torn, third = lines(BangleEncoder(), 3)
    piece = torn[at : at + PIECE]
    assert len(blocks(driver.feed(NOTIFY, first, 0.0))) == 1
    try:
        events = driver.feed(NOTIFY, torn.replace(piece, b"", 1), 0.1)
    except PayloadError:
        events = ()
    assert blocks(events) == []
    assert [b.sequence for b in blocks(driver.feed(NOTIFY, third, 0.2))] == [10]


def test_two_lines_whose_ends_were_lost_do_not_make_one():
    driver = EspruinoDriver()
    first, second = lines(BangleEncoder(), 2)
    assert driver.feed(NOTIFY, first[:30], 0.0) == ()
    (block,) = blocks(driver.feed(NOTIFY, second, 0.1))
    assert block.sequence == 5


def test_a_flipped_bit_is_a_payload_error():
    (line,) = lines(BangleEncoder(), 1)
    frame = bytearray(base64.b64decode(line[1:]))
    frame[14] ^= 0x10
    with pytest.raises(PayloadError):
        EspruinoDriver().feed(NOTIFY, b"~" + base64.b64encode(frame) + b"\n", 0.0)


def test_noise_without_an_end_does_not_grow():
    driver = EspruinoDriver()
    for _ in range(500):
        driver.feed(NOTIFY, b"~" * 40, 0.0)
    assert len(driver._pending) < 1000
    (line,) = lines(BangleEncoder(), 1)
    assert len(blocks(driver.feed(NOTIFY, line, 0.0))) == 1


def test_a_script_that_does_not_run_is_a_refusal_with_its_words():
    with pytest.raises(HandshakeError, match="Not available on Puck"):
        EspruinoDriver().feed(NOTIFY, b"Uncaught Error: Not available on Puck.js v1\r\n", 0.0)


def test_a_puck_has_a_gyroscope_in_counts_of_8_75_millidegrees():
    (line,) = lines(PuckEncoder(), 1, gyro=np.full((5, 3), -87.5))
    events = EspruinoDriver().feed(NOTIFY, line, 0.0)
    assert events[0] == Started(26.0)
    np.testing.assert_allclose(blocks(events)[0].gyro_dps, -87.5)


def test_the_battery_is_told_when_it_changes():
    driver = EspruinoDriver()
    events = [e for line in lines(BangleEncoder(76), 3) for e in driver.feed(NOTIFY, line, 0.0)]
    assert [e for e in events if isinstance(e, BatteryReading)] == [BatteryReading(76.0)]
    (unknown,) = lines(BangleEncoder(255), 1)
    assert not [e for e in driver.feed(NOTIFY, unknown, 0.0) if isinstance(e, BatteryReading)]


def test_the_stamp_and_the_number_wrap_where_they_say():
    encoder = BangleEncoder()
    encoder._number = 65533
    wrapped = b"".join(
        sent.payload for sent in encoder.samples(2147483.6 + np.arange(5) / 12.5, UP, None)
    )
    (after,) = lines(encoder, 1)
    driver = EspruinoDriver()
    (first,) = blocks(driver.feed(NOTIFY, wrapped, 0.0))
    (second,) = blocks(driver.feed(NOTIFY, after, 0.0))
    assert (first.sequence, second.sequence) == (65533, 2)
    assert first.device_times[0] == pytest.approx(2147483.6)
    assert np.all(np.diff(first.device_times) > 0)


@pytest.mark.parametrize("kind", ["bangle", "puck"])
def test_the_simulated_one_streams_from_the_script_to_the_stop(connect, kind):
    link = connect(kind)
    assert not link.encoder.streaming
    link.start()
    assert link.encoder.streaming
    link.stop()
    assert not link.encoder.streaming
    link.perform(link.driver.identify())
    assert not link.encoder.written(WRITE, b"\x03")
    assert b"Uncaught" in link.encoder.written(WRITE, b"\x10nonsense(\n")[0].payload


_WORLD = """
const out = [], E = {clip: (x, a, b) => Math.min(Math.max(x, a), b), getBattery: () => 83,
  sum: (a) => a.reduce((x, y) => x + y, 0)};
const btoa = (u) => Buffer.from(u).toString('base64');
const Bluetooth = {println: (s) => out.push(s)};
let now = 1700000000, on = [], log = [];
const getTime = () => now;
const thing = {on: (e, f) => on.push(f), removeListener: (e, f) => {on = on.filter((g) => g !== f);},
  setPollInterval: (ms) => log.push(ms), setOptions: (o) => log.push(o), accelOn: (hz) => log.push(hz),
  accelOff: () => log.push('off'), buzz: (ms) => log.push('buzz')};
let gone = [];
const NRF = {on: (e, f) => gone.push(f), removeListener: (e, f) => {gone = gone.filter((g) => g !== f);}};
const LED1 = 1, digitalPulse = () => log.push('led');
"""


def run_in_node(is_puck, body):
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node to run the script in")
    program = f"{_WORLD}const {'Puck' if is_puck else 'Bangle'} = thing;\n{body}\n"
    program += "console.log(JSON.stringify({out, log, listeners: on.length + gone.length}));"
    done = subprocess.run(
        [node, "-e", program], capture_output=True, text=True, timeout=30, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("is_puck", [False, True])
def test_the_script_itself_says_what_the_driver_reads(is_puck):
    script, rate_hz = START_LINE[2:-1].decode(), 26.0 if is_puck else 12.5
    event = (
        "{acc: {x: 8192 + i, y: -4096, z: i}, gyro: {x: 100, y: -200, z: i}}"
        if is_puck
        else "{x: 1 + i / 8192, y: -0.5, z: i / 8192}"
    )
    body = f"""
    const step = () => {{on.forEach((f) => f({event})); now += {1 / rate_hz}; i++;}};
    let i = 0;
    const send = (n) => {{for (i = 0; i < n;) step();}};
    {script};
    send(10);
    {script};
    send(7);
    sitwell.stop();
    send(5);
    """
    said = run_in_node(is_puck, body)
    assert said["listeners"] == 0
    driver = EspruinoDriver()
    events = [e for line in said["out"] for e in driver.feed(NOTIFY, line.encode() + b"\r\n", 0.0)]
    got = blocks(events)
    assert [block.sequence for block in got] == [0, 5, 10]  # it counts on, and two scripts are one
    np.testing.assert_allclose(got[0].acc_g[2], [1 + 2 / 8192, -0.5, 2 / 8192])
    assert got[0].device_times[0] == pytest.approx(1_700_000_000 % (2**31 / 1000), abs=1e-3)
    assert BatteryReading(83.0) in events
    if is_puck:
        np.testing.assert_allclose(got[1].gyro_dps[0], [0.875, -1.75, 5 * 0.00875])
        assert said["log"] == [26, "off", 26, "off"]
    else:
        assert said["log"] == [80, {"powerSave": True}, 80, {"powerSave": True}]


@pytest.mark.parametrize(("is_puck", "shows"), [(False, "buzz"), (True, "led")])
def test_each_shows_itself_in_its_own_way(is_puck, shows):
    assert run_in_node(is_puck, IDENTIFY_LINE[1:-1].decode())["log"] == [shows]


def test_the_script_ends_with_the_link_and_numbers_what_was_missed():
    script = START_LINE[2:-1].decode()
    body = f"""
    const send = () => on.forEach((f) => f({{x: 0, y: 0, z: 1}})), step = () => {{send(); now += 0.08;}};
    {script};
    for (let i = 0; i < 10; i++) step();
    gone.forEach((f) => f());
    for (let i = 0; i < 125; i++) step();
    {script};
    for (let i = 0; i < 5; i++) step();
    gone.forEach((f) => f());
    """
    said = run_in_node(False, body)
    assert said["listeners"] == 0
    driver = EspruinoDriver()
    got = blocks(
        [e for line in said["out"] for e in driver.feed(NOTIFY, line.encode() + b"\n", 0.0)]
    )
    assert [block.sequence for block in got][:2] == [0, 5]
    assert got[2].sequence == pytest.approx(10 + 125, abs=1)
    assert len(got) == 3


def test_nothing_is_stopped_where_no_script_runs():
    assert run_in_node(False, STOP_LINE[2:-1].decode())["log"] == []
