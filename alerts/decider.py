"""From what could be said to what is said: the one place where silence has its reasons.

Reasons are looked for in this order, and the first is the one that is told: the kind is switched off; the
rule's own (data, calibration, an answer, a break); a pause the wearer asked for; quiet hours; outside work
hours; a meeting; the desktop; data that came back only just now; the budgets; another announcement in
the same second; something that was said just now by the other side, of posture or of sensors; and what
can wait waits for a natural pause, up to its limit.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from alerts.candidate import Candidate
from alerts.hours import within
from alerts.ledger import Ledger
from alerts.memory import Answer, Memory
from alerts.settings import AlertSettings
from domain.alerts import Alert, AlertKind
from domain.decisions import Decision, Reason, decision_id
from domain.surroundings import Surroundings

#: What is no matter of this moment, and can wait for a natural pause. A slouch, a bend, a twist is said
#: while it lasts or not at all; what ends a shift nudge is a movement.
WAITING = frozenset(
    {
        AlertKind.SITTING,
        AlertKind.LITTLE_MOVEMENT,
        AlertKind.GOAL,
        AlertKind.CALIBRATION_STALE,
    }
)
#: An answer that changes to and fro is kept at most this often, s; that it was said always is [J].
LEAST_APART_S = 60.0
#: So long after data came back nothing is said, s: what is said then is so now [J].
SETTLE_S = 10.0
#: What is said of posture and what is said of sensors is at least so far apart, s: two words in a row are one
#: interruption too many, and whoever reads the first has a moment to answer it [J].
APART_S = 60.0


class Decider:
    """Decides over the candidates of each moment; what it remembers is in `memory`."""

    def __init__(
        self, wearer: str, settings: AlertSettings, memory: Memory, ledger: Ledger
    ) -> None:
        self._wearer = wearer
        self._settings = settings
        self._memory = memory
        self._ledger = ledger

    def decide(
        self,
        now: float,
        candidates: Sequence[Candidate],
        *,
        local: datetime,
        around: Surroundings,
        paused: bool,
        gone: Reason = Reason.OVER,
    ) -> tuple[Alert | None, tuple[Decision, ...]]:
        """At most one announcement, of the first candidate against which nothing is held, and the answers
        that changed.

        local: `now` on the wearer's clock. paused: the wearer has just moved. gone: why candidates of
        before are none any more.
        """
        spoken: Alert | None = None
        decisions: list[Decision] = []
        for candidate in candidates:
            reason = self._held(candidate, now, local, around, spoken, paused=paused)
            alert = "" if candidate.again is None else candidate.again.id
            if reason is None:
                spoken = self._say(candidate, now)
                reason, alert = Reason.SAID, spoken.id
            decisions += self._note(candidate, reason, now, alert)
        decisions += self._leave(now, {each.key for each in candidates}, gone)
        return spoken, tuple(decisions)

    def _held(
        self,
        candidate: Candidate,
        now: float,
        local: datetime,
        around: Surroundings,
        spoken: Alert | None,
        *,
        paused: bool,
    ) -> Reason | None:
        settings, kind = self._settings, candidate.kind
        if not settings.wants(kind):
            return Reason.OFF
        reason = candidate.held or surrounded(settings, now, local, around)
        if reason is None and self._resumed(now):
            reason = Reason.JUST_RESUMED
        if reason is None and candidate.again is None:
            reason = self._ledger.spent(kind, now)
        if reason is None and (spoken is not None or not self._ledger.quiet_for(now, 1.0)):
            reason = Reason.ANOTHER_FIRST
        elsewhere = around.spoken_at
        if reason is None and elsewhere is not None and abs(now - elsewhere) < APART_S:
            reason = Reason.JUST_SPOKE
        if reason is None and kind in WAITING and not paused:
            since = self._memory.waiting.setdefault(candidate.key, now)
            if 0 <= now - since < settings.wait_for_pause_s:
                return Reason.WAITING_FOR_PAUSE
        elif reason not in (None, Reason.ANOTHER_FIRST, Reason.JUST_SPOKE):
            self._memory.waiting.pop(candidate.key, None)
        return reason

    def _resumed(self, now: float) -> bool:
        resumed = self._memory.resumed_at
        return resumed is not None and 0 <= now - resumed < SETTLE_S

    def _say(self, candidate: Candidate, now: float) -> Alert:
        self._memory.waiting.pop(candidate.key, None)
        if candidate.again is not None:
            return self._ledger.say_again(candidate.again, now, candidate.message, candidate.why)
        return self._ledger.say(
            candidate.kind,
            candidate.severity,
            candidate.subject,
            now,
            candidate.message,
            candidate.why,
        )

    def _note(self, candidate: Candidate, reason: Reason, now: float, alert: str) -> list[Decision]:
        why = candidate.why
        answer = Answer(
            candidate.kind, candidate.subject, reason, now, why.measured, why.value, why.limit,
            why.unit,
        )  # fmt: skip
        return self._change(candidate.key, answer, alert)

    def _leave(self, now: float, still: set[str], gone: Reason) -> list[Decision]:
        """Forget the candidates that are none any more; of one that was never said it is told why."""
        decisions = []
        for key, answer in sorted(self._memory.answers.items()):
            if key in still:
                continue
            self._memory.waiting.pop(key, None)
            if answer.reason not in (Reason.SAID, Reason.OFF, Reason.OVER):
                decisions += self._change(key, replace(answer, reason=gone, at=now), "")
            elif not _is_recent(answer, now):
                del self._memory.answers[key]
        return decisions

    def _change(self, key: str, answer: Answer, alert: str) -> list[Decision]:
        before = self._memory.answers.get(key)
        same = before is not None and before.reason is answer.reason
        recent = before is not None and _is_recent(before, answer.at)
        if answer.reason is not Reason.SAID and (same or recent):
            return []
        self._memory.answers[key] = answer
        return [self._decision(answer, alert)]

    def _decision(self, answer: Answer, alert: str) -> Decision:
        return Decision(
            id=decision_id(self._wearer, answer.kind, answer.subject, answer.reason, answer.at),
            wearer=self._wearer,
            at=answer.at,
            kind=answer.kind,
            subject=answer.subject,
            reason=answer.reason,
            measured=answer.measured,
            value=answer.value,
            limit=answer.limit,
            unit=answer.unit,
            alert=alert,
        )


def _is_recent(answer: Answer, now: float) -> bool:
    return abs(now - answer.at) < LEAST_APART_S


def surrounded(
    settings: AlertSettings, now: float, local: datetime, around: Surroundings
) -> Reason | None:
    """What in the wearer's surroundings keeps it from being said, None when nothing does."""
    if around.paused_until is not None and now < around.paused_until:
        return Reason.PAUSED
    if within(settings.quiet_hours, local):
        return Reason.QUIET_HOURS
    if settings.work_hours.strip() and not within(settings.work_hours, local):
        return Reason.OUTSIDE_WORK_HOURS
    for until in (around.meeting_until, around.busy_until):
        if until is not None and now < until:
            return Reason.IN_MEETING
    if settings.heed_do_not_disturb and around.do_not_disturb:
        return Reason.DO_NOT_DISTURB
    if settings.heed_screen_lock and around.screen_locked:
        return Reason.SCREEN_LOCKED
    return None
