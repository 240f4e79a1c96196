"""Ranges of time in requests, and the resolution that fits one."""

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, TypeAlias

from fastapi import Query
from pydantic import AwareDatetime, BeforeValidator, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from domain.errors import InputError
from domain.readings import MINUTE_S
from storage.contract import RESOLUTIONS_S

#: RFC 3339, section 5.6. Pydantic alone also takes Unix numbers.
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _checked_time(text: object) -> object:
    if not (isinstance(text, str) and _RFC3339.fullmatch(text)):
        raise PydanticCustomError(
            "time", "Input should be an RFC 3339 time, such as 2026-11-22T10:15:00Z (+ is %2B)"
        )
    return text


def _day(text: object) -> date | Literal["today"]:
    if text == "today":
        return "today"
    try:
        if isinstance(text, str) and _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # the 30th of February: told like anything else that is no day
    raise PydanticCustomError("day", "Input should be a day, such as 2026-11-22, or today")


Time: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_checked_time)]
Start: TypeAlias = Annotated[Time, Query(description="RFC 3339, included")]
End: TypeAlias = Annotated[Time, Query(description="RFC 3339, not included")]
Day: TypeAlias = Annotated[
    date | Literal["today"],
    PlainValidator(_day),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "const": "today"}]}
    ),
]

#: Most rows of one answer when the resolution is forced: a day of seconds and the hour that clocks add.
MOST_ROWS = 90_000
#: Most days of one answer: ten years and some.
MOST_DAYS = 3700
COARSEST_S = max(RESOLUTIONS_S)
#: No sensor has measured before, no calendar here reaches further.
FIRST_YEAR, LAST_YEAR = 1970, 2200


#: Rows of a series: at least, at the most, and where nothing is said.
FEWEST_POINTS, MOST_POINTS, USUAL_POINTS = 10, 5000, 300


@dataclass(frozen=True, slots=True)
class AskedRange:
    """[start, end) in whole Unix seconds and a resolution. else_s: one to fall back on."""

    start: int
    end: int
    resolution_s: int
    else_s: int | None


def asked_range(
    start: AwareDatetime, end: AwareDatetime, points: int, resolution_s: int | None
) -> AskedRange:
    """What is served of a series, at `resolution_s` or the finest that needs at most `points` rows.

    Raises InputError.
    """
    begin, until = whole_range(start, end)
    if resolution_s is not None:
        return AskedRange(begin, until, checked_resolution(begin, until, resolution_s), None)
    chosen_s = fitting_resolution(begin, until, points)
    # Seconds are pruned after a while, minutes are kept for ever.
    return AskedRange(begin, until, chosen_s, MINUTE_S if chosen_s == 1 else None)


def whole_range(start: AwareDatetime, end: AwareDatetime) -> tuple[int, int]:
    """[start, end) in whole Unix seconds, widened to them. Raises InputError when it is empty or absurd."""
    for moment in (start, end):
        checked_year(moment)
    begin, until = math.floor(start.timestamp()), math.ceil(end.timestamp())
    if until <= begin:
        raise InputError("the range is empty: end is not after start")
    return begin, until


def whole_days(first: date, last: date) -> tuple[date, date]:
    """[first, last) of local days. Raises InputError when it is empty or absurd."""
    for day in (first, last):
        checked_year(day)
    if last <= first:
        raise InputError("the range is empty: end is not after start")
    if (last - first).days > MOST_DAYS:
        raise InputError(f"the range has more than {MOST_DAYS} days")
    return first, last


def checked_year(day: date) -> None:
    """Raises InputError for a time that cannot be meant."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InputError(f"the year {day.year} is not in {FIRST_YEAR} to {LAST_YEAR}")


def fitting_resolution(start: int, end: int, points: int) -> int:
    """The finest of RESOLUTIONS_S that needs at most `points` rows; the coarsest when none does.

    Raises InputError when even that is more than MOST_ROWS.
    """
    for resolution_s in sorted(RESOLUTIONS_S):
        if rows(start, end, resolution_s) <= points:
            return resolution_s
    return checked_resolution(start, end, COARSEST_S)


def checked_resolution(start: int, end: int, resolution_s: int) -> int:
    """`resolution_s` when it can be served for this range. Raises InputError."""
    if resolution_s not in RESOLUTIONS_S:
        known = ", ".join(map(str, sorted(RESOLUTIONS_S)))
        raise InputError(f"resolution_s is one of {known}")
    if rows(start, end, resolution_s) > MOST_ROWS:
        raise InputError(f"the range has more than {MOST_ROWS} rows at this resolution")
    return resolution_s


def rows(start: int, end: int, resolution_s: int) -> int:
    """How many aligned buckets [start, end) touches."""
    return -(-end // resolution_s) - start // resolution_s
