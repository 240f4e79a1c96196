"""What an erasure took away, or would."""

from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True)
class Erased:
    """How many of each kind were removed. sample_blocks: blocks of raw samples, also those that were cut."""

    frames: int = 0
    minutes: int = 0
    episodes: int = 0
    alerts: int = 0
    contexts: int = 0
    states: int = 0
    diary: int = 0
    readings: int = 0
    sample_blocks: int = 0
    calibrations: int = 0
    sensors: int = 0

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to remove."""
        return not any(getattr(self, each.name) for each in fields(self))

    def __add__(self, other: Self) -> "Erased":
        """Both together."""
        names = [each.name for each in fields(self)]
        return Erased(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True)
class Erasable:
    """How many of each kind. samples: raw ones; of a block that is cut, its share by time."""

    episodes: int
    alerts: int
    samples: int
    calibrations: int
