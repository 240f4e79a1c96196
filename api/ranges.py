"""Ranges of time in requests, and the resolution that fits one."""

import math
from typing import Annotated, TypeAlias

from fastapi import Query
from pydantic import AwareDatetime

from domain.errors import InputError
from storage.contract import RESOLUTIONS_S

Start: TypeAlias = Annotated[AwareDatetime, Query(description="RFC 3339, included")]
End: TypeAlias = Annotated[AwareDatetime, Query(description="RFC 3339, not included")]

#: Most rows of one answer when the resolution is forced: a day of seconds and the hour that clocks add.
MOST_ROWS = 90_000
COARSEST_S = max(RESOLUTIONS_S)


def whole_range(start: AwareDatetime, end: AwareDatetime) -> tuple[int, int]:
    """[start, end) in whole Unix seconds, widened to them. Raises InputError when it is empty."""
    begin, until = math.floor(start.timestamp()), math.ceil(end.timestamp())
    if until <= begin:
        raise InputError("the range is empty: end is not after start")
    return begin, until


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
