"""Episodes as rows, found by overlap through an index that stays fast over years.

`span` is the number of bits of an episode's length: one that lasts at most 2 ** span seconds and
overlaps a range cannot have begun more than 2 ** span before it. Each span is one short search of
the index (wearer, span, start), instead of a scan of all that ever began before the range's end.
"""

import math
from collections.abc import Sequence
from typing import Any

import apsw

from domain.episodes import Asymmetry, Episode, EpisodeKind
from domain.errors import NotFoundError
from storage.frames import make_wearer_key

#: Open episodes, and any longer than the others (272 years).
_UNBOUNDED_SPAN = 62
_LONGEST_SPAN = 33

_COLUMNS = (
    "id", "wearer", "kind", "start", '"end"', "peak", "mean", "dose", "confidence", '"limit"',
    "placement", "censored", "asymmetry", "span",
)  # fmt: skip
_PUT = (
    f"INSERT OR REPLACE INTO episodes ({', '.join(_COLUMNS)})"
    f" VALUES ({', '.join('?' * len(_COLUMNS))})"
)
_SPANS = ", ".join(f"({span})" for span in (*range(_LONGEST_SPAN + 1), _UNBOUNDED_SPAN))
_OVERLAPPING = f"""
    WITH spans (bits) AS (VALUES {_SPANS})
    SELECT {", ".join(_COLUMNS[2:-1])}, id
    FROM spans CROSS JOIN episodes
    WHERE wearer = :wearer AND span = bits AND start > :start - (1 << bits) AND start < :end
        AND ("end" IS NULL OR max("end", start + 1) > :start)
    ORDER BY start, id
"""


_BEGINNING = f"""
    WITH spans (bits) AS (VALUES {_SPANS})
    SELECT {", ".join(_COLUMNS[2:-1])}, id
    FROM spans CROSS JOIN episodes
    WHERE wearer = ? AND span = bits AND start >= ? AND start < ?
    ORDER BY start, id
"""


def put_episodes(connection: apsw.Connection, episodes: Sequence[Episode]) -> None:
    """Add or replace by id, in order."""
    connection.executemany(_PUT, (_row(connection, episode) for episode in episodes))


def read_episodes(
    connection: apsw.Connection,
    wearer: str,
    key: int,
    start: int,
    end: int,
    kinds: Sequence[EpisodeKind] | None = None,
) -> list[Episode]:
    """Episodes that overlap [start, end), by start; one of no length lies in its first second."""
    rows = connection.execute(_OVERLAPPING, {"wearer": key, "start": start, "end": end}).fetchall()
    wanted = [kind.value for kind in (EpisodeKind if kinds is None else kinds)]
    return [_episode(wearer, row) for row in rows if row[0] in wanted]


def read_episodes_from(
    connection: apsw.Connection, wearer: str, key: int, start: int, end: int
) -> list[Episode]:
    """Episodes that begin in [start, end), by start."""
    rows = connection.execute(_BEGINNING, (key, start, end)).fetchall()
    return [_episode(wearer, row) for row in rows]


def read_episode(connection: apsw.Connection, episode_id: str) -> Episode:
    """One episode. Raises NotFoundError."""
    query = (
        f"SELECT k.wearer, {', '.join(f'e.{name}' for name in _COLUMNS[2:-1])}, e.id"
        " FROM episodes e JOIN wearer_keys k ON k.key = e.wearer WHERE e.id = ?"
    )
    rows = connection.execute(query, (episode_id,)).fetchall()
    if not rows:
        raise NotFoundError("episode", episode_id)
    (row,) = rows
    return _episode(str(row[0]), row[1:])


def remove_episodes(connection: apsw.Connection, key: int, start: int, end: int) -> None:
    """Remove the episodes that begin in [start, end)."""
    connection.execute(
        "DELETE FROM episodes WHERE wearer = ? AND start >= ? AND start < ?", (key, start, end)
    )


def _span(episode: Episode) -> int:
    if episode.end is None:
        return _UNBOUNDED_SPAN
    bits = max(episode.end - episode.start - 1, 0).bit_length()
    return bits if bits <= _LONGEST_SPAN else _UNBOUNDED_SPAN


def _row(connection: apsw.Connection, episode: Episode) -> tuple[Any, ...]:
    return (
        episode.id,
        make_wearer_key(connection, episode.wearer),
        episode.kind.value,
        episode.start,
        episode.end,
        episode.peak,
        episode.mean,
        episode.dose,
        episode.confidence,
        episode.limit,
        episode.placement,
        episode.censored,
        int(episode.asymmetry),
        _span(episode),
    )


def _episode(wearer: str, row: Sequence[Any]) -> Episode:
    (
        kind, start, end, peak, mean, dose, confidence, limit, placement, censored, asymmetry, id_,
    ) = row  # fmt: skip
    return Episode(
        kind=EpisodeKind(kind),
        wearer=wearer,
        start=start,
        end=end,
        peak=known(peak),
        mean=known(mean),
        dose=known(dose),
        confidence=known(confidence),
        limit=known(limit),
        placement=placement,
        censored=bool(censored),
        asymmetry=Asymmetry(asymmetry),
        id=id_,
    )


def known(value: float | None) -> float:
    """A stored float; SQLite keeps NaN as NULL."""
    return math.nan if value is None else value
