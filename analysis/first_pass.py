"""References that a whole recording gives where nobody held a pose: offline only (decision 0016).

A live sensor learns from walking as it comes. Of a recording the walking is known from the start, though it
may come late in it, and the same pipeline is given what it shows. Where nobody walks, the placement's
convention and what is usual are assumed, and called so.
"""

import math
from collections.abc import Mapping

import numpy as np

from analysis import gait
from analysis.alignment import Vector, WalkingAxis
from analysis.automatic import WALKING_LEAN_DEG, Wearing
from analysis.calibration import conventional_forward, rotation_of
from analysis.columns import Bools, Columns
from analysis.intake import part
from analysis.lean import unit
from analysis.settings import AnalysisSettings
from analysis.track import Mounted, Track
from domain.people import Calibration, ReferenceMethod
from domain.placement import KNOWLEDGE, Placement
from domain.samples import Floats, SampleBlock

#: By so much people differ in how far forward they walk, deg (analysis.md, section 2).
AUTOMATIC_SIGMA_DEG = 6.0
#: What is usual in a recording is upright give or take this, deg [J].
ASSUMED_SIGMA_DEG = 15.0
#: Tilts that show where forward is, deg; how many s of them, and how much more along than across.
_TILTS_DEG, _TILTS_S, _RATIO = (12.0, 60.0), 20, 3.0
#: Further than one reclines at work, as a sine, and for how many s: bends, which go forward [J].
_BEND, _BEND_S = math.sin(math.radians(30.0)), 3
#: A forward axis within this of the convention's line takes its sign from it.
_NEAR_COS = math.cos(math.radians(45.0))
#: By convention a trunk sensor's face is within this of level when upright; beyond the other one lies, deg.
_LEVEL_DEG, _FLAT_DEG = 45.0, 60.0
#: Recordings begin upright, in their first seconds: then the sensor has just been put on [J].
_BEGIN_S = 10
#: Further than this from the beginning is another posture, when it lasts for some seconds, deg.
_OTHER_DEG, _OTHER_S = 60.0, 5
#: Who moves for so long, and for half of the recording, does not lie, s [J].
_MOVES_S = 4
#: Below this rate steps cannot be told from noise, Hz: a step has a period of half a second.
_STEPS_HZ = 10.0

#: Seconds from which where the trunk tilts to is known well enough [J].
_ENOUGH_S = 4 * 3600
#: Samples worked on together.
_PART = 1 << 16


def references(
    blocks: Mapping[Placement, SampleBlock], settings: AnalysisSettings
) -> dict[Placement, Calibration]:
    """A reference for each placement that can use one; its `made_at` is the first sample's time.

    AUTOMATIC where some 10 s of walking show the vertical: the mean over the first minute of it, on the
    upper trunk turned back by the lean people walk with. Forward on the trunk is where it tilts to,
    or else where it walks to (gait.py), where that is clear, else the convention of `calibrate` for one pose.

    ASSUMED else. Of a trunk: the convention of `calibrate` for forward; upright is the first ten seconds, or
    where all of the recording is about that direction, the median of it. But where the sensor's face looks up
    or down then, upright is the median of the movement, if that is half of the recording, and else the
    wearer is taken to lie: upright is the median of the seconds with the face level, or, if there are
    none, a horizontal. Of a thigh: only that the sensor's face lies on it.
    """
    out = {}
    for placement, block in blocks.items():
        thigh = placement is Placement.THIGH
        if not (thigh or KNOWLEDGE[placement].trunk):
            continue
        wearing = Wearing(placement)
        up, still, axis = _look_through(placement, block, settings, wearing)
        vertical: Floats | None
        if axis is not None:
            vertical = np.array(axis)
            method, sigma_deg = ReferenceMethod.AUTOMATIC, AUTOMATIC_SIGMA_DEG
        else:
            vertical = _usual(up, placement, still)
            method, sigma_deg = ReferenceMethod.ASSUMED, ASSUMED_SIGMA_DEG
        if vertical is None:
            continue
        forward = conventional_forward(vertical, placement, None)
        if axis is not None and not thigh:
            upper = placement in (Placement.UPPER_BACK, Placement.STERNUM)
            shown = wearing.forward(vertical)
            if shown is None:
                shown = gait.forward(block, vertical, settings.trunk_moving_sd_g)
            # A pelvis tips back on a chair for longer than it ever bends forward.
            forward = _forward(up, vertical, forward, bends=upper) if shown is None else shown
            if upper:
                vertical = _back_from_walking(vertical, forward, WALKING_LEAN_DEG[placement])
        out[placement] = Calibration(
            placement.value, placement, float(block.times[0]), method,
            rotation_of(forward, vertical), None, sigma_deg,
        )  # fmt: skip
    return out


def _look_through(
    placement: Placement, block: SampleBlock, settings: AnalysisSettings, wearing: Wearing
) -> tuple[Floats, Bools, Vector | None]:
    """Up (3, k) of each second with samples, whether it was still, and the axis that the first minute of
    walking shows, or what there is of it. With that minute, and _ENOUGH_S, no more is read. `wearing`
    is fed what is read."""
    thigh = placement is Placement.THIGH
    track = Track(Mounted(placement.value, placement, None), settings)
    acc = SampleBlock(placement.value, block.times, block.acc_g, None, block.rate_hz)
    limit_g = settings.moving_sd_g if thigh else settings.trunk_moving_sd_g
    learnt = WalkingAxis(signed=not thigh)
    ups, stills, read_s = [np.empty((3, 0))], [np.empty(0, dtype=np.bool_)], 0
    for first in range(0, len(acc), _PART):
        track.intake.put(part(acc, first, min(first + _PART, len(acc))), -math.inf)
        last = first + _PART >= len(acc)
        grid = track.collect(math.floor(track.intake.newest) + last)
        if len(grid) == 0:
            continue
        columns = track.columns(grid)
        ups.append(columns.up_2s)
        no = np.zeros(len(grid), dtype=np.bool_)
        wearing.feed(columns, no, columns.present, no, np.zeros(len(grid), dtype=np.int64))
        stills.append(columns.sd_total_g < limit_g)
        read_s += len(grid)
        if block.rate_hz >= _STEPS_HZ and not learnt.full:
            _learn(learnt, columns, limit_g, settings.running_sd_g)
        if learnt.full and (thigh or read_s >= _ENOUGH_S):
            break
    return np.concatenate(ups, axis=1), np.concatenate(stills), learnt.axis


def _learn(learnt: WalkingAxis, columns: Columns, moving_g: float, running_g: float) -> None:
    walks = (columns.sd_g >= moving_g) & (columns.sd_g < running_g)
    for x, y, z, walk in zip(*columns.up_2s.tolist(), walks.tolist(), strict=True):
        learnt.feed((x, y, z), walk)
        if learnt.full:
            return


def _usual(up: Floats, placement: Placement, still: Bools) -> Floats | None:
    """What is taken for upright; None where no second has a direction."""
    if placement is Placement.THIGH:
        return np.array([0.0, 1.0, 0.0])
    up, still = up[:, np.isfinite(up[0])], still[np.isfinite(up[0])]
    if up.shape[1] == 0:
        return None
    begin = _median(up[:, :_BEGIN_S])
    face_deg = np.degrees(np.arcsin(np.clip(np.abs(up[2]), 0.0, 1.0)))
    if np.degrees(np.arcsin(min(1.0, abs(float(begin[2]))))) > _FLAT_DEG:
        moving = np.count_nonzero(~still)
        if moving >= _MOVES_S and 2 * moving >= up.shape[1]:
            return _median(up[:, ~still])  # a box on a belt, its face up: who lies does not move so
        level = up[:, face_deg < _LEVEL_DEG]
        if level.shape[1] >= _OTHER_S:
            return _median(level)
        # All of it is lying: any direction along the sensor's face will do.
        return unit(np.array([0.0, 1.0, 0.0]) - begin[1] * begin)
    other = np.count_nonzero(begin @ up < math.cos(math.radians(_OTHER_DEG)))
    if other >= _OTHER_S:
        return begin
    return _median(up[:, still] if np.count_nonzero(still) else up)


def _median(up: Floats) -> Floats:
    """The median direction of (3, n); the first one where there is no middle."""
    middle = unit(np.median(up, axis=1))
    out: Floats = middle if np.isfinite(middle).all() else up[:, 0]
    return out


def _forward(up: Floats, vertical: Floats, convention: Floats, *, bends: bool) -> Floats:
    """Where the trunk tilts to, if that is clear. bends: and further forward than back, so that its sign is
    known where one side clearly goes further; else it is the convention's if they agree in line."""
    level = unit(convention - np.dot(convention, vertical) * vertical)
    left = np.cross(vertical, level)
    cosine = np.clip(vertical @ up, -1.0, 1.0)
    low, high = (math.cos(math.radians(deg)) for deg in _TILTS_DEG)
    tilted = (cosine < low) & (cosine > high)
    if np.count_nonzero(tilted) < _TILTS_S:
        return level
    # Leaning forward the up direction tilts backward.
    along, across = -(level @ up[:, tilted]), -(left @ up[:, tilted])
    (a, b), (_, c) = np.cov(along, across, bias=True) + np.outer(
        (along.mean(), across.mean()), (along.mean(), across.mean())
    )
    middle, half = 0.5 * (a + c), math.hypot(0.5 * (a - c), b)
    if middle + half < _RATIO * (middle - half):
        return level
    angle = 0.5 * math.atan2(2.0 * b, a - c)
    direction = np.array([math.cos(angle), math.sin(angle)])
    reach = direction[0] * along + direction[1] * across
    there, back = (np.count_nonzero(side * reach > _BEND) for side in (1.0, -1.0))
    if bends and max(there, back) >= max(_BEND_S, _RATIO * min(there, back)):
        sign = 1.0 if there > back else -1.0
    elif abs(direction[0]) >= _NEAR_COS:
        sign = math.copysign(1.0, direction[0])
    else:
        sign = 1.0 if np.sum(reach**3) >= 0.0 else -1.0
    forward: Floats = sign * (direction[0] * level + direction[1] * left)
    return forward


def _back_from_walking(vertical: Floats, forward: Floats, lean_deg: float) -> Floats:
    """Upright, from the direction in walking."""
    level = unit(forward - np.dot(forward, vertical) * vertical)
    lean = math.radians(lean_deg)
    return math.cos(lean) * vertical + math.sin(lean) * level
