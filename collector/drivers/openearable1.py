"""OpenEarable 1.x: one sensor of nine floats, switched on by its number and rate.

Configuration `[sensor u8][rate f32 Hz][latency u32]`; notification `[sensor u8][size u8][time u32 ms]` and
for sensor 0 9 x f32: acceleration in m/s2, turning in deg/s, magnetic field. Little-endian. Sources:
the README of OpenEarable/open-earable; the units are those of the BMX160 library that it uses.
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
    Sent,
    Write,
)
from collector.drivers.counts import measurable, quantised, triplets
from collector.drivers.first_block import FirstBlock
from collector.drivers.twins import SimpleTwin
from domain.errors import PayloadError
from domain.placement import Placement
from domain.samples import DeviceBlock, Floats

SERVICE: Final = "34c2e3bb-34aa-11eb-adc1-0242ac120002"
DATA: Final = "34c2e3bc-34aa-11eb-adc1-0242ac120002"
CONFIG: Final = "34c2e3bd-34aa-11eb-adc1-0242ac120002"

RATE_HZ: Final = 50.0  # the most it can do alone
CLOCK_MODULUS_S: Final = 2**32 * 1e-3
STANDARD_GRAVITY: Final = 9.80665  # m/s2, 3rd CGPM 1901

_IMU = 0
_CONFIG = struct.Struct("<BfI")
_HEAD = struct.Struct("<BBI")
_VALUES = struct.Struct("<9f")


class OpenEarable1Driver:
    """The host's side of one connection."""

    name: ClassVar[str] = "openearable1"
    title: ClassVar[str] = "OpenEarable 1"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro")
    guide: ClassVar[Guide] = Guide(
        models=("OpenEarable 1.3", "OpenEarable 1.4"),
        placements=(Placement.HEAD,),
        wear="In the ear it was made for.",
        limits=(
            "The head tells how the neck bends, and little of the back.",
            "At most 50 samples a second, fewer when other software uses its other sensors.",
        ),
        source="the README of OpenEarable/open-earable",
    )

    def __init__(self) -> None:
        self._first = FirstBlock()

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By its name together with the sensor service; Nicla boards of edge-ml advertise that too."""
        named = (advertisement.name or "").startswith("OpenEarable")
        return named and SERVICE in advertisement.service_uuids

    def subscriptions(self) -> tuple[str, ...]:
        """The records."""
        return (DATA,)

    def start(self) -> tuple[Command, ...]:
        """Switch the motion sensor on."""
        self._first = FirstBlock()
        return (Write(CONFIG, _CONFIG.pack(_IMU, RATE_HZ, 0)),)

    def stop(self) -> tuple[Command, ...]:
        """Switch it off."""
        return (Write(CONFIG, _CONFIG.pack(_IMU, 0.0, 0)),)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract. Records of other sensors, which somebody else has switched on, give nothing."""
        if characteristic != DATA:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) < _HEAD.size:
            raise PayloadError(self.name, "shorter than a record's head", payload)
        sensor, size, time_ms = _HEAD.unpack_from(payload)
        if size != len(payload) - _HEAD.size:
            raise PayloadError(self.name, f"says {size} bytes of data", payload)
        if sensor != _IMU:
            return ()
        if size != _VALUES.size:
            raise PayloadError(self.name, "not nine floats", payload)
        acc_ms2, gyro_dps, _ = triplets(payload, "<f4", offset=_HEAD.size)[:, None]
        acc_g = acc_ms2 / STANDARD_GRAVITY
        if not measurable(acc_g, gyro_dps):
            raise PayloadError(self.name, "values that the sensor cannot measure", payload)
        block = DeviceBlock(
            device_times=np.array([time_ms * 1e-3]),
            acc_g=acc_g,
            gyro_dps=gyro_dps,
            rate_hz=RATE_HZ,
            device_modulus_s=CLOCK_MODULUS_S,
        )
        return self._first.told((block,))


class OpenEarable1Encoder(SimpleTwin):
    """The earable's side: +-2 g and +-2000 deg/s; it stops when the link does."""

    driver: ClassVar[str] = "openearable1"

    def __init__(self) -> None:
        self.rate_hz = RATE_HZ
        self.chunk = 1
        self.full_scale_g = 2.0
        self.resolution_g = 1e-4  # a count is 6.1e-5 g, and is rounded once more to f32 of m/s2
        self.gyro_full_scale_dps: float | None = 2000.0
        self._streaming = False

    def advertisement(self) -> AdvertisedData:
        """The sensor service, and the name in the scan response."""
        return AdvertisedData(name="OpenEarable-1A2B", service_uuids=(SERVICE,))

    def gatt(self) -> tuple[GattService, ...]:
        """The sensor service."""
        config = GattCharacteristic(CONFIG, ("write",))
        return (GattService(SERVICE, (config, GattCharacteristic(DATA, ("notify", "read")))),)

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Switch the motion sensor on or off."""
        if characteristic == CONFIG and len(payload) == _CONFIG.size:
            sensor, rate_hz, _latency = _CONFIG.unpack(payload)
            if sensor == _IMU:
                self._streaming = rate_hz > 0
        return ()

    @property
    def streaming(self) -> bool:
        """Once it was switched on."""
        return self._streaming

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """One record a sample."""
        gyro = np.zeros_like(acc_g) if gyro_dps is None else gyro_dps
        acc, turning = quantised(acc_g, self.full_scale_g), quantised(gyro, 2000.0)
        sent = []
        for time_s, *row in zip(device_times, acc * STANDARD_GRAVITY, turning, strict=True):
            head = _HEAD.pack(_IMU, _VALUES.size, round(float(time_s) * 1000) % 2**32)
            sent.append(Sent(DATA, head + _VALUES.pack(*row[0], *row[1], 0.0, 0.0, 0.0)))
        return tuple(sent)

    def disconnected(self) -> None:
        """Whoever connects next has to switch it on."""
        self._streaming = False
