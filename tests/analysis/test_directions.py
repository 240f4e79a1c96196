"""Sensors that tell directions alone: what they still show, and what stays unknown."""

import numpy as np
import pytest

from analysis import Mounted, Pipeline
from analysis.track import fingerprint
from domain.placement import Placement
from domain.posture import Activity

SWAY_G = 0.2  # of the trunk to and fro, and to the sides, over a step


def walking(samples, start_s, end_s):
    """`samples` with the sway and the bounce of steps at 1.9 Hz between two times."""
    t = samples.times - samples.times[0]
    steps = (t >= start_s) & (t < end_s)
    phase = 2 * np.pi * 1.9 * t
    samples.acc_g[:, 0] += steps * SWAY_G * np.sin(phase)
    samples.acc_g[:, 1] += steps * SWAY_G * np.sin(phase / 2)
    samples.acc_g[:, 2] += steps * 0.25 * np.cos(phase)
    return samples


def directions(samples):
    samples.acc_g[:] /= np.linalg.norm(samples.acc_g, axis=1, keepdims=True)
    return samples


def of_directions(people, placement):
    worn = people.mounted(placement)
    return Mounted(worn.sensor, worn.placement, worn.calibration, scaled=False)


@pytest.mark.parametrize("rate_hz", [3.0, 25.0])
def test_lean_and_lying_are_known_from_directions(people, rate_hz):
    act = people.Act
    samples = directions(people.perform([act(30, 10), act(30, 30), act(30, -80)], rate_hz))
    worn = [of_directions(people, Placement.UPPER_BACK)]
    frames = people.run(Pipeline("w", worn), samples.block()).frames
    assert frames.lean_deg[15] == pytest.approx(10, abs=0.5)
    assert frames.lean_deg[45] == pytest.approx(30, abs=0.5)
    assert frames.activity[80] == Activity.LYING


def test_sitting_and_standing_are_known_from_the_direction_of_a_thigh(people):
    act = people.Act
    samples = directions(people.perform([act(60, 85), act(60, 5)], 3.0))
    worn = [of_directions(people, Placement.THIGH)]
    frames = people.run(Pipeline("w", worn), samples.block()).frames
    assert set(frames.activity[5:55]) == {Activity.SITTING}
    assert set(frames.activity[65:115]) == {Activity.STANDING}
    assert np.all(np.isfinite(frames.confidence))


def test_the_strength_of_movement_is_unknown_and_not_zero(people):
    samples = directions(walking(people.perform([people.Act(60, 5)], 25.0), 20, 40))
    worn = [of_directions(people, Placement.UPPER_BACK)]
    frames = people.run(Pipeline("w", worn), samples.block()).frames
    assert np.all(np.isnan(frames.enmo_mg))
    assert np.all(np.isnan(frames.mad_mg))
    assert np.all(np.isfinite(frames.lean_deg))


def test_another_sensor_still_tells_it(people):
    acts = [people.Act(40, 80)]
    back, thigh = people.perform(acts, 25.0), people.perform(acts, 25.0, seed=1)
    worn = [
        of_directions(people, Placement.UPPER_BACK),
        people.mounted(Placement.THIGH, "t"),
    ]
    pipeline = Pipeline("w", worn)
    out = pipeline.push_together([directions(back).block(), thigh.block(sensor="t")])
    assert np.all(np.isfinite(out.frames.enmo_mg))
    alone = people.run(Pipeline("w", worn[1:]), thigh.block(sensor="t")).frames
    np.testing.assert_array_equal(out.frames.enmo_mg, alone.enmo_mg[: len(out.frames)])


@pytest.mark.parametrize("placement", [Placement.UPPER_BACK, Placement.STERNUM, Placement.THIGH])
def test_a_walk_is_seen_by_a_scaled_sensor_and_not_taken_for_rest_without(people, placement):
    samples = walking(people.perform([people.Act(240, 5)], 25.0), 60, 200)
    scaled = people.run(Pipeline("w", [people.mounted(placement)]), samples.block()).frames
    assert set(scaled.activity[70:190]) == {Activity.MOVING}
    for rate_hz in (25.0, 3.125):
        thinned = samples.without(np.arange(len(samples.times)) % round(25.0 / rate_hz) == 0)
        block = directions(thinned).block()
        bare = people.run(Pipeline("w", [of_directions(people, placement)]), block).frames
        assert set(bare.activity[70:190]) == {Activity.UNKNOWN}


def test_what_lies_on_a_table_is_still_found_not_worn(people):
    samples = people.perform([people.Act(600, 10), people.Act(3900, 80)], 3.0, noise_g=0.0015)
    worn = [of_directions(people, Placement.UPPER_BACK)]
    frames = people.run(Pipeline("w", worn), directions(samples).block()).frames
    assert frames.activity[-1] == Activity.NOT_WORN


def test_what_a_scaled_sensor_saved_does_not_fit_one_of_directions(people):
    worn, bare = people.mounted(Placement.THIGH), of_directions(people, Placement.THIGH)
    assert fingerprint(worn) != fingerprint(bare)
    assert len(fingerprint(worn)) == 3  # as saved before there were others
    assert fingerprint(bare) == fingerprint(of_directions(people, Placement.THIGH))
