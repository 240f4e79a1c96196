import numpy as np
import pytest

from collector.drivers.pairing import GyroPairing

RATE_HZ = 50.0


def frame(start_s, n=25, offset_s=0.0):
    times = start_s + offset_s + np.arange(n) / RATE_HZ
    return times, np.column_stack((times, 2 * times, -times))


def joined(blocks):
    return np.concatenate([block.device_times for block in blocks])


def test_rotation_between_two_samples_is_drawn_on_the_line_between_them():
    pairing = GyroPairing(RATE_HZ, RATE_HZ)
    assert pairing.push_acc(*frame(10.0)) == []
    assert pairing.push_gyro(*frame(9.5, offset_s=0.007)) == []
    (block,) = pairing.push_gyro(*frame(10.0, offset_s=0.007))
    np.testing.assert_allclose(block.gyro_dps, block.acc_g, atol=1e-9)


def test_a_sample_just_beyond_the_newest_rotation_does_not_wait():
    pairing = GyroPairing(RATE_HZ, RATE_HZ)
    pairing.push_gyro(*frame(10.0, offset_s=-0.004))
    (block,) = pairing.push_acc(*frame(10.0))
    assert block.gyro_dps is not None
    np.testing.assert_allclose(block.gyro_dps[-1], frame(10.0, offset_s=-0.004)[1][-1])


def test_a_clock_that_creeps_does_not_fill_the_memory():
    pairing = GyroPairing(RATE_HZ, RATE_HZ)
    one = np.zeros((1, 3))
    out = []
    for i in range(4000):
        pairing.push_gyro(np.array([i * 1e-6]), one)
        out += pairing.push_acc(np.array([5.0 + i * 1e-6]), one)
    assert len(pairing._waiting) <= 64  # what would grow is what is looked at
    assert len(pairing._gyro_times) < 2100
    assert len(joined(out)) + len(pairing._waiting) == 4000


def test_nothing_is_drawn_across_a_gap():
    pairing = GyroPairing(RATE_HZ, RATE_HZ)
    pairing.push_gyro(*frame(10.0, n=5, offset_s=0.006))
    pairing.push_gyro(*frame(10.2, n=15, offset_s=0.006))  # five are missing between
    blocks = pairing.push_acc(*frame(10.0))
    assert [(len(b), b.gyro_dps is not None) for b in blocks] == [
        (1, False),
        (4, True),
        (6, False),
        (14, True),
    ]
    np.testing.assert_allclose(joined(blocks), frame(10.0)[0])


def test_a_silent_gyroscope_does_not_hold_the_accelerometer_back_for_ever():
    pairing = GyroPairing(RATE_HZ, RATE_HZ)
    given = [len(pairing.push_acc(*frame(10.0 + i / 2))) for i in range(6)]
    assert sum(given) > 0
    pairing.push_gyro(*frame(13.0))
    (block,) = pairing.push_acc(*frame(13.0))
    assert block.gyro_dps is not None


def test_every_accelerometer_sample_comes_out_once_and_in_order_whatever_is_lost():
    rng = np.random.default_rng(3)
    pairing = GyroPairing(RATE_HZ, RATE_HZ)
    blocks, pushed = [], []
    for i in range(200):
        if rng.random() < 0.8:
            times, values = frame(100 + i / 2)
            pushed.append(times)
            blocks += pairing.push_acc(times, values)
        if rng.random() < 0.8:
            blocks += pairing.push_gyro(*frame(100 + i / 2, offset_s=0.003))
    blocks += pairing.flush()
    np.testing.assert_array_equal(joined(blocks), np.concatenate(pushed))
    for block in blocks:
        if block.gyro_dps is not None:
            np.testing.assert_allclose(block.gyro_dps, block.acc_g, atol=0.011)


def test_a_clock_set_back_flushes_what_waits_and_goes_on():
    pairing = GyroPairing(RATE_HZ, RATE_HZ)
    pairing.push_gyro(*frame(100.0))
    assert pairing.push_acc(*frame(100.5)) == []
    (flushed,) = pairing.push_acc(*frame(5.0))
    assert flushed.device_times is not None
    assert flushed.device_times[0] == pytest.approx(100.5)
    (block, *_) = pairing.push_gyro(*frame(5.0))
    assert block.gyro_dps is not None
