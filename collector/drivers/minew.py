"""Minew beacons with an accelerometer: everything is in the advertisement, there is no connection.

Service data of FFE1: A1, 03 for the frame with the acceleration, battery in percent, 3 x 8.8 signed
big-endian in g, the MAC reversed; 15 bytes. Source: reelyActive's advlib-ble-services and its tests.
"""

import struct
from typing import ClassVar, Final

from collector.drivers.contract import (
    AdvertisedData,
    Advertisement,
    Event,
    Guide,
    service_data_channel,
)
from collector.drivers.counts import to_counts, triplets
from collector.drivers.twins import Advertiser, LastSampleTwin
from collector.drivers.unnumbered import Unnumbered
from domain.errors import PayloadError
from domain.placement import Placement
from domain.samples import BatteryReading, Floats

UUID: Final = "0000ffe1-0000-1000-8000-00805f9b34fb"
CHANNEL: Final = service_data_channel(UUID)
RATE_HZ: Final = 1.0  # as the guide asks people to set it

_LAYOUT = struct.Struct(">BBB6s6s")
_MINEW, _ACCELERATION = 0xA1, 0x03
_PER_G = 256


class MinewDriver(Advertiser):
    """One advertiser; its other frames (info, temperature, ...) are passed over."""

    name: ClassVar[str] = "minew"
    title: ClassVar[str] = "Minew beacon"
    measures: ClassVar[tuple[str, ...]] = ("acc", "battery")
    guide: ClassVar[Guide] = Guide(
        models=("Minew E8", "Minew S3", "Minew B10"),
        placements=(Placement.SEAT, Placement.UPPER_BACK),
        wear="Fix it to the chair's back, or clip it into a collar.",
        limits=(
            "In Minew's app, switch the accelerometer frame on and set it to one a second.",
            "One sample a second: slow tilt, no movement and no steps.",
            "It does not count its frames: set to another interval, losses are counted wrongly.",
        ),
        source="reelyActive's advlib-ble-services (MIT) and its tests",
    )

    def __init__(self) -> None:
        self._hearings = Unnumbered(RATE_HZ)
        self._battery: int | None = None

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the acceleration frame; others use FFE1 too, and not all beacons can measure."""
        payload = advertisement.service_data.get(UUID, b"")
        return len(payload) == _LAYOUT.size and payload[:2] == bytes((_MINEW, _ACCELERATION))

    def subscriptions(self) -> tuple[str, ...]:
        """Minew's service data."""
        return (CHANNEL,)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract."""
        if characteristic != CHANNEL:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) < 2 or payload[0] != _MINEW:
            raise PayloadError(self.name, "no frame of Minew's", payload)
        if payload[1] != _ACCELERATION:
            return ()
        if len(payload) != _LAYOUT.size:
            raise PayloadError(self.name, f"{_LAYOUT.size} bytes wanted", payload)
        _, _, battery, axes, _mac = _LAYOUT.unpack(payload)
        events: list[Event] = [*self._hearings.sample(payload, triplets(axes, ">i2") / _PER_G, now)]
        if battery != self._battery and battery <= 100:
            self._battery = battery
            events.append(BatteryReading(float(battery)))
        return tuple(events)


class MinewEncoder(LastSampleTwin):
    """The beacon's side: each sample replaces what the next advertisements carry."""

    driver: ClassVar[str] = "minew"
    channel: ClassVar[str] = CHANNEL

    def __init__(self, mac: bytes = bytes.fromhex("ac233fa00001"), percent: int = 100) -> None:
        self._mac = mac
        self._percent = percent
        super().__init__(RATE_HZ, (2**15 - 1) / _PER_G, 1 / _PER_G)

    def advertisement(self) -> AdvertisedData:
        """The last sample as service data."""
        return AdvertisedData(name="E8", service_uuids=(UUID,), service_data={UUID: self._payload})

    def _build(self, row: Floats) -> bytes:
        axes = to_counts(row, _PER_G, ">i2").tobytes()
        return _LAYOUT.pack(_MINEW, _ACCELERATION, self._percent, axes, self._mac[::-1])
