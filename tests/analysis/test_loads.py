"""Shifts, bends, held bends and bends to the side of small people whose script says what is true."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import AnalysisSettings, Mounted, Pipeline
from analysis.bends import BendMachine
from analysis.doubt import reference
from analysis.held_bends import holding_s
from domain.episodes import Asymmetry, EpisodeKind
from domain.errors import ConfigError
from domain.placement import Placement
from domain.posture import FrameBlock
from tests.analysis.conftest import Result

LOADS = {EpisodeKind.SHIFT, EpisodeKind.BEND, EpisodeKind.HELD_BEND, EpisodeKind.SIDE_BEND}


def run(people, acts, *, thigh_deg=None, gyro=False, calibrated=True, knobs=None, rate_hz=25.0):
    """The result of `acts` at the upper back; thigh_deg: of a thigh sensor beside it, act by act."""
    trunk = people.perform(acts, rate_hz, gyro=gyro)
    worn = [people.mounted(Placement.UPPER_BACK, "s", calibrated=calibrated)]
    blocks = [trunk.block()]
    if thigh_deg is not None:
        legs = [people.Act(a.seconds, deg) for a, deg in zip(acts, thigh_deg, strict=True)]
        worn.append(people.mounted(Placement.THIGH, "t"))
        blocks.append(people.perform(legs, rate_hz).block(sensor="t"))
    pipeline = Pipeline("w", worn, AnalysisSettings(**(knobs or {})))
    outputs = [pipeline.push_together(blocks), pipeline.finish()]
    frames = FrameBlock.join("w", [out.frames for out in outputs])
    return Result(frames, [e for out in outputs for e in out.episodes])


def spans(people, result, kind):
    return [(e.start - people.START, e.end - people.START) for e in result.closed(kind)]


@pytest.mark.parametrize("gyro", [False, True])
class TestBends:
    def test_are_found_within_a_second_with_their_peak(self, people, gyro):
        act = people.Act
        result = run(
            people,
            [act(20), act(2, 50), act(20), act(1.5, 70), act(20), act(5, 95), act(20)],
            gyro=gyro,
        )
        assert spans(people, result, "bend") == [(20, 22), (42, 44), (63, 69)]
        peaks = [e.peak for e in result.closed("bend")]
        assert peaks == pytest.approx([50, 70, 95], abs=2)
        # The lean of the act times its time, within the half second of each way.
        doses = [e.dose for e in result.closed("bend")]
        assert doses == pytest.approx([50 * 2 / 60, 70 * 1.5 / 60, 95 * 5 / 60], rel=0.1)

    def test_that_stay_below_the_entry_or_are_too_short_are_none(self, people, gyro):
        act = people.Act
        result = run(people, [act(20), act(3, 26), act(20), act(0.5, 40), act(20)], gyro=gyro)
        assert spans(people, result, "bend") == []

    def test_closer_together_than_half_a_second_are_one(self, people, gyro):
        act = people.Act
        acts = [act(20), act(1.5, 60), act(0.4, 5), act(1.5, 60), act(20)]
        apart = [act(20), act(1.5, 60), act(3, 5), act(1.5, 60), act(20)]
        assert len(spans(people, run(people, acts, gyro=gyro), "bend")) == 1
        assert len(spans(people, run(people, apart, gyro=gyro), "bend")) == 2

    def test_of_standing_up_and_sitting_down_are_part_of_that(self, people, gyro):
        act = people.Act
        acts = [act(30, 5), act(1.5, 45), act(30), act(1.5, 45), act(30, 5), act(2, 50), act(30, 5)]
        thighs = [85, 60, 2, 20, 85, 85, 85]
        result = run(people, acts, thigh_deg=thighs, gyro=gyro)
        assert spans(people, result, "bend") == [(93, 95)], "only that on the chair"

    def test_with_the_trunk_to_a_side_are_asymmetric(self, people, gyro):
        act = people.Act
        acts = [act(20), act(2, 50, 20), act(20), act(2, 50, -25), act(20), act(2, 50, 5), act(20)]
        found = run(people, acts, gyro=gyro).closed("bend")
        assert [e.asymmetry for e in found] == [Asymmetry.SIDE, Asymmetry.SIDE, Asymmetry.NONE]

    def test_into_lying_on_the_front_are_none(self, people, gyro):
        act = people.Act
        result = run(people, [act(20), act(60, 88), act(30)], gyro=gyro)
        assert "lying" in result.activities()
        assert spans(people, result, "bend") == spans(people, result, "held_bend") == []


@pytest.mark.parametrize(
    ("turn_dps", "expected"),
    [
        (15.0, Asymmetry.TURN),
        (-15.0, Asymmetry.TURN),
        (5.0, Asymmetry.NONE),
        (math.nan, Asymmetry.NONE),
    ],
)
def test_a_turn_of_more_than_twenty_degrees_during_a_bend_makes_it_asymmetric(turn_dps, expected):
    machine = BendMachine("w", "sternum", 1.0, AnalysisSettings(), alone=False)
    level, bent = [[0.0] * 10, [0.0] * 10], [[50.0] * 10, [0.0] * 10]
    told = []
    for second in range(30):
        tenths = bent if 10 <= second < 12 else level
        told += machine.feed(second, tenths, True, False, 20.0, -99, -99, turn_dps, True)
    (bend,) = told
    assert (bend.start, bend.end, bend.peak, bend.mean) == (10, 12, 50.0, 50.0)
    assert bend.dose == pytest.approx(50 * 2 / 60)
    assert bend.asymmetry is expected


class TestHeldBends:
    def test_carry_how_long_they_may_last_at_their_mean_lean(self, people):
        act = people.Act
        result = run(people, [act(20), act(100, 40), act(30)], gyro=True)
        (held,) = result.closed("held_bend")
        assert (held.start - people.START, held.end - people.START) == (20, 119) or (
            abs(held.start - people.START - 20) <= 1 and abs(held.end - people.START - 120) <= 1
        )
        assert held.mean == pytest.approx(40, abs=0.5)
        assert held.limit == pytest.approx(150, abs=3)
        assert held.dose == pytest.approx(40 * 100 / 60, rel=0.02)

    def test_are_told_open_once_they_pass_their_limit(self, people):
        act = people.Act
        result = run(people, [act(20), act(200, 40), act(30)])
        (opened,) = result.opened("held_bend")
        assert opened.id == result.closed("held_bend")[0].id
        assert opened.dose == pytest.approx(150 * 40 / 60, rel=0.05)

    def test_need_four_seconds_and_a_trunk_that_keeps_still(self, people):
        act = people.Act
        short = run(people, [act(20), act(3, 40), act(20)])
        swaying = run(people, [act(20), *[act(2, deg) for deg in (25, 45) * 10], act(20)])
        assert spans(people, short, "held_bend") == spans(people, swaying, "held_bend") == []

    def test_become_another_when_the_trunk_goes_on(self, people):
        act = people.Act
        result = run(people, [act(20), act(30, 30), act(30, 50), act(20)])
        found = result.closed("held_bend")
        assert [e.mean for e in found] == pytest.approx([30, 50], abs=1)
        assert len(found) == 2

    @given(lean_deg=st.floats(-90, 180))
    def test_limits_follow_the_line_of_iso_11226(self, lean_deg):
        limit = holding_s(lean_deg, AnalysisSettings())
        if lean_deg < 20:
            assert limit == math.inf
        elif lean_deg <= 60:
            assert limit == pytest.approx(240 - (lean_deg - 20) * 180 / 40)
        else:
            assert limit == 4


class TestSideBends:
    def test_held_for_a_minute_are_loads_and_shorter_ones_are_not(self, people):
        act = people.Act
        result = run(people, [act(20), act(70, 0, 15), act(70), act(50, 0, -15), act(70)])
        (found,) = result.closed("side_bend")
        assert found.start - people.START == pytest.approx(20, abs=1)
        assert found.end - people.START == pytest.approx(90, abs=1)
        assert found.peak == pytest.approx(15, abs=1), "to the right is positive"
        assert found.dose == pytest.approx(15 * 70 / 60, rel=0.05)

    def test_twice_a_minute_are_loads_whatever_the_side(self, people):
        act = people.Act
        acts = [act(20), act(4, 0, 14), act(20), act(4, 0, -16), act(90), act(4, 0, 14), act(80)]
        (found,) = run(people, acts).closed("side_bend")
        assert found.start - people.START == pytest.approx(20, abs=1)
        assert found.end - people.START == pytest.approx(48, abs=1)
        assert found.peak == pytest.approx(-16, abs=1), "to the left is negative"


class TestShifts:
    def test_are_changes_of_lean_or_side_that_hold(self, people):
        act = people.Act
        result = run(people, [act(40), act(40, 9), act(40, 9, 9), act(40, 1, 9), act(40, 4, 9)])
        assert [start for start, _ in spans(people, result, "shift")] == pytest.approx(
            [40, 80, 120], abs=1
        )
        assert [e.peak for e in result.closed("shift")] == pytest.approx([9, 9, 8], abs=1)
        assert result.closed("shift")[1].dose == pytest.approx(40, abs=1), "how long it was kept"

    def test_a_look_aside_and_a_short_bend_are_none(self, people):
        act = people.Act
        result = run(
            people, [act(40), act(3, 12), act(40), act(2, 50), act(40), act(4, 0, 12), act(40)]
        )
        assert spans(people, result, "shift") == []

    def test_a_slow_slump_is_none(self, people):
        act = people.Act
        slump = [act(10, deg) for deg in np.arange(0, 20, 0.4)]
        assert spans(people, run(people, [act(30), *slump, act(30, 20)]), "shift") == []

    def test_standing_up_is_one_when_it_holds(self, people):
        act = people.Act
        acts = [act(60, 3), act(4, 3), act(60, 3), act(60, 3)]
        result = run(people, acts, thigh_deg=[85, 85, 85, 2])
        (found,) = result.closed("shift")
        assert found.start - people.START == pytest.approx(124, abs=2)
        assert math.isnan(found.peak) and found.placement == "thigh"

    def test_standing_up_needs_no_trunk_sensor(self, people):
        legs = people.perform([people.Act(60, 85), people.Act(60, 2)])
        result = people.run(Pipeline("w", [people.mounted(Placement.THIGH)]), legs.block())
        assert len(result.closed("shift")) == 1


def test_without_a_reference_nothing_of_the_trunk_is_judged(people):
    act = people.Act
    acts = [act(20), act(2, 60), act(20), act(100, 40), act(20), act(70, 0, 20), act(70)]
    result = run(people, acts, calibrated=False)
    assert not [e for e in result.episodes if e.kind in LOADS]


def test_settings_change_what_counts(people):
    act = people.Act
    acts = [act(20), act(2, 26), act(60)]
    knobs = {"bend_enter_deg": 22.0, "bend_leave_deg": 15.0}
    assert spans(people, run(people, acts), "bend") == []
    assert spans(people, run(people, acts, knobs=knobs), "bend") == [(20, 22)]
    with pytest.raises(ConfigError, match="bend_leave_deg"):
        AnalysisSettings(bend_enter_deg=15.0, bend_leave_deg=20.0)


def loaded(people):
    """Every kind of load twice, on a noisy person with a gyro that leaves out a stretch."""
    act = people.Act
    samples = people.perform(
        [
            act(20), act(2, 50), act(12), act(1, 45, 20), act(0.4), act(1, 45), act(15), act(30, 9),
            act(70, 0, 15), act(20), act(30, 35), act(20, 55), act(15), act(4, 0, 14), act(10),
            act(4, 0, -14), act(30), act(6, 70), act(20, 8), act(40, 25),
        ],
        12.5, gyro=True, noise_g=0.01,
    )  # fmt: skip
    n = len(samples.times)
    samples.times[:] += np.random.default_rng(3).uniform(-0.02, 0.02, n)
    samples.times[2 * n // 3 :] += 1.3
    samples.gyro_dps[n // 4 : n // 2] = np.nan
    return samples


@pytest.fixture(scope="module")
def expected(people):
    samples = loaded(people)
    worn = [people.mounted(Placement.STERNUM)]
    result = people.run(Pipeline("w", worn), samples.block())
    assert {e.kind for e in result.episodes} >= LOADS
    return worn, samples, result


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 400), min_size=1, max_size=5), saves=st.sets(st.integers(0, 300))
)
def test_any_chunks_and_saves_give_the_same_loads(people, expected, sizes, saves):
    worn, samples, whole = expected
    pipeline, outputs, at, turn = Pipeline("w", worn), [], 0, 0
    while at < len(samples.times):
        end = at + sizes[turn % len(sizes)]
        outputs.append(pipeline.push(samples.block(at, end)))
        if turn in saves:
            pipeline = Pipeline.load(pipeline.save(), "w", worn)
        at, turn = end, turn + 1
    outputs.append(pipeline.finish())
    frames = FrameBlock.join("w", [out.frames for out in outputs])
    assert type(whole)(frames, [e for out in outputs for e in out.episodes]) == whole


def test_saved_in_every_single_second_of_every_load_it_goes_on_the_same(people, expected):
    worn, samples, whole = expected
    pipeline, outputs = Pipeline("w", worn), []
    for at in range(0, len(samples.times), 12):
        outputs.append(pipeline.push(samples.block(at, at + 12)))
        pipeline = Pipeline.load(pipeline.save(), "w", worn)
    outputs.append(pipeline.finish())
    assert [repr(e) for out in outputs for e in out.episodes] == [repr(e) for e in whole.episodes]


def test_another_calibration_ends_what_was_open_where_the_old_one_ended(people):
    act = people.Act
    samples = people.perform([act(20), act(100, 40)], 12.5)
    pipeline = Pipeline("w", [people.mounted(Placement.STERNUM)])
    pipeline.push(samples.block())
    known = people.calibration(Placement.STERNUM)
    other = Mounted("s", Placement.STERNUM, replace(known, sigma_deg=3.0))
    loaded_anew = Pipeline.load(pipeline.save(), "w", [other])
    ended = [e for e in loaded_anew.advance(people.START + 121.0).episodes if e.kind in LOADS]
    assert {e.kind for e in ended} == {EpisodeKind.HELD_BEND, EpisodeKind.BEND}
    assert all(e.censored for e in ended)


def test_loads_by_a_reference_that_was_learnt_are_as_sure_as_walking_shows():
    assert reference(Mounted("s", Placement.STERNUM, None)) == ("sternum", 6.0)
    assert math.isnan(reference(None)[1])


def test_a_trunk_that_nobody_calibrated_bends_once_it_has_learnt_where_upright_is(people):
    act = people.Act
    worn = [people.mounted(Placement.UPPER_BACK, calibrated=False)]
    walk = [act(60, 6, bounce_g=0.3) for _ in range(20)]
    bowing = [act(8, deg) for deg in (0, 55) * 40]
    acts = [*walk, *bowing, act(2400, 3), *[act(10, deg) for deg in (0, 60) * 6], act(30)]
    samples = people.perform(acts, 12.5)
    result = people.run(Pipeline("w", worn), samples.block())
    lean_known = np.isfinite(result.frames.lean_deg)
    bends = result.closed("bend")
    assert all(lean_known[result.frames.times == e.start].all() for e in bends)
    assert not lean_known[:1200].any() and lean_known[-60:].all()
    assert len([e for e in bends if e.start > people.START + 3680]) == 6
