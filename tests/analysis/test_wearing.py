"""What wearing shows of how a sensor sits: a reference without a pose, and a check of one with."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Mounted, Pipeline
from analysis.automatic import Wearing
from analysis.reference import ASSUMED_SIGMA_DEG, Slip
from domain.people import ReferenceMethod
from domain.placement import Placement
from domain.posture import FrameBlock, Quality

EDGE = 1_700_000_000 // 3600 * 3600 + 3600  # a full hour
UPPER = (Placement.UPPER_BACK, Placement.STERNUM)
BELT = (Placement.WAIST, Placement.LOWER_BACK)


def turn(axis, deg):
    """A rotation about a body axis: 0 x forward, 1 y left, 2 z up."""
    a, b = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    rows = {
        0: [[1, 0, 0], [0, a, -b], [0, b, a]],
        1: [[a, 0, b], [0, 1, 0], [-b, 0, a]],
        2: [[a, -b, 0], [b, a, 0], [0, 0, 1]],
    }
    return np.array(rows[axis], dtype=float)


def busy(people, placement):
    """A quarter of an hour: walking, sitting, and bending forward to lift things."""
    act = people.Act
    walk = act(80, 6.0 if placement in UPPER else 0.0, bounce_g=0.3)
    sit = act(100, 14.0 if placement in UPPER else -25.0)
    bends = [act(4, 48), act(6, 2)] * 8
    return [
        walk,
        sit,
        *bends,
        act(10, 0, 8),
        act(10, 0, -8),
        walk,
        sit,
        act(60, 20),
        act(60, 0, 10),
    ]


def live(people, samples, placement, **how):
    pipeline = Pipeline("w", [Mounted("s", placement, None, **how)])
    frames = people.run(pipeline, samples.block()).frames
    return pipeline, frames


def off_deg(reference, matrix):
    """How far vertical and forward of a reference are off, for a sensor mounted by `matrix`."""
    seen = reference.matrix() @ matrix  # body to body
    up, ahead = np.clip([seen[2, 2], seen[0, 0]], -1, 1)
    return np.degrees(np.arccos(up)), np.degrees(np.arccos(ahead))


@pytest.mark.parametrize("placement", [*UPPER, *BELT])
def test_walking_and_bending_show_how_a_sensor_sits_in_any_of_24_mountings(
    people, flips, placement
):
    samples = people.perform(busy(people, placement), 12.5)
    for matrix in flips:
        pipeline, frames = live(people, samples.turned(matrix), placement)
        reference = pipeline.references["s"]
        assert reference.method is ReferenceMethod.AUTOMATIC
        assert reference.sigma_deg == 6.0
        vertical, ahead = off_deg(reference, matrix)
        assert vertical < 3 and ahead < 12
        assert np.median(frames.lean_deg[-110:-70]) == pytest.approx(20, abs=3)
        assert np.median(frames.side_deg[-50:-10]) == pytest.approx(10, abs=3)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(tilt=st.floats(-30, 30), roll=st.floats(-30, 30), yaw=st.floats(-180, 180))
def test_so_they_do_however_far_it_is_tilted(people, tilt, roll, yaw):
    matrix = turn(2, yaw) @ turn(1, tilt) @ turn(0, roll)
    samples = people.perform(busy(people, Placement.UPPER_BACK), 12.5).turned(matrix)
    pipeline, _ = live(people, samples, Placement.UPPER_BACK)
    vertical, ahead = off_deg(pipeline.references["s"], matrix)
    assert vertical < 3 and ahead < 14


def test_hours_of_leaning_back_in_a_chair_do_not_turn_forward_round(people):
    act = people.Act
    acts = [act(80, 6, bounce_g=0.3), act(3000, -34), *busy(people, Placement.UPPER_BACK)]
    pipeline, _ = live(people, people.perform(acts, 12.5), Placement.UPPER_BACK)
    assert pipeline.references["s"].method is ReferenceMethod.AUTOMATIC
    assert off_deg(pipeline.references["s"], np.eye(3))[1] < 12


def test_without_bends_forward_is_only_assumed_and_no_lean_is_told(people):
    act = people.Act
    walking = people.perform([act(150, 6, bounce_g=0.3), act(300, 5)], 12.5)
    pipeline, frames = live(people, walking, Placement.UPPER_BACK)
    reference = pipeline.references["s"]
    assert (reference.method, reference.sigma_deg) == (
        ReferenceMethod.ASSUMED,
        ASSUMED_SIGMA_DEG,
    )
    assert np.all(np.isnan(frames.lean_deg))
    assert np.all(frames.quality & int(Quality.UNCALIBRATED))


def test_without_walking_nothing_is_learnt(people):
    act = people.Act
    pipeline, frames = live(
        people, people.perform([act(300, 5), act(100, 30)], 12.5), Placement.UPPER_BACK
    )
    assert pipeline.references == {}
    assert np.all(np.isnan(frames.lean_deg))


def test_no_slouch_is_judged_by_a_reference_that_was_learnt(people):
    acts = [*busy(people, Placement.UPPER_BACK), people.Act(300, 40)]
    pipeline = Pipeline("w", [Mounted("s", Placement.UPPER_BACK, None)])
    result = people.run(pipeline, people.perform(acts, 12.5).block())
    assert result.frames.lean_deg[-20] == pytest.approx(40, abs=4)
    assert not [episode for episode in result.episodes if episode.kind == "slouch"]
    status = pipeline.status()
    assert status.reference_method is ReferenceMethod.AUTOMATIC
    assert status.reference_sigma_deg == 6.0
    assert any("how you walk and bend" in reason for reason in status.reasons)


def test_one_pose_learns_from_bends_where_forward_is(people, flips):
    """The convention of one pose is wrong for most mountings; bends put it right, and keep the zero."""
    act = people.Act
    lead = EDGE - people.START - 700
    acts = [*busy(people, Placement.STERNUM), act(lead, 2), act(300, 0), act(100, 20)]
    samples = people.perform(acts, 12.5)
    for matrix in flips[::5]:
        up = matrix @ [0.0, 0.0, 1.0]
        wrong = matrix @ turn(2, 120) @ [1.0, 0.0, 0.0]
        rows = np.array([wrong, np.cross(up, wrong), up])
        known = people.calibration(
            Placement.STERNUM, slouch_deg=None, rotation=tuple(map(tuple, rows))
        )
        pipeline = Pipeline("w", [Mounted("s", Placement.STERNUM, known)])
        frames = people.run(pipeline, samples.turned(matrix).block()).frames
        reference = pipeline.references["s"]
        assert reference.method is ReferenceMethod.ONE_POSE
        assert off_deg(reference, matrix)[0] < 0.3 and off_deg(reference, matrix)[1] < 12
        assert frames.lean_deg[-20] == pytest.approx(20, abs=2)


def day(people, placement, change, *, bends=8):
    """Worn rightly for a while before a full hour; then worn as `change` turns it, for over an hour."""
    act = people.Act
    walk = act(150, 6.0 if placement in UPPER else 0.0, bounce_g=0.3)
    before = [walk, act(150, 3), walk]
    after = [walk, act(100, 3), walk, *[act(4, 48), act(6, 2)] * bends, act(3700, 2)]
    samples = people.perform([*before, *after], 12.5, start=EDGE - 500.0)
    t = samples.times - samples.times[0]
    samples.acc_g[:, 0] += 0.02 * np.sin(2 * np.pi * 0.25 * t)  # breath
    samples.acc_g[:, 1] += 0.03 * np.sin(2 * np.pi * t / 170.0)  # sway
    turned = samples.acc_g @ change.T
    samples.acc_g[round(450 * 12.5) :] = turned[round(450 * 12.5) :]
    return samples


def worn(people, placement, change, **how):
    known = people.calibration(placement)
    pipeline = Pipeline("w", [Mounted("s", placement, known)])
    frames = people.run(pipeline, day(people, placement, change, **how).block()).frames
    return pipeline, frames, pipeline._tracks[0].anchor.standing


def shifted(frames):
    return frames.quality & int(Quality.REFERENCE_SHIFTED) > 0


@pytest.mark.parametrize("placement", [*UPPER, *BELT])
def test_a_sensor_worn_as_calibrated_is_trusted(people, placement):
    _, frames, standing = worn(people, placement, np.eye(3))
    assert standing.slip is Slip.NONE
    assert not np.any(shifted(frames))


@pytest.mark.parametrize("placement", [*UPPER, *BELT])
@pytest.mark.parametrize("axis", [0, 1])
def test_worn_anew_by_15_degrees_is_reported_and_still_judged(people, placement, axis):
    pipeline, frames, standing = worn(people, placement, turn(axis, 15.0))
    assert standing.slip is Slip.MOVED
    assert standing.off_deg == pytest.approx(15, abs=2)
    assert not np.any(shifted(frames))
    assert any("15 degrees" in reason for reason in pipeline.status().reasons)


@pytest.mark.parametrize("placement", [*UPPER, *BELT])
@pytest.mark.parametrize("change", [turn(1, 25.0), turn(1, -28.0), turn(0, 25.0)])
def test_worn_anew_by_25_degrees_asks_for_a_calibration_and_judges_no_slouch(
    people, placement, change
):
    pipeline, frames, standing = worn(people, placement, change)
    assert standing.slip is Slip.SHIFTED
    assert np.all(shifted(frames)[-60:])
    assert not np.any(shifted(frames)[:440])
    assert any("calibrate again" in reason for reason in pipeline.status().reasons)


@pytest.mark.parametrize("placement", [*UPPER, *BELT])
@pytest.mark.parametrize("axis", [0, 1])
def test_upside_down_is_seen_while_walking(people, placement, axis):
    pipeline, frames, standing = worn(people, placement, turn(axis, 180.0))
    assert standing.slip is Slip.FLIPPED
    assert np.all(shifted(frames)[-60:])
    assert any("upside down" in reason for reason in pipeline.status().reasons)


@pytest.mark.parametrize("placement", UPPER)
def test_turned_about_its_long_axis_is_seen_from_bends(people, placement):
    pipeline, frames, standing = worn(people, placement, turn(2, 180.0))
    assert standing.slip is Slip.TURNED
    assert np.all(shifted(frames)[-60:])
    assert any("front" in reason for reason in pipeline.status().reasons)


def test_a_thigh_worn_anew_goes_by_walking_again(people):
    """Turned by 60 deg on the leg: by the pose every standing would be sitting."""
    act = people.Act
    walk = act(150, 0, bounce_g=0.4)
    acts = [
        walk,
        act(150, 3),
        walk,
        walk,
        act(100, 3),
        walk,
        act(3400, 3),
        walk,
        act(200, 2),
        act(200, 88),
    ]
    samples = people.perform(acts, 12.5, start=EDGE - 500.0)
    samples.acc_g[round(450 * 12.5) :] = samples.acc_g[round(450 * 12.5) :] @ turn(1, 60.0).T
    pipeline = Pipeline("w", [people.mounted(Placement.THIGH)])
    frames = people.run(pipeline, samples.block()).frames
    names = frames.activity_names
    assert set(names[-390:-210]) == {"standing"}
    assert set(names[-190:-5]) == {"sitting"}


@pytest.mark.parametrize("calibrated", [False, True])
@pytest.mark.parametrize("placement", [Placement.UPPER_BACK, Placement.WAIST, Placement.THIGH])
def test_what_wearing_shows_is_the_same_in_any_chunks_and_over_saves(people, placement, calibrated):
    acts = busy(people, placement)
    samples = people.perform([*acts, people.Act(80, 2)], 12.5, start=EDGE - 400.0)
    samples.acc_g[:] = samples.acc_g @ turn(2, 35.0).T
    keep = (samples.times < EDGE - 60) | (samples.times > EDGE + 20)
    samples = samples.without(keep)
    known = people.calibration(placement, slouch_deg=None) if calibrated else None
    mounted = [Mounted("s", placement, known)]
    together = Pipeline("w", mounted)
    expected = people.run(together, samples.block())
    assert together.references
    for size in (6, 130, 2000):
        pipeline, results = Pipeline("w", mounted), []
        for number, start in enumerate(range(0, len(samples.times), size)):
            results.append(pipeline.push(samples.block(start, start + size)))
            if number % 31 == 7:
                state = pipeline.save()
                assert len(state) < 20_000
                pipeline = Pipeline.load(state, "w", mounted)
        results.append(pipeline.finish())
        frames = FrameBlock.join("w", [out.frames for out in results])
        got = type(expected)(frames, [e for out in results for e in out.episodes])
        assert got == expected
        assert pipeline.references == together.references


def test_putting_it_on_again_begins_the_evidence_anew(people):
    """Taken off for an hour and put on turned round: what was seen before does not outvote it."""
    act = people.Act
    bends = [act(4, 48), act(6, 2)]
    walk = act(80, 6, bounce_g=0.3)
    acts = [walk, walk, *bends * 8, act(3900, 80), *bends * 14, walk, walk, act(3700, 2)]
    samples = people.perform(acts, 12.5, noise_g=0.002, start=EDGE - 500.0)
    t = samples.times - samples.times[0]
    on = (t < 240) | (t > 4140)
    samples.acc_g[:, 0] += on * 0.02 * np.sin(2 * np.pi * 0.25 * t)
    again = t > 4140
    samples.acc_g[again] = samples.acc_g[again] @ turn(2, 180.0).T
    pipeline = Pipeline("w", [people.mounted(Placement.UPPER_BACK)])
    frames = people.run(pipeline, samples.block()).frames
    assert "not_worn" in set(frames.activity_names)
    assert pipeline._tracks[0].anchor.standing.slip is Slip.TURNED


def test_a_sensor_that_tells_directions_alone_is_not_learnt_from(people):
    samples = people.perform(busy(people, Placement.UPPER_BACK), 12.5)
    samples.acc_g[:] /= np.linalg.norm(samples.acc_g, axis=1, keepdims=True)
    pipeline, _ = live(people, samples, Placement.UPPER_BACK, scaled=False)
    assert pipeline.references == {}


def test_a_reference_says_how_it_was_found_and_how_sure_it_is(people):
    known = replace(people.calibration(Placement.UPPER_BACK), sigma_deg=1.2)
    pipeline = Pipeline("w", [Mounted("s", Placement.UPPER_BACK, known)])
    pipeline.push(people.perform([people.Act(30, 10)]).block())
    status = pipeline.status()
    assert (status.reference_method, status.reference_sigma_deg) == ("two_poses", 1.2)


@settings(max_examples=60, deadline=None)
@given(
    walks=st.lists(
        st.tuples(st.integers(1, 90), st.booleans(), st.sampled_from([0, 0, 1, 40])),
        min_size=1,
        max_size=12,
    ),
    cuts=st.lists(st.integers(0, 600), max_size=4),
    seed=st.integers(0, 99),
)
def test_wearing_shows_the_same_of_seconds_together_as_of_each(walks, cuts, seed):
    moving = np.array([moves for n, moves, _ in walks for _ in range(n)])
    gaps = [hole for n, _, hole in walks for hole in [hole, *[0] * (n - 1)]]
    k = len(moving)
    draw = np.random.default_rng(seed)
    ups = draw.normal(0.0, 0.2, (3, k)) + np.array([[0.1], [0.2], [1.0]])
    ups /= np.sqrt(np.sum(ups * ups, axis=0))
    columns = {
        "seconds": 1000 + np.arange(k) + np.cumsum(gaps),
        "fresh": draw.uniform(size=k) < 0.98,
        "up": ups,
        "up_2s": ups,
        "sd_total_g": draw.uniform(0.0, 0.06, k),
    }
    worn, no, never = np.ones(k, dtype=bool), np.zeros(k, dtype=bool), np.zeros(k, dtype=int)
    saved = []
    for edges in ([0, *sorted(cut for cut in cuts if cut < k), k], range(k + 1)):
        wearing = Wearing(Placement.UPPER_BACK)
        for a, b in pairwise(edges):
            part = SimpleNamespace(**{name: one[..., a:b] for name, one in columns.items()})
            if a < b:
                wearing.feed(part, moving[a:b], worn[a:b], no[a:b], never[a:b])
        saved.append(wearing.save())
    assert saved[0] == saved[1]
