"""All of one store into another, whatever keeps them: only what the contract says is used.

A day of a wearer or a sensor is one transaction, and is left out when both stores have the same of it:
so a copy that was broken off goes on where it was, and one that is whole is not written again.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from service.tally import (
    ALL,
    SensorDay,
    Tallies,
    Tally,
    WearerDay,
    record_tallies,
    sensor_day,
    sensor_days,
    wearer_day,
    wearer_days,
)
from storage.contract import Batch, Store, StoreReader

#: The kinds of rows in the order in which they are told.
KINDS: Final = (
    "seconds", "minutes", "episodes", "alerts", "contexts", "readings", "raw samples", "wearers",
    "sensors", "assignments", "calibrations", "diary entries", "settings", "tokens", "audit entries",
    "saved states", "deliveries", "decisions", "adjustments",
)  # fmt: skip

Told = Callable[[float, float], None]
Arrived = Callable[[Callable[[float], None]], StoreReader]


@dataclass(frozen=True, slots=True)
class Copied:
    """How it came out. written_days: days that were not the same yet; source, target: by KINDS, of all
    the days and records that the source has."""

    written_days: int
    source: dict[str, Tally]
    target: dict[str, Tally]

    @property
    def differing(self) -> tuple[str, ...]:
        """The kinds whose count or sum is not the same in both."""
        return tuple(kind for kind in KINDS if self.source[kind] != self.target[kind])


def copy_store(
    source: StoreReader,
    target: Store,
    *,
    now: float,
    told: Told = lambda done, of: None,
    arrived: Arrived | None = None,
) -> Copied:
    """Bring all that `source` has into `target`, then read both again and compare.

    arrived: called when all is written, where that is then on its way to somewhere else, with told(part) for
    0 to 1 of it; returns, when it is there, what it is to be read from. What `target` has of other days and
    wearers stays; where both have the same row, that of `source`
    takes its place. now: Unix s. Raises StoreError; what was done until then is done.
    """
    _copy_records(source, target)
    _copy_deliveries(source, target, now)
    worn, heard = wearer_days(source), sensor_days(source)
    under_way = len(worn) if arrived is not None else 0
    steps, done, written = 2 * (len(worn) + len(heard)) + under_way, 0, 0
    for wearer, start in worn:
        written += _copy_wearer_day(source, target, wearer, start, now)
        done += 1
        told(done, steps)
    for sensor, start in heard:
        written += _copy_sensor_day(source, target, sensor, start, now)
        done += 1
        told(done, steps)
    states = source.states()
    if states != target.states():
        target.write(Batch(states=states), now=now)
    compared: tuple[StoreReader, StoreReader] = (source, target)
    if arrived is not None:
        compared = (source, arrived(lambda part: told(done + part * under_way, steps)))
        done += under_way
    found: tuple[dict[str, Tally], dict[str, Tally]] = ({}, {})
    for tallies, store in zip(found, compared, strict=True):
        tallies |= dict.fromkeys(KINDS, Tally())
        _add(tallies, record_tallies(store, source.spans()))
    for wearer, start in worn:
        for tallies, store in zip(found, compared, strict=True):
            _add(tallies, wearer_day(store, wearer, start).tallies())
        done += 1
        told(done, steps)
    for sensor, start in heard:
        for tallies, store in zip(found, compared, strict=True):
            _add(tallies, sensor_day(store, sensor, start).tallies())
        done += 1
        told(done, steps)
    return Copied(written, *found)


def _copy_wearer_day(
    source: StoreReader, target: Store, wearer: str, start: int, now: float
) -> bool:
    day: WearerDay = wearer_day(source, wearer, start)
    if wearer_day(target, wearer, start).tallies() == day.tallies():
        return False
    target.write(
        Batch(
            frames=(day.frames,),
            minutes=(day.minutes,),
            episodes=tuple(day.episodes),
            alerts=tuple(day.alerts),
            contexts=tuple(day.contexts),
        ),
        now=now,
    )
    return True


def _copy_sensor_day(
    source: StoreReader, target: Store, sensor: str, start: int, now: float
) -> bool:
    day: SensorDay = sensor_day(source, sensor, start)
    if sensor_day(target, sensor, start).tallies() == day.tallies():
        return False
    target.write(Batch(readings=tuple(day.readings), samples=tuple(day.samples)), now=now)
    return True


def _copy_deliveries(source: StoreReader, target: Store, now: float) -> None:
    for wearer in source.spans():
        told = source.deliveries(wearer, limit=ALL)
        if told != target.deliveries(wearer, limit=ALL):
            target.write(Batch(deliveries=tuple(told)), now=now)
        decided = source.decisions(wearer, -ALL, ALL, limit=ALL)
        if decided != target.decisions(wearer, -ALL, ALL, limit=ALL):
            target.write(Batch(decisions=tuple(decided)), now=now)


def _copy_records(source: StoreReader, target: Store) -> None:
    """Those that the target does not have as they are."""
    there = target.wearers()
    for wearer in source.wearers():
        if wearer not in there:
            target.put_wearer(wearer)
    target.put_assignments(source.assignments())
    paired = target.sensors()
    for sensor in source.sensors():
        if sensor not in paired:
            worn = [each for each in source.assignments(sensor.id) if each.open]
            target.put_sensor(sensor, since=worn[0].since if worn else sensor.paired_at)
    calibrations = target.calibrations()
    for calibration in source.calibrations():
        if calibration not in calibrations:
            target.add_calibration(calibration)
    for wearer_id in source.spans():
        written = target.diary(wearer_id, -ALL, ALL)
        for entry in source.diary(wearer_id, -ALL, ALL):
            if entry not in written:
                target.put_diary_entry(entry)
    adjustments = target.adjustments()
    for adjustment in source.adjustments():
        if adjustment not in adjustments:
            target.put_adjustment(adjustment)
    settings, tokens = target.settings(), target.tokens()
    for setting in source.settings():
        if setting not in settings:
            target.put_setting(setting)
    for token in source.tokens():
        if token not in tokens:
            target.put_token(token)
    noted = Counter(target.audit(limit=ALL))
    for note in source.audit(limit=ALL)[::-1]:
        noted[note] -= 1
        if noted[note] < 0:
            target.add_audit(note)


def _add(tallies: dict[str, Tally], more: Tallies) -> None:
    for kind, tally in more.items():
        tallies[kind] += tally
