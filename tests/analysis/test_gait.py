"""Forward from walking, whatever the sensor's axes are called."""

import numpy as np
import pytest

from analysis import Recording, analyse, gait
from domain.samples import SampleBlock

RATE_HZ = 50.0


def walk(seconds, *, seed=0, ahead_g=0.12, bounce_g=0.2):
    """Body frame (n, 3): slowed while rising, sped up while falling, swaying at half the pace."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    pace = 2.0 * np.pi * 1.8 * t
    acc = np.random.default_rng(seed).normal(0.0, 0.01, (len(t), 3))
    acc[:, 2] += 1.0 + bounce_g * np.cos(pace)  # its velocity goes as the sine
    acc[:, 0] -= ahead_g * np.sin(pace)
    acc[:, 1] += 0.1 * np.sin(0.5 * pace)
    return t, acc


def mounting(seed):
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q *= np.sign(np.diag(r))
    return q * np.sign(np.linalg.det(q))


@pytest.mark.parametrize("seed", range(6))
def test_forward_is_found_in_any_mounting(seed):
    t, acc = walk(30.0, seed=seed)
    turn = mounting(seed)
    block = SampleBlock("s", t, acc @ turn.T, None, RATE_HZ)
    found = gait.forward(block, turn[:, 2], 0.07)
    assert found is not None
    assert found @ turn[:, 0] > np.cos(np.radians(10.0))
    assert found @ turn[:, 2] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    "acc",
    [walk(30.0, ahead_g=0.0)[1] * [1.0, 0.0, 1.0], walk(30.0, bounce_g=0.8)[1], walk(4.0)[1]],
    ids=["nothing goes with the steps", "running", "too short"],
)
def test_where_steps_do_not_tell_nothing_is_said(acc):
    block = SampleBlock("s", np.arange(len(acc)) / RATE_HZ, acc, None, RATE_HZ)
    assert gait.forward(block, np.array([0.0, 0.0, 1.0]), 0.07) is None


@pytest.mark.parametrize("place", ["waist", "lower_back", "upper_back", "sternum"])
def test_leans_do_not_depend_on_how_a_box_is_turned(place):
    _, acc = walk(40.0)
    lean = np.radians(25.0)
    still = np.tile([-np.sin(lean), 0.0, np.cos(lean)], (1500, 1))
    still += np.random.default_rng(3).normal(0.0, 0.003, still.shape)
    acc = np.concatenate([acc, still])
    times = np.arange(len(acc)) / RATE_HZ
    for seed in range(4):
        found = analyse({place: Recording(times, acc @ mounting(seed).T)}).frames.lean_deg
        assert np.median(found[45:65]) == pytest.approx(25.0, abs=8.0)
