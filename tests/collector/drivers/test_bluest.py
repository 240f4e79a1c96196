import struct

import numpy as np
import pytest

from collector.drivers.bluest import (
    ACC,
    BATTERY,
    CHARGE,
    GYRO,
    MAG,
    MOTION,
    RATES_HZ,
    TICK_S,
    TICKS,
    BlueSTDriver,
    BlueSTEncoder,
    characteristic,
    layout,
)
from collector.drivers.contract import Advertisement, Started
from collector.drivers.tick_clock import TickClock
from collector.stream import SensorStream
from domain.errors import PayloadError
from domain.samples import BatteryReading, DeviceBlock, Notification
from tests.collector.drivers.conftest import Link

MAC = bytes.fromhex("c08912345678")
ADDRESS = "C0:89:12:34:56:78"


def begun(driver_class):
    driver = driver_class()
    assert driver.start() == ()
    return driver


def heard(data, address=ADDRESS):
    return Advertisement(address, None, -60, 0.0, manufacturer_data=data)


def motion(stamp, acc=(0, 0, 1000), gyro=(0, 0, 0)):
    return struct.pack("<H9h", stamp, *acc, *gyro, 0, 0, 0)


# --- advertisements ------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("mac", [b"", MAC])
def test_both_versions_are_recognised_with_and_without_their_address(version, mac):
    data = BlueSTEncoder(version, mac).advertisement().manufacturer_data
    assert BlueSTDriver.matches(heard(data))


def test_version_1_is_read_from_where_a_company_is_looked_for():
    assert BlueSTDriver.matches(heard({0x0601: bytes.fromhex("00e20000") + MAC}))
    assert BlueSTDriver.matches(heard({0x8001: bytes.fromhex("00800000") + MAC}))
    assert BlueSTDriver.matches(heard({0x8001: bytes.fromhex("00e00000")}))


@pytest.mark.parametrize(
    "data",
    [
        {0x0601: bytes.fromhex("001d0000") + MAC},  # no acceleration
        {0x0602: bytes.fromhex("00e20000") + MAC},  # not version 1
        {0x4401: bytes.fromhex("00e20000") + MAC},  # no board of ST
        {0x0601: bytes.fromhex("00e20000") + MAC[::-1]},  # somebody else's company, another address
        {0x0601: bytes.fromhex("00e200")},
        {0x8001: bytes.fromhex("00800000")},  # four bytes of anybody, who gives no address
        {0x0030: bytes.fromhex("03060c000000")},  # not version 2
        {0x0030: bytes.fromhex("02060c0000")},
        {0x0499: bytes.fromhex("05")},
        {},
    ],
)
def test_other_manufacturer_data_are_not(data):
    assert not BlueSTDriver.matches(heard(data))


def test_where_the_host_hides_addresses_the_repeated_one_is_not_compared():
    hidden = "6E1C3F0A-5B1D-4F57-9D6B-3C1B5F1D2E3F"
    assert BlueSTDriver.matches(heard({0x0601: bytes.fromhex("00e20000") + MAC}, hidden))


# --- characteristics -----------------------------------------------------------------------------


def test_features_follow_each_other_from_the_highest_bit_of_the_mask_down():
    assert layout(ACC | GYRO | MAG) == {ACC: 2, GYRO: 8, MAG: 14, 0: 20}
    assert layout(GYRO | BATTERY) == {GYRO: 2, BATTERY: 8, 0: 15}
    assert characteristic(ACC | GYRO | MAG) == MOTION == "00e00000-0001-11e1-ac36-0002a5d5c51b"
    with pytest.raises(ValueError, match="01000000"):
        layout(0x01000000 | ACC)


def test_the_shared_vectors_agree(shared_vectors):
    vectors = shared_vectors("bluest")
    acc, gyro = vectors["acceleration mg"], vectors["gyroscope 0.1 dps"]
    payload = bytes(2) + bytes.fromhex(acc["frame_hex"]) + bytes.fromhex(gyro["frame_hex"])
    _, block = begun(BlueSTDriver).feed(characteristic(ACC | GYRO), payload, 0.0)
    np.testing.assert_allclose(block.acc_g[0] * 1000, acc["expected"])
    np.testing.assert_allclose(block.gyro_dps[0], gyro["expected"])


@pytest.mark.parametrize(
    ("uuid", "payload"),
    [
        (MOTION, b""),
        (MOTION, motion(0)[:-1]),
        (MOTION, motion(0) + b"\0"),
        (CHARGE, bytes(8)),
        ("00e00000-0002-11e1-ac36-0002a5d5c51b", motion(0)),
        ("00002a19-0000-1000-8000-00805f9b34fb", b"\x50"),
    ],
)
def test_what_the_mask_does_not_say_is_a_payload_error(uuid, payload):
    with pytest.raises(PayloadError):
        begun(BlueSTDriver).feed(uuid, payload, 0.0)


@pytest.mark.parametrize(("tenths", "percent"), [(874, 87.4), (-10, 0.0), (1013, 100.0)])
def test_the_battery_is_told_in_tenths_of_a_percent_and_kept_between_0_and_100(tenths, percent):
    payload = struct.pack("<HhhhB", 0, tenths, 3950, -12, 1)
    assert begun(BlueSTDriver).feed(CHARGE, payload, 0.0) == (BatteryReading(percent),)


def test_the_same_notification_twice_is_one_sample():
    driver = begun(BlueSTDriver)
    given = [driver.feed(MOTION, motion(stamp), 0.0) for stamp in (1, 1, 7)]
    assert [len(events) for events in given] == [2, 0, 1]
    assert given[0][0] == Started(20.0)


def test_what_comes_between_subscribing_and_starting_is_left_out():
    driver = BlueSTDriver()
    assert driver.feed(MOTION, motion(0), 0.0) == ()
    driver.start()
    assert len(driver.feed(MOTION, motion(6), 0.0)) == 2


# --- stamps --------------------------------------------------------------------------------------


def times_of(true_s, clock):
    return np.array([clock.time_s(int(round(t * 1e6) // 8000) % TICKS) for t in true_s])


def clock():
    return TickClock(TICK_S, TICKS, *RATES_HZ)


@pytest.mark.parametrize("rate_hz", [20.0, 25.0, 50.0, 100.0, 31.2])
def test_the_rate_is_learnt_and_coarse_stamps_become_even_spacing(rate_hz):
    ticking = clock()
    true_s = 3.0 + np.arange(2000) / rate_hz
    times = times_of(true_s, ticking)
    assert ticking.rate_hz == pytest.approx(rate_hz, rel=0.01)
    assert np.all(np.diff(times) > 0)
    settled = slice(200, None)
    np.testing.assert_allclose(np.diff(times)[settled], 1 / rate_hz, atol=1.1e-3)
    assert np.abs(times - true_s)[settled].max() < TICK_S


def test_the_rate_is_learnt_although_a_third_is_lost():
    ticking = clock()
    true_s = (np.arange(3000) / 20.0)[np.arange(3000) % 3 != 2]
    times = times_of(true_s, ticking)
    assert ticking.rate_hz == 20.0
    np.testing.assert_array_equal(np.rint(np.diff(times) * 20), np.rint(np.diff(true_s) * 20))


def test_a_crystal_that_is_a_percent_off_is_followed():
    ticking = clock()
    true_s = np.arange(4000) / 20.2
    times = times_of(true_s, ticking)
    assert ticking.rate_hz == 20.0
    assert np.abs(times - true_s).max() < 1.5 * TICK_S


def test_stamps_that_make_no_sense_still_give_times_that_can_be_used():
    ticking = clock()
    stamps = np.random.default_rng(1).integers(0, TICKS, 500)
    times = [ticking.time_s(int(stamp)) for stamp in stamps]
    assert all(0 <= time < ticking.modulus_s for time in times)
    assert 1.0 <= ticking.rate_hz <= 125.0
    same = clock()
    assert np.all(np.diff([same.time_s(5) for _ in range(100)]) > 0)


def test_the_stamp_wraps_after_nine_minutes_and_nothing_is_lost():
    stream = SensorStream("box", BlueSTDriver)
    stream.reconnected()
    encoder = BlueSTEncoder(ahead_s=0.0)
    for i in range(10_000, 11_000):
        for sent in encoder.samples(np.array([i / 20]), np.array([[0.0, 0.0, 1.0 + i % 2]]), None):
            stream.feed(Notification("box", sent.characteristic, sent.payload, 1000.0 + i / 20))
    assert (stream.counters.received, stream.counters.lost) == (1000, 0)
    assert stream.last_sample_at == pytest.approx(1000 + 11_000 / 20, abs=0.1)
    assert stream.battery_percent == 87.4


@pytest.mark.parametrize(("rate_hz", "repeats"), [(20, 0), (25, 0), (50, 0), (100, 1)])
def test_what_is_lost_is_counted_to_the_sample(rate_hz, repeats):
    # At 100 Hz the second sample is taken for a repeat of the first: they are a tick apart, and
    # until it is there 20 Hz is all that is known.
    stream = SensorStream("box", BlueSTDriver)
    stream.reconnected()
    lost = {*range(500, 511), 600, 602, *range(700, 1700)}
    for i in range(2500):
        if i not in lost:
            stamp = int(i * 1000 / rate_hz + 1e-6) >> 3
            stream.feed(
                Notification("box", MOTION, motion(stamp % TICKS, (i, 0, 0)), 1e3 + i / rate_hz)
            )
    stream.disconnected()
    counters = stream.counters
    assert (counters.lost, counters.duplicates) == (len(lost), repeats)
    assert counters.received == 2500 - len(lost) - repeats


def test_the_simulated_box_sends_motion_and_its_battery(connect):
    link = connect("bluest").start()
    link.stream([[0.1, -0.2, 0.9]] * 3, [[10.0, -20.0, 30.0]] * 3)
    np.testing.assert_allclose(link.acc_g(), [[0.1, -0.2, 0.9]] * 3)
    assert link.batteries == [87.4]
    assert isinstance(link.blocks[0], DeviceBlock)


def test_values_beyond_the_range_saturate():
    link = Link(BlueSTDriver(), BlueSTEncoder()).start()
    link.stream([[9.0, -9.0, np.nan]], [[5000.0, -5000.0, 0.0]])
    np.testing.assert_allclose(link.acc_g(), [[4.0, -4.0, 0.0]])
    np.testing.assert_allclose(link.blocks[0].gyro_dps, [[2000.0, -2000.0, 0.0]])
