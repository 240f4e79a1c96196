"""What the policy remembers between seconds, and its saved form."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any, TypeVar

from alerts.budget import Budget
from domain.alerts import Alert, AlertKind, Explanation, Outcome, Severity
from domain.decisions import Reason
from domain.episodes import Asymmetry, Episode, EpisodeKind
from domain.errors import StateError

VERSION = 2
T = TypeVar("T")


@dataclass(slots=True)
class Load:
    """An open episode of a slouch, a held bend, a side bend or a twist. heard_at: when it reached the
    policy; told: it has had its alert."""

    episode: Episode
    heard_at: float
    told: bool = False


@dataclass(slots=True)
class Answer:
    """The last answer for a candidate; the fields are those of domain.decisions.Decision."""

    kind: AlertKind
    subject: str
    reason: Reason
    at: float
    measured: str
    value: float
    limit: float
    unit: str


@dataclass(slots=True)
class Today:
    """What was measured of one local day so far. upright_s: standing and moving; known_s: all that is neither
    unknown nor not worn; measured_s: seconds of sitting in which changes of posture could be seen; shifts:
    of them. told: words of what was said of the day."""

    day: date | None = None
    known_s: int = 0
    upright_s: int = 0
    measured_s: int = 0
    shifts: int = 0
    told: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Memory:
    """Everything the policy must not forget over a restart; times are Unix s.

    repeats_left: by alert id, for open sitting alerts. partial: an alert closed by a partial break
    that is still going on, and may become a full one. closed: ids of alerts that closed lately, newest
    last. quiet_clock_s: no new sitting alert until the sitting clock has passed this; infinity: until
    it restarts. clock_s: the sitting clock as last seen. followed_at, known_at: when the wearer's bout, and
    their activity, were last known. answers, waiting: by candidate, the last answer, and since when it waits
    for a pause. fresh_at: when a fresh status was last seen; resumed_at: when the first one after a gap was.
    still_s: seconds of the bout still_bout sat since the last change of posture, where one could have been
    seen, and still_told whether that was said. today: the day so far. unfit_s: seconds for which the
    reference does not fit; fits_s: for which it does again.
    """

    alerts: dict[str, Alert] = field(default_factory=dict)
    repeats_left: dict[str, int] = field(default_factory=dict)
    sitting: Episode | None = None
    loads: dict[str, Load] = field(default_factory=dict)
    partial: Alert | None = None
    closed: list[str] = field(default_factory=list)
    quiet_clock_s: float | None = None
    clock_s: int = 0
    budget: Budget = field(default_factory=Budget)
    followed_at: float | None = None
    known_at: float | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    waiting: dict[str, float] = field(default_factory=dict)
    fresh_at: float | None = None
    resumed_at: float | None = None
    still_s: int = 0
    still_bout: int | None = None
    still_told: bool = False
    today: Today = field(default_factory=Today)
    unfit_s: int = 0
    fits_s: int = 0


def memory_bytes(wearer: str, memory: Memory) -> bytes:
    """`memory` as bytes that `memory_from` reads; the same memory gives the same bytes."""
    rows = asdict(memory)
    for name, day in (("budget", memory.budget.day), ("today", memory.today.day)):
        rows[name]["day"] = None if day is None else day.isoformat()
    return json.dumps({"version": VERSION, "wearer": wearer, **rows}, sort_keys=True).encode()


def memory_from(wearer: str, state: bytes) -> Memory:
    """What `memory_bytes` saved. Raises StateError for anything else, or another wearer's."""
    try:
        rows = json.loads(state)
    except (ValueError, RecursionError) as error:
        raise StateError(f"alert state of {wearer!r} is damaged: {error}") from error
    if isinstance(rows, dict) and rows.get("version") == 1:
        rows = _from_version_1(rows)
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
        loads={
            key: Load(
                episode=_episode(row["episode"]),
                heard_at=number(row["heard_at"]),
                told=typed(bool, row["told"]),
            )
            for key, row in table(rows["loads"]).items()
        },
        partial=None if rows["partial"] is None else _alert(rows["partial"]),
        closed=[typed(str, key) for key in typed(list, rows["closed"])],
        quiet_clock_s=maybe(rows["quiet_clock_s"]),
        clock_s=typed(int, rows["clock_s"]),
        budget=_budget(rows["budget"]),
        followed_at=maybe(rows["followed_at"]),
        known_at=maybe(rows["known_at"]),
        answers={key: _answer(row) for key, row in table(rows["answers"]).items()},
        waiting={key: number(at) for key, at in table(rows["waiting"]).items()},
        fresh_at=maybe(rows["fresh_at"]),
        resumed_at=maybe(rows["resumed_at"]),
        still_s=typed(int, rows["still_s"]),
        still_bout=None if rows["still_bout"] is None else typed(int, rows["still_bout"]),
        still_told=typed(bool, rows["still_told"]),
        today=_today(rows["today"]),
        unfit_s=typed(int, rows["unfit_s"]),
        fits_s=typed(int, rows["fits_s"]),
    )


def _from_version_1(rows: dict[str, Any]) -> dict[str, Any]:
    """The state of a Sitwell that knew sitting and slouches alone; what it did not note begins now."""
    fresh = json.loads(memory_bytes("", Memory()))
    budget = rows.get("budget")
    if not isinstance(budget, dict):
        return rows
    last = budget.get("last_slouch_at")
    kept = {name: value for name, value in rows.items() if name != "slouches"}
    return {
        **fresh,
        **kept,
        "loads": rows.get("slouches"),
        "version": VERSION,
        "budget": {
            **{name: budget.get(name) for name in ("day", "opened", "last_said_at")},
            "nudges": budget.get("slouches"),
            "lately": [],
            "last_of_kind": {} if last is None else {AlertKind.SLOUCH.value: last},
        },
    }


def _budget(row: object) -> Budget:
    values = exactly(Budget, row)
    return Budget(
        day=_day(values["day"]),
        opened=typed(int, values["opened"]),
        nudges=typed(int, values["nudges"]),
        last_said_at=maybe(values["last_said_at"]),
        lately=[number(at) for at in typed(list, values["lately"])],
        last_of_kind={key: number(at) for key, at in table(values["last_of_kind"]).items()},
    )


def _today(row: object) -> Today:
    values = exactly(Today, row)
    counts = {n: typed(int, values[n]) for n in ("known_s", "upright_s", "measured_s", "shifts")}
    told = [typed(str, word) for word in typed(list, values["told"])]
    return Today(day=_day(values["day"]), told=told, **counts)


def _answer(row: object) -> Answer:
    values = exactly(Answer, row)
    return Answer(
        kind=AlertKind(values["kind"]),
        subject=typed(str, values["subject"]),
        reason=Reason(values["reason"]),
        at=number(values["at"]),
        measured=typed(str, values["measured"]),
        value=number(values["value"]),
        limit=number(values["limit"]),
        unit=typed(str, values["unit"]),
    )


def _day(text: object) -> date | None:
    return None if text is None else date.fromisoformat(typed(str, text))


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
