"""What a wearer can change about alerts, with its defaults, ranges and sources."""

import math
from dataclasses import dataclass, fields
from typing import Any

from alerts.hours import windows
from alerts.knob import Knob, choice, hours, number, switch
from alerts.languages import DEFAULT, LANGUAGES
from domain.alerts import AlertKind
from domain.errors import ConfigError, InputError

_SITTING = "evidence: Diaz 2023, the 30-min bouts of Acti4"
_SHIFT = "evidence: Akkarakittichoke 2017, 2023"
_BUCKLEY = "evidence: Buckley 2015"
_REPEAT = "evidence: InfiniTime #777; the range of minutes is own judgement"
_REPEATS = "evidence: InfiniTime #777, at most twice"


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Limits of the alert policy; defaults and ranges are rows of evidence.md, section 2, or own judgement,
    as each one's `knob` says (`knobs`). Raises ConfigError with the field as its path.
    """

    sitting: bool = switch(True, "Whether sitting for long is said.", _SITTING)
    sitting_after_min: float = number(
        30.0, 15, 120, "min",
        "Minutes of sitting without a full break after which it is said.", _SITTING,
    )  # fmt: skip
    shift: bool = switch(True, "Whether sitting without a change of posture is said.", _SHIFT)
    shift_after_min: float = number(
        20.0, 10, 40, "min",
        "Minutes of sitting without a change of posture after which it is said.", _SHIFT,
    )  # fmt: skip
    slouch: bool = switch(True, "Whether a slouch is said.", "evidence: casa_slouch")
    slouch_after_s: float = number(
        30.0, 0, 600, "s",
        "Seconds beyond your slouch limit after which it is said; the configuration says from when on "
        "it is a slouch at all, 30 s unless changed.",
        "evidence: AirPosture 5 s, Lumo 120 s",
    )  # fmt: skip
    slouch_margin_deg: float = number(
        0.0, 0, 31, "deg",
        "Degrees beyond your slouch limit that are let pass; limit and margin together reach 35.",
        "evidence: slouch entry 4 to 35 deg",
    )  # fmt: skip
    held_bend: bool = switch(
        True, "Whether a bend that is held for too long is said.", "evidence: ISO 11226"
    )
    side_bend: bool = switch(
        True, "Whether bending to a side, for long or often, is said.", "evidence: EN 1005-4"
    )
    twist: bool = switch(
        True,
        "Whether twisting, for long or often, is said; it takes two sensors to know.",
        "evidence: EN 1005-4",
    )
    little_movement: bool = switch(
        True, "Whether it is said when a day has had little standing and walking.", _BUCKLEY
    )
    little_movement_at_h: float = number(
        15.0, 10, 21, "h",
        "The hour of the day from which on little movement is said: less than half of the goal by then.",
    )  # fmt: skip
    goal: bool = switch(True, "Whether it is said that a goal of the day is reached.", _BUCKLEY)
    goal_upright_h: float = number(
        2.0, 1, 4, "h", "Hours of standing and walking that are a day's goal.", _BUCKLEY
    )
    goal_shifts_per_h: float = number(
        20.0, 10, 40, "1/h",
        "Changes of posture in an hour of sitting that are a day's goal, after four such hours.",
        _SHIFT,
    )  # fmt: skip
    calibration_stale: bool = switch(
        True,
        "Whether it is said that a sensor seems to have moved and wants to be calibrated anew.",
        "evidence: Acti4",
    )
    repeat_after_min: float = number(
        10.0, 5, 60, "min",
        "Minutes after which an unanswered sitting alert is said again, and the least time between two "
        "nudges of a kind.", _REPEAT,
    )  # fmt: skip
    repeats: int = number(
        2, 0, 2, "",
        "How often an unanswered sitting alert is said again before it is given up.", _REPEATS,
        whole=True,
    )  # fmt: skip
    alerts_per_day: int = number(
        12, 0, 60, "",
        "How many alerts about posture may open in a day; their repeats are not counted, 0 is silence.",
        "own judgement, against fatigue", whole=True,
    )  # fmt: skip
    alerts_per_hour: int = number(
        4, 1, 20, "", "How many of them may open within an hour.", whole=True
    )
    wait_for_pause_s: float = number(
        120.0, 0, 600, "s",
        "Seconds for which what can wait waits for a natural pause, as a movement; 0 is not at all.",
        "evidence: Compernolle 2021, few prompts are followed; the figure is own judgement",
    )  # fmt: skip
    work_hours: str = hours(
        "Hours in which alerts are said, as `mon-fri 09:00-17:30`; empty is at any time."
    )
    quiet_hours: str = hours("Hours in which nothing is said, as `22:00-07:00`; empty is none.")
    heed_do_not_disturb: bool = switch(
        True, "Whether nothing is said while your desktop asks not to be disturbed."
    )
    heed_screen_lock: bool = switch(True, "Whether nothing is said while your screen is locked.")
    battery_low_percent: float = number(
        15.0, 0, 50, "%",
        "A sensor's battery at this level or below is told once a discharge; 0 is never.",
    )  # fmt: skip
    sensor_lost_after_min: float = number(
        30.0, 0, 720, "min",
        "Minutes after which a sensor that is not heard is told, in hours in which you usually wear it; "
        "0 is never.",
    )  # fmt: skip
    not_worn_after_min: float = number(
        60.0, 0, 720, "min",
        "Minutes after which it is told that your sensors are heard and not worn, in hours in which you "
        "usually wear them; 0 is never.",
    )  # fmt: skip

    language: str = choice(DEFAULT, tuple(LANGUAGES), "The language of alerts and of the page.")

    def __post_init__(self) -> None:
        for name, knob in knobs().items():
            _check(name, getattr(self, name), knob)

    @property
    def sitting_limit_s(self) -> int:
        """`sitting_after_min` in seconds."""
        return round(self.sitting_after_min * 60)

    @property
    def shift_limit_s(self) -> int:
        """`shift_after_min` in seconds."""
        return round(self.shift_after_min * 60)

    @property
    def repeat_after_s(self) -> int:
        """`repeat_after_min` in seconds."""
        return round(self.repeat_after_min * 60)

    @property
    def sensor_lost_s(self) -> int:
        """`sensor_lost_after_min` in seconds."""
        return round(self.sensor_lost_after_min * 60)

    @property
    def not_worn_s(self) -> int:
        """`not_worn_after_min` in seconds."""
        return round(self.not_worn_after_min * 60)

    def wants(self, kind: AlertKind) -> bool:
        """Whether alerts of this kind are switched on."""
        limit = _OFF_AT_ZERO.get(kind)
        return getattr(self, limit) > 0 if limit else bool(getattr(self, kind.value))


@dataclass(frozen=True, slots=True)
class BreakLimits:
    """Upright seconds that make a break: the analysis's own (row "a break counts"), so that both
    mean the same by the word. partial_s pauses the sitting clock, full_s restarts it."""

    partial_s: float = 60.0
    full_s: float = 300.0


BREAKS = BreakLimits()


def knobs() -> dict[str, Knob]:
    """Every setting by name, in order."""
    return _KNOBS


def _check(name: str, value: Any, knob: Knob) -> None:
    path = f"alerts.{name}"
    if knob.hours:
        if not isinstance(value, str):
            raise ConfigError(path, f"{value!r} are no hours")
        try:
            windows(value)
        except InputError as error:
            raise ConfigError(path, str(error)) from error
    elif knob.choices:
        if value not in knob.choices:
            what = f"no {name} {value!r}; there are {', '.join(knob.choices)}"
            raise ConfigError(path, what)
    elif knob.low is None or knob.high is None:
        if not isinstance(value, bool):
            raise ConfigError(path, f"{value!r} is neither true nor false")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(path, f"{value!r} is no number")
    elif not math.isfinite(value) or not knob.low <= value <= knob.high:
        unit = f" {knob.unit}" if knob.unit else ""
        raise ConfigError(path, f"{value:g} is not in {knob.low:g} to {knob.high:g}{unit}")
    elif knob.whole and value != int(value):
        raise ConfigError(path, f"{value:g} is no whole number")


_KNOBS: dict[str, Knob] = {each.name: each.metadata["knob"] for each in fields(AlertSettings)}
_OFF_AT_ZERO = {
    AlertKind.LOW_BATTERY: "battery_low_percent",
    AlertKind.SENSOR_LOST: "sensor_lost_after_min",
    AlertKind.NOT_WORN: "not_worn_after_min",
}
