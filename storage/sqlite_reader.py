"""The reading half of the embedded store: it takes no lock, and a service may write meanwhile."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import apsw

from domain.alerts import Alert, AlertKind, Outcome
from domain.context import AnalysisContext
from domain.decisions import Decision
from domain.deliveries import Delivery
from domain.episodes import Episode, EpisodeKind
from domain.errors import NotFoundError, StoreVersionError
from domain.people import Assignment, Calibration, Sensor, Wearer
from domain.posture import FrameBlock, PostureFrame
from domain.readings import MINUTE_S, LinkReading
from domain.records import Adjustment, AuditEntry, DiaryEntry, Setting, Token
from domain.samples import SampleBlock
from storage import (
    alerts,
    contexts,
    days,
    decisions,
    deliveries,
    episodes,
    frames,
    readings,
    record_tables,
    records,
    samples,
    sensors,
    series,
    spans,
    whole_minutes,
)
from storage.changes import EVER
from storage.connection import Readers, check_library, translated
from storage.contract import DaySummary, SamplesKept, Series
from storage.erasable import read_erasable
from storage.erased import Erasable
from storage.rollup_block import RollupBlock
from storage.schema import SCHEMA_VERSION, check_schema
from storage.sqlite_days import SqliteDays


class SqliteReader(SqliteDays):
    """What the Store contract reads, of a file that is there; any thread may call.

    `of` opens one by itself. Raises StoreVersionError when the SQLite library is too old to be trusted.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = 5.0) -> None:
        check_library()
        self._path = path
        self._readers = Readers(path, busy_timeout_s=busy_timeout_s)

    @classmethod
    def of(cls, path: Path) -> "SqliteReader":
        """The store at `path`, for reading alone: nothing is locked, made or migrated.

        Raises NotFoundError when there is none, StoreVersionError when another Sitwell wrote it, and
        StoreUnavailableError.
        """
        reader = SqliteReader(path)
        reader._check_readable()
        return reader

    def _check_readable(self) -> None:
        """Raise what `of` raises."""
        path = self._path
        if not path.is_file():
            raise NotFoundError("store at", str(path))
        with self._snapshot() as connection:
            check_schema(connection)
            version = connection.pragma("user_version")
        if version != SCHEMA_VERSION:
            raise StoreVersionError(
                f"{path} was written by an older Sitwell (schema {version}, this one reads "
                f"{SCHEMA_VERSION}); start the service once, which brings it up to date"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; later calls raise StoreUnavailableError."""
        self._readers.close()

    def spans(self) -> dict[str, tuple[int, int]]:
        """First second, and the one after the last begins, of all that is kept of a wearer, by id."""
        with self._snapshot() as connection:
            return spans.read_spans(connection)

    def rollups(self, wearer: str, start: int, end: int, width_s: int) -> RollupBlock:
        """Minutes or hours that begin in the range, as sums. Raises ValueError for another width."""
        with self._snapshot() as connection:
            key = frames.wearer_key(connection, wearer)
            return whole_minutes.read_rollups(connection, wearer, key, start, end, width_s)

    def frames(self, wearer: str, start: int, end: int) -> FrameBlock:
        """Frames in the range, in order, at the stored resolution."""
        with self._snapshot() as connection:
            key = frames.wearer_key(connection, wearer)
            if key is None:
                return FrameBlock.empty(wearer)
            return frames.read_frames(connection, wearer, key, start, end)

    def latest(self, wearer: str) -> PostureFrame | None:
        """The newest frame."""
        with self._snapshot() as connection:
            key = frames.wearer_key(connection, wearer)
            return None if key is None else frames.read_latest(connection, wearer, key)

    def series(self, wearer: str, start: int, end: int, resolution_s: int) -> Series:
        """Whole buckets of `resolution_s` (one of RESOLUTIONS_S) that overlap the range, aligned to
        Unix time. Raises ValueError for another resolution."""
        with self._snapshot() as connection:
            key = frames.wearer_key(connection, wearer)
            return series.read_series(connection, wearer, key, start, end, resolution_s)

    def episodes(
        self, wearer: str, start: int, end: int, kinds: Sequence[EpisodeKind] | None = None
    ) -> list[Episode]:
        """Episodes that overlap the range (open ones reach to infinity), by start."""
        with self._snapshot() as connection:
            key = frames.wearer_key(connection, wearer)
            if key is None:
                return []
            return episodes.read_episodes(connection, wearer, key, start, end, kinds)

    def episode(self, episode_id: str) -> Episode:
        """One episode. Raises NotFoundError."""
        with self._snapshot() as connection:
            return episodes.read_episode(connection, episode_id)

    def contexts(self, wearer: str, start: int, end: int) -> list[AnalysisContext]:
        """What the analysis went by in the range, in order; the first may have begun before it."""
        with self._snapshot() as connection:
            return contexts.read_contexts(connection, wearer, start, end)

    def day_summary(self, wearer: str, day: date, timezone: str) -> DaySummary:
        """The local day `day` in the IANA zone `timezone`; zeros where nothing was stored.

        Raises NotFoundError for a zone that does not exist.
        """
        with self._snapshot() as connection:
            key = frames.wearer_key(connection, wearer)
            return days.read_day(connection, wearer, key, day, timezone)

    def alerts(
        self,
        wearer: str | None = None,
        *,
        start: float | None = None,
        end: float | None = None,
        open_only: bool = False,
        kinds: Sequence[AlertKind] = (),
        outcomes: Sequence[Outcome] = (),
        limit: int = 200,
        after: tuple[float, str] | None = None,
    ) -> list[Alert]:
        """Alerts by opening time, newest first, then by id; `after`: those that come after that one."""
        with self._snapshot() as connection:
            return alerts.read_alerts(
                connection,
                wearer,
                start=start,
                end=end,
                open_only=open_only,
                kinds=kinds,
                outcomes=outcomes,
                limit=limit,
                after=after,
            )

    def alert(self, alert_id: str) -> Alert:
        """One alert. Raises NotFoundError."""
        with self._snapshot() as connection:
            return alerts.read_alert(connection, alert_id)

    def deliveries(
        self,
        wearer: str | None = None,
        *,
        channel: str | None = None,
        alert: str | None = None,
        before: tuple[float, str, str] | None = None,
        limit: int = 200,
    ) -> list[Delivery]:
        """Deliveries by when they were announced, newest first; before: only those whose key is less."""
        with self._snapshot() as connection:
            return deliveries.read_deliveries(
                connection, wearer, channel=channel, alert=alert, before=before, limit=limit
            )

    def decisions(
        self,
        wearer: str,
        start: float,
        end: float,
        *,
        before: tuple[float, str] | None = None,
        limit: int = 200,
    ) -> list[Decision]:
        """Decisions of [start, end), newest first; before: only those whose (at, id) is less."""
        with self._snapshot() as connection:
            return decisions.read_decisions(
                connection, wearer, start, end, before=before, limit=limit
            )

    def pending_deliveries(self) -> list[Delivery]:
        """Deliveries that something is still to become of, oldest first."""
        with self._snapshot() as connection:
            return deliveries.read_pending(connection)

    def state(self, key: str) -> bytes | None:
        """What was last written under `key`."""
        with self._snapshot() as connection:
            return records.read_state(connection, key)

    def wearers(self) -> list[Wearer]:
        """All wearers by id."""
        with self._snapshot() as connection:
            return record_tables.WEARERS.all(connection)

    def sensors(self) -> list[Sensor]:
        """All paired sensors by id."""
        with self._snapshot() as connection:
            return sensors.read_sensors(connection)

    def assignments(self, sensor_id: str | None = None) -> list[Assignment]:
        """Whose a sensor was and where it was worn, newest first; without an id of every sensor."""
        with self._snapshot() as connection:
            return sensors.read_assignments(connection, sensor_id)

    def calibrations(self, sensor_id: str | None = None) -> list[Calibration]:
        """The version history, newest first; without an id of every sensor."""
        with self._snapshot() as connection:
            return records.read_calibrations(connection, sensor_id)

    def states(self) -> dict[str, bytes]:
        """All saved states by key."""
        with self._snapshot() as connection:
            return records.read_states(connection)

    def known_sensors(self) -> list[str]:
        """Every sensor of which anything is kept, paired or not, by id."""
        with self._snapshot() as connection:
            return spans.read_sensors(connection)

    def diary(self, wearer: str, start: float, end: float) -> list[DiaryEntry]:
        """Entries about [start, end), in order."""
        with self._snapshot() as connection:
            where = "wearer = ? AND at >= ? AND at < ?"
            return record_tables.DIARY.all(connection, where, (wearer, start, end))

    def settings(self, wearer: str | None = None) -> list[Setting]:
        """Settings of a wearer (empty: everybody's) by name; with None all there are."""
        with self._snapshot() as connection:
            if wearer is None:
                return record_tables.SETTINGS.all(connection)
            return record_tables.SETTINGS.all(connection, "wearer = ?", (wearer,))

    def adjustments(self, wearer: str | None = None) -> list[Adjustment]:
        """What was adjusted for a wearer, oldest first, also what was undone; with None for all."""
        with self._snapshot() as connection:
            if wearer is None:
                return record_tables.ADJUSTMENTS.all(connection)
            return record_tables.ADJUSTMENTS.all(connection, "wearer = ?", (wearer,))

    def tokens(self) -> list[Token]:
        """All tokens, oldest first, also those that are revoked."""
        with self._snapshot() as connection:
            return record_tables.TOKENS.all(connection)

    def audit(self, *, limit: int = 200, before: int | None = None) -> list[AuditEntry]:
        """What was done, newest first; before: only entries whose number is smaller."""
        with self._snapshot() as connection:
            return record_tables.read_audit(connection, limit, before)

    def readings(
        self, sensor_id: str, start: int, end: int, resolution_s: int = MINUTE_S
    ) -> list[LinkReading]:
        """Whole readings of `resolution_s` that overlap the range, aligned to Unix time, in order.

        Raises ValueError for a resolution that is none of RESOLUTIONS_S, or finer than a minute.
        """
        with self._snapshot() as connection:
            return readings.read_readings(connection, sensor_id, start, end, resolution_s)

    def samples(self, sensor_id: str, start: float, end: float) -> list[SampleBlock]:
        """Raw samples in the range, to the last bit, in blocks; nothing where none were kept."""
        with self._snapshot() as connection:
            return samples.read_samples(connection, sensor_id, start, end)

    def sample_spans(self, sensor_id: str, start: float, end: float) -> list[tuple[float, float]]:
        """First and last time of each block of raw samples that begins in the range, in order."""
        with self._snapshot() as connection:
            return samples.read_spans(connection, sensor_id, start, end)

    def samples_kept(self, sensor_id: str | None = None) -> list[SamplesKept]:
        """What raw samples there are, by sensor; without an id of every sensor."""
        with self._snapshot() as connection:
            return samples.read_kept(connection, sensor_id)

    def erasable(self, wearer: str, start: int | None = None, end: int | None = None) -> Erasable:
        """What erasing would take away of the wearer, or of [start, end)."""
        first, last = EVER[0] if start is None else start, EVER[1] if end is None else end
        with self._snapshot() as connection:
            return read_erasable(connection, wearer, first, last)

    @contextmanager
    def _snapshot(self) -> Iterator[apsw.Connection]:
        with translated(self._path), self._readers.snapshot() as connection:
            yield connection
