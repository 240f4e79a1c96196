"""Angles: signs, accuracy, and independence from how the sensor is mounted."""

import numpy as np
import pytest

from analysis import Pipeline
from analysis.lean import acos_deg, atan2_deg
from domain.placement import Placement
from domain.posture import Quality


def middle(frames, name="lean_deg"):
    """The values away from both ends."""
    return getattr(frames, name)[5:-5]


@pytest.mark.parametrize("gyro", [False, True])
@pytest.mark.parametrize(
    ("lean", "side"), [(0, 0), (25, 0), (-30, 0), (0, 20), (0, -20), (40, 15), (-10, -25)]
)
def test_forward_and_right_are_positive(people, lean, side, gyro):
    samples = people.perform([people.Act(30, lean, side)], gyro=gyro)
    frames = people.run(
        Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), samples.block()
    ).frames
    # side is the angle of the right-hand axis below the horizon, so it shrinks with lean.
    assert middle(frames) == pytest.approx(lean, abs=0.2)
    assert middle(frames, "side_deg") == pytest.approx(side, abs=0.2)


def test_side_is_not_reported_far_forward(people):
    samples = people.perform([people.Act(20, 70, 5)])
    frames = people.run(
        Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), samples.block()
    ).frames
    assert np.isnan(middle(frames, "side_deg")).all()
    assert middle(frames) == pytest.approx(70, abs=0.3)


@pytest.mark.parametrize(("gyro", "within_deg"), [(False, 1e-6), (True, 0.05)])
def test_all_24_mountings_give_the_same_posture(people, flips, gyro, within_deg):
    """VQF's first guess of the gyro bias is not the same in all axes: hence the wider limit."""
    act = people.Act
    acts = [act(20, 5), act(20, 30), act(15, 3, bounce_g=0.3), act(15, -80)]
    samples = people.perform(acts, gyro=gyro)
    plain = people.run(Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), samples.block())
    for matrix in flips:
        rotation = tuple(tuple(row) for row in matrix.T.tolist())
        worn = people.mounted(Placement.UPPER_BACK, rotation=rotation)
        turned = people.run(Pipeline("w", [worn]), samples.turned(matrix).block())
        np.testing.assert_array_equal(turned.frames.activity, plain.frames.activity)
        np.testing.assert_allclose(turned.frames.lean_deg, plain.frames.lean_deg, atol=within_deg)
        np.testing.assert_allclose(turned.frames.side_deg, plain.frames.side_deg, atol=within_deg)


def test_a_moving_trunk_is_followed_without_delay(people):
    """A slow nod of 20 deg: the mean of each second, stamped at that second, without a lag."""
    rate, n = 50.0, 50 * 60
    t = np.arange(n) / rate
    lean = 20.0 * np.sin(2 * np.pi * t / 8.0)
    up = np.stack([-np.sin(np.radians(lean)), np.zeros(n), np.cos(np.radians(lean))], 1)
    samples = people.perform([people.Act(60)], rate)
    samples.acc_g[:] = up
    frames = people.run(
        Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), samples.block()
    ).frames
    truth = lean.reshape(60, 50).mean(1)
    assert np.sqrt(np.mean((frames.lean_deg - truth) ** 2)) < 0.3


def test_the_gyro_carries_the_angle_through_acceleration(people):
    act = people.Act
    samples = people.perform([act(20), act(4, 35), act(20)], 50.0, gyro=True)
    shaken = samples.acc_g.copy()
    shaken[20 * 50 : 24 * 50, 0] += 0.4  # the chair rolls forward for four seconds
    samples.acc_g[:] = shaken
    truth = 35.0
    errors = {}
    for name, gyro in (("fused", samples.gyro_dps), ("plain", None)):
        one = type(samples)(samples.times, samples.acc_g, gyro, samples.rate_hz)
        worn = [people.mounted(Placement.UPPER_BACK)]
        frames = people.run(Pipeline("w", worn), one.block()).frames
        errors[name] = abs(float(frames.lean_deg[21]) - truth)
        assert frames.frame(22).quality & Quality.DYNAMIC or name == "fused"
    assert errors["fused"] < 4.0 < 10.0 < errors["plain"]


def test_without_a_calibration_there_are_no_angles_and_the_frames_say_so(people):
    worn = [people.mounted(Placement.UPPER_BACK, calibrated=False)]
    frames = people.run(Pipeline("w", worn), people.perform([people.Act(20, 30)]).block()).frames
    assert np.isnan(frames.lean_deg).all()
    assert all(frame.quality & Quality.UNCALIBRATED for frame in frames)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 15, 16, 17, 100])
def test_angles_have_the_same_bits_for_any_length(n):
    draw = np.random.default_rng(3)
    y, x = draw.normal(size=(2, 100))
    assert atan2_deg(y[:n], x[:n]).tobytes() == atan2_deg(y, x)[:n].tobytes()
    assert acos_deg(y[:n]).tobytes() == acos_deg(y)[:n].tobytes()
