"""What can go wrong with a simulated sensor, and when: a plan that its peripheral carries out."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """The faults of `Peripheral`, by the names of its methods."""

    DROP = "drop"
    SILENCE = "silence"
    GARBAGE = "garbage"
    VANISH = "vanish"
    APPEAR = "appear"
    REBOOT = "reboot"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. at_s: sensor seconds after the peripheral's start; seconds: how long a silence lasts;
    payload: the garbage."""

    at_s: float
    kind: FaultKind
    seconds: float = 0.0
    payload: bytes = b""

    def __post_init__(self) -> None:
        if self.at_s < 0 or self.seconds < 0:
            raise ValueError("a fault's times are not negative")
        if (self.kind is FaultKind.SILENCE) != (self.seconds > 0):
            raise ValueError("a silence, and nothing else, lasts some seconds")
        if (self.kind is FaultKind.GARBAGE) != bool(self.payload):
            raise ValueError("garbage, and nothing else, has a payload")


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Faults in the order of their time, however they are given; the default is a sensor without any."""

    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.faults, key=lambda fault: fault.at_s))
        object.__setattr__(self, "faults", ordered)
