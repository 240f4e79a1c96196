"""Days of frames that are in no store: cut in a time zone, counted as the store counts its own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from domain.episodes import Episode, EpisodeKind
from domain.posture import Activity, FrameBlock
from storage.days import FULL_BREAK_S, day_bounds


@dataclass(frozen=True, slots=True)
class DayRow:
    """One local day. start, end: Unix s of its midnights. Fields as in storage.contract.DaySummary;
    measured_s: seconds that have a frame."""

    day: date
    start: int
    end: int
    measured_s: int
    seconds: dict[Activity, int]
    sitting_bouts: int
    longest_sitting_s: int
    breaks: int
    full_breaks: int
    slouches: int
    slouch_s: int
    slouch_dose_deg_min: float
    lean_mean_deg: float


def day_rows(frames: FrameBlock, episodes: Sequence[Episode], timezone: str) -> tuple[DayRow, ...]:
    """The local days of an IANA zone that have frames. Raises NotFoundError for another zone."""
    if not len(frames):
        return ()
    day = _day_of(int(frames.times[0]), timezone)
    last = _day_of(int(frames.times[-1]), timezone)
    rows = []
    while day <= last:
        start, end = day_bounds(day, timezone)
        inside = slice(*np.searchsorted(frames.times, (start, end)).tolist())
        if inside.stop > inside.start:
            rows.append(_row(day, start, end, frames.select(inside), episodes))
        day += timedelta(days=1)
    return tuple(rows)


def _day_of(time: int, timezone: str) -> date:
    day_bounds(
        date(2000, 1, 1), timezone
    )  # refuses a zone that does not exist in the house's words
    return datetime.fromtimestamp(time, ZoneInfo(timezone)).date()


def _row(
    day: date, start: int, end: int, frames: FrameBlock, episodes: Sequence[Episode]
) -> DayRow:
    def inside_s(episode: Episode) -> int:
        until = end if episode.end is None else episode.end
        return max(min(until, end) - max(episode.start, start), 0)

    def of(kind: EpisodeKind) -> list[Episode]:
        return [each for each in episodes if each.kind is kind and inside_s(each)]

    def began(kind: EpisodeKind) -> list[Episode]:
        return [each for each in of(kind) if each.start >= start]

    counted = np.bincount(frames.activity, minlength=len(Activity))
    held = (frames.activity != Activity.LYING) & (frames.activity != Activity.NOT_WORN)
    leans = frames.lean_deg[held & np.isfinite(frames.lean_deg)]
    slouches = of(EpisodeKind.SLOUCH)
    return DayRow(
        day=day,
        start=start,
        end=end,
        measured_s=len(frames),
        seconds={activity: int(counted[activity]) for activity in Activity},
        sitting_bouts=len(began(EpisodeKind.SITTING)),
        longest_sitting_s=max(map(inside_s, of(EpisodeKind.SITTING)), default=0),
        breaks=len(began(EpisodeKind.BREAK)),
        full_breaks=sum(each.dose >= FULL_BREAK_S for each in began(EpisodeKind.BREAK)),
        slouches=len(began(EpisodeKind.SLOUCH)),
        slouch_s=sum(map(inside_s, slouches)),
        slouch_dose_deg_min=sum(_dose(each, inside_s(each)) for each in slouches),
        lean_mean_deg=float(np.mean(leans)) if len(leans) else math.nan,
    )


def _dose(episode: Episode, inside_s: int) -> float:
    """The part of a dose that falls into the day, as if it had been gathered evenly."""
    lasted_s = episode.lasted_s(episode.start)
    if lasted_s <= 0 or math.isnan(episode.dose):
        return 0.0
    return episode.dose * min(inside_s / lasted_s, 1.0)
