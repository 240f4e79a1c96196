"""What the server has of measurements, by InfluxQL: the dialect that 1.x, 2.x and 3 have in common."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from domain.episodes import Asymmetry, Episode, EpisodeKind
from domain.errors import NotFoundError, ServerError
from domain.posture import Activity, FrameBlock, PostureFrame
from domain.samples import Floats
from storage.contract import RESOLUTIONS_S, Series
from storage.frames import STEPS
from storage.influx.asking import Asker, Table
from storage.influx.lines import (
    ALWAYS,
    EPISODE_FLOATS,
    EPISODES,
    FRAMES,
    HOURS,
    METRIC_NAMES,
    MINUTES,
    check_sum,
)
from storage.influx.server import text
from storage.rollup_block import RollupBlock
from storage.rollups import ADDITIVE, HOUR_S, MINUTE_S, SECONDS
from storage.series import SUMMED, from_frames, from_sums

#: The times that InfluxDB can tell, Unix s; questions are cut to them.
EARLIEST_S: Final = -9_223_372_036
LATEST_S: Final = 9_223_372_036

#: How often a row that is being overwritten is asked for.
ATTEMPTS: Final = 8

_TABLES: Final = {MINUTE_S: MINUTES, HOUR_S: HOURS}
_SEEN: Final[dict[str, tuple[str, ...]]] = {MINUTES: ("seen",), HOURS: ()}

#: Where in a row of time, check and ADDITIVE the columns of a series are, and the count of leans.
_SUMMED: Final = tuple(2 + ADDITIVE.index(name) for name in SUMMED)
_LEANS: Final = 2 + ADDITIVE.index("lean_deg_n")

_FRAME_FIELDS: Final = (*ALWAYS, "known", *METRIC_NAMES)
_EPISODE_FIELDS: Final = (
    "id", "placement", "open", "censored", "end", "asymmetry", "known", *EPISODE_FLOATS,
)  # fmt: skip


class InfluxReader:
    """Frames, latest, series, episodes and the sums of a day, as `storage.contract` says them.

    Every method raises ServerError when the server does not answer.
    """

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    def frames(self, wearer: str, start: int, end: int) -> FrameBlock:
        """Frames in the range, in order."""
        if end <= start:
            return FrameBlock.empty(wearer)
        query = f"SELECT {_quoted(_FRAME_FIELDS)} FROM {FRAMES} WHERE {_span(wearer, start, end)}"
        return _frames(wearer, self._rows(query))

    def latest(self, wearer: str) -> PostureFrame | None:
        """The newest frame."""
        query = (
            f'SELECT {_quoted(_FRAME_FIELDS)} FROM {FRAMES} WHERE "wearer" = {text(wearer)}'
            " ORDER BY time DESC LIMIT 1"
        )
        block = _frames(wearer, self._rows(query))
        return block.frame(0) if len(block) else None

    def series(self, wearer: str, start: int, end: int, resolution_s: int) -> Series:
        """Whole buckets that overlap the range. Raises ValueError for another resolution."""
        if resolution_s not in RESOLUTIONS_S:
            raise ValueError(f"resolution {resolution_s} s is none of {sorted(RESOLUTIONS_S)}")
        if end <= start:
            return from_sums(wearer, resolution_s, [])
        if resolution_s < MINUTE_S:
            return from_frames(self.frames(wearer, start, end))
        table, width_s = (HOURS, HOUR_S) if resolution_s >= HOUR_S else (MINUTES, MINUTE_S)
        span = _span(wearer, start - start % resolution_s, end + -end % resolution_s)
        if resolution_s == width_s:
            rows = self._whole_rows(
                f"SELECT {_quoted(('check', *ADDITIVE, 'lean_min', 'lean_max'))}"
                f" FROM {table} WHERE {span}"
            )
            least = {row[0]: row[-2:] for row in rows}
        else:
            group = f"GROUP BY time({resolution_s}s) fill(none)"
            rows = self._whole_rows(
                f"SELECT {_sums(('check', *ADDITIVE))} FROM {table} WHERE {span} {group}"
            )
            extremes = self._rows(
                f"SELECT min(lean_min), max(lean_max) FROM {table}"
                f" WHERE {span} AND lean_deg_n > 0 {group}"
            )
            least = {row[0]: row[1:] for row in extremes}
        # Of a bucket whose lean became unknown the extremes of before are still there.
        return from_sums(
            wearer,
            resolution_s,
            [
                [
                    row[0],
                    *(least.get(row[0], (None, None)) if row[_LEANS] else (None, None)),
                    *(row[place] for place in _SUMMED),
                ]
                for row in rows
            ],
        )

    def rollups(self, wearer: str, start: int, end: int, width_s: int) -> RollupBlock:
        """Minutes or hours that begin in the range, as sums. Raises ValueError for another width."""
        if width_s not in _TABLES:
            raise ValueError(f"there are rollups of {MINUTE_S} and {HOUR_S} s, none of {width_s}")
        table = _TABLES[width_s]
        columns = ("check", *ADDITIVE, "lean_min", "lean_max", *_SEEN[table])
        rows: list[Sequence[Any]] = []
        if start < end:
            rows = self._whole_rows(
                f"SELECT {_quoted(columns)} FROM {table} WHERE {_span(wearer, start, end)}"
            )
        first, last = 2, 2 + len(ADDITIVE)
        return RollupBlock.of(
            wearer,
            width_s,
            ADDITIVE,
            [
                [
                    row[0],
                    *(row[last : last + 2] if row[_LEANS] else (None, None)),
                    row[last + 2] if _SEEN[table] else 0,
                    *row[first:last],
                ]
                for row in rows
            ],
        )

    def spans(self) -> dict[str, tuple[int, int]]:
        """First second, and the one after the last begins, of frames, minutes and episodes, by wearer."""
        fields = {FRAMES: "activity", MINUTES: "unknown_s", EPISODES: "asymmetry"}
        answers = self._asker.ask(
            *(
                f'SELECT {end}("{field}") FROM {table} GROUP BY "wearer"'
                for table, field in fields.items()
                for end in ("first", "last")
            )
        )
        found: dict[str, list[int]] = {}
        for tables in answers:
            for table in tables:
                times = [int(row[0]) for row in table.rows]
                found.setdefault(table.tags["wearer"], []).extend(times)
        return {
            wearer: (min(times), max(times) + 1) for wearer, times in sorted(found.items()) if times
        }

    def episodes(
        self, wearer: str, start: int, end: int, kinds: Sequence[EpisodeKind] | None = None
    ) -> list[Episode]:
        """Episodes that overlap the range, by start."""
        if start > LATEST_S or end <= EARLIEST_S:
            return []
        span = _span(wearer, EARLIEST_S, end)
        found = self._episodes(f"{span} AND reaches > {max(start, EARLIEST_S)}")
        wanted = set(EpisodeKind if kinds is None else kinds)
        return [episode for episode in found if episode.kind in wanted]

    def episode(self, episode_id: str) -> Episode:
        """One episode. Raises NotFoundError."""
        found = self._episodes(f'"id" = {text(episode_id)}')
        if not found:
            raise NotFoundError("episode", episode_id)
        return found[0]

    def sums(self, wearer: str, start: int, end: int) -> tuple[NDArray[np.int64], int, int]:
        """Seconds of each activity (6,), and sum (in steps) and count of the lean while upright, in
        [start, end), which is whole minutes."""
        if end <= start:
            return np.zeros(len(Activity), dtype=np.int64), 0, 0
        table = HOURS if start % HOUR_S == 0 and end % HOUR_S == 0 else MINUTES
        rows = self._whole_rows(
            f"SELECT {_sums(('check', *ADDITIVE))} FROM {table} WHERE {_span(wearer, start, end)}"
        )
        if not rows:
            return np.zeros(len(Activity), dtype=np.int64), 0, 0
        found = dict(zip(ADDITIVE, rows[0][2:], strict=True))
        seconds = np.array([found[name] for name in SECONDS], dtype=np.int64)
        return seconds, int(found["upright_lean_sum"]), int(found["upright_lean_n"])

    def minutes_span(self, wearer: str) -> tuple[int, int] | None:
        """Where the first minute that it has begins, and the last one ends; None without any."""
        query = f'SELECT unknown_s FROM {MINUTES} WHERE "wearer" = {text(wearer)} ORDER BY time {{}} LIMIT 1'
        ends = [
            _all(tables) for tables in self._asker.ask(query.format("ASC"), query.format("DESC"))
        ]
        if not all(ends):
            return None
        return int(ends[0][0][0]), int(ends[1][0][0]) + MINUTE_S

    def known_until(self, wearer: str) -> int:
        """The end of the last second that it has of a wearer; 0 when it has nothing."""
        where = f'WHERE "wearer" = {text(wearer)} ORDER BY time DESC LIMIT 1'
        answers = self._asker.ask(
            f"SELECT activity FROM {FRAMES} {where}", f"SELECT unknown_s FROM {MINUTES} {where}"
        )
        for tables, width_s in zip(answers, (1, MINUTE_S), strict=True):
            rows = _all(tables)
            if rows:
                return int(rows[0][0]) + width_s
        return 0

    def _rows(self, query: str) -> list[Sequence[Any]]:
        return _all(self._asker.ask(query)[0])

    def _whole_rows(self, query: str) -> list[Sequence[Any]]:
        """Rows of time, check and ADDITIVE, none of which was read while it was being overwritten."""
        for attempt in range(ATTEMPTS):
            rows = self._rows(query)
            if all(row[1] == check_sum(row[2 : 2 + len(ADDITIVE)]) for row in rows):
                return rows
            time.sleep(0.01 * 2**attempt)
        raise ServerError(
            "the server shows points that are not whole; is another program writing them?"
        )

    def _episodes(self, where: str) -> list[Episode]:
        query = f'SELECT {_quoted(_EPISODE_FIELDS)}, "kind", "wearer" FROM {EPISODES} WHERE {where}'
        found = [_episode(row) for row in self._rows(query)]
        return sorted(found, key=lambda episode: (episode.start, episode.id))


def _all(tables: Sequence[Table]) -> list[Sequence[Any]]:
    return [row for table in tables for row in table.rows]


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _sums(names: Sequence[str]) -> str:
    return ", ".join(f'sum("{name}")' for name in names)


def _span(wearer: str, start: int, end: int) -> str:
    first, last = (min(max(time, EARLIEST_S), LATEST_S) for time in (start, end))
    return f'"wearer" = {text(wearer)} AND time >= {first}s AND time < {last}s'


def _frames(wearer: str, rows: Sequence[Sequence[Any]]) -> FrameBlock:
    if not rows:
        return FrameBlock.empty(wearer)
    table = np.array(rows, dtype=np.float64)
    columns: dict[str, NDArray[Any]] = {
        name: table[:, 1 + place].astype(np.int64) for place, name in enumerate(_FRAME_FIELDS[:4])
    }
    known = columns.pop("known")
    for place, name in enumerate(METRIC_NAMES):
        values: Floats = table[:, 5 + place] / STEPS[name]
        columns[name] = np.where(known >> place & 1, values, np.nan)
    return FrameBlock(wearer=wearer, times=table[:, 0].astype(np.int64), **columns)


def _episode(row: Sequence[Any]) -> Episode:
    names = ("start", *_EPISODE_FIELDS, "kind", "wearer")
    found: Mapping[str, Any] = dict(zip(names, row, strict=True))
    try:
        floats = {
            name: float(found[name]) if int(found["known"]) >> place & 1 else float("nan")
            for place, name in enumerate(EPISODE_FLOATS)
        }
        return Episode(
            kind=EpisodeKind(found["kind"]),
            wearer=found["wearer"],
            start=int(found["start"]),
            end=None if found["open"] else int(found["end"]),
            placement=found["placement"],
            censored=bool(found["censored"]),
            asymmetry=Asymmetry(int(found["asymmetry"])),
            id=found["id"],
            **floats,
        )
    except (TypeError, ValueError) as error:
        raise ServerError(
            f"the server has an episode that is none of Sitwell's: {error}"
        ) from error
