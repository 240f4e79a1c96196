"""What an OpenEarable 2 says of one of its sensors, and the records that follow it.

Scheme: id u8, name, number of components u8, components, options. A component is its type u8 and three
strings: group, name, unit; a string is its length u8 and its bytes. Options: bits u8 (0x01 can be
streamed, 0x10 rates follow), and then number of rates u8, default u8, highest for Bluetooth u8, rates
f32. Record: id u8, size u8, first sample's time u64 us, samples, and the period u16 us when there are
several. Little-endian. Source: OpenEarable/open-earable-2, doc/protocols/wire-contract-baseline.md.
"""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from collector.drivers.counts import as_floats
from domain.errors import HandshakeError, PayloadError
from domain.samples import Floats

DRIVER: Final = "openearable2"

_TYPES: Final = ("<i1", "<u1", "<i2", "<u2", "<i4", "<u4", "<f4", "<f8")
_STREAMING, _RATES = 0x01, 0x10
_RECORD = struct.Struct("<BBQ")
_PERIOD = struct.Struct("<H")


@dataclass(frozen=True, slots=True)
class Component:
    """One value of a sample; `dtype` is numpy's word for its type."""

    dtype: str
    group: str
    name: str
    unit: str

    @property
    def whole(self) -> bool:
        """Whether it is an integer."""
        return self.dtype[1] != "f"


@dataclass(frozen=True, slots=True)
class Record:
    """Samples of one notification: time of the first, s; spacing, s, 0 for one; values (n, components)."""

    first_s: float
    spacing_s: float
    values: Floats


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a sensor sends. rates_hz: those it can stream at, by their index; empty when it names none."""

    sensor: int
    name: str
    components: tuple[Component, ...]
    streams: bool
    rates_hz: tuple[float, ...]

    @classmethod
    def from_bytes(cls, payload: bytes) -> "Scheme":
        """Raises HandshakeError for bytes that are no whole scheme, or say what cannot be."""
        reader = _Reader(payload)
        sensor, name = reader.byte(), reader.text()
        components = tuple(reader.component() for _ in range(reader.byte()))
        options = reader.byte()
        rates: tuple[float, ...] = ()
        if options & _RATES:
            count, _default, highest = reader.byte(), reader.byte(), reader.byte()
            rates = reader.floats(count)[: highest + 1]
            if not all(0.01 <= rate <= 1e5 for rate in rates):  # false for NaN
                raise HandshakeError(DRIVER, f"the scheme of {name!r} has rates of {rates} Hz")
        reader.end()
        return cls(sensor, name, components, bool(options & _STREAMING), rates)

    def record(self, payload: bytes) -> Record | None:
        """The samples of a notification, None for those of another sensor; raises PayloadError."""
        if len(payload) < _RECORD.size:
            raise PayloadError(DRIVER, "shorter than a record's head", payload)
        sensor, size, first_us = _RECORD.unpack_from(payload)
        if size != len(payload) - _RECORD.size:
            raise PayloadError(DRIVER, f"says {size} bytes of data", payload)
        if sensor != self.sensor:
            return None
        layout = np.dtype([(f"f{i}", one.dtype) for i, one in enumerate(self.components)])
        n, spacing_s = 1, 0.0
        if size != layout.itemsize:
            n, rest = divmod(size - _PERIOD.size, layout.itemsize or 1)
            if rest or n < 2:
                raise PayloadError(DRIVER, f"no samples of {layout.itemsize} bytes", payload)
            (period_us,) = _PERIOD.unpack_from(payload, len(payload) - _PERIOD.size)
            if period_us == 0:
                raise PayloadError(DRIVER, "several samples at one time", payload)
            spacing_s = period_us * 1e-6
        rows = np.frombuffer(payload, layout, n, _RECORD.size)
        columns = [as_floats(rows[name]) for name in layout.names or ()]
        return Record(first_us * 1e-6, spacing_s, np.column_stack(columns))


class _Reader:
    """Takes a scheme apart; raises HandshakeError where it ends too soon or too late."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._at = 0

    def byte(self) -> int:
        return self._take(1)[0]

    def text(self) -> str:
        return self._take(self.byte()).decode("utf-8", "replace")

    def floats(self, count: int) -> tuple[float, ...]:
        return struct.unpack(f"<{count}f", self._take(4 * count))

    def component(self) -> Component:
        kind = self.byte()
        if kind >= len(_TYPES):
            raise HandshakeError(DRIVER, f"the scheme has a value of unknown type {kind}")
        return Component(_TYPES[kind], self.text(), self.text(), self.text())

    def end(self) -> None:
        left = len(self._payload) - self._at
        if left:
            raise HandshakeError(DRIVER, f"the scheme goes on for {left} bytes after its end")

    def _take(self, size: int) -> bytes:
        taken = self._payload[self._at : self._at + size]
        if len(taken) < size:
            raise HandshakeError(DRIVER, f"the scheme is cut off after {len(self._payload)} bytes")
        self._at += size
        return taken
