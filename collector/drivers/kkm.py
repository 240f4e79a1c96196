"""KKM beacons, also sold as BlueCharm: everything is in the advertisement, there is no connection.

Service data of FEAA, which is Eddystone's, with the frame type 21 beside Eddystone's own: version 1, a
mask of what follows, big-endian: 01 battery in mV, 02 temperature, 04 humidity (2 bytes each), 08
acceleration 3 x i16 in mg (a carrier calls them m/s2). A K9 sends mask 0F, a BC08, BC04P and BC021
0B, a K6P 07 and no acceleration. A K6 in the tests of ble_monitor says 07 and sends it all the same: six
bytes more than the mask tells are taken for it. Source: the tests of theengs/decoder and of ble_monitor.
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
from domain.samples import Floats

UUID: Final = "0000feaa-0000-1000-8000-00805f9b34fb"
CHANNEL: Final = service_data_channel(UUID)
RATE_HZ: Final = 1.0  # as the guide asks people to set it

_SENSOR, _VERSION = 0x21, 0x01
_HEAD = struct.Struct("BBB")
_VOLTAGE, _TEMPERATURE, _HUMIDITY, _ACCELERATION = 0x01, 0x02, 0x04, 0x08
_BEFORE = _VOLTAGE | _TEMPERATURE | _HUMIDITY  # two bytes each
_KNOWN = _BEFORE | _ACCELERATION
_PER_G = 1000


class KKMDriver(Advertiser):
    """One advertiser. The battery is told in millivolts alone, so no percentage is made of it."""

    name: ClassVar[str] = "kkm"
    title: ClassVar[str] = "KKM or BlueCharm beacon"
    measures: ClassVar[tuple[str, ...]] = ("acc",)
    guide: ClassVar[Guide] = Guide(
        models=("KKM K9", "BlueCharm BC08", "BlueCharm BC04P", "BlueCharm BC021"),
        placements=(Placement.SEAT, Placement.UPPER_BACK),
        wear="Fix it to the chair's back, or clip it into a collar.",
        limits=(
            "In the KBeacon app, switch a sensor slot (KSensor) with acceleration on, once a second.",
            "One sample a second: slow tilt, no movement and no steps.",
            "It does not count its frames: set to another interval, losses are counted wrongly.",
            "Its battery is told in millivolts alone, so no percentage is shown.",
        ),
        source="the tests of theengs/decoder and ble_monitor",
    )

    def __init__(self) -> None:
        self._hearings = Unnumbered(RATE_HZ)

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By a sensor frame with acceleration: Eddystone's UUID is everybody's."""
        return _has_acceleration(advertisement.service_data.get(UUID, b""))

    def subscriptions(self) -> tuple[str, ...]:
        """Eddystone's service data."""
        return (CHANNEL,)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; Eddystone's frames, which such a beacon sends in turn, give nothing."""
        if characteristic != CHANNEL:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if not payload:
            raise PayloadError(self.name, "no frame", payload)
        if payload[0] != _SENSOR:
            return ()
        if len(payload) < _HEAD.size or payload[1] != _VERSION:
            raise PayloadError(self.name, "no sensor frame of version 1", payload)
        if not _has_acceleration(payload):
            return ()
        mask = payload[2]
        at = _acceleration_at(mask)
        end = at + 6
        # What later firmware may append has a bit of its own.
        if len(payload) < end or (len(payload) > end and not mask & ~_KNOWN):
            raise PayloadError(self.name, f"{end} bytes wanted for mask {mask:02x}", payload)
        acc_g = triplets(payload, ">i2", offset=at, count=1) / _PER_G
        return self._hearings.sample(payload, acc_g, now)


def _has_acceleration(payload: bytes) -> bool:
    if len(payload) < _HEAD.size or payload[:2] != bytes((_SENSOR, _VERSION)):
        return False
    mask = payload[2]
    unannounced = mask == _BEFORE and len(payload) == _acceleration_at(mask) + 6
    return unannounced or bool(mask & _ACCELERATION)


def _acceleration_at(mask: int) -> int:
    return _HEAD.size + 2 * (mask & _BEFORE).bit_count()


class KKMEncoder(LastSampleTwin):
    """A BC08's side: each sample replaces what the next advertisements carry."""

    driver: ClassVar[str] = "kkm"
    channel: ClassVar[str] = CHANNEL

    def __init__(self, millivolts: int = 3091) -> None:
        self._millivolts = millivolts
        super().__init__(RATE_HZ, (2**15 - 1) / _PER_G, 1 / _PER_G)

    def advertisement(self) -> AdvertisedData:
        """The last sample as service data."""
        return AdvertisedData(service_uuids=(UUID,), service_data={UUID: self._payload})

    def _build(self, row: Floats) -> bytes:
        """The frame of a room at 24 deg C."""
        head = _HEAD.pack(_SENSOR, _VERSION, _VOLTAGE | _TEMPERATURE | _ACCELERATION)
        axes = to_counts(row, _PER_G, ">i2").tobytes()
        return head + self._millivolts.to_bytes(2, "big") + bytes((24, 0)) + axes
