"""Alerts as rows; a revision never goes back."""

from collections.abc import Sequence
from typing import Any

import apsw

from domain.alerts import Alert, AlertKind, Explanation, Outcome, Severity
from domain.errors import ConflictError, NotFoundError
from storage.episodes import known
from storage.record_tables import check_revision

_COLUMNS = (
    "id", "wearer", "episode", "kind", "severity", "opened_at", "message", "measured", "value",
    '"limit"', "unit", "lasted_s", "placement", "confidence", "said", "last_said_at",
    "acknowledged_at", "snoozed_until", "closed_at", "outcome", "response_s", "revision",
)  # fmt: skip
_PUT = f"""
    INSERT INTO alerts ({", ".join(_COLUMNS)}) VALUES ({", ".join("?" * len(_COLUMNS))})
    ON CONFLICT DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])}
    WHERE excluded.revision >= alerts.revision
"""
_READ = f"SELECT {', '.join(_COLUMNS)} FROM alerts"


def put_alerts(connection: apsw.Connection, alerts: Sequence[Alert]) -> None:
    """Add or replace by id, unless what is stored has a higher revision."""
    connection.executemany(_PUT, map(_row, alerts))


def swap_alert(connection: apsw.Connection, alert: Alert, expected: int | None) -> int:
    """Add or replace by id when its revision is higher than the stored one, and that is `expected` where
    it is given; the new revision. Raises ConflictError."""
    check_revision(connection, "alerts", "alert", {"id": alert.id}, expected)
    stored = connection.execute("SELECT revision FROM alerts WHERE id = ?", (alert.id,)).get
    if isinstance(stored, int) and alert.revision <= stored:
        raise ConflictError(f"the alert {alert.id!r} was changed meanwhile; read it again")
    put_alerts(connection, [alert])
    return alert.revision


def read_alert(connection: apsw.Connection, alert_id: str) -> Alert:
    """One alert. Raises NotFoundError."""
    rows = connection.execute(f"{_READ} WHERE id = ?", (alert_id,)).fetchall()
    if not rows:
        raise NotFoundError("alert", alert_id)
    return _alert(rows[0])


def read_alerts(
    connection: apsw.Connection,
    wearer: str | None,
    *,
    start: float | None,
    end: float | None,
    open_only: bool,
    kinds: Sequence[AlertKind] = (),
    outcomes: Sequence[Outcome] = (),
    limit: int,
    after: tuple[float, str] | None = None,
) -> list[Alert]:
    """Alerts that opened in [start, end), newest first, then by id, at most `limit`; kinds, outcomes: only
    those, all when empty; `after`: those that come after the alert that opened at this time with this id."""
    where: list[str] = ["closed_at IS NULL"] if open_only else []
    values: list[Any] = []
    for condition, value in (
        ("wearer = ?", wearer),
        ("opened_at >= ?", start),
        ("opened_at < ?", end),
    ):
        if value is not None:
            where.append(condition)
            values.append(value)
    for column, words in (("kind", kinds), ("outcome", outcomes)):
        if words:
            where.append(f"{column} IN ({', '.join('?' * len(words))})")
            values += [word.value for word in words]
    if after is not None:
        where.append("(-opened_at, id) > (?, ?)")
        values += [-after[0], after[1]]
        where.append("opened_at <= ?")  # what the index can be searched by
        values.append(after[0])
    query = f"{_READ} {'WHERE ' + ' AND '.join(where) if where else ''}"
    cursor = connection.execute(
        f"{query} ORDER BY opened_at DESC, id LIMIT ?", (*values, max(limit, 0))
    )
    return [_alert(row) for row in cursor.fetchall()]


def _row(alert: Alert) -> tuple[Any, ...]:
    why = alert.explanation
    return (
        alert.id,
        alert.wearer,
        alert.episode,
        alert.kind.value,
        alert.severity.value,
        alert.opened_at,
        alert.message,
        why.measured,
        why.value,
        why.limit,
        why.unit,
        why.lasted_s,
        why.placement,
        why.confidence,
        alert.said,
        alert.last_said_at,
        alert.acknowledged_at,
        alert.snoozed_until,
        alert.closed_at,
        None if alert.outcome is None else alert.outcome.value,
        alert.response_s,
        alert.revision,
    )


def _alert(row: Sequence[Any]) -> Alert:
    values = dict(zip((name.strip('"') for name in _COLUMNS), row, strict=True))
    explanation = Explanation(
        measured=values.pop("measured"),
        value=known(values.pop("value")),
        limit=known(values.pop("limit")),
        unit=values.pop("unit"),
        lasted_s=values.pop("lasted_s"),
        placement=values.pop("placement"),
        confidence=known(values.pop("confidence")),
    )
    outcome = values.pop("outcome")
    return Alert(
        explanation=explanation,
        kind=AlertKind(values.pop("kind")),
        severity=Severity(values.pop("severity")),
        outcome=None if outcome is None else Outcome(outcome),
        **values,
    )
