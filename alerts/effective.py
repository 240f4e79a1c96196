"""What settings hold for a wearer, and where each comes from.

From below: the default; the configuration file; the preset, on its way while a new wearer is led to it;
what the wearer set; and what "that was fine" has moved, within the range of the setting.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from alerts.presets import Preset, ramped, with_preset
from alerts.settings import AlertSettings, knobs
from domain.alerts import AlertKind
from domain.errors import ConfigError
from domain.records import Adjustment


class Origin(StrEnum):
    """Where a value comes from."""

    DEFAULT = "default"
    CONFIGURATION = "configuration"
    PRESET = "preset"
    RAMP_UP = "ramp_up"
    OWN = "own"
    ADJUSTED = "adjusted"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a wearer chose. values: settings of their own by name. started_on: the local day on which the way
    to the preset began, None to have it at once."""

    preset: Preset | None = None
    started_on: date | None = None
    values: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Effective:
    """The settings that hold, and the origin of each by name."""

    settings: AlertSettings
    origins: Mapping[str, Origin]


#: By how much "that was fine" moves which setting, for the kinds whose limit is the wearer's own [J].
STEPS: Mapping[AlertKind, tuple[str, float]] = {
    AlertKind.SITTING: ("sitting_after_min", 5.0),
    AlertKind.SHIFT: ("shift_after_min", 5.0),
    AlertKind.SLOUCH: ("slouch_margin_deg", 2.0),
}


def effective(
    base: AlertSettings, choice: Choice, adjustments: Sequence[Adjustment], today: date
) -> Effective:
    """What holds on the local day `today`. base: of the configuration file. Raises ConfigError for a value
    that cannot be."""
    plain = AlertSettings()
    layers = [(Origin.DEFAULT, plain), (Origin.CONFIGURATION, base)]
    if choice.preset is not None:
        target = with_preset(base, choice.preset)
        layers.append((Origin.PRESET, target))
        if choice.started_on is not None:
            days = (today - choice.started_on).days
            layers.append((Origin.RAMP_UP, ramped(base, target, days)))
    below = layers[-1][1]
    own = own_values(choice.values or {})
    settings = replace(below, **own)
    origins = {name: _origin(name, layers) for name in knobs()} | dict.fromkeys(own, Origin.OWN)
    for name, moved in _moved(settings, adjustments).items():
        if moved != getattr(settings, name):
            settings = replace(settings, **{name: moved})
            origins[name] = Origin.ADJUSTED
    return Effective(settings, origins)


def own_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` when each is a setting that can be; numbers in the type of the setting. Raises ConfigError
    with the first that is not."""
    plain = AlertSettings()
    checked = {}
    for name, value in values.items():
        if name not in knobs():
            raise ConfigError(f"alerts.{name}", "there is no such setting")
        kept = replace(plain, **{name: value})  # checks it
        checked[name] = type(getattr(plain, name))(getattr(kept, name))
    return checked


def fine_change(settings: AlertSettings, kind: AlertKind) -> tuple[str, float] | None:
    """What "that was fine" to an alert of `kind` moves, and by how much; None when nothing, or no further."""
    if kind not in STEPS:
        return None
    name, step = STEPS[kind]
    high = knobs()[name].high or 0.0
    change = min(step, high - getattr(settings, name))
    return (name, change) if change > 0 else None


def _moved(settings: AlertSettings, adjustments: Sequence[Adjustment]) -> dict[str, Any]:
    moved: dict[str, Any] = {}
    for each in adjustments:
        knob = knobs().get(each.setting)
        if each.undone_at is None and knob and knob.low is not None and knob.high is not None:
            value = moved.get(each.setting, getattr(settings, each.setting)) + each.change
            moved[each.setting] = min(max(value, knob.low), knob.high)
    return moved


def _origin(name: str, layers: Sequence[tuple[Origin, AlertSettings]]) -> Origin:
    """The layer that last changed it."""
    found, value = layers[0][0], getattr(layers[0][1], name)
    for origin, settings in layers[1:]:
        if getattr(settings, name) != value:
            found, value = origin, getattr(settings, name)
    return found
