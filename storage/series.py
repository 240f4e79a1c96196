"""Series of one wearer, read from the coarsest stored table that can answer."""

from collections.abc import Sequence
from typing import Any

import apsw
import numpy as np
from numpy.typing import NDArray

from domain.posture import Activity, FrameBlock
from storage.contract import RESOLUTIONS_S, Series
from storage.frames import METRICS, STEPS, read_frames
from storage.rollups import COUNTS, HOUR_S, MINUTE_S, SECONDS, SUMS, TABLES

#: The additive columns of a series, in the order that `from_sums` wants them.
SUMMED = (*SECONDS, *SUMS, *COUNTS)
_WHERE = "WHERE wearer = :wearer AND time >= :first AND time < :end"

#: Buckets as they are stored, and several of them as one, numbered from the first so that nothing
#: depends on the sign of a time.
_STORED = (
    f"SELECT time, lean_min, lean_max, {', '.join(SUMMED)} FROM {{table}} {_WHERE} ORDER BY time"
)
_GROUPED = f"""
    SELECT :first + :width * ((time - :first) / :width) AS bucket, min(lean_min), max(lean_max),
        {", ".join(f"sum({name})" for name in SUMMED)}
    FROM {{table}} {_WHERE} GROUP BY bucket ORDER BY bucket
"""
_TOTALS = f"""
    SELECT {", ".join(f"sum({name})" for name in SECONDS)}, sum(upright_lean_sum), sum(upright_lean_n)
    FROM {{table}} WHERE wearer = ? AND time >= ? AND time < ?
"""


def read_series(
    connection: apsw.Connection,
    wearer: str,
    key: int | None,
    start: int,
    end: int,
    resolution_s: int,
) -> Series:
    """Buckets that overlap [start, end), whole ones, aligned to Unix time.

    Raises ValueError for a resolution that is none of RESOLUTIONS_S.
    """
    if resolution_s not in RESOLUTIONS_S:
        raise ValueError(f"resolution {resolution_s} s is none of {sorted(RESOLUTIONS_S)}")
    if key is None or end <= start:
        return from_sums(wearer, resolution_s, [])
    if resolution_s < MINUTE_S:
        return from_frames(read_frames(connection, wearer, key, start, end))
    table, width_s = [(name, width) for name, width in TABLES.items() if width <= resolution_s][-1]
    values = {"wearer": key, "first": start - start % resolution_s, "width": resolution_s}
    values["end"] = end + -end % resolution_s
    query = _STORED if resolution_s == width_s else _GROUPED
    rows = connection.execute(query.format(table=table), values).fetchall()
    return from_sums(wearer, resolution_s, rows)


def sum_rollups(
    connection: apsw.Connection, key: int, start: int, end: int
) -> tuple[NDArray[np.int64], float]:
    """Seconds of each activity (6,) and the mean lean while upright, deg or NaN, in [start, end).

    From hours when the range is whole hours, else from minutes, to which it must be aligned.
    """
    whole_hours = start % HOUR_S == 0 and end % HOUR_S == 0
    row = connection.execute(
        _TOTALS.format(table="hours" if whole_hours else "minutes"), (key, start, end)
    ).fetchall()[0]
    *seconds, lean_sum, lean_n = (int(value or 0) for value in row)
    lean_deg = lean_sum / lean_n / STEPS["lean_deg"] if lean_n else np.nan
    return np.array(seconds, dtype=np.int64), lean_deg


def join_series(first: Series, second: Series) -> Series:
    """Two series of one wearer and resolution, the second of which begins where the first ends."""
    both = (first, second)
    return Series(
        wearer=first.wearer,
        resolution_s=first.resolution_s,
        times=np.concatenate([each.times for each in both]),
        seconds=np.concatenate([each.seconds for each in both]),
        means={name: np.concatenate([each.means[name] for each in both]) for name in first.means},
        lean_min_deg=np.concatenate([each.lean_min_deg for each in both]),
        lean_max_deg=np.concatenate([each.lean_max_deg for each in both]),
        coverage=np.concatenate([each.coverage for each in both]),
    )


def from_frames(frames: FrameBlock) -> Series:
    """The series of 1 s."""
    seconds = frames.activity[:, None] == np.arange(len(Activity))
    return Series(
        wearer=frames.wearer,
        resolution_s=1,
        times=frames.times,
        seconds=seconds.astype(np.int64),
        means={metric.name: getattr(frames, metric.name) for metric in METRICS},
        lean_min_deg=frames.lean_deg,
        lean_max_deg=frames.lean_deg,
        coverage=np.ones(len(frames)),
    )


def from_sums(wearer: str, resolution_s: int, rows: Sequence[Sequence[Any]]) -> Series:
    """The series whose buckets are `rows`: time, lean_min, lean_max and SUMMED, in steps."""
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 3 + len(SUMMED))
    times, lean_min, lean_max = table[:, :3].T
    seconds, sums, counts = np.split(table[:, 3:], [len(SECONDS), len(SECONDS) + len(SUMS)], axis=1)
    steps = np.array([metric.steps for metric in METRICS])
    known = counts > 0
    means = np.divide(sums, counts * steps, out=np.full(sums.shape, np.nan), where=known)
    return Series(
        wearer=wearer,
        resolution_s=resolution_s,
        times=times.astype(np.int64),
        seconds=seconds.astype(np.int64),
        means={metric.name: means[:, i] for i, metric in enumerate(METRICS)},
        lean_min_deg=lean_min / STEPS["lean_deg"],
        lean_max_deg=lean_max / STEPS["lean_deg"],
        coverage=seconds.sum(axis=1) / resolution_s,
    )
