"""The two Arduino boards: halves of samples put together, scales seen, repeats and rates."""

import struct

import numpy as np
import pytest

from collector.drivers import nano33, nicla
from collector.drivers.contract import Advertisement, Started
from collector.drivers.counted_rate import COUNTED_S, CountedRate
from collector.drivers.nano33 import Nano33Driver
from collector.drivers.nicla import HOLD_S, NiclaDriver
from collector.stream import SensorStream
from domain.errors import PayloadError
from domain.samples import DeviceBlock, Notification

NOW = 1_700_000_000.0


def floats(*values):
    return struct.pack("<3f", *values)


def begun(driver_class):
    driver = driver_class()
    assert driver.start() == ()
    return driver


def heard(name=None, uuids=()):
    return Advertisement("AA:BB:CC:DD:EE:FF", name, -60, 0.0, service_uuids=uuids)


def blocks(events):
    return [event for event in events if isinstance(event, DeviceBlock)]


@pytest.mark.parametrize(
    ("driver", "other", "name", "service"),
    [
        (Nano33Driver, NiclaDriver, "BLESense-1A2B", nano33.SERVICE),
        (NiclaDriver, Nano33Driver, "NiclaSenseME-1A2B", nicla.SERVICE),
    ],
)
def test_each_serves_its_own_sketch(driver, other, name, service):
    for advertisement in (heard(name), heard(uuids=(service,))):
        assert driver.matches(advertisement)
        assert not other.matches(advertisement)
    assert not driver.matches(heard())
    assert not driver.matches(heard("Arduino"))


# --- Nano 33 -------------------------------------------------------------------------------------


def test_acceleration_waits_for_the_turning_that_the_loop_sends_after_it():
    driver = begun(Nano33Driver)
    assert driver.feed(nano33.ACC, floats(0, 0, 1), NOW) == ()
    started, block = driver.feed(nano33.GYRO, floats(1, 2, 3), NOW)
    assert started == Started(99.84)
    np.testing.assert_allclose((block.acc_g[0], block.gyro_dps[0]), ([0, 0, 1], [1, 2, 3]))
    assert block.device_times is None
    assert block.sequence is None


def test_acceleration_without_its_turning_is_passed_on_with_the_turning_unknown():
    driver = begun(Nano33Driver)
    driver.feed(nano33.ACC, floats(0, 0, 1), NOW)
    (block,) = blocks(driver.feed(nano33.ACC, floats(0, 1, 0), NOW))
    np.testing.assert_allclose(block.acc_g, [[0, 0, 1]])
    assert np.isnan(block.gyro_dps).all()
    (block,) = blocks(driver.feed(nano33.GYRO, floats(4, 5, 6), NOW))
    np.testing.assert_allclose((block.acc_g[0], block.gyro_dps[0]), ([0, 1, 0], [4, 5, 6]))


@pytest.mark.parametrize("driver_class", [Nano33Driver, NiclaDriver])
def test_what_comes_between_subscribing_and_starting_is_left_out(driver_class):
    driver = driver_class()
    for characteristic in (driver.acc, driver.gyro, driver.acc):
        assert driver.feed(characteristic, floats(0, 0, 1), NOW) == ()
    driver.start()
    halves = (driver.acc, driver.gyro) if driver.acc_first else (driver.gyro, driver.acc)
    assert driver.feed(halves[0], floats(0, 0, 1), NOW) == ()
    assert len(blocks(driver.feed(halves[1], floats(0, 0, 1), NOW))) == 1


def test_turning_before_any_acceleration_is_not_a_sample():
    assert begun(Nano33Driver).feed(nano33.GYRO, floats(1, 2, 3), NOW) == ()


@pytest.mark.parametrize("driver", [Nano33Driver, NiclaDriver])
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        floats(0, 0, 1)[:-1],
        floats(0, 0, 1) + b"\0",
        floats(np.nan, 0, 1),
        floats(0, -np.inf, 1),
        floats(0, 1e38, 1),
    ],
)
def test_what_is_no_measurement_is_a_payload_error(driver, payload):
    with pytest.raises(PayloadError):
        begun(driver).feed(driver.acc, payload, NOW)


# --- Nicla ---------------------------------------------------------------------------------------


def nicla_pass(driver, now, acc=(0, 0, 4096), gyro=(0, 0, 0)):
    assert driver.feed(nicla.GYRO, floats(*gyro), now) == ()
    return blocks(driver.feed(nicla.ACC, floats(*acc), now))


def test_counts_are_told_from_g_by_their_length():
    counts, fork = begun(NiclaDriver), begun(NiclaDriver)
    (block,) = nicla_pass(counts, NOW, (0, 0, 4096), (0, 16384, 0))
    np.testing.assert_allclose((block.acc_g[0], block.gyro_dps[0]), ([0, 0, 1], [0, 1000, 0]))
    (block,) = nicla_pass(fork, NOW, (0, 0, 1), (0, 1000, 0))
    np.testing.assert_allclose((block.acc_g[0], block.gyro_dps[0]), ([0, 0, 1], [0, 1000, 0]))


def test_counts_stay_counts_through_a_free_fall_and_are_found_after_one():
    driver = begun(NiclaDriver)
    nicla_pass(driver, NOW, (0, 0, 4096))
    (falling,) = nicla_pass(driver, NOW + 0.02, (0, 0, 8))
    np.testing.assert_allclose(falling.acc_g, [[0, 0, 8 / 4096]])
    dropped = begun(NiclaDriver)
    nicla_pass(dropped, NOW, (0, 0, 8))
    (landed,) = nicla_pass(dropped, NOW + 0.02, (0, 0, 4096))
    np.testing.assert_allclose(landed.acc_g, [[0, 0, 1]])


def test_passes_that_repeat_all_six_values_are_one_sample():
    driver = begun(NiclaDriver)
    given = [len(nicla_pass(driver, NOW + i / 200)) for i in range(6)]
    assert given == [1, 0, 0, 0, 0, 0]
    assert len(nicla_pass(driver, NOW + 0.05, gyro=(0, 0, 1))) == 1


@pytest.mark.parametrize("lost", range(6))
def test_a_half_of_one_pass_that_is_lost_makes_no_sample_twice(connect, lost):
    link = connect("nicla").start()
    acc_g = np.array([[0.0, 0.1, 1.0], [0.0, 0.2, 1.0], [0.0, 0.3, 1.0]])
    link.stream(acc_g, np.zeros((3, 3)), lose=lambda count: count == 6 + lost)
    np.testing.assert_allclose(link.acc_g(), acc_g, atol=1e-3)


def test_a_still_sensor_whose_noise_moves_one_value_of_six_loses_nothing():
    driver = begun(NiclaDriver)
    given = [len(nicla_pass(driver, NOW + i / 50, gyro=(i % 2, 0, 0))) for i in range(200)]
    assert given == [1] * 200


def test_repeats_are_not_eaten_for_ever():
    driver = begun(NiclaDriver)
    at_s = [i / 50 for i in range(1000) if nicla_pass(driver, NOW + i / 50)]
    assert at_s == pytest.approx([0.0, HOLD_S, 2 * HOLD_S, 3 * HOLD_S, 4 * HOLD_S], abs=0.1)


def test_the_simulated_board_repeats_itself_three_times_and_is_heard_once(connect):
    link = connect("nicla").start()
    link.stream([[0.0, 0.1, 1.0], [0.0, 0.2, 1.0]])
    assert len(link.acc_g()) == 2
    assert len(link.encoder.samples(np.array([1.0]), np.array([[0.0, 0.0, 1.0]]), None)) == 6


# --- the rate ------------------------------------------------------------------------------------


def rate_of(arrivals, *nominal):
    rate = CountedRate(*nominal)
    return [rate.count(float(now)) for now in arrivals]


def test_the_rate_is_the_nominal_one_until_it_was_counted_and_then_stays():
    arrivals = NOW + np.arange(1000) / 119.3
    rates = rate_of(arrivals, 99.84, 119.0)
    assert rates[0] == 99.84
    assert rates[-1] == 119.0
    assert rates.index(119.0) == pytest.approx(COUNTED_S * 119.3, abs=1)
    later = NOW + 1000 / 119.3 + np.arange(1000) / 20
    assert set(rate_of([*arrivals, *later], 99.84, 119.0)[300:]) == {119.0}


def test_a_loop_that_is_not_near_any_nominal_rate_is_taken_at_its_own():
    assert rate_of(NOW + np.arange(300) / 62.0, 50.0)[-1] == pytest.approx(62.0, abs=0.3)


@pytest.mark.parametrize("rate_hz", [3.0, 12.0, 50.0])
def test_what_a_link_held_up_before_the_first_arrival_does_not_make_the_rate_too_fast(rate_hz):
    arrivals = NOW + np.maximum(np.arange(40 * rate_hz) / rate_hz, 0.6)
    assert rate_of(arrivals, rate_hz)[-1] == rate_hz
    assert rate_of(arrivals, 0.7 * rate_hz)[-1] == pytest.approx(rate_hz, rel=0.03)


def test_clumps_of_a_connection_interval_do_not_move_the_rate():
    arrivals = NOW + np.ceil(np.arange(400) / 99.84 / 0.05) * 0.05
    assert rate_of(arrivals, 99.84, 119.0)[-1] == 99.84


def test_a_stalled_link_or_a_clock_that_was_set_does_not_make_a_rate():
    assert rate_of([NOW, NOW + 1.9, NOW + 2.0], 99.84)[-1] == 99.84
    leaps = [NOW, NOW + 1e6, NOW - 1e6, *(NOW + np.arange(100) / 50.0)]
    assert rate_of(leaps, 50.0)[-1] == 50.0


@pytest.mark.parametrize("rate_hz", [99.84, 119.0])
def test_a_first_revision_at_119_hz_makes_no_losses_out_of_nothing(rate_hz):
    stream = SensorStream("nano", Nano33Driver)
    stream.reconnected()
    for i in range(int(60 * rate_hz)):
        now = NOW + i / rate_hz
        stream.feed(Notification("nano", nano33.ACC, floats(0, 0, 1), now))
        stream.feed(Notification("nano", nano33.GYRO, floats(0, 0, 0), now))
    assert stream.counters.lost == 0
    assert stream.rate_hz == rate_hz
    assert stream.last_sample_at == pytest.approx(NOW + 60, abs=0.2)
