"""The battery of a simulated sensor: it drains steadily."""

from dataclasses import dataclass
from typing import Final

H10_BATTERY_LIFE_S: Final = 400 * 3600.0  # Polar H10 data sheet


@dataclass(frozen=True, slots=True)
class Battery:
    """percent: state of charge at the start; life_s: sensor seconds from full to empty."""

    percent: float
    life_s: float

    def __post_init__(self) -> None:
        if not 0 <= self.percent <= 100 or not self.life_s > 0:
            raise ValueError(f"a battery of {self.percent} % for {self.life_s} s")

    def percent_at(self, elapsed_s: float) -> int:
        """State of charge, whole per cent, `elapsed_s` after the start."""
        return max(0, min(100, int(self.percent - 100 * elapsed_s / self.life_s)))
