"""What is counted for those who watch machines: how often, never of whom."""

from dataclasses import replace

from domain.alerts import AlertKind, Outcome
from domain.decisions import Decision, Reason
from domain.deliveries import Delivery, DeliveryState
from service.counts import REMEMBERED, Counts
from tests.alerts.channels.desk_of_channels import ALERT

CLOSED = replace(ALERT, closed_at=ALERT.opened_at + 90, outcome=Outcome.PARTIAL, revision=3)


def values(counts: Counts, name: str) -> dict[tuple[str, ...], float]:
    (figure,) = [each for each in counts.figures() if each.name == name]
    return {tuple(word for _, word in labels): value for labels, value in figure.values.items()}


def test_an_alert_is_counted_once_as_opened_and_once_for_each_outcome():
    counts = Counts()
    first = replace(ALERT, revision=0)
    counts.see([first, replace(first, revision=1, said=2), CLOSED, CLOSED])
    assert values(counts, "sitwell_alerts_opened_total") == {("sitting",): 1}
    assert values(counts, "sitwell_alerts_closed_total") == {("sitting", "partial"): 1}
    counts.see([replace(CLOSED, outcome=Outcome.TAKEN, revision=4)])
    assert values(counts, "sitwell_alerts_closed_total") == {
        ("sitting", "partial"): 1, ("sitting", "taken"): 1,
    }  # fmt: skip


def test_what_is_remembered_is_bounded():
    counts = Counts()
    counts.see([replace(ALERT, id=f"a{n}", revision=0) for n in range(REMEMBERED + 50)])
    assert len(counts._outcomes) == REMEMBERED


def test_deliveries_are_counted_by_kind_of_channel_and_decisions_by_reason():
    counts = Counts()
    counts.kind_of = {"annas-phone": "apprise"}.get  # type: ignore[assignment]  # it has them all
    sent = Delivery("a1-1", "annas-phone", "anna", "a1", "sitting", 1.0, 2.0, 1.0, 1.0)
    counts.see(deliveries=[sent, replace(sent, state=DeliveryState.DELIVERED)])
    said = Decision(
        "d", "anna", 1.0, AlertKind.SITTING, "e1", Reason.IN_MEETING, "s", 1.0, 1.0, "s"
    )
    counts.see(decisions=[said, said])
    assert values(counts, "sitwell_deliveries_total") == {("apprise", "delivered"): 1}
    assert values(counts, "sitwell_decisions_total") == {("in_meeting",): 2}
    text = repr(counts.figures())
    assert not [word for word in ("anna", "a1", "e1") if word in text]
