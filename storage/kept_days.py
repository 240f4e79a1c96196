"""Days that are over, summed up once and kept, so that years are read as fast as weeks.

A row counts the changes of what its day is made of (`changes`), and says of which count its sums are
(`kept`): whatever is written into the past makes them differ (`storage.touched_days`), in the transaction
that writes it, and the day is then summed up again. Nothing here is the only copy of anything but the
exposure of seconds that were pruned meanwhile, which goes on from one sum to the next.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import apsw
import numpy as np
from numpy.typing import NDArray

from storage.day_sums import COLUMNS, HOURLY, DaySums
from storage.exposed import EXPOSED

#: Which COLUMNS and HOURLY a row has; days of another form are summed up again.
FORM: Final = 1
#: No hour of a clock has more than 7200 s in a day.
_HOURS: Final = "<u2"
_GOOD = f"timezone = ? AND kept = changes AND form = {FORM}"


@dataclass(frozen=True, slots=True)
class Begun:
    """A day that is being summed up. changes: as they were before its parts were read. before: its EXPOSED
    as they were kept last, empty when they never were."""

    day: date
    changes: int
    before: tuple[float | int | None, ...]


def good_days(
    connection: apsw.Connection, wearer: str, timezone: str, start: int, end: int
) -> set[date]:
    """The days that begin in [start, end) and are kept as they are now."""
    rows = connection.execute(
        f"SELECT day FROM kept_days WHERE wearer = ? AND start >= ? AND start < ? AND {_GOOD}",
        (wearer, start, end, timezone),
    )
    return {date.fromisoformat(str(day)) for (day,) in rows}


def begin(
    connection: apsw.Connection,
    wearer: str,
    timezone: str,
    days: Sequence[tuple[date, int, int]],
) -> list[Begun]:
    """Note that days, each with its bounds, are going to be summed up; those of another zone go."""
    connection.execute(
        "DELETE FROM kept_days WHERE wearer = ? AND timezone <> ?", (wearer, timezone)
    )
    out = []
    for day, start, end in days:
        connection.execute(
            "INSERT OR IGNORE INTO kept_days VALUES (?, ?, ?, ?, ?, 0, NULL, ?, '', x'')",
            (wearer, start, end, day.isoformat(), timezone, FORM),
        )
        changes, form, sums = connection.execute(
            "SELECT changes, form, sums FROM kept_days WHERE wearer = ? AND start = ?",
            (wearer, start),
        ).fetchall()[0]
        before = json.loads(str(sums))[-len(EXPOSED) :] if sums and form == FORM else ()
        out.append(Begun(day, int(str(changes)), tuple(before)))
    return out


def put(connection: apsw.Connection, wearer: str, begun: Begun, sums: DaySums) -> None:
    """Keep the sums, unless something of the day was written since it was begun."""
    values = with_exposure(sums, begun.before).values
    connection.execute(
        "UPDATE kept_days SET kept = changes, form = ?, sums = ?, hours = ?"
        " WHERE wearer = ? AND start = ? AND changes = ?",
        (
            FORM, json.dumps(values), sums.hours.astype(_HOURS).tobytes(), wearer, sums.start,
            begun.changes,
        ),
    )  # fmt: skip


def with_exposure(sums: DaySums, before: tuple[float | int | None, ...]) -> DaySums:
    """The sums, with the exposure that was kept before where seconds have been pruned since."""
    if sums.whole or not before:
        return sums
    return replace(sums, values=(*sums.values[: len(COLUMNS) - len(EXPOSED)], *before))


def read_sums(
    connection: apsw.Connection, wearer: str, timezone: str, start: int, end: int
) -> tuple[list[date], list[list[Any]]]:
    """The good days that begin in [start, end), in order, and the COLUMNS of each."""
    days, texts = _read(connection, "sums", wearer, timezone, start, end)
    return days, json.loads(f"[{','.join(texts)}]")


def read_hours(
    connection: apsw.Connection, wearer: str, timezone: str, start: int, end: int
) -> tuple[list[date], NDArray[np.int64]]:
    """The same, and HOURLY of each: (days, 4, 24)."""
    days, blobs = _read(connection, "hours", wearer, timezone, start, end)
    hours = np.frombuffer(b"".join(blobs), dtype=_HOURS).astype(np.int64)
    return days, hours.reshape(len(days), len(HOURLY), 24)


def _read(
    connection: apsw.Connection, column: str, wearer: str, timezone: str, start: int, end: int
) -> tuple[list[date], list[Any]]:
    rows = connection.execute(
        f"SELECT day, {column} FROM kept_days"
        f" WHERE wearer = ? AND start >= ? AND start < ? AND {_GOOD} ORDER BY start",
        (wearer, start, end, timezone),
    ).fetchall()
    return [date.fromisoformat(str(day)) for day, _ in rows], [value for _, value in rows]
