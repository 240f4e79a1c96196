"""What the policy remembers between seconds, and its saved form."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any, TypeVar

from alerts.budget import Budget
from domain.alerts import Alert, AlertKind, Explanation, Outcome, Severity
from domain.episodes import Asymmetry, Episode, EpisodeKind
from domain.errors import StateError

VERSION = 1
T = TypeVar("T")


@dataclass(slots=True)
class Slouch:
    """An open slouch episode. heard_at: when it reached the policy; told: it has had its alert."""

    episode: Episode
    heard_at: float
    told: bool = False


@dataclass(slots=True)
class Memory:
    """Everything the policy must not forget over a restart; times are Unix s.

    repeats_left: by alert id, for open sitting alerts. partial: an alert closed by a partial break
    that is still going on, and may become a full one. closed: ids of alerts that closed lately, newest
    last. quiet_clock_s: no new sitting alert until the sitting clock has passed this; infinity: until
    it restarts. clock_s: the sitting clock as last seen. followed_at, known_at: when the wearer's bout, and
    their activity, were last known.
    """

    alerts: dict[str, Alert] = field(default_factory=dict)
    repeats_left: dict[str, int] = field(default_factory=dict)
    sitting: Episode | None = None
    slouches: dict[str, Slouch] = field(default_factory=dict)
    partial: Alert | None = None
    closed: list[str] = field(default_factory=list)
    quiet_clock_s: float | None = None
    clock_s: int = 0
    budget: Budget = field(default_factory=Budget)
    followed_at: float | None = None
    known_at: float | None = None


def memory_bytes(wearer: str, memory: Memory) -> bytes:
    """`memory` as bytes that `memory_from` reads; the same memory gives the same bytes."""
    rows = asdict(memory)
    day = memory.budget.day
    rows["budget"]["day"] = None if day is None else day.isoformat()
    return json.dumps({"version": VERSION, "wearer": wearer, **rows}, sort_keys=True).encode()


def memory_from(wearer: str, state: bytes) -> Memory:
    """What `memory_bytes` saved. Raises StateError for anything else, or another wearer's."""
    try:
        rows = json.loads(state)
    except (ValueError, RecursionError) as error:
        raise StateError(f"alert state of {wearer!r} is damaged: {error}") from error
    if not isinstance(rows, dict) or rows.get("version") != VERSION:
        raise StateError(f"alert state of {wearer!r} is not of version {VERSION}")
    if rows.get("wearer") != wearer:
        raise StateError(f"alert state belongs to {rows.get('wearer')!r}, not to {wearer!r}")
    try:
        return _memory(rows)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise StateError(f"alert state of {wearer!r} is damaged: {error!r}") from error


def _memory(rows: Mapping[str, Any]) -> Memory:
    return Memory(
        alerts={key: _alert(row) for key, row in table(rows["alerts"]).items()},
        repeats_left={k: typed(int, v) for k, v in table(rows["repeats_left"]).items()},
        sitting=None if rows["sitting"] is None else _episode(rows["sitting"]),
        slouches={
            key: Slouch(
                episode=_episode(row["episode"]),
                heard_at=number(row["heard_at"]),
                told=typed(bool, row["told"]),
            )
            for key, row in table(rows["slouches"]).items()
        },
        partial=None if rows["partial"] is None else _alert(rows["partial"]),
        closed=[typed(str, key) for key in typed(list, rows["closed"])],
        quiet_clock_s=maybe(rows["quiet_clock_s"]),
        clock_s=typed(int, rows["clock_s"]),
        budget=_budget(rows["budget"]),
        followed_at=maybe(rows["followed_at"]),
        known_at=maybe(rows["known_at"]),
    )


def _budget(row: object) -> Budget:
    values = exactly(Budget, row)
    return Budget(
        day=None if values["day"] is None else date.fromisoformat(values["day"]),
        opened=typed(int, values["opened"]),
        slouches=typed(int, values["slouches"]),
        last_said_at=maybe(values["last_said_at"]),
        last_slouch_at=maybe(values["last_slouch_at"]),
    )


def typed(kind: type[T], value: object) -> T:
    """`value` when it is a `kind`; a bool is no number. Raises TypeError."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def number(value: object) -> float:
    """`value` when it is a number. Raises TypeError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return value


def maybe(value: object) -> float | None:
    """`value` when it is a number or None. Raises TypeError."""
    return None if value is None else number(value)


def table(value: object) -> dict[str, Any]:
    """`value` when it is a JSON object. Raises TypeError."""
    return typed(dict, value)


def exactly(cls: type[Any], row: object) -> dict[str, Any]:
    """`row` when it has the fields of the dataclass `cls`. Raises TypeError, ValueError."""
    values = table(row)
    if set(values) != {f.name for f in fields(cls)}:
        raise ValueError(f"{cls.__name__} has other fields")
    return values


def _episode(row: object) -> Episode:
    values = exactly(Episode, {"asymmetry": 0, **table(row)})  # states before bends have none
    for name in ("peak", "mean", "dose", "confidence", "limit"):
        number(values[name])
    for name in ("wearer", "placement", "id"):
        typed(str, values[name])
    typed(int, values["start"])
    if values["end"] is not None:
        typed(int, values["end"])
    typed(bool, values["censored"])
    values["asymmetry"] = Asymmetry(typed(int, values["asymmetry"]))
    return Episode(**{**values, "kind": EpisodeKind(values["kind"])})


def _alert(row: object) -> Alert:
    values = exactly(Alert, row)
    why = exactly(Explanation, values["explanation"])
    for name in ("value", "limit", "confidence"):
        number(why[name])
    for name in ("measured", "unit", "placement"):
        typed(str, why[name])
    typed(int, why["lasted_s"])
    for name in ("id", "wearer", "episode", "message"):
        typed(str, values[name])
    for name in ("said", "revision"):
        typed(int, values[name])
    for name in ("opened_at", "last_said_at"):
        number(values[name])
    for name in ("acknowledged_at", "snoozed_until", "closed_at", "response_s"):
        maybe(values[name])
    return Alert(
        **{
            **values,
            "kind": AlertKind(values["kind"]),
            "severity": Severity(values["severity"]),
            "explanation": Explanation(**why),
            "outcome": None if values["outcome"] is None else Outcome(values["outcome"]),
        }
    )
