"""However a sensor is put on, what it says of the body is the same: all 24 ways to put a box on, and each
turned by 30 deg to either side about each of its axes, at every place."""

import math

import numpy as np
import pytest

from analysis import Pipeline
from domain.placement import Placement
from domain.posture import Activity

PLACES = [
    Placement.UPPER_BACK, Placement.STERNUM, Placement.LOWER_BACK, Placement.WAIST, Placement.THIGH,
]  # fmt: skip


def remounts():
    """Not at all, and by 30 deg to either side about each axis."""
    out = [np.eye(3)]
    for axis in range(3):
        for deg in (30.0, -30.0):
            c, s = math.cos(math.radians(deg)), math.sin(math.radians(deg))
            i, j = (axis + 1) % 3, (axis + 2) % 3
            turn = np.eye(3)
            turn[i, i] = turn[j, j] = c
            turn[i, j], turn[j, i] = -s, s
            out.append(turn)
    return out


def acts(people, placement):
    act = people.Act
    if placement is Placement.THIGH:
        return [act(15, 2), act(15, 86), act(15, 3, bounce_g=0.3), act(10, 88, 3)]
    return [act(15, 5), act(15, 30, 12), act(15, 3, bounce_g=0.3), act(10, -80)]


@pytest.mark.parametrize("gyro", [False, True])
@pytest.mark.parametrize("placement", PLACES)
def test_what_is_worn_in_any_way_and_calibrated_so_says_the_same(people, flips, placement, gyro):
    samples = people.perform(acts(people, placement), 12.5, gyro=gyro)
    plain = people.run(Pipeline("w", [people.mounted(placement)]), samples.block())
    assert len(set(plain.frames.activity)) >= 3  # there is something to be told
    turns = remounts()
    for number, flip in enumerate(flips):
        # With a gyro, whose filter costs more, each flip has some of the seven.
        for turn in turns if not gyro else turns[number % 7 : number % 7 + 1]:
            mounting = flip @ turn
            worn = people.mounted(
                placement, rotation=tuple(tuple(row) for row in mounting.T.tolist())
            )
            frames = people.run(Pipeline("w", [worn]), samples.turned(mounting).block()).frames
            np.testing.assert_array_equal(frames.activity, plain.frames.activity)
            # VQF's first guess of the bias of a gyro is not the same in all axes.
            close = {"atol": 0.05 if gyro else 1e-6}
            np.testing.assert_allclose(frames.lean_deg, plain.frames.lean_deg, **close)
            np.testing.assert_allclose(frames.side_deg, plain.frames.side_deg, **close)
            np.testing.assert_allclose(frames.mad_mg, plain.frames.mad_mg, atol=1e-6)


@pytest.mark.parametrize("placement", PLACES[:4])
def test_a_remount_of_30_degrees_shows_in_the_angle_until_it_is_calibrated_again(people, placement):
    """So that the test above tests something: without the other calibration all is 30 deg off."""
    samples = people.perform([people.Act(20, 5)], 12.5)
    turned = samples.turned(remounts()[3])  # about y, the axis of the lean
    frames = people.run(Pipeline("w", [people.mounted(placement)]), turned.block()).frames
    off = abs(float(np.median(frames.lean_deg)) - 5.0)
    assert off == pytest.approx(30.0, abs=0.5)


@pytest.mark.parametrize("rate_hz", [12.5, 25.0, 26.0, 50.0, 52.0, 100.0, 104.0, 200.0])
@pytest.mark.parametrize("gyro", [False, True])
@pytest.mark.parametrize("placement", PLACES)
def test_any_rate_tells_the_same_of_any_place(people, placement, gyro, rate_hz):
    done = acts(people, placement)
    samples = people.perform(done, rate_hz, gyro=gyro)
    frames = people.run(Pipeline("w", [people.mounted(placement)]), samples.block()).frames
    assert len(frames) == sum(act.seconds for act in done)
    assert not np.any(frames.quality & 0b1001011)  # no gap, loss, saturation or broken value
    if placement is Placement.THIGH:
        assert set(frames.activity[3:13]) == {Activity.STANDING}
        assert set(frames.activity[18:28]) == {Activity.SITTING}
    else:
        assert frames.lean_deg[10] == pytest.approx(5, abs=0.3)
        assert frames.lean_deg[25] == pytest.approx(30, abs=0.3)
        assert frames.side_deg[25] == pytest.approx(12, abs=0.3)
        assert frames.activity[52] == Activity.LYING
    assert set(frames.activity[34:42]) == {Activity.MOVING}
    assert np.median(frames.cadence_spm[40:44]) == pytest.approx(120, abs=4)
