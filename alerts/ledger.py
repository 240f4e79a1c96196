"""The open alerts of one wearer: how each is said, answered, silenced and closed."""

import math
from dataclasses import replace

from alerts.languages import LANGUAGES
from alerts.memory import Memory
from alerts.sentences import Sentence
from alerts.settings import AlertSettings
from domain.alerts import Alert, AlertKind, Explanation, Outcome, Severity, alert_id
from domain.decisions import Reason
from domain.errors import ConflictError, InputError, NotFoundError

#: How many closed alerts are remembered, to tell "closed" from "never heard of".
REMEMBERED = 50


class Ledger:
    """Every change of an alert goes through here and makes a new revision; all of it is in `memory`."""

    def __init__(self, wearer: str, settings: AlertSettings, memory: Memory) -> None:
        self._wearer = wearer
        self._settings = settings
        self._memory = memory

    def open_alerts(self) -> tuple[Alert, ...]:
        """Alerts that still go on, oldest first."""
        return tuple(sorted(self._memory.alerts.values(), key=lambda a: (a.opened_at, a.id)))

    def of_kind(self, kind: AlertKind) -> Alert | None:
        """The open alert of this kind, if there is one."""
        return next((a for a in self._memory.alerts.values() if a.kind is kind), None)

    def of_episode(self, episode: str) -> Alert | None:
        """The open alert about the episode of this id, if there is one."""
        return next((a for a in self._memory.alerts.values() if a.episode == episode), None)

    def due(self, alert: Alert, now: float) -> bool:
        """Whether it is time to say an open alert again, if it is still true."""
        if alert.snoozed_until is not None:
            return now >= alert.snoozed_until
        if alert.acknowledged_at is not None:
            return False
        return now >= alert.last_said_at + self._settings.repeat_after_s

    def repeats_left(self, alert: Alert) -> int:
        """How often an open alert may still be said again unanswered."""
        return self._memory.repeats_left.get(alert.id, 0)

    def spent(self, kind: AlertKind, now: float) -> Reason | None:
        """Why the wearer's day or hour has no room for one more alert of `kind`, None when it has."""
        return self._memory.budget.spent(kind, now, self._settings)

    def quiet_for(self, now: float, seconds: float, kind: AlertKind | None = None) -> bool:
        """Whether nothing (or nothing of `kind`) was said within `seconds` of `now`."""
        return self._memory.budget.quiet_for(now, seconds, kind)

    def say(
        self,
        kind: AlertKind,
        severity: Severity,
        episode: str,
        now: float,
        message: Sentence | str,
        why: Explanation,
    ) -> Alert:
        """Open an alert about the episode of this id."""
        alert = Alert(
            id=alert_id(self._wearer, kind, episode, now),
            wearer=self._wearer,
            episode=episode,
            kind=kind,
            severity=severity,
            opened_at=now,
            message=self._said(message),
            explanation=why,
            last_said_at=now,
        )
        self._memory.alerts[alert.id] = alert
        self._memory.repeats_left[alert.id] = self._settings.repeats
        self._memory.budget.count(kind, now, new=True)
        return alert

    def say_again(
        self, alert: Alert, now: float, message: Sentence | str, why: Explanation
    ) -> Alert:
        """Repeat it, or come back from its snooze, which uses up no repeat."""
        if alert.snoozed_until is None:
            self._memory.repeats_left[alert.id] -= 1
        self._memory.budget.count(alert.kind, now, new=False)
        return self._keep(
            replace(
                alert,
                message=self._said(message),
                explanation=why,
                said=alert.said + 1,
                last_said_at=now,
                snoozed_until=None,
            )
        )

    def acknowledge(self, key: str, now: float, *, fine: bool) -> Alert:
        """See `Policy.acknowledge`."""
        alert = self._open(key)
        if fine:
            return self.close(replace(alert, acknowledged_at=now), now, Outcome.FALSE_ALARM)
        if alert.acknowledged_at is not None:
            return alert
        return self._keep(replace(alert, acknowledged_at=now, snoozed_until=None))

    def snooze(self, key: str, until: float, now: float) -> Alert:
        """See `Policy.snooze`."""
        alert = self._open(key)
        if not until > now:
            raise InputError("a snooze ends after it begins")
        self._memory.repeats_left[alert.id] = self._settings.repeats
        return self._keep(replace(alert, snoozed_until=until, acknowledged_at=None))

    def close(
        self, alert: Alert, now: float, outcome: Outcome, response_s: float | None = None
    ) -> Alert:
        """Close it for good; a sitting alert leaves some quiet behind it."""
        memory = self._memory
        closed = self._keep(
            replace(
                alert,
                closed_at=max(now, alert.opened_at),
                outcome=outcome,
                response_s=response_s,
            )
        )
        del memory.alerts[alert.id]
        memory.repeats_left.pop(alert.id, None)
        memory.closed = [*memory.closed, alert.id][-REMEMBERED:]
        if alert.kind is AlertKind.SITTING:
            over = outcome in (Outcome.IGNORED, Outcome.FALSE_ALARM)
            memory.quiet_clock_s = (
                math.inf if over else float(memory.clock_s + self._settings.repeat_after_s)
            )
        return closed

    def close_unseen(self, alert: Alert, now: float) -> Alert:
        """Close an alert whose end nobody saw."""
        return self.close(
            alert, now, Outcome.ENDED if alert.snoozed_until is None else Outcome.SNOOZED
        )

    def close_all_unseen(self, now: float, kind: AlertKind | None = None) -> list[Alert]:
        """The same for every open alert (of `kind`)."""
        return [
            self.close_unseen(alert, now)
            for alert in self.open_alerts()
            if kind is None or alert.kind is kind
        ]

    def _said(self, sentence: Sentence | str) -> str:
        if isinstance(sentence, str):
            return sentence
        return LANGUAGES[self._settings.language].say(sentence)

    def _open(self, key: str) -> Alert:
        if key in self._memory.closed:
            raise ConflictError("this alert is closed")
        if key not in self._memory.alerts:
            raise NotFoundError("alert", key)
        return self._memory.alerts[key]

    def _keep(self, alert: Alert) -> Alert:
        alert = replace(alert, revision=alert.revision + 1)
        self._memory.alerts[alert.id] = alert
        return alert
