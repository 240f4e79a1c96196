"""Every figure of a stretch of time, from its frames and episodes (analysis.md, sections 5 to 7)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from analysis.basis import NOTHING_KNOWN, Bases, Basis, sureness
from analysis.exposure import Beyond, exposure
from analysis.fragmentation import (
    FULL_BREAK_S,
    GAPS_S,
    LONG_MIN,
    PARTIAL_BREAK_S,
    RESEARCH_BREAK_S,
    breaks,
    fragmentation,
    sitting_bouts,
)
from analysis.steps import steps_made
from analysis.track import Mounted
from analysis.twist import TWIST_BINS_DEG, seconds_twisted
from domain.episodes import Asymmetry, Episode, EpisodeKind
from domain.metrics import Metric
from domain.placement import Placement
from domain.posture import Activity, FrameBlock, Quality

#: MAD of 3 and 6 MET at the hip, mg (Vaha-Ypya 2015 as used in analysis.md, section 7).
MODERATE_MG, VIGOROUS_MG = 91, 414
_HIP = (Placement.WAIST, Placement.LOWER_BACK)
#: Of a minute's seconds so many have to be known for its mean [J].
_LEAST_OF_A_MINUTE_S = 30
#: A shift belongs to sitting when one sat at most this long before it, s: a stand-up may be seen late [J].
_SAT_WITHIN_S = 10
_FEW_BOUTS = (
    "Ten bouts with both ends seen are the least for this; a longer stretch would have them."
)
_NEVER_WORN = "No second was recorded in this time with the sensor worn and sound."
_NO_BOUT = "No bout of sitting was seen from its beginning to its end."


def summarise(
    frames: FrameBlock,
    episodes: Sequence[Episode],
    sensors: Sequence[Mounted],
    *,
    gyro: Collection[Placement] = (),
    reasons: Mapping[str, str] | None = None,
    start: int | None = None,
    end: int | None = None,
) -> tuple[Metric, ...]:
    """All metrics of [start, end) Unix s, by default from the first frame to the last.

    episodes: of the same wearer, each in its latest form; those that begin in the stretch are counted,
    and their seconds and doses are whole, an open one lasts until the end. sensors: as they were worn.
    gyro: where those with a gyro are. reasons: by column of the frames, for what they do not have
    (analysis.reasons), and for slouches, where no pose was held.
    """
    if len(frames):
        start = int(frames.times[0]) if start is None else start
        end = int(frames.times[-1]) + 1 if end is None else end
    start, end = start or 0, end or 0
    frames = frames.select((frames.times >= start) & (frames.times < end))
    bases = Bases.of(frames, end - start, sensors, gyro, reasons or {})
    slouch = bases.lean
    if reasons and "slouch" in reasons:  # leans are known, and no own upright to judge them by
        slouch = replace(slouch, missing=slouch.missing or reasons["slouch"])
    began: dict[EpisodeKind, list[Episode]] = {kind: [] for kind in EpisodeKind}
    for episode in episodes:
        if start <= episode.start < end:
            began[episode.kind].append(episode)
    return (
        *_postures(frames, bases),
        *_bouts(frames, bases.activity),
        *_shifts(frames, began[EpisodeKind.SHIFT], bases),
        *_slouches(began[EpisodeKind.SLOUCH], slouch, end),
        *_bends(began, bases, end),
        *_exposure(frames, bases),
        *_twists(frames, began, bases),
        *_intensity(frames, bases),
    )


def _postures(frames: FrameBlock, bases: Bases) -> Iterator[Metric]:
    def seconds(activity: Activity) -> float:
        return float((frames.activity == activity).sum())

    for activity in (Activity.SITTING, Activity.STANDING, Activity.MOVING, Activity.LYING):
        basis = bases.lying if activity is Activity.LYING else bases.activity
        sure = frames.confidence[frames.activity == activity]
        confidence = float(sure.mean()) if len(sure) else None
        yield basis.metric(f"{activity.word}_s", seconds(activity), "s", confidence=confidence)
    silent = (frames.activity == Activity.UNKNOWN) & ((frames.quality & Quality.GAP) > 0)
    off = frames.activity == Activity.NOT_WORN
    yield bases.activity.metric("unknown_s", seconds(Activity.UNKNOWN), "s")
    yield bases.intensity.metric("worn_s", float((~off & ~silent).sum()), "s")
    yield bases.intensity.metric("not_worn_s", float(off.sum()), "s")


def _bouts(frames: FrameBlock, basis: Basis) -> Iterator[Metric]:
    for gap_s in GAPS_S:
        found = fragmentation(sitting_bouts(frames, gap_s))
        by = f"_gap_{gap_s}" if gap_s else ""
        yield basis.metric(f"sitting_bouts{by}", found.bouts, "1")
        for minutes, (count, total_s) in zip(LONG_MIN, found.at_least, strict=True):
            yield basis.metric(f"sitting_bouts_ge_{minutes}_min{by}", count, "1")
            yield basis.metric(f"sitting_in_bouts_ge_{minutes}_min_s{by}", total_s, "s")
        for name, value in (("longest", found.longest_s), ("mean", found.mean_s)):
            yield basis.metric(f"{name}_sitting_bout_s{by}", value, "s", why=_NO_BOUT)
        yield basis.metric(f"w50_sitting_bout_s{by}", found.w50_s, "s", why=_FEW_BOUTS)
        yield basis.metric(f"sitting_bouts_gini{by}", found.gini, "1", why=_FEW_BOUTS)
        yield basis.metric(f"sitting_bouts_alpha{by}", found.alpha, "1", why=_FEW_BOUTS)
    sat_s = float((frames.activity == Activity.SITTING).sum())
    for least_s in (RESEARCH_BREAK_S, PARTIAL_BREAK_S, FULL_BREAK_S):
        count = len(breaks(frames, least_s))
        yield basis.metric(f"breaks_ge_{least_s}_s", count, "1")
        yield basis.rate(f"breaks_ge_{least_s}_s_per_sitting_hour", count, sat_s, None)


def _shifts(frames: FrameBlock, shifts: list[Episode], bases: Bases) -> Iterator[Metric]:
    basis = bases.lean
    sitting = frames.activity == Activity.SITTING
    sat = frames.times[sitting]
    starts = np.array([shift.start for shift in shifts], dtype=np.int64)
    before = np.searchsorted(sat, starts, side="right") - np.searchsorted(
        sat, starts - _SAT_WITHIN_S, side="left"
    )
    seated = [shift for shift, s in zip(shifts, before.tolist(), strict=True) if s > 0]
    yield basis.metric("shifts", len(seated), "1", confidence=sureness(seated))
    rated = basis if basis.missing else bases.activity
    yield Basis(
        basis.sensors, basis.reference, basis.sigma_deg, basis.known_s, basis.coverage, rated.missing
    ).rate("shifts_per_sitting_hour", len(seated), float(sitting.sum()), sureness(seated))  # fmt: skip


def _slouches(slouches: list[Episode], basis: Basis, end: int) -> Iterator[Metric]:
    sure = sureness(slouches)
    yield basis.metric("slouches", len(slouches), "1", confidence=sure)
    yield basis.metric("slouch_s", _seconds(slouches, end), "s", confidence=sure)
    yield basis.metric("slouch_dose_deg_min", _dose(slouches), "deg min", confidence=sure)


def _bends(began: Mapping[EpisodeKind, list[Episode]], bases: Bases, end: int) -> Iterator[Metric]:
    lean, side = bases.lean, bases.side
    bends, held = began[EpisodeKind.BEND], began[EpisodeKind.HELD_BEND]
    sure = sureness(bends)
    yield lean.metric("bends", len(bends), "1", confidence=sure)
    yield lean.rate("bends_per_hour", len(bends), lean.known_s, sure)
    uneven = sum(bend.asymmetry is not Asymmetry.NONE for bend in bends)
    yield lean.metric(
        "asymmetric_bends_share",
        uneven / len(bends) if bends else None,
        "share",
        confidence=sure,
        why="There was no bend in this time.",
    )
    over = [one for one in held if one.lasted_s(end) > one.limit]
    yield lean.metric("held_bends", len(held), "1", confidence=sureness(held))
    yield lean.metric("held_bend_s", _seconds(held, end), "s", confidence=sureness(held))
    yield lean.metric("held_bend_dose_deg_min", _dose(held), "deg min", confidence=sureness(held))
    yield lean.metric("held_bends_over_limit", len(over), "1", confidence=sureness(over))
    tilted = began[EpisodeKind.SIDE_BEND]
    yield side.metric("side_bends", len(tilted), "1", confidence=sureness(tilted))
    yield side.metric("side_bend_s", _seconds(tilted, end), "s", confidence=sureness(tilted))


def _exposure(frames: FrameBlock, bases: Bases) -> Iterator[Metric]:
    found = exposure(frames)

    def told(name: str, basis: Basis, beyond: tuple[Beyond, ...]) -> Iterator[Metric]:
        for one in beyond:
            yield basis.metric(f"{name}_ge_{one.deg}_deg_s", one.seconds, "s")
            yield basis.metric(f"{name}_ge_{one.deg}_deg_count", one.count, "1")
            yield basis.metric(f"{name}_ge_{one.deg}_deg_longest_s", one.longest_s, "s")

    yield from told("lean", bases.lean, found.forward)
    yield from told("side", bases.side, found.side)


def _twists(
    frames: FrameBlock, began: Mapping[EpisodeKind, list[Episode]], bases: Bases
) -> Iterator[Metric]:
    known_s = int(np.count_nonzero(np.isfinite(frames.twist_deg)))
    for deg, twisted_s in zip(TWIST_BINS_DEG, seconds_twisted(frames.twist_deg), strict=True):
        share = twisted_s / known_s if known_s else None
        yield bases.twist.metric(f"twist_ge_{deg}_deg_share", share, "share", why=NOTHING_KNOWN)
    twists, turns = began[EpisodeKind.TWIST], began[EpisodeKind.TURN]
    yield bases.twist.metric("twists", len(twists), "1", confidence=sureness(twists))
    yield bases.turn.metric("turns", len(turns), "1", confidence=sureness(turns))
    yield bases.turn.rate("turns_per_hour", len(turns), bases.turn.known_s, sureness(turns))


def _intensity(frames: FrameBlock, bases: Bases) -> Iterator[Metric]:
    basis = bases.intensity
    on = (frames.activity != Activity.NOT_WORN) & np.isfinite(frames.mad_mg)
    mad = frames.mad_mg[on]
    for name, values in (("mad", mad), ("enmo", frames.enmo_mg[on])):
        mean = float(values.mean()) if len(values) else None
        yield basis.metric(f"{name}_mean_mg", mean, "mg", why=_NEVER_WORN)
    minutes = _minute_means(frames.times[on], mad)
    hip = basis.sensors and basis.sensors[0] in _HIP
    for limit in (MODERATE_MG, VIGOROUS_MG):
        yield basis.metric(
            f"minutes_mad_ge_{limit}_mg",
            float((minutes >= limit).sum()) if hip else None,
            "min",
            why="What a movement costs is known for the hip alone. Wear a sensor on the belt or lower back.",
        )
    walking = frames.cadence_spm[np.isfinite(frames.cadence_spm)]
    stepped = walking[walking > 0.0]
    yield bases.steps.metric(
        "steps", float(round(steps_made(frames.times, frames.cadence_spm))), "steps"
    )
    yield bases.steps.metric(
        "cadence_spm",
        float(stepped.mean()) if len(stepped) else None,
        "1/min",
        why="You did not walk in this time.",
    )


def _minute_means(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Means of the whole minutes of the clock that are known for long enough."""
    if not len(times):
        return values
    _, first, count = np.unique(times // 60, return_index=True, return_counts=True)
    means = np.add.reduceat(values, first) / count
    return np.asarray(means[count >= _LEAST_OF_A_MINUTE_S])


def _seconds(episodes: Sequence[Episode], end: int) -> float:
    return float(sum(max(one.lasted_s(end), 0) for one in episodes))


def _dose(episodes: Sequence[Episode]) -> float:
    return float(np.nansum([one.dose for one in episodes]))


#: The names of all metrics, in the order in which they are told.
METRICS: tuple[str, ...] = tuple(one.name for one in summarise(FrameBlock.empty(""), (), ()))
