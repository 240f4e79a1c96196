"""Hours of the week as a wearer writes them: `mon-fri 09:00-17:30, sat 10:00-12:00`.

Each window is days (left away: every day) and two times of the wearer's clock; one that ends no later
than it begins goes on over midnight and belongs to the day on which it begins. `24:00` is the end of a
day. What counts is what the clock on the wall shows: an hour that a change of the clocks leaves out is
not waited for, one that comes twice counts twice.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from domain.errors import InputError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 24 * 60
#: As many windows as anybody needs, so that no setting grows without end [J].
MOST_WINDOWS = 28

_WINDOW = re.compile(
    r"(?:(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? +)?"
    r"(?P<from_h>\d\d):(?P<from_m>\d\d)-(?P<to_h>\d\d):(?P<to_m>\d\d)"
)


@dataclass(frozen=True, slots=True)
class Window:
    """From minute `start` of the days in `days` (0 is Monday) up to minute `end`, of the next day when that
    is not later."""

    days: frozenset[int]
    start: int
    end: int

    def covers(self, local: datetime) -> bool:
        """Whether the clock shows a time in it."""
        minute, today = local.hour * 60 + local.minute, local.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= minute < self.end
        yesterday = (today - 1) % 7
        return (today in self.days and minute >= self.start) or (
            yesterday in self.days and minute < self.end
        )


def within(text: str, local: datetime) -> bool:
    """Whether `local`, a time of the wearer's clock, lies in one of the windows of `text`; never for an
    empty one. Raises InputError as `windows`."""
    return any(window.covers(local) for window in windows(text))


@lru_cache(maxsize=256)
def windows(text: str) -> tuple[Window, ...]:
    """The windows that `text` names, none for an empty one. Raises InputError, which says how to write it."""
    parts = [part.strip().lower() for part in text.split(",")] if text.strip() else []
    if len(parts) > MOST_WINDOWS:
        raise InputError(f"{len(parts)} windows are more than {MOST_WINDOWS}")
    return tuple(_window(part) for part in parts)


def _window(part: str) -> Window:
    match = _WINDOW.fullmatch(part)
    if match is None:
        raise InputError(
            f"{part!r} is no window; write it as `mon-fri 09:00-17:30` or `22:00-07:00`"
        )
    start = _minute(match["from_h"], match["from_m"], part)
    end = _minute(match["to_h"], match["to_m"], part)
    if start in (DAY_MIN, end):
        raise InputError(f"{part!r} has no length; a whole day is `00:00-24:00`")
    return Window(_days(match["first"], match["last"], part), start, end)


def _minute(hour: str, minute: str, part: str) -> int:
    value = int(hour) * 60 + int(minute)
    if int(minute) > 59 or value > DAY_MIN:
        raise InputError(f"{part!r} has a time that no clock shows")
    return value


def _days(first: str | None, last: str | None, part: str) -> frozenset[int]:
    if first is None:
        return frozenset(range(7))
    for name in (first, last or first):
        if name not in DAYS:
            raise InputError(f"{part!r} names no day of the week; they are {', '.join(DAYS)}")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return frozenset((begin + n) % 7 for n in range((end - begin) % 7 + 1))
