"""What is remembered of a wearer's sensors between seconds, and its saved form."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from alerts.memory import (
    Memory,
    exactly,
    maybe,
    memory_bytes,
    memory_from,
    number,
    table,
    typed,
)
from domain.errors import StateError

VERSION = 2
#: A day has so many slots of a quarter of an hour; what a wearer does comes no more punctual.
SLOTS = 96
#: Days that habits are read from, and the least number of them that make a habit (own judgement).
HABIT_DAYS, LEAST_HABIT_DAYS = 7, 3
#: Until then a sensor is taken to be worn from 8 to 20 o'clock (own judgement).
DAYTIME_SLOTS = range(8 * 4, 20 * 4)


@dataclass(slots=True)
class Habit:
    """When in the day one sensor is heard while it is worn: by local day, a bit for each slot."""

    days: dict[date, int] = field(default_factory=dict)

    def note(self, day: date, slot: int) -> None:
        """It is heard now."""
        self.days[day] = self.days.get(day, 0) | 1 << slot
        for old in sorted(self.days)[: -HABIT_DAYS - 1]:
            del self.days[old]

    def usual(self, day: date, slot: int) -> bool:
        """Whether it was heard in this slot on the last days before `day` on which it was worn at all,
        one of them excepted; whether it is daytime while there are too few of them to tell."""
        past = [bits >> slot & 1 for known, bits in sorted(self.days.items()) if known < day]
        if len(past) < LEAST_HABIT_DAYS:
            return slot in DAYTIME_SLOTS
        return sum(past[-HABIT_DAYS:]) >= len(past[-HABIT_DAYS:]) - 1


@dataclass(slots=True)
class Remembered:
    """One sensor. heard_at: its last sample, Unix s; heard_on: the local day of it. lost_told, low_told:
    its silence, its low battery was spoken of. low_since: when the battery was first seen low. worn_on: the
    last local day on which it was heard and its wearer was not known to wear nothing."""

    heard_at: float | None = None
    heard_on: date | None = None
    lost_told: bool = False
    low_told: bool = False
    low_since: float | None = None
    worn_on: date | None = None
    habit: Habit = field(default_factory=Habit)


@dataclass(slots=True)
class SensorMemory:
    """Everything the watch must not forget over a restart. spoken: its alerts, and what was said. off_s:
    seconds of the present stretch in which nothing was worn and something was expected to be; off_told:
    that was spoken of."""

    spoken: Memory = field(default_factory=Memory)
    sensors: dict[str, Remembered] = field(default_factory=dict)
    off_s: float = 0.0
    off_told: bool = False


def sensor_memory_bytes(wearer: str, memory: SensorMemory) -> bytes:
    """`memory` as bytes that `sensor_memory_from` reads; the same memory gives the same bytes."""
    rows = {
        "version": VERSION,
        "spoken": json.loads(memory_bytes(wearer, memory.spoken)),
        "sensors": {key: _row(sensor) for key, sensor in memory.sensors.items()},
        "off_s": memory.off_s,
        "off_told": memory.off_told,
    }
    return json.dumps(rows, sort_keys=True).encode()


def sensor_memory_from(wearer: str, state: bytes) -> SensorMemory:
    """What `sensor_memory_bytes` saved. Raises StateError for anything else, or another wearer's."""
    try:
        rows = json.loads(state)
    except (ValueError, RecursionError) as error:
        raise StateError(f"sensor state of {wearer!r} is damaged: {error}") from error
    if isinstance(rows, dict) and rows.get("version") == 1:
        rows = {"off_s": 0.0, "off_told": False, **rows, "version": VERSION}
    if not isinstance(rows, dict) or rows.get("version") != VERSION:
        raise StateError(f"sensor state of {wearer!r} is not of version {VERSION}")
    spoken = memory_from(wearer, json.dumps(rows.get("spoken")).encode())
    try:
        sensors = {key: _remembered(row) for key, row in table(rows["sensors"]).items()}
        off_s, off_told = number(rows["off_s"]), typed(bool, rows["off_told"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise StateError(f"sensor state of {wearer!r} is damaged: {error!r}") from error
    return SensorMemory(spoken, sensors, off_s, off_told)


def _row(sensor: Remembered) -> dict[str, Any]:
    row = {f.name: getattr(sensor, f.name) for f in fields(sensor)}
    for name, day in (("heard_on", sensor.heard_on), ("worn_on", sensor.worn_on)):
        row[name] = None if day is None else day.isoformat()
    row["habit"] = {day.isoformat(): bits for day, bits in sensor.habit.days.items()}
    return row


def _remembered(row: object) -> Remembered:
    values = exactly(Remembered, {"worn_on": None, **table(row)})  # states of before have none
    heard_on, worn_on = values["heard_on"], values["worn_on"]
    return Remembered(
        heard_at=maybe(values["heard_at"]),
        heard_on=None if heard_on is None else date.fromisoformat(heard_on),
        lost_told=typed(bool, values["lost_told"]),
        low_told=typed(bool, values["low_told"]),
        low_since=maybe(values["low_since"]),
        worn_on=None if worn_on is None else date.fromisoformat(worn_on),
        habit=Habit(_days(table(values["habit"]))),
    )


def _days(rows: Mapping[str, Any]) -> dict[date, int]:
    days = {date.fromisoformat(day): typed(int, bits) for day, bits in rows.items()}
    if any(not 0 <= bits < 1 << SLOTS for bits in days.values()):
        raise ValueError("a day has other slots")
    return days
