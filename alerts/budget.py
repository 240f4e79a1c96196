"""How often the wearer may be spoken to."""

import math
from dataclasses import dataclass
from datetime import date

from domain.alerts import AlertKind

#: Share of the daily budget that slouches may use (own judgement).
SLOUCH_SHARE = 0.5


@dataclass(slots=True)
class Budget:
    """Announcements counted for one local day, repeats included; times are Unix s."""

    day: date | None = None
    said: int = 0
    slouches_said: int = 0
    last_said_at: float | None = None
    last_slouch_at: float | None = None

    def turn(self, day: date) -> None:
        """Begin a new day's count; an earlier day (a wearer who flew west) goes on with the old one."""
        if self.day is None or day > self.day:
            self.day, self.said, self.slouches_said = day, 0, 0

    def left(self, kind: AlertKind, per_day: int) -> bool:
        """Whether one more of `kind` fits into the day."""
        if kind is AlertKind.SLOUCH and self.slouches_said >= math.ceil(per_day * SLOUCH_SHARE):
            return False
        return self.said < per_day

    def quiet_for(self, now: float, seconds: float, kind: AlertKind | None = None) -> bool:
        """Whether nothing (or no slouch) was said within `seconds` of `now`."""
        last = self.last_slouch_at if kind is AlertKind.SLOUCH else self.last_said_at
        return last is None or abs(now - last) >= seconds

    def count(self, kind: AlertKind, now: float) -> None:
        """One announcement was made."""
        self.said += 1
        self.last_said_at = now
        if kind is AlertKind.SLOUCH:
            self.slouches_said += 1
            self.last_slouch_at = now
