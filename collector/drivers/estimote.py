"""Estimote beacons: their telemetry is in the advertisement, there is no connection.

Service data of FE9A: byte 0 packet type (low nibble, 2 is telemetry) and version (high), bytes 1 to 8
identifier, byte 9 subframe (low two bits). Subframe 0: acceleration 3 x i8 at 10, 127 is 2 g.
Subframe 1: battery in percent at 19 from version 1 on, 255 not yet measured. 20 bytes.
Source: Estimote's estimote-specs, estimote-telemetry.js.
"""

from typing import ClassVar, Final

import numpy as np

from collector.drivers.contract import (
    AdvertisedData,
    Advertisement,
    Event,
    Guide,
    Sent,
    service_data_channel,
)
from collector.drivers.counts import to_counts, triplets
from collector.drivers.twins import Advertiser, AdvertisingTwin
from collector.drivers.unnumbered import Unnumbered
from domain.errors import PayloadError
from domain.placement import Placement
from domain.samples import BatteryReading, Floats

UUID: Final = "0000fe9a-0000-1000-8000-00805f9b34fb"
CHANNEL: Final = service_data_channel(UUID)
RATE_HZ: Final = 1.0  # as the guide asks people to set it

_SIZE = 20
_TELEMETRY = 2
_NEWEST_VERSION = 2  # what the specification describes; it asks readers to leave later ones alone
_MOTION, _AMBIENCE = 0, 1
_PER_G = 127 / 2
_LOWEST = -128


class EstimoteDriver(Advertiser):
    """One advertiser; what it sends beside telemetry is passed over."""

    name: ClassVar[str] = "estimote"
    title: ClassVar[str] = "Estimote beacon"
    measures: ClassVar[tuple[str, ...]] = ("acc", "battery")
    guide: ClassVar[Guide] = Guide(
        models=("Estimote Location Beacon", "Estimote Proximity Beacon"),
        placements=(Placement.SEAT,),
        wear="Stick it to the chair's back.",
        limits=(
            "In Estimote's app, switch Telemetry on and set it to one a second.",
            "Steps of 16 mg are a degree of tilt: a lean to a degree or two, no movement and no steps.",
            "It does not count its frames: set to another interval, losses are counted wrongly.",
            "Sold to businesses.",
        ),
        source="Estimote's estimote-specs, telemetry",
    )

    def __init__(self) -> None:
        self._hearings = Unnumbered(RATE_HZ)
        self._battery: int | None = None

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the UUID that is assigned to Estimote: telemetry takes turns with other packets."""
        return UUID in advertisement.service_data

    def subscriptions(self) -> tuple[str, ...]:
        """Estimote's service data."""
        return (CHANNEL,)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract."""
        if characteristic != CHANNEL:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if not payload:
            raise PayloadError(self.name, "no packet", payload)
        version, kind = divmod(payload[0], 16)
        if kind != _TELEMETRY:
            return ()
        if len(payload) != _SIZE or version > _NEWEST_VERSION:
            raise PayloadError(self.name, "no telemetry up to version 2", payload)
        subframe = payload[9] & 0b11
        if subframe == _MOTION:
            acc_g = triplets(payload, "i1", offset=10, count=1) / _PER_G
            return self._hearings.sample(payload, acc_g, now)
        percent = payload[19]
        if subframe == _AMBIENCE and version >= 1 and percent <= 100 and percent != self._battery:
            self._battery = percent
            return (BatteryReading(float(percent)),)
        return ()


class EstimoteEncoder(AdvertisingTwin):
    """The beacon's side: version 2, the two subframes in turn."""

    driver: ClassVar[str] = "estimote"

    def __init__(self, percent: int = 90) -> None:
        self.rate_hz = RATE_HZ
        self.chunk = 1
        self.full_scale_g = 2.0
        self.resolution_g = 1 / _PER_G
        self.gyro_full_scale_dps: float | None = None
        self._percent = percent
        self._payload = self._motion(np.array([0.0, 0.0, 1.0]))

    def advertisement(self) -> AdvertisedData:
        """The last sample as service data."""
        return AdvertisedData(service_uuids=(UUID,), service_data={UUID: self._payload})

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """Both subframes for each sample."""
        sent = []
        for row in acc_g:
            self._payload = self._motion(row)
            sent += [Sent(CHANNEL, self._payload), Sent(CHANNEL, self._ambience())]
        return tuple(sent)

    def _motion(self, row: Floats) -> bytes:
        counts = np.maximum(to_counts(row, _PER_G, "i1"), _LOWEST + 1)
        return self._framed(_MOTION, counts.tobytes() + bytes(7))

    def _ambience(self) -> bytes:
        return self._framed(_AMBIENCE, bytes(9) + bytes((self._percent,)))

    def _framed(self, subframe: int, rest: bytes) -> bytes:
        identifier = bytes.fromhex("b8f1a2c3d4e5f607")
        return bytes((_NEWEST_VERSION << 4 | _TELEMETRY,)) + identifier + bytes((subframe,)) + rest
