"""Which settings hold: default, configuration, preset, the way to it, one's own, and what was fine."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.effective import STEPS, Choice, Origin, effective, fine_change, own_values
from alerts.presets import PRESETS, Preset, ramped, with_preset
from alerts.settings import AlertSettings, knobs
from domain.alerts import AlertKind
from domain.errors import ConfigError
from domain.records import Adjustment

DAY = date(2026, 11, 30)
BASE = AlertSettings(sitting_after_min=40.0)


def test_each_layer_covers_the_one_below_and_says_where_a_value_comes_from():
    bare = effective(BASE, Choice(), (), DAY)
    assert bare.settings == BASE
    assert bare.origins["sitting_after_min"] is Origin.CONFIGURATION
    assert bare.origins["repeats"] is Origin.DEFAULT
    chosen = effective(BASE, Choice(Preset.BACK_PAIN_FLARE), (), DAY)
    assert chosen.settings.sitting_after_min == 20.0
    assert chosen.origins["sitting_after_min"] is Origin.PRESET
    own = Choice(Preset.BACK_PAIN_FLARE, values={"sitting_after_min": 25})
    fine = Adjustment("j", "ada", "a", "sitting_after_min", 5.0, 0.0)
    kept = effective(BASE, own, (replace(fine, undone_at=1.0),), DAY)
    assert (kept.settings.sitting_after_min, kept.origins["sitting_after_min"]) == (
        25.0,
        Origin.OWN,
    )
    moved = effective(BASE, own, (fine, replace(fine, id="k")), DAY)
    assert moved.settings.sitting_after_min == 35.0
    assert moved.origins["sitting_after_min"] is Origin.ADJUSTED


@pytest.mark.parametrize("preset", Preset)
def test_every_departure_of_a_preset_is_one_with_a_reason_and_stays_in_range(preset):
    settings = with_preset(AlertSettings(), preset)
    for name, departure in PRESETS[preset].items():
        assert departure.value != getattr(AlertSettings(), name), name
        assert len(departure.reason) > 10
        assert getattr(settings, name) == departure.value


@given(st.sampled_from(Preset), st.integers(0, 60), st.integers(0, 60))
def test_a_new_wearer_is_led_to_a_preset_and_never_back(preset, day, later):
    base = AlertSettings()
    target = with_preset(base, preset)
    first, second = sorted((day, later))
    a, b = ramped(base, target, first), ramped(base, target, second)
    for name in ("sitting_after_min", "shift_after_min", "slouch_after_s"):
        assert getattr(a, name) >= getattr(b, name) >= getattr(target, name)
    assert a.alerts_per_day <= b.alerts_per_day <= target.alerts_per_day
    assert ramped(base, target, 21) == target
    assert a.quiet_hours == target.quiet_hours
    start = effective(base, Choice(preset, DAY), (), DAY + timedelta(days=first))
    assert start.settings == a


def test_the_way_to_the_office_takes_three_weeks():
    base = AlertSettings()
    target = with_preset(base, Preset.OFFICE)
    way = [ramped(base, target, days) for days in (0, 7, 14, 20, 21)]
    assert [each.sitting_after_min for each in way] == [45, 40, 35, 35, 30]
    assert [each.alerts_per_day for each in way] == [6, 8, 10, 10, 12]
    assert [each.twist for each in way] == [False, False, False, False, True]


@given(st.sampled_from([*STEPS]), st.integers(1, 60))
def test_that_was_fine_never_leaves_the_range(kind, times):
    choice, made = Choice(), []
    for n in range(times):
        settings = effective(AlertSettings(), choice, made, DAY).settings
        change = fine_change(settings, kind)
        if change is None:
            break
        made.append(Adjustment(str(n), "ada", "a", *change, 0.0))
    name, _ = STEPS[kind]
    settings = effective(AlertSettings(), choice, made, DAY).settings
    assert getattr(settings, name) <= knobs()[name].high
    undone = [replace(each, undone_at=1.0) for each in made]
    assert effective(AlertSettings(), choice, undone, DAY).settings == AlertSettings()


def test_a_limit_of_a_standard_is_not_moved_by_that_was_fine():
    assert fine_change(AlertSettings(), AlertKind.HELD_BEND) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("never", 1), ("sitting_after_min", 5), ("sitting_after_min", "30"), ("sitting", 1),
     ("quiet_hours", "soon"), ("repeats", 1.5), ("language", "xx")],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_by_name(name, value):
    with pytest.raises(ConfigError) as refused:
        own_values({name: value})
    assert refused.value.path == f"alerts.{name}"


def test_numbers_come_in_the_type_of_the_setting():
    assert own_values({"repeats": 1.0, "sitting_after_min": 25}) == {
        "repeats": 1, "sitting_after_min": 25.0,
    }  # fmt: skip
    assert type(own_values({"repeats": 1.0})["repeats"]) is int
    assert len(fields(AlertSettings)) == len(knobs())
