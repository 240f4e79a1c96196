"""The shapes of what a wearer wants of alerts."""

from datetime import date
from typing import Literal

from pydantic import Field

from alerts.effective import Origin
from alerts.presets import PRESETS, Preset
from alerts.settings import knobs
from api.answer import Answer, Time
from api.models import Wish
from api.views import rfc3339, rfc3339_or_null
from api.wishing import Wished
from domain.records import Adjustment as Made
from domain.surroundings import Surroundings

Value = bool | float | str
#: A pause ends within a week, a meeting within a day: what is forgotten comes back by itself [J].
MOST_PAUSE_MIN, MOST_MEETING_MIN = 7 * 1440, 1440


class AlertSetting(Answer):
    """One setting. low, high: its range, null for switches and words; choices: the words there are."""

    name: str
    value: Value
    origin: Origin
    own: Value | None = Field(description="what the wearer set, null when it is not theirs")
    default: Value
    kind: Literal["number", "whole", "switch", "hours", "choice"]
    low: float | None
    high: float | None
    unit: str
    choices: list[str]
    effect: str
    source: str


class PresetDeparture(Answer):
    """Where a preset departs from the defaults, and why."""

    name: str
    value: Value
    reason: str


class AlertPreset(Answer):
    """A preset."""

    name: Preset
    departures: list[PresetDeparture]


class AlertSettingsAnswer(Answer):
    """All settings as they hold now. revision: to be given back with a change."""

    wearer: str
    revision: str
    preset: Preset | None
    ramp_up_since: date | None
    ramp_up_day: int | None
    items: list[AlertSetting]
    presets: list[AlertPreset]


class SettingsWish(Wish):
    """Settings by name; null takes one back. revision: as it was read, to be told of changes since."""

    values: dict[str, Value | None] = Field(max_length=100)
    revision: str | None = Field(default=None, max_length=64)


class PresetWish(Wish):
    """A preset, or null for none. ramp_up: by and by, over three weeks."""

    preset: Preset | None
    ramp_up: bool = False


class Pause(Wish):
    """For how long to be silent."""

    minutes: int = Field(ge=1, le=MOST_PAUSE_MIN, strict=True)


class Meeting(Wish):
    """For how long the meeting is."""

    minutes: int = Field(ge=1, le=MOST_MEETING_MIN, strict=True)


class Quiet(Answer):
    """What keeps alerts back now; null where there is nothing, or nothing is known."""

    wearer: str
    paused_until: Time | None
    meeting_until: Time | None
    busy_until: Time | None
    do_not_disturb: bool | None
    screen_locked: bool | None


class Adjustment(Answer):
    """A limit that moved because an alert was fine. undone_at: null while it is in force."""

    id: str
    wearer: str
    alert: str
    setting: str
    change: float
    made_at: Time
    undone_at: Time | None


class Adjustments(Answer):
    """Adjustments, oldest first."""

    items: list[Adjustment]


def settings_model(wearer: str, wished: Wished) -> AlertSettingsAnswer:
    """All settings of a wearer."""
    own, plain = wished.choice.values or {}, wished.effective
    items = [
        AlertSetting(
            name=name,
            value=getattr(plain.settings, name),
            origin=plain.origins[name],
            own=own.get(name),
            default=getattr(type(plain.settings)(), name),
            kind=_kind(name),
            low=knob.low,
            high=knob.high,
            unit=knob.unit,
            choices=list(knob.choices),
            effect=knob.sentence,
            source=knob.source,
        )
        for name, knob in knobs().items()
    ]
    presets = [
        AlertPreset(
            name=preset,
            departures=[
                PresetDeparture(name=name, value=each.value, reason=each.reason)
                for name, each in table.items()
            ],
        )
        for preset, table in PRESETS.items()
    ]
    return AlertSettingsAnswer(
        wearer=wearer,
        revision=wished.revision,
        preset=wished.choice.preset,
        ramp_up_since=wished.choice.started_on,
        ramp_up_day=wished.days,
        items=items,
        presets=presets,
    )


def quiet_model(wearer: str, around: Surroundings) -> Quiet:
    """What keeps alerts back."""
    return Quiet(
        wearer=wearer,
        paused_until=rfc3339_or_null(around.paused_until),
        meeting_until=rfc3339_or_null(around.meeting_until),
        busy_until=rfc3339_or_null(around.busy_until),
        do_not_disturb=around.do_not_disturb,
        screen_locked=around.screen_locked,
    )


def adjustment_model(made: Made) -> Adjustment:
    """An adjustment."""
    return Adjustment(
        id=made.id,
        wearer=made.wearer,
        alert=made.alert,
        setting=made.setting,
        change=made.change,
        made_at=rfc3339(made.made_at),
        undone_at=rfc3339_or_null(made.undone_at),
    )


def _kind(name: str) -> Literal["number", "whole", "switch", "hours", "choice"]:
    knob = knobs()[name]
    if knob.hours:
        return "hours"
    if knob.choices:
        return "choice"
    if knob.low is None:
        return "switch"
    return "whole" if knob.whole else "number"
