"""What goes to the server at once: the lines of the oldest rows of the outbox, read from the tables now."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import apsw

from storage.dead_letters import DeadLetter
from storage.debt import OwedRow, Settlement, read_owed
from storage.episodes import read_episodes_from
from storage.influx.lines import (
    EPISODES,
    FRAME_COLUMNS,
    FRAMES,
    HOURS,
    MINUTES,
    ROLLUP_COLUMNS,
    episode_line,
    frame_lines,
    rollup_lines,
)
from storage.outbox import Owed

#: Lines sent at once: InfluxData advises 5,000 to 10,000.
MOST_LINES = 5000
#: And so many bytes, or a few lines more: what an event loop can hand over without a pause.
MOST_BYTES = 950_000
_LONGEST_FRAME_BYTES = 260

MEASUREMENT_OF: dict[int, str] = {
    Owed.FRAMES: FRAMES,
    Owed.MINUTES: MINUTES,
    Owed.HOURS: HOURS,
    Owed.EPISODES: EPISODES,
}

_FRAMES = (
    f"SELECT {', '.join(FRAME_COLUMNS)} FROM frames"
    " WHERE wearer = ? AND time >= ? AND time < ? ORDER BY time LIMIT ?"
)
_ROLLUPS = {
    kind: f"SELECT {', '.join(ROLLUP_COLUMNS[table])} FROM {table} WHERE wearer = ? AND time = ?"
    for kind, table in ((Owed.MINUTES, MINUTES), (Owed.HOURS, HOURS))
}


@dataclass(frozen=True, slots=True)
class Removal:
    """What the server is to remove: of one measurement and wearer, [start, end) in Unix s."""

    measurement: str
    wearer: str
    start: int
    end: int


@dataclass(slots=True)
class Parcel:
    """Lines to send, or one removal, and the rows that are settled by it.

    starts: the place in `lines` where the lines of each settlement begin. more: the outbox holds more.
    erasures: how often the store had been erased from before this was read.
    """

    lines: list[bytes] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    removal: Removal | None = None
    more: bool = False
    erasures: int = 0

    @property
    def last(self) -> int:
        """The number of the last row that it settles whole; the next parcel begins after it."""
        whole = [each.row.seq for each in self.settlements if each.until >= each.row.end]
        return whole[-1] if whole else self.settlements[0].row.seq - 1

    @property
    def partly(self) -> bool:
        """Whether its last row goes on in the next parcel."""
        return self.settlements[-1].until < self.settlements[-1].row.end

    def letter(self, place: int, *, at: float, status: int, words: str) -> DeadLetter:
        """The line at `place`, as one that was refused; place -1: the removal."""
        row = self.settlements[max(bisect_right(self.starts, max(place, 0)) - 1, 0)].row
        line = repr(self.removal) if place < 0 else self.lines[place].decode(errors="replace")
        time = row.start if place < 0 else int(self.lines[place].rsplit(b" ", 1)[1])
        return DeadLetter(at, row.kind, row.wearer, time, status, words, line)


def read_parcel(
    connection: apsw.Connection, *, after: int, now: float, most_lines: int = MOST_LINES
) -> Parcel | None:
    """The oldest that is due beyond row `after`; None when nothing is."""
    parcel = Parcel()
    rows = read_owed(connection, after=after, now=now, limit=most_lines + 1)
    keys: list[tuple[Any, ...]] = connection.execute(
        "SELECT key, wearer FROM wearer_keys"
    ).fetchall()
    wearers = dict(keys)
    size_bytes = 0
    for row in rows:
        wearer = str(wearers[row.wearer]) if row.wearer in wearers else None
        if row.kind < 0:
            if not parcel.settlements and wearer is not None:
                measurement = MEASUREMENT_OF[-row.kind]
                parcel.removal = Removal(measurement, wearer, row.start, row.end)
                _add(parcel, row, [], row.end)
            elif wearer is None:
                _add(parcel, row, [], row.end)
                continue
            break
        room = min(
            most_lines - len(parcel.lines), (MOST_BYTES - size_bytes) // _LONGEST_FRAME_BYTES + 1
        )
        lines, until = ([], row.end) if wearer is None else _lines(connection, row, wearer, room)
        _add(parcel, row, lines, until)
        size_bytes += sum(map(len, lines)) + len(lines)
        if len(parcel.lines) >= most_lines or size_bytes >= MOST_BYTES or until < row.end:
            break
    if not parcel.settlements:
        return None
    parcel.more = parcel.partly or parcel.last < rows[-1].seq
    return parcel


def _add(parcel: Parcel, row: OwedRow, lines: Sequence[bytes], until: int) -> None:
    parcel.starts.append(len(parcel.lines))
    parcel.lines += lines
    parcel.settlements.append(Settlement(row, until, len(lines)))


def _lines(
    connection: apsw.Connection, row: OwedRow, wearer: str, room: int
) -> tuple[list[bytes], int]:
    """At most `room` lines of the row, and the second up to which they reach."""
    if row.kind == Owed.FRAMES:
        found: list[tuple[Any, ...]] = connection.execute(
            _FRAMES, (row.wearer, row.start, row.end, room)
        ).fetchall()
        until = int(found[-1][0]) + 1 if len(found) == room else row.end
        return frame_lines(wearer, found), until
    if row.kind == Owed.EPISODES:
        episodes = read_episodes_from(connection, wearer, row.wearer, row.start, row.end)
        return [episode_line(episode) for episode in episodes], row.end
    query = _ROLLUPS[Owed(row.kind)]
    found = connection.execute(query, (row.wearer, row.start)).fetchall()
    return rollup_lines(MEASUREMENT_OF[row.kind], wearer, found), row.end
