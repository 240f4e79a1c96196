"""Connections to the SQLite file: the one writer, the readers, and what their errors mean."""

import errno
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from domain.errors import StoreUnavailableError, StoreVersionError
from storage.encryption import connect
from storage.schema import check_schema, migrate

#: Older libraries can corrupt a WAL that is reset while a checkpoint runs (sqlite.org/wal.html,
#: "the WAL-reset bug"; design section 5).
OLDEST_LIBRARY = (3, 51, 3)

#: Idle readers kept open; a burst of requests opens more for as long as it lasts.
KEPT_READERS = 8

#: A second changes a few bytes in each of a dozen pages, and the log keeps whole pages: small ones make
#: it 2.4 times smaller than SQLite's 4096, and nothing slower (docs/storage.md). A file keeps the size
#: that it was made with.
PAGE_BYTES = 1024

#: The log is moved into the file when it is this long, as SQLite does with pages of 4096.
CHECKPOINT_BYTES = 4 * 2**20

#: Free pages of a WAL that a bulk load left behind are given back above this.
WAL_LIMIT_BYTES = 32 * 2**20

_FULL = "its disk is full or over quota; free some space, what is owed is then written"
_READ_ONLY = "it is read-only for this user; check the owner and the permissions of file and folder"
_LOCKED = "another program keeps it locked; close that program (a database browser, a backup)"
_DAMAGED = (
    "it is damaged or no database; keep a copy of it and put a backup in its place. If it is encrypted, "
    "give its key as SITWELL_STORE_KEY_FILE"
)
_NOT_OPEN = "it cannot be opened; check that the folder exists and may be used"
_SICK = "its disk refuses; check free space, quota, file-size limit and the health of the disk"

_ADVICE: dict[type[apsw.Error], str] = {
    apsw.FullError: _FULL,
    apsw.ReadOnlyError: _READ_ONLY,
    apsw.PermissionsError: _READ_ONLY,
    apsw.BusyError: _LOCKED,
    apsw.LockedError: _LOCKED,
    apsw.CorruptError: _DAMAGED,
    apsw.NotADBError: _DAMAGED,
    apsw.CantOpenError: _NOT_OPEN,
    apsw.IOError: _SICK,
}
_ERRNO_ADVICE: dict[int, str] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
}


def check_library() -> None:
    """Raise StoreVersionError when the SQLite library is too old to be trusted with a WAL."""
    version = apsw.sqlite_lib_version()
    if tuple(int(part) for part in version.split(".")) < OLDEST_LIBRARY:
        oldest = ".".join(map(str, OLDEST_LIBRARY))
        raise StoreVersionError(
            f"the SQLite library is {version}; versions before {oldest} can damage a store."
            " Install the apsw wheel from PyPI, which brings its own"
        )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite and the operating system raise into StoreUnavailableError, with what to do."""
    try:
        yield
    except apsw.Error as error:
        advice = _ADVICE.get(type(error), "SQLite refuses")
        raise StoreUnavailableError(f"{path}: {advice} ({error})") from error
    except OSError as error:
        advice = _ERRNO_ADVICE.get(error.errno or 0, _NOT_OPEN)
        raise StoreUnavailableError(f"{path}: {advice} ({error.strerror or error})") from error


def make_folder(folder: Path) -> None:
    """A folder of its own is for its owner alone; one that was there belongs to whoever made it."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True)


def make_private(path: Path) -> None:
    """A file that nobody else reads: what is in it is about a body. The log takes its mode from it."""
    path.touch(mode=0o600)
    mode = path.stat().st_mode
    if mode & 0o077:
        path.chmod(mode & 0o700)


def open_writer(path: Path, *, busy_timeout_s: float, check: bool) -> apsw.Connection:
    """The writing connection to `path`, made when absent, at the newest schema.

    check: look for damage first. Raises StoreUnavailableError, StoreVersionError and apsw.Error.
    """
    connection = connect(path, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    try:
        connection.set_busy_timeout(round(busy_timeout_s * 1000))
        check_schema(connection)
        if check:
            _check_pages(connection)
        _set_up_writer(connection, path)
        migrate(connection)
    except BaseException:
        connection.close(force=True)
        raise
    return connection


def _check_pages(connection: apsw.Connection) -> None:
    findings = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)")]
    if findings != ["ok"]:
        raise apsw.CorruptError("; ".join(findings))


def _set_up_writer(connection: apsw.Connection, path: Path) -> None:
    connection.pragma("page_size", PAGE_BYTES)  # before the log: it decides for good
    if connection.pragma("journal_mode", "wal") != "wal":
        raise StoreUnavailableError(
            f"{path}: this file system cannot hold a write-ahead log; choose a folder on a local disk"
        )
    for name, value in (
        ("synchronous", "full"),
        ("fullfsync", 1),  # macOS: fsync alone stays in the drive's cache
        ("checkpoint_fullfsync", 1),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("temp_store", "memory"),
        ("cache_size", -8000),
        ("wal_autocheckpoint", CHECKPOINT_BYTES // PAGE_BYTES),
        ("journal_size_limit", WAL_LIMIT_BYTES),
    ):
        connection.pragma(name, value)


class Readers:
    """Read-only connections, each lent to one thread at a time."""

    def __init__(self, path: Path, *, busy_timeout_s: float) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._lock = threading.Lock()
        self._idle: list[apsw.Connection] = []
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[apsw.Connection]:
        """A connection inside one read transaction: all it reads is of one moment."""
        connection = self._borrow()
        try:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except apsw.Error:
            connection.close(force=True)
            raise
        except BaseException:
            self._give_back(connection)
            raise
        self._give_back(connection)

    def close(self) -> None:
        """Close the idle ones now and the lent ones when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _borrow(self) -> apsw.Connection:
        with self._lock:
            if self._closed:
                raise StoreUnavailableError(f"{self._path}: the store is closed")
            if self._idle:
                return self._idle.pop()
        connection = connect(self._path, apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(round(self._busy_timeout_s * 1000))
        connection.pragma("temp_store", "memory")
        return connection

    def _give_back(self, connection: apsw.Connection) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < KEPT_READERS:
                self._idle.append(connection)
                return
        connection.close()
