"""Something that could be said now: what about, what it would say, and what its own rule holds against it."""

from dataclasses import dataclass

from alerts.sentences import Sentence
from domain.alerts import Alert, AlertKind, Explanation, Severity
from domain.decisions import Reason


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate of one moment.

    subject: see Alert.episode. message: words that were said already stay as they are. again: the open
    alert that would be said again, None for a new one. held: what the rule itself holds against it, None
    when it would have it said.
    """

    kind: AlertKind
    severity: Severity
    subject: str
    message: Sentence | str
    why: Explanation
    again: Alert | None = None
    held: Reason | None = None

    @property
    def key(self) -> str:
        """What tells it from others, from one moment to the next."""
        return f"{self.kind.value} {self.subject}"
