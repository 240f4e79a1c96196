"""Telling the wearers: the dispatcher over the store, the routes they chose, what the API shows of it."""

import json
from collections.abc import Sequence
from dataclasses import replace

from alerts.channels.contract import Channel
from alerts.channels.dispatcher import Dispatcher
from alerts.channels.mqtt import Mqtt
from alerts.channels.routes import Route
from api.channels import ChannelShown, RouteShown
from domain.alerts import Alert
from domain.deliveries import Delivery
from domain.errors import InputError, NotFoundError
from domain.people import Wearer
from domain.posture import WearerStatus
from domain.records import Setting
from service.channel_config import ChannelsSection
from service.channels import ChannelNeeds, make_channels
from service.timebase import Timebase
from service.writer import StoreWriter
from storage.contract import Store

#: Names of the settings that hold what a wearer chose.
ORDER, BESIDE, ESCALATE = "channels.order", "channels.beside", "channels.escalate_after_s"
#: So many of the newest deliveries are looked at after a start.
RECENT = 500
SHORTEST_S, LONGEST_S = 10.0, 3600.0


class StoreLog:
    """The log of deliveries in the store, by the one writer."""

    def __init__(self, writer: StoreWriter) -> None:
        self._writer = writer

    def add(self, deliveries: tuple[Delivery, ...]) -> None:
        """See the contract."""
        self._writer.add(deliveries=deliveries)

    async def commit(self) -> None:
        """See the contract."""
        await self._writer.commit()


class Telling:
    """Implements api.channels.ChannelKeeper. Raises ConfigError for channels that cannot be made."""

    def __init__(
        self,
        section: ChannelsSection,
        around: ChannelNeeds,
        *,
        store: Store,
        writer: StoreWriter,
        timebase: Timebase,
        channels: Sequence[Channel] | None = None,
    ) -> None:
        self._section = section
        self._wearers = [wearer.id for wearer in around.wearers]
        self._store = store
        self._writer = writer
        made = make_channels(section, around) if channels is None else channels
        serving = section.serving()
        #: Whom each channel tells; nobody named is everybody.
        self._serving = {each.name: serving.get(each.name, ()) for each in made}
        self._mqtt = [each for each in made if isinstance(each, Mqtt)]
        self._routes = {wearer: self._chosen(wearer) for wearer in self._wearers}
        self._dispatcher = Dispatcher(
            made,
            log=StoreLog(writer),
            route=self._route,
            language=around.language,
            held=around.held,
            now=timebase.now,
            speed=timebase.speed,
        )
        kinds = {each.name: each.kind for each in made}
        writer.counts.kind_of = lambda channel: kinds.get(channel, "other")
        recent = [*store.deliveries(limit=RECENT), *store.pending_deliveries()]
        self._dispatcher.go_on(around.open_alerts(), recent)

    @property
    def waiting(self) -> int:
        """Deliveries that something is still to become of."""
        return self._dispatcher.waiting

    def announce(self, thing: object) -> None:
        """What the engine announced."""
        match thing:
            case Alert():
                self._dispatcher.take(thing)
            case WearerStatus():
                for mqtt in self._mqtt:
                    mqtt.note(thing)

    async def run(self) -> None:
        """Deliver until cancelled."""
        await self._dispatcher.run()

    def channels(self) -> Sequence[ChannelShown]:
        """See the contract."""
        return [
            ChannelShown(
                name=name,
                kind=each.kind,
                wearers=self._told(name),
                says_words=each.ability.says_words,
                takes_answers=each.ability.takes_answers,
                problem=self._dispatcher.problem(name),
            )
            for name, each in self._dispatcher.channels.items()
        ]

    def route_shown(self, wearer: str) -> RouteShown:
        """See the contract."""
        route = self._route(wearer)
        return RouteShown(route.order, route.beside, route.escalate_after_s)

    async def choose(self, wearer: str, route: RouteShown) -> RouteShown:
        """See the contract."""
        for names in (route.order, route.beside):
            for name in names:
                if wearer not in self._told(name):
                    raise InputError(f"there is no channel {name!r} that tells {wearer}")
            if len(set(names)) < len(names):
                raise InputError("a channel is named twice")
        if not SHORTEST_S <= route.escalate_after_s <= LONGEST_S:
            raise InputError(f"escalate_after_s is not in {SHORTEST_S:g} to {LONGEST_S:g}")
        values: dict[str, str | float] = {
            ORDER: json.dumps(route.order),
            BESIDE: json.dumps(route.beside),
            ESCALATE: route.escalate_after_s,
        }

        def keep() -> None:
            for name, value in values.items():
                self._store.put_setting(Setting(name, value, wearer))

        await self._writer.change(keep)
        self._routes[wearer] = replace(
            self._default(wearer),
            order=route.order,
            beside=route.beside,
            escalate_after_s=route.escalate_after_s,
        )
        return self.route_shown(wearer)

    def know(self, wearer: Wearer) -> None:
        """There is one more wearer, or one is called otherwise."""
        if wearer.id not in self._routes:
            self._wearers.append(wearer.id)
            self._routes[wearer.id] = self._chosen(wearer.id)
        for mqtt in self._mqtt:
            if wearer.id in self._told(mqtt.name):
                mqtt.know(wearer)

    def leave(self, wearer: str) -> None:
        """There is one less."""
        if self._routes.pop(wearer, None) is not None:
            self._wearers.remove(wearer)
        for mqtt in self._mqtt:
            mqtt.leave(wearer)

    def forget(self, wearer: str) -> None:
        """What the store has of the wearer was erased."""
        if wearer in self._routes:
            self._routes[wearer] = self._chosen(wearer)
        for mqtt in self._mqtt:
            mqtt.forget(wearer)

    async def test(self, channel: str, wearer: str) -> Delivery:
        """See the contract."""
        if wearer not in self._told(channel):
            raise NotFoundError("channel", channel)
        return await self._dispatcher.test(channel, wearer)

    def _told(self, channel: str) -> tuple[str, ...]:
        if channel not in self._serving:
            return ()
        return self._serving[channel] or tuple(self._wearers)

    def _route(self, wearer: str) -> Route:
        return self._routes.get(wearer) or Route()

    def _default(self, wearer: str) -> Route:
        theirs = [name for name in self._serving if wearer in self._told(name)]
        order = [name for name in self._section.order or theirs if name in theirs]
        return Route(
            order=tuple(order),
            beside=tuple(name for name in self._section.beside if name in theirs),
            escalate_after_s=self._section.escalate_after_s,
            expires_after_s=self._section.expires_after_s,
        )

    def _chosen(self, wearer: str) -> Route:
        """What the wearer chose of what there still is, else what the configuration says."""
        route = self._default(wearer)
        kept = {setting.name: setting.value for setting in self._store.settings(wearer)}

        def names(key: str, default: tuple[str, ...]) -> tuple[str, ...]:
            value = kept.get(key)
            chosen = json.loads(value) if isinstance(value, str) else default
            return tuple(name for name in chosen if wearer in self._told(name))

        escalate_s = kept.get(ESCALATE)
        return replace(
            route,
            order=names(ORDER, route.order),
            beside=names(BESIDE, route.beside),
            escalate_after_s=(
                float(escalate_s) if isinstance(escalate_s, int | float) else route.escalate_after_s
            ),
        )
