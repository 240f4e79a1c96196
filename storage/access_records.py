"""Tokens and the audit: the records that are written the same by a service and beside one."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

import apsw

from domain.records import AuditEntry, Token
from storage import record_tables


class AccessRecords(ABC):
    """Every method is one transaction, which the class that inherits it provides."""

    @abstractmethod
    def _transaction(self) -> AbstractContextManager[apsw.Connection]:
        """One transaction; on return it is committed."""

    def put_token(self, token: Token, *, expected: int | None = None) -> int:
        """Add or replace by id. Raises ConflictError, also for a digest that another token has."""
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
