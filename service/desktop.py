"""What the desktop of this machine says on Linux: do not disturb, and whether the screen is locked.

Asked over D-Bus, every few seconds, never starting a program by asking. Where nobody answers it is not
known, and then never in the way. Sources: the `Inhibited` property of org.freedesktop.Notifications (KDE),
GetActive of org.freedesktop.ScreenSaver and org.gnome.ScreenSaver, LockedHint of the session of
org.freedesktop.login1.
"""

import asyncio
import logging
import sys
from dataclasses import dataclass
from typing import Any

_log = logging.getLogger(__name__)

ASK_INTERVAL_S = 5.0
ANSWER_TIMEOUT_S = 2.0
#: A bus that cannot be reached is tried again this often.
RETRY_S = 60.0

_PROPERTIES = "org.freedesktop.DBus.Properties"


@dataclass(frozen=True, slots=True)
class Question:
    """One method call that answers with a truth value. Of `args` two are the interface and the property."""

    destination: str
    path: str
    interface: str
    member: str
    args: tuple[str, ...] = ()


DISTURBED = (
    Question(
        "org.freedesktop.Notifications", "/org/freedesktop/Notifications", _PROPERTIES, "Get",
        ("org.freedesktop.Notifications", "Inhibited"),
    ),
)  # fmt: skip
LOCKED = (
    Question(
        "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver",
        "org.freedesktop.ScreenSaver", "GetActive",
    ),
    Question(
        "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "GetActive"
    ),
)  # fmt: skip
SESSION_LOCKED = (
    Question(
        "org.freedesktop.login1", "/org/freedesktop/login1/session/auto", _PROPERTIES, "Get",
        ("org.freedesktop.login1.Session", "LockedHint"),
    ),
)  # fmt: skip


class Desktop:
    """Follows the desktop. session, system: addresses of the buses, None for the usual ones."""

    def __init__(self, *, session: str | None = None, system: str | None = None) -> None:
        self._addresses = {"session": session, "system": system}
        self._buses: dict[str, Any] = {}
        self.do_not_disturb: bool | None = None
        self.screen_locked: bool | None = None

    async def run(self) -> None:
        """Ask again and again, for ever; at once over where there is no D-Bus."""
        if sys.platform != "linux":
            return
        try:
            while True:
                await self.look()
                await asyncio.sleep(ASK_INTERVAL_S if self._buses else RETRY_S)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the buses."""
        for bus in self._buses.values():
            bus.disconnect()
        self._buses.clear()

    async def look(self) -> None:
        """Ask once."""
        for name in self._addresses:
            if name not in self._buses:
                await self._connect(name)
        self.do_not_disturb = _either([await self._ask("session", each) for each in DISTURBED])
        locked = [await self._ask("session", each) for each in LOCKED]
        locked += [await self._ask("system", each) for each in SESSION_LOCKED]
        self.screen_locked = _either(locked)

    async def _connect(self, name: str) -> None:
        from dbus_fast import BusType
        from dbus_fast.aio import MessageBus

        kind = BusType.SESSION if name == "session" else BusType.SYSTEM
        bus = None
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                bus = MessageBus(self._addresses[name], kind)
                await bus.connect()
        except Exception as error:  # noqa: BLE001 - no bus, of whatever kind its trouble is: not known
            _log.debug("no %s bus: %s", name, error)
            if bus is not None:
                bus.disconnect()
            return
        self._buses[name] = bus

    async def _ask(self, name: str, question: Question) -> bool | None:
        from dbus_fast import Message, MessageFlag, MessageType, Variant

        bus = self._buses.get(name)
        if bus is None:
            return None
        call = Message(
            destination=question.destination,
            path=question.path,
            interface=question.interface,
            member=question.member,
            signature="s" * len(question.args),
            body=list(question.args),
            flags=MessageFlag.NO_AUTOSTART,
        )
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                answer = await bus.call(call)
        except Exception as error:  # noqa: BLE001 - the bus is gone, or nobody answers on it: not known
            _log.debug("the %s bus is gone: %s", name, error)
            self._buses.pop(name, None)
            bus.disconnect()
            return None
        if answer is None or answer.message_type is not MessageType.METHOD_RETURN:
            return None
        value = answer.body[0] if answer.body else None
        value = value.value if isinstance(value, Variant) else value
        return value if isinstance(value, bool) else None


def _either(answers: list[bool | None]) -> bool | None:
    """True when one says so, None when nobody says anything."""
    known = [each for each in answers if each is not None]
    return any(known) if known else None
