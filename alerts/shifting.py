"""The shift nudge: sitting without a change of posture. Its rules are in `alerts.policy`."""

import math

from alerts.candidate import Candidate
from alerts.ledger import Ledger
from alerts.memory import Memory
from alerts.seconds import seconds_of
from alerts.settings import AlertSettings
from alerts.words import shift_message
from domain.alerts import Alert, AlertKind, Explanation, Outcome, Severity
from domain.decisions import Reason
from domain.episodes import Episode, EpisodeKind, episode_id
from domain.posture import Activity, FrameBlock, WearerStatus


class ShiftRule:
    """Counts seconds sat in which a change of posture could have been seen: a thigh alone sees none."""

    def __init__(
        self, wearer: str, settings: AlertSettings, memory: Memory, ledger: Ledger
    ) -> None:
        self._wearer = wearer
        self._settings = settings
        self._memory = memory
        self._ledger = ledger

    def count(self, frames: FrameBlock | None, bout: int | None) -> None:
        """New seconds; `bout`: start of the open bout, None between bouts."""
        memory = self._memory
        if bout is None or bout != memory.still_bout:
            self._anew(bout, 0)
        if bout is not None:
            memory.still_s += seconds_of(frames, bout).measured_s

    def hear(self, now: float, shift: Episode, seen: WearerStatus | None) -> list[Alert]:
        """A change of posture: it began with the seconds that the new one has held."""
        held_s = 0 if seen is None else max(0, seen.time + 1 - shift.start)
        self._anew(self._memory.still_bout, min(held_s, self._memory.still_s))
        alert = self._ledger.of_kind(AlertKind.SHIFT)
        if alert is None:
            return []
        response_s = max(0.0, float(shift.start) - alert.opened_at)
        return [self._ledger.close(alert, now, Outcome.TAKEN, response_s)]

    def follow(self, now: float, seen: WearerStatus | None) -> list[Alert]:
        """Close the nudge when the wearer stands, when the bout is another one, or when it was let pass."""
        alert = self._ledger.of_kind(AlertKind.SHIFT)
        if alert is None or seen is None:
            return []
        if seen.upright_s > 0:
            response_s = max(0.0, seen.time + 1 - seen.upright_s - alert.opened_at)
            return [self._ledger.close(alert, now, Outcome.TAKEN, response_s)]
        if seen.bout_start is None or self._memory.still_s == 0:
            return [self._ledger.close_unseen(alert, now)]
        if (
            alert.snoozed_until is None
            and now >= alert.last_said_at + self._settings.repeat_after_s
        ):
            return [self._ledger.close(alert, now, Outcome.IGNORED)]
        return []

    def wants(self, now: float, seen: WearerStatus) -> Candidate | None:
        """What could be said."""
        memory, limit_s = self._memory, self._settings.shift_limit_s
        if seen.activity is not Activity.SITTING or seen.bout_start is None:
            return None
        if memory.still_s < limit_s or math.isnan(seen.lean_deg):
            return None
        alert = self._ledger.of_kind(AlertKind.SHIFT)
        if alert is not None and (alert.snoozed_until is None or not self._ledger.due(alert, now)):
            return None
        held = None
        if alert is None and memory.still_told:
            held = Reason.ANSWERED
        elif alert is None and not self._ledger.quiet_for(
            now, self._settings.repeat_after_s, AlertKind.SHIFT
        ):
            held = Reason.JUST_SAID
        why = Explanation(
            measured="still_s",
            value=float(memory.still_s),
            limit=float(limit_s),
            unit="s",
            lasted_s=memory.still_s - limit_s,
            placement="" if memory.sitting is None else memory.sitting.placement,
            confidence=seen.confidence,
        )
        bout = episode_id(self._wearer, EpisodeKind.SITTING, seen.bout_start)
        subject = bout if alert is None else alert.episode
        message = shift_message(memory.still_s)
        return Candidate(
            AlertKind.SHIFT, Severity.NUDGE, subject, message, why, again=alert, held=held
        )

    def said(self) -> None:
        """This stillness has had its nudge."""
        self._memory.still_told = True

    def _anew(self, bout: int | None, still_s: int) -> None:
        memory = self._memory
        memory.still_bout, memory.still_s, memory.still_told = bout, still_s, False
