"""Several sensors, one wearer: which of them decides what, second by second.

The thigh decides sitting, standing and moving; the belt comes next; the upper trunk gives lean, lying
and slouch, and a probability of sitting where nothing better is worn (design, section 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools
from analysis.features import Grid
from analysis.movement import MovementRule
from analysis.past import Past
from analysis.roles import Roles
from analysis.seen import Seen
from analysis.tenths import none
from analysis.track import Judged, Track
from domain.posture import Activity, Quality
from domain.samples import Floats

#: How sure a sensor found off the body is off the body [J].
_OFF_CONFIDENCE = 0.9

_UNKNOWN, _LYING, _SITTING, _MOVING = (
    int(Activity.UNKNOWN), int(Activity.LYING), int(Activity.SITTING), int(Activity.MOVING),
)  # fmt: skip
_NOT_WORN = int(Activity.NOT_WORN)
_GAP, _UNCALIBRATED = int(Quality.GAP), int(Quality.UNCALIBRATED)
_SHIFTED, _FAULT = int(Quality.REFERENCE_SHIFTED), int(Quality.FAULT)


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """The wearer on the grid (k,): all that machines read.

    source: index into the tracks of who decided, -1 for nobody. seen: Seen numbers for the bouts.
    still: the lean's sensor is. lean_known: angles may be judged. off_since: since when nothing is
    worn, 0 otherwise; put_on_at: see wear.Wear. up_from, up_until: what Verdict.was_up says where
    nothing better is worn, else 0. lean_then_deg, side_then_deg, changed_at, laid_at: see Past; bend_deg,
    tenths_deg: see Tenths. twist_deg to turned_deg: see Rotation.
    """

    seconds: Grid
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
    off_since: Grid
    put_on_at: Grid
    up_from: Grid
    up_until: Grid
    lean_then_deg: Floats
    side_then_deg: Floats
    changed_at: Grid
    laid_at: Grid
    bend_deg: Floats
    tenths_deg: Floats
    twist_deg: Floats
    twist_s: Grid
    turn_dps: Floats
    turned_deg: Floats
    cadence_spm: Floats


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


def combine(
    roles: Roles,
    judged: Mapping[int, Judged],
    still_sd_g: float,
    past: Past,
    movement: MovementRule,
) -> Combined:
    """One posture a second out of all the verdicts; `past`, `movement` go on to the last of them."""
    first, *others = judged.values()
    k = len(first.worn)
    present, worn = first.columns.present, first.worn
    # Most of the time all is there, and what it would be without need not be made.
    full = np.count_nonzero(present) == k
    quality = first.columns.quality.copy() if full else first.columns.quality * present
    for one in others:
        present, worn = present | one.columns.present, worn | one.worn
        quality |= one.columns.quality * one.columns.present
    heard = present
    for one in judged.values():
        if one.faulty is not None:
            quality |= one.faulty * _FAULT
            heard = heard | one.faulty
    if not full:
        quality |= ~heard * _GAP

    activity, p_sitting, confidence, since, source = _decided(roles, judged)
    off = present & ~worn
    some_off = bool(np.count_nonzero(off))
    off_since, put_on_at = _off(judged, off, some_off)
    if some_off:
        activity[off] = _NOT_WORN
        confidence[off] = _OFF_CONFIDENCE
        p_sitting[off] = np.nan
    unsure = worn & (activity == _UNKNOWN)

    by = None if roles.angles is None else judged[roles.angles]
    if by is not None and by.columns.body is not None:
        lean, side = by.columns.lean_deg, by.columns.side_deg
        if np.count_nonzero(by.worn) < k:
            lean, side = np.where(by.worn, lean, np.nan), np.where(by.worn, side, np.nan)
        known = by.worn & np.isfinite(lean)
        if np.count_nonzero(by.shifted):
            quality |= (by.shifted & by.worn) * _SHIFTED
            known &= ~by.shifted
        still = by.columns.sd_total_g < still_sd_g
        fused, fine = by.columns.fused, by.tenths
    else:
        lean = side = np.full(k, np.nan)
        known = still = fused = np.zeros(k, dtype=np.bool_)
        fine = none(k)
        if roles.uncalibrated_trunk:
            quality |= _UNCALIBRATED
        elif roles.uncalibrated_thigh:
            quality |= unsure * _UNCALIBRATED

    if roles.assumed:
        quality |= present * _UNCALIBRATED

    mad, enmo = _intensity(roles, judged)
    # A sitting trunk that moves has not stood up yet.
    unsure |= (activity == _MOVING) & (p_sitting > 0.5)
    seen = _SEEN.take(activity)
    seen[unsure] = _UNSURE
    seconds = first.columns.seconds
    up_from, up_until = _was_up(roles, judged, seconds)
    seated = known & ((activity == _SITTING) | (activity == _UNKNOWN))
    lean_then, side_then = past.angles(seconds, lean, side, seated)
    changed_at, laid_at = past.changed_at(seconds, seen), past.laid_at(seconds, seen)
    moved = movement.judge(seconds, judged, activity)
    turned = moved.rotation
    return Combined(
        seconds, activity, p_sitting, confidence, since, source, seen, lean, side, known, still, fused,
        mad, enmo, quality.astype(np.uint8), off_since, put_on_at, up_from, up_until,
        lean_then, side_then, changed_at, laid_at, fine.peak_deg, fine.angles_deg,
        turned.twist_deg, turned.twist_s, turned.turn_dps, turned.turned_deg, moved.cadence_spm,
    )  # fmt: skip


def _decided(
    roles: Roles, judged: Mapping[int, Judged]
) -> tuple[NDArray[np.uint8], Floats, Floats, Grid, Grid]:
    """Activity, p_sitting, confidence, since and source of Combined, as far as verdicts decide them."""
    if len(judged) == 1 and roles.activity:
        (one,) = judged.values()
        k = len(one.worn)
        if np.count_nonzero(one.worn) == k:  # a sensor that is alone and worn decides everything
            v = one.verdict
            return v.activity, v.p_sitting, v.confidence, v.since, np.zeros(k, dtype=np.int64)
    k = len(next(iter(judged.values())).worn)
    activity = np.zeros(k, dtype=np.uint8)
    p_sitting, confidence = np.full(k, np.nan), np.zeros(k)
    since, source = np.zeros(k, dtype=np.int64), np.full(k, -1, dtype=np.int64)
    for i in roles.activity:
        verdict, worn = judged[i].verdict, judged[i].worn
        free = worn & (activity == _UNKNOWN) & (verdict.activity != _UNKNOWN)
        activity[free] = verdict.activity[free]
        confidence[free] = verdict.confidence[free]
        since[free] = verdict.since[free]
        source[free] = i
        p_free = worn & np.isnan(p_sitting)
        p_sitting[p_free] = verdict.p_sitting[p_free]
    for i in roles.lean:
        verdict = judged[i].verdict
        lying = judged[i].worn & (verdict.activity == _LYING)
        lying &= (activity == _SITTING) | (activity == _UNKNOWN)
        activity[lying] = _LYING
        confidence[lying] = verdict.confidence[lying]
        p_sitting[lying] = 0.0
        since[lying] = verdict.since[lying]
        source[lying] = i
    doubtful = (activity == _SITTING) & _trunk_laid_off(roles, judged, k)
    if np.count_nonzero(doubtful):
        activity[doubtful] = _UNKNOWN
        confidence[doubtful] = 0.0
        p_sitting[doubtful] = np.nan
        source[doubtful] = -1
    return activity, p_sitting, confidence, since, source


def _trunk_laid_off(roles: Roles, judged: Mapping[int, Judged], k: int) -> Bools:
    """Where trunk sensors send, and all of them seem to be off the body.

    A level thigh then is no proof of sitting: a sleeper's trunk is as still as a table, and whoever
    takes off one sensor may have taken off the other.
    """
    heard = worn = np.zeros(k, dtype=np.bool_)
    for i in roles.lean:
        heard, worn = heard | judged[i].columns.present, worn | judged[i].worn
    off: Bools = heard & ~worn
    return off


def _intensity(roles: Roles, judged: Mapping[int, Judged]) -> tuple[Floats, Floats]:
    """MAD and ENMO, mg, of the first choice that has them."""
    k = len(next(iter(judged.values())).worn)
    mad = enmo = np.full(k, np.nan)
    for i in roles.intensity:
        columns = judged[i].columns
        has = judged[i].worn & np.isfinite(columns.mad_mg)
        free = np.isnan(mad) & has
        if np.count_nonzero(free) == k:
            return columns.mad_mg, columns.enmo_mg
        mad = np.where(free, columns.mad_mg, mad)
        enmo = np.where(free, columns.enmo_mg, enmo)
    return mad, enmo


def _laid_down_together(judged: dict[int, Judged]) -> None:
    """A sensor that lies idle is off the body when another one is."""
    if len(judged) < 2 or not any(np.count_nonzero(one.wear.off_since) for one in judged.values()):
        return
    off = {i: one.wear.off_since for i, one in judged.items()}
    for i, one in judged.items():
        others = np.max([off[j] for j in judged if j != i], axis=0)
        idle = one.wear.idle_since
        laid = (others > 0) & (idle > 0) & (off[i] == 0)
        wear = replace(one.wear, off_since=np.where(laid, idle, off[i]))
        judged[i] = replace(one, worn=one.worn & ~laid, wear=wear)


def _was_up(roles: Roles, judged: Mapping[int, Judged], seconds: Grid) -> tuple[Grid, Grid]:
    """up_from and up_until of Combined."""
    start = np.zeros(len(seconds), dtype=np.int64)
    was_up = {} if roles.was_up is None else judged[roles.was_up].verdict.was_up
    if not was_up:
        return start, start
    end = start.copy()
    for second, interval in was_up.items():
        row = int(np.searchsorted(seconds, second))
        start[row], end[row] = interval
    return start, end


def _off(judged: Mapping[int, Judged], off: Bools, some_off: bool) -> tuple[Grid, Grid]:
    """Since when all that is heard is off the body, and when something was put on."""
    put_on = np.zeros(len(off), dtype=np.int64)
    if not some_off and not any(np.count_nonzero(one.wear.put_on_at) for one in judged.values()):
        return put_on, put_on
    since = np.zeros(len(off), dtype=np.int64)
    for one in judged.values():
        since = np.maximum(since, np.where(one.columns.present, one.wear.off_since, 0))
        put_on = np.where(put_on > 0, put_on, one.wear.put_on_at)
    return np.where(off, since, 0), put_on


_UNSURE = np.uint8(Seen.UNSURE)
_SEEN: NDArray[np.uint8] = np.array(
    [Seen.NOTHING, Seen.LYING, Seen.SITTING, Seen.UPRIGHT, Seen.UPRIGHT, Seen.NOT_WORN],
    dtype=np.uint8,
)
