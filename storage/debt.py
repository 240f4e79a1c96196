"""What the outbox holds: read in order, taken off when it was sent, bounded, counted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from storage.dead_letters import DeadLetter, put_dead_letters
from storage.outbox import Owed

#: Bytes of line protocol a point takes on average (docs/storage.md); what is owed is bounded by them.
POINT_BYTES: dict[Owed, int] = {
    Owed.FRAMES: 180,
    Owed.MINUTES: 510,
    Owed.HOURS: 500,
    Owed.EPISODES: 230,
}

#: Minutes and hours change every second while somebody sits: they are sent so long after they began to.
ROLLUP_DELAY_S = 60.0

_WEIGHT = "CASE kind " + " ".join(f"WHEN {k.value} THEN {b}" for k, b in POINT_BYTES.items())
_BYTES = f"points * {_WEIGHT} ELSE 0 END"


@dataclass(frozen=True, slots=True)
class OwedRow:
    """A row of the outbox, as it was read. start, end: Unix s, half-open."""

    seq: int
    kind: int
    wearer: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """How far a row was sent: all of it as it was read, or the seconds before `until`."""

    row: OwedRow
    until: int
    points: int


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed and what became of what was. points: an estimate where frames were late; oldest:
    the earliest second that something is owed of, Unix s; oldest_owed_at: when it was stored."""

    points: int
    size_bytes: int
    oldest: int | None
    oldest_owed_at: float | None
    sent: int
    dropped: int
    dead_letters: int


def read_owed(connection: apsw.Connection, *, after: int, now: float) -> Iterator[OwedRow]:
    """The rows with a number above `after` that are due, oldest first; read as they are asked for."""
    rows = connection.execute(
        'SELECT seq, kind, wearer, start, "end" FROM outbox WHERE seq > ?'
        " AND (kind NOT IN (2, 3) OR owed_at <= ?) ORDER BY seq",
        (after, now - ROLLUP_DELAY_S),
    )
    for row in rows:
        yield OwedRow(*row)


def settle(
    connection: apsw.Connection, settlements: Iterable[Settlement], dead: Sequence[DeadLetter]
) -> None:
    """Take off what was sent, and keep the lines that were refused."""
    sent = 0
    for each in settlements:
        sent += each.points
        row = each.row
        if each.until >= row.end:
            connection.execute('DELETE FROM outbox WHERE seq = ? AND "end" = ?', (row.seq, row.end))
            if connection.changes():
                continue
        connection.execute(
            'UPDATE outbox SET start = ?, points = max(points - ?, 1) WHERE seq = ? AND "end" > ?',
            (each.until, each.points, row.seq, each.until),
        )
    put_dead_letters(connection, dead)
    connection.execute(
        "UPDATE owing SET sent = sent + ?, dead = dead + ?", (sent - len(dead), len(dead))
    )


def trim(connection: apsw.Connection, *, most_bytes: int, owed_since: float) -> int:
    """Drop the oldest that is owed beyond `most_bytes`, and all that is owed since before `owed_since`;
    how many points. Removals are never dropped."""
    dropped = _number(
        connection,
        "SELECT coalesce(sum(points), 0) FROM outbox WHERE kind > 0 AND owed_at < ?",
        (owed_since,),
    )
    if dropped:
        connection.execute("DELETE FROM outbox WHERE kind > 0 AND owed_at < ?", (owed_since,))
    excess = _number(connection, f"SELECT coalesce(sum({_BYTES}), 0) FROM outbox") - most_bytes
    if excess > 0:
        rows = connection.execute(
            f"SELECT seq, points, {_BYTES} FROM outbox WHERE kind > 0 ORDER BY seq"
        )
        last = 0
        for seq, points, size_bytes in rows:
            last, dropped, excess = seq, dropped + points, excess - size_bytes
            if excess <= 0:
                break
        connection.execute("DELETE FROM outbox WHERE kind > 0 AND seq <= ?", (last,))
    if dropped:
        connection.execute("UPDATE owing SET dropped = dropped + ?", (dropped,))
    return dropped


def read_debt(connection: apsw.Connection) -> Debt:
    """What is owed now."""
    rows: list[tuple[Any, ...]] = connection.execute(
        f"SELECT coalesce(sum(points), 0), coalesce(sum({_BYTES}), 0),"
        " min(start) FILTER (WHERE kind = 1), min(owed_at) FROM outbox"
    ).fetchall()
    totals: list[tuple[Any, ...]] = connection.execute(
        "SELECT sent, dropped, dead FROM owing"
    ).fetchall() or [(0, 0, 0)]
    return Debt(*rows[0], *totals[0])


def owed_frames_since(connection: apsw.Connection) -> int | None:
    """The earliest second of which a frame is still owed: nothing from there on may be pruned."""
    found = connection.execute("SELECT min(start) FROM outbox WHERE kind = 1").get
    return found if isinstance(found, int) else None


def note_pruned(connection: apsw.Connection, before: int) -> None:
    """Frames before `before` are no longer in this file."""
    connection.execute("UPDATE owing SET pruned_before = max(pruned_before, ?)", (before,))


def note_history(connection: apsw.Connection, before: int) -> None:
    """The server has minutes, hours and episodes of before `before`, which this file has not."""
    connection.execute("UPDATE owing SET history_before = ?", (before,))


def read_horizons(connection: apsw.Connection) -> tuple[int, int | None]:
    """Before which second frames, and before which the rest, are to be had from the server alone. Of the
    rest that is 0 when this file has all there is, None when nobody has asked the server yet."""
    rows: list[tuple[Any, ...]] = connection.execute(
        "SELECT pruned_before, history_before FROM owing"
    ).fetchall()
    return (int(rows[0][0]), rows[0][1]) if rows else (0, 0)


def _number(connection: apsw.Connection, query: str, values: Sequence[Any] = ()) -> int:
    value = connection.execute(query, values).get
    return value if isinstance(value, int) else 0
