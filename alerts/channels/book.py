"""What is still to be delivered, in memory as it is in the log."""

from collections.abc import Iterable
from typing import Protocol

from alerts.channels import routes
from domain.deliveries import Delivery, DeliveryState


class DeliveryLog(Protocol):
    """Where deliveries are kept."""

    def add(self, deliveries: tuple[Delivery, ...]) -> None:
        """Keep them with the next commit."""
        ...

    async def commit(self) -> None:
        """On return all that was added is kept, and the alerts of before too. Raises StoreError."""
        ...


class Book:
    """The deliveries that are not over; every change of one also goes to the log."""

    def __init__(self, log: DeliveryLog) -> None:
        self._log = log
        self._pending: dict[tuple[str, str], Delivery] = {}
        self._given: dict[str, set[str]] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def know(self, recent: Iterable[Delivery]) -> None:
        """Take up what the log has: what is not over, and who was given the same announcements."""
        for delivery in recent:
            self._given.setdefault(delivery.announcement, set()).add(delivery.channel)
            if not delivery.state.over:
                self._pending[_key(delivery)] = delivery
        self._forget()

    def keep(self, *deliveries: Delivery) -> None:
        """These are as they are now."""
        for delivery in deliveries:
            self._given.setdefault(delivery.announcement, set()).add(delivery.channel)
            if delivery.state.over:
                self._pending.pop(_key(delivery), None)
            else:
                self._pending[_key(delivery)] = delivery
        self._forget()
        self._log.add(deliveries)

    def of_state(self, state: DeliveryState) -> list[Delivery]:
        """Those that wait, or those that are under way, in the order in which they came."""
        return [each for each in self._pending.values() if each.state is state]

    def told(self, announcement: str, channel: str) -> bool:
        """Whether the channel was given the announcement already."""
        return channel in self._given.get(announcement, ())

    def settle(self, alert_id: str, now: float) -> None:
        """Nothing more is told of the alert; what is under way ends as it ends."""
        for delivery in self.of_state(DeliveryState.WAITING):
            if delivery.alert == alert_id:
                self.keep(routes.ended(delivery, DeliveryState.ANSWERED, now))

    def next_time(self) -> float | None:
        """When one of those that wait is due or expires; None when none waits."""
        waiting = self.of_state(DeliveryState.WAITING)
        return min((min(each.due_at, each.expires_at) for each in waiting), default=None)

    def _forget(self) -> None:
        going_on = {announcement for announcement, _ in self._pending}
        for announcement in self._given.keys() - going_on:
            del self._given[announcement]


def _key(delivery: Delivery) -> tuple[str, str]:
    return delivery.announcement, delivery.channel
