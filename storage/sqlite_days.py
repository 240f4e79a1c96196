"""Days in the embedded store: those that were kept, and those that are summed up on the spot."""

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Final

import apsw
import numpy as np

from domain.episodes import EpisodeKind
from storage import exposed, frames, kept_days
from storage.day_sums import (
    COLUMNS,
    HOURLY,
    DayParts,
    DaySums,
    DayTable,
    Number,
    WeekHours,
    days_between,
    local_days,
    sum_up_day,
)
from storage.days import day_bounds
from storage.rollups import MINUTE_S

#: So many days that are not kept are summed up while somebody waits, the newest ones: today, and yesterday
#: until it is kept. Others are said to be pending.
MOST_AT_ONCE: Final = 4
#: A day is kept so long after its end, since what comes last comes late.
SETTLES_S: Final = 900

#: The kinds of which a day counts how long they were.
_COUNTED: Final = tuple(each for each in EpisodeKind if each is not EpisodeKind.NOT_WORN)

_SPAN = (
    "SELECT (SELECT min(time) FROM minutes WHERE wearer = ?1),"
    " (SELECT max(time) FROM minutes WHERE wearer = ?1)"
)


class SqliteDays(DayParts):
    """The half of SqliteReader that is about many days; any thread may call."""

    @abstractmethod
    def _snapshot(self) -> AbstractContextManager[apsw.Connection]: ...

    def days(self, wearer: str, first: date, last: date, timezone: str) -> DayTable:
        """See Store.days."""
        span = self._span(wearer, first, last, timezone)
        with self._snapshot() as connection:
            bounds = _bounds(*span, timezone)
            days, rows = kept_days.read_sums(connection, wearer, timezone, *bounds)
        found: dict[date, Sequence[Number]] = dict(zip(days, rows, strict=True))
        missing = [day for day in days_between(*span) if day not in found]
        found.update((sums.day, sums.values) for sums in self._now(wearer, missing, timezone))
        ordered = sorted(found)
        values = [found[day] for day in ordered]
        columns = zip(*values, strict=True) if values else ((),) * len(COLUMNS)
        return DayTable(
            wearer=wearer,
            timezone=timezone,
            days=tuple(ordered),
            columns=dict(zip(COLUMNS, columns, strict=True)),
            pending=max(len(missing) - MOST_AT_ONCE, 0),
        )

    def week_hours(self, wearer: str, first: date, last: date, timezone: str) -> WeekHours:
        """See Store.week_hours."""
        span = self._span(wearer, first, last, timezone)
        with self._snapshot() as connection:
            bounds = _bounds(*span, timezone)
            days, hours = kept_days.read_hours(connection, wearer, timezone, *bounds)
        there = set(days)
        missing = [day for day in days_between(*span) if day not in there]
        for sums in self._now(wearer, missing, timezone):
            days.append(sums.day)
            hours = np.concatenate([hours, sums.hours[None]])
        weekdays = np.array([day.weekday() for day in days], dtype=np.int64)
        week = np.zeros((7, len(HOURLY), 24), dtype=np.int64)
        np.add.at(week, weekdays, hours)
        worn = hours[:, HOURLY.index("known_s")].any(axis=1)
        return WeekHours(
            wearer=wearer,
            timezone=timezone,
            days=tuple(np.bincount(weekdays[worn], minlength=7).tolist()),
            sums={name: week[:, i] for i, name in enumerate(HOURLY)},
            pending=max(len(missing) - MOST_AT_ONCE, 0),
        )

    def exposed(self, wearer: str, start: int, end: int) -> tuple[int, ...]:
        """How many seconds of [start, end) this file has, and `storage.exposed.EXPOSED` of them."""
        with self._snapshot() as connection:
            key = frames.wearer_key(connection, wearer)
            return exposed.count_exposed(connection, key, start, end)

    def minutes_span(self, wearer: str) -> tuple[int, int] | None:
        """Where the first minute that is stored begins, and the last one ends; None without any."""
        with self._snapshot() as connection:
            key = frames.wearer_key(connection, wearer)
            first, last = connection.execute(_SPAN, (key,)).fetchall()[0]
        if not isinstance(first, int) or not isinstance(last, int):
            return None
        return first, last + MINUTE_S

    def due_days(self, wearer: str, timezone: str, now: float) -> list[tuple[date, int, int]]:
        """Days that are over and not kept as they are now, in order, each with its bounds, Unix s."""
        span = self.minutes_span(wearer)
        if span is None:
            return []
        since, last = local_days(span[0], span[1] - 1, timezone)
        settled = local_days(int(now - SETTLES_S), int(now - SETTLES_S), timezone)[0]
        until = min(settled, last + timedelta(days=1))
        if until > last and self._goes_on(wearer, last, timezone):
            until = last
        with self._snapshot() as connection:
            bounds = _bounds(since, until, timezone)
            good = kept_days.good_days(connection, wearer, timezone, *bounds)
        return [
            (day, *day_bounds(day, timezone))
            for day in days_between(since, until)
            if day not in good
        ]

    def _goes_on(self, wearer: str, day: date, timezone: str) -> bool:
        """Whether an episode of the day is open: it is as long as there are data, and closes with some."""
        episodes = self.episodes(wearer, *day_bounds(day, timezone), _COUNTED)
        return any(episode.open for episode in episodes)

    def _now(self, wearer: str, missing: list[date], timezone: str) -> list[DaySums]:
        """The newest of the days that are missing."""
        return [sum_up_day(self, wearer, day, timezone) for day in missing[-MOST_AT_ONCE:]]

    def _span(self, wearer: str, first: date, last: date, timezone: str) -> tuple[date, date]:
        """[first, last), cut to the days from the first to the last minute that is stored."""
        stored = self.minutes_span(wearer)
        if stored is None:
            return first, first
        since, until = local_days(stored[0], stored[1] - 1, timezone)
        start = max(first, since)
        return start, max(start, min(last, until + timedelta(days=1)))


def _bounds(first: date, last: date, timezone: str) -> tuple[int, int]:
    return day_bounds(first, timezone)[0], day_bounds(last, timezone)[0]
