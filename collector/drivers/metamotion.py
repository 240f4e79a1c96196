"""MbientLab MetaMotion R, RL, C and S: bare samples of a Bosch chip, three to a notification.

Everything is `[module][register][data]`; a register is read by adding 0x80 to it. The answers to the reads
of module information, `03 80` and `13 80`, tell the chip: its registers and settings differ. Values are
3 x i16, little-endian. There are no stamps and no counts. Sources: MbientLab's MetaWear C++ SDK
and its tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar, Final

from collector.drivers.contract import (
    Advertisement,
    Command,
    Event,
    Guide,
    Repeat,
    Write,
)
from collector.drivers.counts import triplets
from collector.drivers.first_block import FirstBlock
from collector.drivers.turns import Pair, TurnPairing
from domain.errors import HandshakeError, PayloadError
from domain.placement import Placement
from domain.samples import BatteryReading, DeviceBlock, Floats

SERVICE: Final = "326a9000-85cb-9195-d9dd-464cfbbae75a"
WRITE: Final = "326a9001-85cb-9195-d9dd-464cfbbae75a"
NOTIFY: Final = "326a9006-85cb-9195-d9dd-464cfbbae75a"

ACC, GYRO, SETTINGS, LED = 0x03, 0x13, 0x11, 0x02  # modules
INFORMATION, BATTERY, _MAC = 0x80, 0x8C, 0x8B  # registers, as they are read
POWER, INTERRUPT, CONFIG, _ACC_DATA = 0x01, 0x02, 0x03, 0x04

RATE_HZ: Final = 50.0
RANGE_G: Final = 8  # does not clip a stumble, and leaves 0.24 mg
RANGE_DPS: Final = 2000
#: By the full scale; the gyroscope's do not quite fill it: 2**15 is 1998 deg/s.
COUNTS_PER_G: Final = {2: 16384.0, 4: 8192.0, 8: 4096.0, 16: 2048.0}
COUNTS_PER_DPS: Final = {2000: 16.4, 1000: 32.8, 500: 65.6, 250: 131.2, 125: 262.4}

PACKED: Final = 3  # samples in a notification of 20 bytes
_BATTERY_EVERY_S = 600.0


@dataclass(frozen=True, slots=True)
class Chip:
    """Registers and settings of one chip. *_single: samples one by one. *_config: 50 Hz and its range."""

    acc_packed: int
    gyro_single: int
    gyro_packed: int
    acc_config: bytes
    gyro_config: bytes


BMI160: Final = Chip(0x1C, 0x05, 0x07, bytes((0x27, 0x08)), bytes((0x27, 0x00)))
BMI270: Final = Chip(0x05, 0x04, 0x05, bytes((0xA7, 0x02)), bytes((0x27, 0x00)))
#: By the implementation that the module information tells.
_ACC_CHIPS = {1: BMI160, 4: BMI270}
_GYRO_CHIPS = {0: BMI160, 1: BMI270}
#: Packed data came with this revision of the BMI160's modules; the BMI270's always had them.
_PACKED_REVISION = 1

#: Ten green flashes of 50 ms in five seconds: colour, 2, intensities high and low, then u16 ms
#: rise, high, fall, period and delay, and how often. The SDK's own preset, as its test has it.
_FLASHES = bytes((LED, 0x03, 0, 2, 31, 0, 0, 0, 50, 0, 0, 0, 0xF4, 0x01, 0, 0, 10))


class _Stage(Enum):
    IDLE = auto()
    ASKING = auto()  # waits for the two answers that tell the chip
    SETTING = auto()  # what comes now is of a connection before, at settings nobody knows
    STREAMING = auto()


class MetaMotionDriver:
    """The host's side of one connection."""

    name: ClassVar[str] = "metamotion"
    title: ClassVar[str] = "MbientLab MetaMotion"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro", "battery")
    guide: ClassVar[Guide] = Guide(
        models=("MetaMotionR", "MetaMotionRL", "MetaMotionC", "MetaMotionS"),
        placements=(Placement.UPPER_BACK, Placement.STERNUM, Placement.THIGH, Placement.HEAD),
        wear="On the skin with body tape or in its clip between the shoulder blades, or at the breastbone.",
        limits=(
            "No clock and no counter: lost samples are estimated from the host's clock.",
            (
                "Its rotations are matched to its accelerations by the order in which they come, to within "
                "half a packet (30 ms)."
            ),
            "What other applications left running on it can go on until it is reset in MbientLab's app.",
            "Very old firmware, before packed data, must be updated in MbientLab's app.",
        ),
        source="MbientLab's MetaWear SDK",
    )

    def __init__(self) -> None:
        self._forget()

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the maker's service, which stays when the name is changed, or by the name."""
        name = advertisement.name or ""
        named = name == "MetaWear" or name.startswith("MetaMotion")
        return named or SERVICE in advertisement.service_uuids

    def subscriptions(self) -> tuple[str, ...]:
        """The one characteristic that everything comes through."""
        return (NOTIFY,)

    def start(self) -> tuple[Command, ...]:
        """Ask which chip it is; the rest follows from the answers."""
        self._forget()
        self._stage = _Stage.ASKING
        return (
            _command(ACC, INFORMATION),
            _command(GYRO, INFORMATION),
            Repeat(_command(SETTINGS, BATTERY), _BATTERY_EVERY_S),
        )

    def stop(self) -> tuple[Command, ...]:
        """Switch the chip to standby, and end what it sends."""
        commands: list[Write] = []
        if self._acc is not None:
            commands += _end(ACC, self._acc.acc_packed)
        if self._gyro is not None:
            commands += _end(GYRO, self._gyro.gyro_packed)
        self._forget()
        return tuple(commands)

    def identify(self) -> tuple[Command, ...]:
        """Ten green flashes."""
        clear, play = _command(LED, 0x02, b"\x01"), _command(LED, 0x01, b"\x01")
        return (clear, Write(WRITE, _FLASHES), play)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; `now` tells which rotations belong to which accelerations."""
        if characteristic != NOTIFY:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) < 2:
            raise PayloadError(self.name, "no module and no register", payload)
        module, register = payload[0], payload[1]
        if module in (ACC, GYRO) and register == INFORMATION:
            return self._information(module, payload)
        if (module, register) == (SETTINGS, BATTERY):
            return (BatteryReading(battery(payload)[0]),)
        if self._stage is _Stage.STREAMING:
            if module == ACC and self._acc is not None and register == self._acc.acc_packed:
                return self._accelerations(payload, now)
            if module == GYRO and self._gyro is not None and register == self._gyro.gyro_packed:
                gyro_dps = self._vectors(payload, COUNTS_PER_DPS[RANGE_DPS])
                return self._blocks(self._turns.push_gyro(gyro_dps, now))
        if module in (ACC, GYRO):
            return ()  # left running by another connection, at settings nobody knows
        raise PayloadError(self.name, "a register that was not asked for", payload)

    def _forget(self) -> None:
        self._stage = _Stage.IDLE
        self._answers: dict[int, bytes] = {}
        self._acc: Chip | None = None
        self._gyro: Chip | None = None
        self._first = FirstBlock()
        self._turns = TurnPairing()

    def _information(self, module: int, payload: bytes) -> tuple[Event, ...]:
        """Both answers together tell the chip; a second one says that all before it was done."""
        if self._stage is _Stage.SETTING and module == ACC:
            self._stage = _Stage.STREAMING
        if self._stage is not _Stage.ASKING:
            return ()
        self._answers[module] = payload[2:]
        if len(self._answers) < 2:
            return ()
        acc, gyro = self._answers[ACC], self._answers[GYRO]
        self._forget()
        chip = _ACC_CHIPS.get(acc[0]) if acc else None
        if chip is None:
            what = f"kind {acc[0]}" if acc else "none"
            raise HandshakeError(self.name, f"its accelerometer is not of a MetaMotion: {what}")
        if not _packs(chip, acc):
            raise HandshakeError(
                self.name, "its firmware is too old: update it in MbientLab's app, and try again"
            )
        self._stage, self._acc = _Stage.SETTING, chip
        # A clean slate first: what was left running keeps its settings until told otherwise.
        commands = [*_end(ACC, _ACC_DATA), *_prepare(ACC, chip.acc_packed, chip.acc_config)]
        chip = _GYRO_CHIPS.get(gyro[0]) if gyro else None
        if chip is not None and _packs(chip, gyro):
            self._gyro = chip
            commands += _end(GYRO, chip.gyro_single)
            commands += _prepare(GYRO, chip.gyro_packed, chip.gyro_config)
            commands.append(_command(GYRO, POWER, b"\x01"))
        # The accelerometer last, so that its first samples find their rotations.
        return (*commands, _command(ACC, INFORMATION), _command(ACC, POWER, b"\x01"))

    def _accelerations(self, payload: bytes, now: float) -> tuple[Event, ...]:
        acc_g = self._vectors(payload, COUNTS_PER_G[RANGE_G])
        pairs = [(acc_g, None)] if self._gyro is None else self._turns.push_acc(acc_g, now)
        return self._blocks(pairs)

    def _vectors(self, payload: bytes, per_unit: float) -> Floats:
        if len(payload) != 2 + 6 * PACKED:
            raise PayloadError(self.name, "not three samples", payload)
        return vectors(payload, per_unit)

    def _blocks(self, pairs: Sequence[Pair]) -> tuple[Event, ...]:
        blocks = [DeviceBlock(None, acc_g, gyro_dps, RATE_HZ) for acc_g, gyro_dps in pairs]
        return self._first.told(blocks)


def vectors(payload: bytes, per_unit: float) -> Floats:
    """The samples of a data notification, single or packed, (n, 3) in g or deg/s.

    per_unit: of COUNTS_PER_G or COUNTS_PER_DPS. Raises PayloadError for anything but whole samples.
    """
    if len(payload) < 8 or (len(payload) - 2) % 6:
        raise PayloadError("metamotion", "no whole samples", payload)
    return triplets(payload, "<i2", offset=2) / per_unit


def battery(payload: bytes) -> tuple[float, int]:
    """Percent and millivolts of a battery answer; raises PayloadError."""
    if len(payload) != 5 or payload[:2] != bytes((SETTINGS, BATTERY)) or payload[2] > 100:
        raise PayloadError("metamotion", "no battery state", payload)
    return float(payload[2]), int.from_bytes(payload[3:], "little")


def mac_address(payload: bytes) -> str:
    """The address in the answer to `11 8b`: a type byte, then the address backwards; raises PayloadError."""
    if len(payload) != 9 or payload[:2] != bytes((SETTINGS, _MAC)):
        raise PayloadError("metamotion", "no address", payload)
    return payload[:2:-1].hex(":").upper()


def _packs(chip: Chip, information: bytes) -> bool:
    return chip is BMI270 or (len(information) > 1 and information[1] >= _PACKED_REVISION)


def _prepare(module: int, packed: int, config: bytes) -> list[Write]:
    return [
        _command(module, CONFIG, config),
        _command(module, packed, b"\x01"),
        _command(module, INTERRUPT, b"\x01\x00"),
    ]


def _end(module: int, register: int) -> list[Write]:
    return [
        _command(module, POWER, b"\x00"),
        _command(module, INTERRUPT, b"\x00\x01"),
        _command(module, register, b"\x00"),
    ]


def _command(module: int, register: int, data: bytes = b"") -> Write:
    return Write(WRITE, bytes((module, register)) + data)
