"""References that a whole recording gives where nobody held a pose: offline only (decision 0016).

A live sensor learns from walking as it comes. Of a recording the walking is known from the start, though it
may come late in it, and the same pipeline is given what it shows. Where nobody walks, the placement's
convention and what is usual are assumed, and called so.
"""

import math
from collections.abc import Mapping

import numpy as np

from analysis import assumed, gait
from analysis.alignment import Vector, WalkingAxis
from analysis.automatic import WALKING_LEAN_DEG, Wearing
from analysis.calibration import conventional_forward, rotation_of
from analysis.columns import Bools, Columns
from analysis.lean import unit
from analysis.settings import AnalysisSettings
from analysis.sides import STEPS
from analysis.steps import StepCounter
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
#: Below this rate steps cannot be told from noise, Hz: a step has a period of half a second.
_STEPS_HZ = 10.0
#: Seconds of walking in which there must be steps: noise with holes has a few at most [J].
_STEPPED_S = 4

#: Seconds from which where the trunk tilts to is known well enough [J].
_ENOUGH_S = 4 * 3600
#: Samples worked on together.
_PART = 1 << 16


def references(
    blocks: Mapping[Placement, SampleBlock], settings: AnalysisSettings
) -> dict[Placement, Calibration]:
    """A reference for each placement that can use one; its `made_at` is the first sample's time.

    AUTOMATIC where some 10 s of walking, with steps in them, show the vertical: the mean over the first
    minute of it, on the upper trunk turned back by the lean people walk with. Forward on the trunk is
    where it tilts to, or else where it walks to (gait.py), where that is clear, else the convention of
    `calibrate` for one pose.

    ASSUMED else, see assumed.py; forward by the convention of `calibrate`.
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
            vertical = assumed.upright(up, placement, still)
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
    learnt, steps, stepped_s = WalkingAxis(signed=not thigh), StepCounter(), 0
    ups, stills, read_s = [np.empty((3, 0))], [np.empty(0, dtype=np.bool_)], 0
    for first in range(0, len(acc), _PART):
        track.intake.put(acc.part(first, min(first + _PART, len(acc))), -math.inf)
        last = first + _PART >= len(acc)
        grid = track.collect(math.floor(track.intake.newest) + last)
        if len(grid) == 0:
            continue
        columns = track.columns(grid)
        ups.append(columns.up_2s)
        no = np.zeros(len(grid), dtype=np.bool_)
        wearing.feed(columns, no, columns.present, no, np.zeros(len(grid), dtype=np.int64))
        stills.append((columns.sd_total_g < limit_g) | (block.rate_hz < _STEPS_HZ))
        read_s += len(grid)
        if block.rate_hz >= _STEPS_HZ and not learnt.full:
            walks = (columns.sd_g >= limit_g) & (columns.sd_g < settings.running_sd_g)
            _learn(learnt, columns, walks)
            cadence_spm = steps.count(columns.seconds, columns.sides[STEPS], walks)
            stepped_s += int(np.count_nonzero(cadence_spm > 0.0))
        if learnt.full and (thigh or read_s >= _ENOUGH_S):
            break
    return (
        np.concatenate(ups, axis=1),
        np.concatenate(stills),
        learnt.axis if stepped_s >= _STEPPED_S else None,
    )


def _learn(learnt: WalkingAxis, columns: Columns, walks: Bools) -> None:
    for x, y, z, walk in zip(*columns.up_2s.tolist(), walks.tolist(), strict=True):
        learnt.feed((x, y, z), walk)
        if learnt.full:
            return


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
