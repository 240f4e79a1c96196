"""The control point of Polar's measurement service: features, commands, answers and settings.

Source: Polar's public BLE SDK (Android), package `pmd`: PmdControlPointResponse, PmdSetting.
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from collector.drivers.polar_frames import NAME
from domain.errors import PayloadError

SERVICE: Final = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL_POINT: Final = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA: Final = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

GET_SETTINGS: Final = 0x01
START: Final = 0x02
STOP: Final = 0x03

FEATURES: Final = 0x0F  # first byte of a read
ANSWER: Final = 0xF0  # first byte of an indication that answers a command
HALTED: Final = 0x01  # first byte of an indication that the sensor stopped streams by itself

RATE, RESOLUTION, RANGE, RANGE_MILLI, CHANNELS, FACTOR, SECURITY = range(7)
_WIDTHS = {RATE: 2, RESOLUTION: 2, RANGE: 2, RANGE_MILLI: 4, CHANNELS: 1, FACTOR: 4, SECURITY: 16}

OK: Final = 0
ALREADY: Final = 6
STATUS_WORDS: Final[Mapping[int, str]] = {
    1: "the command is not known",
    2: "the measurement is not known",
    3: "the measurement is not supported",
    4: "the command has the wrong length",
    5: "a setting is not valid",
    6: "it is already in that state",
    7: "the resolution is not available",
    8: "the rate is not available",
    9: "the range is not available",
    10: "the packets of this connection are too small, an MTU of 232 is needed",
    11: "the number of channels is not available",
    12: "it is not in the right state",
    13: "it sits in the charger",
    14: "its memory is full",
}

Settings: TypeAlias = dict[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Answer:
    """One indication that answers a command; `more` means that parameters follow in the next one."""

    command: int
    kind: int
    status: int
    more: bool
    parameters: bytes


def parse_answer(payload: bytes) -> Answer:
    """Read `F0 command measurement status more parameters`; raises PayloadError."""
    if len(payload) < 4 or payload[0] != ANSWER:
        raise PayloadError(NAME, "no answer of the control point", payload)
    more = payload[3] == OK and len(payload) > 4 and payload[4] != 0
    return Answer(payload[1], payload[2], payload[3], more, payload[5:])


def parse_settings(parameters: bytes) -> Settings:
    """Read settings `id count values`, as unsigned integers; raises PayloadError.

    A factor stays the bit pattern of its float. Ids that are not known end the list: their
    width is not known either, and what a newer firmware adds comes last.
    """
    settings: Settings = {}
    at = 0
    while at + 2 <= len(parameters) and parameters[at] in _WIDTHS:
        name, count = parameters[at], parameters[at + 1]
        width = _WIDTHS[name]
        at += 2
        values = parameters[at : at + count * width]
        if len(values) < count * width:
            raise PayloadError(NAME, "the settings are cut short", parameters)
        settings[name] = tuple(
            int.from_bytes(values[i : i + width], "little") for i in range(0, len(values), width)
        )
        at += count * width
    if at == len(parameters) - 1:
        raise PayloadError(NAME, "the settings are cut short", parameters)
    return settings


def build_settings(settings: Mapping[int, tuple[int, ...]]) -> bytes:
    """The bytes of `settings`, in the order given."""
    return b"".join(
        bytes((name, len(values))) + b"".join(v.to_bytes(_WIDTHS[name], "little") for v in values)
        for name, values in settings.items()
    )


def choose(offered: Settings, *, rate_hz: float, range_wanted: int) -> Settings:
    """One value of each setting a start command must name; empty when no rate is offered.

    The rate and the range nearest to what is wanted (the larger of two as near), the finest
    resolution, the most channels. Factor and security are never sent back.
    """
    wanted: dict[int, float] = {
        RATE: rate_hz,
        RESOLUTION: math.inf,
        RANGE: range_wanted,
        RANGE_MILLI: range_wanted * 1000,
        CHANNELS: math.inf,
    }
    if not any(offered.get(RATE, ())):
        return {}
    return {
        name: (max(values) if math.isinf(aim) else min(values, key=lambda v: (abs(v - aim), -v)),)
        for name, aim in wanted.items()
        if (values := offered.get(name, ()))
    }


def factor_of(settings: Settings) -> float | None:
    """The factor of a start answer, None where there is none; raises PayloadError when it is no factor."""
    bits = settings.get(FACTOR, ())
    if not bits:
        return None
    raw = bits[0].to_bytes(4, "little")
    (factor,) = struct.unpack("<f", raw)
    if not (math.isfinite(factor) and factor > 0):
        raise PayloadError(NAME, "the factor is no positive number", raw)
    return float(factor)


def factor_setting(factor: float) -> tuple[int, ...]:
    """`factor` as the value of its setting."""
    return (int.from_bytes(struct.pack("<f", factor), "little"),)
