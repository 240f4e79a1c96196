"""What a server of measurements is owed: references to rows of this file, not copies of them.

A row says of which wearer and which seconds something is to be sent, and is written in the transaction
that stored it. What is sent is read when it is sent: a minute that changed sixty times goes once, an
outage of a day is a few dozen rows, and whatever is erased here is owed no more. Rows are settled one by
one once the server has confirmed them; a row that was touched meanwhile has another number by then and
stays. Removals (negative kinds) keep their place among what is owed.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any

import apsw
import numpy as np

from domain.episodes import Episode
from domain.posture import FrameBlock
from storage.frames import make_wearer_key
from storage.rollups import HOUR_S, MINUTE_S


class Owed(IntEnum):
    """What a row of the outbox is about. The numbers are stored; negative ones mean: remove."""

    FRAMES = 1
    MINUTES = 2
    HOURS = 3
    EPISODES = 4


#: A row of frames grows second by second up to this, so that the oldest of an outage can go alone.
MOST_POINTS = 3600
#: Frames further apart are rows of their own, s: what lies between is not sent again.
MOST_GAP_S = 600
#: Beyond any time that something was measured at, s before and after 1970.
_FARTHEST_S = 2**33

_OWE = (
    'INSERT OR REPLACE INTO outbox (kind, wearer, start, "end", points, owed_at)'
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_EXTEND = """
    UPDATE outbox SET "end" = :end, points = points + :points
    WHERE seq = (SELECT max(seq) FROM outbox WHERE wearer = :wearer AND kind IN (1, -1))
        AND kind = 1 AND "end" = :start AND points + :points <= :most
"""
#: A minute or an hour that was owed stays owed since then, under a new number.
_OWE_ROLLUPS = """
    INSERT OR REPLACE INTO outbox (kind, wearer, start, "end", points, owed_at)
    SELECT :kind, t.wearer, t.time, t.time + :width, 1, coalesce((
        SELECT o.owed_at FROM outbox o
        WHERE o.kind = :kind AND o.kind IN (2, 3, 4) AND o.wearer = t.wearer AND o.start = t.time
    ), :now)
    FROM temp.touched_{table} t
"""
_OWE_ALL = (
    f"""
    SELECT 1, wearer, min(time), max(time) + 1, count(*) FROM frames
    GROUP BY wearer, time / {MOST_POINTS}
    """,
    f"SELECT 2, wearer, time, time + {MINUTE_S}, 1 FROM minutes",
    f"SELECT 3, wearer, time, time + {HOUR_S}, 1 FROM hours",
    "SELECT 4, wearer, start, start + 1, count(*) FROM episodes GROUP BY wearer, start",
)


def is_owing(connection: apsw.Connection) -> bool:
    """Whether a server is owed what is stored in this file."""
    return bool(connection.execute("SELECT count(*) FROM owing").get)


def turn(connection: apsw.Connection, since: float | None) -> None:
    """Begin to owe `since` now, with all that the file has, or (None) stop owing anything."""
    connection.execute("DELETE FROM outbox")
    connection.execute("DELETE FROM owing")
    if since is not None:
        connection.execute("INSERT INTO owing (one, since) VALUES (1, ?)", (since,))
        owe_all(connection, since)


def owe_all(connection: apsw.Connection, now: float) -> None:
    """Everything that is stored is owed (anew)."""
    for query in _OWE_ALL:
        connection.execute(
            'INSERT OR REPLACE INTO outbox (kind, wearer, start, "end", points, owed_at)'
            f" SELECT *, ? FROM ({query})",
            (now,),
        )


def owe_frames(connection: apsw.Connection, blocks: Iterable[FrameBlock], now: float) -> None:
    """The seconds of the blocks, which are stored; their wearers are known to the store."""
    for block in blocks:
        key = make_wearer_key(connection, block.wearer)
        times = block.times
        cuts = np.flatnonzero(np.diff(times) > MOST_GAP_S) + 1
        for piece in np.split(times, cuts):
            for at in range(0, len(piece), MOST_POINTS):
                part = piece[at : at + MOST_POINTS]
                start, end, points = int(part[0]), int(part[-1]) + 1, len(part)
                values = {"wearer": key, "start": start, "end": end, "points": points}
                connection.execute(_EXTEND, {**values, "most": MOST_POINTS})
                if not connection.changes():
                    row = (Owed.FRAMES.value, key, start, end, points, now)
                    connection.execute(_OWE, row)


def owe_rollups(connection: apsw.Connection, now: float) -> None:
    """The minutes and hours that were touched in this transaction (`storage.rollups`)."""
    for kind, table, width_s in ((2, "minutes", MINUTE_S), (3, "hours", HOUR_S)):
        values = {"kind": kind, "width": width_s, "now": now}
        connection.execute(_OWE_ROLLUPS.format(table=table), values)


def owe_episodes(connection: apsw.Connection, episodes: Iterable[Episode], now: float) -> None:
    """The episodes, which are stored."""
    for episode in episodes:
        key = make_wearer_key(connection, episode.wearer)
        row = (Owed.EPISODES.value, key, episode.start, episode.start + 1, 1, now)
        connection.execute(_OWE, row)


def owe_removal(
    connection: apsw.Connection,
    key: int,
    start: int,
    end: int,
    now: float,
    kinds: Sequence[Owed] = tuple(Owed),
) -> None:
    """What the server has of the wearer in [start, end) is to go: rollups that overlap it, episodes
    that begin in it. What is stored afterwards is owed after that."""
    for kind in kinds if start < end else ():
        width_s = {Owed.MINUTES: MINUTE_S, Owed.HOURS: HOUR_S}.get(kind, 1)
        first, last = start - start % width_s, end + -end % width_s
        if first < last:
            connection.execute(_OWE, (-kind.value, key, first, last, 0, now))


def owe_pruning(connection: apsw.Connection, before: int, now: float) -> None:
    """The server is to remove every frame before `before`; what it was to remove before less goes with it."""
    keys: list[tuple[Any, ...]] = connection.execute("SELECT key FROM wearer_keys").fetchall()
    for (key,) in keys:
        connection.execute(
            'DELETE FROM outbox WHERE kind = -1 AND wearer = ? AND start = ? AND "end" <= ?',
            (key, -_FARTHEST_S, before),
        )
        owe_removal(connection, key, -_FARTHEST_S, before, now, (Owed.FRAMES,))


def owe_erasure(connection: apsw.Connection, key: int, start: int, end: int, now: float) -> None:
    """[start, end) is about to be erased: the server is to remove it too, with the episodes that reach into
    it, and is then owed what is left of the minutes and hours at its edges."""
    start, end = (min(max(time, -_FARTHEST_S), _FARTHEST_S) for time in (start, end))
    owe_removal(connection, key, start, end, now)
    earlier: list[tuple[Any, ...]] = connection.execute(
        "SELECT start FROM episodes WHERE wearer = ? AND start < ?"
        ' AND ("end" IS NULL OR max("end", start + 1) > ?)',
        (key, start, start),
    ).fetchall()
    for (began,) in earlier:
        owe_removal(connection, key, began, began + 1, now, (Owed.EPISODES,))
    for kind, width_s in ((Owed.MINUTES, MINUTE_S), (Owed.HOURS, HOUR_S)):
        for edge in {start - start % width_s, end - end % width_s}:
            row = (kind.value, key, edge, edge + width_s, 1, now)
            connection.execute(_OWE, row)


def forget(connection: apsw.Connection, key: int, start: int, end: int, *, whole: bool) -> None:
    """Keep no refused line of [start, end); of the whole wearer owe nothing either."""
    connection.execute(
        "DELETE FROM dead_letters WHERE wearer = ? AND time > ? AND time < ?",
        (key, start - HOUR_S, end),
    )
    if whole:
        connection.execute("DELETE FROM outbox WHERE wearer = ?", (key,))
