"""Slouches: entry, delay, exit, dose, and who may not be told of one."""

import math

import pytest

from analysis import AnalysisSettings, Pipeline
from analysis.slouch import SlouchMachine, entry_deg
from domain.people import Calibration, ReferenceMethod
from domain.placement import Placement
from domain.posture import Quality

ENTRY = 12.0  # 60 % of the 20 deg of the fixture's slouch


def slouches(people, acts, **how):
    """Episodes of a trunk that slouches beside a thigh that sits."""
    trunk = people.perform(acts, 12.5)
    thigh = people.perform([people.Act(sum(a.seconds for a in acts), 85)], 12.5)
    settings = how.pop("settings", AnalysisSettings())
    worn = [
        people.mounted(Placement.UPPER_BACK, "trunk", **how),
        people.mounted(Placement.THIGH, "thigh"),
    ]
    pipeline = Pipeline("w", worn, settings)
    out = pipeline.push_together([trunk.block(sensor="trunk"), thigh.block(sensor="thigh")])
    end = pipeline.finish()
    return [e for e in (*out.episodes, *end.episodes) if e.kind == "slouch"], out.frames


def test_a_slouch_opens_after_its_delay_and_starts_where_the_entry_was_passed(people):
    act = people.Act
    episodes, _ = slouches(people, [act(60, 3), act(50, 18), act(30, 3)])
    opened, closed = episodes
    assert opened.start == pytest.approx(people.START + 60, abs=1)
    assert opened.end is None
    assert closed.id == opened.id
    assert closed.end == pytest.approx(people.START + 110, abs=1)
    assert closed.peak == pytest.approx(18, abs=0.3)
    assert closed.mean == pytest.approx(18, abs=0.4)
    assert closed.dose == pytest.approx(18 * 50 / 60, rel=0.03)
    assert closed.limit == pytest.approx(ENTRY)
    assert closed.confidence > 0.9
    assert not closed.censored


def test_a_slouch_is_opened_in_the_second_in_which_the_delay_has_passed(people):
    samples = people.perform([people.Act(60, 18)], 12.5)
    pipeline = Pipeline("w", [people.mounted(Placement.UPPER_BACK)])
    for second in range(60):
        rows = slice(round(12.5 * second), round(12.5 * (second + 1)))
        out = pipeline.push(samples.block(rows.start, rows.stop))
        if out.episodes:
            # Seconds 0 to 29 are the delay; the last is judged with the first sample after it.
            assert second == 30
            return
    pytest.fail("no slouch")


def test_shorter_than_the_delay_is_no_slouch(people):
    act = people.Act
    assert slouches(people, [act(60, 3), act(28, 18), act(30, 3)])[0] == []


def test_below_the_entry_is_no_slouch(people):
    assert slouches(people, [people.Act(120, ENTRY - 1)])[0] == []


def test_between_exit_and_entry_a_slouch_goes_on_and_a_second_above_is_forgiven(people):
    act = people.Act
    episodes, _ = slouches(people, [act(40, 18), act(40, 9.5), act(1, 3), act(40, 9.5), act(20, 3)])
    assert len(episodes) == 2
    assert episodes[1].end == pytest.approx(people.START + 121, abs=1)


def test_one_pose_gives_the_fallback_entry(people):
    episodes, _ = slouches(people, [people.Act(60, 9)], slouch_deg=None)
    assert [e.limit for e in episodes] == [8.0, 8.0]


def test_no_calibration_no_slouch(people):
    assert slouches(people, [people.Act(120, 30)], calibrated=False)[0] == []


@pytest.mark.parametrize(("own", "entry"), [(20.0, 12.0), (5.0, 4.0), (80.0, 35.0), (None, 8.0)])
def test_the_entry_comes_from_the_own_range_within_limits(people, own, entry):
    known = people.calibration(Placement.STERNUM, slouch_deg=own)
    assert entry_deg(known, AnalysisSettings()) == pytest.approx(entry)


def test_a_calibration_without_a_method_has_no_entry(people):
    known = people.calibration(Placement.STERNUM)
    bare = Calibration("s", known.placement, 0.0, ReferenceMethod.NONE, known.rotation, 20.0, 6.0)
    assert math.isnan(entry_deg(bare, AnalysisSettings()))


def test_standing_bent_forward_is_no_slouch(people):
    trunk = people.perform([people.Act(120, 20)], 12.5)
    thigh = people.perform([people.Act(120, 3)], 12.5)
    worn = [people.mounted(Placement.UPPER_BACK, "t"), people.mounted(Placement.THIGH, "u")]
    out = Pipeline("w", worn).push_together([trunk.block(sensor="t"), thigh.block(sensor="u")])
    assert [e for e in out.episodes if e.kind == "slouch"] == []


def test_the_delay_is_a_setting(people):
    quick = AnalysisSettings(slouch_delay_s=5)
    episodes, _ = slouches(
        people, [people.Act(20, 3), people.Act(8, 18), people.Act(20, 3)], settings=quick
    )
    assert len(episodes) == 2


def test_a_minute_of_silence_is_bridged_and_more_ends_it_as_censored():
    def play(silent_s):
        machine = SlouchMachine("w", "upper_back", ENTRY, 1.0, AnalysisSettings())
        out = []
        for second in range(1000, 1100 + silent_s + 40):
            if 1100 <= second < 1100 + silent_s:
                out += machine.feed(second, math.nan, judged=False, ended=False, fused=True)
            else:
                out += machine.feed(second, 18.0, judged=True, ended=False, fused=True)
        return [(e.start, e.end, e.censored) for e in out if e.end is not None]

    assert play(60) == []
    assert play(61) == [(1000, 1100, True)]


def test_walking_at_an_odd_lean_says_that_the_reference_has_moved(people):
    act = people.Act
    samples = people.perform([act(30, 5), act(40, 45, bounce_g=0.3), act(90, 40)])
    pipeline = Pipeline("w", [people.mounted(Placement.UPPER_BACK)])
    result = people.run(pipeline, samples.block())
    assert result.frames.frame(-1).quality & Quality.REFERENCE_SHIFTED
    assert not result.frames.frame(20).quality & Quality.REFERENCE_SHIFTED
    assert result.episodes == [] or all(e.kind != "slouch" for e in result.episodes)
    status = pipeline.status()
    assert status is not None
    assert any("calibrate again" in reason for reason in status.reasons)


def test_walking_a_little_forward_is_no_shift(people):
    samples = people.perform(
        [people.Act(30, 5), people.Act(60, 8, bounce_g=0.3), people.Act(30, 5)]
    )
    result = people.run(Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), samples.block())
    assert not any(frame.quality & Quality.REFERENCE_SHIFTED for frame in result.frames)
