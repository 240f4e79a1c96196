"""Tokens and audit entries of a store that a service has open: the one thing others may write to it.

A service keeps no copy of these two tables but for a second, SQLite lets two processes write in turn, and
whoever may write the file owns everything in it anyway. So a token can be made, and what a command did be
noted, while the service runs and whether or not anybody could log in to it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import apsw

from domain.records import Token
from storage.access_records import AccessRecords
from storage.connection import translated
from storage.encryption import connect
from storage.sqlite_reader import SqliteReader


class RecordsBeside(AccessRecords):
    """Writes tokens and audit entries, and reads everything, of the store at `path`.

    Raises NotFoundError when there is none, StoreVersionError when another Sitwell wrote it, and
    StoreUnavailableError.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = 5.0) -> None:
        self.reader = SqliteReader.of(path)
        self._path = path
        self._busy_timeout_s = busy_timeout_s

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.reader.close()

    def tokens(self) -> list[Token]:
        """All tokens, oldest first, also those that are revoked."""
        return self.reader.tokens()

    @contextmanager
    def _transaction(self) -> Iterator[apsw.Connection]:
        """One short transaction of its own connection: the file is never kept from the service."""
        with translated(self._path):
            connection = connect(self._path, apsw.SQLITE_OPEN_READWRITE)
            try:
                connection.set_busy_timeout(round(self._busy_timeout_s * 1000))
                connection.pragma("synchronous", "full")
                # The file grows by the service alone: what is written here stays in the log for it.
                connection.pragma("wal_autocheckpoint", 0)
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
            finally:
                connection.close()
