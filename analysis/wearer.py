"""Several sensors, one wearer: which of them decides what, second by second.

The thigh decides sitting, standing and moving; the belt comes next; the upper trunk gives lean, lying
and slouch, and a probability of sitting where nothing better is worn (design, section 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.bouts import Seen
from analysis.columns import Bools
from analysis.features import Grid
from analysis.track import Judged, Track
from domain.placement import KNOWLEDGE, Placement
from domain.posture import Activity, Quality
from domain.samples import Floats

#: Who is asked first for the activity, the lean, and the intensity of movement.
ACTIVITY_ORDER = (
    Placement.THIGH, Placement.WAIST, Placement.LOWER_BACK, Placement.UPPER_BACK, Placement.STERNUM,
)  # fmt: skip
LEAN_ORDER = (
    Placement.UPPER_BACK, Placement.STERNUM, Placement.LOWER_BACK, Placement.WAIST,
)  # fmt: skip
INTENSITY_ORDER = (
    Placement.WAIST, Placement.LOWER_BACK, Placement.UPPER_BACK, Placement.STERNUM, Placement.THIGH,
    Placement.HEAD, Placement.WRIST, Placement.SEAT,
)  # fmt: skip
#: How sure a sensor found off the body is off the body [J].
_OFF_CONFIDENCE = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """The wearer on the grid (k,). source: index into the tracks of who decided, -1 for nobody.

    seen: Seen numbers for the bouts. still: the lean's sensor is. lean_known: angles may be judged.
    off_since: since when nothing is worn, 0 otherwise; put_on_at: see wear.Wear.
    """

    activity: NDArray[np.uint8]
    p_sitting: Floats
    confidence: Floats
    since: Grid
    source: Grid
    seen: NDArray[np.uint8]
    lean_deg: Floats
    side_deg: Floats
    lean_known: Bools
    still: Bools
    fused: Bools
    mad_mg: Floats
    enmo_mg: Floats
    quality: NDArray[np.uint8]
    off_since: list[int]
    put_on_at: list[int]
    was_up: Mapping[int, tuple[int, int]]  # see Verdict, where nothing better is worn


def by_order(tracks: list[Track], order: tuple[Placement, ...]) -> list[int]:
    """Indices of the tracks of these placements, first choice first."""
    return [
        i for placement in order for i, t in enumerate(tracks) if t.mounted.placement is placement
    ]


def lean_track(tracks: list[Track]) -> int | None:
    """Index of the track that gives the lean: the first calibrated one on the trunk."""
    for i in by_order(tracks, LEAN_ORDER):
        if tracks[i].mounted.calibration is not None:
            return i
    return None


def judge_all(tracks: list[Track], grid: Grid) -> dict[int, Judged]:
    """Every track's verdicts; the trunk is told what the thigh knows."""
    judged: dict[int, Judged] = {}
    told: list[int] | None = None
    for i, track in enumerate(tracks):
        if track.thigh is None:
            continue
        judged[i] = track.judge(grid, None)
        verdict = judged[i].verdict.activity
        sure = judged[i].worn & (judged[i].verdict.confidence >= 0.75)
        known = np.where(sure, verdict, 0)
        told = known.tolist() if told is None else np.where(known > 0, known, told).tolist()
    for i, track in enumerate(tracks):
        if track.thigh is None:
            judged[i] = track.judge(grid, told)
    _laid_down_together(judged)
    return judged


def combine(tracks: list[Track], judged: Mapping[int, Judged], still_sd_g: float) -> Combined:
    """One posture a second out of all the verdicts."""
    k = len(next(iter(judged.values())).worn)
    activity = np.zeros(k, dtype=np.uint8)
    p_sitting, confidence = np.full(k, np.nan), np.zeros(k)
    since, source = np.zeros(k, dtype=np.int64), np.full(k, -1, dtype=np.int64)
    for i in by_order(tracks, ACTIVITY_ORDER):
        verdict, worn = judged[i].verdict, judged[i].worn
        free = worn & (activity == Activity.UNKNOWN) & (verdict.activity != Activity.UNKNOWN)
        activity[free] = verdict.activity[free]
        confidence[free] = verdict.confidence[free]
        since[free] = verdict.since[free]
        source[free] = i
        p_free = worn & np.isnan(p_sitting)
        p_sitting[p_free] = verdict.p_sitting[p_free]
    for i in by_order(tracks, LEAN_ORDER):
        verdict = judged[i].verdict
        lying = judged[i].worn & (verdict.activity == Activity.LYING)
        lying &= (activity == Activity.SITTING) | (activity == Activity.UNKNOWN)
        activity[lying] = Activity.LYING
        confidence[lying] = verdict.confidence[lying]
        p_sitting[lying] = 0.0
        since[lying] = verdict.since[lying]
        source[lying] = i

    present = np.zeros(k, dtype=np.bool_)
    worn = np.zeros(k, dtype=np.bool_)
    quality = np.zeros(k, dtype=np.int64)
    for one in judged.values():
        present |= one.columns.present
        worn |= one.worn
        quality |= np.where(one.columns.present, one.columns.quality, 0)
    quality[~present] |= int(Quality.GAP)
    off_since, put_on_at = _off(judged, present & ~worn)
    off = present & ~worn
    activity[off] = Activity.NOT_WORN
    confidence[off] = _OFF_CONFIDENCE
    p_sitting[off] = np.nan

    lean = side = np.full(k, np.nan)
    known = still = fused = np.zeros(k, dtype=np.bool_)
    which = lean_track(tracks)
    if which is not None:
        on = judged[which]
        lean = np.where(on.worn, on.columns.lean_deg, np.nan)
        side = np.where(on.worn, on.columns.side_deg, np.nan)
        quality |= np.where(on.shifted & on.worn, int(Quality.REFERENCE_SHIFTED), 0)
        known = on.worn & ~on.shifted & np.isfinite(lean)
        still = on.columns.sd_total_g < still_sd_g
        fused = on.columns.fused
    elif any(KNOWLEDGE[track.mounted.placement].trunk for track in tracks):
        quality |= int(Quality.UNCALIBRATED)
    elif any(track.thigh is not None and track.mounted.calibration is None for track in tracks):
        quality |= np.where(worn & (activity == Activity.UNKNOWN), int(Quality.UNCALIBRATED), 0)

    mad, enmo = np.full(k, np.nan), np.full(k, np.nan)
    for i in by_order(tracks, INTENSITY_ORDER):
        free = np.isnan(mad) & judged[i].worn
        mad[free] = judged[i].columns.mad_mg[free]
        enmo[free] = judged[i].columns.enmo_mg[free]
    seen = _SEEN[activity]
    seen[(activity == Activity.UNKNOWN) & worn] = Seen.UNSURE
    # A sitting trunk that moves has not stood up yet.
    seen[(activity == Activity.MOVING) & (p_sitting > 0.5)] = Seen.UNSURE
    return Combined(
        activity, p_sitting, confidence, since, source, seen, lean, side, known, still, fused,
        mad, enmo, quality.astype(np.uint8), off_since, put_on_at, _was_up(tracks, judged),
    )  # fmt: skip


def _was_up(tracks: list[Track], judged: Mapping[int, Judged]) -> Mapping[int, tuple[int, int]]:
    """What the first trunk sensor found later, unless a thigh is worn, which knew at once."""
    order = by_order(tracks, ACTIVITY_ORDER)
    if not order or tracks[order[0]].thigh is not None:
        return {}
    return judged[order[0]].verdict.was_up


def _laid_down_together(judged: dict[int, Judged]) -> None:
    """A sensor that lies idle is off the body when another one is."""
    if len(judged) < 2 or not any(any(one.wear.off_since) for one in judged.values()):
        return
    off = {i: np.array(one.wear.off_since, dtype=np.int64) for i, one in judged.items()}
    for i, one in judged.items():
        others = np.max([off[j] for j in judged if j != i], axis=0)
        idle = np.array(one.wear.idle_since, dtype=np.int64)
        laid = (others > 0) & (idle > 0) & (off[i] == 0)
        wear = replace(one.wear, off_since=np.where(laid, idle, off[i]).tolist())
        judged[i] = replace(one, worn=one.worn & ~laid, wear=wear)


def _off(judged: Mapping[int, Judged], off: Bools) -> tuple[list[int], list[int]]:
    """Since when all that is heard is off the body, and when something was put on."""
    put_on = [0] * len(off)
    if not off.any() and not any(any(one.wear.put_on_at) for one in judged.values()):
        return put_on, put_on
    since = np.zeros(len(off), dtype=np.int64)
    for one in judged.values():
        since = np.maximum(since, np.where(one.columns.present, one.wear.off_since, 0))
        put_on = [a or b for a, b in zip(put_on, one.wear.put_on_at, strict=True)]
    return np.where(off, since, 0).tolist(), put_on


_SEEN: NDArray[np.uint8] = np.array(
    [Seen.NOTHING, Seen.LYING, Seen.SITTING, Seen.UPRIGHT, Seen.UPRIGHT, Seen.NOT_WORN],
    dtype=np.uint8,
)
