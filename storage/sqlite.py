"""The embedded store: one SQLite file, one writer, many readers.

Any method may be called from any thread. Writes wait for each other, and each is one transaction
that is on the disk when the method returns; reads never wait for a write and never see half of one.
docs/storage.md describes the file.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import apsw

from domain.alerts import Alert
from domain.context import AnalysisContext
from domain.episodes import Episode, EpisodeKind
from domain.errors import SitwellError, StoreUnavailableError, first_line
from domain.people import Assignment, Calibration, Sensor, Wearer
from domain.posture import FrameBlock, PostureFrame
from domain.readings import MINUTE_S, LinkReading
from storage import (
    alerts,
    contexts,
    days,
    episodes,
    frames,
    readings,
    records,
    rollups,
    sensors,
    series,
)
from storage.connection import Readers, check_library, open_writer, translated
from storage.contract import Batch, DaySummary, Series, StoreHealth
from storage.lock import StoreLock
from storage.schema import SCHEMA_VERSION

#: Rows removed in one transaction, so that pruning never keeps the next second waiting for long.
PRUNED_AT_ONCE = 86_400


class SqliteStore:
    """The Store contract in one file, made when absent together with its folder.

    Raises StoreUnavailableError when the file cannot be used or another service holds it, and
    StoreVersionError when the SQLite library is too old or the file too new. After an unclean stop
    the file is checked for damage before anything is written.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = 5.0) -> None:
        check_library()
        self._path = path
        self._write_lock = threading.Lock()
        self._fault: str | None = None
        self._last_commit_at: float | None = None
        with translated(path):
            _make_folder(path.parent)
            lock = StoreLock(path.with_name(path.name + ".lock"))
            try:
                _make_private(path)
                wal = path.with_name(path.name + "-wal")
                unclean = lock.abandoned or (wal.exists() and wal.stat().st_size > 0)
                connection = open_writer(path, busy_timeout_s=busy_timeout_s, check=unclean)
                rollups.prepare(connection)
            except BaseException:
                lock.release()
                raise
        self._lock = lock
        self._writer: apsw.Connection | None = connection
        self._readers = Readers(path, busy_timeout_s=busy_timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, batch: Batch, *, now: float) -> None:
        """Commit `batch` in one transaction; writing it again changes nothing.

        A write that fails leaves nothing behind and may be tried again. Raises ValueError for a
        frame whose activity has no column, and for a reading that is not of a whole minute.
        """
        if batch.empty:
            return
        blocks = [block for block in batch.frames if len(block)]
        frames.check_frames(blocks)
        readings.check_readings(batch.readings)
        with self._transaction() as connection:
            if blocks:
                keyed = frames.KeyedFrames.of(connection, blocks)
                frames.put_frames(connection, keyed)
                rollups.roll_up(connection, keyed)
            episodes.put_episodes(connection, batch.episodes)
            alerts.put_alerts(connection, batch.alerts)
            records.put_states(connection, batch.states)
            readings.put_readings(connection, batch.readings)
            contexts.put_contexts(connection, batch.contexts)
        self._last_commit_at = now

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
        limit: int = 200,
    ) -> list[Alert]:
        """Alerts by opening time, newest first."""
        with self._snapshot() as connection:
            return alerts.read_alerts(
                connection, wearer, start=start, end=end, open_only=open_only, limit=limit
            )

    def alert(self, alert_id: str) -> Alert:
        """One alert. Raises NotFoundError."""
        with self._snapshot() as connection:
            return alerts.read_alert(connection, alert_id)

    def state(self, key: str) -> bytes | None:
        """What was last written under `key`."""
        with self._snapshot() as connection:
            return records.read_state(connection, key)

    def wearers(self) -> list[Wearer]:
        """All wearers by id."""
        with self._snapshot() as connection:
            return records.read_wearers(connection)

    def put_wearer(self, wearer: Wearer) -> None:
        """Add or replace by id."""
        with self._transaction() as connection:
            records.put_wearer(connection, wearer)

    def sensors(self) -> list[Sensor]:
        """All paired sensors by id."""
        with self._snapshot() as connection:
            return sensors.read_sensors(connection)

    def put_sensor(self, sensor: Sensor, *, since: float | None = None) -> None:
        """Add or replace by id. Another wearer or placement than before ends its assignment and
        begins the next one at `since`, by default `paired_at`, or at the change before when that
        was later."""
        with self._transaction() as connection:
            sensors.put_sensor(connection, sensor, sensor.paired_at if since is None else since)

    def remove_sensor(self, sensor_id: str, *, now: float) -> None:
        """Unpair: its assignment ends, its calibrations and assignments stay. Raises NotFoundError."""
        with self._transaction() as connection:
            sensors.remove_sensor(connection, sensor_id, now)

    def assignments(self, sensor_id: str | None = None) -> list[Assignment]:
        """Whose a sensor was and where it was worn, newest first; without an id of every sensor."""
        with self._snapshot() as connection:
            return sensors.read_assignments(connection, sensor_id)

    def calibrations(self, sensor_id: str) -> list[Calibration]:
        """The version history, newest first."""
        with self._snapshot() as connection:
            return records.read_calibrations(connection, sensor_id)

    def add_calibration(self, calibration: Calibration) -> None:
        """Append to the version history."""
        with self._transaction() as connection:
            records.add_calibration(connection, calibration)

    def readings(
        self, sensor_id: str, start: int, end: int, resolution_s: int = MINUTE_S
    ) -> list[LinkReading]:
        """Whole readings of `resolution_s` that overlap the range, aligned to Unix time, in order.

        Raises ValueError for a resolution that is none of RESOLUTIONS_S, or finer than a minute.
        """
        with self._snapshot() as connection:
            return readings.read_readings(connection, sensor_id, start, end, resolution_s)

    def prune(self, *, frames_before: int, readings_before: int | None = None) -> int:
        """Remove frames older than `frames_before`, and readings older than `readings_before` when it
        is given, a day of frames at a time; rollups and episodes stay. Returns how many frames."""
        more = readings_before is not None
        while more and readings_before is not None:
            with self._transaction() as connection:
                more = readings.prune_readings(connection, readings_before, PRUNED_AT_ONCE) > 0
        removed = 0
        while True:
            with self._transaction() as connection:
                gone = frames.prune_frames(connection, frames_before, PRUNED_AT_ONCE)
            if not gone:
                return removed
            removed += gone

    def health(self) -> StoreHealth:
        """How the store is; never raises."""
        detail = self._fault
        try:
            with self._snapshot() as connection:
                connection.execute("SELECT count(*) FROM wearer_keys").fetchall()
        except SitwellError as error:
            detail = first_line(error)
        return StoreHealth(
            backend="sqlite",
            ok=detail is None,
            detail=detail or f"SQLite {apsw.sqlite_lib_version()}, schema {SCHEMA_VERSION}",
            last_commit_at=self._last_commit_at,
            size_bytes=sum(
                _size_bytes(self._path.with_name(self._path.name + end)) for end in _FILES
            ),
        )

    def close(self) -> None:
        """Move the log into the file and let go of it; later calls raise StoreUnavailableError."""
        with self._write_lock:
            connection, self._writer = self._writer, None
            if connection is None:
                return
            self._readers.close()
            with translated(self._path):
                try:
                    # A last connection that closes does the same, but would hide a failure.
                    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
                finally:
                    connection.close(force=True)
                    self._lock.release()

    @contextmanager
    def _snapshot(self) -> Iterator[apsw.Connection]:
        with translated(self._path), self._readers.snapshot() as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[apsw.Connection]:
        with self._write_lock:
            connection = self._writer
            if connection is None:
                raise StoreUnavailableError(f"{self._path}: the store is closed")
            try:
                with translated(self._path), _immediate(connection):
                    yield connection
            except StoreUnavailableError as error:
                self._fault = first_line(error)
                raise
            self._fault = None


_FILES = ("", "-wal", "-shm")


@contextmanager
def _immediate(connection: apsw.Connection) -> Iterator[None]:
    _roll_back(connection)  # what a sick disk may have kept the last one from doing
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(apsw.Error):
            _roll_back(connection)
        raise


def _roll_back(connection: apsw.Connection) -> None:
    # SQLite rolls back by itself after some errors and leaves it to us after others.
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _make_folder(folder: Path) -> None:
    """A folder of its own is for its owner alone; one that was there belongs to whoever made it."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True)


def _make_private(path: Path) -> None:
    """A file that nobody else reads: what is in it is about a body. The log takes its mode from it."""
    path.touch(mode=0o600)
    mode = path.stat().st_mode
    if mode & 0o077:
        path.chmod(mode & 0o700)


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
