"""Why an alert is raised: its figures, and the sentence that says them."""

import math

from alerts.sentences import Sentence
from alerts.settings import BreakLimits
from alerts.words import (
    held_bend_message,
    side_bend_message,
    sitting_message,
    sitting_since_break_message,
    slouch_message,
    slouching_message,
    twist_message,
)
from domain.alerts import Explanation
from domain.episodes import Episode, EpisodeKind
from domain.posture import WearerStatus

#: The sitting clock is this much ahead of the open bout only when it went on over a partial break.
CARRIED_OVER_S = 60


def sitting_reason(
    status: WearerStatus,
    bout_start: int,
    episode: Episode | None,
    limit_s: int,
    breaks: BreakLimits,
) -> tuple[Sentence, Explanation]:
    """Sentence and figures for the sitting clock of `status`; `episode` is the open bout, if heard of."""
    sat_s = status.sitting_clock_s
    if sat_s > status.time + 1 - bout_start + CARRIED_OVER_S:
        message = sitting_since_break_message(sat_s, full_break_s=breaks.full_s)
    else:
        message = sitting_message(sat_s, break_s=breaks.partial_s)
    return message, Explanation(
        measured="sitting_s",
        value=float(sat_s),
        limit=float(limit_s),
        unit="s",
        lasted_s=sat_s - limit_s,
        placement="" if episode is None else episode.placement,
        confidence=status.confidence,
    )


def load_reason(
    status: WearerStatus, episode: Episode, *, opening: bool
) -> tuple[Sentence, Explanation]:
    """Sentence and figures for an open episode that loads the back, as it opens (its means) or later."""
    lasted_s = max(0, status.time + 1 - episode.start)
    return _REASONS[episode.kind](status, episode, lasted_s, opening=opening)


def _slouch(
    status: WearerStatus, episode: Episode, lasted_s: int, *, opening: bool
) -> tuple[Sentence, Explanation]:
    lean_deg = episode.mean if opening else status.lean_deg
    message = (slouch_message if opening else slouching_message)(lean_deg, lasted_s)
    return message, _why(episode, "lean_deg", lean_deg, "deg", lasted_s)


def _held_bend(
    status: WearerStatus, episode: Episode, lasted_s: int, *, opening: bool
) -> tuple[Sentence, Explanation]:
    lean_deg = episode.mean if opening or not math.isfinite(status.lean_deg) else status.lean_deg
    why = _why(episode, "held_s", float(lasted_s), "s", max(0, lasted_s - int(episode.limit)))
    return held_bend_message(lean_deg, lasted_s), why


def _side_bend(
    status: WearerStatus, episode: Episode, lasted_s: int, *, opening: bool
) -> tuple[Sentence, Explanation]:
    del status, opening
    why = _why(episode, "side_deg", episode.peak, "deg", lasted_s)
    return side_bend_message(episode.peak, lasted_s), why


def _twist(
    status: WearerStatus, episode: Episode, lasted_s: int, *, opening: bool
) -> tuple[Sentence, Explanation]:
    del status, opening
    why = _why(episode, "twist_deg", episode.peak, "deg", lasted_s)
    return twist_message(episode.peak, lasted_s), why


def _why(episode: Episode, measured: str, value: float, unit: str, lasted_s: int) -> Explanation:
    return Explanation(
        measured=measured,
        value=value,
        limit=episode.limit,
        unit=unit,
        lasted_s=lasted_s,
        placement=episode.placement,
        confidence=episode.confidence,
    )


_REASONS = {
    EpisodeKind.SLOUCH: _slouch,
    EpisodeKind.HELD_BEND: _held_bend,
    EpisodeKind.SIDE_BEND: _side_bend,
    EpisodeKind.TWIST: _twist,
}
