"""A double of bluetoothd: org.bluez on a private bus, with adapters, and sensors in their air.

What it does is what bluetoothd's documentation and sources say, and what the reports about bleak tell
of it: a registration for notifications belongs to the D-Bus connection that made it, survives the link
and dies with the connection; links survive the program that made them; a killed bluetoothd says
nothing, and has forgotten every unpaired device when it is back.
"""

import asyncio
import contextlib

from bluez_adapter import Adapter
from bluez_objects import ObjectServer
from bluez_station import BluezStation

ADVERTISING_S = 0.03


class Bluez:
    """bluetoothd. `start`, `die`, `come_back`, `stop`."""

    def __init__(self, adapters: tuple[str, ...] = ("hci0",)) -> None:
        self.objects = ObjectServer("org.bluez")
        self.objects.on_sender_gone = self._sender_gone
        self.stations: dict[str, BluezStation] = {}
        self.adapters = {name: Adapter(self, name) for name in adapters}
        for adapter in self.adapters.values():
            adapter.plug()
        self._air: asyncio.Task[None] | None = None

    @property
    def hci0(self) -> Adapter:
        """The first adapter."""
        return self.adapters["hci0"]

    async def start(self, address: str) -> None:
        """Begin to serve on the bus at `address`."""
        await self.objects.connect(address)
        self._air = asyncio.create_task(self._advertise(), name="the air")

    async def stop(self) -> None:
        """End for good."""
        if self._air is not None:
            self._air.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._air
        self.objects.disconnect()
        await asyncio.sleep(0.01)  # what had still to be sent fails, and is to be seen to

    def die(self) -> None:
        """Be killed: the kernel drops the links, and the host is told nothing."""
        self.objects.disconnect()
        for adapter in self.adapters.values():
            if adapter.present:
                adapter.unplug()

    async def come_back(self, address: str) -> None:
        """Be started again: first the name, then the adapters."""
        await self.objects.connect(address)
        await asyncio.sleep(0.02)
        for adapter in self.adapters.values():
            adapter.plug()

    async def clients(self) -> int:
        """How many connections the bus carries besides this one."""
        (names,) = await self.objects.ask_bus("ListNames")
        return sum(1 for name in names if name.startswith(":")) - 1

    def hear(self, station: BluezStation) -> None:
        """Let every adapter that listens hear what a station advertises."""
        for adapter in self.adapters.values():
            rssi_dbm = station.strength_at(adapter.name)
            if adapter.listens and rssi_dbm is not None:
                adapter.hear(station, rssi_dbm)

    def _sender_gone(self, sender: str) -> None:
        for adapter in self.adapters.values():
            adapter.sender_gone(sender)

    async def _advertise(self) -> None:
        while True:
            await asyncio.sleep(ADVERTISING_S)
            for station in list(self.stations.values()):
                if station.on_the_air and station.connectable:
                    self.hear(station)
