"""The sitting alert: when it is said, and how the body closes it. Its rules are in `alerts.policy`."""

import math
from collections.abc import Sequence
from dataclasses import replace

from alerts.candidate import Candidate
from alerts.ledger import Ledger
from alerts.memory import Memory
from alerts.reasons import sitting_reason
from alerts.settings import AlertSettings, BreakLimits
from alerts.uprights import Upright, latest_upright
from domain.alerts import Alert, AlertKind, Outcome, Severity
from domain.decisions import Reason
from domain.episodes import Episode, EpisodeKind, episode_id
from domain.posture import Activity, WearerStatus

#: A longer silence ends a bout (analysis.md, section 4).
GAP_S = 60.0


class SittingRule:
    """Follows the open bout and the break that answers its alert."""

    def __init__(
        self,
        wearer: str,
        settings: AlertSettings,
        breaks: BreakLimits,
        memory: Memory,
        ledger: Ledger,
    ) -> None:
        self._wearer = wearer
        self._settings = settings
        self._breaks = breaks
        self._memory = memory
        self._ledger = ledger

    def hear(self, now: float, bout: Episode) -> list[Alert]:
        """A bout that opened or closed."""
        if bout.open:
            self._memory.sitting = bout
        elif self._memory.sitting is not None and self._memory.sitting.id == bout.id:
            self._memory.sitting = None
        return self._ledger.close_all_unseen(now, AlertKind.SITTING) if bout.censored else []

    def follow(
        self, now: float, seen: WearerStatus | None, episodes: Sequence[Episode]
    ) -> list[Alert]:
        """Close the alert when the break is confirmed; upgrade it when it becomes a full one."""
        upright = latest_upright(now, seen, episodes)
        alert = self._ledger.of_kind(AlertKind.SITTING)
        if alert is None:
            return self._upgrade(now, seen, upright)
        if upright is not None and upright.until > alert.opened_at:
            return self._take(alert, now, upright)
        if seen is not None and self._memory.clock_s < self._settings.sitting_limit_s:
            return self._ledger.close_all_unseen(now, AlertKind.SITTING)
        return []

    def give_up(self, now: float, seen: WearerStatus | None) -> list[Alert]:
        """Close the alert that went unanswered to the end."""
        alert = self._ledger.of_kind(AlertKind.SITTING)
        if alert is None or seen is None or seen.upright_s > 0 or not self._ledger.due(alert, now):
            return []
        if alert.snoozed_until is not None or self._ledger.repeats_left(alert) > 0:
            return []
        return [self._ledger.close(alert, now, Outcome.IGNORED)]

    def wants(self, now: float, seen: WearerStatus) -> Candidate | None:
        """What could be said, or said again."""
        bout, sat_s = seen.bout_start, seen.sitting_clock_s
        if (
            seen.activity is not Activity.SITTING
            or bout is None
            or sat_s < self._settings.sitting_limit_s
        ):
            return None
        alert = self._ledger.of_kind(AlertKind.SITTING)
        if alert is not None and not self._ledger.due(alert, now):
            return None
        episode = self._memory.sitting
        message, why = sitting_reason(
            seen, bout, episode, self._settings.sitting_limit_s, self._breaks
        )
        held, quiet_s = None, self._memory.quiet_clock_s
        if alert is None and quiet_s is not None and sat_s < quiet_s:
            held = Reason.AFTER_BREAK if math.isfinite(quiet_s) else Reason.ANSWERED
        key = episode_id(self._wearer, EpisodeKind.SITTING, bout) if episode is None else episode.id
        subject = key if alert is None else alert.episode
        return Candidate(
            AlertKind.SITTING, Severity.NOTICE, subject, message, why, again=alert, held=held
        )

    def _take(self, alert: Alert, now: float, upright: Upright) -> list[Alert]:
        if upright.lasted_s < self._breaks.partial_s:
            return []
        full = upright.lasted_s >= self._breaks.full_s
        outcome = Outcome.TAKEN if full else Outcome.PARTIAL
        response_s = max(0.0, upright.since - alert.opened_at)
        closed = self._ledger.close(alert, now, outcome, response_s)
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
