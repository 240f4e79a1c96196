"""Decisions of the alert policy as rows."""

from collections.abc import Sequence
from typing import Any

import apsw

from domain.alerts import AlertKind
from domain.decisions import Decision, Reason
from storage.episodes import known

_COLUMNS = (
    "id", "wearer", "at", "kind", "subject", "reason", "measured", "value", '"limit"', "unit", "alert",
)  # fmt: skip
_PUT = (
    f"INSERT OR REPLACE INTO decisions ({', '.join(_COLUMNS)})"
    f" VALUES ({', '.join('?' * len(_COLUMNS))})"
)
_READ = f"SELECT {', '.join(_COLUMNS)} FROM decisions"


def put_decisions(connection: apsw.Connection, decisions: Sequence[Decision]) -> None:
    """Add or replace by id."""
    connection.executemany(_PUT, map(_row, decisions))


def read_decisions(
    connection: apsw.Connection,
    wearer: str,
    start: float,
    end: float,
    *,
    before: tuple[float, str] | None,
    limit: int,
) -> list[Decision]:
    """Those of [start, end), newest first, at most `limit`; before: only those whose (at, id) is less."""
    where, values = "wearer = ? AND at >= ? AND at < ?", [wearer, start, end]
    if before is not None:
        where += " AND (at, id) < (?, ?)"
        values += before
    rows = connection.execute(
        f"{_READ} WHERE {where} ORDER BY at DESC, id DESC LIMIT ?", (*values, max(limit, 0))
    )
    return [_decision(row) for row in rows]


def prune_decisions(connection: apsw.Connection, before: float, limit: int) -> int:
    """Remove at most `limit` of those before `before`; how many."""
    connection.execute(
        "DELETE FROM decisions WHERE id IN (SELECT id FROM decisions WHERE at < ? LIMIT ?)",
        (before, limit),
    )
    return connection.changes()


def _row(decision: Decision) -> tuple[Any, ...]:
    return (
        decision.id,
        decision.wearer,
        decision.at,
        decision.kind.value,
        decision.subject,
        decision.reason.value,
        decision.measured,
        decision.value,
        decision.limit,
        decision.unit,
        decision.alert,
    )


def _decision(row: Sequence[Any]) -> Decision:
    values = dict(zip((name.strip('"') for name in _COLUMNS), row, strict=True))
    return Decision(
        **values
        | {
            "kind": AlertKind(values["kind"]),
            "reason": Reason(values["reason"]),
            "value": known(values["value"]),
            "limit": known(values["limit"]),
        }
    )
