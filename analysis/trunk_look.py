"""What the rule of the trunk reads of each second, and where seconds are alike."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.alignment import WalkingAxis
from analysis.columns import Bools, Columns
from analysis.features import Grid
from analysis.lean import acos_deg
from analysis.runs import RunEnds
from analysis.settings import AnalysisSettings
from analysis.waist import WaistRule
from domain.people import Calibration
from domain.posture import Activity
from domain.samples import Floats

#: Slow steps hardly lift the pelvis and sway it all the same: at the belt this along the vertical and this
#: over all axes is moving too (mobilised, lower back: 91 % of walking seconds against 68 %).
_SLOW_SD_G, _SLOW_TOTAL_SD_G = 0.035, 0.13


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What the rule reads of k seconds, (k,) each.

    tilt_deg: inclination; forward_deg: the lean, peak_deg its peak within the second; NaN without a
    reference: then comparisons are false. backwards: it leans back or aside, or nobody knows. told: 1
    where a better placed sensor says sitting, -1 where upright, else 0. belt: log odds of sitting by the
    pelvis' angle, NaN where not known, or None.
    """

    seconds: Grid
    present: Bools
    moving: Bools
    tilt_deg: Floats
    forward_deg: Floats
    peak_deg: Floats
    backwards: Bools
    rise: Floats
    moment: Floats
    told: Grid
    belt: Floats | None


def look_at(
    columns: Columns, told: list[int] | None, calibration: Calibration | None, walking: WalkingAxis,
    waist: WaistRule | None, settings: AnalysisSettings,
) -> Look:  # fmt: skip
    """What is to be seen; `walking` and `waist` (of a sensor at the belt) go on to the last second.

    told: see TrunkRule.judge.
    """
    k = len(columns.seconds)
    moving = columns.sd_g >= settings.trunk_moving_sd_g
    if waist is not None:
        slow = (columns.sd_g >= _SLOW_SD_G) & (columns.sd_total_g >= _SLOW_TOTAL_SD_G)
        moving |= slow
    moving &= columns.present
    axes = None
    if calibration is None or waist is not None:
        axes = walking.over(columns.up_2s, moving)
    aside = np.ones(k, dtype=np.bool_)
    if calibration is not None and columns.body is not None:
        tilt = acos_deg(columns.body[2])
        forward, peak = columns.lean_deg, columns.peak_deg
        aside = np.abs(columns.body[1]) > math.sin(math.radians(45.0))
        aside |= forward < 0.0
    else:
        if axes is None:
            axes = np.full((3, k), np.nan)
        tilt = forward = acos_deg(_dot(axes, columns.up))
        early, late = columns.halves[:, 0], columns.halves[:, 1]
        peak = np.fmax(acos_deg(_dot(axes, early)), acos_deg(_dot(axes, late)))
    belt = None
    if waist is not None and axes is not None:
        # The calibration pose may be sitting: only walking shows how the pelvis is carried upright.
        from_walking = acos_deg(_dot(axes, columns.up))
        belt = np.array(waist.judge(columns, moving, from_walking.tolist()))
        tilt = np.where(np.isfinite(from_walking), from_walking, tilt)
    known = np.zeros(k, dtype=np.int64)
    if told is not None:
        says = np.array(told, dtype=np.int64)
        known = np.where(says == int(Activity.SITTING), 1, -1) * (says != 0)
    return Look(
        columns.seconds, columns.present, moving, tilt, forward, peak, aside, columns.rise,
        columns.rise_moment, known, belt,
    )  # fmt: skip


class Runs:
    """Rows of a look that can be weighed together, found when they are first asked for."""

    def __init__(self, look: Look, settings: AnalysisSettings) -> None:
        self._look = look
        self._settings = settings

    @cached_property
    def lain(self) -> RunEnds:
        """At rest, and lying goes on if one lies."""
        look = self._look
        calm = look.present & ~look.moving
        return RunEnds(calm & ~(look.tilt_deg < self._settings.lying_leave_deg), look.told)

    @cached_property
    def alike(self) -> RunEnds:
        """All at rest or all moving, not inclined, and told alike."""
        look = self._look
        level = look.present & ~(look.tilt_deg > self._settings.lying_enter_deg)
        return RunEnds(level, look.told * 2 + look.moving)


def _dot(a: Floats, b: Floats) -> Floats:
    out: Floats = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return out
