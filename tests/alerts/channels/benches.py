"""Every channel with a real receiver at its other end, all handled alike."""

import asyncio
import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import aiomqtt

from alerts.channels.apprise_urls import Apprise
from alerts.channels.contract import Channel
from alerts.channels.desktop import Desktop
from alerts.channels.home_assistant import Topics
from alerts.channels.mqtt import Broker, Mqtt
from alerts.channels.sensor import SensorSignal
from alerts.channels.webhook import Webhook
from domain.alerts import Alert
from domain.errors import ConflictError
from domain.people import Sensor, Wearer
from domain.placement import Placement
from tests.alerts.channels.desk_of_channels import ALERT, T0, until
from tests.alerts.channels.http_receiver import HttpReceiver
from tests.alerts.channels.mosquitto import PASSWORD, USER, Mosquitto
from tests.alerts.channels.notification_server import NotificationServer
from tests.bluez.bluez_bus import PrivateBus

SECRET = "whsec_" + base64.b64encode(b"not to be seen anywhere!").decode()
ADA = Wearer("ada", "Ada", "UTC")
EVE = Wearer("eve", "Eve", "UTC")
CLIP = Sensor("AA", "upright", "Clip", "ada", Placement.UPPER_BACK, T0)


class Answered:
    """What the engine would do with an answer."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, object]] = []
        self.refuse = False

    async def acknowledge(self, alert_id: str, *, fine: bool) -> Alert:
        return self._noted("acknowledge", alert_id, fine)

    async def snooze(self, alert_id: str, minutes: float) -> Alert:
        return self._noted("snooze", alert_id, minutes)

    def _noted(self, what: str, alert_id: str, how: object) -> Alert:
        self.calls.append((what, alert_id, how))
        if self.refuse:
            raise ConflictError("this alert is closed")
        return ALERT


class Bench(Protocol):
    channel: Channel
    #: What may never be seen in a problem or a log.
    secrets: tuple[str, ...]

    async def start(self) -> None: ...
    async def away(self) -> None: ...
    async def back(self) -> None: ...
    async def stop(self) -> None: ...
    def received(self) -> list[str]: ...


class WebhookBench:
    secrets = (SECRET, "not to be seen", "x=1")

    def __init__(self, folder: Path) -> None:
        self.receiver = HttpReceiver()

    async def start(self) -> None:
        await self.receiver.start()
        self.channel = self.made(self.receiver.url)

    def made(self, url: str, **more: Any) -> Webhook:
        from alerts.channels.signature import secrets_in

        options: dict[str, Any] = {"now": lambda: T0 + 7, "allow_private": True, "patience_s": 10.0}
        return Webhook("hook", url, secrets_in(SECRET), **options | more)

    async def away(self) -> None:
        await self.receiver.stop()

    async def back(self) -> None:
        await self.receiver.start()

    async def stop(self) -> None:
        await self.channel.close()
        await self.receiver.stop()

    def received(self) -> list[str]:
        return [posted.body.decode() for posted in self.receiver.posted]


class AppriseBench:
    secrets = ("sesame", "json://")

    def __init__(self, folder: Path) -> None:
        self.receiver = HttpReceiver()

    async def start(self) -> None:
        await self.receiver.start()
        self.channel = self.made(f"json://user:sesame@127.0.0.1:{self.receiver.port}/sesame")

    def made(self, *urls: str, **more: Any) -> Apprise:
        return Apprise("phone", urls, path="channels.apprise[0].urls_file", **more)

    away = WebhookBench.away
    back = WebhookBench.back
    stop = WebhookBench.stop
    received = WebhookBench.received


class SensorBench:
    secrets = ()

    def __init__(self, folder: Path) -> None:
        self.buzzed: list[str] = []
        self.trouble: Exception | None = None

    async def start(self) -> None:
        self.channel = SensorSignal(self._identify, lambda wearer: [CLIP])

    async def _identify(self, sensor: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.buzzed.append(sensor)

    async def away(self) -> None:
        self.trouble = ConflictError("it is not connected")

    async def back(self) -> None:
        self.trouble = None

    async def stop(self) -> None:
        await self.channel.close()

    def received(self) -> list[str]:
        return self.buzzed


class DesktopBench:
    secrets = ()

    def __init__(self, folder: Path) -> None:
        self.bus = PrivateBus(folder)
        self.server = NotificationServer(self.bus.address)
        self.answers = Answered()

    async def start(self) -> None:
        self._before = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.bus.address
        await self.back()
        self.channel = Desktop(self.answers)

    async def away(self) -> None:
        await self.server.stop()
        self.bus.kill()

    async def back(self) -> None:
        self.bus.start()
        await self.server.start()

    async def stop(self) -> None:
        await self.channel.close()
        await self.away()
        os.environ.pop("DBUS_SESSION_BUS_ADDRESS")
        if self._before is not None:
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = self._before

    def received(self) -> list[str]:
        return [f"{shown.title}\n{shown.body}" for shown in self.server.desk.shown]


class MqttBench:
    secrets = (PASSWORD,)

    def __init__(self, folder: Path) -> None:
        self.broker = Mosquitto(folder / "mosquitto")
        self.answers = Answered()
        self.open: list[Alert] = []
        self.at = 0.0
        self.speaks = "en"
        self.retained: dict[str, str] = {}
        self.live: list[tuple[str, str]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._listening = asyncio.Event()
        self._stopped = False

    async def start(self) -> None:
        if not self.broker.running:
            await self.back()
        self.channel = self.made()
        self._tasks = [
            asyncio.create_task(self.channel.run()),
            asyncio.create_task(self._listen()),
        ]
        await until(lambda: self.channel.problem() is None)
        await self._listening.wait()

    def made(self, **more: Any) -> Mqtt:
        options: dict[str, Any] = {
            "language": lambda wearer: self.speaks,
            "open_alerts": lambda: self.open,
            "monotonic": lambda: self.at,
            "sleep": self._nap,
        }
        broker = Broker("127.0.0.1", self.broker.port, USER, PASSWORD)
        return Mqtt(
            broker, Topics("sitwell", "homeassistant"), [ADA], self.answers, **options | more
        )

    async def away(self) -> None:
        self.broker.stop()
        await until(lambda: self.channel.problem() is not None)

    async def back(self) -> None:
        self.broker.start()

    async def stop(self) -> None:
        self._stopped = True
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        self.broker.stop()

    def received(self) -> list[str]:
        return [words for topic, words in self.live if topic == "sitwell/ada/alert"]

    async def publish(self, topic: str, words: str, *, retain: bool = False) -> None:
        async with self._client() as client:
            await client.publish(topic, words, qos=1, retain=retain)

    async def kept(self) -> set[str]:
        """Topics of which the broker keeps something."""
        topics = set()
        async with self._client() as client:
            await client.subscribe("#", qos=1)
            await client.publish("asked", "now")
            async for message in client.messages:
                if str(message.topic) == "asked":
                    break
                if message.retain:
                    topics.add(str(message.topic))
        return topics

    def _client(self) -> aiomqtt.Client:
        return aiomqtt.Client("127.0.0.1", self.broker.port, username=USER, password=PASSWORD)

    @staticmethod
    async def _nap(seconds: float) -> None:
        await asyncio.sleep(0.02)

    async def _listen(self) -> None:
        """What Home Assistant would hear, also after the broker was away."""
        while not self._stopped:
            try:
                async with self._client() as client:
                    await client.subscribe("#", qos=1)
                    self._listening.set()
                    async for message in client.messages:
                        if self._stopped:
                            return
                        words = bytes(message.payload).decode()
                        self.live.append((str(message.topic), words))
                        self.retained[str(message.topic)] = words
            except aiomqtt.MqttError:
                self._listening.clear()
                await asyncio.sleep(0.02)

    def state(self) -> Any:
        return json.loads(self.retained.get("sitwell/ada/state") or "{}")


BENCHES: dict[str, Callable[[Path], Bench]] = {
    "webhook": WebhookBench,
    "apprise": AppriseBench,
    "sensor": SensorBench,
    "desktop": DesktopBench,
    "mqtt": MqttBench,
}
