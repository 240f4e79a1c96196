import struct

import numpy as np
import pytest

from collector.drivers.contract import Advertisement, Halted, Identifies, Started, Write
from collector.drivers.movella_dot import (
    BATTERY,
    COMPANY,
    CONTROL,
    MEASUREMENT,
    MEDIUM,
    MODULUS_S,
    REPORT,
    MovellaDotDriver,
    MovellaDotEncoder,
    checksum_holds,
    free_acceleration,
    message,
)
from collector.drivers.registry import driver_for
from collector.stream import SensorStream
from domain.errors import PayloadError
from domain.samples import BatteryReading, Notification, SampleBlock

G = 9.80665
REST = (0.0, 0.0, G)


def heard(name, company=None):
    data = {} if company is None else {company: b"\x00"}
    return Advertisement("D4:22:CD:00:00:01", name, -60, 0.0, manufacturer_data=data)


def rate_quantities(stamp_us, acc=REST, gyro=(0.0, 0.0, 0.0), size=40):
    return struct.pack("<I6f", stamp_us, *acc, *gyro).ljust(size, b"\0")


def settings(rate=60, connected=(0, 0)):
    control = bytearray(32)
    control[3:7] = bytes((10, 0, *connected))
    control[7:19] = b"\x0bMovella DOT"
    control[24:26] = rate.to_bytes(2, "little")
    return bytes(control)


def started(**kwargs):
    driver = MovellaDotDriver()
    driver.start()
    return driver, driver.feed(CONTROL, settings(**kwargs), 0.0)


@pytest.mark.parametrize("name", ["Movella DOT", "Xsens DOT", "Xsens Dot"])
def test_it_serves_both_names_in_any_spelling(name):
    assert MovellaDotDriver.matches(heard(name))
    assert driver_for(heard(name)) is MovellaDotDriver


def test_it_serves_the_company_until_the_name_is_heard():
    assert MovellaDotDriver.matches(heard(None, COMPANY))
    assert not MovellaDotDriver.matches(heard("MTw Awinda", COMPANY))
    assert not MovellaDotDriver.matches(heard(None, 0x0499))


def test_the_shared_vectors_agree(shared_vectors):
    found = shared_vectors("movella-dot")
    assert found
    for name, vector in found.items():
        payload = bytes.fromhex(vector["frame_hex"])
        if "checksum" in name:
            assert sum(payload) & 0xFF == vector["expected"]
            assert checksum_holds(payload)
        else:
            stamp_us, vector_ms2 = free_acceleration(payload)
            np.testing.assert_allclose((stamp_us, *vector_ms2), vector["expected"], atol=1e-6)


def test_the_other_vectors_agree(vectors):
    seen = 0
    for frame in vectors("movella-dot")["frames"]:
        payload = bytes.fromhex(frame["hex"])
        if "free_acceleration" in frame:
            got = free_acceleration(payload)
            np.testing.assert_allclose((got[0], *got[1]), frame["free_acceleration"], atol=1e-6)
            seen += 1
        elif frame.get("message"):
            assert checksum_holds(payload)
            assert message(payload[0], payload[2:-1]) == payload
            seen += 1
    assert seen == 6


def test_two_captured_samples_are_a_sixtieth_of_a_second_apart(vectors):
    stamps = [
        free_acceleration(bytes.fromhex(frame["hex"]))[0]
        for frame in vectors("movella-dot")["frames"]
        if "free_acceleration" in frame
    ]
    assert stamps[1] - stamps[0] == 16667


def test_a_message_that_is_cut_or_changed_is_not_whole():
    whole = message(0x02, b"\x08")
    assert whole.hex() == "020108f5"
    assert not checksum_holds(whole[:-1])
    assert not checksum_holds(whole + b"\0")
    assert not checksum_holds(b"\x02\x01\x09\xf5")
    assert not checksum_holds(b"")


def test_free_acceleration_is_never_taken_for_acceleration():
    captured = bytes.fromhex("d8052244af9640406b2aa7405add14c000000000")
    driver, _ = started()
    with pytest.raises(PayloadError):
        driver.feed(MEDIUM, captured, 0.0)
    with pytest.raises(PayloadError):
        driver.feed(MEDIUM.replace("15172003", "15172004"), captured, 0.0)
    with pytest.raises(PayloadError):
        free_acceleration(rate_quantities(0))


def test_the_start_is_written_after_everything_is_subscribed_and_set():
    driver, commands = started(rate=60)
    assert MEDIUM in driver.subscriptions()
    assert commands == (
        Write(MEASUREMENT, bytes((1, 0, 21))),
        Write(MEASUREMENT, bytes((1, 1, 21))),
    )


@pytest.mark.parametrize(
    ("rate", "used"), [(1, 60), (15, 60), (20, 20), (30, 30), (60, 60), (120, 60)]
)
def test_a_rate_that_serves_is_kept_and_any_other_set_to_60_hz(rate, used):
    driver, commands = started(rate=rate)
    written = [command for command in commands if command.characteristic == CONTROL]
    if rate == used:
        assert written == []
    else:
        (command,) = written
        assert command.payload[0] == 0x10
        assert command.payload[24:26] == b"\x3c\x00"
    first, block = driver.feed(MEDIUM, rate_quantities(0), 0.0)
    assert first == Started(used)
    assert block.rate_hz == used


def test_sleep_in_a_connection_is_switched_off_and_the_other_sleep_left_as_it_is():
    _, commands = started(connected=(30, 0))
    stop, control, start = commands
    assert control.characteristic == CONTROL
    assert control.payload[0] == 0x04
    assert control.payload[3:7] == bytes((10, 0, 0, 0))
    assert control.payload[7:19] == b"\x0bMovella DOT"
    assert (stop.payload[1], start.payload[1]) == (0, 1)


def test_settings_are_written_once_in_the_life_of_the_sensor(connect):
    link = connect("movella-dot")
    link.encoder = MovellaDotEncoder(rate_hz=4)
    link.start()
    assert (link.encoder.rate_hz, link.encoder.sleeps_after_s) == (60.0, 0)
    assert link.encoder.settings_written == 1
    link.encoder.disconnected()
    link.start()
    assert link.encoder.settings_written == 1
    assert link.encoder.streaming


def test_metres_per_second_squared_become_g_and_rates_stay():
    driver, _ = started()
    (*_, block) = driver.feed(MEDIUM, rate_quantities(0, (G, -2 * G, 0.5 * G), (1, 2, 3)), 0.0)
    np.testing.assert_allclose(block.acc_g, [[1, -2, 0.5]], atol=1e-6)
    np.testing.assert_allclose(block.gyro_dps, [[1, 2, 3]])


@pytest.mark.parametrize("size", [28, 40])
def test_a_payload_comes_bare_or_filled_with_zeros(size):
    driver, _ = started()
    (*_, block) = driver.feed(MEDIUM, rate_quantities(5_000_000, size=size), 0.0)
    np.testing.assert_allclose(block.device_times, [5.0])


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        bytes(27),
        bytes(41),
        rate_quantities(0, size=28) + b"\x01",
        rate_quantities(0, (np.nan, 0, 0)),
    ],
)
def test_any_other_payload_is_no_frame(payload):
    driver, _ = started()
    with pytest.raises(PayloadError):
        driver.feed(MEDIUM, payload, 0.0)


def test_the_stamp_wraps_after_71_6_minutes():
    assert pytest.approx(71.58, abs=0.01) == MODULUS_S / 60
    driver, _ = started()
    (*_, block) = driver.feed(MEDIUM, rate_quantities(2**32 - 1), 0.0)
    assert block.device_modulus_s == MODULUS_S
    assert block.device_times[0] < MODULUS_S


def test_over_the_wrap_nothing_is_lost_and_time_goes_on():
    stream = SensorStream("dot", MovellaDotDriver)
    stream.reconnected()
    zero = 1_700_000_000.0
    stream.feed(Notification("dot", CONTROL, settings(), zero))
    times = []
    for i in range(240):
        stamp_us = (2**32 - 2_000_000 + round(i * 1e6 / 60)) % 2**32
        now = zero + i / 60 + 0.01
        for output in stream.feed(Notification("dot", MEDIUM, rate_quantities(stamp_us), now)):
            if isinstance(output, SampleBlock):
                times += output.times.tolist()
    assert stream.counters.received == 240
    assert stream.counters.lost == 0
    np.testing.assert_allclose(np.diff(times), 1 / 60, atol=2e-3)


def test_frames_before_the_settings_are_known_are_ignored():
    driver = MovellaDotDriver()
    driver.start()
    assert driver.feed(MEDIUM, rate_quantities(0), 0.0) == ()


@pytest.mark.parametrize(("kind", "words"), [(1, "switched off"), (4, "sleep")])
def test_being_switched_off_or_going_to_sleep_is_said(kind, words):
    driver, _ = started()
    (event,) = driver.feed(REPORT, bytes((kind,)).ljust(36, b"\0"), 0.0)
    assert isinstance(event, Halted)
    assert words in event.reason


def test_clicks_of_its_button_end_nothing():
    driver, _ = started()
    for kind in (5, 6, 7):
        assert driver.feed(REPORT, bytes((kind, 4)).ljust(36, b"\0"), 0.0) == ()
    with pytest.raises(PayloadError):
        driver.feed(REPORT, b"", 0.0)


def test_its_own_battery_characteristic_tells_level_and_charging(connect):
    link = connect("movella-dot").start()
    assert link.batteries == [90.0]
    for octet, charging in ((b"\x01", True), (b"\x00", False)):
        told = MovellaDotDriver().feed(BATTERY, b"\x64" + octet, 0.0)
        assert told == (BatteryReading(100.0, charging),)
    for payload in (b"", b"\x64", b"\x65\x00"):
        with pytest.raises(PayloadError):
            MovellaDotDriver().feed(BATTERY, payload, 0.0)


def test_it_blinks_when_asked_which_one_it_is_and_nothing_else_changes(connect):
    link = connect("movella-dot").start()
    assert isinstance(link.driver, Identifies)
    before = (link.encoder.rate_hz, link.encoder.sleeps_after_s, link.encoder.settings_written)
    link.perform(link.driver.identify())
    assert link.encoder.identified == 1
    assert link.encoder.streaming
    assert before == (
        link.encoder.rate_hz,
        link.encoder.sleeps_after_s,
        link.encoder.settings_written,
    )
    (command,) = link.driver.identify()
    assert len(command.payload) == 32


def test_the_stop_ends_the_measurement(connect):
    link = connect("movella-dot").start()
    link.stop()
    assert not link.encoder.streaming


def test_settings_that_are_none_are_a_payload_error():
    driver = MovellaDotDriver()
    driver.start()
    with pytest.raises(PayloadError):
        driver.feed(CONTROL, bytes(31), 0.0)
    assert driver.feed(CONTROL, settings(), 0.0)  # asked for still
    assert driver.feed(CONTROL, settings(), 0.0) == ()
    with pytest.raises(PayloadError):
        driver.feed("elsewhere", b"", 0.0)
