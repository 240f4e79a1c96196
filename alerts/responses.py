"""What came of alerts: the share that the body answered within five minutes is the product's own measure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from domain.alerts import Alert, AlertKind, Outcome


@dataclass(frozen=True, slots=True)
class Responses:
    """asked: closed alerts that the body could answer and of which it is known whether it did; a slouch or
    bend that ended by itself, later, was not. answered: of them, within five minutes. median_s: of all
    responses, None without any. outcomes, kinds: of all alerts that were closed."""

    asked: int
    answered: int
    median_s: float | None
    outcomes: Mapping[Outcome, int]
    kinds: Mapping[AlertKind, int]

    @property
    def share(self) -> float | None:
        """Of what was asked, what was answered; None when nothing was asked."""
        return self.answered / self.asked if self.asked else None


def responses(alerts: Sequence[Alert]) -> Responses:
    """Of `alerts`; open ones are left, and those that ended unseen are not counted as asked."""
    closed = [each for each in alerts if each.outcome is not None]
    asked = [each for each in closed if each.asked]
    answers = [each for each in asked if each.outcome is not Outcome.ENDED]
    times = [each.response_s for each in answers if each.response_s is not None]
    return Responses(
        asked=len(asked),
        answered=sum(each.answered for each in asked),
        median_s=median(times) if times else None,
        outcomes=Counter(each.outcome for each in closed if each.outcome is not None),
        kinds=Counter(each.kind for each in closed),
    )
