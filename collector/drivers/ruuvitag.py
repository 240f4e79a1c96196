"""RuuviTag, data formats 5 and 3: everything is in the advertisement, there is no connection.

Big-endian data of manufacturer 0x0499. Format 5, 24 bytes: temperature, humidity, pressure,
acceleration 3 x i16 in mg, power, movements, sequence u16, MAC; invalid is 0x8000 where signed and all
ones where not. Format 3, 14 bytes, of tags whose firmware was never updated: humidity, temperature
(sign and magnitude, unlike the axes), pressure, acceleration 3 x i16 in mg, battery in mV; it neither
counts nor says what is invalid. Source: Ruuvi's specifications of formats 5 (RAWv2) and 3 (RAWv1)
and their test vectors.
"""

import struct
from typing import ClassVar, Final

import numpy as np

from collector.drivers.contract import (
    AdvertisedData,
    Advertisement,
    Event,
    Guide,
    manufacturer_channel,
)
from collector.drivers.counts import to_counts
from collector.drivers.twins import Advertiser, LastSampleTwin
from collector.drivers.unnumbered import Unnumbered
from domain.errors import PayloadError
from domain.placement import Placement
from domain.samples import DeviceBlock, Floats

COMPANY: Final = 0x0499
CHANNEL: Final = manufacturer_channel(COMPANY)

_FORMAT_3, _FORMAT_5 = 3, 5
_LAYOUT_3 = struct.Struct(">BBBBHhhhH")
_LAYOUT_5 = struct.Struct(">BhHHhhhHBH6s")
_INVALID_AXIS = -(2**15)
_INVALID_SEQUENCE = 0xFFFF
#: 0xFFFF is no number, so the count goes from 65534 to 0.
SEQUENCE_MODULUS: Final = 0xFFFF
RATE_HZ: Final = 1 / 1.285  # one measurement an advertising interval of 1285 ms
#: As the tag is delivered; the formats would carry 32.767 g.
_FULL_SCALE_G, _RESOLUTION_G = 2.0, 0.001


class RuuviTagDriver(Advertiser):
    """One advertiser. The battery is told in volts alone, so no percentage is made of it."""

    name: ClassVar[str] = "ruuvitag"
    title: ClassVar[str] = "RuuviTag"
    measures: ClassVar[tuple[str, ...]] = ("acc",)
    guide: ClassVar[Guide] = Guide(
        models=("RuuviTag", "RuuviTag Pro"),
        placements=(Placement.SEAT, Placement.UPPER_BACK),
        wear="Fix it to the chair's back, or clip it into a collar, label outwards.",
        limits=(
            "One sample every 1.3 s: slow tilt, no movement and no steps.",
            "With old firmware (data format 3) it does not count its samples; an update helps.",
            "Its battery is told in volts alone, so no percentage is shown.",
        ),
        source="Ruuvi's specifications of data formats 3 and 5",
    )

    def __init__(self) -> None:
        self._last: bytes | None = None
        self._hearings = Unnumbered(RATE_HZ)

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By Ruuvi's company id and the format byte; the company has other formats and sensors."""
        data = advertisement.manufacturer_data.get(COMPANY, b"")
        return len(data) > 0 and data[0] in (_FORMAT_3, _FORMAT_5)

    def subscriptions(self) -> tuple[str, ...]:
        """Ruuvi's manufacturer data."""
        return (CHANNEL,)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract. One advertisement is reported many times: repeats give nothing.

        A sample that the tag has not counted is stamped on its arrival.
        """
        if characteristic != CHANNEL:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        sequence, mac = _INVALID_SEQUENCE, b""
        if len(payload) == _LAYOUT_5.size and payload[0] == _FORMAT_5:
            *_, x, y, z, _power, _movements, sequence, mac = _LAYOUT_5.unpack(payload)
        elif len(payload) == _LAYOUT_3.size and payload[0] == _FORMAT_3:
            *_, x, y, z, _millivolts = _LAYOUT_3.unpack(payload)
        else:
            raise PayloadError(self.name, "no data format 3 or 5", payload)
        acc_g = np.array([[x, y, z]], np.float64) / 1000
        if payload[0] == _FORMAT_5 and _INVALID_AXIS in (x, y, z):
            acc_g[:] = np.nan  # without one axis the others tell no direction
        if sequence == _INVALID_SEQUENCE:
            return self._hearings.sample(payload, acc_g, now)
        mark = sequence.to_bytes(2, "big") + mac
        if mark == self._last:
            return ()
        self._last = mark
        return (
            DeviceBlock(
                device_times=None,
                acc_g=acc_g,
                gyro_dps=None,
                rate_hz=RATE_HZ,
                sequence=sequence,
                sequence_modulus=SEQUENCE_MODULUS,
            ),
        )


class RuuviTagEncoder(LastSampleTwin):
    """The tag's side: each sample replaces what the next advertisements carry."""

    driver: ClassVar[str] = "ruuvitag"
    channel: ClassVar[str] = CHANNEL

    def __init__(self, mac: bytes = bytes.fromhex("cbb8334c884f")) -> None:
        self._mac = mac
        self._sequence = SEQUENCE_MODULUS - 1
        super().__init__(RATE_HZ, _FULL_SCALE_G, _RESOLUTION_G)

    def advertisement(self) -> AdvertisedData:
        """The last sample as manufacturer data."""
        return AdvertisedData(
            name=f"Ruuvi {self._mac[-2:].hex().upper()}",
            manufacturer_data={COMPANY: self._payload},
        )

    def _build(self, row: Floats) -> bytes:
        """The frame of a dry room at 21 deg C and a battery of 2.977 V; NaN becomes an invalid axis."""
        self._sequence = (self._sequence + 1) % SEQUENCE_MODULUS
        top = round(self.full_scale_g * 1000)
        counts = np.clip(np.rint(row / self.resolution_g), -top, top)
        axes = [_INVALID_AXIS if np.isnan(count) else int(count) for count in counts]
        power = (2977 - 1600) << 5 | (4 + 40) // 2
        return _LAYOUT_5.pack(
            _FORMAT_5, 4200, 16000, 51325, *axes, power, 0, self._sequence, self._mac
        )


class RuuviTagFormat3Encoder(LastSampleTwin):
    """The side of a tag with old firmware; it does not count, and NaN becomes 0."""

    driver: ClassVar[str] = "ruuvitag"
    channel: ClassVar[str] = CHANNEL

    def __init__(self) -> None:
        super().__init__(RATE_HZ, _FULL_SCALE_G, _RESOLUTION_G)

    def advertisement(self) -> AdvertisedData:
        """The last sample as manufacturer data; such tags have no name."""
        return AdvertisedData(manufacturer_data={COMPANY: self._payload})

    def _build(self, row: Floats) -> bytes:
        """The frame of a room at 40 % humidity and -1.5 deg C, and a battery of 2.977 V."""
        full = np.clip(row, -self.full_scale_g, self.full_scale_g)
        axes = [int(count) for count in to_counts(full, 1 / self.resolution_g, ">i2")]
        return _LAYOUT_3.pack(_FORMAT_3, 80, 0x81, 50, 51325, *axes, 2977)
