"""Movella DOT, formerly Xsens DOT: rate quantities with the sensor's own microseconds.

Little-endian. Payload mode 21, on the medium characteristic: u32 us, acceleration 3 x f32 m/s2 with gravity,
rate of turn 3 x f32 deg/s, then zeros up to the characteristic's 40 bytes. Mode 6, free acceleration, has
gravity taken out and tells no tilt: it is never asked for. Source: Movella DOT BLE Service Specification,
XD0506P revision C, by its sections.
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
    Halted,
    Read,
    Sent,
    Write,
)
from collector.drivers.counts import measurable, quantised
from collector.drivers.first_block import FirstBlock
from collector.drivers.twins import SimpleTwin
from domain.errors import InputError, PayloadError
from domain.placement import Placement
from domain.samples import BatteryReading, DeviceBlock, Floats


def _uuid(number: int) -> str:
    return f"1517{number:04x}-4947-11e9-8646-d663bd873d93"  # section 1.1


COMPANY: Final = 0x0886  # section 1.2
CONFIGURATION_SERVICE, MEASUREMENT_SERVICE, BATTERY_SERVICE = (
    _uuid(0x1000),
    _uuid(0x2000),
    _uuid(0x3000),
)
CONTROL, REPORT, BATTERY = _uuid(0x1002), _uuid(0x1004), _uuid(0x3001)
MEASUREMENT, MEDIUM = _uuid(0x2001), _uuid(0x2003)

MODE: Final = 21
_START, _STOP = bytes((1, 1, MODE)), bytes((1, 0, MODE))
#: Rates for real time (section 2.2) that serve for posture; one of them that is set already is kept.
_GOOD_RATES_HZ = (20, 30, 60)
_WANTED_HZ = 60
MODULUS_S: Final = 2**32 / 1e6  # the stamp is u32 us: 71.6 min
_SAMPLE = struct.Struct("<I6f")
_MEDIUM_SIZE = 40
_FREE_ACCELERATION = struct.Struct("<I3f")
_STANDARD_GRAVITY = 9.80665  # m/s2 in 1 g: CGPM 1901

# Device control, section 2.2: which fields a write means, then the fields.
_CONTROL_SIZE = 32
_IDENTIFY, _POWER_OFF, _POWER_SAVING, _RATE = 0x01, 0x02, 0x04, 0x10  # bits of the first byte
_AT_POWER_SAVING, _AT_CONNECTED, _AT_RATE = slice(3, 7), slice(5, 7), slice(24, 26)

_ENDS = {1: "it was switched off", 4: "it went to sleep to save power"}  # reports, section 2.3


class MovellaDotDriver:
    """The host's side of one connection."""

    name: ClassVar[str] = "movella-dot"
    title: ClassVar[str] = "Movella DOT (Xsens DOT)"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro", "battery")
    guide: ClassVar[Guide] = Guide(
        models=("Movella DOT", "Xsens DOT"),
        placements=(
            Placement.UPPER_BACK,
            Placement.STERNUM,
            Placement.LOWER_BACK,
            Placement.THIGH,
            Placement.HEAD,
        ),
        wear="In its strap, or on the skin with its adhesive patch, between the shoulder blades.",
        limits=(
            (
                "As delivered it goes to sleep after 30 minutes of a connection; Sitwell switches that off, "
                "which the sensor keeps. Without a connection it still sleeps after its 10 minutes."
            ),
            "A rate under 20 Hz, set in another application, is set back to 60 Hz.",
            "While it records to its own memory it does not stream.",
        ),
        source="Movella DOT BLE Service Specification XD0506P, revision C",
    )

    def __init__(self) -> None:
        self._forget()

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By name, in whichever spelling; by the company while the name has not been heard."""
        if advertisement.name:
            return advertisement.name.lower().startswith(("movella dot", "xsens dot"))
        return COMPANY in advertisement.manufacturer_data

    def subscriptions(self) -> tuple[str, ...]:
        """The characteristic of the wanted mode's length, before the start; reports; the battery."""
        return (MEDIUM, REPORT, BATTERY)

    def start(self) -> tuple[Command, ...]:
        """Ask how it is set; the start follows from the answer."""
        self._forget()
        self._asked = True
        return (Read(BATTERY), Read(CONTROL))

    def stop(self) -> tuple[Command, ...]:
        """Stop the measurement."""
        self._forget()
        return (Write(MEASUREMENT, _STOP),)

    def identify(self) -> tuple[Command, ...]:
        """The LED blinks red for 10 s (section 2.2)."""
        return (Write(CONTROL, bytes((_IDENTIFY, 1)).ljust(_CONTROL_SIZE, b"\0")),)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; the arrival time plays no part."""
        if characteristic == MEDIUM:
            return self._data(payload)
        if characteristic == CONTROL:
            return self._settings(payload)
        if characteristic == BATTERY:
            if len(payload) != 2 or payload[0] > 100:
                raise PayloadError(self.name, "no battery state", payload)
            return (BatteryReading(float(payload[0]), charging=payload[1] == 1),)
        if characteristic == REPORT:
            if not payload:
                raise PayloadError(self.name, "an empty report", payload)
            return (Halted(_ENDS[payload[0]]),) if payload[0] in _ENDS else ()
        raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)

    def _forget(self) -> None:
        self._asked = False
        self._rate_hz: float | None = None
        self._first = FirstBlock()

    def _settings(self, payload: bytes) -> tuple[Event, ...]:
        if len(payload) != _CONTROL_SIZE:
            raise PayloadError(self.name, "no device control", payload)
        if not self._asked:
            return ()
        self._asked = False
        # A measurement that still runs would keep its rate.
        commands = [Write(MEASUREMENT, _STOP)]
        wanted = bytearray(payload)
        wanted[0] = 0
        rate = int.from_bytes(payload[_AT_RATE], "little")
        if rate not in _GOOD_RATES_HZ:
            rate = _WANTED_HZ
            wanted[0] |= _RATE
            wanted[_AT_RATE] = rate.to_bytes(2, "little")
        if any(payload[_AT_CONNECTED]):
            wanted[0] |= _POWER_SAVING
            wanted[_AT_CONNECTED] = bytes(2)
        if wanted[0]:  # these are kept in flash, which wears: only what must change is written
            commands.append(Write(CONTROL, bytes(wanted)))
        self._rate_hz = float(rate)
        return (*commands, Write(MEASUREMENT, _START))

    def _data(self, payload: bytes) -> tuple[Event, ...]:
        size = len(payload)
        if not _SAMPLE.size <= size <= _MEDIUM_SIZE or any(payload[_SAMPLE.size :]):
            raise PayloadError(self.name, "no rate quantities", payload)
        if self._rate_hz is None:
            return ()  # left running by another connection, in a mode that nobody knows
        stamp_us, *values = _SAMPLE.unpack_from(payload)
        vectors = np.array(values).reshape(2, 1, 3)
        acc_g, gyro_dps = vectors[0] / _STANDARD_GRAVITY, vectors[1]
        if not measurable(acc_g, gyro_dps):
            raise PayloadError(self.name, "values that the sensor cannot measure", payload)
        block = DeviceBlock(
            device_times=np.array([stamp_us / 1e6]),
            acc_g=acc_g,
            gyro_dps=gyro_dps,
            rate_hz=self._rate_hz,
            device_modulus_s=MODULUS_S,
        )
        return self._first.told((block,))


def free_acceleration(payload: bytes) -> tuple[int, tuple[float, float, float]]:
    """Microseconds and m/s2 of a short payload of mode 6; gravity is taken out, so it tells no tilt.

    Raises PayloadError.
    """
    size = _FREE_ACCELERATION.size
    if not size <= len(payload) <= 20 or any(payload[size:]):
        raise PayloadError("movella-dot", "no free acceleration", payload)
    stamp_us, x, y, z = _FREE_ACCELERATION.unpack_from(payload)
    return stamp_us, (x, y, z)


def message(identifier: int, data: bytes) -> bytes:
    """A message of the message service: identifier, length, data, checksum (section 5.1)."""
    body = bytes((identifier, len(data))) + data
    return body + bytes((-sum(body) & 0xFF,))


def checksum_holds(whole: bytes) -> bool:
    """Whether a message is as long as it says, and all its bytes sum to 0 modulo 256 (section 5.1)."""
    return len(whole) >= 3 and whole[1] == len(whole) - 3 and sum(whole) & 0xFF == 0


class MovellaDotEncoder(SimpleTwin):
    """The sensor's side, as delivered: 60 Hz, asleep after 30 min of a connection."""

    driver: ClassVar[str] = "movella-dot"

    def __init__(self, rate_hz: int = 60) -> None:
        self.chunk = 1
        self.full_scale_g = 16.0
        self.resolution_g = self.full_scale_g / 2**15
        self.gyro_full_scale_dps: float | None = 2000.0
        self.identified = 0
        self.settings_written = 0
        self._measuring = False
        self._control = bytearray(_CONTROL_SIZE)
        self._control[_AT_POWER_SAVING] = bytes((10, 0, 30, 0))
        self._control[7:19] = b"\x0bMovella DOT"
        self._control[_AT_RATE] = rate_hz.to_bytes(2, "little")

    @property
    def rate_hz(self) -> float:
        """The output rate that is set."""
        return float(int.from_bytes(self._control[_AT_RATE], "little"))

    @property
    def sleeps_after_s(self) -> int:
        """How long a connection may last; 0 is for ever."""
        minutes, seconds = self._control[_AT_CONNECTED]
        return 60 * minutes + seconds

    def advertisement(self) -> AdvertisedData:
        """The name and the company."""
        return AdvertisedData(name="Movella DOT", manufacturer_data={COMPANY: b"\x00"})

    def gatt(self) -> tuple[GattService, ...]:
        """Configuration, measurement and battery, as far as they are used."""
        control = GattCharacteristic(CONTROL, ("read", "write"))
        measurement = GattCharacteristic(MEASUREMENT, ("read", "write"))
        report, medium = (GattCharacteristic(uuid, ("notify",)) for uuid in (REPORT, MEDIUM))
        battery = GattCharacteristic(BATTERY, ("read", "notify"))
        return (
            GattService(CONFIGURATION_SERVICE, (control, report)),
            GattService(MEASUREMENT_SERVICE, (measurement, medium)),
            GattService(BATTERY_SERVICE, (battery,)),
        )

    def read(self, characteristic: str) -> bytes:
        """Settings, the state of the measurement, or the battery; raises InputError for anything else."""
        values = {
            CONTROL: bytes(self._control),
            MEASUREMENT: bytes((1, self._measuring, MODE)),
            BATTERY: b"\x5a\x00",
        }
        if characteristic not in values:
            raise InputError(f"{characteristic} cannot be read")
        return values[characteristic]

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Start or stop, or set what the first byte says; the rate stays while it measures."""
        if characteristic == MEASUREMENT and len(payload) == 3 and payload[0] == 1:
            self._measuring = payload[1] == 1 and payload[2] == MODE
        elif characteristic == CONTROL and len(payload) == _CONTROL_SIZE:
            meant = payload[0]
            self.identified += bool(meant & _IDENTIFY and payload[1])
            self.settings_written += bool(meant & ~_IDENTIFY)
            if meant & _POWER_SAVING:
                self._control[_AT_POWER_SAVING] = payload[_AT_POWER_SAVING]
            if meant & _RATE and not self._measuring:
                self._control[_AT_RATE] = payload[_AT_RATE]
            if meant & _POWER_OFF and payload[2] & 1:
                return self.switched_off()
        return ()

    def switched_off(self) -> tuple[Sent, ...]:
        """The report of being switched off."""
        self._measuring = False
        return (Sent(REPORT, b"\x01".ljust(36, b"\0")),)

    @property
    def streaming(self) -> bool:
        """Whether it measures in mode 21."""
        return self._measuring

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """A notification a sample."""
        gyro = np.zeros((len(acc_g), 3)) if gyro_dps is None else gyro_dps
        acc = quantised(acc_g, self.full_scale_g) * _STANDARD_GRAVITY
        rows = np.hstack((acc, quantised(gyro, 2000.0)))
        return tuple(
            Sent(MEDIUM, _SAMPLE.pack(round(t * 1e6) % 2**32, *row).ljust(_MEDIUM_SIZE, b"\0"))
            for t, row in zip(device_times, rows, strict=True)
        )

    def disconnected(self) -> None:
        """The measurement ends; the settings stay."""
        self._measuring = False
