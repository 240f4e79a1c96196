"""A dispatcher with a clock that is set by hand, a log in memory and channels that do as they are told."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from alerts.channels.contract import Ability, Announcement, Delivered, NotDelivered, Result
from alerts.channels.dispatcher import Dispatcher
from alerts.channels.routes import Route
from domain.alerts import Alert, AlertKind, Explanation, Severity
from domain.deliveries import Delivery, DeliveryState
from domain.errors import StoreUnavailableError

T0 = 1_790_035_200.0
WHY = Explanation("sitting_s", 1920.0, 1800.0, "s", 120, "upper_back", 0.93)
ALERT = Alert(
    "a1", "ada", "e1", AlertKind.SITTING, Severity.NOTICE, T0, "You have sat for 32 min.", WHY,
    last_said_at=T0,
)  # fmt: skip
PATIENCE_S = 20.0  # with a loaded machine
NO_ANSWER = NotDelivered("no answer", again=True)
REFUSED = NotDelivered("refused", again=False)


def again(alert: Alert, at: float) -> Alert:
    """Said once more."""
    return replace(alert, said=alert.said + 1, last_said_at=at, revision=alert.revision + 1)


async def until(wanted: Callable[[], object], what: str = "") -> None:
    """Return once it is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not wanted():
            await asyncio.sleep(0.001)


@dataclass
class Told:
    """A channel that keeps what it was given and answers from `results`, then as Delivered."""

    name: str = "first"
    ability: Ability = field(default_factory=Ability)
    results: list[Result | Exception] = field(default_factory=list)
    kind: str = "told"
    heard: list[Announcement] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    held: asyncio.Event | None = None
    closed: bool = False

    def problem(self) -> str | None:
        return None

    async def deliver(self, announcement: Announcement) -> Result:
        self.heard.append(announcement)
        if self.held is not None:
            await self.held.wait()
        result = self.results.pop(0) if self.results else Delivered()
        if isinstance(result, Exception):
            raise result
        return result

    async def withdraw(self, alert_id: str) -> None:
        self.withdrawn.append(alert_id)

    async def run(self) -> None:
        return

    async def close(self) -> None:
        self.closed = True


@dataclass
class MemoryLog:
    """What is committed survives a restart; what was only added does not."""

    committed: dict[tuple[str, str], Delivery] = field(default_factory=dict)
    added: list[Delivery] = field(default_factory=list)
    full: bool = False

    def add(self, deliveries: tuple[Delivery, ...]) -> None:
        self.added += deliveries

    async def commit(self) -> None:
        if self.full:
            raise StoreUnavailableError("disk full")
        self.committed |= {(each.announcement, each.channel): each for each in self.added}
        self.added.clear()

    @property
    def newest(self) -> dict[tuple[str, str], Delivery]:
        return self.committed | {(each.announcement, each.channel): each for each in self.added}

    def states(self) -> dict[tuple[str, str], str]:
        return {key: each.state.value for key, each in self.newest.items()}


class Desk:
    def __init__(
        self,
        channels: Sequence[Told],
        route: Route | None = None,
        log: MemoryLog | None = None,
        at: float = T0,
        **more: object,
    ) -> None:
        self.at = at
        self.channels = list(channels)
        self.route = route or Route(order=tuple(channel.name for channel in channels))
        self.log = log or MemoryLog()
        self.dispatcher = Dispatcher(
            channels,
            log=self.log,
            route=lambda wearer: self.route,
            language=lambda wearer: "en",
            now=lambda: self.at,
            chance=lambda: 1.0,
            **more,  # type: ignore[arg-type]
        )

    def move(self, seconds: float) -> None:
        self.at += seconds
        self.dispatcher.wake()

    def of(self, channel: str, announcement: str = "a1-1") -> Delivery | None:
        return self.log.newest.get((announcement, channel))

    async def is_so(self, channel: str, state: DeliveryState, announcement: str = "a1-1") -> None:
        def there() -> bool:
            delivery = self.of(channel, announcement)
            return delivery is not None and delivery.state is state

        await until(there, f"{channel} {state}")

    async def failed(self, channel: str, times: int) -> Delivery:
        """The delivery of a1-1 once it has failed so often and waits again."""

        def waits() -> bool:
            each = self.of(channel)
            return (
                each is not None and each.attempts == times and each.state is DeliveryState.WAITING
            )

        await until(waits, f"{channel} failed {times} times")
        delivery = self.of(channel)
        assert delivery is not None
        return delivery

    @asynccontextmanager
    async def running(self):
        task = asyncio.create_task(self.dispatcher.run())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled() and task.exception() is not None:
                raise task.exception()
