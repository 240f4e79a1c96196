"""How often the wearer may be spoken to."""

import math
from dataclasses import dataclass, field
from datetime import date

from alerts.settings import AlertSettings
from domain.alerts import AlertKind
from domain.decisions import Reason

#: Share of the daily budget that nudges may use: all that is said of posture but sitting for long and
#: a day's movement, so that a restless morning does not use up the afternoon's [J].
NUDGE_SHARE = 0.5
HOUR_S = 3600.0

_NOTICES = (AlertKind.SITTING, AlertKind.LITTLE_MOVEMENT, AlertKind.GOAL)


@dataclass(slots=True)
class Budget:
    """Alerts opened in one local day, and when was last spoken; times are Unix s.

    lately: when alerts opened in the last hour. last_of_kind: when each kind was last said. A repeat
    belongs to its alert and is bounded by its own rule, a return from a snooze was asked for: neither
    counts, or one ignored morning would silence the afternoon.
    """

    day: date | None = None
    opened: int = 0
    nudges: int = 0
    last_said_at: float | None = None
    lately: list[float] = field(default_factory=list)
    last_of_kind: dict[str, float] = field(default_factory=dict)

    def turn(self, day: date) -> None:
        """Begin a new day's count; an earlier day (a wearer who flew west) goes on with the old one."""
        if self.day is None or day > self.day:
            self.day, self.opened, self.nudges = day, 0, 0

    def spent(self, kind: AlertKind, now: float, settings: AlertSettings) -> Reason | None:
        """Why no more of `kind` fits, None when one does; what is said about sensors is never counted."""
        if kind.about_sensors:
            return None
        if self.opened >= settings.alerts_per_day:
            return Reason.BUDGET_DAY
        if _is_nudge(kind) and self.nudges >= math.ceil(settings.alerts_per_day * NUDGE_SHARE):
            return Reason.BUDGET_NUDGES
        if sum(abs(now - at) < HOUR_S for at in self.lately) >= settings.alerts_per_hour:
            return Reason.BUDGET_HOUR
        return None

    def quiet_for(self, now: float, seconds: float, kind: AlertKind | None = None) -> bool:
        """Whether nothing (or nothing of `kind`) was said within `seconds` of `now`."""
        last = self.last_said_at if kind is None else self.last_of_kind.get(kind.value)
        return last is None or abs(now - last) >= seconds

    def count(self, kind: AlertKind, now: float, *, new: bool) -> None:
        """Something was said; `new` when it opened an alert."""
        self.last_said_at = now
        self.last_of_kind[kind.value] = now
        if new and not kind.about_sensors:
            self.lately = [at for at in (*self.lately, now) if abs(now - at) < HOUR_S]
            self.opened += 1
            self.nudges += _is_nudge(kind)


def _is_nudge(kind: AlertKind) -> bool:
    return kind not in _NOTICES
