"""Series as they go out, kept in memory in pieces until what they are made of changes.

A page asks for the same days again and again, in one tab or several, and what is over seldom changes. So a
series is kept as the JSON of its columns, in pieces of some dozen rows that begin at multiples of their
length, and an answer is put together of pieces: nothing is read, summed or written anew. `storage.changes`
tells when a piece is not so any more. Series of seconds are not kept: they are asked seldom and are many.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_json

from api.views import activity_word, rfc3339
from domain.figures import FIGURE_DIGITS
from domain.posture import Activity
from domain.samples import Floats
from storage.contract import Series, Store
from storage.frames import METRICS

#: How long a piece is by its resolution, s: 48 rows, and a whole hour of minutes.
PIECE_S: Final = {60: 3600, **{each: 48 * each for each in (300, 900, 3600, 21_600, 86_400)}}
#: So many rows are kept, of less than 200 bytes each, all about them included (7 MB).
MOST_ROWS: Final = 40_000
#: A longer series is made anew each time, and not by the loop.
MOST_ROWS_AT_ONCE: Final = 2000

#: What stands before each column. The names are those of `models.Series`.
_BEFORE: Final = (
    b',"times":[',
    *(
        (b'],"seconds":{"%s":[' if not n else b'],"%s":[') % activity_word(activity).encode()
        for n, activity in enumerate(Activity)
    ),
    *(
        (b']},"means":{"%s":[' if not n else b'],"%s":[') % metric.name.encode()
        for n, metric in enumerate(METRICS)
    ),
    b']},"lean_min_deg":[',
    b'],"lean_max_deg":[',
    b'],"coverage":[',
)
_END: Final = b"]}"
Columns = tuple[bytes, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Rows of a series. columns: each as JSON has it, without its brackets; none where there is no row."""

    times: NDArray[np.int64]
    columns: Columns

    def cut(self, start: int, end: int) -> Columns:
        """The columns of the rows that begin in [start, end)."""
        if not self.columns or (start <= self.times[0] and self.times[-1] < end):
            return self.columns
        first, last = np.searchsorted(self.times, (start, end)).tolist()
        if first >= last:
            return ()
        return tuple(b",".join(column.split(b",")[first:last]) for column in self.columns)


class KeptSeries:
    """The answers of `/series`. `ready` is for the loop, everything else for threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changes = store.changes
        self._lock = threading.Lock()
        self._pieces: OrderedDict[tuple[str, int, int], Piece] = OrderedDict()
        self._rows = 0
        self._told = self._changes.tell(self._forget)

    def ready(
        self,
        wearer: str,
        start: int,
        end: int,
        resolution_s: int,
        *,
        simulated: bool,
        replayed: bool,
    ) -> bytes | None:
        """The JSON of `models.Series` when all of it is in memory; reads nothing."""
        if not self._keeps(start, end, resolution_s):
            return None
        with self._lock:
            pieces = [
                self._kept(wearer, resolution_s, at) for at in _pieces(start, end, resolution_s)
            ]
        found = [piece for piece in pieces if piece is not None]
        if len(found) < len(pieces):
            return None
        return _written(
            wearer, start, end, resolution_s, found, simulated=simulated, replayed=replayed
        )

    def answer(
        self,
        wearer: str,
        start: int,
        end: int,
        resolution_s: int,
        else_s: int | None = None,
        *,
        simulated: bool,
        replayed: bool,
    ) -> bytes:
        """The JSON of `models.Series`; at a resolution of `else_s` where there is nothing at the first.

        Raises StoreUnavailableError.
        """
        if self._keeps(start, end, resolution_s):
            pieces = self._found(wearer, start, end, resolution_s)
            return _written(
                wearer, start, end, resolution_s, pieces, simulated=simulated, replayed=replayed
            )
        found = self._store.series(wearer, start, end, resolution_s)
        if else_s is not None and len(found.times) == 0:
            return self.answer(wearer, start, end, else_s, simulated=simulated, replayed=replayed)
        pieces = [_piece(found, 0, len(found.times))]
        return _written(
            wearer, start, end, resolution_s, pieces, simulated=simulated, replayed=replayed
        )

    def _keeps(self, start: int, end: int, resolution_s: int) -> bool:
        rows = (end - start) // resolution_s
        return self._told and resolution_s in PIECE_S and rows <= MOST_ROWS_AT_ONCE

    def _found(self, wearer: str, start: int, end: int, resolution_s: int) -> list[Piece]:
        """Pieces that all of it is in, of one moment; in memory or read."""
        before = self._changes.of_frames(wearer)
        wanted = [*_pieces(start, end, resolution_s)]
        with self._lock:
            pieces = {at: self._kept(wearer, resolution_s, at) for at in wanted}
        missing = [at for at, piece in pieces.items() if piece is None]
        if missing:
            first, last = missing[0], missing[-1] + PIECE_S[resolution_s]
            read = self._store.series(wearer, first, last, resolution_s)
            pieces |= _pieces_of(read, first, last)
            with self._lock:
                # Else some may be of before a change, and some of after it.
                same = before % 2 == 0 and before == self._changes.of_frames(wearer)
                if same:
                    for at in missing:
                        self._keep((wearer, resolution_s, at), pieces[at])
            if not same:
                read = self._store.series(wearer, start, end, resolution_s)
                pieces = {start: _piece(read, 0, len(read.times))}
        return [piece for piece in pieces.values() if piece is not None]

    def _kept(self, wearer: str, resolution_s: int, at: int) -> Piece | None:
        key = (wearer, resolution_s, at)
        piece = self._pieces.get(key)
        if piece is not None:
            self._pieces.move_to_end(key)
        return piece

    def _keep(self, key: tuple[str, int, int], piece: Piece | None) -> None:
        if piece is None or key in self._pieces:
            return
        self._pieces[key] = piece
        self._rows += _weight(piece)
        while self._rows > MOST_ROWS:
            _, oldest = self._pieces.popitem(last=False)
            self._rows -= _weight(oldest)

    def _forget(self, wearer: str, start: int, end: int) -> None:
        """See `storage.changes.Forget`."""
        with self._lock:
            for resolution_s, length_s in PIECE_S.items():
                if (end - start) // length_s < len(self._pieces):
                    keys = [(wearer, resolution_s, at) for at in _pieces(start, end, resolution_s)]
                else:
                    keys = [*self._pieces]
                for key in keys:
                    piece = self._pieces.get(key)
                    touched = key[0] == wearer and key[2] < end and start < key[2] + PIECE_S[key[1]]
                    if piece is not None and touched:
                        self._rows -= _weight(self._pieces.pop(key))


def _weight(piece: Piece) -> int:
    """In rows; one without any has a place too."""
    return 4 + len(piece.times)


def _pieces(start: int, end: int, resolution_s: int) -> Iterator[int]:
    """Where the pieces begin that [start, end) has a row of."""
    length_s = PIECE_S[resolution_s]
    return iter(range(start - start % length_s, end, length_s))


def _pieces_of(series: Series, start: int, end: int) -> dict[int, Piece | None]:
    """All of [start, end), which begins and ends with a piece, by where each begins."""
    begins = [*_pieces(start, end, series.resolution_s)]
    edges = np.searchsorted(series.times, [*begins, end]).tolist()
    cut = zip(begins, edges[:-1], edges[1:], strict=True)
    return {at: _piece(series, first, last) for at, first, last in cut}


def _piece(series: Series, first: int, last: int) -> Piece:
    """Rows `first` to before `last`."""
    if first >= last:
        return Piece(series.times[:0], ())
    times = series.times[first:last]
    stamps = np.datetime_as_string(times.astype("datetime64[s]"), timezone="UTC").tolist()
    whole: list[Sequence[str] | Sequence[int]] = [stamps]
    whole += [series.seconds[first:last, activity].tolist() for activity in Activity]
    real = [series.means[metric.name] for metric in METRICS]
    real += [series.lean_min_deg, series.lean_max_deg, series.coverage]
    columns = [to_json(column)[1:-1] for column in whole]
    columns += [_text(column[first:last]) for column in real]
    return Piece(times.copy(), tuple(columns))


def _text(column: Floats) -> bytes:
    """Rounded to what can be known, null where nothing is."""
    rounded = np.round(column, FIGURE_DIGITS).tolist()
    return to_json(rounded, inf_nan_mode="null")[1:-1]


def _written(
    wearer: str,
    start: int,
    end: int,
    resolution_s: int,
    pieces: Sequence[Piece],
    *,
    simulated: bool,
    replayed: bool,
) -> bytes:
    first, last = start - start % resolution_s, end
    cut = [columns for piece in pieces if (columns := piece.cut(first, last))]
    said = {
        "wearer": wearer,
        "start": rfc3339(start),
        "end": rfc3339(end),
        "resolution_s": resolution_s,
        "simulated": simulated,
        "replayed": replayed,
    }
    written = [to_json(said)[:-1]]
    for n, before in enumerate(_BEFORE):
        written.append(before)
        written.append(b",".join([columns[n] for columns in cut]))
    written.append(_END)
    return b"".join(written)
