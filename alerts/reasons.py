"""Why an alert is raised: its figures, and the sentence that says them."""

from alerts.sentences import Sentence
from alerts.settings import BreakLimits
from alerts.words import (
    sitting_message,
    sitting_since_break_message,
    slouch_message,
    slouching_message,
)
from domain.alerts import Explanation
from domain.episodes import Episode
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


def slouch_reason(
    status: WearerStatus, episode: Episode, *, opening: bool
) -> tuple[Sentence, Explanation]:
    """Sentence and figures for a slouch, as it opens (its mean lean) or later (the lean of now)."""
    lasted_s = max(0, status.time + 1 - episode.start)
    lean_deg = episode.mean if opening else status.lean_deg
    message = (slouch_message if opening else slouching_message)(lean_deg, lasted_s)
    return message, Explanation(
        measured="lean_deg",
        value=lean_deg,
        limit=episode.limit,
        unit="deg",
        lasted_s=lasted_s,
        placement=episode.placement,
        confidence=episode.confidence,
    )
