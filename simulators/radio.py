"""A bleak backend whose radio is Bumble's in-process link: the host's code runs, the hardware does not.

    async with BumbleWorld() as world:
        BleakScanner(on_advertisement, backend=BumbleScanner, world=world)
        BleakClient(device, backend=BumbleClient)

The world travels inside `BLEDevice.details`; only a client for a bare address needs `world=world`.
"""

from bleak.backends.scanner import (
    AdvertisementData,
    AdvertisementDataCallback,
    BaseBleakScanner,
)
from bumble.device import Advertisement

from simulators.advertising import parse
from simulators.airspace import BumbleWorld
from simulators.client import BumbleClient, Whereabouts, require_radio

__all__ = ["BumbleClient", "BumbleScanner", "BumbleWorld", "Whereabouts"]


class BumbleScanner(BaseBleakScanner):
    """bleak's scanner on a BumbleWorld; any number may run at once.

    start() raises BleakBluetoothNotAvailableError while the world is off, FileNotFoundError without a
    bus. stop() raises EOFError when the bus has ended since, of which it is not told.
    """

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str,
        *,
        world: BumbleWorld,
        **_ignored: object,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._world = world
        self._bus: int | None = None

    async def start(self) -> None:
        """Start scanning for devices."""
        require_radio(self._world)
        self.seen_devices = {}
        self._bus = self._world.bus
        await self._world.listen(self._on_advertisement)

    async def stop(self) -> None:
        """Stop scanning for devices."""
        bus, self._bus = self._bus, None
        if bus is not None:
            self._world.require_bus(bus)
        await self._world.unlisten(self._on_advertisement)

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        fields = parse((int(kind), octets) for kind, octets in advertisement.data.ad_structures)
        if not self.is_allowed_uuid(fields.service_uuids):
            return
        address = advertisement.address.to_string(False)
        strength = self._world.rssi_dbm(address)
        data = AdvertisementData(
            local_name=fields.name,
            manufacturer_data=fields.manufacturer_data,
            service_data=fields.service_data,
            service_uuids=fields.service_uuids,
            tx_power=fields.tx_power_dbm,
            rssi=advertisement.rssi if strength is None else strength,
            platform_data=(advertisement,),
        )
        device = self.create_or_update_device(
            address, address, fields.name, Whereabouts(self._world), data
        )
        self.call_detection_callbacks(device, data)
