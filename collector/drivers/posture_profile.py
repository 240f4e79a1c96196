"""The open profile for maker boards: one notification a frame, counted, timed, with its scales.

Frame: `version u8 | seq u8 | t0 u32 us | dt u16 us | n u8 | n x (acc 3 x i16 [, gyro 3 x i16])`, all
little-endian; the scales are in a characteristic that is read once a connection. Source:
docs/open-profile.md, which is ours, so that whoever writes firmware needs nothing else.
"""

import struct
from dataclasses import dataclass
from math import isfinite
from re import compile as pattern
from typing import ClassVar, Final

import numpy as np

from collector.drivers.contract import (
    FIRMWARE_REVISION,
    INFORMATION_SERVICE,
    MANUFACTURER_NAME,
    MODEL_NUMBER,
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
from collector.drivers.counts import to_counts
from collector.drivers.first_block import FirstBlock
from collector.drivers.twins import SimpleTwin
from domain.errors import HandshakeError, InputError, PayloadError
from domain.placement import Placement
from domain.samples import DeviceBlock, Floats

SERVICE: Final = "3ef60001-83fd-42b8-8c56-5638ae37b5ab"
DATA: Final = "3ef60002-83fd-42b8-8c56-5638ae37b5ab"
INFO: Final = "3ef60003-83fd-42b8-8c56-5638ae37b5ab"
IDENTIFY: Final = "3ef60004-83fd-42b8-8c56-5638ae37b5ab"

VERSION: Final = 1
FRAMES_MODULUS: Final = 2**8
CLOCK_MODULUS_US: Final = 2**32
CAN_IDENTIFY: Final = 0x01
RATES_HZ: Final = (1.0, 1000.0)

_HEAD = struct.Struct("<BBIHB")
_INFO = struct.Struct("<BBBxfff")
_IDENTIFY_S = 5
_NAME = pattern(r"Posture-[0-9A-F]{4}")


@dataclass(frozen=True, slots=True)
class BoardInfo:
    """What the info characteristic says; gyro_lsb_per_dps is 0 without a gyroscope."""

    flags: int
    samples_per_frame: int
    acc_lsb_per_g: float
    gyro_lsb_per_dps: float
    rate_hz: float

    @classmethod
    def from_bytes(cls, payload: bytes) -> "BoardInfo":
        """Raises HandshakeError for another version, and for what cannot be so; a tail is ignored."""
        name = PostureProfileDriver.name
        if not payload or payload[0] != VERSION:
            found = payload[0] if payload else "none"
            raise HandshakeError(name, f"the board speaks profile version {found}, not {VERSION}")
        if len(payload) < _INFO.size:
            raise HandshakeError(name, f"the info has {len(payload)} bytes of {_INFO.size}")
        _, flags, n, acc, gyro, rate_hz = _INFO.unpack_from(payload)
        if n == 0:
            raise HandshakeError(name, "the info says 0 samples per frame")
        if not (isfinite(acc) and acc > 0 and isfinite(gyro) and gyro >= 0):
            raise HandshakeError(name, f"the info says scales of {acc:g} LSB/g, {gyro:g} LSB/dps")
        if not RATES_HZ[0] <= rate_hz <= RATES_HZ[1]:  # false for NaN
            raise HandshakeError(name, f"the info says a rate of {rate_hz:g} Hz")
        return cls(flags, n, acc, gyro, rate_hz)

    def __bytes__(self) -> bytes:
        return _INFO.pack(
            VERSION,
            self.flags,
            self.samples_per_frame,
            self.acc_lsb_per_g,
            self.gyro_lsb_per_dps,
            self.rate_hz,
        )

    @property
    def axes(self) -> int:
        """Values of one sample."""
        return 6 if self.gyro_lsb_per_dps > 0 else 3

    @property
    def frame_size(self) -> int:
        """Bytes of every frame."""
        return _HEAD.size + 2 * self.axes * self.samples_per_frame


class PostureProfileDriver:
    """The host's side of one connection; frames that come before the info are not passed on."""

    name: ClassVar[str] = "posture-profile"
    title: ClassVar[str] = "Maker board with the open posture profile"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro")
    guide: ClassVar[Guide] = Guide(
        models=("Seeed XIAO nRF52840 Sense", "M5Stack", "LilyGo", "Nordic Thingy:53", "any board"),
        placements=(
            Placement.UPPER_BACK,
            Placement.STERNUM,
            Placement.LOWER_BACK,
            Placement.THIGH,
            Placement.HEAD,
        ),
        wear="In a small case on a clip, strap or body tape, so that it cannot turn against the body.",
        limits=(
            "Needs firmware that you write or flash yourself: the page docs/open-profile.md says what.",
            "Range, rate, gyroscope and battery are those of the board.",
        ),
        source="docs/open-profile.md",
    )

    def __init__(self) -> None:
        self._info: BoardInfo | None = None
        self._first = FirstBlock()

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the service, or by a name such as Posture-1A2B."""
        named = _NAME.fullmatch(advertisement.name or "") is not None
        return named or SERVICE in advertisement.service_uuids

    def subscriptions(self) -> tuple[str, ...]:
        """The frames."""
        return (DATA,)

    def start(self) -> tuple[Command, ...]:
        """Read the scales; the board streams to whoever subscribes."""
        self._info, self._first = None, FirstBlock()
        return (Read(INFO),)

    def stop(self) -> tuple[Command, ...]:
        """Nothing: unsubscribing is enough."""
        return ()

    def identify(self) -> tuple[Command, ...]:
        """Ask it to show itself for some seconds; nothing when it has said that it cannot."""
        if self._info is not None and not self._info.flags & CAN_IDENTIFY:
            return ()
        return (Write(IDENTIFY, bytes((_IDENTIFY_S,))),)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract. An info that cannot be used is a refusal: nothing would ever be read."""
        if characteristic == INFO:
            self._info = BoardInfo.from_bytes(payload)
            return ()
        if characteristic != DATA:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) < _HEAD.size or payload[0] != VERSION:
            raise PayloadError(self.name, f"no frame of version {VERSION}", payload)
        info = self._info
        if info is None:
            return ()
        block = self._block(payload, info)
        return self._first.told((block,))

    def _block(self, payload: bytes, info: BoardInfo) -> DeviceBlock:
        _, seq, t0_us, dt_us, n = _HEAD.unpack_from(payload)
        if n != info.samples_per_frame or len(payload) != info.frame_size:
            wanted = f"{info.samples_per_frame} samples in {info.frame_size} bytes"
            raise PayloadError(self.name, f"{n} samples in {len(payload)}, not {wanted}", payload)
        values = np.frombuffer(payload, "<i2", offset=_HEAD.size).reshape(n, info.axes)
        spacing_s = dt_us * 1e-6 if dt_us else 1 / info.rate_hz
        gyro = values[:, 3:] / info.gyro_lsb_per_dps if info.axes == 6 else None
        return DeviceBlock(
            device_times=t0_us * 1e-6 + np.arange(n) * spacing_s,
            acc_g=values[:, :3] / info.acc_lsb_per_g,
            gyro_dps=gyro,
            rate_hz=info.rate_hz,
            sequence=seq * n,
            sequence_modulus=FRAMES_MODULUS * n,
            device_modulus_s=CLOCK_MODULUS_US * 1e-6,
        )


class PostureProfileEncoder(SimpleTwin):
    """A board of +-4 g and, unless told otherwise, a gyroscope of +-2000 deg/s.

    shown_s: seconds for which it was last asked to show itself, None until it is.
    """

    driver: ClassVar[str] = "posture-profile"

    def __init__(self, rate_hz: float = 50.0, chunk: int = 10, *, gyro: bool = True) -> None:
        self.rate_hz = rate_hz
        self.chunk = chunk
        self.full_scale_g = 4.0
        self.resolution_g = self.full_scale_g / 2**15
        self.gyro_full_scale_dps: float | None = 2000.0 if gyro else None
        self.shown_s: int | None = None
        self._info = BoardInfo(
            CAN_IDENTIFY, chunk, 1 / self.resolution_g, 2**15 / 2000.0 if gyro else 0.0, rate_hz
        )
        self._frames = 0

    def advertisement(self) -> AdvertisedData:
        """The service, and the name in the scan response."""
        return AdvertisedData(name="Posture-1A2B", service_uuids=(SERVICE,))

    def gatt(self) -> tuple[GattService, ...]:
        """The profile and the device information."""
        profile = (
            GattCharacteristic(DATA, ("notify",)),
            GattCharacteristic(INFO, ("read",)),
            GattCharacteristic(IDENTIFY, ("write",)),
        )
        about = (MANUFACTURER_NAME, MODEL_NUMBER, FIRMWARE_REVISION)
        return (
            GattService(SERVICE, profile),
            GattService(
                INFORMATION_SERVICE, tuple(GattCharacteristic(uuid, ("read",)) for uuid in about)
            ),
        )

    def read(self, characteristic: str) -> bytes:
        """The info, and who made the board; raises InputError for anything else."""
        values = {
            INFO: bytes(self._info),
            MANUFACTURER_NAME: b"Sitwell",
            MODEL_NUMBER: b"simulated board",
            FIRMWARE_REVISION: b"1.0",
        }
        if characteristic not in values:
            raise InputError(f"{characteristic} cannot be read")
        return values[characteristic]

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Show itself for so many seconds."""
        if characteristic == IDENTIFY and len(payload) == 1:
            self.shown_s = payload[0]
        return ()

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """One frame, counted."""
        columns = [to_counts(acc_g, self._info.acc_lsb_per_g, "<i2")]
        if self._info.axes == 6:
            turning = np.zeros_like(acc_g) if gyro_dps is None else gyro_dps
            columns.append(to_counts(turning, self._info.gyro_lsb_per_dps, "<i2"))
        dt_us = round(1e6 / self.rate_hz)
        head = _HEAD.pack(
            VERSION,
            self._frames % FRAMES_MODULUS,
            round(float(device_times[0]) * 1e6) % CLOCK_MODULUS_US,
            dt_us if dt_us < 2**16 else 0,
            len(acc_g),
        )
        self._frames += 1
        return (Sent(DATA, head + np.hstack(columns).tobytes()),)
