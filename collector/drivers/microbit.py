"""BBC micro:bit with the Bluetooth accelerometer service: 3 x i16 little-endian in mg.

A rest reads -1000 on z with the display up, -1000 on x with the left edge down and +1000 on y with
the logo up: the firmware's own gestures say so. With the signs of x and z turned, the axes are right,
logo and out of the display, and a rest reads +1 g along up. No time, no counter. Source:
bbc-microbit, microbit-web-bluetooth, and Lancaster University's runtime (MicroBitAccelerometer).

The period is one of PERIODS_MS. 0 crashes the board, so a period goes out through `period_write` alone.
The board takes the nearest that its sensor has, and tells which when it is read back.
"""

import struct
from typing import ClassVar, Final

import numpy as np

from collector.drivers.contract import (
    AdvertisedData,
    Advertisement,
    Command,
    Event,
    GattCharacteristic,
    GattService,
    Guide,
    Read,
    Sent,
    Started,
    Write,
)
from collector.drivers.counts import to_counts, triplets
from collector.drivers.twins import SimpleTwin
from domain.errors import HandshakeError, InputError, PayloadError
from domain.placement import Placement
from domain.samples import DeviceBlock, Floats

_BASE = "e95d{}-251d-470a-a062-fa1922dfa9a8"
SERVICE: Final = _BASE.format("0753")
DATA: Final = _BASE.format("ca4b")
PERIOD: Final = _BASE.format("fb24")

PERIODS_MS: Final = (1, 2, 5, 10, 20, 80, 160, 640)
_WANTED_MS = 20
_LONGEST_MS = 1000  # beyond all that its sensors have
_PER_G = 1000
_SIGNS = np.array([-1.0, 1.0, -1.0])
_U16 = struct.Struct("<H")


class MicroBitDriver:
    """The host's side of one connection; no sample is passed on before the period is known."""

    name: ClassVar[str] = "microbit"
    title: ClassVar[str] = "BBC micro:bit"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc",)
    guide: ClassVar[Guide] = Guide(
        models=("BBC micro:bit V1", "BBC micro:bit V2"),
        placements=(Placement.UPPER_BACK, Placement.WAIST, Placement.SEAT),
        wear="Clip it with its battery into the collar or onto the belt, display outwards.",
        limits=(
            "It needs a program with the Bluetooth accelerometer service, such as MakeCode makes.",
            "Depending on that program it must be paired in the system's Bluetooth settings first.",
            "To pair it: hold A and B, press reset, let go when the display fills.",
            "Of the 50 samples a second that are asked for, its radio brings 20 to 50; the rest is lost.",
            "No clock and no counter: lost samples are estimated from the host's clock.",
        ),
        source="bbc-microbit; microbit-web-bluetooth; the micro:bit Bluetooth profile",
    )

    def __init__(self) -> None:
        self._rate_hz: float | None = None

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By a name such as `BBC micro:bit [zogeg]`, or by the accelerometer service."""
        name = advertisement.name or ""
        return name.startswith("BBC micro:bit") or SERVICE in advertisement.service_uuids

    def subscriptions(self) -> tuple[str, ...]:
        """The accelerometer's data."""
        return (DATA,)

    def start(self) -> tuple[Command, ...]:
        """Ask for 20 ms, and for what came of it."""
        self._rate_hz = None
        return (period_write(_WANTED_MS), Read(PERIOD))

    def stop(self) -> tuple[Command, ...]:
        """Nothing: it sends to whoever is subscribed."""
        return ()

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; `now` is not used."""
        if characteristic == PERIOD:
            return self._period(payload)
        if characteristic != DATA:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) != 6:
            raise PayloadError(self.name, f"{len(payload)} bytes are no acceleration", payload)
        if self._rate_hz is None:
            return ()
        acc_g = triplets(payload, "<i2") * (_SIGNS / _PER_G)
        return (DeviceBlock(None, acc_g, None, self._rate_hz),)

    def _period(self, payload: bytes) -> tuple[Event, ...]:
        if len(payload) != 2:
            raise HandshakeError(self.name, f"a period of {len(payload)} bytes")
        (period_ms,) = _U16.unpack(payload)
        if not 0 < period_ms <= _LONGEST_MS:
            raise HandshakeError(self.name, f"a period of {period_ms} ms")
        if self._rate_hz is not None:
            return ()
        self._rate_hz = 1000 / period_ms
        return (Started(self._rate_hz),)


def period_write(period_ms: int) -> Write:
    """The write that sets a period of PERIODS_MS; raises InputError for any other."""
    if period_ms not in PERIODS_MS:
        raise InputError(f"the micro:bit has no period of {period_ms} ms")
    return Write(PERIOD, _U16.pack(period_ms))


class MicroBitEncoder(SimpleTwin):
    """The board's side. periods_ms: those that its sensor has; it takes the nearest."""

    driver: ClassVar[str] = "microbit"

    def __init__(self, periods_ms: tuple[int, ...] = PERIODS_MS) -> None:
        self._periods_ms = periods_ms
        self.chunk = 1
        self.full_scale_g = 2.0  # as its runtime sets the sensor
        self.resolution_g = 1 / _PER_G
        self.gyro_full_scale_dps: float | None = None
        self._set(_WANTED_MS)

    def advertisement(self) -> AdvertisedData:
        """Its name; the services are found by connecting."""
        return AdvertisedData(name="BBC micro:bit [zogeg]")

    def gatt(self) -> tuple[GattService, ...]:
        """The accelerometer service."""
        data = GattCharacteristic(DATA, ("read", "notify"))
        return (GattService(SERVICE, (data, GattCharacteristic(PERIOD, ("read", "write")))),)

    def read(self, characteristic: str) -> bytes:
        """The period that holds; raises InputError for anything else."""
        if characteristic != PERIOD:
            raise InputError(f"{characteristic} cannot be read")
        return _U16.pack(self.period_ms)

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Take the nearest period. Raises InputError for 0, which crashes a board."""
        if characteristic == PERIOD and len(payload) == 2:
            (asked_ms,) = _U16.unpack(payload)
            if asked_ms == 0:
                raise InputError("a period of 0 ms crashes the board")
            self._set(asked_ms)
        return ()

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """A notification a sample."""
        acc = np.clip(acc_g, -self.full_scale_g, self.full_scale_g) * _SIGNS
        return tuple(Sent(DATA, row.tobytes()) for row in to_counts(acc, _PER_G, "<i2"))

    def _set(self, asked_ms: int) -> None:
        self.period_ms = min(self._periods_ms, key=lambda period_ms: abs(period_ms - asked_ms))
        self.rate_hz = 1000 / self.period_ms
