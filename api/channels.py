"""What the API asks of whoever tells the wearers of their alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.deliveries import Delivery
from domain.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class ChannelShown:
    """A channel as it is now. wearers: whom it tells. problem: what is against it, None when it is well."""

    name: str
    kind: str
    wearers: tuple[str, ...]
    says_words: bool
    takes_answers: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class RouteShown:
    """How a wearer is told: one after the other in `order`, at once those `beside`."""

    order: tuple[str, ...]
    beside: tuple[str, ...]
    escalate_after_s: float


class ChannelKeeper(Protocol):
    """Called on the event loop, never blocks it."""

    def channels(self) -> Sequence[ChannelShown]:
        """All that are set up."""
        ...

    def route_shown(self, wearer: str) -> RouteShown:
        """The wearer's own, or that of the configuration."""
        ...

    async def choose(self, wearer: str, route: RouteShown) -> RouteShown:
        """The wearer chooses; on return it is kept and holds. Raises InputError, StoreUnavailableError."""
        ...

    async def test(self, channel: str, wearer: str) -> Delivery:
        """Send a trial and say what came of it. Raises NotFoundError, ConflictError when one goes on."""
        ...


class NoChannels:
    """Nothing but the page itself."""

    def channels(self) -> Sequence[ChannelShown]:
        """None."""
        return ()

    def route_shown(self, wearer: str) -> RouteShown:
        """Nobody is told by any."""
        return RouteShown((), (), 120.0)

    async def choose(self, wearer: str, route: RouteShown) -> RouteShown:
        """See the contract."""
        for name in (*route.order, *route.beside):
            raise NotFoundError("channel", name)
        return self.route_shown(wearer)

    async def test(self, channel: str, wearer: str) -> Delivery:
        """See the contract."""
        raise NotFoundError("channel", channel)
