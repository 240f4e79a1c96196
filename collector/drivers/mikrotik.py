"""MikroTik TG-BT5 tags: everything is in the advertisement, there is no connection.

18 bytes, little-endian, of manufacturer 0x094F: version 1, user byte (bit 0: encrypted), salt u16,
acceleration 3 x i16 (signed 8.8, m/s2), temperature 8.8, uptime u32 s, flags, battery in percent.
Source: MikroTik's "Tag advertisement formats". A carrier reads the axes unsigned, which turns a
hair's breadth below zero into 256 m/s2: they are two's complement.
"""

import struct
from typing import ClassVar, Final

import numpy as np

from collector.drivers.contract import (
    AdvertisedData,
    Advertisement,
    Event,
    Guide,
    Sent,
    manufacturer_channel,
)
from collector.drivers.counts import to_counts, triplets
from collector.drivers.twins import Advertiser, AdvertisingTwin
from domain.errors import HandshakeError, PayloadError
from domain.placement import Placement
from domain.samples import BatteryReading, DeviceBlock, Floats

COMPANY: Final = 0x094F
CHANNEL: Final = manufacturer_channel(COMPANY)
RATE_HZ: Final = 1.0  # as the guide asks people to set it

_LAYOUT = struct.Struct("<BBH6shIBB")
_VERSION = 1
_ENCRYPTED = 0x01
_PER_MS2 = 256
_G_MS2 = 9.80665  # standard gravity, CGPM 1901
_PER_G = _PER_MS2 * _G_MS2
_NO_THERMOMETER = -(2**15)  # -128 deg C: what the indoor tag says


class MikrotikDriver(Advertiser):
    """One advertiser. Every measurement has another salt, so the same bytes are always a repeat."""

    name: ClassVar[str] = "mikrotik"
    title: ClassVar[str] = "MikroTik TG-BT5"
    measures: ClassVar[tuple[str, ...]] = ("acc", "battery")
    guide: ClassVar[Guide] = Guide(
        models=("MikroTik TG-BT5-IN", "MikroTik TG-BT5-OUT"),
        placements=(Placement.SEAT,),
        wear="Fix it to the chair; do not buy it to see how you sit.",
        limits=(
            "In all published frames it shows no gravity at rest: it tells movement, and no tilt.",
            "In the Beacon Manager, choose the MikroTik format without encryption, once a second.",
            "It does not count its frames: set to another interval, losses are counted wrongly.",
        ),
        source="MikroTik's documentation, Tag advertisement formats",
    )

    def __init__(self) -> None:
        self._last: bytes | None = None
        self._battery: int | None = None

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By MikroTik's company id and the version; encrypted ones too, so that they can be told why not."""
        payload = advertisement.manufacturer_data.get(COMPANY, b"")
        return len(payload) == _LAYOUT.size and payload[0] == _VERSION

    def subscriptions(self) -> tuple[str, ...]:
        """MikroTik's manufacturer data."""
        return (CHANNEL,)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract. A sample's time is its arrival, as in collector.drivers.unnumbered."""
        if characteristic != CHANNEL:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) != _LAYOUT.size or payload[0] != _VERSION:
            raise PayloadError(self.name, "no tag format 1", payload)
        _, user, _salt, axes, _temperature, _uptime, _flags, battery = _LAYOUT.unpack(payload)
        if user & _ENCRYPTED:
            raise HandshakeError(
                self.name, "its frames are encrypted: switch that off in the Beacon Manager"
            )
        if payload == self._last:
            return ()
        self._last = payload
        acc_g = triplets(axes, "<i2") / _PER_G
        events: list[Event] = [DeviceBlock(np.array([now]), acc_g, None, RATE_HZ)]
        if battery != self._battery and battery <= 100:
            self._battery = battery
            events.append(BatteryReading(float(battery)))
        return tuple(events)


class MikrotikEncoder(AdvertisingTwin):
    """The tag's side: each sample, with a new salt, replaces what the next advertisements carry."""

    driver: ClassVar[str] = "mikrotik"

    def __init__(self, percent: int = 98) -> None:
        self.rate_hz = RATE_HZ
        self.chunk = 1
        self.full_scale_g = (2**15 - 1) / _PER_G
        self.resolution_g = 1 / _PER_G
        self.gyro_full_scale_dps: float | None = None
        self._percent = percent
        self._salt = 0
        self._payload = self._build(0.0, np.array([0.0, 0.0, 1.0]))

    def advertisement(self) -> AdvertisedData:
        """The last sample as manufacturer data."""
        return AdvertisedData(manufacturer_data={COMPANY: self._payload})

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """One advertisement a sample."""
        sent = []
        for time_s, row in zip(device_times, acc_g, strict=True):
            self._salt = (self._salt + 0x9E37) % 2**16  # odd: every value before one comes again
            self._payload = self._build(float(time_s), row)
            sent.append(Sent(CHANNEL, self._payload))
        return tuple(sent)

    def _build(self, uptime_s: float, row: Floats) -> bytes:
        axes = to_counts(row, _PER_G, "<i2").tobytes()
        uptime = int(uptime_s) % 2**32
        return _LAYOUT.pack(
            _VERSION, 0, self._salt, axes, _NO_THERMOMETER, uptime, 0, self._percent
        )
