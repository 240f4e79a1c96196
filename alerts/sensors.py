"""When to speak of a sensor: its battery, its silence. No clock, no I/O: time is an argument.

**Low battery.** Spoken once a discharge, when a sensor says `battery_low_percent` or less. It closes,
`ended`, when the sensor says more than REARM_PERCENT above that, or that it is being charged; only above
that may it be spoken of again, so that a battery that wavers about the limit is not.

**Not heard.** Spoken once a silence, when a sensor has been missed for `sensor_lost_after_min`. It
closes, `ended`, when the sensor is heard again. A sensor is off for most of its life, on a charger at
night, in a drawer on Sunday, and nobody wants to be told. So its silence is counted as missing it only

- in quarters of an hour in which the wearer usually wears it: it was heard in them on the last seven
  days on which it was worn, one excepted. Before three such days are known, from 8 to 20 o'clock;
- on a day on which it was heard already, or while another sensor of the wearer streams: who wears none
  today does not miss one;
- while the wearer is not known to lie, nor to have taken everything off;
- while the service listens: neither a night of the computer nor its own start is a silence.

A lunch out of range, the usual end of the day, a weekend are thus not spoken of; a battery that dies in
the morning is, half an hour later, and so is the band that stayed at home when the clip did not. The
price: what goes silent close to the usual end of the day is told the next day, if at all.

**Not worn.** Spoken once a stretch, when the wearer has been known to wear nothing for
`not_worn_after_min` while a sensor of theirs is heard that is not being charged, counted in the same
quarters of an hour, and only on a day on which they had worn something. It closes, `ended`, when they wear
one again. A sensor that was put on a table, or has slipped out of its clip, is thus told; one that is off is
not heard, and a matter of the rule above.

**Restraint.** The day's budget of alerts is for posture: these are not counted in it, and are so rare
by their own rules that they need none; else `alerts.decider` holds for them as well. Never two in one push.
Acknowledging silences, a snooze ends with saying it again if it is still true, as for every alert.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

from alerts.answered import Answered
from alerts.candidate import Candidate
from alerts.decider import Decider
from alerts.ledger import Ledger
from alerts.policy import Said
from alerts.sensor_memory import (
    SLOTS,
    Remembered,
    SensorMemory,
    sensor_memory_bytes,
    sensor_memory_from,
)
from alerts.settings import AlertSettings
from alerts.words import low_battery_message, not_worn_message, sensor_lost_message
from domain.alerts import Alert, AlertKind, Explanation, Outcome, Severity
from domain.link import LinkState, SensorStatus
from domain.people import Sensor
from domain.posture import Activity
from domain.surroundings import NOTHING_KNOWN, Surroundings

#: A battery is charged this far above the level at which it was low (own judgement).
REARM_PERCENT = 10.0
#: Between two pushes further apart than this nobody listened.
GAP_S = 60.0

_AWAY = (Activity.NOT_WORN, Activity.LYING)


class SensorWatch(Answered):
    """What is said of the sensors of one wearer. The same inputs in the same order give the same alerts.

    gap_s: scale it with the speed of a simulation.
    """

    def __init__(self, wearer: str, settings: AlertSettings, *, gap_s: float = GAP_S) -> None:
        self._wearer = wearer
        self._settings = settings
        self._gap_s = gap_s
        self._pushed_at: float | None = None
        self._listened_since: dict[str, float] = {}
        self._missed_s: dict[str, float] = {}
        self._last_samples: dict[str, float | None] = {}
        self._remember(SensorMemory())

    def push(
        self,
        now: float,
        sensors: Sequence[Sensor],
        links: Mapping[str, SensorStatus],
        *,
        activity: Activity | None,
        local: datetime,
        around: Surroundings = NOTHING_KNOWN,
    ) -> Said:
        """What changed. Call it about once a second.

        sensors: those the wearer has. links: by sensor id, of any sensors. activity: what the wearer
        does as far as is known now, None when nothing is. local: `now` on the wearer's clock. Raises
        ValueError for a sensor of another wearer.
        """
        if any(sensor.wearer != self._wearer for sensor in sensors):
            raise ValueError(f"the watch of {self._wearer!r} was given another wearer's sensor")
        passed_s = self._pass(now)
        day = local.date()
        day_s = local.hour * 3600 + local.minute * 60 + local.second
        slot = min(SLOTS - 1, int(day_s // (86_400 / SLOTS)))
        changed = self._forget(now, {sensor.id for sensor in sensors})
        candidates: list[Candidate | None] = []
        heard = False
        for sensor in sensors:
            known = self._memory.sensors.setdefault(sensor.id, Remembered())
            since = self._listened_since.setdefault(sensor.id, now)
            link = links.get(sensor.id)
            expected = False
            if link is not None and self._is_news(link):
                known.heard_at, known.heard_on = min(now, link.last_sample_at or now), day
                known.lost_told = False
                self._missed_s[sensor.id] = 0.0
                if activity is not Activity.NOT_WORN:
                    known.habit.note(day, slot)
                    known.worn_on = day
                changed += self._close(AlertKind.SENSOR_LOST, sensor.id, now)
                usual = known.worn_on == day and known.habit.usual(day, slot)
                heard = heard or (usual and not link.charging)
            elif activity not in _AWAY and known.habit.usual(day, slot):
                expected = known.heard_on == day or _another_streams(sensor, sensors, links)
            changed += self._weigh(sensor, known, link, now)
            silent_s = now - max(since, -math.inf if known.heard_at is None else known.heard_at)
            if expected:
                missed_s = self._missed_s.get(sensor.id, 0.0)
                self._missed_s[sensor.id] = missed_s + min(passed_s, max(0.0, silent_s))
                candidates.append(self._lost(sensor, known, now, silent_s))
            candidates.append(self._low(sensor, known, link, now))
        changed += self._count_off(now, passed_s, activity, heard=heard)
        candidates.append(self._not_worn(sensors, now, activity))
        spoken, decisions = self._decider.decide(
            now,
            [each for each in candidates if each is not None],
            local=local,
            around=around,
            paused=False,
        )
        if spoken is not None:
            self._said(spoken)
        return Said.last_of(changed, spoken, decisions)

    def adopt(self, settings: AlertSettings) -> None:
        """Go by these settings from the next push on."""
        self._settings = settings
        self._remember(self._memory)

    @property
    def said_at(self) -> float | None:
        """When something was last said, Unix s."""
        return self._memory.spoken.budget.last_said_at

    def save(self) -> bytes:
        """Everything that decides later decisions, as bytes."""
        return sensor_memory_bytes(self._wearer, self._memory)

    @classmethod
    def load(
        cls, state: bytes, wearer: str, settings: AlertSettings, *, gap_s: float = GAP_S
    ) -> Self:
        """A watch that goes on where `save` was called. Raises StateError."""
        watch = cls(wearer, settings, gap_s=gap_s)
        watch._remember(sensor_memory_from(wearer, state))
        return watch

    def _remember(self, memory: SensorMemory) -> None:
        self._memory = memory
        self._ledger = Ledger(self._wearer, self._settings, memory.spoken)
        self._decider = Decider(self._wearer, self._settings, memory.spoken, self._ledger)

    def _pass(self, now: float) -> float:
        """Seconds since the last push, 0 when nobody listened meanwhile."""
        before, self._pushed_at = self._pushed_at, now
        passed_s = 0.0 if before is None else now - before
        if 0 <= passed_s <= self._gap_s:
            return passed_s
        self._listened_since.clear()
        self._missed_s.clear()
        return 0.0

    def _forget(self, now: float, sensors: set[str]) -> list[Alert]:
        """Close what was said of sensors that the wearer has no more."""
        changed = []
        for gone in sorted(self._memory.sensors.keys() - sensors):
            changed += [*self._close(AlertKind.SENSOR_LOST, gone, now)]
            changed += [*self._close(AlertKind.LOW_BATTERY, gone, now)]
            del self._memory.sensors[gone]
            self._listened_since.pop(gone, None)
            self._missed_s.pop(gone, None)
        return changed

    def _is_news(self, link: SensorStatus) -> bool:
        """Whether samples came since the last push; told by the stamp, because clocks may be set back."""
        before = self._last_samples.get(link.sensor)
        self._last_samples[link.sensor] = link.last_sample_at
        return link.last_sample_at is not None and link.last_sample_at != before

    def _weigh(
        self, sensor: Sensor, known: Remembered, link: SensorStatus | None, now: float
    ) -> list[Alert]:
        """Follow the battery; close what was said of it once it is being charged, or was."""
        percent = _battery(link)
        if percent is None:
            return []
        if link is not None and link.charging:
            known.low_since = None
            return self._close(AlertKind.LOW_BATTERY, sensor.id, now)
        if percent <= self._settings.battery_low_percent:
            known.low_since = now if known.low_since is None else known.low_since
        elif percent > self._settings.battery_low_percent + REARM_PERCENT:
            known.low_since, known.low_told = None, False
            return self._close(AlertKind.LOW_BATTERY, sensor.id, now)
        return []

    def _low(
        self, sensor: Sensor, known: Remembered, link: SensorStatus | None, now: float
    ) -> Candidate | None:
        percent, limit = _battery(link), self._settings.battery_low_percent
        alert = self._about(AlertKind.LOW_BATTERY, sensor.id)
        if (
            percent is None
            or known.low_since is None
            or limit <= 0
            or not self._may(alert, known.low_told, now)
        ):
            return None
        why = Explanation(
            measured="battery_percent",
            value=percent,
            limit=limit,
            unit="%",
            lasted_s=int(max(0.0, now - known.low_since)),
            placement=sensor.placement.value,
            confidence=math.nan,  # it is what the sensor says; how well it knows, nobody can say
        )
        message = low_battery_message(sensor.name, sensor.placement, percent)
        return Candidate(
            AlertKind.LOW_BATTERY, Severity.NUDGE, sensor.id, message, why, again=alert
        )

    def _lost(
        self, sensor: Sensor, known: Remembered, now: float, silent_s: float
    ) -> Candidate | None:
        limit_s = self._settings.sensor_lost_s
        alert = self._about(AlertKind.SENSOR_LOST, sensor.id)
        missed_s = self._missed_s.get(sensor.id, 0.0)
        if limit_s <= 0 or missed_s < limit_s or not self._may(alert, known.lost_told, now):
            return None
        why = Explanation(
            measured="silent_s",
            value=float(int(silent_s)),
            limit=float(limit_s),
            unit="s",
            lasted_s=int(missed_s) - limit_s,
            placement=sensor.placement.value,
            confidence=1.0,  # silence is certain, whatever its cause
        )
        message = sensor_lost_message(sensor.name, sensor.placement, silent_s)
        return Candidate(
            AlertKind.SENSOR_LOST, Severity.NOTICE, sensor.id, message, why, again=alert
        )

    def _count_off(
        self, now: float, passed_s: float, activity: Activity | None, *, heard: bool
    ) -> list[Alert]:
        """Seconds not worn while it would be expected; over as soon as the wearer is known to do anything."""
        memory = self._memory
        if activity is Activity.NOT_WORN:
            memory.off_s += passed_s if heard else 0.0
            return []
        if activity is None or activity is Activity.UNKNOWN:
            return []
        memory.off_s, memory.off_told = 0.0, False
        return self._close(AlertKind.NOT_WORN, self._wearer, now)

    def _not_worn(
        self, sensors: Sequence[Sensor], now: float, activity: Activity | None
    ) -> Candidate | None:
        memory, limit_s = self._memory, self._settings.not_worn_s
        alert = self._about(AlertKind.NOT_WORN, self._wearer)
        if (
            activity is not Activity.NOT_WORN
            or limit_s <= 0
            or memory.off_s < limit_s
            or not self._may(alert, memory.off_told, now)
        ):
            return None
        off_s = int(memory.off_s)
        why = Explanation(
            "not_worn_s", float(off_s), float(limit_s), "s", off_s - limit_s, "", math.nan
        )
        message = not_worn_message(", ".join(sensor.name for sensor in sensors), off_s)
        return Candidate(
            AlertKind.NOT_WORN, Severity.NUDGE, self._wearer, message, why, again=alert
        )

    def _may(self, alert: Alert | None, told: bool, now: float) -> bool:
        """Whether it is new, or comes back from its snooze."""
        if alert is None:
            return not told
        return alert.snoozed_until is not None and self._ledger.due(alert, now)

    def _said(self, alert: Alert) -> None:
        """Remember that it was said."""
        if alert.kind is AlertKind.NOT_WORN:
            self._memory.off_told = True
        elif alert.kind is AlertKind.LOW_BATTERY:
            self._memory.sensors[alert.episode].low_told = True
        else:
            self._memory.sensors[alert.episode].lost_told = True

    def _about(self, kind: AlertKind, sensor: str) -> Alert | None:
        alerts = self._ledger.open_alerts()
        return next((a for a in alerts if a.kind is kind and a.episode == sensor), None)

    def _close(self, kind: AlertKind, sensor: str, now: float) -> list[Alert]:
        alert = self._about(kind, sensor)
        return [] if alert is None else [self._ledger.close(alert, now, Outcome.ENDED)]


def _battery(link: SensorStatus | None) -> float | None:
    """Percent, None where it is unknown."""
    percent = None if link is None else link.battery_percent
    return percent if percent is not None and math.isfinite(percent) else None


def _another_streams(
    sensor: Sensor, sensors: Sequence[Sensor], links: Mapping[str, SensorStatus]
) -> bool:
    others = (links.get(other.id) for other in sensors if other.id != sensor.id)
    return any(link is not None and link.state is LinkState.STREAMING for link in others)
