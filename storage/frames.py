"""Frames as rows of integers: one a second, each metric in steps of its stored resolution."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Self

import apsw
import numpy as np
from numpy.typing import NDArray

from domain.posture import COLUMNS, Activity, FrameBlock, PostureFrame
from domain.samples import Floats


@dataclass(frozen=True, slots=True)
class Metric:
    """A float column of FrameBlock, stored as integers of which `steps` make one unit."""

    name: str
    steps: int


#: Resolutions a tenth or less of what the sensors resolve (0.1 deg, 1 mg; evidence section 7), so
#: that rounding is never what limits a figure.
METRICS: tuple[Metric, ...] = (
    Metric("p_sitting", 1000),
    Metric("lean_deg", 100),
    Metric("side_deg", 100),
    Metric("twist_deg", 100),
    Metric("turn_dps", 100),
    Metric("mad_mg", 10),
    Metric("enmo_mg", 10),
    Metric("cadence_spm", 10),
    Metric("confidence", 1000),
)
STEPS: dict[str, int] = {metric.name: metric.steps for metric in METRICS}

#: Beyond this many steps nothing is a measurement of a body; stored as unknown.
_MOST_STEPS = 2.0**31

_NAMES = ("time", *COLUMNS[1:])
_PUT = (
    f"INSERT OR REPLACE INTO frames (wearer, {', '.join(_NAMES)})"
    f" VALUES ({', '.join('?' * (len(_NAMES) + 1))})"
)
#: Stands for unknown while a row is read, so that all of it is integers, which are read twice as fast.
_UNKNOWN = -(2**40)
_VALUES = (f"ifnull({name}, {_UNKNOWN})" if name in STEPS else name for name in _NAMES)
_READ = f"SELECT {', '.join(_VALUES)} FROM frames WHERE wearer = ?"


def wearer_key(connection: apsw.Connection, wearer: str) -> int | None:
    """The integer that stands for `wearer` in the rows, None before anything was stored of them."""
    key = connection.execute("SELECT key FROM wearer_keys WHERE wearer = ?", (wearer,)).get
    return key if isinstance(key, int) else None


def make_wearer_key(connection: apsw.Connection, wearer: str) -> int:
    """The same, made when there is none."""
    key = wearer_key(connection, wearer)
    if key is None:
        connection.execute("INSERT INTO wearer_keys (wearer) VALUES (?)", (wearer,))
        key = connection.last_insert_rowid()
    return key


def stored(values: Floats, steps: int) -> Floats:
    """`values` in whole steps as they are kept: rounded half to even, NaN where unknown."""
    with np.errstate(over="ignore"):
        scaled = np.rint(values * steps)
    return np.where(np.abs(scaled) < _MOST_STEPS, scaled, np.nan)


def check_frames(blocks: Sequence[FrameBlock]) -> None:
    """Raise ValueError for an activity that has no column, which no rollup could count.

    The blocks hold at least one frame each.
    """
    for block in blocks:
        if int(block.activity.max()) >= len(Activity):
            raise ValueError(f"activity {int(block.activity.max())} of {block.wearer!r}")


@dataclass(frozen=True, slots=True, eq=False)
class KeyedFrames:
    """Frames of any number of wearers, in the order they were given: keys, times (n,) and the rest."""

    keys: NDArray[np.int64]
    times: NDArray[np.int64]
    columns: tuple[NDArray[Any], ...]

    @classmethod
    def of(cls, connection: apsw.Connection, blocks: Sequence[FrameBlock]) -> Self:
        """The frames of `blocks`, their wearers made known to the store."""
        keys = [make_wearer_key(connection, block.wearer) for block in blocks]
        time, *rest = (np.concatenate([getattr(b, name) for b in blocks]) for name in COLUMNS)
        columns = tuple(
            stored(values, STEPS[name]) if name in STEPS else values
            for name, values in zip(COLUMNS[1:], rest, strict=True)
        )
        return cls(np.repeat(np.array(keys, dtype=np.int64), [*map(len, blocks)]), time, columns)


def put_frames(connection: apsw.Connection, frames: KeyedFrames) -> None:
    """Add the frames in order; one of the same wearer and second replaces the one before it."""
    # STRICT columns turn a whole float into an integer, and SQLite binds NaN as NULL.
    columns = [values.tolist() for values in (frames.keys, frames.times, *frames.columns)]
    connection.executemany(_PUT, zip(*columns, strict=True))


def read_frames(
    connection: apsw.Connection, wearer: str, key: int, start: int, end: int
) -> FrameBlock:
    """The frames of the range, in order."""
    cursor = connection.execute(
        f"{_READ} AND time >= ? AND time < ? ORDER BY time", (key, start, end)
    )
    return _block(wearer, cursor)


def read_latest(connection: apsw.Connection, wearer: str, key: int) -> PostureFrame | None:
    """The newest frame."""
    found = _block(wearer, connection.execute(f"{_READ} ORDER BY time DESC LIMIT 1", (key,)))
    return found.frame(0) if len(found) else None


def _block(wearer: str, rows: Iterable[Sequence[Any]]) -> FrameBlock:
    flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64)
    table = flat.reshape(-1, len(COLUMNS))
    columns: dict[str, Any] = {}
    for i, name in enumerate(COLUMNS):
        values = table[:, i]
        if name in STEPS:
            columns[name] = np.where(values == _UNKNOWN, np.nan, values / STEPS[name])
        else:
            columns[name] = values.copy()
    return FrameBlock(wearer=wearer, **columns)


def remove_frames(connection: apsw.Connection, key: int, start: int, end: int) -> None:
    """Remove the frames of [start, end)."""
    connection.execute(
        "DELETE FROM frames WHERE wearer = ? AND time >= ? AND time < ?", (key, start, end)
    )


def prune_frames(connection: apsw.Connection, before: int, limit: int) -> int:
    """Remove frames before `before`, of each wearer the oldest, some `limit` in all; how many."""
    removed = 0
    for (key,) in connection.execute("SELECT key FROM wearer_keys").fetchall():
        oldest = connection.execute("SELECT min(time) FROM frames WHERE wearer = ?", (key,)).get
        if isinstance(oldest, int) and oldest < before:
            end = min(before, oldest + limit - removed)
            connection.execute("DELETE FROM frames WHERE wearer = ? AND time < ?", (key, end))
            removed += connection.changes()
            if removed >= limit:
                break
    return removed
