"""The shapes of answers about decisions, and what came of alerts."""

from api.answer import Answer, Time
from api.models import Known
from api.views import rfc3339
from domain.alerts import AlertKind, Outcome
from domain.decisions import Decision as Made
from domain.decisions import Reason
from domain.figures import known


class Decision(Answer):
    """Whether something was said, and why or why not: one row whenever the answer changed."""

    id: str
    wearer: str
    at: Time
    kind: AlertKind
    subject: str
    spoken: bool
    reason: Reason
    words: str
    measured: str
    value: Known
    limit: Known
    unit: str
    alert: str | None


class Decisions(Answer):
    """Decisions, newest first."""

    items: list[Decision]
    next_cursor: str | None


class Responses(Answer):
    """What came of the alerts that ask for something and opened in a range. share: of `asked`, null when
    there is none."""

    wearer: str
    start: Time
    end: Time
    asked: int
    answered_within_5_min: int
    share: Known
    median_response_s: Known
    outcomes: dict[Outcome, int]
    kinds: dict[AlertKind, int]


def decision_model(made: Made) -> Decision:
    """One decision."""
    return Decision(
        id=made.id,
        wearer=made.wearer,
        at=rfc3339(made.at),
        kind=made.kind,
        subject=made.subject,
        spoken=made.spoken,
        reason=made.reason,
        words=made.reason.words,
        measured=made.measured,
        value=known(made.value),
        limit=known(made.limit),
        unit=made.unit,
        alert=made.alert or None,
    )
