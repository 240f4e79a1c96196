"""What a wearer can change about alerts, with its defaults and ranges."""

import math
from dataclasses import dataclass

from alerts.languages import DEFAULT, LANGUAGES
from domain.errors import ConfigError


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Limits of the alert policy; defaults and ranges are rows of evidence.md, section 2.

    sitting_after_min: speak after this much sitting (row "sitting alert after").
    repeat_after_min, repeats: an unanswered sitting alert is said again (row "repeat if ignored";
    its range of minutes is our own judgement).
    alerts_per_day: how many alerts of all kinds may open in a local day (row "alerts a day"); the
    repeats of an alert belong to it.
    battery_low_percent: speak of a sensor's battery at this level or below; 0 is never.
    sensor_lost_after_min: speak of a sensor that has not been heard for so long while it is expected;
    0 is never. Both are our own judgement, and not counted among the day's alerts.
    language: what is said is said in this one, by its code in `alerts.languages`.
    Raises ConfigError with the field as its path.
    """

    sitting_after_min: float = 30.0
    repeat_after_min: float = 10.0
    repeats: int = 2
    alerts_per_day: int = 12
    battery_low_percent: float = 15.0
    sensor_lost_after_min: float = 30.0
    language: str = DEFAULT

    def __post_init__(self) -> None:
        for name, low, high, unit in _RANGES:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ConfigError(f"alerts.{name}", f"{value!r} is no number")
            if not math.isfinite(value) or not low <= value <= high:
                raise ConfigError(
                    f"alerts.{name}", f"{value:g} is not in {low:g} to {high:g}{unit}"
                )
            if name in _WHOLE and value != int(value):
                raise ConfigError(f"alerts.{name}", f"{value:g} is no whole number")
        if self.language not in LANGUAGES:
            raise ConfigError(
                "alerts.language",
                f"no language {self.language!r}; there are {', '.join(LANGUAGES)}",
            )

    @property
    def sitting_limit_s(self) -> int:
        """`sitting_after_min` in seconds."""
        return round(self.sitting_after_min * 60)

    @property
    def repeat_after_s(self) -> int:
        """`repeat_after_min` in seconds."""
        return round(self.repeat_after_min * 60)

    @property
    def sensor_lost_s(self) -> int:
        """`sensor_lost_after_min` in seconds."""
        return round(self.sensor_lost_after_min * 60)


@dataclass(frozen=True, slots=True)
class BreakLimits:
    """Upright seconds that make a break: the analysis's own (row "a break counts"), so that both
    mean the same by the word. partial_s pauses the sitting clock, full_s restarts it."""

    partial_s: float = 60.0
    full_s: float = 300.0


BREAKS = BreakLimits()

_RANGES: tuple[tuple[str, float, float, str], ...] = (
    ("sitting_after_min", 15, 120, " min"),
    ("repeat_after_min", 5, 60, " min"),
    ("repeats", 0, 2, ""),
    ("alerts_per_day", 0, 60, ""),
    ("battery_low_percent", 0, 50, " %"),
    ("sensor_lost_after_min", 0, 720, " min"),
)
_WHOLE = ("repeats", "alerts_per_day")
