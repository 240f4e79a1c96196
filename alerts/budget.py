"""How often the wearer may be spoken to."""

import math
from dataclasses import dataclass
from datetime import date

from domain.alerts import AlertKind

#: Share of the daily budget that slouches may use (own judgement).
SLOUCH_SHARE = 0.5


@dataclass(slots=True)
class Budget:
    """Alerts opened in one local day, and when was last spoken; times are Unix s.

    A repeat belongs to its alert and is bounded by its own rule, a return from a snooze was asked for:
    neither counts, or one ignored morning would silence the afternoon.
    """

    day: date | None = None
    opened: int = 0
    slouches: int = 0
    last_said_at: float | None = None
    last_slouch_at: float | None = None

    def turn(self, day: date) -> None:
        """Begin a new day's count; an earlier day (a wearer who flew west) goes on with the old one."""
        if self.day is None or day > self.day:
            self.day, self.opened, self.slouches = day, 0, 0

    def left(self, kind: AlertKind, per_day: int) -> bool:
        """Whether one more of `kind` fits into the day."""
        if kind is AlertKind.SLOUCH and self.slouches >= math.ceil(per_day * SLOUCH_SHARE):
            return False
        return self.opened < per_day

    def quiet_for(self, now: float, seconds: float, kind: AlertKind | None = None) -> bool:
        """Whether nothing (or no slouch) was said within `seconds` of `now`."""
        last = self.last_slouch_at if kind is AlertKind.SLOUCH else self.last_said_at
        return last is None or abs(now - last) >= seconds

    def count(self, kind: AlertKind, now: float, *, new: bool) -> None:
        """Something was said; `new` when it opened an alert."""
        self.last_said_at = now
        if kind is AlertKind.SLOUCH:
            self.last_slouch_at = now
        if new:
            self.opened += 1
            self.slouches += kind is AlertKind.SLOUCH
