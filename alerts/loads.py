"""Slouches, held bends, side bends and twists: when they are said, and how they close. Its rules are in
`alerts.policy`."""

import math

from alerts.candidate import Candidate
from alerts.ledger import Ledger
from alerts.memory import Load, Memory
from alerts.reasons import load_reason
from alerts.settings import AlertSettings
from domain.alerts import Alert, AlertKind, Outcome, Severity
from domain.decisions import Reason
from domain.episodes import Episode, EpisodeKind
from domain.posture import Activity, Quality, WearerStatus

#: What ends this soon after it was announced was answered [J].
ANSWERED_WITHIN_S = 60.0
#: A slouch entry reaches no further than this, whatever the margin (evidence section 2).
FURTHEST_ENTRY_DEG = 35.0

LOADS: dict[EpisodeKind, AlertKind] = {
    EpisodeKind.SLOUCH: AlertKind.SLOUCH,
    EpisodeKind.HELD_BEND: AlertKind.HELD_BEND,
    EpisodeKind.SIDE_BEND: AlertKind.SIDE_BEND,
    EpisodeKind.TWIST: AlertKind.TWIST,
}
#: An angle between two sensors does not hang on the upright pose.
_WITHOUT_REFERENCE = frozenset({EpisodeKind.TWIST})


class LoadRule:
    """Follows the open episodes. fresh_s: for how long one that opened is told as of its opening."""

    def __init__(
        self, settings: AlertSettings, fresh_s: float, memory: Memory, ledger: Ledger
    ) -> None:
        self._settings = settings
        self._fresh_s = fresh_s
        self._memory = memory
        self._ledger = ledger

    def hear(self, now: float, episode: Episode) -> list[Alert]:
        """One that opened or closed."""
        if episode.open:
            self._memory.loads.setdefault(episode.id, Load(episode, heard_at=now))
        elif self._memory.loads.pop(episode.id, None) is not None:
            return self._close(now, episode)
        return []

    def wants(self, now: float, seen: WearerStatus) -> list[Candidate]:
        """Those that could be said, and those that come back from a snooze."""
        found = []
        # In an order of their own: a saved memory comes back in another one.
        loads = self._memory.loads.values()
        for load in sorted(loads, key=lambda each: (each.episode.start, each.episode.id)):
            episode = load.episode
            kind = LOADS[episode.kind]
            alert = self._ledger.of_episode(episode.id)
            if alert is not None and (
                alert.snoozed_until is None or not self._ledger.due(alert, now)
            ):
                continue
            if alert is None and load.told:
                continue
            opening = alert is None and now - load.heard_at <= self._fresh_s
            if episode.kind is EpisodeKind.SLOUCH and not self._counts(seen, episode, opening):
                continue
            held = None
            shifted = Quality.REFERENCE_SHIFTED in seen.quality
            if shifted and episode.kind not in _WITHOUT_REFERENCE:
                held = Reason.CALIBRATION_STALE
            elif alert is None and not self._ledger.quiet_for(
                now, self._settings.repeat_after_s, kind
            ):
                held = Reason.JUST_SAID
            message, why = load_reason(seen, episode, opening=opening)
            found.append(
                Candidate(kind, Severity.NUDGE, episode.id, message, why, again=alert, held=held)
            )
        return found

    def said(self, subject: str) -> None:
        """It has had its alert."""
        if subject in self._memory.loads:
            self._memory.loads[subject].told = True

    def _counts(self, seen: WearerStatus, slouch: Episode, opening: bool) -> bool:
        """Whether it has lasted, and leans beyond what is let pass."""
        if seen.activity is Activity.UNKNOWN and seen.slouching_since is None:
            return False
        if seen.time + 1 - slouch.start < self._settings.slouch_after_s:
            return False
        lean_deg = slouch.mean if opening or math.isnan(seen.lean_deg) else seen.lean_deg
        margin_deg = self._settings.slouch_margin_deg
        if not margin_deg or math.isnan(lean_deg) or math.isnan(slouch.limit):
            return True
        furthest_deg = max(FURTHEST_ENTRY_DEG, slouch.limit)
        return lean_deg >= min(slouch.limit + margin_deg, furthest_deg)

    def _close(self, now: float, episode: Episode) -> list[Alert]:
        alert = self._ledger.of_episode(episode.id)
        if alert is None or episode.end is None:
            return []
        after_s = episode.end - alert.last_said_at
        if episode.censored or after_s < 0:  # nobody knows, or it was over before it was said
            return [self._ledger.close_unseen(alert, now)]
        response_s = max(0.0, episode.end - alert.opened_at)
        if after_s <= ANSWERED_WITHIN_S:
            return [self._ledger.close(alert, now, Outcome.TAKEN, response_s)]
        if alert.snoozed_until is not None:
            return [self._ledger.close_unseen(alert, now)]
        return [self._ledger.close(alert, now, Outcome.ENDED, response_s)]
