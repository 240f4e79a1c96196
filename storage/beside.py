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

from domain.records import AuditEntry, Token
from storage import record_tables
from storage.connection import translated
from storage.encryption import connect
from storage.sqlite_reader import SqliteReader


class RecordsBeside:
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

    def put_token(self, token: Token, *, expected: int | None = None) -> int:
        """Add or replace by id. Raises ConflictError."""
        with self._transaction() as connection:
            return record_tables.TOKENS.put(connection, token, expected)

    def remove_token(self, token_id: str, *, expected: int | None = None) -> None:
        """Raises ConflictError, NotFoundError."""
        with self._transaction() as connection:
            record_tables.TOKENS.remove(connection, {"id": token_id}, expected)

    def add_audit(self, entry: AuditEntry) -> None:
        """Append."""
        with self._transaction() as connection:
            record_tables.add_audit(connection, entry)

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
