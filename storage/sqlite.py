"""The embedded store: one SQLite file, one writer, many readers.

Any method may be called from any thread. Writes wait for each other, and each is one transaction
that is on the disk when the method returns; reads never wait for a write and never see half of one.
docs/storage.md describes the file.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

import apsw

from domain.errors import SitwellError, StoreUnavailableError, first_line
from storage import (
    batches,
    decisions,
    deliveries,
    erasing,
    frames,
    kept_days,
    outbox,
    readings,
    record_tables,
    rollups,
    samples,
)
from storage.changes import EVER, Changes, frames_of, with_span
from storage.connection import make_folder, make_private, open_writer, translated
from storage.contract import Batch, StoreHealth
from storage.day_sums import sum_up_day
from storage.encryption import connect
from storage.erased import Erased
from storage.lock import StoreLock
from storage.schema import SCHEMA_VERSION
from storage.sqlite_records import SqliteRecords

#: Rows removed in one transaction, so that pruning never keeps the next second waiting for long.
PRUNED_AT_ONCE = 86_400
#: Blocks of raw samples are large: so many minutes of a sensor at once.
PRUNED_BLOCKS = 500


class SqliteStore(SqliteRecords):
    """The Store contract in one file, made when absent together with its folder.

    Raises StoreUnavailableError when the file cannot be used or another service holds it, and
    StoreVersionError when the SQLite library is too old or the file too new. After an unclean stop
    the file is checked for damage before anything is written.

    owing: whether a server is owed what is stored: from then on every write says so in its own
    transaction (`storage.outbox`), and all that the file has already is owed too. False: nobody is owed
    anything any more, nor what was still owed. None: as it was said of the file before.
    """

    def __init__(
        self, path: Path, *, busy_timeout_s: float = 5.0, owing: bool | None = None
    ) -> None:
        super().__init__(path, busy_timeout_s=busy_timeout_s)
        self._busy_timeout_s = busy_timeout_s
        self._write_lock = threading.Lock()
        self._changes = Changes(of_others=self._of_others)
        self._fault: str | None = None
        self._last_commit_at: float | None = None
        with translated(path):
            make_folder(path.parent)
            lock = StoreLock(path.with_name(path.name + ".lock"))
            try:
                make_private(path)
                wal = path.with_name(path.name + "-wal")
                unclean = lock.abandoned or (wal.exists() and wal.stat().st_size > 0)
                connection = open_writer(path, busy_timeout_s=busy_timeout_s, check=unclean)
                rollups.prepare(connection)
                was_owing = outbox.is_owing(connection)
                if owing is not None and owing != was_owing:
                    with _immediate(connection):
                        outbox.turn(connection, time.time() if owing else None)
            except BaseException:
                lock.release()
                raise
        self._lock = lock
        self._owing = was_owing if owing is None else owing
        self._writer: apsw.Connection | None = connection

    #: Whether an erasure reaches the server that is owed what is stored.
    _reaches_server = False
    #: Whether others change what is measured, too.
    _of_others = False

    @property
    def changes(self) -> Changes:
        """See the contract."""
        return self._changes

    def write(self, batch: Batch, *, now: float) -> None:
        """Commit `batch` in one transaction; writing it again changes nothing.

        A write that fails leaves nothing behind and may be tried again. Raises ValueError for a
        frame whose activity has no column, and for a reading that is not of a whole minute.
        """
        if batch.empty:
            return
        batches.check_batch(batch)
        touched = frames_of(batch)
        with self._transaction(touched, alerts=bool(batch.alerts), records=False) as connection:
            batches.put_batch(connection, batch, owed_at=now if self._owing else None)
        self._last_commit_at = now

    def replace(self, wearer: str, start: int, end: int, batch: Batch, *, now: float) -> None:
        """In one transaction remove the wearer's frames and contexts of [start, end) and the episodes
        that begin in it, then write `batch`; rollups follow. Alerts and their outcomes stay. A minute at
        an edge whose other frames were pruned stays as it was. Raises ValueError as `write`."""
        batches.check_batch(batch)
        touched = with_span(frames_of(batch), wearer, start, end)
        with self._transaction(touched, alerts=bool(batch.alerts), records=False) as connection:
            owed_at = now if self._owing else None
            batches.replace_span(connection, wearer, start, end, batch, owed_at=owed_at)
        self._last_commit_at = now

    def prune(
        self,
        *,
        frames_before: int,
        readings_before: int | None = None,
        samples_before: float | None = None,
        deliveries_before: float | None = None,
        audit_before: float | None = None,
    ) -> int:
        """As the contract says, a day of frames at a time."""
        for prune, before in (
            (deliveries.prune_deliveries, deliveries_before),
            (record_tables.prune_audit, audit_before),
        ):
            more = before is not None
            while more and before is not None:
                with self._transaction() as connection:
                    more = prune(connection, before, PRUNED_AT_ONCE) > 0
        more = samples_before is not None
        while more and samples_before is not None:
            with self._transaction() as connection:
                more = samples.prune_samples(connection, samples_before, PRUNED_BLOCKS) > 0
        more = readings_before is not None
        while more and readings_before is not None:
            with self._transaction() as connection:
                gone = readings.prune_readings(connection, readings_before, PRUNED_AT_ONCE)
                gone += decisions.prune_decisions(connection, readings_before, PRUNED_AT_ONCE)
            more = gone > 0
        removed = 0
        while True:
            with self._transaction() as connection:
                gone = frames.prune_frames(connection, frames_before, PRUNED_AT_ONCE)
            if not gone:
                return removed
            removed += gone

    def keep_days(self, wearer: str, timezone: str, *, now: float, most: int = 8) -> int:
        """Sum up days that are over and not kept, the newest, and keep them; how many it summed up. Others
        write meanwhile."""
        due = self.due_days(wearer, timezone, now)[-most:]
        if not due:
            return 0
        with self._transaction() as connection:
            begun = kept_days.begin(connection, wearer, timezone, due[::-1])
        sums = [sum_up_day(self, wearer, each.day, timezone) for each in begun]
        with self._transaction() as connection:
            for before, day in zip(begun, sums, strict=True):
                kept_days.put(connection, wearer, before, day)
        return len(sums)

    def erase(self, wearer: str, start: int | None = None, end: int | None = None) -> Erased:
        """Remove a wearer, or what lies in [start, end), in one transaction; then write the file anew,
        which takes as long as copying it and as much space. Raises StoreUnavailableError for a wearer
        whose measurements are at a server too, which this store cannot reach."""
        if self._owing and start is None and end is None and not self._reaches_server:
            raise StoreUnavailableError(
                f"{self._path}: what was measured is also at an InfluxDB server; erase with the "
                'configuration that names it, or set storage.metrics = "sqlite" and start the service once'
            )
        first = EVER[0] if start is None else start
        last = EVER[1] if end is None else end
        with self._transaction({wearer: (first, last)}) as connection:
            erased = erasing.erase(connection, wearer, start, end, owed_at=self._owed_at())
        self.wipe()
        return erased

    def wipe(self) -> None:
        """Leave no trace of deleted rows in the files."""
        with self._write_lock, translated(self._path):
            if self._writer is None:
                raise StoreUnavailableError(f"{self._path}: the store is closed")
            # A connection of its own: the writer keeps its temporary tables in memory, where a
            # whole copy of the store has no place.
            connection = connect(self._path, apsw.SQLITE_OPEN_READWRITE)
            try:
                connection.set_busy_timeout(round(self._busy_timeout_s * 1000))
                erasing.wipe(connection, self._path)
            finally:
                connection.close(force=True)

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

    def _owed_at(self) -> float | None:
        """The time, when a server is owed what is stored."""
        return time.time() if self._owing else None

    @contextmanager
    def _transaction(
        self,
        frames: Mapping[str, tuple[int, int]] = MappingProxyType({}),
        *,
        alerts: bool = True,
        records: bool = True,
    ) -> Iterator[apsw.Connection]:
        """One transaction, which changes frames of these ranges, by wearer, and, unless that is denied, may
        change alerts and records."""
        told = self._changes.under_way(frames, alerts=alerts, records=records)
        with self._write_lock, told:
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


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
