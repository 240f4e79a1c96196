"""What is said of a day: that it has had little movement, that a goal is reached. Its rules are in
`alerts.policy`."""

import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from alerts.candidate import Candidate
from alerts.ledger import Ledger
from alerts.memory import Memory, Today
from alerts.seconds import Seconds
from alerts.sentences import Sentence
from alerts.settings import AlertSettings, BreakLimits
from alerts.uprights import latest_upright
from alerts.words import little_movement_message, shift_goal_message, upright_goal_message
from domain.alerts import Alert, AlertKind, Explanation, Outcome, Severity
from domain.episodes import Episode, EpisodeKind
from domain.posture import Activity, WearerStatus

#: A day of which less is known says nothing of a day, s [J].
LEAST_KNOWN_S = 4 * 3600
#: Little is less than this share of the goal [J].
LITTLE_SHARE = 0.5


class DailyRule:
    """Adds up the wearer's local day and says each thing of it once."""

    def __init__(
        self, settings: AlertSettings, breaks: BreakLimits, memory: Memory, ledger: Ledger
    ) -> None:
        self._settings = settings
        self._breaks = breaks
        self._memory = memory
        self._ledger = ledger

    def count(
        self, seconds: Seconds, episodes: Sequence[Episode], day: date, midnight: float
    ) -> None:
        """New seconds and changes of posture of `day`, which began at `midnight`, Unix s. An earlier day (a
        wearer who flew west) goes on with the old one."""
        today = self._memory.today
        if today.day is None or day > today.day:
            today = self._memory.today = Today(day)
        today.known_s += seconds.known_s
        today.upright_s += seconds.upright_s
        today.measured_s += seconds.measured_s
        today.shifts += sum(
            each.kind is EpisodeKind.SHIFT and each.start >= midnight for each in episodes
        )

    def follow(
        self, now: float, seen: WearerStatus | None, episodes: Sequence[Episode]
    ) -> list[Alert]:
        """Close what was answered on the wearer's feet, and what has been said for long enough."""
        closed = []
        alert = self._ledger.of_kind(AlertKind.LITTLE_MOVEMENT)
        upright = latest_upright(now, seen, episodes)
        if (
            alert is not None
            and upright is not None
            and upright.until > alert.opened_at
            and upright.lasted_s >= self._breaks.partial_s
        ):
            response_s = max(0.0, upright.since - alert.opened_at)
            closed.append(self._ledger.close(alert, now, Outcome.TAKEN, response_s))
            alert = None
        for each, outcome in (
            (alert, Outcome.IGNORED),
            (self._ledger.of_kind(AlertKind.GOAL), Outcome.ENDED),
        ):
            if each is None or each.snoozed_until is not None:
                continue
            if now >= each.last_said_at + self._settings.repeat_after_s:
                closed.append(self._ledger.close(each, now, outcome))
        return closed

    def wants(self, now: float, seen: WearerStatus, local: datetime) -> list[Candidate]:
        """What could be said of the day so far, or again after a snooze."""
        told = self._memory.today.told
        found = []
        for word, candidate in self._true(seen, local):
            alert = self._ledger.of_episode(candidate.subject)
            if alert is None and word not in told:
                found.append(candidate)
            elif (
                alert is not None
                and alert.snoozed_until is not None
                and self._ledger.due(alert, now)
            ):
                found.append(_again(candidate, alert))
        return found

    def said(self, subject: str) -> None:
        """That has been said today."""
        word = subject.partition(" ")[0]
        if word not in self._memory.today.told:
            self._memory.today.told.append(word)

    def _true(self, seen: WearerStatus, local: datetime) -> Iterator[tuple[str, Candidate]]:
        settings, today = self._settings, self._memory.today
        if today.day != local.date():
            return
        goal_s = settings.goal_upright_h * 3600
        hour = local.hour + local.minute / 60
        if (
            hour >= settings.little_movement_at_h
            and today.known_s >= LEAST_KNOWN_S
            and today.upright_s < LITTLE_SHARE * goal_s
            and seen.activity is Activity.SITTING
        ):
            yield self._candidate(
                AlertKind.LITTLE_MOVEMENT, "little", "upright_s", today.upright_s,
                LITTLE_SHARE * goal_s, "s", little_movement_message(today.upright_s), seen,
            )  # fmt: skip
        if today.upright_s >= goal_s:
            yield self._candidate(
                AlertKind.GOAL, "upright", "upright_s", today.upright_s, goal_s, "s",
                upright_goal_message(round(goal_s)), seen,
            )  # fmt: skip
        if today.measured_s >= LEAST_KNOWN_S:
            per_h = today.shifts / (today.measured_s / 3600)
            if per_h >= settings.goal_shifts_per_h:
                yield self._candidate(
                    AlertKind.GOAL, "shifts", "shifts_per_h", per_h, settings.goal_shifts_per_h,
                    "1/h", shift_goal_message(math.floor(per_h)), seen,
                )  # fmt: skip

    def _candidate(
        self,
        kind: AlertKind,
        word: str,
        measured: str,
        value: float,
        limit: float,
        unit: str,
        message: Sentence,
        seen: WearerStatus,
    ) -> tuple[str, Candidate]:
        why = Explanation(measured, float(value), float(limit), unit, 0, "", seen.confidence)
        severity = Severity.NOTICE if kind is AlertKind.LITTLE_MOVEMENT else Severity.NUDGE
        return word, Candidate(kind, severity, f"{word} {self._memory.today.day}", message, why)


def _again(candidate: Candidate, alert: Alert) -> Candidate:
    return Candidate(
        candidate.kind, candidate.severity, candidate.subject, candidate.message, candidate.why,
        again=alert,
    )  # fmt: skip
