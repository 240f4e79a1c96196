"""When to speak, and what came of it: posture in, decisions out. No clock, no I/O: time is an argument.

**Sitting.** Spoken when the sitting clock passes its limit, on fresh and known data only. Said again
while unanswered, at most `repeats` times. It closes when the body takes the break, never the keyboard:

- `partial` once upright for `BreakLimits.partial_s`, however late; it becomes `taken` when the same
  interruption reaches `BreakLimits.full_s`. `response_s` runs from the first announcement to standing up.
- `ignored` when the last repeat went unanswered for the repeat interval; sitting is then not spoken of
  until the clock restarts (evidence.md, section 2: "then the next bout").
- `false_alarm` when the wearer says that it was fine; likewise quiet until the clock restarts.
- `ended` when nobody can know: data ended, the sensor was taken off, the wearer lay down, or the clock
  restarted unseen; `snoozed` when that happens while it is snoozed.

A partial break pauses the clock, so the limit is still passed when the wearer sits down again: it buys
one repeat interval of further sitting before the next alert.

**Slouch.** Spoken once per slouch episode, when it opens (its delay is the analysis's business). It
closes with its episode: `taken` when it ended within 60 s of the last announcement, else `ended`.

**Answers.** Acknowledging silences the alert for as long as it lasts; it still closes with its outcome.
A snooze silences until its time, then the alert is said again if it is still true, and may be
repeated anew.

**Restraint.** Never two announcements in one second, never more than `alerts_per_day` alerts in the
wearer's local day; repeats and returns from a snooze belong to their alert. Slouches may use half of the
day's alerts and keep one repeat interval between them, so that a restless morning does not use up the
sitting alerts of the afternoon [own judgement].
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Self

from alerts.memory import Memory, Slouch, memory_bytes, memory_from
from alerts.reasons import sitting_reason, slouch_reason
from alerts.settings import BREAKS, AlertSettings, BreakLimits
from alerts.uprights import Upright, latest_upright
from domain.alerts import Alert, AlertKind, Explanation, Outcome, Severity, alert_id
from domain.episodes import Episode, EpisodeKind, episode_id
from domain.errors import ConflictError, InputError, NotFoundError
from domain.posture import Activity, Quality, WearerStatus

#: A status older than this is no longer what is so now (own judgement: three late frames).
FRESH_S = 5.0
#: A longer silence ends a bout (analysis.md, section 4).
GAP_S = 60.0
#: A slouch that ends this soon after it was announced was answered (own judgement).
ANSWERED_WITHIN_S = 60.0
#: How many closed alerts are remembered, to tell "closed" from "never heard of".
REMEMBERED = 50

_UNKNOWABLE = (Activity.UNKNOWN, Activity.NOT_WORN)


class Policy:
    """The decisions for one wearer. The same inputs in the same order give the same decisions.

    breaks: what the analysis calls a break. fresh_s: how old a status may be and still count as now;
    scale it with the speed of a simulation.
    """

    def __init__(
        self,
        wearer: str,
        settings: AlertSettings,
        *,
        breaks: BreakLimits = BREAKS,
        fresh_s: float = FRESH_S,
    ) -> None:
        self._wearer = wearer
        self._settings = settings
        self._breaks = breaks
        self._fresh_s = fresh_s
        self._memory = Memory()

    def push(
        self, now: float, status: WearerStatus | None, episodes: Sequence[Episode], *, day: date
    ) -> tuple[Alert, ...]:
        """What changed in this second: new alerts and new revisions of earlier ones.

        status: what is so now, None when nothing is known. episodes: those that opened or closed since
        the last push. day: the wearer's local day at `now`, for the budget. Raises ValueError when
        either speaks of another wearer.
        """
        if any(e.wearer != self._wearer for e in episodes) or (
            status is not None and status.wearer != self._wearer
        ):
            raise ValueError(f"the policy of {self._wearer!r} was given another wearer's posture")
        self._memory.budget.turn(day)
        seen = self._look(now, status)
        changed = [*self._hear(now, episodes), *self._follow(now, seen, episodes)]
        changed += self._lose(now)
        changed += self._give_up(now, seen)
        spoken = self._speak(now, seen)
        # One alert may have changed twice; the last revision says it all.
        return tuple({a.id: a for a in [*changed, *([spoken] if spoken else [])]}.values())

    def acknowledge(self, alert_id: str, now: float, *, fine: bool) -> Alert:
        """Silence the alert; `fine` closes it as a false alarm.

        Raises NotFoundError, and ConflictError when it is closed.
        """
        alert = self._open(alert_id)
        if fine:
            return self._close(replace(alert, acknowledged_at=now), now, Outcome.FALSE_ALARM)
        if alert.acknowledged_at is not None:
            return alert
        return self._keep(replace(alert, acknowledged_at=now, snoozed_until=None))

    def snooze(self, alert_id: str, until: float, now: float) -> Alert:
        """Silence the alert until `until`.

        Raises NotFoundError, ConflictError when it is closed, and InputError when `until` has passed.
        """
        alert = self._open(alert_id)
        if not until > now:
            raise InputError("a snooze ends after it begins")
        self._memory.repeats_left[alert.id] = self._settings.repeats
        return self._keep(replace(alert, snoozed_until=until, acknowledged_at=None))

    def open_alerts(self) -> tuple[Alert, ...]:
        """Alerts that still go on, oldest first."""
        return tuple(sorted(self._memory.alerts.values(), key=lambda a: (a.opened_at, a.id)))

    def save(self) -> bytes:
        """Everything that decides later decisions, as bytes."""
        return memory_bytes(self._wearer, self._memory)

    @classmethod
    def load(
        cls,
        state: bytes,
        wearer: str,
        settings: AlertSettings,
        *,
        breaks: BreakLimits = BREAKS,
        fresh_s: float = FRESH_S,
    ) -> Self:
        """A policy that goes on where `save` was called. Raises StateError."""
        policy = cls(wearer, settings, breaks=breaks, fresh_s=fresh_s)
        policy._memory = memory_from(wearer, state)
        return policy

    # What is known

    def _look(self, now: float, status: WearerStatus | None) -> WearerStatus | None:
        """The status when it is fresh and the activity is known, and notes what can be followed."""
        if status is None or abs(now - (status.time + 1)) > self._fresh_s:
            return None
        if status.activity is Activity.NOT_WORN:
            return None
        if (status.bout_start, status.slouching_since) != (None, None) or status.upright_s > 0:
            self._memory.followed_at = now
        if status.activity in _UNKNOWABLE:
            return None
        self._memory.known_at = now
        self._memory.clock_s = status.sitting_clock_s
        if status.sitting_clock_s < self._settings.sitting_limit_s:
            self._memory.quiet_clock_s = None
        return status

    def _hear(self, now: float, episodes: Sequence[Episode]) -> list[Alert]:
        """Remember what opened; close what ended with its episode."""
        changed = []
        for episode in episodes:
            if episode.kind is EpisodeKind.SITTING:
                if episode.open:
                    self._memory.sitting = episode
                elif self._memory.sitting is not None and self._memory.sitting.id == episode.id:
                    self._memory.sitting = None
                if episode.censored:
                    changed += self._end(now, AlertKind.SITTING)
            elif episode.kind is EpisodeKind.SLOUCH:
                if episode.open:
                    self._memory.slouches.setdefault(episode.id, Slouch(episode, heard_at=now))
                elif self._memory.slouches.pop(episode.id, None) is not None:
                    changed += self._close_slouch(now, episode)
            elif episode.kind is EpisodeKind.NOT_WORN and episode.open:
                changed += self._end(now)
                self._memory.slouches.clear()
        return changed

    def _follow(
        self, now: float, seen: WearerStatus | None, episodes: Sequence[Episode]
    ) -> list[Alert]:
        """Close the sitting alert when the break is confirmed; upgrade it when it becomes a full one."""
        upright = latest_upright(now, seen, episodes)
        changed = []
        alert = self._sitting_alert()
        if alert is not None:
            if upright is not None and upright.until > alert.opened_at:
                changed += self._take(alert, now, upright)
            elif seen is not None and self._memory.clock_s < self._settings.sitting_limit_s:
                changed += self._end(now, AlertKind.SITTING)
        elif self._memory.partial is not None:
            changed += self._upgrade(now, seen, upright)
        return changed

    def _take(self, alert: Alert, now: float, upright: Upright) -> list[Alert]:
        if upright.lasted_s < self._breaks.partial_s:
            return []
        full = upright.lasted_s >= self._breaks.full_s
        closed = self._close(
            replace(alert, response_s=max(0.0, upright.since - alert.opened_at)),
            now,
            Outcome.TAKEN if full else Outcome.PARTIAL,
        )
        if not full:
            self._memory.partial = closed
        return [closed]

    def _upgrade(
        self, now: float, seen: WearerStatus | None, upright: Upright | None
    ) -> list[Alert]:
        partial = self._memory.partial
        if partial is None or partial.closed_at is None:
            return []
        same = upright is not None and upright.since <= partial.closed_at
        if upright is not None and same and upright.lasted_s >= self._breaks.full_s:
            self._memory.partial = None
            return [replace(partial, outcome=Outcome.TAKEN, revision=partial.revision + 1)]
        lost = self._memory.known_at is None or now - self._memory.known_at > GAP_S
        over = upright.over or not same if upright is not None else seen is not None
        if over or lost:
            self._memory.partial = None
        return []

    def _lose(self, now: float) -> list[Alert]:
        """Close what can no longer be followed: silence, or an activity unknown for too long."""
        memory = self._memory
        silent = memory.followed_at is None or now - memory.followed_at > GAP_S
        blind = memory.known_at is None or now - memory.known_at > self._settings.repeat_after_s
        if not (silent or blind):
            return []
        memory.sitting = None if silent else memory.sitting
        if silent:
            memory.slouches.clear()
        return self._end(now)

    def _give_up(self, now: float, seen: WearerStatus | None) -> list[Alert]:
        """Close the sitting alert that went unanswered to the end."""
        alert = self._sitting_alert()
        if alert is None or seen is None or seen.upright_s > 0 or not self._due(alert, now):
            return []
        if alert.snoozed_until is not None or self._memory.repeats_left.get(alert.id, 0) > 0:
            return []
        return [self._close(alert, now, Outcome.IGNORED)]

    # Speaking

    def _speak(self, now: float, seen: WearerStatus | None) -> Alert | None:
        """At most one announcement, the most important first."""
        if seen is None or not self._memory.budget.quiet_for(now, 1.0):
            return None
        return self._say_sitting(now, seen) or self._say_slouch(now, seen)

    def _say_sitting(self, now: float, seen: WearerStatus) -> Alert | None:
        bout, sat_s = seen.bout_start, seen.sitting_clock_s
        if (
            seen.activity is not Activity.SITTING
            or bout is None
            or sat_s < self._settings.sitting_limit_s
        ):
            return None
        episode = self._memory.sitting
        message, why = sitting_reason(
            seen, bout, episode, self._settings.sitting_limit_s, self._breaks
        )
        alert = self._sitting_alert()
        if alert is not None:
            return self._say_again(alert, now, message, why) if self._due(alert, now) else None
        quiet_s = self._memory.quiet_clock_s
        if (quiet_s is not None and sat_s < quiet_s) or not self._budget_left(AlertKind.SITTING):
            return None
        key = episode_id(self._wearer, EpisodeKind.SITTING, bout) if episode is None else episode.id
        return self._say(AlertKind.SITTING, Severity.NOTICE, key, now, message, why)

    def _say_slouch(self, now: float, seen: WearerStatus) -> Alert | None:
        if Quality.REFERENCE_SHIFTED in seen.quality:
            return None
        interval_s = self._settings.repeat_after_s
        fits = self._budget_left(AlertKind.SLOUCH) and self._memory.budget.quiet_for(
            now, interval_s, AlertKind.SLOUCH
        )
        for slouch in self._memory.slouches.values():
            alert = self._alert_of(slouch.episode)
            again = alert is not None and alert.snoozed_until is not None and self._due(alert, now)
            if not again and (slouch.told or not fits):
                continue
            opening = not again and now - slouch.heard_at <= self._fresh_s
            message, why = slouch_reason(seen, slouch.episode, opening=opening)
            if alert is not None:
                return self._say_again(alert, now, message, why)
            slouch.told = True
            key = slouch.episode.id
            return self._say(AlertKind.SLOUCH, Severity.NUDGE, key, now, message, why)
        return None

    def _say(
        self,
        kind: AlertKind,
        severity: Severity,
        episode: str,
        now: float,
        message: str,
        why: Explanation,
    ) -> Alert:
        alert = Alert(
            id=alert_id(self._wearer, kind, episode, now),
            wearer=self._wearer,
            episode=episode,
            kind=kind,
            severity=severity,
            opened_at=now,
            message=message,
            explanation=why,
            last_said_at=now,
        )
        self._memory.alerts[alert.id] = alert
        self._memory.repeats_left[alert.id] = self._settings.repeats
        self._memory.budget.count(alert.kind, now, new=True)
        return alert

    def _say_again(self, alert: Alert, now: float, message: str, why: Explanation) -> Alert:
        if alert.snoozed_until is None:
            self._memory.repeats_left[alert.id] -= 1
        self._memory.budget.count(alert.kind, now, new=False)
        return self._keep(
            replace(
                alert,
                message=message,
                explanation=why,
                said=alert.said + 1,
                last_said_at=now,
                snoozed_until=None,
            )
        )

    def _budget_left(self, kind: AlertKind) -> bool:
        return self._memory.budget.left(kind, self._settings.alerts_per_day)

    def _due(self, alert: Alert, now: float) -> bool:
        """Whether it is time to say an open alert again, if it is still true."""
        if alert.snoozed_until is not None:
            return now >= alert.snoozed_until
        if alert.acknowledged_at is not None:
            return False
        return now >= alert.last_said_at + self._settings.repeat_after_s

    # Changing and closing

    def _open(self, key: str) -> Alert:
        if key in self._memory.closed:
            raise ConflictError("this alert is closed")
        if key not in self._memory.alerts:
            raise NotFoundError("alert", key)
        return self._memory.alerts[key]

    def _sitting_alert(self) -> Alert | None:
        alerts = self._memory.alerts.values()
        return next((a for a in alerts if a.kind is AlertKind.SITTING), None)

    def _alert_of(self, episode: Episode) -> Alert | None:
        return next((a for a in self._memory.alerts.values() if a.episode == episode.id), None)

    def _keep(self, alert: Alert) -> Alert:
        alert = replace(alert, revision=alert.revision + 1)
        self._memory.alerts[alert.id] = alert
        return alert

    def _end(self, now: float, kind: AlertKind | None = None) -> list[Alert]:
        """Close open alerts (of `kind`) whose end nobody saw."""
        return [
            self._close(
                alert, now, Outcome.ENDED if alert.snoozed_until is None else Outcome.SNOOZED
            )
            for alert in self.open_alerts()
            if kind is None or alert.kind is kind
        ]

    def _close_slouch(self, now: float, episode: Episode) -> list[Alert]:
        alert = self._alert_of(episode)
        if alert is None or episode.end is None:
            return []
        answered = 0 <= episode.end - alert.last_said_at <= ANSWERED_WITHIN_S
        if episode.censored or not answered:
            unseen = Outcome.ENDED if alert.snoozed_until is None else Outcome.SNOOZED
            return [self._close(alert, now, unseen)]
        response_s = max(0.0, episode.end - alert.opened_at)
        return [self._close(replace(alert, response_s=response_s), now, Outcome.TAKEN)]

    def _close(self, alert: Alert, now: float, outcome: Outcome) -> Alert:
        memory = self._memory
        closed = self._keep(replace(alert, closed_at=max(now, alert.opened_at), outcome=outcome))
        del memory.alerts[alert.id]
        memory.repeats_left.pop(alert.id, None)
        memory.closed = [*memory.closed, alert.id][-REMEMBERED:]
        if alert.kind is AlertKind.SITTING:
            over = outcome in (Outcome.IGNORED, Outcome.FALSE_ALARM)
            memory.quiet_clock_s = (
                math.inf if over else float(memory.clock_s + self._settings.repeat_after_s)
            )
        return closed
