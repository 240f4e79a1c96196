"""Thigh, trunk and belt: sitting, standing, moving, lying, and what stays unknown."""

from dataclasses import replace

import numpy as np
import pytest

from analysis import Pipeline
from domain.placement import Placement
from domain.posture import Activity, Quality


def activities(people, worn, samples):
    return people.run(Pipeline("w", worn), *[samples.block()]).frames.activity


def share(activity, start, end, word):
    return np.mean(activity[start:end] == Activity[word.upper()])


def test_a_calibrated_thigh_tells_sitting_standing_and_moving_at_once(people):
    act = people.Act
    samples = people.perform([act(30, 88), act(30, 3), act(30, 0, bounce_g=0.3), act(30, 80)])
    got = activities(people, [people.mounted(Placement.THIGH)], samples)
    for start, word in ((0, "sitting"), (30, "standing"), (60, "moving"), (90, "sitting")):
        assert share(got, start + 2, start + 29, word) == 1.0


@pytest.mark.parametrize("upside_down", [False, True])
def test_an_uncalibrated_thigh_learns_its_axis_from_walking(people, upside_down):
    act = people.Act
    samples = people.perform([act(20, 85), act(20, 8, bounce_g=0.3), act(20, 85), act(20, 2)])
    if upside_down:
        samples = samples.turned(np.diag([1.0, -1.0, -1.0]))
    got = activities(people, [people.mounted(Placement.THIGH, calibrated=False)], samples)
    assert share(got, 0, 19, "unknown") == 1.0
    assert share(got, 22, 39, "moving") == 1.0
    assert share(got, 42, 59, "sitting") == 1.0
    assert share(got, 62, 80, "standing") == 1.0


def test_the_thigh_keeps_its_class_within_the_band(people):
    act = people.Act
    samples = people.perform([act(20, 80), act(20, 44), act(20, 20), act(20, 46)])
    got = activities(people, [people.mounted(Placement.THIGH)], samples)
    assert share(got, 22, 39, "sitting") == 1.0
    assert share(got, 62, 80, "standing") == 1.0


@pytest.mark.parametrize("mean_deg", [35, 40, 45])
@pytest.mark.parametrize("pedalled_hz", [1.0, 1.5])
def test_whoever_cycles_moves_and_does_not_sit(people, mean_deg, pedalled_hz):
    """A thigh on a bicycle is about as steep as one on a chair, and swings by 20 deg either way."""
    samples = people.perform([people.Act(60, mean_deg)])
    angle = np.radians(mean_deg + 20.0 * np.sin(2.0 * np.pi * pedalled_hz * samples.times))
    at_0_2_m = 0.2 / 9.81  # from the hip
    rate = np.gradient(angle, samples.times)
    acc_g = samples.acc_g.copy()
    acc_g[:, 0] = -np.sin(angle) + at_0_2_m * np.gradient(rate, samples.times)
    acc_g[:, 2] = np.cos(angle) - at_0_2_m * rate**2
    got = activities(people, [people.mounted(Placement.THIGH)], replace(samples, acc_g=acc_g))
    assert share(got, 2, 58, "moving") > 0.95
    assert share(got, 2, 58, "sitting") == 0.0


@pytest.mark.parametrize(("lean", "side"), [(-88, 0), (0, 85), (0, -85)])
def test_a_trunk_on_its_back_or_side_lies_at_once(people, lean, side):
    samples = people.perform([people.Act(20, 5), people.Act(30, lean, side), people.Act(20, 5)])
    got = activities(people, [people.mounted(Placement.UPPER_BACK)], samples)
    assert share(got, 22, 49, "lying") == 1.0
    assert share(got, 52, 70, "lying") == 0.0


def test_a_deep_bend_is_not_lying_until_it_has_lasted(people):
    samples = people.perform(
        [people.Act(20, 5), people.Act(12, 85), people.Act(20, 5), people.Act(60, 88)]
    )
    got = activities(people, [people.mounted(Placement.STERNUM)], samples)
    assert share(got, 0, 52, "lying") == 0.0
    assert share(got, 72, 112, "lying") == 1.0


def test_reclining_is_not_lying(people):
    samples = people.perform([people.Act(60, -40)])
    got = activities(people, [people.mounted(Placement.UPPER_BACK)], samples)
    assert share(got, 0, 60, "lying") == 0.0


def test_a_trunk_alone_is_unknown_first_and_sure_of_sitting_after_quiet_minutes(people):
    samples = people.perform([people.Act(400, 8)])
    frames = people.run(
        Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), samples.block()
    ).frames
    assert frames.activity[10] == Activity.UNKNOWN
    assert 0.5 < frames.p_sitting[10] < 0.7
    assert (np.diff(frames.p_sitting) >= 0).all()
    assert frames.activity[300] == Activity.SITTING
    assert frames.p_sitting[300] >= 0.9


def test_walking_means_not_sitting_and_standing_quietly_after_it_stays_unsure(people):
    act = people.Act
    samples = people.perform([act(300, 8), act(20, 4, bounce_g=0.25), act(300, 4)])
    frames = people.run(
        Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), samples.block()
    ).frames
    assert frames.p_sitting[319] < 0.05
    assert share(frames.activity, 304, 319, "moving") == 1.0
    assert frames.activity[322] == Activity.STANDING
    assert share(frames.activity, 330, 620, "sitting") == 0.0


def test_a_fidget_does_not_end_sitting(people):
    act = people.Act
    samples = people.perform([act(300, 8), act(1, 8, bounce_g=0.3), act(100, 8)])
    result = people.run(Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), samples.block())
    assert len(result.closed("sitting")) == 1
    assert result.frames.p_sitting[301:].min() > 0.5
    assert result.frames.activity[-1] == Activity.SITTING


@pytest.mark.parametrize("calibrated", [False, True])
def test_a_belt_sensor_tells_sitting_by_the_tilt_of_the_pelvis_from_walking(people, calibrated):
    act = people.Act
    samples = people.perform(
        [act(20, 3, bounce_g=0.3), act(30, 0), act(30, -25), act(30, 0), act(20, -88)]
    )
    worn = [people.mounted(Placement.LOWER_BACK, calibrated=calibrated)]
    got = activities(people, worn, samples)
    for start, word in ((22, "standing"), (55, "sitting"), (88, "standing")):
        assert share(got, start, start + 15, word) == 1.0
    assert share(got, 126, 129, "lying") == 1.0 or not calibrated


def test_a_belt_calibrated_while_sitting_is_not_taken_for_shifted(people):
    act = people.Act
    samples = people.perform([act(60, 0), act(60, 28, bounce_g=0.3), act(60, 26), act(60, 2)])
    frames = people.run(
        Pipeline("w", [people.mounted(Placement.LOWER_BACK)]), samples.block()
    ).frames
    assert share(frames.activity, 125, 178, "standing") == 1.0
    assert share(frames.activity, 190, 240, "sitting") == 1.0
    assert not any(frame.quality & Quality.REFERENCE_SHIFTED for frame in frames)


def test_the_thigh_decides_and_the_trunk_adds_lying_and_lean(people):
    act = people.Act
    thigh = people.perform([act(60, 85), act(30, 2), act(30, 88)])
    trunk = people.perform([act(60, 12), act(30, 4), act(30, -85)], 50.0)
    worn = [people.mounted(Placement.UPPER_BACK, "trunk"), people.mounted(Placement.THIGH, "thigh")]
    pipeline = Pipeline("w", worn)
    out = pipeline.push_together([thigh.block(sensor="thigh"), trunk.block(sensor="trunk")])
    frames = out.frames
    assert share(frames.activity, 2, 59, "sitting") == 1.0
    assert share(frames.activity, 63, 89, "standing") == 1.0
    assert share(frames.activity, 93, 118, "lying") == 1.0
    assert frames.lean_deg[30] == pytest.approx(12, abs=0.3)


def test_when_the_thigh_is_lost_the_trunk_goes_on_from_what_it_knew(people):
    act = people.Act
    thigh = people.perform([act(60, 85)])
    trunk = people.perform([act(180, 12)])
    worn = [people.mounted(Placement.UPPER_BACK, "trunk"), people.mounted(Placement.THIGH, "thigh")]
    pipeline = Pipeline("w", worn)
    out = pipeline.push_together([thigh.block(sensor="thigh"), trunk.block(sensor="trunk")])
    assert share(out.frames.activity, 65, 170, "sitting") == 1.0
    status = pipeline.status()
    assert status is not None and status.bout_start == people.START


@pytest.mark.parametrize("placement", [Placement.WRIST, Placement.HEAD, Placement.SEAT])
def test_other_places_know_no_posture_and_say_unknown(people, placement):
    got = activities(people, [people.mounted(placement)], people.perform([people.Act(30, 40)]))
    assert set(got) == {Activity.UNKNOWN}
