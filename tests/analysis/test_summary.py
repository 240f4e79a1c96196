"""Every figure of a stretch: what it is worth, what it rests on, and why there is none."""

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis import analyse
from analysis.summary import summarise
from analysis.track import Mounted
from analysis.version import ALGORITHM_VERSION
from domain.metrics import Metric
from domain.people import ReferenceMethod
from domain.placement import Placement
from domain.posture import Activity
from domain.samples import Recording


def day(people, *, thigh=True, trunk=True, calibrated=True, rate_hz=12.5):
    """25 min: sitting with two shifts, a walk, standing with bends, sitting."""
    act = people.Act
    body = [
        (act(300, 4), 85), (act(300, 12), 85), (act(60, 2, bounce_g=0.4), 2), (act(100, 0), 2),
        (act(2, 60), 2), (act(40, 0), 2), (act(2, 60, 25), 2), (act(40, 0), 2), (act(60, 35), 2),
        (act(60, 0), 2), (act(300, 5), 85), (act(240, 5, 9), 85),
    ]  # fmt: skip
    recordings, known, worn = {}, {}, []
    if trunk:
        made = people.perform([one for one, _ in body], rate_hz)
        recordings["upper_back"] = Recording(made.times, made.acc_g)
        if calibrated:
            known["upper_back"] = people.calibration(Placement.UPPER_BACK)
        worn.append(Mounted("u", Placement.UPPER_BACK, known.get("upper_back")))
    if thigh:
        legs = [people.Act(one.seconds, deg, bounce_g=one.bounce_g) for one, deg in body]
        made = people.perform(legs, rate_hz)
        recordings["thigh"] = Recording(made.times, made.acc_g)
        known["thigh"] = people.calibration(Placement.THIGH)
        worn.append(Mounted("t", Placement.THIGH, known["thigh"]))
    found = analyse(recordings, calibration=known)
    return found, worn


@pytest.fixture(scope="module")
def both(people) -> dict[str, Metric]:
    found, worn = day(people)
    told = summarise(found.frames, found.episodes, worn, reasons=found.reasons)
    return {one.name: one for one in told}


def test_names_are_told_once(both, people):
    found, worn = day(people)
    told = summarise(found.frames, found.episodes, worn, reasons=found.reasons)
    assert len({one.name for one in told}) == len(told)


@pytest.mark.parametrize(
    ("name", "value", "within"),
    [
        ("sitting_s", 1140, 5), ("standing_s", 304, 6), ("moving_s", 60, 4), ("worn_s", 1504, 1),
        ("sitting_bouts", 2, 0), ("breaks_ge_2_s", 1, 0), ("breaks_ge_300_s", 1, 0),
        ("shifts", 3, 0), ("shifts_per_sitting_hour", 9.5, 0.5), ("bends_per_hour", 7.2, 0.3),
        ("bends", 3, 0), ("asymmetric_bends_share", 1 / 3, 0.01), ("held_bends", 1, 0),
        ("held_bend_s", 60, 2), ("held_bends_over_limit", 0, 0), ("lean_ge_30_deg_s", 64, 3),
        ("lean_ge_60_deg_count", 2, 2), ("lean_ge_30_deg_longest_s", 60, 2),
        ("not_worn_s", 0, 0), ("side_bends", 0, 0),
    ],
)  # fmt: skip
def test_figures_are_those_of_the_script(both, name, value, within):
    assert both[name].value == pytest.approx(value, abs=within)
    assert both[name].reason == ""


def test_each_carries_what_it_rests_on(both):
    for metric in both.values():
        assert metric.version == ALGORITHM_VERSION
        assert 0.0 <= metric.coverage <= 1.0
        assert metric.confidence is None or 0.0 <= metric.confidence <= 1.0
        assert (metric.value is None) == bool(metric.reason)
    lean = both["bends"]
    assert lean.sensors == ("upper_back",)
    assert lean.reference is ReferenceMethod.TWO_POSES
    assert lean.sigma_deg == pytest.approx(math.hypot(1.0, 5.0))
    assert both["sitting_s"].sensors == ("thigh",)
    assert both["sitting_s"].coverage > 0.99


def test_what_has_no_zero_carries_no_reference(both):
    for name in ("steps", "cadence_spm", "mad_mean_mg", "worn_s", "twists", "turns"):
        assert (both[name].reference, both[name].sigma_deg) == (None, None)
    assert both["steps"].sensors == ("upper_back",)


def test_time_in_which_the_sensor_was_never_worn_says_so(people):
    found, worn = day(people)
    off = replace(found.frames, activity=np.full(len(found.frames), Activity.NOT_WORN, np.uint8))
    told = {one.name: one for one in summarise(off, (), worn)}
    for name in ("mad_mean_mg", "enmo_mean_mg", "twist_ge_10_deg_share"):
        assert told[name].value is None
        assert "recorded in this time" in told[name].reason
    # A sensor that was worn and yet told nothing of it, a part of the reasons kept from elsewhere.
    blank = replace(found.frames, mad_mg=np.full(len(found.frames), np.nan))
    for one in summarise(blank, (), worn):
        assert one.value is not None or len(one.reason) > 20


def test_bends_of_the_upper_trunk_alone_are_half_sure_at_most_and_say_why(both, people):
    found, worn = day(people, thigh=False)
    told = {one.name: one for one in summarise(found.frames, found.episodes, worn)}
    assert told["bends"].value and both["bends"].value
    assert told["bends"].confidence <= 0.5 < both["bends"].confidence
    assert "bow" in found.reasons["bend"] and "thigh" in found.reasons["bend"]
    assert "bend" not in day(people)[0].reasons


def test_twist_is_told_by_the_share_of_the_time_in_which_it_is_known(both, people):
    found, worn = day(people)
    twist = np.full(len(found.frames), np.nan)
    twist[:400] = np.repeat([0.0, -10.0, 25.0, 9.9, -31.0], 80)
    told = summarise(replace(found.frames, twist_deg=twist), (), worn)
    shares = [one.value for one in told if one.name.startswith("twist_ge_")]
    assert shares == pytest.approx([0.6, 0.4, 0.2])


def test_a_gyro_makes_the_error_of_an_angle_smaller(people):
    found, worn = day(people)
    told = summarise(found.frames, found.episodes, worn, gyro={Placement.UPPER_BACK})
    (bends,) = [one for one in told if one.name == "bends"]
    assert bends.sigma_deg == pytest.approx(math.hypot(1.0, 1.1))


def test_a_thigh_alone_knows_nothing_of_the_trunk_and_says_so(people):
    found, worn = day(people, trunk=False)
    told = summarise(found.frames, found.episodes, worn, reasons=found.reasons)
    missing = {one.name for one in told if one.value is None}
    assert {
        "bends",
        "slouch_s",
        "shifts",
        "held_bends",
        "side_bends",
        "lean_ge_20_deg_s",
    } <= missing
    assert {"twist_ge_10_deg_share", "turns", "lying_s", "minutes_mad_ge_91_mg"} <= missing
    assert {"sitting_s", "sitting_bouts", "breaks_ge_60_s", "mad_mean_mg"}.isdisjoint(missing)
    for one in told:
        if one.value is None:
            assert one.reason.endswith(".") and len(one.reason) > 20


def test_without_a_reference_angles_are_not_measured(people):
    found, worn = day(people, calibrated=False)
    told = {
        one.name: one
        for one in summarise(found.frames, found.episodes, worn, reasons=found.reasons)
    }
    if not np.isfinite(found.frames.lean_deg).any():
        assert told["bends"].value is None
        assert "upright" in told["bends"].reason


def test_a_short_stretch_has_no_rates(people):
    found, worn = day(people)
    start = int(found.frames.times[0])
    told = {
        one.name: one
        for one in summarise(found.frames, found.episodes, worn, start=start, end=start + 120)
    }
    assert told["shifts_per_sitting_hour"].value is None
    assert told["sitting_s"].value == pytest.approx(120, abs=3)
    assert told["worn_s"].value == 120


def test_nothing_at_all_is_no_error(people):
    found, worn = day(people)
    told = summarise(found.frames.select(slice(0, 0)), (), worn)
    assert all(one.value is None for one in told)
