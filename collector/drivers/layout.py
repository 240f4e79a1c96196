"""How the bytes of a described sensor are laid out: what a struct format and names of fields say.

A packet is a header, which may be empty, and one or more samples. Both are read with Python's
`struct` formats, whose byte order must be given (`<` or `>`), and a name for every value.
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.errors import ConfigError

AXES = ("x", "y", "z")
ACC = tuple(f"acc_{axis}" for axis in AXES)
GYRO = tuple(f"gyro_{axis}" for axis in AXES)
TIME, SEQUENCE, BATTERY, SKIP = "time", "sequence", "battery", "-"
NAMES = (*ACC, *GYRO, TIME, SEQUENCE, BATTERY, SKIP)

_INTEGERS = "bBhHiIlLqQ"
_REALS = "efd"


@dataclass(frozen=True, slots=True)
class Layout:
    """One part of a packet. Raises ConfigError, whose path is `format` or `fields`.

    format: a struct format with its byte order; fields: a name of NAMES for every value it reads.
    """

    format: str
    fields: tuple[str, ...]
    size: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        if not self.format:
            if self.fields:
                raise ConfigError("fields", "there is no format that they could name")
            return
        if self.format[0] not in "<>":
            raise ConfigError("format", "begins with < (little-endian) or > (big-endian)")
        codes = value_codes(self.format)
        if len(codes) != len(self.fields):
            raise ConfigError(
                "fields", f"{len(self.fields)} names for the {len(codes)} values of the format"
            )
        for name in self.fields:
            if name not in NAMES:
                raise ConfigError("fields", f"no field {name!r}; there are {', '.join(NAMES)}")
            if name != SKIP and self.fields.count(name) > 1:
                raise ConfigError("fields", f"{name!r} is there twice")
        object.__setattr__(self, "size", struct.calcsize(self.format))

    def has(self, names: Sequence[str]) -> bool:
        """Whether all of `names` are in this part."""
        return all(name in self.fields for name in names)

    def modulus(self, name: str) -> float:
        """Where the integer field `name` wraps, in its own counts; 0 for a real one, or none."""
        if name not in self.fields:
            return 0.0
        code = value_codes(self.format)[self.fields.index(name)]
        if code in _REALS:
            return 0.0
        return float(1 << 8 * struct.calcsize("<" + code))

    def read(self, payload: bytes, offset: int = 0) -> dict[str, float]:
        """The values by name, at `offset` of a payload that is long enough."""
        values = struct.unpack_from(self.format, payload, offset)
        return {name: float(v) for name, v in zip(self.fields, values, strict=True)}

    def build(self, values: dict[str, float]) -> bytes:
        """The reverse of `read`: saturated at what a field can hold, 0 for one that is not given."""
        packed: list[float | int] = []
        for code, name in zip(value_codes(self.format), self.fields, strict=True):
            value = values.get(name, 0.0)
            if code in _REALS:
                packed.append(value)
                continue
            bits = 8 * struct.calcsize("<" + code)
            low, high = (
                (0, 2**bits - 1) if code.isupper() else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
            )
            packed.append(min(max(0 if math.isnan(value) else round(value), low), high))
        return struct.pack(self.format, *packed)


def value_codes(format_: str) -> str:
    """The type of every value of a struct format: `<I3hx` gives `Ihhh`. Raises ConfigError (`format`)."""
    codes, count = "", ""
    for char in format_[1:]:
        if char.isdigit():
            count += char
        elif char == "x":
            count = ""
        elif char in _INTEGERS + _REALS:
            repeat = int(count or 1)
            if repeat > 64:
                raise ConfigError("format", f"{repeat} values of one kind; at most 64")
            codes, count = codes + char * repeat, ""
        else:
            raise ConfigError(
                "format",
                f"{char!r} is no type of a number; there are {_INTEGERS}{_REALS}, and x to skip a byte",
            )
    if count or not codes:
        raise ConfigError(
            "format", "names no value" if not codes else f"ends in the number {count}"
        )
    return codes
