"""Reading from the local file and from the server: each second from where it is.

What is new lies in the local file and is read from there, whatever the server does. The server is asked
for what is older than the file: frames that were pruned here, and the rest only where a file was lost
and begun anew.
"""

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from domain.episodes import Episode, EpisodeKind
from domain.errors import NotFoundError
from domain.posture import FrameBlock, PostureFrame
from storage import debt
from storage.contract import DaySummary, Series
from storage.days import MOST_ALERTS_A_DAY, day_bounds, sum_day
from storage.frames import STEPS
from storage.influx.asking import Asker
from storage.influx.reader import LATEST_S, InfluxReader
from storage.influx.settings import InfluxSettings
from storage.rollup_block import RollupBlock
from storage.rollups import MINUTE_S
from storage.series import join_series
from storage.sqlite_reader import SqliteReader

_UPRIGHT_LEAN = (
    "SELECT coalesce(sum(upright_lean_sum), 0), coalesce(sum(upright_lean_n), 0) FROM minutes"
    " WHERE wearer = (SELECT key FROM wearer_keys WHERE wearer = ?) AND time >= ? AND time < ?"
)


class BothReader(SqliteReader):
    """The StoreReader contract over a local file and a server; `InfluxStore` is one that writes, too.

    Reading what only the server has raises ServerError while it is away.
    """

    _remote: InfluxReader

    def spans(self) -> dict[str, tuple[int, int]]:
        """As the contract says."""
        found = super().spans()
        if self._horizon(pruned=True) == 0:
            return found
        for wearer, (first, last) in self._remote.spans().items():
            before = found.get(wearer, (first, last))
            found[wearer] = min(first, before[0]), max(last, before[1])
        return dict(sorted(found.items()))

    def rollups(self, wearer: str, start: int, end: int, width_s: int) -> RollupBlock:
        """As the contract says."""
        edge = self._horizon()
        if start >= edge:
            return super().rollups(wearer, start, end, width_s)
        cut = min(edge, end)
        there = self._remote.rollups(wearer, start, cut, width_s)
        return there.joined(super().rollups(wearer, cut, end, width_s))

    def frames(self, wearer: str, start: int, end: int) -> FrameBlock:
        """As the contract says."""
        edge = self._horizon(pruned=True)
        here = super().frames(wearer, max(start, edge), end)
        if start >= edge:
            return here
        there = self._remote.frames(wearer, start, min(end, edge))
        return FrameBlock.join(wearer, [there, here])

    def latest(self, wearer: str) -> PostureFrame | None:
        """As the contract says."""
        edge = self._horizon(pruned=True)
        here = super().latest(wearer)
        if edge == 0 or (here is not None and here.time >= edge):
            return here
        return self._remote.latest(wearer)

    def series(self, wearer: str, start: int, end: int, resolution_s: int) -> Series:
        """As the contract says."""
        edge = self._horizon(pruned=resolution_s < MINUTE_S)
        if start >= edge or resolution_s <= 0:
            return super().series(wearer, start, end, resolution_s)
        cut = min(edge + -edge % resolution_s, end)
        there = self._remote.series(wearer, start, cut, resolution_s)
        if cut >= end:
            return there
        return join_series(there, super().series(wearer, cut, end, resolution_s))

    def episodes(
        self, wearer: str, start: int, end: int, kinds: Sequence[EpisodeKind] | None = None
    ) -> list[Episode]:
        """As the contract says."""
        edge = self._horizon()
        here = super().episodes(wearer, start, end, kinds)
        if edge == 0:
            return here
        there = self._remote.episodes(wearer, start, min(end, edge), kinds)
        return [*there, *(episode for episode in here if episode.start >= edge)]

    def episode(self, episode_id: str) -> Episode:
        """As the contract says."""
        edge = self._horizon()
        try:
            here = super().episode(episode_id)
        except NotFoundError:
            if edge == 0:
                raise
            return self._remote.episode(episode_id)
        return here if here.start >= edge else self._remote.episode(episode_id)

    def day_summary(self, wearer: str, day: date, timezone: str) -> DaySummary:
        """As the contract says."""
        start, end = day_bounds(day, timezone)
        edge = self._horizon()
        if start >= edge:
            return super().day_summary(wearer, day, timezone)
        first, last = start - start % MINUTE_S, end - end % MINUTE_S
        cut = max(min(edge, last), first)
        cut -= cut % MINUTE_S
        seconds, lean_sum, lean_n = self._remote.sums(wearer, first, cut)
        series = super().series(wearer, cut, last, MINUTE_S)
        here_sum, here_n = self._upright_lean(wearer, cut, last)
        lean_sum, lean_n = lean_sum + here_sum, lean_n + here_n
        newest = super().latest(wearer)
        return sum_day(
            wearer,
            day,
            timezone,
            seconds + series.seconds.sum(axis=0, dtype=np.int64),
            lean_sum / lean_n / STEPS["lean_deg"] if lean_n else math.nan,
            self.episodes(wearer, start, end),
            self.alerts(wearer, start=start, end=end, limit=MOST_ALERTS_A_DAY),
            known_until=self._remote.known_until(wearer)
            if newest is None or newest.time < edge
            else newest.time + 1,
        )

    def minutes_span(self, wearer: str) -> tuple[int, int] | None:
        """As of SqliteReader, of what both have."""
        here = super().minutes_span(wearer)
        if self._horizon() == 0:
            return here
        there = self._remote.minutes_span(wearer)
        spans = [span for span in (here, there) if span is not None]
        if not spans:
            return None
        return min(first for first, _ in spans), max(last for _, last in spans)

    def _upright_lean(self, wearer: str, start: int, end: int) -> tuple[int, int]:
        """Sum (in steps) and count of the lean while upright in [start, end), of whole minutes here."""
        with self._snapshot() as connection:
            rows: list[tuple[Any, ...]] = connection.execute(
                _UPRIGHT_LEAN, (wearer, start, end)
            ).fetchall()
        return int(rows[0][0]), int(rows[0][1])

    def _horizon(self, *, pruned: bool = False) -> int:
        """Before which second the server has to be asked: of frames (`pruned`), or of the rest."""
        with self._snapshot() as connection:
            pruned_before, history_before = debt.read_horizons(connection)
        history = history_before or 0
        return max(pruned_before, history) if pruned else history


class FileAndServer(BothReader):
    """A store whose measurements are at a server, for reading alone, also while a service has its file.

    Raises as `SqliteReader.of`. server_alone: every measurement is read from the server, none from the file.
    """

    def __init__(self, path: Path, settings: InfluxSettings, *, server_alone: bool = False) -> None:
        super().__init__(path)
        self._server_alone = server_alone
        self._asker = Asker(settings)
        self._remote = InfluxReader(self._asker)
        self._check_readable()

    def close(self) -> None:
        """Let go of both; later calls are errors."""
        super().close()
        self._asker.close()

    def _horizon(self, *, pruned: bool = False) -> int:
        """See BothReader."""
        return LATEST_S if self._server_alone else super()._horizon(pruned=pruned)
