"""org.bluez.Device1 of the double, with the GATT objects below it."""

import asyncio
from typing import TYPE_CHECKING, Any

from bluez_gatt import AttError, Attribute, AttributeTable
from bluez_objects import Answer, Interface, RefusalError
from bluez_station import ATT_MTU, BluezStation
from bumble import att
from dbus_fast import Variant

if TYPE_CHECKING:
    from bluez_adapter import Adapter

DEVICE = "org.bluez.Device1"
SERVICE = "org.bluez.GattService1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
FAILED = "org.bluez.Error.Failed"

_CONNECT_S = 0.01
_RESOLVE_S = 0.01
_NOT_PAIRED = (
    att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR,
    att.ATT_INSUFFICIENT_ENCRYPTION_ERROR,
)


def refused(error: AttError) -> RefusalError:
    """The D-Bus error bluetoothd makes of an ATT error (BlueZ, src/gatt-client.c)."""
    if error.code in _NOT_PAIRED:
        return RefusalError("org.bluez.Error.NotPermitted", "Not paired")
    if error.code == att.ATT_READ_NOT_PERMITTED_ERROR:
        return RefusalError("org.bluez.Error.NotPermitted", "Read not permitted")
    if error.code == att.ATT_WRITE_NOT_PERMITTED_ERROR:
        return RefusalError("org.bluez.Error.NotPermitted", "Write not permitted")
    return RefusalError(FAILED, f"Operation failed with ATT error: {error.code:#04x}")


class Device:
    """A sensor as one adapter knows it; the services it was once found to have are remembered."""

    def __init__(self, adapter: "Adapter", station: BluezStation) -> None:
        self.adapter = adapter
        self.station = station
        self.path = f"{adapter.path}/dev_{station.address.replace(':', '_')}"
        self.paired = False
        self._objects = adapter.bluez.objects
        self._remembered: AttributeTable | None = None
        self._registered: dict[int, set[str]] = {}
        self._connecting: asyncio.Future[None] | None = None
        self._resolving: asyncio.TimerHandle | None = None

    @property
    def connected(self) -> bool:
        """Whether the link is over this adapter."""
        return self.station.link is self

    def heard(self, rssi_dbm: int) -> None:
        """An advertisement came."""
        fields = self.station.fields
        values: dict[str, Any] = {
            "RSSI": rssi_dbm,
            "ManufacturerData": {
                company: Variant("ay", payload)
                for company, payload in fields.manufacturer_data.items()
            }
            or None,
            "ServiceData": {
                uuid: Variant("ay", payload) for uuid, payload in fields.service_data.items()
            }
            or None,
        }
        if self.path in self._objects:
            told = {name: value for name, value in values.items() if value is not None}
            self._objects.change(self.path, DEVICE, **told)
            return
        name = fields.name
        properties = {
            "Address": ("s", self.station.address),
            "AddressType": ("s", "random"),
            "Name": ("s", name),
            "Alias": ("s", name or self.station.address.replace(":", "-")),
            "Adapter": ("o", self.adapter.path),
            "Paired": ("b", self.paired),
            "Trusted": ("b", False),
            "Connected": ("b", False),
            "ServicesResolved": ("b", False),
            "UUIDs": ("as", list(fields.service_uuids)),
            "RSSI": ("n", values["RSSI"]),
            "ManufacturerData": ("a{qv}", values["ManufacturerData"]),
            "ServiceData": ("a{sv}", values["ServiceData"]),
        }
        methods = {"Connect": self._connect, "Disconnect": self._disconnect, "Pair": self._pair}
        setters = {"Trusted": self._trust}
        self._objects.add(self.path, Interface(DEVICE, properties, methods, setters))

    def registrations(self, attribute: Attribute) -> set[str]:
        """The senders that want its notifications; they survive the link, and die with the sender."""
        return self._registered.get(attribute.handle, set()) if self.connected else set()

    def sender_gone(self, sender: str) -> None:
        """A D-Bus connection ended, and with it what it had asked for."""
        for senders in self._registered.values():
            senders.discard(sender)

    def notified(self, attribute: Attribute, payload: bytes) -> None:
        """A notification came: the value changes once for everyone who is registered."""
        path = self._path_of(attribute)
        for _sender in sorted(self.registrations(attribute)):
            self._objects.change(path, CHARACTERISTIC, Value=payload)

    def ended(self) -> None:
        """The link ended, however it ended."""
        if self._resolving is not None:
            self._resolving.cancel()
        self.adapter.links.discard(self)
        if self.path in self._objects:
            self._objects.change(self.path, DEVICE, Connected=False, ServicesResolved=False)

    def forget(self) -> None:
        """RemoveDevice: pairing and services are forgotten."""
        if self.connected:
            self.station.lose_link()
        self._objects.remove(self.path)

    # --- methods -----------------------------------------------------------------------------

    async def _connect(self, _sender: str) -> Answer:
        station, adapter = self.station, self.adapter
        if not adapter.powered:
            raise RefusalError("org.bluez.Error.NotReady", "Resource Not Ready")
        if self._connecting is not None:
            raise RefusalError("org.bluez.Error.InProgress", "Operation already in progress")
        if self.connected:
            raise RefusalError("org.bluez.Error.AlreadyConnected", "Already Connected")
        step = station.connect_script.popleft() if station.connect_script else None
        if isinstance(step, tuple):
            raise RefusalError(*step)
        if step == "hang":
            self._connecting = asyncio.get_running_loop().create_future()
            try:
                await self._connecting
            finally:
                self._connecting = None
        await asyncio.sleep(_CONNECT_S)
        if len(adapter.links) >= adapter.slots:
            raise RefusalError(FAILED, adapter.no_slots)
        if not station.on_the_air or station.strength_at(adapter.name) is None:
            raise RefusalError(FAILED, "le-connection-timeout")
        adapter.links.add(self)
        station.linked(self)
        self._objects.change(self.path, DEVICE, Connected=True)
        self._resolving = asyncio.get_running_loop().call_later(_RESOLVE_S, self._resolve)
        return None

    async def _disconnect(self, _sender: str) -> Answer:
        if self.station.disconnect_hangs:
            await asyncio.Event().wait()
        if self._connecting is not None:
            self._connecting.set_exception(RefusalError(FAILED, "le-connection-abort-by-local"))
            return None
        if not self.connected:
            raise RefusalError("org.bluez.Error.NotConnected", "Not Connected")
        self.station.lose_link()
        return None

    async def _pair(self, _sender: str) -> Answer:
        if self.paired:
            raise RefusalError("org.bluez.Error.AlreadyExists", "Already Exists")
        self.station.pairings += 1
        if self.station.pair_refusal is not None:
            raise RefusalError(*self.station.pair_refusal)
        self.paired = True
        self._objects.change(self.path, DEVICE, Paired=True)
        return None

    async def _trust(self, trusted: bool) -> None:
        self._objects.change(self.path, DEVICE, Trusted=trusted)

    # --- services ----------------------------------------------------------------------------

    def _resolve(self) -> None:
        if self._remembered is None:
            self._remembered = self.station.table
            self._export(self._remembered)
        self._objects.change(self.path, DEVICE, ServicesResolved=True)

    def _export(self, table: AttributeTable) -> None:
        for service in table.services:
            service_path = f"{self.path}/service{service.handle:04x}"
            self._objects.add(
                service_path,
                Interface(
                    SERVICE,
                    {
                        "UUID": ("s", service.uuid),
                        "Primary": ("b", True),
                        "Device": ("o", self.path),
                    },
                ),
            )
            for attribute in service.attributes:
                self._export_attribute(service_path, attribute)

    def _export_attribute(self, service_path: str, attribute: Attribute) -> None:
        async def read(_sender: str, _options: dict[str, Variant]) -> Answer:
            return "ay", [self._reached(attribute, change=False).read()]

        async def write(_sender: str, payload: bytes, _options: dict[str, Variant]) -> Answer:
            self._reached(attribute, change=True).write(bytes(payload))
            return None

        async def start(sender: str) -> Answer:
            self._reached(attribute, change=True)
            senders = self._registered.setdefault(attribute.handle, set())
            if sender in senders:
                raise RefusalError("org.bluez.Error.InProgress", "Operation already in progress")
            senders.add(sender)
            return None

        async def stop(sender: str) -> Answer:
            self._registered.get(attribute.handle, set()).discard(sender)
            return None

        self._objects.add(
            f"{service_path}/char{attribute.handle:04x}",
            Interface(
                CHARACTERISTIC,
                {
                    "UUID": ("s", attribute.uuid),
                    "Service": ("o", service_path),
                    "Flags": ("as", list(attribute.flags)),
                    "MTU": ("q", ATT_MTU),
                    "Notifying": ("b", False),
                    "Value": ("ay", b""),
                },
                {
                    "ReadValue": _refusing(read),
                    "WriteValue": _refusing(write),
                    "StartNotify": _refusing(start),
                    "StopNotify": stop,
                },
            ),
        )

    def _reached(self, attribute: Attribute, *, change: bool) -> Attribute:
        if not self.connected:
            raise RefusalError(FAILED, "Not connected")
        return self.station.checked(attribute, paired=self.paired, change=change)

    def _path_of(self, attribute: Attribute) -> str:
        assert self._remembered is not None
        for service in self._remembered.services:
            if any(one.handle == attribute.handle for one in service.attributes):
                return f"{self.path}/service{service.handle:04x}/char{attribute.handle:04x}"
        raise KeyError(attribute.uuid)


def _refusing(method: Any) -> Any:
    async def called(*arguments: Any) -> Answer:
        try:
            return await method(*arguments)
        except AttError as error:
            raise refused(error) from error

    return called
