"""Presets: whole sets of settings for a kind of need, and how a new wearer comes to one by and by.

A preset says only where it departs from the defaults of evidence.md, section 2, and why; all else is the
default. The tables are frozen: what a wearer chose means the same later on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from alerts.settings import AlertSettings, knobs

#: A new wearer comes to their preset in steps of a week, in so many of them [J]: nagged from the first day
#: on, people take it off; what is followed fades over months, not over weeks (Stephenson 2017).
RAMP_STEPS, STEP_DAYS = 3, 7


class Preset(StrEnum):
    """The presets. The words are stored."""

    GENTLE = "gentle"
    OFFICE = "office"
    BACK_PAIN_FLARE = "back_pain_flare"
    RESEARCH = "research"


@dataclass(frozen=True, slots=True)
class Departure:
    """A value other than the default, and why."""

    value: Any
    reason: str


PRESETS: Mapping[Preset, Mapping[str, Departure]] = {
    Preset.GENTLE: {
        "sitting_after_min": Departure(45.0, "a first limit that most bouts stay under"),
        "shift_after_min": Departure(30.0, "the same, within the range of 10 to 40"),
        "slouch_after_s": Departure(120.0, "the slowest preset of the evidence (Lumo)"),
        "held_bend": Departure(False, "one thing at a time: sitting, then shifts"),
        "side_bend": Departure(False, "as held bends"),
        "twist": Departure(False, "as held bends"),
        "repeats": Departure(0, "nobody is reminded of a reminder"),
        "alerts_per_day": Departure(6, "half of the default"),
        "alerts_per_hour": Departure(1, "never two in an hour"),
        "wait_for_pause_s": Departure(300.0, "a better moment is worth a later one"),
        "quiet_hours": Departure("20:00-08:00", "evenings are off"),
    },
    Preset.OFFICE: {
        "quiet_hours": Departure("20:00-07:00", "evenings are off"),
    },
    Preset.BACK_PAIN_FLARE: {
        "sitting_after_min": Departure(20.0, "short bouts, within the range of 15 to 120"),
        "shift_after_min": Departure(10.0, "the least of the range: varied sitting is the aim"),
        "slouch": Departure(False, "comfort decides how one sits in a flare, not a limit"),
        "goal": Departure(False, "no goal in a flare"),
        "little_movement": Departure(False, "as goals: the short bouts ask for enough"),
        "alerts_per_day": Departure(24, "the shorter limits need twice the room"),
        "quiet_hours": Departure("22:00-07:00", "sleep comes first"),
    },
    Preset.RESEARCH: {
        "alerts_per_day": Departure(0, "prompts change what is measured: nothing about posture"),
        "quiet_hours": Departure("22:00-07:00", "what is said about sensors can wait as well"),
    },
}


def with_preset(settings: AlertSettings, preset: Preset) -> AlertSettings:
    """`settings` with what the preset departs in."""
    return replace(settings, **{name: each.value for name, each in PRESETS[preset].items()})


def ramped(settings: AlertSettings, target: AlertSettings, days: int) -> AlertSettings:
    """What holds `days` after the start on the way to `target`: gentle first, then a third of the way each
    week; bends and twists join with the last step, all else of the target holds at once, and nothing is
    ever stricter than `target`. settings: what holds without a preset."""
    step = min(max(days, 0) // STEP_DAYS, RAMP_STEPS)
    if step == RAMP_STEPS:
        return target
    gentle = with_preset(settings, Preset.GENTLE)
    return replace(target, **{name: _between(name, gentle, target, step) for name in _RAMPED})


#: What is gentler at first. Where the target is gentler than gentle, it holds at once.
_HIGHER_IS_GENTLER = (
    "sitting_after_min", "shift_after_min", "slouch_after_s", "wait_for_pause_s",
)  # fmt: skip
_LOWER_IS_GENTLER = ("repeats", "alerts_per_day", "alerts_per_hour")
_LATER = ("held_bend", "side_bend", "twist")
_RAMPED = (*_HIGHER_IS_GENTLER, *_LOWER_IS_GENTLER, *_LATER)


def _between(name: str, gentle: AlertSettings, target: AlertSettings, step: int) -> Any:
    begin, end = getattr(gentle, name), getattr(target, name)
    if name in _LATER:
        return begin and end
    gentler = end >= begin if name in _HIGHER_IS_GENTLER else end <= begin
    if gentler:
        return end
    value = begin + (end - begin) * step / RAMP_STEPS
    return int(value) if knobs()[name].whole else float(round(value))
