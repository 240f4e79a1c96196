"""Nordic Thingy:52: the raw motion characteristic, without time or counter.

18 bytes, little-endian: acceleration 3 x i16 in 1/1024 g (6Q10), rate 3 x i16 in 1/32 deg/s (11Q5),
compass 3 x i16. It streams to whoever subscribes, at the rate of its configuration: 9 bytes, of which
bytes 6 and 7 are u16 Hz, 5 to 200. Source: Nordic-Thingy52-FW, ble_tms.h and m_motion.c.
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
from collector.drivers.showing import Showing
from collector.drivers.twins import SimpleTwin
from domain.errors import HandshakeError, InputError, PayloadError
from domain.placement import Placement
from domain.samples import DeviceBlock, Floats

_BASE = "ef68{}-9b35-4933-9b10-52ffa9740042"
CONFIGURATION_SERVICE: Final = _BASE.format("0100")  # the one that is advertised
UI_SERVICE: Final = _BASE.format("0300")
LED: Final = _BASE.format("0301")
MOTION_SERVICE: Final = _BASE.format("0400")
MOTION_CONFIG: Final = _BASE.format("0401")
RAW: Final = _BASE.format("0406")

RATE_HZ: Final = 50
FRAME_SIZE: Final = 18
_PER_G, _PER_DPS = 1024, 32
#: Intervals of steps, temperature and compass in ms, the rate in Hz, wake on motion; with their limits.
_CONFIG = struct.Struct("<HHHHB")
_LIMITS = ((100, 5000), (100, 5000), (100, 1000), (5, 200), (0, 1))
_AS_DELIVERED = (1000, 500, 500, 10, 1)

#: Breathe once: mode 3, colours 7 (all three), intensity 100 %. The firmware keeps the LED's setting
#: in flash, so the one that was there is written back.
ONE_BREATH: Final = bytes((3, 7, 100))
_LED_SIZES = {0: 1, 1: 4, 2: 5, 3: 3}  # bytes of a setting by its first, the mode


class Thingy52Driver:
    """The host's side of one connection; no sample is passed on before the rate is known."""

    name: ClassVar[str] = "thingy52"
    title: ClassVar[str] = "Nordic Thingy:52"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro")
    guide: ClassVar[Guide] = Guide(
        models=("Nordic Thingy:52",),
        placements=(Placement.UPPER_BACK, Placement.STERNUM, Placement.WAIST),
        wear="In its rubber case under a strap or a clip, between the shoulder blades or at the breastbone.",
        limits=(
            "It is 6 cm wide: made to be developed with, not to be worn all day.",
            "No clock and no counter: lost samples are estimated from the host's clock.",
            "As delivered it measures 10 times a second; Sitwell sets 50 once, which it keeps.",
            "The Thingy:53 has other firmware and is not served.",
        ),
        source="NordicSemiconductor/Nordic-Thingy52-FW",
    )

    def __init__(self) -> None:
        self._led: bytes | None = None
        self._forget()

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the configuration service, or by the name it is delivered with."""
        return (
            CONFIGURATION_SERVICE in advertisement.service_uuids or advertisement.name == "Thingy"
        )

    def subscriptions(self) -> tuple[str, ...]:
        """The raw motion characteristic."""
        return (RAW,)

    def start(self) -> tuple[Command, ...]:
        """Ask for the rate that holds; what it is decides whether one is set."""
        self._forget()
        return (Read(MOTION_CONFIG), Read(LED))

    def stop(self) -> tuple[Command, ...]:
        """Nothing: it stops when nobody is subscribed."""
        self._forget()
        return ()

    def identify(self) -> tuple[Command, ...]:
        """One breath of the LED in white."""
        if self._led is not None:
            self._showing.begin(Write(LED, self._led))
        return (Write(LED, ONE_BREATH),)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; `now` only ends the sign of `identify`."""
        if characteristic == MOTION_CONFIG:
            return self._configuration(payload)
        if characteristic == LED:
            size = _LED_SIZES.get(payload[0], 0) if payload else 0
            self._led = payload[:size] if 0 < size <= len(payload) else None
            return ()
        if characteristic != RAW:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) != FRAME_SIZE:
            raise PayloadError(self.name, f"{len(payload)} bytes are no raw frame", payload)
        if self._rate_hz is None:
            return ()
        acc_g = triplets(payload, "<i2", count=1) / _PER_G
        gyro_dps = triplets(payload, "<i2", offset=6, count=1) / _PER_DPS
        return (DeviceBlock(None, acc_g, gyro_dps, self._rate_hz), *self._showing.due(now))

    def _forget(self) -> None:
        self._rate_hz: float | None = None
        self._set = False
        self._led = None
        self._showing = Showing()

    def _configuration(self, payload: bytes) -> tuple[Event, ...]:
        """Start at the wanted rate, or at what holds when that could not be set; set it once.

        The firmware writes what it is told to flash, which wears: the rest of it stays as it is.
        """
        if len(payload) != _CONFIG.size:
            raise HandshakeError(self.name, f"a motion configuration of {len(payload)} bytes")
        *intervals, rate_hz, wake = _CONFIG.unpack(payload)
        if self._rate_hz is not None:
            return ()
        if rate_hz != RATE_HZ and not self._set:
            self._set = True
            wanted = _CONFIG.pack(*intervals, RATE_HZ, wake)
            return (Write(MOTION_CONFIG, wanted), Read(MOTION_CONFIG))
        if not _LIMITS[3][0] <= rate_hz <= _LIMITS[3][1]:
            raise HandshakeError(self.name, f"a motion configuration of {rate_hz} Hz")
        self._rate_hz = float(rate_hz)
        return (Started(self._rate_hz),)


class Thingy52Encoder(SimpleTwin):
    """The sensor's side. rate_hz: what its configuration says; 10 as delivered, kept when set."""

    driver: ClassVar[str] = "thingy52"

    def __init__(self) -> None:
        self.chunk = 1
        self.full_scale_g = 2.0  # as its firmware sets the sensor; the format would carry 32
        self.resolution_g = 1 / _PER_G
        self.gyro_full_scale_dps: float | None = 1023.0  # where its firmware cuts the 11 bits
        self.led = bytes((2, 6, 20, 0xAC, 0x0D))  # breathing in cyan
        self._set(_AS_DELIVERED)

    def advertisement(self) -> AdvertisedData:
        """The name and the configuration service."""
        return AdvertisedData(name="Thingy", service_uuids=(CONFIGURATION_SERVICE,))

    def gatt(self) -> tuple[GattService, ...]:
        """Of the UI and the motion service what the driver needs."""
        config = GattCharacteristic(MOTION_CONFIG, ("read", "write"))
        raw = GattCharacteristic(RAW, ("notify",))
        return (
            GattService(UI_SERVICE, (GattCharacteristic(LED, ("read", "write")),)),
            GattService(MOTION_SERVICE, (config, raw)),
        )

    def read(self, characteristic: str) -> bytes:
        """The motion configuration or the LED's setting."""
        values = {MOTION_CONFIG: _CONFIG.pack(*self._config), LED: self.led}
        if characteristic not in values:
            raise InputError(f"{characteristic} cannot be read")
        return values[characteristic]

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Keep a setting; raises InputError for one beyond its limits, as the firmware refuses it."""
        if characteristic == LED and payload and len(payload) == _LED_SIZES.get(payload[0]):
            self.led = payload
        elif characteristic == MOTION_CONFIG and len(payload) == _CONFIG.size:
            values = _CONFIG.unpack(payload)
            if not all(a <= v <= b for v, (a, b) in zip(values, _LIMITS, strict=True)):
                raise InputError(f"no motion configuration: {values}")
            self._set(values)
        else:
            raise InputError(f"{payload.hex()} cannot be written to {characteristic}")
        return ()

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """A notification a sample; the compass is silent."""
        gyro = np.zeros((len(acc_g), 3)) if gyro_dps is None else gyro_dps
        acc = np.clip(acc_g, -self.full_scale_g, self.full_scale_g)
        compass = np.zeros((len(acc_g), 3), "<i2")
        rows = np.hstack((to_counts(acc, _PER_G, "<i2"), to_counts(gyro, _PER_DPS, "<i2"), compass))
        return tuple(Sent(RAW, row.tobytes()) for row in rows)

    def _set(self, config: tuple[int, ...]) -> None:
        self._config = config
        self.rate_hz = float(config[3])
