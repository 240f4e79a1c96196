"""BTHome v2 objects: an id, then a value whose length the id tells; ascending by id.

Source: bthome.io, the tables of sensor data, binary sensor data, events and device information, as
bthome-ble 3.25 (MIT) knows them too.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PACKET_ID: Final = 0x00
BATTERY: Final = 0x01
CHARGING: Final = 0x16  # 1 while it is being charged
ROTATION: Final = 0x3F
ACCELERATION_UNSIGNED: Final = 0x51
GYROSCOPE_UNSIGNED: Final = 0x52
ACCELERATION: Final = 0x63

_ONE = (
    0x00, 0x01, 0x09, *range(0x0F, 0x12), *range(0x15, 0x30), 0x3A, 0x46, 0x57, 0x58, 0x59, 0x60, 0x64,
)  # fmt: skip
_TWO = (
    0x02, 0x03, 0x06, 0x07, 0x08, 0x0C, 0x0D, 0x0E, 0x12, 0x13, 0x14, 0x3C, 0x3D, 0x3F, 0x40, 0x41, 0x43,
    0x44, 0x45, 0x47, 0x48, 0x49, 0x4A, 0x51, 0x52, 0x56, 0x5A, 0x5D, 0x5E, 0x5F, 0x61, 0xF0,
)  # fmt: skip
_THREE = (0x04, 0x05, 0x0A, 0x0B, 0x42, 0x4B, 0xF2)
_FOUR = (0x3E, 0x4C, 0x4D, 0x4E, 0x4F, 0x50, 0x55, 0x5B, 0x5C, 0x62, 0x63, 0xF1)
_VARIABLE = (0x53, 0x54)  # text, raw: a length octet comes first

#: Octets of each value; None where the object itself says.
LENGTHS: Final[Mapping[int, int | None]] = MappingProxyType(
    {
        **dict.fromkeys(_ONE, 1),
        **dict.fromkeys(_TWO, 2),
        **dict.fromkeys(_THREE, 3),
        **dict.fromkeys(_FOUR, 4),
        **dict.fromkeys(_VARIABLE),
    }
)

#: Whether it is signed, and its unit's worth: 1, %, degrees, m/s2, deg/s, m/s2.
_SCALES: Final[Mapping[int, tuple[bool, float]]] = MappingProxyType(
    {
        PACKET_ID: (False, 1.0),
        BATTERY: (False, 1.0),
        ROTATION: (True, 0.1),
        ACCELERATION_UNSIGNED: (False, 0.001),
        GYROSCOPE_UNSIGNED: (False, 0.001),
        ACCELERATION: (True, 1e-6),
    }
)


def objects_in(data: bytes) -> list[tuple[int, bytes]]:
    """(id, value) of every object in turn, up to the first id that is unknown, for its length is too.

    Raises ValueError when an object is cut short.
    """
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data) and data[at] in LENGTHS:
        what, length = data[at], LENGTHS[data[at]]
        at += 1
        if length is None:
            length = data[at] if at < len(data) else 1
            at += 1
        if at + length > len(data):
            raise ValueError(f"object 0x{what:02X} is cut short")
        found.append((what, data[at : at + length]))
        at += length
    return found


def quantity(what: int, value: bytes) -> float:
    """The number that `value` of object `what` stands for; `what` is one of those named above."""
    signed, worth = _SCALES[what]
    return int.from_bytes(value, "little", signed=signed) * worth
