"""A notification server of the desktop, on a bus of our own: `org.freedesktop.Notifications` 1.2."""

import asyncio
from dataclasses import dataclass

from dbus_fast import Variant
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"


@dataclass
class Shown:
    """One notification as it came. actions: the label of each by its key."""

    number: int
    title: str
    body: str
    actions: dict[str, str]
    urgency: int


class Notifications(ServiceInterface):
    """Shows nothing, keeps everything, and can be clicked."""

    def __init__(self) -> None:
        super().__init__(NAME)
        self.shown: list[Shown] = []
        self.closed: list[int] = []
        self.hold = False

    @dbus_method()
    async def Notify(
        self,
        app: "s",  # noqa: F821
        replaces: "u",  # noqa: F821
        icon: "s",  # noqa: F821
        summary: "s",  # noqa: F821
        body: "s",  # noqa: F821
        actions: "as",  # noqa: F722
        hints: "a{sv}",  # noqa: F722
        expires: "i",  # noqa: F821
    ) -> "u":  # noqa: F821
        if self.hold:
            await asyncio.sleep(3600)
        number = len(self.shown) + 1
        labels = dict(zip(actions[::2], actions[1::2], strict=True))
        urgency = hints.get("urgency", Variant("y", 1)).value
        self.shown.append(Shown(number, summary, body, labels, urgency))
        return number

    @dbus_method()
    def CloseNotification(self, number: "u"):  # noqa: F821
        self.closed.append(number)

    @dbus_method()
    def GetCapabilities(self) -> "as":  # noqa: F722
        return ["body", "actions"]

    @dbus_method()
    def GetServerInformation(self) -> "ssss":  # noqa: F821
        return ["double", "sitwell", "1", "1.2"]

    @dbus_signal()
    def ActionInvoked(self, number: "u", key: "s") -> "us":  # noqa: F821
        return [number, key]

    @dbus_signal()
    def NotificationClosed(self, number: "u", reason: "u") -> "uu":  # noqa: F821
        return [number, reason]

    def press(self, label: str) -> None:
        """Press the button with this label on the newest notification."""
        newest = self.shown[-1]
        key = next(key for key, words in newest.actions.items() if words == label)
        self.ActionInvoked(newest.number, key)


class NotificationServer:
    """The double on the bus at `address`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._bus: MessageBus | None = None
        self.desk = Notifications()

    async def start(self) -> None:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.export(PATH, self.desk)
        await self._bus.request_name(NAME)

    async def stop(self) -> None:
        if self._bus is not None:
            self._bus.disconnect()
            await self._bus.wait_for_disconnect()
            self._bus = None
