"""How long and how often the trunk is how far forward or to a side, from frames of a live day or a file."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.posture import Activity, FrameBlock
from domain.samples import Bools, Floats

#: Degrees from which on it counts (Acti4, REBA; evidence.md, section 2).
FORWARD_DEG = (20, 30, 45, 60, 90)
SIDE_DEG = (10, 20)
#: Holds are looked for behind a median of this many seconds (Acti4).
MEDIAN_S = 5


@dataclass(frozen=True, slots=True)
class Beyond:
    """Time beyond one angle. seconds: at or beyond it; count: how often it was passed; longest_s: the
    longest hold, behind a 5-s median."""

    deg: int
    seconds: int
    count: int
    longest_s: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """forward, side: beyond each of FORWARD_DEG and SIDE_DEG, so that a bin is the difference of two.
    forward_known_s, side_known_s: seconds in which it is known; side is for either side."""

    forward: tuple[Beyond, ...]
    side: tuple[Beyond, ...]
    forward_known_s: int
    side_known_s: int


def exposure(frames: FrameBlock) -> Exposure:
    """Exposure of the seconds in which one neither lies nor has the sensor off."""
    up = (frames.activity != Activity.LYING) & (frames.activity != Activity.NOT_WORN)
    lean = np.where(up, frames.lean_deg, np.nan)
    side = np.where(up, np.abs(frames.side_deg), np.nan)
    return Exposure(
        _beyond(frames.times, lean, FORWARD_DEG),
        _beyond(frames.times, side, SIDE_DEG),
        int(np.isfinite(lean).sum()),
        int(np.isfinite(side).sum()),
    )


def _beyond(times: NDArray[np.int64], angle: Floats, limits: tuple[int, ...]) -> tuple[Beyond, ...]:
    smooth = median(times, angle)
    out = []
    for deg in limits:
        far = angle >= deg
        starts, _ = runs(times, far)
        held_from, held_to = runs(times, smooth >= deg)
        longest = int((held_to - held_from).max(initial=0))
        out.append(Beyond(deg, int(far.sum()), len(starts), longest))
    return tuple(out)


def median(times: NDArray[np.int64], values: Floats) -> Floats:
    """Centred median over MEDIAN_S seconds, (n,); the value itself near a hole, where it is NaN or at
    the ends."""
    half = MEDIAN_S // 2
    out = values.copy()
    if len(values) < MEDIAN_S:
        return out
    windows = np.lib.stride_tricks.sliding_window_view(values, MEDIAN_S)
    whole = (times[MEDIAN_S - 1 :] - times[: -MEDIAN_S + 1] == MEDIAN_S - 1) & np.isfinite(
        windows
    ).all(axis=1)
    inner = out[half:-half]
    inner[whole] = np.partition(windows[whole], half, axis=1)[:, half]
    return out


def runs(times: NDArray[np.int64], true: Bools) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end, Unix s, of each run of true seconds that follow each other."""
    if not len(true):
        return times[:0], times[:0]
    follows = np.zeros(len(true), dtype=np.bool_)
    follows[1:] = true[1:] & true[:-1] & (np.diff(times) == 1)
    first = np.flatnonzero(true & ~follows)
    last = np.flatnonzero(true & ~np.append(follows[1:], False))
    return times[first], times[last] + 1
