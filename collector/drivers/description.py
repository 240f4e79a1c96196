"""The description of a sensor that no driver knows: how it is recognised, and what its bytes mean.

`collector.drivers.described` makes a driver and a simulated twin of one. docs/own-sensor.md is the page
for people who write one.
"""

import math
import re
from dataclasses import dataclass, field

from collector.drivers.layout import ACC, BATTERY, GYRO, SEQUENCE, TIME, Layout
from domain.errors import ConfigError

_SIG_BASE = "-0000-1000-8000-00805f9b34fb"  # Bluetooth Core Specification, Vol 3, Part B, 2.5.1
_SHORT = re.compile(r"(?:0x)?([0-9a-f]{4})")
_LONG = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
#: Bytes of a notification that BLE can carry: ATT MTU 517 less 3.
_LONGEST = 514


@dataclass(frozen=True, slots=True)
class Description:
    """What has to be known of a sensor. Raises ConfigError, whose path is the field that is wrong.

    name: stable word; title: for people. match_name: how its advertised name begins, match_service: a
    service it advertises; one of them at least. characteristic: the one that notifies. start, stop:
    what is written, in order, (characteristic, bytes); nothing for a sensor that streams by itself.
    header, sample: the layout of a packet; samples: how many are in each, 0 for as many as fit.
    acc_per_g, gyro_per_dps: counts (or units) per g and per deg/s. rate_hz: samples a second.
    time_unit_s: of the field `time`, which stamps each sample or, in the header, the first one or, with
    `stamps_last`, the last one. A `sequence` in the header counts packets, in a sample samples.
    """

    name: str
    characteristic: str
    sample: Layout
    rate_hz: float
    acc_per_g: float
    title: str = ""
    match_name: str = ""
    match_service: str = ""
    start: tuple[tuple[str, bytes], ...] = ()
    stop: tuple[tuple[str, bytes], ...] = ()
    header: Layout = field(default_factory=lambda: Layout("", ()))
    samples: int = 0
    gyro_per_dps: float = 0.0
    time_unit_s: float = 0.001
    stamps_last: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigError("name", "is a word of small letters, digits and hyphens")
        for key in ("characteristic", "match_service"):
            if key == "characteristic" or self.match_service:
                object.__setattr__(self, key, full_uuid(getattr(self, key), key))
        for key in ("start", "stop"):
            steps = tuple((full_uuid(uuid, key), payload) for uuid, payload in getattr(self, key))
            object.__setattr__(self, key, steps)
        if not self.match_name and not self.match_service:
            raise ConfigError(
                "match_name", "is wanted, or match_service: how else is it recognised?"
            )
        for key in ("rate_hz", "acc_per_g", "time_unit_s"):
            if not (math.isfinite(getattr(self, key)) and getattr(self, key) > 0):
                raise ConfigError(key, "is a number above 0")
        if not 0.01 <= self.rate_hz <= 2000:
            raise ConfigError("rate_hz", "is between 0.01 and 2000 samples a second")
        self._check_fields()

    def _check_fields(self) -> None:
        if not self.sample.has(ACC):
            raise ConfigError("sample_fields", f"wants {', '.join(ACC)}")
        turns = [name for name in GYRO if name in self.sample.fields]
        if turns and len(turns) < len(GYRO):
            raise ConfigError(
                "sample_fields", f"has {', '.join(turns)} but not all of {', '.join(GYRO)}"
            )
        if turns and not (math.isfinite(self.gyro_per_dps) and self.gyro_per_dps > 0):
            raise ConfigError("gyro_per_dps", "is wanted: counts per degree a second")
        for name in (*ACC, *GYRO):
            if name in self.header.fields:
                raise ConfigError("header_fields", f"{name} belongs into sample_fields")
        for name in (TIME, SEQUENCE, BATTERY):
            if name in self.header.fields and name in self.sample.fields:
                raise ConfigError("sample_fields", f"{name} is in header_fields already")
        if SEQUENCE in self.header.fields and not self.samples:
            raise ConfigError(
                "samples", "is wanted: a packet counter counts samples only when all have as many"
            )
        for layout, key in ((self.header, "header_fields"), (self.sample, "sample_fields")):
            if SEQUENCE in layout.fields and not layout.modulus(SEQUENCE):
                raise ConfigError(key, "sequence is a whole number, its format is a real one")
        if not 0 <= self.samples <= 256:
            raise ConfigError("samples", "is between 0 (as many as fit) and 256")
        if self.header.size + max(1, self.samples) * self.sample.size > _LONGEST:
            raise ConfigError(
                "samples", f"make a packet of more than {_LONGEST} bytes, which no sensor can send"
            )

    @property
    def turns(self) -> bool:
        """Whether it has a gyroscope."""
        return self.sample.has(GYRO)


def full_uuid(text: str, path: str) -> str:
    """A 128-bit UUID, lower case, of one or of its 16-bit short form. Raises ConfigError with `path`."""
    short = _SHORT.fullmatch(text.strip().lower())
    if short:
        return f"0000{short[1]}{_SIG_BASE}"
    if _LONG.fullmatch(text.strip().lower()):
        return text.strip().lower()
    raise ConfigError(path, f"{text!r} is no UUID: 4 hex digits, or 8-4-4-4-12 of them")
