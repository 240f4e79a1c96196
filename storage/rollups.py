"""Rollups of minutes, hours and UTC days: sums and counts, made anew whenever a frame changes.

A minute remembers which of its seconds it was made from (`seen`, one bit each). While every one of those
is stored, the minute is made anew from its frames, so late data, replays and corrections cannot double
anything; seconds that it has never seen, as live ones, are added to it and to its hour and day, which
comes to the same number and reads nothing else. Once its frames were pruned it can no longer be made
anew: seconds it has never seen are then added to it, seconds it has seen are left as they were. Hours
are always the sum of their minutes, UTC days of their hours; the wearers' own days are cut in
`storage.days`.
"""

import apsw
import numpy as np

from domain.posture import Activity
from storage.frames import METRICS, KeyedFrames

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400

#: The rollup tables by width, finest first.
TABLES: dict[str, int] = {"minutes": MINUTE_S, "hours": HOUR_S, "utc_days": DAY_S}

SECONDS: tuple[str, ...] = tuple(f"{activity.word}_s" for activity in Activity)
SUMS: tuple[str, ...] = tuple(f"{metric.name}_sum" for metric in METRICS)
COUNTS: tuple[str, ...] = tuple(f"{metric.name}_n" for metric in METRICS)

#: A day's mean lean is about a trunk that is held up: no lying, no sensor on the table.
_UPRIGHT = f"activity NOT IN ({Activity.LYING.value}, {Activity.NOT_WORN.value})"

#: Every additive column with its aggregate over frames `f`.
_OVER_FRAMES: dict[str, str] = {
    **{
        name: f"count(*) FILTER (WHERE f.activity = {activity.value})"
        for name, activity in zip(SECONDS, Activity, strict=True)
    },
    **{f"{m.name}_sum": f"coalesce(sum(f.{m.name}), 0)" for m in METRICS},
    **{f"{m.name}_n": f"count(f.{m.name})" for m in METRICS},
    "upright_lean_sum": f"coalesce(sum(f.lean_deg) FILTER (WHERE f.{_UPRIGHT}), 0)",
    "upright_lean_n": f"count(f.lean_deg) FILTER (WHERE f.{_UPRIGHT})",
}
ADDITIVE: tuple[str, ...] = tuple(_OVER_FRAMES)

_MINUTE_COLUMNS = ("wearer", "time", *ADDITIVE, "lean_min", "lean_max", "seen")
_MINUTE_VALUES = ", ".join(
    (
        "t.wearer, t.time",
        *_OVER_FRAMES.values(),
        "min(f.lean_deg), max(f.lean_deg), sum(1 << (f.time - t.time))",
    )
)
_MINUTE_FRAMES = f"f.wearer = t.wearer AND f.time >= t.time AND f.time < t.time + {MINUTE_S}"

_REWRITE_MINUTES = f"""
    INSERT INTO minutes ({", ".join(_MINUTE_COLUMNS)})
    SELECT {_MINUTE_VALUES}
    FROM temp.touched_minutes t JOIN frames f ON {_MINUTE_FRAMES}
    WHERE t.again GROUP BY t.wearer, t.time
    ON CONFLICT DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _MINUTE_COLUMNS[2:])}
    WHERE minutes.seen & ~excluded.seen = 0
"""

_ADD = f"""
    ON CONFLICT DO UPDATE SET {", ".join(f"{name} = {name} + excluded.{name}" for name in ADDITIVE)},
    lean_min = coalesce(min(lean_min, excluded.lean_min), lean_min, excluded.lean_min),
    lean_max = coalesce(max(lean_max, excluded.lean_max), lean_max, excluded.lean_max)
"""

_ADD_TO_PRUNED_MINUTES = f"""
    INSERT INTO minutes ({", ".join(_MINUTE_COLUMNS)})
    SELECT {_MINUTE_VALUES}
    FROM temp.touched_minutes t
    JOIN minutes m ON m.wearer = t.wearer AND m.time = t.time
    JOIN frames f ON {_MINUTE_FRAMES} AND (m.seen >> (f.time - t.time)) & 1 = 0
    WHERE t.again GROUP BY t.wearer, t.time
    {_ADD}, seen = seen | excluded.seen
"""

_SUM_COLUMNS = ("wearer", "time", *ADDITIVE, "lean_min", "lean_max")


def _sum_up(finer: str, coarser: str) -> str:
    return f"""
        INSERT OR REPLACE INTO {coarser} ({", ".join(_SUM_COLUMNS)})
        SELECT t.wearer, t.time, {", ".join(f"sum(f.{name})" for name in ADDITIVE)},
            min(f.lean_min), max(f.lean_max)
        FROM temp.touched_{coarser} t
        JOIN {finer} f
            ON f.wearer = t.wearer AND f.time >= t.time AND f.time < t.time + {TABLES[coarser]}
        WHERE t.again GROUP BY t.wearer, t.time
    """


#: A second that no minute has seen is added to it, to its hour and to its day; nothing else is read.
_NEW_SECONDS = """
    FROM temp.touched_minutes t
    JOIN frames f ON f.wearer = t.wearer AND f.time >= t.first AND f.time <= t.last
        AND (t.bits >> (f.time - t.time)) & 1
    WHERE NOT t.again
"""
_ADD_TO_MINUTES = f"""
    INSERT INTO minutes ({", ".join(_MINUTE_COLUMNS)})
    SELECT {_MINUTE_VALUES} {_NEW_SECONDS} GROUP BY t.wearer, t.time
    {_ADD}, seen = seen | excluded.seen
"""


def _add_to(table: str, column: str) -> str:
    return f"""
        INSERT INTO {table} ({", ".join(_SUM_COLUMNS)})
        SELECT t.wearer, t.{column}, {", ".join(_OVER_FRAMES.values())},
            min(f.lean_deg), max(f.lean_deg)
        {_NEW_SECONDS} GROUP BY t.wearer, t.{column} {_ADD}
    """


_ADD_TO_HOURS = _add_to("hours", "hour")
_ADD_TO_DAYS = _add_to("utc_days", "day")

_SEEN_ALREADY = """
    UPDATE temp.touched_minutes AS t SET again = 1 WHERE EXISTS (
        SELECT 1 FROM minutes m WHERE m.wearer = t.wearer AND m.time = t.time AND m.seen & t.bits
    )
"""
_ANY_AGAIN = "SELECT count(*) FROM temp.touched_minutes WHERE again"
_AGAIN_TOO = """
    UPDATE temp.touched_{table} AS t SET again = EXISTS (
        SELECT 1 FROM temp.touched_minutes m
        WHERE m.again AND m.wearer = t.wearer AND m.{column} = t.time
    )
"""
#: In batches with more seconds a minute the minutes are made anew, which reads each of them once.
_FEW_SECONDS = 4

_REWRITE_HOURS = _sum_up("minutes", "hours")
_REWRITE_DAYS = _sum_up("hours", "utc_days")


_FORGET_PART = f"""
    DELETE FROM minutes WHERE wearer = :wearer AND time = :time
        AND seen & ~:inside & ~(
            SELECT coalesce(sum(1 << (time - :time)), 0) FROM frames
            WHERE wearer = :wearer AND time >= :time AND time < :time + {MINUTE_S}
        ) = 0
"""


def prepare(connection: apsw.Connection) -> None:
    """Make the writer's lists of what a transaction touched, each to be made anew unless it says otherwise.

    Of minutes: which seconds (bits), the first and the last of them, and the hour and day they lie in.
    """
    of_minutes = "bits INTEGER, first INTEGER, last INTEGER, hour INTEGER, day INTEGER,"
    for table in TABLES:
        connection.execute(
            f"CREATE TEMP TABLE touched_{table} (wearer INTEGER, time INTEGER,"
            f" {of_minutes if table == 'minutes' else ''} again INTEGER NOT NULL DEFAULT 1,"
            " PRIMARY KEY (wearer, time)) STRICT, WITHOUT ROWID"
        )


def roll_up(connection: apsw.Connection, frames: KeyedFrames) -> None:
    """Bring the rollups that `frames` lie in up to date.

    Call it in the transaction that stored those frames, after they were stored.
    """
    minutes = _touch(connection, frames)
    if len(frames.times) > _FEW_SECONDS * minutes:
        connection.execute("UPDATE temp.touched_minutes SET again = 1")
    else:
        connection.execute(_SEEN_ALREADY)
        for statement in (_ADD_TO_MINUTES, _ADD_TO_HOURS, _ADD_TO_DAYS):
            connection.execute(statement)
        if not connection.execute(_ANY_AGAIN).get:
            return
    for table, column in (("hours", "hour"), ("utc_days", "day")):
        connection.execute(_AGAIN_TOO.format(table=table, column=column))
    connection.execute(_REWRITE_MINUTES)
    connection.execute(_ADD_TO_PRUNED_MINUTES)
    connection.execute(_REWRITE_HOURS)
    connection.execute(_REWRITE_DAYS)


def _touch(connection: apsw.Connection, frames: KeyedFrames) -> int:
    """List what `frames` lie in, no minute of it to be made anew yet; how many minutes."""
    order = np.lexsort((frames.times, frames.keys))
    keys, times = frames.keys[order], frames.times[order]
    for table, width_s in TABLES.items():
        connection.execute(f"DELETE FROM temp.touched_{table}")
        starts = times - times % width_s
        changes = (np.diff(keys) != 0) | (np.diff(starts) != 0)
        begins = np.flatnonzero(np.append(True, changes))
        columns = [keys[begins], starts[begins]]
        if table != "minutes":
            connection.executemany(
                f"INSERT INTO temp.touched_{table} (wearer, time) VALUES (?, ?)",
                np.stack(columns, axis=1).tolist(),
            )
            continue
        ends = np.append(begins[1:], len(times)) - 1
        bits = np.bitwise_or.reduceat(np.int64(1) << (times - starts), begins)
        columns += [bits, times[begins], times[ends]]
        columns += [
            each[begins] - each[begins] % width for each, width in ((times, HOUR_S), (times, DAY_S))
        ]
        connection.executemany(
            "INSERT INTO temp.touched_minutes (wearer, time, bits, first, last, hour, day, again)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
            np.stack(columns, axis=1).tolist(),
        )
        count = len(begins)
    return count


def sum_up_touched(connection: apsw.Connection) -> None:
    """Make the touched hours and days anew from the minutes that are stored."""
    connection.execute(_REWRITE_HOURS)
    connection.execute(_REWRITE_DAYS)


def forget(connection: apsw.Connection, key: int, start: int, end: int) -> None:
    """Remove the rollups of [start, end), whose frames are gone already: `sum_up` makes them anew.

    A minute that is there in part goes only while the rest of what it was made from is stored.
    """
    whole = start + -start % MINUTE_S, end - end % MINUTE_S
    connection.execute(
        "DELETE FROM minutes WHERE wearer = ? AND time >= ? AND time < ?", (key, *whole)
    )
    for time in {start - start % MINUTE_S, end - end % MINUTE_S}:
        inside = sum(1 << n for n in range(MINUTE_S) if start <= time + n < end)
        if inside:
            connection.execute(_FORGET_PART, {"wearer": key, "time": time, "inside": inside})
    for table in ("hours", "utc_days"):
        connection.execute(
            f"DELETE FROM {table} WHERE wearer = ? AND time > ? AND time < ?",
            (key, start - TABLES[table], end),
        )


def sum_up(connection: apsw.Connection, key: int, start: int, end: int) -> None:
    """Make the rollups with a part of [start, end) anew, from its frames and up."""
    for table, width_s in TABLES.items():
        connection.execute(f"DELETE FROM temp.touched_{table}")
        buckets = range(start - start % width_s, end, width_s)
        connection.executemany(
            f"INSERT INTO temp.touched_{table} (wearer, time) VALUES (?, ?)",
            ((key, time) for time in buckets),
        )
    for statement in (_REWRITE_MINUTES, _REWRITE_HOURS, _REWRITE_DAYS):
        connection.execute(statement)
