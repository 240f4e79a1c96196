"""Muse 2 and Muse S headbands: their motion sensors alone, of all that they measure.

Frames are 20 bytes, big-endian: u16 number, then three samples of 3 x i16; accelerations and rotations come
on characteristics of their own and are numbered each on its own. Telemetry: number, battery / 512 %,
millivolts / 2.2, a voltage, degrees Celsius, u16 each. Commands are a length byte, ASCII and a line feed.
Sources: muse-js and its tests; muse-lsl for the keep-alive.
"""

import re
import struct
from typing import ClassVar, Final, NamedTuple

import numpy as np

from collector.drivers.contract import (
    AdvertisedData,
    Advertisement,
    Command,
    Event,
    GattCharacteristic,
    GattService,
    Guide,
    Repeat,
    Sent,
    Write,
)
from collector.drivers.counts import to_counts, triplets
from collector.drivers.first_block import FirstBlock
from collector.drivers.numbered import NUMBERS, NumberPairing, Paired
from collector.drivers.twins import SimpleTwin
from domain.errors import PayloadError
from domain.placement import Placement
from domain.samples import BatteryReading, DeviceBlock, Floats

SERVICE: Final = "0000fe8d-0000-1000-8000-00805f9b34fb"


def _uuid(number: int) -> str:
    return f"273e{number:04x}-4c4d-454d-96be-f03bac821358"


CONTROL, GYRO, ACC, TELEMETRY = _uuid(1), _uuid(9), _uuid(0x0A), _uuid(0x0B)

_NAME = re.compile(r"Muse(?:2|S)?-[0-9A-F]{4}")

RATE_HZ: Final = 52.0
_G_PER_COUNT = 0.0000610352  # 2 g at 2**15
_DPS_PER_COUNT = 0.0074768  # 245 deg/s at 2**15
_SAMPLES = 3  # in a frame
SEQUENCE_MODULUS: Final = _SAMPLES * NUMBERS
_FRAME_SIZE = 2 + 6 * _SAMPLES
_TELEMETRY = struct.Struct(">5H")

_PRESET = "p21"  # the headband's own standard: no light sensors, which drain it
_KEEP_ALIVE_S = 10.0


class Telemetry(NamedTuple):
    """What a telemetry frame says."""

    number: int
    battery_percent: float
    millivolts: float
    temperature_c: int


class MuseDriver:
    """The host's side of one connection."""

    name: ClassVar[str] = "muse"
    title: ClassVar[str] = "Muse 2, Muse S"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro", "battery")
    guide: ClassVar[Guide] = Guide(
        models=("Muse (2016)", "Muse 2", "Muse S"),
        placements=(Placement.HEAD,),
        wear="As it is made to be worn, on the forehead and behind the ears: it tells how the neck is bent.",
        limits=(
            "Worn on the head it knows nothing of the back: pair it with a sensor on the trunk.",
            "It measures up to 2 g and 245 degrees a second: steps and quick turns of the head are cut off.",
            (
                "Its battery lasts five to ten hours, for its brain sensors are always on; Sitwell takes "
                "no notice of them."
            ),
            (
                "Some show their sensors only from the second connection on: leave it switched on, Sitwell "
                "tries again by itself."
            ),
            "The Muse S Athena of 2025 speaks another protocol, which is not supported.",
        ),
        source="muse-js and muse-lsl",
    )

    def __init__(self) -> None:
        self._forget()

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the maker's service, or by a name such as Muse-1324 or MuseS-8173."""
        named = _NAME.fullmatch(advertisement.name or "") is not None
        return named or SERVICE in advertisement.service_uuids

    def subscriptions(self) -> tuple[str, ...]:
        """Rotations first, so that the first accelerations find theirs; and the telemetry."""
        return (TELEMETRY, GYRO, ACC)

    def start(self) -> tuple[Command, ...]:
        """Halt what may still run, choose what is measured, and go; then keep it awake."""
        self._forget()
        return (_write("h"), _write(_PRESET), _write("d"), Repeat(_write("k"), _KEEP_ALIVE_S))

    def stop(self) -> tuple[Command, ...]:
        """Halt."""
        self._forget()
        return (_write("h"),)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; the arrival time plays no part, the order of arrival does."""
        if characteristic == TELEMETRY:
            # A fuel gauge that has just been full may say a little more than that.
            return (BatteryReading(min(100.0, telemetry(payload).battery_percent)),)
        if characteristic == ACC:
            number, acc_g = samples(payload, _G_PER_COUNT)
            return self._blocks(self._pairing.push_acc(number, acc_g))
        if characteristic == GYRO:
            number, gyro_dps = samples(payload, _DPS_PER_COUNT)
            return self._blocks(self._pairing.push_gyro(number, gyro_dps))
        raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)

    def _forget(self) -> None:
        self._first = FirstBlock()
        self._pairing = NumberPairing()

    def _blocks(self, frames: list[Paired]) -> tuple[Event, ...]:
        blocks = [
            DeviceBlock(
                device_times=None,
                acc_g=frame.acc_g,
                gyro_dps=frame.gyro_dps,
                rate_hz=RATE_HZ,
                sequence=_SAMPLES * frame.number,
                sequence_modulus=SEQUENCE_MODULUS,
            )
            for frame in frames
        ]
        return self._first.told(blocks)


def samples(payload: bytes, unit_per_count: float) -> tuple[int, Floats]:
    """Number and samples (3, 3) of a motion frame, in units; raises PayloadError."""
    if len(payload) != _FRAME_SIZE:
        raise PayloadError("muse", "no frame of three samples", payload)
    return int.from_bytes(payload[:2], "big"), triplets(payload, ">i2", offset=2) * unit_per_count


def telemetry(payload: bytes) -> Telemetry:
    """What a telemetry frame says; raises PayloadError."""
    if not _TELEMETRY.size <= len(payload) <= _FRAME_SIZE:
        raise PayloadError("muse", "no telemetry", payload)
    number, battery, fuel_gauge, _, temperature_c = _TELEMETRY.unpack_from(payload)
    return Telemetry(number, battery / 512, fuel_gauge * 2.2, temperature_c)


def encode(command: str) -> bytes:
    """A command on the wire: its length with the line feed, itself, the line feed."""
    text = command.encode("ascii") + b"\n"
    return bytes((len(text),)) + text


def _write(command: str) -> Write:
    return Write(CONTROL, encode(command), response=False)


class MuseEncoder(SimpleTwin):
    """The headband's side. gyro_ahead: how far its gyroscope's count is ahead of its accelerometer's."""

    driver: ClassVar[str] = "muse"

    #: Frames between two of telemetry: ten seconds.
    TELEMETRY_EVERY: ClassVar[int] = 173

    def __init__(self, gyro_ahead: int = 0) -> None:
        self.rate_hz = RATE_HZ
        self.chunk = _SAMPLES
        self.full_scale_g = _G_PER_COUNT * 2**15
        self.resolution_g = _G_PER_COUNT
        self.gyro_full_scale_dps: float | None = _DPS_PER_COUNT * 2**15
        self.heard: list[str] = []
        self._ahead = gyro_ahead
        self._number = 0
        self._preset = ""
        self._running = False

    def advertisement(self) -> AdvertisedData:
        """The name and the maker's service."""
        return AdvertisedData(name="Muse-1324", service_uuids=(SERVICE,))

    def gatt(self) -> tuple[GattService, ...]:
        """Control and motion; the brain's characteristics are left out."""
        control = GattCharacteristic(CONTROL, ("write_without_response", "notify"))
        streams = tuple(GattCharacteristic(uuid, ("notify",)) for uuid in (GYRO, ACC, TELEMETRY))
        return (GattService(SERVICE, (control, *streams)),)

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Halt, go, or choose a preset; what is cut short or too long is no command."""
        whole = len(payload) > 2 and payload[0] == len(payload) - 1 and payload[-1:] == b"\n"
        if characteristic != CONTROL or not whole:
            return ()
        command = payload[1:-1].decode("ascii", "replace")
        self.heard.append(command)
        if command.startswith("p"):
            self._preset = command
        elif command in ("h", "d"):
            self._running = command == "d" and self._preset != ""
        return (self._tell(),) if command == "d" and self._running else ()

    @property
    def streaming(self) -> bool:
        """Whether it was told to go."""
        return self._running

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """A frame of accelerations, one of rotations, and now and then one of telemetry."""
        gyro = np.zeros((len(acc_g), 3)) if gyro_dps is None else gyro_dps
        self._number = (self._number + 1) % NUMBERS
        sent = [
            Sent(ACC, self._frame(self._number, acc_g, _G_PER_COUNT)),
            Sent(GYRO, self._frame(self._number + self._ahead, gyro, _DPS_PER_COUNT)),
        ]
        if self._number % self.TELEMETRY_EVERY == 0:
            sent.append(self._tell())
        return tuple(sent)

    def disconnected(self) -> None:
        """It halts."""
        self._running = False

    def _frame(self, number: int, values: Floats, unit_per_count: float) -> bytes:
        counts = to_counts(values, 1 / unit_per_count, ">i2")
        return (number % NUMBERS).to_bytes(2, "big") + counts.tobytes()

    def _tell(self) -> Sent:
        payload = _TELEMETRY.pack(self._number, 90 * 512, 1856, 3967, 27)
        return Sent(TELEMETRY, payload.ljust(_FRAME_SIZE, b"\0"))
