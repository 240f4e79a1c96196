"""Records as rows of one table each, changed by compare and swap."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

import apsw

from domain.errors import ConflictError, NotFoundError
from domain.people import Wearer
from domain.records import Adjustment, AuditEntry, DiaryEntry, Setting, Token

Record = TypeVar("Record")


def next_revision(connection: apsw.Connection) -> int:
    """A number higher than any before in this store, so that none ever comes twice."""
    value = connection.execute("UPDATE revisions SET last = last + 1 RETURNING last").get
    if not isinstance(value, int):
        raise TypeError(f"the store has no count of revisions, but {value!r}")
    return value


def check_revision(
    connection: apsw.Connection,
    table: str,
    what: str,
    key: Mapping[str, str | float],
    expected: int | None,
) -> None:
    """Raise ConflictError when the row of `key` is not at the revision that the caller saw; see
    storage.record_contract."""
    if expected is None:
        return
    where = " AND ".join(f"{name} = ?" for name in key)
    found = connection.execute(
        f"SELECT revision FROM {table} WHERE {where}", tuple(key.values())
    ).get
    stored = found if isinstance(found, int) else 0
    if stored != expected:
        word = " ".join(map(str, key.values()))
        if not stored:
            raise ConflictError(f"the {what} {word!r} is not there any more")
        if not expected:
            raise ConflictError(f"there is a {what} {word!r} already")
        raise ConflictError(f"the {what} {word!r} was changed meanwhile; read it again")


@dataclass(frozen=True, slots=True)
class RecordTable(Generic[Record]):
    """One kind of record. kind: its dataclass, whose fields are the columns; keys: the primary key;
    written, read: how a field is stored where it is not stored as it is."""

    name: str
    what: str
    kind: Callable[..., Record]
    keys: tuple[str, ...]
    order: str
    written: Mapping[str, Callable[[Any], Any]]
    read: Mapping[str, Callable[[Any], Any]]

    @property
    def columns(self) -> tuple[str, ...]:
        """In the order of the fields."""
        return tuple(each.name for each in fields(self.kind))  # type: ignore[arg-type]  # a dataclass

    def put(self, connection: apsw.Connection, record: Record, expected: int | None) -> int:
        """Add or replace; the new revision. Raises ConflictError."""
        key = {name: getattr(record, name) for name in self.keys}
        check_revision(connection, self.name, self.what, key, expected)
        revision = next_revision(connection)
        values = {name: getattr(record, name) for name in self.columns} | {"revision": revision}
        row = [self.written.get(name, _same)(value) for name, value in values.items()]
        places = ", ".join("?" * len(row))
        updates = ", ".join(f"{name} = excluded.{name}" for name in self.columns)
        try:
            connection.execute(
                f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({places})"
                f" ON CONFLICT ({', '.join(self.keys)}) DO UPDATE SET {updates}",
                row,
            )
        except apsw.ConstraintError as error:
            raise ConflictError(f"another {self.what} has the same: {error}") from error
        return revision

    def remove(
        self, connection: apsw.Connection, key: Mapping[str, str], expected: int | None
    ) -> None:
        """Raises ConflictError, NotFoundError."""
        check_revision(connection, self.name, self.what, key, expected)
        where = " AND ".join(f"{name} = ?" for name in key)
        connection.execute(f"DELETE FROM {self.name} WHERE {where}", tuple(key.values()))
        if not connection.changes():
            raise NotFoundError(self.what, " ".join(key.values()))

    def all(
        self, connection: apsw.Connection, where: str = "1", values: Sequence[str | float] = ()
    ) -> list[Record]:
        """Those for which `where` holds, in the table's order."""
        rows = connection.execute(
            f"SELECT {', '.join(self.columns)} FROM {self.name} WHERE {where} ORDER BY {self.order}",
            tuple(values),
        )
        return [
            self.kind(
                *(
                    self.read.get(name, _same)(value)
                    for name, value in zip(self.columns, row, strict=True)
                )
            )
            for row in rows
        ]


def _same(value: Any) -> Any:
    return value


WEARERS = RecordTable("wearers", "wearer", Wearer, ("id",), "id", {}, {})
DIARY = RecordTable(
    "diary",
    "diary entry",
    DiaryEntry,
    ("id",),
    "at, id",
    {"answers": lambda value: json.dumps(dict(value))},
    {"answers": json.loads},
)
SETTINGS = RecordTable(
    "settings",
    "setting",
    Setting,
    ("wearer", "name"),
    "wearer, name",
    {"value": json.dumps},
    {"value": json.loads},
)
ADJUSTMENTS = RecordTable("adjustments", "adjustment", Adjustment, ("id",), "made_at, id", {}, {})
TOKENS = RecordTable(
    "tokens",
    "token",
    Token,
    ("id",),
    "made_at, id",
    {"rights": lambda value: json.dumps(list(value))},
    {"rights": lambda value: tuple(json.loads(value))},
)


def add_audit(connection: apsw.Connection, entry: AuditEntry) -> None:
    """Append."""
    connection.execute(
        "INSERT INTO audit (at, who, what, wearer, detail) VALUES (?, ?, ?, ?, ?)",
        (entry.at, entry.who, entry.what, entry.wearer, entry.detail),
    )


def prune_audit(connection: apsw.Connection, before: float, limit: int) -> int:
    """Remove at most `limit` entries of before `before`; how many."""
    connection.execute(
        "DELETE FROM audit WHERE number IN (SELECT number FROM audit WHERE at < ? LIMIT ?)",
        (before, limit),
    )
    return connection.changes()


def read_audit(connection: apsw.Connection, limit: int, before: int | None) -> list[AuditEntry]:
    """The newest, newest first: by their order, not by a clock that may have been set back."""
    rows = connection.execute(
        "SELECT at, who, what, wearer, detail, number FROM audit"
        " WHERE ?2 IS NULL OR number < ?2 ORDER BY number DESC LIMIT ?1",
        (max(limit, 0), before),
    )
    return [AuditEntry(*row) for row in rows]


def erase_records(connection: apsw.Connection, wearer: str, first: int, last: int) -> int:
    """Remove the diary entries of a wearer about [first, last); how many."""
    connection.execute(
        "DELETE FROM diary WHERE wearer = ? AND at >= ? AND at < ?", (wearer, first, last)
    )
    return connection.changes()


def erase_adjustments(connection: apsw.Connection, wearer: str, first: int, last: int) -> None:
    """Remove the adjustments that a wearer made in [first, last)."""
    connection.execute(
        "DELETE FROM adjustments WHERE wearer = ? AND made_at >= ? AND made_at < ?",
        (wearer, first, last),
    )


def forget_wearer(connection: apsw.Connection, wearer: str) -> None:
    """Remove the wearer's settings and tokens, and have the audit forget whom it was about."""
    for table in ("settings", "tokens"):
        connection.execute(f"DELETE FROM {table} WHERE wearer = ?", (wearer,))
    connection.execute("UPDATE audit SET wearer = '', detail = '' WHERE wearer = ?", (wearer,))
