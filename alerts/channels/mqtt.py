"""MQTT: what is so and what is said, for a smart home; Home Assistant finds it by itself.

One connection, made again whenever it is lost. A state goes out when it changed, at most once a second,
and becomes unknown when nothing is measured. The broker says `offline` for us when we vanish (last will).
What it keeps of who is no wearer any more is removed there: of one who leaves at once, of one who left
between two runs when we connect.
"""

import asyncio
import logging
import random
import ssl
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from alerts.channels import home_assistant as home
from alerts.channels.contract import (
    SNOOZE_MIN,
    Ability,
    Announcement,
    Answers,
    Delivered,
    NotDelivered,
    Result,
    Sleep,
)
from alerts.channels.routes import wait_s
from domain.alerts import Alert
from domain.errors import ConfigError, SitwellError, first_line
from domain.people import Wearer
from domain.posture import WearerStatus

_log = logging.getLogger(__name__)

PATIENCE_S: Final = 10.0
KEEPALIVE_S: Final = 30
#: States go out at most so often, s.
STATE_INTERVAL_S: Final = 1.0
#: Without a frame for so long what is so is unknown, s (own judgement; the page greys after 3).
STALE_S: Final = 10.0
#: For so many rounds of states after connecting, what the broker keeps of others is looked at.
LOOKED_ROUNDS: Final = 5
#: Commands that wait to be read; more are thrown away.
MOST_COMMANDS: Final = 100
MISSING: Final = "MQTT wants its library: pip install 'sitwell[mqtt]'"


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is. username, password: empty for none. tls_ca: a file, empty for the system's."""

    host: str
    port: int = 1883
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    tls_ca: str = ""


def mqtt_library() -> Any:
    """The library. Raises ConfigError when it is not there, or does not run here."""
    if sys.platform == "win32":
        raise ConfigError("channels.mqtt", "does not work on Windows yet")
    try:
        import aiomqtt
    except ImportError as error:
        raise ConfigError("channels.mqtt", MISSING) from error
    return aiomqtt


class Mqtt:
    """Publishes for `wearers`. language: of a wearer. open_alerts: of everybody, for the snooze button.

    monotonic: s, of a clock that nobody sets. Raises ConfigError without the library.
    """

    kind = "mqtt"
    name = "mqtt"
    ability = Ability(takes_answers=True)

    def __init__(
        self,
        broker: Broker,
        topics: home.Topics,
        wearers: Sequence[Wearer],
        answers: Answers,
        *,
        language: Callable[[str], str],
        open_alerts: Callable[[], Sequence[Alert]],
        monotonic: Callable[[], float],
        sleep: Sleep = asyncio.sleep,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._library = mqtt_library()
        self._broker = broker
        self._topics = topics
        self._wearers = {wearer.id: wearer for wearer in wearers}
        self._answers = answers
        self._language = language
        self._open_alerts = open_alerts
        self._monotonic = monotonic
        self._sleep = sleep
        self._patience_s = patience_s
        self._tls = _tls(broker)
        self._client: Any = None
        self._stopping = False
        self._problem: str | None = "it is not connected yet"
        self._heard: dict[str, tuple[float, WearerStatus]] = {}
        self._published: dict[str, str] = {}
        #: How each was introduced over this connection, and who is to be taken out at the broker.
        self._introduced: dict[str, tuple[Wearer, str]] = {}
        self._gone: set[str] = set()
        #: Erased: nothing is said of them until they are measured again.
        self._silent: set[str] = set()

    def know(self, wearer: Wearer) -> None:
        """There is one more wearer, or one is called otherwise."""
        self._wearers[wearer.id] = wearer
        self._gone.discard(wearer.id)

    def leave(self, wearer: str) -> None:
        """There is one less: what the broker keeps of them goes."""
        if self._wearers.pop(wearer, None) is not None:
            self.forget(wearer)

    def forget(self, wearer: str) -> None:
        """All there was of the wearer is erased, and so it is at the broker."""
        self._heard.pop(wearer, None)
        self._gone.add(wearer)
        self._silent.add(wearer)

    def problem(self) -> str | None:
        """Why it is not connected."""
        return self._problem

    def note(self, status: WearerStatus) -> None:
        """What is so now; it goes out with the next states."""
        if status.wearer in self._wearers:
            self._heard[status.wearer] = (self._monotonic(), status)
            self._silent.discard(status.wearer)

    async def deliver(self, announcement: Announcement) -> Result:
        """See the contract: delivered once the broker has confirmed it."""
        client = self._client
        if client is None:
            return NotDelivered(f"the broker: {self._problem}", again=True)
        topic, payload = self._topics.alert(announcement.wearer), home.event(announcement)
        try:
            await client.publish(topic, payload, qos=1, timeout=self._patience_s)
        except self._library.MqttCodeError:
            return NotDelivered("the broker: the connection is lost", again=True)
        except self._library.MqttError:
            return NotDelivered(
                "the broker did not confirm it in time", again=False, uncertain=True
            )
        return Delivered()

    async def withdraw(self, alert_id: str) -> None:
        """An event is over when it was told."""

    async def run(self) -> None:
        """Stay connected until cancelled."""
        # A cancellation can be lost on its way: errors of the library take its place, and so did
        # `asyncio.wait_for`, which it waits with, before Python 3.12. So every loop looks for itself.
        self._stopping = False
        staying = asyncio.create_task(self._stay())
        try:
            await asyncio.wait({staying})
            staying.result()
        finally:
            self._stopping = True
            staying.cancel()
            await asyncio.wait({staying}, timeout=self._patience_s)

    async def _stay(self) -> None:
        attempts = 0
        while not self._stopping:
            try:
                async with self._connecting() as client:
                    attempts = 0
                    await self._serve(client)
            except* (self._library.MqttError, OSError) as lost:
                problem = _sentence(lost)
                if problem != self._problem:
                    _log.warning("MQTT broker %s: %s", self._broker.host, problem)
                self._problem = problem
            attempts += 1
            await self._sleep(wait_s(attempts, random.random()))

    async def close(self) -> None:
        """The connection was let go of with `run`."""

    def _connecting(self) -> Any:
        broker = self._broker
        return self._library.Client(
            broker.host,
            broker.port,
            username=broker.username or None,
            password=broker.password or None,
            tls_context=self._tls,
            will=self._library.Will(self._topics.available, home.OFFLINE, qos=1, retain=True),
            timeout=self._patience_s,
            keepalive=KEEPALIVE_S,
            max_queued_incoming_messages=MOST_COMMANDS,
        )

    async def _serve(self, client: Any) -> None:
        await client.subscribe(self._topics.birth, qos=1)
        await client.subscribe(self._topics.state("+"), qos=1)
        self._introduced.clear()
        try:
            await self._introduce(client)
            self._client, self._problem = client, None
            _log.info("MQTT broker %s: connected", self._broker.host)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(client))
                group.create_task(self._tell_states(client))
        except asyncio.CancelledError:
            # An orderly end is no last will: the broker would go on saying that we are there.
            with suppress(self._library.MqttError):
                async with asyncio.timeout(2.0):
                    await client.publish(self._topics.available, home.OFFLINE, qos=1, retain=True)
            raise
        finally:
            self._client = None

    async def _introduce(self, client: Any) -> None:
        """Say what there is, that we are there, and what is so."""
        for wearer in [*self._wearers.values()]:
            if wearer.id not in self._silent:
                await self._introduce_one(client, wearer)
        await client.publish(self._topics.available, home.ONLINE, qos=1, retain=True)
        self._published.clear()

    async def _introduce_one(self, client: Any, wearer: Wearer) -> None:
        language = self._language(wearer.id)
        if wearer.id not in self._introduced:
            await client.subscribe(self._topics.snooze(wearer.id), qos=1)
        words = home.discovery(self._topics, wearer, language)
        await client.publish(self._topics.config(wearer.id), words, qos=1, retain=True)
        self._introduced[wearer.id] = wearer, language

    async def _take_out(self, client: Any, wearer: str) -> None:
        """Have the broker keep nothing of one: an empty message replaces what is kept (MQTT 5, 3.3.1.3)."""
        for topic in (self._topics.config(wearer), self._topics.state(wearer)):
            await client.publish(topic, b"", qos=1, retain=True)
        if self._introduced.pop(wearer, None) is not None:
            await client.unsubscribe(self._topics.snooze(wearer))
        self._published.pop(wearer, None)

    async def _listen(self, client: Any) -> None:
        async for message in client.messages:
            topic, payload = str(message.topic), message.payload
            if self._stopping:
                return
            if not isinstance(payload, bytes):
                continue
            if message.retain:  # a press that was kept is none of now
                wearer = self._topics.wearer_of(topic)
                if wearer is not None and wearer not in self._wearers and home.is_state(payload):
                    self._gone.add(wearer)  # of an earlier run
                continue
            if topic == self._topics.birth and payload == home.ONLINE.encode():
                await self._introduce(client)
            for wearer in [*self._wearers]:
                if topic == self._topics.snooze(wearer) and payload == home.PRESS.encode():
                    await self._snooze(wearer)

    async def _snooze(self, wearer: str) -> None:
        for alert in self._open_alerts():
            if alert.wearer == wearer:
                try:
                    await self._answers.snooze(alert.id, SNOOZE_MIN)
                except SitwellError as error:
                    _log.warning("a snooze over MQTT came to nothing: %s", first_line(error))

    async def _tell_states(self, client: Any) -> None:
        rounds = 0
        while not self._stopping:
            while self._gone:
                await self._take_out(client, self._gone.pop())
            for wearer in [*self._wearers]:
                if wearer in self._silent:
                    continue
                person = self._wearers[wearer]
                if self._introduced.get(wearer) != (person, self._language(wearer)):
                    await self._introduce_one(client, person)
                at, status = self._heard.get(wearer, (0.0, None))
                fresh = status is not None and self._monotonic() - at <= STALE_S
                words = home.state(status if fresh else None)
                if words != self._published.get(wearer):
                    await client.publish(self._topics.state(wearer), words, qos=1, retain=True)
                    self._published[wearer] = words
            rounds += 1
            if rounds == LOOKED_ROUNDS:
                await client.unsubscribe(self._topics.state("+"))
            await self._sleep(STATE_INTERVAL_S)


def _tls(broker: Broker) -> ssl.SSLContext | None:
    if not broker.tls:
        return None
    try:
        return ssl.create_default_context(cafile=broker.tls_ca or None)
    except OSError as error:
        raise ConfigError("channels.mqtt.tls_ca", f"cannot be used: {error.strerror}") from error


def _sentence(lost: BaseExceptionGroup[Exception]) -> str:
    first = lost.exceptions[0]
    if isinstance(first, BaseExceptionGroup):
        return _sentence(first)
    return first_line(first) or type(first).__name__
