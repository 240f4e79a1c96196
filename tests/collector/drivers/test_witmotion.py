import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.drivers.contract import Advertisement, Started, Write
from collector.drivers.witmotion import (
    DUAL_SERVICE,
    DUAL_WRITE,
    FRAME_SIZE,
    NOTIFY,
    RATES_HZ,
    SERVICE,
    WRITE,
    WitMotionDriver,
    WitMotionEncoder,
    battery_percent,
)
from domain.errors import InputError, PayloadError
from domain.samples import BatteryReading, DeviceBlock

# The same examples everywhere, and no clock: other work may share the machine.
STEADY = settings(deadline=None, derandomize=True)

RATE_ANSWER = bytes.fromhex("5571030008000000000000000000000000000000")


def sample(i):
    """A whole frame that carries its number along x."""
    return b"\x55\x61" + int(i).to_bytes(2, "little") + bytes(16)


def written(link, to=WRITE):
    """What reached the sensor: of the two pairs of characteristics it has one."""
    return [write.payload.hex() for write in link.written if write.characteristic == to]


def numbers(events):
    blocks = [e.acc_g[:, 0] for e in events if isinstance(e, DeviceBlock)]
    return np.rint(np.concatenate(blocks) * 2048).astype(int).tolist() if blocks else []


def feed(driver, *payloads, now=1.0):
    events = []
    for payload in payloads:
        try:
            events += driver.feed(NOTIFY, payload, now)
        except PayloadError:
            events.append("error")
    return events


def started():
    driver = WitMotionDriver()
    driver.start()
    feed(driver, RATE_ANSWER, RATE_ANSWER)  # the second one shows where the first one ends
    return driver


@pytest.mark.parametrize("name", ["WT901BLE67", "BWT901BLE5.0", "WT9011DCL-BT50"])
def test_it_serves_the_family_by_name_or_service(name):
    assert WitMotionDriver.matches(Advertisement("a", name, None, 0.0))
    assert WitMotionDriver.matches(Advertisement("a", None, None, 0.0, service_uuids=(SERVICE,)))
    assert not WitMotionDriver.matches(Advertisement("a", "NEWTON", None, 0.0))


def test_the_vendors_service_is_not_on_bluetooths_base():
    assert all(uuid.endswith("00805f9a34fb") for uuid in (SERVICE, NOTIFY, WRITE))


def test_frames_of_the_manuals_layout_decode(vectors):
    for vector in vectors("witmotion")["frames"]:
        events = feed(started(), bytes.fromhex(vector["hex"]))
        (block,) = [e for e in events if isinstance(e, DeviceBlock)]
        np.testing.assert_allclose(block.acc_g, [vector["acc_g"]], atol=1e-9)
        np.testing.assert_allclose(block.gyro_dps, [vector["gyro_dps"]], atol=1e-9)


def test_battery_answers_follow_the_vendors_table(vectors):
    for vector in vectors("witmotion")["batteries"]:
        events = feed(started(), bytes.fromhex(vector["hex"]), sample(0))
        (battery,) = [e for e in events if isinstance(e, BatteryReading)]
        assert battery.percent == pytest.approx(vector["percent"])


def test_the_shared_vectors_agree(shared_vectors):
    by_name = shared_vectors("witmotion")
    frame = by_name["hand-made 55 61 frame: 1 g on z, +-100 dps, +-45 deg"]
    events = feed(started(), bytes.fromhex(frame["frame_hex"]))
    (block,) = [e for e in events if isinstance(e, DeviceBlock)]
    np.testing.assert_allclose(block.acc_g[0], frame["expected"]["g"])
    np.testing.assert_allclose(block.gyro_dps[0], frame["expected"]["dps"])
    battery = by_name["battery register reply (0x64 = 386 -> 3.86 V -> 58 %)"]
    assert battery_percent(battery["expected"]["v"]) == pytest.approx(battery["expected"]["pct"])


def test_a_sensor_at_another_rate_is_set_to_50_hz_read_back_and_asked_for_the_battery(connect):
    link = connect("witmotion")
    link.encoder = WitMotionEncoder(rate_hz=10.0)
    acc = np.tile([0.5, -0.25, 0.75], (200, 1))
    link.start()
    link.stream(acc, acc * 100)
    assert link.encoder.rate_hz == 50.0
    assert written(link) == [
        "ffaa270300",
        "ffaa276400",
        "ffaa6988b5",
        "ffaa030800",
        "ffaa000000",
        "ffaa270300",
    ]
    assert link.of(Started) == [Started(50.0)]
    assert link.batteries == [pytest.approx(75.0)]  # 3.93 V
    assert {block.rate_hz for block in link.blocks} == {50.0}


def test_a_dual_mode_unit_is_spoken_with_over_the_uart_that_it_has(connect):
    link = connect("witmotion")
    link.encoder = WitMotionEncoder(rate_hz=10.0, dual=True)
    acc = np.tile([0.5, -0.25, 0.75], (200, 1))
    link.start()
    link.stream(acc, acc * 100)
    assert link.of(Started) == [Started(50.0)]
    assert written(link, DUAL_WRITE)[2:] == ["ffaa6988b5", "ffaa030800", "ffaa000000", "ffaa270300"]
    assert written(link, WRITE) == ["ffaa270300", "ffaa276400"]  # asked of both, once
    np.testing.assert_allclose(link.acc_g(), acc[: len(link.acc_g())], atol=1e-3)
    uart = Advertisement("a", "OBDII", None, 0.0, service_uuids=(DUAL_SERVICE,))
    assert not WitMotionDriver.matches(uart)  # the UART is everybody's


def test_a_sensor_that_has_the_rate_already_is_only_read_for_its_flash_wears(connect):
    link = connect("witmotion").start()
    link.stream(np.zeros((200, 3)), np.zeros((200, 3)))
    assert written(link) == ["ffaa270300", "ffaa276400"]
    assert link.of(Started) == [Started(50.0)]


def test_what_the_simulated_sensor_tears_apart_comes_out_whole_and_in_order(connect):
    link = connect("witmotion").start()
    t = np.arange(1000) / 50
    acc = np.column_stack((np.sin(t), np.cos(t), np.sin(3 * t))) * 3
    gyro = acc[:, ::-1] * 200
    link.stream(acc, gyro)
    got = link.acc_g()
    assert len(acc) - 10 <= len(got)  # before the rate is known none is passed on
    np.testing.assert_allclose(got, acc[: len(got)], atol=16 / 2**16 + 1e-9)
    rotation = np.concatenate([block.gyro_dps for block in link.blocks])
    np.testing.assert_allclose(rotation, gyro[: len(got)], atol=2000 / 2**16 + 1e-9)


def test_byte_by_byte_gives_the_same_samples_as_all_at_once():
    stream = b"".join(sample(i) for i in range(50))
    whole = feed(started(), stream)
    single = feed(started(), *[stream[i : i + 1] for i in range(len(stream))])
    assert numbers(single) == list(range(49))  # the last may yet prove to be something else
    assert numbers(whole) == list(range(50))


@settings(STEADY)
@given(st.lists(st.integers(1, 64), min_size=1, max_size=60))
def test_however_the_stream_is_cut_the_samples_are_the_same(sizes):
    stream = b"".join(sample(i) for i in range(40))
    pieces, at = [], 0
    for size in sizes:
        pieces.append(stream[at : at + size])
        at += size
    pieces.append(stream[at:])
    last = [piece for piece in pieces if piece][-1]
    whole = len(last) >= FRAME_SIZE  # the last frame lies within it
    assert numbers(feed(started(), *pieces)) == list(range(40 if whole else 39))


def test_a_frame_that_fills_its_notification_is_passed_on_at_once():
    driver = started()
    for i in range(5):
        assert numbers(driver.feed(NOTIFY, sample(i), 1.0)) == [i]


def test_a_frame_whose_first_half_came_before_waits_for_the_header_that_proves_it():
    driver = started()
    assert numbers(feed(driver, sample(0) + sample(1)[:5], sample(1)[5:])) == [0]
    assert numbers(feed(driver, sample(2))) == [1, 2]


def test_after_a_loss_no_frame_is_passed_on_before_its_place_is_proved():
    driver = started()
    feed(driver, sample(0) + sample(1)[:5])  # the rest of 1 is lost
    assert numbers(feed(driver, sample(2))) == []
    assert numbers(feed(driver, sample(3))) == [2, 3]


@settings(STEADY, max_examples=200)
@given(st.lists(st.tuples(st.integers(1, 3), st.binary(max_size=50)), min_size=1, max_size=8))
def test_between_garbage_every_frame_followed_by_another_is_found_and_none_is_invented(parts):
    stream, expected, i = b"", [], 0
    for n, noise in parts:
        # Noise that happens to look like a header is another matter: nothing could tell it apart.
        stream += noise.replace(b"\x55", b"\x00")
        expected += range(i, i + n - 1)
        stream += b"".join(sample(i + k) for k in range(n))
        i += n
    stream += sample(i) if stream.endswith(sample(i - 1)) else b""
    got = numbers(feed(started(), stream))
    assert set(expected) <= set(got)
    assert got == sorted(set(got))


def test_a_lost_notification_never_makes_one_frame_of_two_halves():
    stream = b"".join(sample(i) for i in range(40))
    driver = started()
    events = feed(driver, stream[:207], stream[207 + 33 :])
    assert numbers(events) == [*range(10), *range(12, 40)]


def test_bytes_that_belong_to_no_frame_are_a_payload_error():
    with pytest.raises(PayloadError, match="belong to no frame"):
        started().feed(NOTIFY, bytes(100), 1.0)


def test_the_rest_of_a_frame_that_was_begun_before_the_subscription_is_no_fault():
    driver = WitMotionDriver()
    driver.start()
    assert feed(driver, sample(1)[7:] + sample(2) + sample(3)) == []
    assert feed(driver, bytes(FRAME_SIZE + 9)) == ["error"]


def test_samples_before_the_rate_is_known_are_held_back():
    driver = WitMotionDriver()
    driver.start()
    assert feed(driver, *[sample(i) for i in range(10)]) == []
    events = feed(driver, RATE_ANSWER, sample(1), sample(2), sample(3))
    assert events[0] == Started(50.0)
    assert numbers(events) == [1, 2, 3]


@pytest.mark.parametrize("rate_hz", [10.0, 50.0, 100.0])
def test_a_sensor_that_does_not_answer_is_counted_until_its_rate_is_plain(rate_hz):
    driver = WitMotionDriver()
    driver.start()
    events = []
    for i in range(int(8 * rate_hz)):
        events += feed(driver, sample(i % 1000), now=100 + i / rate_hz)
    assert [e for e in events if isinstance(e, Started)] == [Started(rate_hz)]
    written = [e.payload.hex() for e in events if isinstance(e, Write)]
    setting = ["ffaa6988b5", "ffaa030800", "ffaa000000", "ffaa270300"]
    assert written == ([] if rate_hz == 50.0 else setting)  # once, though it did not take
    kinds = [type(e) for e in events]
    assert kinds.index(Started) < kinds.index(DeviceBlock)


def test_a_rate_that_could_not_be_set_is_told_as_it_is():
    driver = WitMotionDriver()
    driver.start()
    answer = b"\x55\x71\x03\x00\x06\x00" + bytes(14)
    feed(driver, answer, sample(1))
    events = feed(driver, sample(2), answer, sample(3), sample(4))
    assert events[0] == Started(10.0)
    assert events[-1].rate_hz == 10.0


def test_the_battery_is_asked_for_again_every_ten_minutes():
    driver = started()
    asked = []
    for second in range(1900):
        events = driver.feed(NOTIFY, sample(1), float(second))
        asked += [
            second for e in events if getattr(e, "payload", b"") == bytes.fromhex("ffaa276400")
        ]
    assert asked == [
        pytest.approx(601, abs=2),
        pytest.approx(1201, abs=2),
        pytest.approx(1801, abs=2),
    ]


def test_the_simulated_sensor_keeps_its_registers_locked():
    encoder = WitMotionEncoder(rate_hz=10.0)
    encoder.written(WRITE, bytes.fromhex("ffaa030800"))
    assert encoder.rate_hz == 10.0
    encoder.written(WRITE, bytes.fromhex("ffaa6988b5"))
    encoder.written(WRITE, bytes.fromhex("ffaa030800"))
    assert encoder.rate_hz == 50.0
    encoder.written(WRITE, bytes.fromhex("ffaa000000"))
    encoder.written(WRITE, bytes.fromhex("ffaa030600"))
    assert encoder.rate_hz == 50.0


def test_a_rate_the_sensor_does_not_have_cannot_be_simulated():
    with pytest.raises(InputError):
        WitMotionEncoder(rate_hz=52.0)


def test_the_simulated_sensor_really_tears_frames_apart():
    assert any(size % FRAME_SIZE for size in WitMotionEncoder.CUTS)
    assert any(size > FRAME_SIZE for size in WitMotionEncoder.CUTS)
    assert any(size < FRAME_SIZE for size in WitMotionEncoder.CUTS)
    assert len(RATES_HZ) == 10


def test_values_beyond_the_range_saturate_instead_of_wrapping(connect):
    link = connect("witmotion").start()
    link.stream(np.full((60, 3), [40.0, -40.0, 1.0]), np.full((60, 3), [9000.0, -9000.0, 0.0]))
    assert link.acc_g()[0] == pytest.approx([16, -16, 1], abs=0.001)
    assert link.blocks[0].gyro_dps[0] == pytest.approx([2000, -2000, 0], abs=0.1)
