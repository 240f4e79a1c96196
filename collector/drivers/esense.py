"""Nokia Bell Labs eSense: the IMU of the left earbud, packets counted and with a checksum.

A packet is `55`, u8 index, checksum, length 12, then rate 3 x i16 and acceleration 3 x i16, big-endian.
A command or an answer is an opcode, checksum, length and data. The checksum is the sum of everything
after it, modulo 256. The ranges stand in the IMU configuration (opcode 59): bits 3 and 4 of the second
byte of data are the gyroscope's, of the third the accelerometer's, as in the registers of the chip.
Source: the vendor's Android library (ESenseManager, ESenseConfig). TECO's EarableCompanion reads the
two ranges crossed, which as delivered, +-4 g and +-500 deg/s, comes to the same.

The vendor's own Java adds the low byte signed, which is 256 too low for every second value.
"""

import re
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

_BASE = "0000{}-0000-1000-8000-00805f9b34fb"
SERVICE: Final = _BASE.format("ff06")
CONTROL: Final = _BASE.format("ff07")
IMU: Final = _BASE.format("ff08")
BATTERY: Final = _BASE.format("ff0a")
FACTORY_OFFSET: Final = _BASE.format("ff0d")
IMU_CONFIG: Final = _BASE.format("ff0e")

_NAME = re.compile(r"eSense-[0-9A-Fa-f]{4}")

RATE_HZ: Final = 50  # 1 to 100
INDEX_MODULUS: Final = 256
_PACKET, _SAMPLING, _CONFIG = 0x55, 0x53, 0x59
_PACKET_DATA = 12
_COUNTS_PER_G = (16384, 8192, 4096, 2048)
_COUNTS_PER_DPS = (131.0, 65.5, 32.8, 16.4)
_FULL_SCALE_DPS = (250.0, 500.0, 1000.0, 2000.0)
_OFFSET_PER_G = 2048
#: As delivered: low-pass 5 Hz, +-500 deg/s, +-4 g, low-pass 5 Hz.
DEFAULT_CONFIG: Final = bytes((6, 8, 8, 6))


def command(opcode: int, data: bytes) -> bytes:
    """Opcode, checksum, length and data, as the earbud takes and gives them."""
    body = bytes((len(data),)) + data
    return bytes((opcode, sum(body) & 0xFF)) + body


START: Final = command(_SAMPLING, bytes((1, RATE_HZ)))
STOP: Final = command(_SAMPLING, bytes((0, 0)))


class ESenseDriver:
    """The host's side of one connection; no sample is passed on before its scale is known."""

    name: ClassVar[str] = "esense"
    title: ClassVar[str] = "eSense earbud"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro")
    guide: ClassVar[Guide] = Guide(
        models=("eSense, left earbud",),
        placements=(Placement.HEAD,),
        wear="In the left ear: only the left earbud has the sensor.",
        limits=(
            "It tells how the head is held, not the back.",
            "Given to researchers, not sold; a few hours a charge.",
            "Its battery is told in volts alone, so no percentage is shown.",
        ),
        source="the eSense BLE specification and the vendor's Android library",
    )

    def __init__(self) -> None:
        self._scales: tuple[float, float] | None = None

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By a name such as `eSense-0332`; the service's number is used by others too."""
        return _NAME.fullmatch(advertisement.name or "") is not None

    def subscriptions(self) -> tuple[str, ...]:
        """The IMU packets."""
        return (IMU,)

    def start(self) -> tuple[Command, ...]:
        """Ask for the ranges, then start at 50 Hz."""
        self._scales = None
        return (Read(IMU_CONFIG), Write(CONTROL, START))

    def stop(self) -> tuple[Command, ...]:
        """Stop sampling."""
        return (Write(CONTROL, STOP),)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; `now` is not used."""
        if characteristic == IMU_CONFIG:
            return self._configuration(payload)
        if characteristic != IMU:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) != 4 + _PACKET_DATA or payload[0] != _PACKET or payload[3] != _PACKET_DATA:
            raise PayloadError(self.name, "no IMU packet", payload)
        if sum(payload[3:]) & 0xFF != payload[2]:
            raise PayloadError(self.name, "the checksum is wrong", payload)
        if self._scales is None:
            return ()
        per_g, per_dps = self._scales
        return (
            DeviceBlock(
                device_times=None,
                acc_g=triplets(payload, ">i2", offset=10) / per_g,
                gyro_dps=triplets(payload, ">i2", offset=4, count=1) / per_dps,
                rate_hz=float(RATE_HZ),
                sequence=payload[1],
                sequence_modulus=INDEX_MODULUS,
            ),
        )

    def _configuration(self, payload: bytes) -> tuple[Event, ...]:
        """A scale that cannot be read is not guessed."""
        try:
            data = answer_data(payload, _CONFIG, 4)
        except PayloadError as error:
            raise HandshakeError(self.name, f"its IMU configuration: {error.problem}") from error
        begun = self._scales is not None
        self._scales = (_COUNTS_PER_G[data[2] >> 3 & 3], _COUNTS_PER_DPS[data[1] >> 3 & 3])
        return () if begun else (Started(float(RATE_HZ)),)


def answer_data(payload: bytes, opcode: int | None, size: int) -> bytes:
    """The data of an answer to a read. opcode: None when it may be any. Raises PayloadError."""
    if len(payload) != 3 + size or payload[2] != size or opcode not in (None, payload[0]):
        raise PayloadError(ESenseDriver.name, f"no answer with {size} bytes of data", payload)
    if sum(payload[2:]) & 0xFF != payload[1]:
        raise PayloadError(ESenseDriver.name, "the checksum is wrong", payload)
    return payload[3:]


def factory_offset_g(payload: bytes) -> tuple[float, float, float]:
    """The accelerometer's factory offset, g, of an answer of FACTORY_OFFSET. Raises PayloadError.

    Its format is that of the chip's offset registers, which the chip applies by itself; like the
    vendor's library the driver adds nothing. It is there for who looks into a doubtful earbud.
    """
    x, y, z = triplets(answer_data(payload, None, 12), ">i2", offset=6)[0] / _OFFSET_PER_G
    return float(x), float(y), float(z)


class ESenseEncoder(SimpleTwin):
    """The earbud's side. config: the four data bytes of its IMU configuration."""

    driver: ClassVar[str] = "esense"

    def __init__(self, config: bytes = DEFAULT_CONFIG) -> None:
        acc, gyro = config[2] >> 3 & 3, config[1] >> 3 & 3
        self._per_g, self._per_dps = _COUNTS_PER_G[acc], _COUNTS_PER_DPS[gyro]
        self._answers = {
            IMU_CONFIG: command(_CONFIG, config),
            # The opcodes of these two are not documented, and no host looks at them.
            BATTERY: command(0x56, (3950).to_bytes(2, "big")),
            FACTORY_OFFSET: command(0x54, bytes(12)),
        }
        self.rate_hz = float(RATE_HZ)
        self.chunk = 1
        self.full_scale_g = 2**15 / self._per_g
        self.resolution_g = 1 / self._per_g
        self.gyro_full_scale_dps: float | None = _FULL_SCALE_DPS[gyro]
        self._index = 0
        self._on = False

    def advertisement(self) -> AdvertisedData:
        """Its name."""
        return AdvertisedData(name="eSense-0332")

    def gatt(self) -> tuple[GattService, ...]:
        """The earbud's service."""
        read = tuple(GattCharacteristic(uuid, ("read",)) for uuid in (BATTERY, FACTORY_OFFSET))
        own = (
            GattCharacteristic(CONTROL, ("write",)),
            GattCharacteristic(IMU, ("notify",)),
            GattCharacteristic(IMU_CONFIG, ("read", "write")),
        )
        return (GattService(SERVICE, (*own, *read)),)

    def read(self, characteristic: str) -> bytes:
        """The IMU configuration, the battery's voltage or the factory offset."""
        if characteristic not in self._answers:
            raise InputError(f"{characteristic} cannot be read")
        return self._answers[characteristic]

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Start or stop; what has a wrong checksum is not heard, and the twin knows one rate."""
        if characteristic == CONTROL and payload in (START, STOP):
            self._on = payload == START
        return ()

    @property
    def streaming(self) -> bool:
        """Whether sampling is started."""
        return self._on

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """A packet a sample, counted."""
        gyro = np.zeros((len(acc_g), 3)) if gyro_dps is None else gyro_dps
        turns, pulls = to_counts(gyro, self._per_dps, ">i2"), to_counts(acc_g, self._per_g, ">i2")
        sent = []
        for turn, pull in zip(turns, pulls, strict=True):
            body = bytes((_PACKET_DATA,)) + turn.tobytes() + pull.tobytes()
            head = bytes((_PACKET, self._index, sum(body) & 0xFF))
            sent.append(Sent(IMU, head + body))
            self._index = (self._index + 1) % INDEX_MODULUS
        return tuple(sent)

    def disconnected(self) -> None:
        """Sampling stops; the index goes on."""
        self._on = False
