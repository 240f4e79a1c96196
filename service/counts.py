"""What is counted of the service since it started, for those who watch machines: how often, never of whom."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence

from api.contract import Figure
from domain.alerts import Alert
from domain.decisions import Decision
from domain.deliveries import Delivery

#: So many of the newest alerts are known by their outcome, so that each is counted once.
REMEMBERED = 1000


class Counts:
    """Sees all that is to be stored. kind_of: of a channel by its name, which may tell of a person."""

    def __init__(self) -> None:
        self.opened: Counter[str] = Counter()
        self.closed: Counter[tuple[str, str]] = Counter()
        self.decided: Counter[str] = Counter()
        self.delivered: Counter[tuple[str, str]] = Counter()
        self.kind_of: Callable[[str], str] = lambda channel: "other"
        self._outcomes: OrderedDict[str, str] = OrderedDict()

    def see(
        self,
        alerts: Sequence[Alert] = (),
        decisions: Sequence[Decision] = (),
        deliveries: Sequence[Delivery] = (),
    ) -> None:
        """These are new, or have changed."""
        for alert in alerts:
            self._count(alert)
        self.decided.update(each.reason.value for each in decisions)
        self.delivered.update(
            (self.kind_of(each.channel), each.state.value) for each in deliveries if each.state.over
        )

    def figures(self) -> tuple[Figure, ...]:
        """As Prometheus wants them."""
        return (
            Figure(
                "sitwell_alerts_opened_total", "Alerts that opened.", counts=True,
                values={(("kind", kind),): n for kind, n in self.opened.items()},
            ),
            Figure(
                "sitwell_alerts_closed_total",
                "Alerts that closed; one that is partial and then taken is counted as both.",
                counts=True,
                values={
                    (("kind", kind), ("outcome", outcome)): n
                    for (kind, outcome), n in self.closed.items()
                },
            ),
            Figure(
                "sitwell_decisions_total", "Answers to whether to speak, by reason.", counts=True,
                values={(("reason", reason),): n for reason, n in self.decided.items()},
            ),
            Figure(
                "sitwell_deliveries_total", "Deliveries that are over, by kind of channel.", counts=True,
                values={
                    (("channel", kind), ("result", result)): n
                    for (kind, result), n in self.delivered.items()
                },
            ),
        )  # fmt: skip

    def _count(self, alert: Alert) -> None:
        before = self._outcomes.pop(alert.id, None)
        outcome = "" if alert.outcome is None else alert.outcome.value
        self._outcomes[alert.id] = outcome
        if len(self._outcomes) > REMEMBERED:
            self._outcomes.popitem(last=False)
        if before is None and alert.open and alert.revision <= 1:
            self.opened[alert.kind.value] += 1
        if outcome and outcome != before:
            self.closed[alert.kind.value, outcome] += 1
