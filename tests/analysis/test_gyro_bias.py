"""The bias of a gyro is learnt from the seconds in which its sensor rests, and from no others."""

import numpy as np
import pytest

from analysis.gyro_bias import GyroBias

REST = (0.1, 0.002)  # standard deviations of gyro and accelerometer at rest


def seconds(means, sd=REST):
    """(3, m) means, and the standard deviations of every one."""
    means = np.array(means, dtype=float).T
    return means, np.full(means.shape[1], sd[0]), np.full(means.shape[1], sd[1])


def test_a_sensor_that_rests_tells_its_bias_after_three_seconds():
    bias = GyroBias()
    learnt, jumped = bias.learn(*seconds([(0.5, -1.2, 0.3)] * 5))
    assert np.all(learnt[:, :2] == 0.0)
    np.testing.assert_allclose(learnt[:, 2:].T, [(0.5, -1.2, 0.3)] * 3)
    assert jumped == [2]


@pytest.mark.parametrize("sd", [(0.4, 0.002), (0.1, 0.007), (np.nan, 0.002)])
def test_a_second_that_is_no_rest_teaches_nothing(sd):
    bias = GyroBias()
    learnt, _ = bias.learn(*seconds([(1.0, 1.0, 1.0)] * 20, sd))
    assert np.all(learnt == 0.0)


def test_a_slow_turn_is_no_bias():
    bias = GyroBias()
    bias.learn(*seconds([(0.0, 0.0, 0.4)] * 200))
    learnt, jumped = bias.learn(*seconds([(0.0, 0.0, 3.0)] * 20))
    np.testing.assert_allclose(learnt[2], 0.4)
    assert jumped == []


def test_a_bias_that_drifts_is_followed_slowly_and_its_noise_is_not():
    draw = np.random.default_rng(0)
    bias = GyroBias()
    still = draw.normal(0.0, 0.1, (400, 3))
    learnt, _ = bias.learn(*seconds(still))
    assert np.abs(learnt[:, 200:]).max() < 0.05
    learnt, jumped = bias.learn(*seconds([(0.0, 0.0, 0.5)] * 400))
    assert learnt[2, -1] > 0.45
    assert jumped == []


def test_a_bias_that_has_jumped_is_believed_when_it_stays():
    bias = GyroBias()
    bias.learn(*seconds([(0.0, 0.0, 0.0)] * 50))
    learnt, jumped = bias.learn(*seconds([(0.0, 4.0, 0.0)] * 40))
    assert learnt[1, 20] == 0.0
    np.testing.assert_allclose(learnt[:, -1], (0.0, 4.0, 0.0))
    assert len(jumped) == 1


def test_what_no_gyro_reads_at_rest_is_not_believed():
    bias = GyroBias()
    learnt, _ = bias.learn(*seconds([(0.0, 0.0, 35.0)] * 100))  # a chair that is spun evenly
    assert np.all(learnt == 0.0)


def test_any_chunks_and_a_save_give_the_same_bits():
    draw = np.random.default_rng(1)
    means = draw.normal(0.3, 0.5, (300, 3))
    sds = np.where(draw.random(300) < 0.6, 0.1, 2.0)
    rest = np.full(300, 0.001)
    whole, jumps = GyroBias().learn(means.T, sds, rest)
    bias, parts, at, found = GyroBias(), [], 0, []
    while at < 300:
        end = at + int(draw.integers(1, 40))
        part, jumped = bias.learn(means[at:end].T, sds[at:end], rest[at:end])
        parts.append(part)
        found += [at + row for row in jumped]
        saved, bias = bias.save(), GyroBias()
        bias.load(saved)
        at = end
    assert np.concatenate(parts, axis=1).tobytes() == whole.tobytes()
    assert found == jumps
