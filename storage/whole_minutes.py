"""Rollups read as they are stored, and minutes of another store put in their place here."""

import math
from collections.abc import Sequence

import apsw

from storage.frames import make_wearer_key
from storage.rollup_block import RollupBlock
from storage.rollups import (
    ADDITIVE,
    HOUR_S,
    MINUTE_S,
    TABLES,
    sum_up_touched,
)

_NAMES = ("lean_min", "lean_max", "seen", *ADDITIVE)
_PUT = f"""
    INSERT INTO minutes (wearer, time, {", ".join(_NAMES)})
    VALUES ({", ".join("?" * (2 + len(_NAMES)))})
    ON CONFLICT DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _NAMES)}
    WHERE minutes.seen & ~excluded.seen = 0
"""


def check_minutes(blocks: Sequence[RollupBlock]) -> None:
    """Raise ValueError for what is no minute of this store's columns."""
    for block in blocks:
        if block.width_s != MINUTE_S or block.names != ADDITIVE or (block.times % MINUTE_S).any():
            raise ValueError(f"rollups of {block.wearer!r} that are no minutes of today's columns")


def read_rollups(
    connection: apsw.Connection, wearer: str, key: int | None, start: int, end: int, width_s: int
) -> RollupBlock:
    """Those that begin in [start, end), in order. Raises ValueError for another width."""
    if width_s not in (MINUTE_S, HOUR_S):
        raise ValueError(f"there are rollups of {MINUTE_S} and {HOUR_S} s, none of {width_s}")
    table = next(name for name, width in TABLES.items() if width == width_s)
    seen = "seen" if width_s == MINUTE_S else "0"
    rows = connection.execute(
        f"SELECT time, lean_min, lean_max, {seen}, {', '.join(ADDITIVE)} FROM {table}"
        " WHERE wearer = ? AND time >= ? AND time < ? ORDER BY time",
        (key, start, end),
    ).fetchall()
    return RollupBlock.of(wearer, width_s, ADDITIVE, rows)


def put_minutes(connection: apsw.Connection, blocks: Sequence[RollupBlock]) -> None:
    """In the place of those made from no more seconds than these; hours and days follow."""
    for block in blocks:
        key = make_wearer_key(connection, block.wearer)
        times = block.times.tolist()
        for table, width_s in TABLES.items():
            connection.execute(f"DELETE FROM temp.touched_{table}")
            buckets = sorted({time - time % width_s for time in times})
            connection.executemany(
                f"INSERT INTO temp.touched_{table} (wearer, time) VALUES (?, ?)",
                ((key, at) for at in buckets),
            )
        connection.executemany(
            _PUT,
            (
                (key, time, _known(low), _known(high), seen, *sums)
                for time, low, high, seen, sums in zip(
                    times,
                    block.lean_min.tolist(),
                    block.lean_max.tolist(),
                    block.seen.tolist(),
                    block.sums.tolist(),
                    strict=True,
                )
            ),
        )
        sum_up_touched(connection)


def _known(steps: float) -> int | None:
    return None if math.isnan(steps) else int(steps)
