"""Deliveries of announcements as rows: the log of the channels, and what they still have to do."""

from collections.abc import Sequence
from typing import Any

import apsw

from domain.deliveries import Delivery, DeliveryState

#: The log is kept up to here; the oldest that are over go above it. At forty a day it is years.
MOST_DELIVERIES = 50_000

_COLUMNS = (
    "announcement", "channel", "wearer", "alert", "kind", "made_at", "expires_at", "due_at",
    "changed_at", "state", "attempts", "problem",
)  # fmt: skip
_PUT = f"""
    INSERT INTO deliveries ({", ".join(_COLUMNS)}) VALUES ({", ".join("?" * len(_COLUMNS))})
    ON CONFLICT (announcement, channel) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[2:])}
"""
_READ = f"SELECT {', '.join(_COLUMNS)} FROM deliveries"
_PENDING = "state IN ('waiting', 'sending')"


def put_deliveries(
    connection: apsw.Connection, deliveries: Sequence[Delivery], most: int = MOST_DELIVERIES
) -> None:
    """Add or replace by announcement and channel, and let the oldest go that are over and too many."""
    if not deliveries:
        return
    connection.executemany(_PUT, map(_row, deliveries))
    many = connection.execute("SELECT count(*) FROM deliveries").get
    if isinstance(many, int) and many > most:
        connection.execute(
            "DELETE FROM deliveries WHERE (announcement, channel) IN (SELECT announcement, channel"
            f" FROM deliveries WHERE NOT {_PENDING} ORDER BY made_at LIMIT ?)",
            (many - most,),
        )


def prune_deliveries(connection: apsw.Connection, before: float, limit: int) -> int:
    """Remove at most `limit` that were announced before `before` and are over; how many."""
    connection.execute(
        "DELETE FROM deliveries WHERE (announcement, channel) IN (SELECT announcement, channel"
        f" FROM deliveries WHERE made_at < ? AND NOT {_PENDING} LIMIT ?)",
        (before, limit),
    )
    return connection.changes()


def read_deliveries(
    connection: apsw.Connection,
    wearer: str | None,
    *,
    channel: str | None,
    alert: str | None = None,
    before: tuple[float, str, str] | None,
    limit: int,
) -> list[Delivery]:
    """The newest first, at most `limit`, of those that lie before the key `before`."""
    conditions, values = ["1"], list[Any]()
    for column, value in (("wearer", wearer), ("channel", channel), ("alert", alert)):
        if value is not None:
            conditions.append(f"{column} = ?")
            values.append(value)
    if before is not None:
        conditions.append("(made_at, announcement, channel) < (?, ?, ?)")
        values += before
    rows = connection.execute(
        f"{_READ} WHERE {' AND '.join(conditions)}"
        " ORDER BY made_at DESC, announcement DESC, channel DESC LIMIT ?",
        (*values, max(limit, 0)),
    )
    return [_delivery(row) for row in rows]


def read_pending(connection: apsw.Connection) -> list[Delivery]:
    """Those that something is still to become of, oldest first."""
    rows = connection.execute(f"{_READ} WHERE {_PENDING} ORDER BY made_at, announcement, channel")
    return [_delivery(row) for row in rows]


def _row(delivery: Delivery) -> tuple[Any, ...]:
    return tuple(
        delivery.state.value if name == "state" else getattr(delivery, name) for name in _COLUMNS
    )


def _delivery(row: Sequence[Any]) -> Delivery:
    values = dict(zip(_COLUMNS, row, strict=True))
    return Delivery(**values | {"state": DeliveryState(values["state"])})
