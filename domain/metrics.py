"""A figure of a stretch of time, with everything that says how far it can be believed."""

import math
from dataclasses import dataclass

from domain.people import ReferenceMethod


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of one stretch.

    value: None when these sensors, or this stretch, cannot tell; `reason` then says to the wearer why and
    what would help, and is empty otherwise. unit: `s`, `1`, `1/h`, `deg`, `deg min`, `share`, `mg`,
    `steps`, `1/min`; a share is 0..1. sensors: placements it rests on. reference: how the zero of
    its angles was found, None where it has none; sigma_deg: their standard error, reference and
    sensor together, None without an angle. coverage: share of the stretch, 0..1, with data for it.
    confidence: 0..1, of what it is made of, None where that is nothing. version: of the rules.
    """

    name: str
    value: float | None
    unit: str
    reason: str
    sensors: tuple[str, ...]
    reference: ReferenceMethod | None
    sigma_deg: float | None
    coverage: float
    confidence: float | None
    version: str

    def __post_init__(self) -> None:
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"{self.name} is {self.value}: what cannot be known is None")
        if (self.value is None) != bool(self.reason):
            raise ValueError(
                f"{self.name}: a reason is given when there is no value, and only then"
            )
