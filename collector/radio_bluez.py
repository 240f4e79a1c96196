"""What BlueZ says of its adapters and of itself, over a D-Bus connection of our own. Linux only.

bleak does not notice when bluetoothd goes away and the bus stays: it takes dead connections for live
ones, and whatever it read before for true. Here its end is seen, and bleak is made to read anew.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Self

from bleak.backends.bluezdbus.manager import get_global_bluez_manager
from bleak.exc import BleakDBusError
from bleak_retry_connector import clear_cache
from bleak_retry_connector.bleak_manager import get_global_bluez_manager_sync
from bleak_retry_connector.bluez import stop_discovery
from dbus_fast import BusType, Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus

from collector.radio_errors import FOREIGN, translated
from domain.errors import LinkError

BUS_S = 10.0  # a call to the bus takes milliseconds; a service that is started by it takes longer

_BLUEZ = "org.bluez"
_ADAPTER = "org.bluez.Adapter1"
_DBUS = "org.freedesktop.DBus"
_OBJECTS = "org.freedesktop.DBus.ObjectManager"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_FOLDER = "/org/bluez/"
_RULES = (
    f"type='signal',sender='{_DBUS}',interface='{_DBUS}',member='NameOwnerChanged',arg0='{_BLUEZ}'",
    f"type='signal',sender='{_BLUEZ}',interface='{_OBJECTS}',arg0path='{_FOLDER}'",
    f"type='signal',sender='{_BLUEZ}',interface='{_PROPERTIES}',arg0='{_ADAPTER}'",
)

_log = logging.getLogger(__name__)


class BluezWatch:
    """The adapters that BlueZ has, and whether they are on; whether BlueZ and the bus are there.

    changed: set whenever one of these changes. restarted: bluetoothd went away since
    `end_connections`.
    """

    def __init__(self, bus: MessageBus) -> None:
        self.changed = asyncio.Event()
        self.restarted = False
        self._bus = bus
        self._adapters: dict[str, bool] = {}
        self._current = False
        self._asked = False

    @classmethod
    async def open(cls) -> Self:
        """Connect to the system bus. Raises RadioUnavailableError or another LinkError."""
        with translated("the adapter", "asking BlueZ"):
            bus = MessageBus(bus_type=BusType.SYSTEM)
            watch = cls(bus)
            try:
                async with asyncio.timeout(BUS_S):
                    await bus.connect()
                    bus.add_message_handler(watch._on_message)
                    for rule in _RULES:
                        await watch._ask(
                            _DBUS, "/org/freedesktop/DBus", _DBUS, "AddMatch", "s", rule
                        )
                    await watch._read()
            except BaseException:
                bus.disconnect()  # what it holds is held even when it never connected
                raise
        return watch

    @property
    def alive(self) -> bool:
        """Whether the bus is there."""
        return self._bus.connected

    @property
    def adapters(self) -> Mapping[str, bool]:
        """The adapters by name, and whether they are switched on."""
        return self._adapters

    async def close(self) -> None:
        """Leave the bus."""
        self._bus.disconnect()
        with contextlib.suppress(*FOREIGN):
            async with asyncio.timeout(BUS_S):
                await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast

    async def renew(self) -> None:
        """Take note of what changed. Raises RadioUnavailableError while there is no bluetoothd."""
        if not self._current:
            with translated("the adapter", "asking BlueZ"):
                async with asyncio.timeout(BUS_S):
                    await self._read()

    def end_connections(self) -> None:
        """Once bluetoothd went away: end every connection of bleak, for none of them lives."""
        self.restarted = False
        _have_bleak_read_anew()

    async def _read(self) -> None:
        # The bus may start bluetoothd once; afterwards whoever stops it has their reasons.
        flags = MessageFlag.NO_AUTOSTART if self._asked else MessageFlag.NONE
        self._asked = True
        reply = await self._ask(_BLUEZ, "/", _OBJECTS, "GetManagedObjects", flags=flags)
        self._adapters.clear()
        for path, interfaces in reply.body[0].items():
            self._learn(path, interfaces)
        self._current = True

    async def _ask(
        self,
        service: str,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        *body: Any,
        flags: MessageFlag = MessageFlag.NONE,
    ) -> Message:
        """The reply to a call. Raises what bleak raises for an error."""
        message = Message(
            destination=service,
            path=path,
            interface=interface,
            member=member,
            flags=flags,
            signature=signature,
            body=list(body),
        )
        reply = await self._bus.call(message)
        if reply.message_type is MessageType.ERROR:
            raise BleakDBusError(str(reply.error_name), reply.body)
        return reply

    def _on_message(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        match message.member, message.body:
            case "NameOwnerChanged", [name, before, _after] if name == _BLUEZ:
                self._current = False
                self._adapters.clear()
                self.restarted = self.restarted or bool(before)
            case "InterfacesAdded", [path, interfaces] if _ADAPTER in interfaces:
                self._learn(path, interfaces)
            case "InterfacesRemoved", [path, interfaces] if _ADAPTER in interfaces:
                self._adapters.pop(_name(path), None)
            case "PropertiesChanged", [interface, changed, _] if interface == _ADAPTER:
                if "Powered" not in changed:
                    return
                self._adapters[_name(message.path or "")] = bool(changed["Powered"].value)
            case _:
                return
        self.changed.set()

    def _learn(self, path: str, interfaces: Mapping[str, Mapping[str, Any]]) -> None:
        properties = interfaces.get(_ADAPTER)
        if properties is not None and path.startswith(_FOLDER):
            self._adapters[_name(path)] = bool(properties["Powered"].value)


def _name(path: str) -> str:
    return path.removeprefix(_FOLDER)


def _have_bleak_read_anew() -> None:
    """End bleak's own D-Bus connection: it tells every client that its link is lost, forgets what it
    knew, and connects again when it is next used. There is no public way to say so."""
    manager = get_global_bluez_manager_sync()
    bus = None if manager is None else manager._bus  # noqa: SLF001 - tests watch over it
    if bus is not None:
        bus.disconnect()


async def end_scan(adapter: str) -> None:
    """End a scan that BlueZ thinks we began, and bleak does not know of; never raises."""
    try:
        with translated(adapter, "ending a scan"):
            async with asyncio.timeout(BUS_S):
                await stop_discovery(adapter)
    except LinkError as error:
        _log.debug("%s", error)


async def forget_services(address: str, paths: Iterable[str]) -> None:
    """Have BlueZ remove a device and with it the services it remembers, unless it is paired.

    paths: where adapters know it. Raises what bleak raises.
    """
    manager = await get_global_bluez_manager()
    if any(manager.is_paired(path) for path in paths):
        _log.info("%s is paired, so BlueZ goes on with the services it remembers of it", address)
        return
    await clear_cache(address)
