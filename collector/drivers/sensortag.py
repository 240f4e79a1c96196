"""TI SensorTags: the CC2650 and its CC2541 predecessor, two protocols on one base UUID.

CC2650: 18 bytes, little-endian: rate 3 x i16 in 1/128 deg/s, acceleration 3 x i16 in range / 32768,
compass 3 x i16. Its configuration is a u16: bits 0 to 2 gyroscope axes, 3 to 5 acceleration axes,
6 compass, 7 wake on motion, 8 and 9 range. CC2541: 3 x i8 in 1/16 g; firmware before 1.5 has 1/64 g.
Periods are u8 x 10 ms, from 100 ms on. Source: sandeepmistry/node-sensortag and TI's SensorTag app.

Which of the two it is decides the subscriptions, so these are two drivers. There is neither time nor
counter. The CC2541's gyroscope is left alone: the sources contradict each other on its signs, and a
gyroscope against the accelerometer spoils what an accelerometer alone gets right.
"""

import re
from typing import ClassVar, Final

import numpy as np

from collector.drivers.contract import (
    FIRMWARE_REVISION,
    INFORMATION_SERVICE,
    AdvertisedData,
    Advertisement,
    Command,
    Event,
    GattCharacteristic,
    GattService,
    Guide,
    Read,
    Sent,
    Write,
)
from collector.drivers.counts import to_counts, triplets
from collector.drivers.first_block import FirstBlock
from collector.drivers.showing import Showing
from collector.drivers.twins import SimpleTwin
from domain.errors import InputError, PayloadError
from domain.placement import Placement
from domain.samples import DeviceBlock, Floats

_BASE = "f000{}-0451-4000-b000-000000000000"
MOVEMENT_SERVICE: Final = _BASE.format("aa80")
MOVEMENT_DATA: Final = _BASE.format("aa81")
MOVEMENT_CONFIG: Final = _BASE.format("aa82")
MOVEMENT_PERIOD: Final = _BASE.format("aa83")
IO_SERVICE: Final = _BASE.format("aa64")
IO_DATA: Final = _BASE.format("aa65")
IO_CONFIG: Final = _BASE.format("aa66")
ACC_SERVICE: Final = _BASE.format("aa10")
ACC_DATA: Final = _BASE.format("aa11")
ACC_CONFIG: Final = _BASE.format("aa12")
ACC_PERIOD: Final = _BASE.format("aa13")
ADVERTISED: Final = "0000aa80-0000-1000-8000-00805f9b34fb"  # the CC2650 advertises 16 bits of it

RATE_HZ: Final = 10.0
PERIOD: Final = b"\x0a"  # 100 ms, the shortest
#: All axes and range 2, which is 8 g: 4096 counts a g. With the widespread 7F 00 the range is 2 g,
#: and reading that with 4096 makes 4 g of 1 g.
EVERYTHING_8_G: Final = b"\x7f\x02"
_OFF = b"\x00\x00"
_FRAME_SIZE = 18
_PER_G, _PER_DPS = 4096, 128
_GYRO_FULL_SCALE_DPS = 250.0

_LIGHTS, _REMOTE, _LOCAL = b"\x03", b"\x01", b"\x00"  # both lights without the buzzer

_COARSE_PER_G, _FINE_PER_G = 16, 64  # firmware 1.5 and later with 8 g, earlier with 2 g
_COARSE_SINCE = (1, 5)
_VERSION = re.compile(rb"\s*(\d{1,4})\.(\d{1,4})")

_NO_CLOCK = "No clock and no counter: lost samples are estimated from the host's clock."
_SOURCE = "sandeepmistry/node-sensortag; TI's SensorTag user's guides"


class SensorTag2650Driver:
    """The host's side of one connection with a CC2650."""

    name: ClassVar[str] = "sensortag-cc2650"
    title: ClassVar[str] = "TI SensorTag CC2650"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro")
    guide: ClassVar[Guide] = Guide(
        models=("SimpleLink SensorTag CC2650STK",),
        placements=(Placement.UPPER_BACK, Placement.STERNUM, Placement.WAIST),
        wear="Under a strap or a clip between the shoulder blades or at the breastbone.",
        limits=(
            "No longer made: for those who have one.",
            "At most 10 samples a second, and turns of at most 250 degrees a second.",
            _NO_CLOCK,
        ),
        source=_SOURCE,
    )

    def __init__(self) -> None:
        self._first = FirstBlock()
        self._showing = Showing()

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By its two names, or by the movement service that it advertises."""
        uuids = advertisement.service_uuids
        named = advertisement.name in ("CC2650 SensorTag", "SensorTag 2.0")
        return named or ADVERTISED in uuids or MOVEMENT_SERVICE in uuids

    def subscriptions(self) -> tuple[str, ...]:
        """The movement data."""
        return (MOVEMENT_DATA,)

    def start(self) -> tuple[Command, ...]:
        """Everything on, 8 g, every 100 ms."""
        self._first = FirstBlock()
        self._showing = Showing()
        return (Write(MOVEMENT_CONFIG, EVERYTHING_8_G), Write(MOVEMENT_PERIOD, PERIOD))

    def stop(self) -> tuple[Command, ...]:
        """Everything off: it runs on a coin cell."""
        return (Write(MOVEMENT_CONFIG, _OFF),)

    def identify(self) -> tuple[Command, ...]:
        """Both lights, for a moment."""
        self._showing.begin(Write(IO_DATA, _LOCAL), Write(IO_CONFIG, _LOCAL))
        return (Write(IO_DATA, _LIGHTS), Write(IO_CONFIG, _REMOTE))

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; `now` only ends the sign of `identify`."""
        if characteristic != MOVEMENT_DATA:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) != _FRAME_SIZE:
            raise PayloadError(self.name, f"{len(payload)} bytes are no movement data", payload)
        gyro_dps = triplets(payload, "<i2", count=1) / _PER_DPS
        acc_g = triplets(payload, "<i2", offset=6, count=1) / _PER_G
        block = DeviceBlock(None, acc_g, gyro_dps, RATE_HZ)
        return (*self._first.told((block,)), *self._showing.due(now))


class SensorTag2541Driver:
    """The host's side of one connection with a CC2541; its firmware tells the scale."""

    name: ClassVar[str] = "sensortag-cc2541"
    title: ClassVar[str] = "TI SensorTag CC2541"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc",)
    guide: ClassVar[Guide] = Guide(
        models=("SensorTag CC2541DK-SENSOR",),
        placements=(Placement.WAIST, Placement.UPPER_BACK),
        wear="In its case under a strap or a clip, on the belt or between the shoulder blades.",
        limits=(
            "No longer made: for those who have one.",
            "One step of its numbers is 1/16 g, 3.6 degrees: upright from slouched, but no fine lean.",
            "At most 10 samples a second; its gyroscope is not read.",
            "Firmware before 1.5 counts otherwise and ends at 2 g: where a rest reads 4 g, update it.",
            _NO_CLOCK,
        ),
        source=_SOURCE,
    )

    def __init__(self) -> None:
        self._first = FirstBlock()
        self._per_g: int | None = None

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By its two names, to the letter: the CC2650's begin or end alike."""
        return advertisement.name in ("SensorTag", "TI BLE Sensor Tag")

    def subscriptions(self) -> tuple[str, ...]:
        """The accelerometer's data."""
        return (ACC_DATA,)

    def start(self) -> tuple[Command, ...]:
        """Which firmware it is, then the accelerometer on, every 100 ms."""
        self._first, self._per_g = FirstBlock(), None
        return (Read(FIRMWARE_REVISION), Write(ACC_CONFIG, b"\x01"), Write(ACC_PERIOD, PERIOD))

    def stop(self) -> tuple[Command, ...]:
        """The accelerometer off: it runs on a coin cell."""
        return (Write(ACC_CONFIG, b"\x00"),)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; `now` is not used."""
        if characteristic == FIRMWARE_REVISION:
            self._per_g = counts_per_g(payload)
            return ()
        if characteristic != ACC_DATA:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) != 3:
            raise PayloadError(self.name, f"{len(payload)} bytes are no acceleration", payload)
        per_g = _COARSE_PER_G if self._per_g is None else self._per_g
        block = DeviceBlock(None, triplets(payload, "i1") / per_g, None, RATE_HZ)
        return self._first.told((block,))


def counts_per_g(firmware: bytes) -> int:
    """Of a CC2541 whose firmware string is `firmware`; one that tells no version is taken for 1.5."""
    found = _VERSION.match(firmware)
    early = found is not None and (int(found[1]), int(found[2])) < _COARSE_SINCE
    return _FINE_PER_G if early else _COARSE_PER_G


class SensorTag2650Encoder(SimpleTwin):
    """The CC2650's side: silent until its movement sensor is switched on."""

    driver: ClassVar[str] = "sensortag-cc2650"

    def __init__(self) -> None:
        self.rate_hz = RATE_HZ
        self.chunk = 1
        self.full_scale_g = 8.0
        self.resolution_g = 1 / _PER_G
        self.gyro_full_scale_dps: float | None = _GYRO_FULL_SCALE_DPS
        self.lights = 0
        self._io = {IO_DATA: b"\x00", IO_CONFIG: _LOCAL}
        self._config = 0

    def advertisement(self) -> AdvertisedData:
        """One of its names and 16 bits of its movement service."""
        return AdvertisedData(name="CC2650 SensorTag", service_uuids=(ADVERTISED,))

    def gatt(self) -> tuple[GattService, ...]:
        """The movement and the input and output service."""
        settings = (MOVEMENT_CONFIG, MOVEMENT_PERIOD)
        movement = tuple(GattCharacteristic(uuid, ("read", "write")) for uuid in settings)
        io = tuple(GattCharacteristic(uuid, ("read", "write")) for uuid in (IO_DATA, IO_CONFIG))
        data = GattCharacteristic(MOVEMENT_DATA, ("read", "notify"))
        return (GattService(MOVEMENT_SERVICE, (data, *movement)), GattService(IO_SERVICE, io))

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Keep a setting; the twin has one period, the one that the driver sets."""
        if characteristic == MOVEMENT_CONFIG and len(payload) == 2:
            self._config = int.from_bytes(payload, "little")
            self.full_scale_g = float(2 << (self._config >> 8 & 3))
            self.resolution_g = self.full_scale_g / 2**15
        elif characteristic in self._io and len(payload) == 1:
            self._io[characteristic] = payload
            remote = self._io[IO_CONFIG] == _REMOTE
            self.lights = self._io[IO_DATA][0] & 3 if remote else 0
        return ()

    @property
    def streaming(self) -> bool:
        """Whether an axis is switched on."""
        return bool(self._config & 0x7F)

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """A notification a sample; the compass is silent."""
        gyro = np.zeros((len(acc_g), 3)) if gyro_dps is None else gyro_dps
        acc = to_counts(acc_g, 1 / self.resolution_g, "<i2")
        compass = np.zeros((len(acc_g), 3), "<i2")
        rows = np.hstack((to_counts(gyro, _PER_DPS, "<i2"), acc, compass))
        return tuple(Sent(MOVEMENT_DATA, row.tobytes()) for row in rows)

    def disconnected(self) -> None:
        """It switches its sensors off."""
        self._config = 0


class SensorTag2541Encoder(SimpleTwin):
    """The CC2541's side: silent until its accelerometer is switched on. firmware: what it says of it."""

    driver: ClassVar[str] = "sensortag-cc2541"

    def __init__(self, firmware: bytes = b"1.5 (Oct 23 2013)") -> None:
        self._firmware = firmware
        self._per_g = counts_per_g(firmware)
        self.rate_hz = RATE_HZ
        self.chunk = 1
        self.full_scale_g = 128 / self._per_g
        self.resolution_g = 1 / self._per_g
        self.gyro_full_scale_dps: float | None = None
        self._on = False

    def advertisement(self) -> AdvertisedData:
        """Its name."""
        return AdvertisedData(name="SensorTag")

    def gatt(self) -> tuple[GattService, ...]:
        """The accelerometer's service and the device information."""
        settings = tuple(GattCharacteristic(u, ("read", "write")) for u in (ACC_CONFIG, ACC_PERIOD))
        data = GattCharacteristic(ACC_DATA, ("read", "notify"))
        firmware = GattCharacteristic(FIRMWARE_REVISION, ("read",))
        return (
            GattService(ACC_SERVICE, (data, *settings)),
            GattService(INFORMATION_SERVICE, (firmware,)),
        )

    def read(self, characteristic: str) -> bytes:
        """The firmware's version; raises InputError for anything else."""
        if characteristic != FIRMWARE_REVISION:
            raise InputError(f"{characteristic} cannot be read")
        return self._firmware

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Switch the accelerometer; the twin has one period, the one that the driver sets."""
        if characteristic == ACC_CONFIG:
            self._on = payload == b"\x01"
        return ()

    @property
    def streaming(self) -> bool:
        """Whether the accelerometer is switched on."""
        return self._on

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """A notification a sample."""
        rows = to_counts(acc_g, self._per_g, "i1")
        return tuple(Sent(ACC_DATA, row.tobytes()) for row in rows)

    def disconnected(self) -> None:
        """It switches its sensors off."""
        self._on = False
