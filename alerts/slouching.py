"""The slouch alert: when it is said, and how it closes. Its rules are in `alerts.policy`."""

from alerts.ledger import Ledger
from alerts.memory import Memory, Slouch
from alerts.reasons import slouch_reason
from alerts.settings import AlertSettings
from domain.alerts import Alert, AlertKind, Outcome, Severity
from domain.episodes import Episode
from domain.posture import Quality, WearerStatus

#: A slouch that ends this soon after it was announced was answered (own judgement).
ANSWERED_WITHIN_S = 60.0


class SlouchRule:
    """Follows the open slouches. fresh_s: for how long one that opened is told as of its opening."""

    def __init__(
        self, settings: AlertSettings, fresh_s: float, memory: Memory, ledger: Ledger
    ) -> None:
        self._settings = settings
        self._fresh_s = fresh_s
        self._memory = memory
        self._ledger = ledger

    def hear(self, now: float, slouch: Episode) -> list[Alert]:
        """A slouch that opened or closed."""
        if slouch.open:
            self._memory.slouches.setdefault(slouch.id, Slouch(slouch, heard_at=now))
        elif self._memory.slouches.pop(slouch.id, None) is not None:
            return self._close(now, slouch)
        return []

    def say(self, now: float, seen: WearerStatus) -> Alert | None:
        """Say one that was not told yet, or one that comes back from its snooze."""
        if Quality.REFERENCE_SHIFTED in seen.quality:
            return None
        fits = self._ledger.may_open(AlertKind.SLOUCH) and self._ledger.quiet_for(
            now, self._settings.repeat_after_s, AlertKind.SLOUCH
        )
        for slouch in self._memory.slouches.values():
            alert = self._ledger.of_episode(slouch.episode.id)
            again = (
                alert is not None
                and alert.snoozed_until is not None
                and self._ledger.due(alert, now)
            )
            if not again and (slouch.told or not fits):
                continue
            opening = not again and now - slouch.heard_at <= self._fresh_s
            message, why = slouch_reason(seen, slouch.episode, opening=opening)
            if alert is not None:
                return self._ledger.say_again(alert, now, message, why)
            slouch.told = True
            key = slouch.episode.id
            return self._ledger.say(AlertKind.SLOUCH, Severity.NUDGE, key, now, message, why)
        return None

    def _close(self, now: float, slouch: Episode) -> list[Alert]:
        alert = self._ledger.of_episode(slouch.id)
        if alert is None or slouch.end is None:
            return []
        answered = 0 <= slouch.end - alert.last_said_at <= ANSWERED_WITHIN_S
        if slouch.censored or not answered:
            return [self._ledger.close_unseen(alert, now)]
        response_s = max(0.0, slouch.end - alert.opened_at)
        return [self._ledger.close(alert, now, Outcome.TAKEN, response_s)]
