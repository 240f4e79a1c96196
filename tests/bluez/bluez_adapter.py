"""org.bluez.Adapter1 of the double."""

from collections import deque
from typing import TYPE_CHECKING

from bluez_device import Device
from bluez_objects import Answer, Interface, RefusalError
from bluez_station import BluezStation
from dbus_fast import Variant

if TYPE_CHECKING:
    from bluez_double import Bluez

ADAPTER = "org.bluez.Adapter1"


class Adapter:
    """One adapter. The attributes are what a test may set while it runs.

    slots: how many links it carries. no_slots: what it says when they are used up.
    discovery_script: (D-Bus error, words) that the next StartDiscovery calls answer with, in order.
    """

    def __init__(self, bluez: "Bluez", name: str) -> None:
        self.bluez = bluez
        self.name = name
        self.path = f"/org/bluez/{name}"
        self.powered = True
        self.slots = 7
        self.no_slots = "le-connection-concurrent-connection-limit"
        self.discovery_script: deque[tuple[str, str]] = deque()
        self.discoverers: set[str] = set()
        self.discoveries = 0
        self.links: set[Device] = set()
        self.devices: dict[str, Device] = {}
        self._objects = bluez.objects

    @property
    def present(self) -> bool:
        """Whether it is plugged in."""
        return self.path in self._objects

    @property
    def listens(self) -> bool:
        """Whether it hears what is advertised."""
        return self.present and self.powered and bool(self.discoverers)

    def plug(self) -> None:
        """Come up, switched on, knowing nobody but who is paired."""
        self.powered = True
        properties = {
            "Address": ("s", f"00:1A:7D:DA:71:{int(self.name.removeprefix('hci')):02X}"),
            "Name": ("s", "double"),
            "Alias": ("s", "double"),
            "Powered": ("b", True),
            "Discovering": ("b", False),
            "Roles": ("as", ["central", "peripheral"]),
        }
        methods = {
            "SetDiscoveryFilter": self._filter,
            "StartDiscovery": self._start_discovery,
            "StopDiscovery": self._stop_discovery,
            "RemoveDevice": self._remove_device,
        }
        setters = {"Powered": self.power}
        self._objects.add(self.path, Interface(ADAPTER, properties, methods, setters))

    def unplug(self) -> None:
        """Vanish, with every link and every device."""
        self._lose_links()
        self.discoverers.clear()
        self.devices.clear()
        self._objects.remove(self.path)

    async def power(self, on: bool) -> None:
        """Switch it on or off; off ends every link and every discovery."""
        if on == self.powered:
            return
        self.powered = on
        if not on:
            self._lose_links()
            self.discoverers.clear()
            self._objects.change(self.path, ADAPTER, Discovering=False)
        self._objects.change(self.path, ADAPTER, Powered=on)

    def hear(self, station: BluezStation, rssi_dbm: int) -> None:
        """An advertisement came."""
        device = self.devices.get(station.address)
        if device is None:
            device = self.devices[station.address] = Device(self, station)
        device.heard(rssi_dbm)

    def sender_gone(self, sender: str) -> None:
        """A D-Bus connection ended, and with it what it had asked for."""
        self.discoverers.discard(sender)
        for device in self.devices.values():
            device.sender_gone(sender)

    def _lose_links(self) -> None:
        for device in list(self.links):
            device.station.lose_link()

    async def _filter(self, _sender: str, _filters: dict[str, Variant]) -> Answer:
        return None

    async def _start_discovery(self, sender: str) -> Answer:
        if not self.powered:
            raise RefusalError("org.bluez.Error.NotReady", "Resource Not Ready")
        if self.discovery_script:
            raise RefusalError(*self.discovery_script.popleft())
        if sender in self.discoverers:
            raise RefusalError("org.bluez.Error.InProgress", "Operation already in progress")
        self.discoverers.add(sender)
        self.discoveries += 1
        self._objects.change(self.path, ADAPTER, Discovering=True)
        return None

    async def _stop_discovery(self, sender: str) -> Answer:
        if not self.powered:
            raise RefusalError("org.bluez.Error.NotReady", "Resource Not Ready")
        if sender not in self.discoverers:
            raise RefusalError("org.bluez.Error.Failed", "No discovery started")
        self.discoverers.discard(sender)
        self._objects.change(self.path, ADAPTER, Discovering=bool(self.discoverers))
        return None

    async def _remove_device(self, _sender: str, path: str) -> Answer:
        for address, device in list(self.devices.items()):
            if device.path == path:
                device.forget()
                del self.devices[address]
                return None
        raise RefusalError("org.bluez.Error.DoesNotExist", "Does Not Exist")
