"""What goes to the server at once: the lines of the oldest rows of the outbox, read from the tables now."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Any

import apsw

from storage.dead_letters import DeadLetter
from storage.debt import OwedRow, Settlement, read_owed
from storage.episodes import read_episodes_from
from storage.influx.lines import (
    EPISODES,
    FRAMES,
    FRAMES_QUERY,
    HOURS,
    MINUTES,
    ROLLUP_QUERIES,
    beginning,
    episode_line,
)
from storage.outbox import Owed

#: Lines in one request: InfluxData advises 5,000 to 10,000.
MOST_LINES = 5000
#: And so many bytes, or a few lines more: what an event loop can hand over without a pause.
MOST_BYTES = 950_000
#: Requests that a parcel makes; those of one parcel are of one moment, so that their order does not matter.
REQUESTS = 8
_LONGEST_FRAME_BYTES = 260

MEASUREMENT_OF: dict[int, str] = {
    Owed.FRAMES: FRAMES,
    Owed.MINUTES: MINUTES,
    Owed.HOURS: HOURS,
    Owed.EPISODES: EPISODES,
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

    texts: the lines of each settlement, with line feeds between them. starts: how many lines come before
    those of each settlement. count: of all lines. more: the outbox holds more. erasures: how often the
    store had been erased from before this was read.
    """

    texts: list[bytes] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    count: int = 0
    removal: Removal | None = None
    more: bool = False
    erasures: int = 0
    _lines: list[bytes] | None = None

    @property
    def lines(self) -> list[bytes]:
        """Every line by itself."""
        if self._lines is None:
            whole = b"\n".join(filter(None, self.texts))
            self._lines = whole.split(b"\n") if whole else []
        return self._lines

    def text(self, start: int, end: int) -> bytes:
        """Lines [start, end), with line feeds between them."""
        first, last = bisect_left(self.starts, start), bisect_left(self.starts, end)
        ends = (*self.starts, self.count)
        if ends[first] == start and ends[last] == end:
            return b"\n".join(filter(None, self.texts[first:last]))
        return b"\n".join(self.lines[start:end])

    def requests(self, most_lines: int) -> list[tuple[int, int]]:
        """The lines as spans [start, end) for a request each, cut between settlements where that fits."""
        spans: list[tuple[int, int]] = []
        start, size_bytes = 0, 0
        ends = (*self.starts[1:], self.count)
        for at, end, text in zip(self.starts, ends, self.texts, strict=True):
            if at > start and (end - start > most_lines or size_bytes + len(text) > MOST_BYTES):
                spans.append((start, at))
                start, size_bytes = at, 0
            size_bytes += len(text) + 1
        return [*spans, (start, self.count)] if self.count > start else spans

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
    connection: apsw.Connection, *, after: int, now: float, most_lines: int = REQUESTS * MOST_LINES
) -> Parcel | None:
    """The oldest that is due beyond row `after`; None when nothing is."""
    parcel = Parcel()
    keys: list[tuple[Any, ...]] = connection.execute(
        "SELECT key, wearer FROM wearer_keys"
    ).fetchall()
    wearers = dict(keys)
    most_bytes, size_bytes = REQUESTS * MOST_BYTES, 0
    for row in read_owed(connection, after=after, now=now):
        if parcel.settlements and (
            parcel.removal
            or parcel.partly
            or parcel.count >= most_lines
            or size_bytes >= most_bytes
        ):
            parcel.more = True
            break
        wearer = str(wearers[row.wearer]) if row.wearer in wearers else None
        if wearer is None:
            _add(parcel, row, 0, b"", row.end)
        elif row.kind > 0:
            room = (most_bytes - size_bytes) // _LONGEST_FRAME_BYTES + 1
            room = min(most_lines - parcel.count, room)
            if parcel.count and row.kind == Owed.FRAMES and row.end - row.start > room:
                parcel.more = True  # it begins the next one, which can then be read ahead of this
                break
            count, text, until = _read(connection, row, wearer, room)
            _add(parcel, row, count, text, until)
            size_bytes += len(text) + 1
        elif parcel.settlements:
            parcel.more = True
            break
        else:
            parcel.removal = Removal(MEASUREMENT_OF[-row.kind], wearer, row.start, row.end)
            _add(parcel, row, 0, b"", row.end)
    if not parcel.settlements:
        return None
    parcel.more = parcel.more or parcel.partly
    return parcel


def _add(parcel: Parcel, row: OwedRow, count: int, text: bytes, until: int) -> None:
    parcel.starts.append(parcel.count)
    parcel.texts.append(text)
    parcel.count += count
    parcel.settlements.append(Settlement(row, until, count))


def _read(
    connection: apsw.Connection, row: OwedRow, wearer: str, room: int
) -> tuple[int, bytes, int]:
    """At most `room` lines of the row: how many, they, and the second up to which they reach."""
    if row.kind == Owed.EPISODES:
        episodes = read_episodes_from(connection, wearer, row.wearer, row.start, row.end)
        return len(episodes), b"\n".join(map(episode_line, episodes)), row.end
    measurement = MEASUREMENT_OF[row.kind]
    values: list[Any] = [beginning(measurement, wearer), row.wearer, row.start]
    if row.kind == Owed.FRAMES:
        values += [row.end, room]
        found: list[tuple[Any, ...]] = connection.execute(FRAMES_QUERY, values).fetchall()
        count, last, lines = found[0]
        return count, lines or b"", last + 1 if count == room else row.end
    text = connection.execute(ROLLUP_QUERIES[measurement], values).get
    return (1, text, row.end) if isinstance(text, bytes) else (0, b"", row.end)
