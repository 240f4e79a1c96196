"""Channels as the API sees them, without anything at their other end."""

from collections.abc import Sequence

from api.channels import ChannelShown, RouteShown
from domain.deliveries import Delivery, DeliveryState
from domain.errors import ConflictError, InputError, NotFoundError
from tests.api.service_fake import T0


class FakeChannels:
    """Two: the desktop of Ada, and a webhook of everybody's."""

    def __init__(self) -> None:
        self.shown = [
            ChannelShown("desktop", "desktop", ("ada",), True, True, None),
            ChannelShown(
                "hook", "webhook", ("ada", "bob"), True, False, "hook.example answered 500"
            ),
        ]
        self.routes: dict[str, RouteShown] = {}
        self.busy = False
        self.tried: list[tuple[str, str]] = []

    def channels(self) -> Sequence[ChannelShown]:
        return self.shown

    def route_shown(self, wearer: str) -> RouteShown:
        return self.routes.get(wearer, RouteShown(("desktop", "hook"), (), 120.0))

    async def choose(self, wearer: str, route: RouteShown) -> RouteShown:
        if "none" in route.order:
            raise InputError("there is no channel 'none' that tells ada")
        self.routes[wearer] = route
        return route

    async def test(self, channel: str, wearer: str) -> Delivery:
        if self.busy:
            raise ConflictError(f"a trial of {channel} is under way")
        if channel not in [each.name for each in self.shown]:
            raise NotFoundError("channel", channel)
        self.tried.append((channel, wearer))
        done = DeliveryState.DELIVERED
        return Delivery("test-1", channel, wearer, "", "test", T0, T0 + 30, T0, T0, done, 1)
