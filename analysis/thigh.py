"""Sitting, standing and moving from a sensor on the thigh.

The rule of Acti4 (Skotte et al. 2014, J Phys Act Health 11:76), re-implemented from its description:
2-s windows every second, the thigh further than 45 deg from vertical is sitting or lying, else the
standard deviation tells standing from moving. Two things are ours: the limb's axis has no sign, so
that a telephone upside down works, and the deviation is taken along the vertical, which is the limb's
axis wherever it decides (motionsense: 99.2 % of windows against 98.9 %).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.alignment import WalkingAxis
from analysis.columns import Bools, Columns
from analysis.lean import acos_deg, exp, log
from analysis.settings import AnalysisSettings
from analysis.verdict import Verdict
from domain.people import Calibration
from domain.posture import Activity
from domain.samples import Floats

#: The limit against an axis learnt from walking, which is only near the limb's: midway between what
#: motionsense shows of standing (up to 36 deg) and of sitting (from 42 deg), over 12 people.
_LEARNT_SIT_DEG = 39.0
#: Widths of the logistic curves that turn a distance from the limit into a confidence [J].
_ANGLE_WIDTH_DEG = 4.0
_SD_WIDTH = 0.35  # in natural logarithms of the deviation over its limit


class ThighRule:
    """Without a calibration the limb's axis is learnt from walking; until then only moving is told."""

    def __init__(self, calibration: Calibration | None, settings: AnalysisSettings) -> None:
        self._settings = settings
        learnt = calibration is None
        self._limit_deg = _LEARNT_SIT_DEG if learnt else settings.thigh_sit_deg
        self._axis = None if calibration is None else calibration.rotation[2]
        self._walking = WalkingAxis(signed=False)
        self._raised = False

    @property
    def aligned(self) -> bool:
        """Whether the limb's axis is known."""
        return self._axis is not None or self._walking.axis is not None

    def refer(self, calibration: Calibration) -> None:
        """Go by `calibration` from now on: the same pose, seen a little better."""
        self._axis = calibration.rotation[2]

    def judge(self, columns: Columns) -> Verdict:
        """One verdict a second."""
        settings = self._settings
        moving = columns.present & (columns.sd_g >= settings.moving_sd_g)
        x, y, z = columns.up_2s
        ax, ay, az = self._axes(columns, moving & (columns.sd_g < settings.running_sd_g))
        angle_deg = acos_deg(np.abs(x * ax + y * ay + z * az))
        known = columns.present & np.isfinite(angle_deg)
        raised = self._raise(angle_deg, known)

        brisk = moving & (columns.sd_g >= settings.thigh_brisk_sd_g)
        sitting = known & raised & ~brisk
        activity = np.full(len(x), Activity.UNKNOWN, dtype=np.uint8)
        activity[moving] = Activity.MOVING
        activity[known & ~raised & ~moving] = Activity.STANDING
        activity[sitting] = Activity.SITTING

        distance_deg = np.abs(angle_deg - self._limit_deg)
        sure_of_angle = 1.0 / (1.0 + exp(-distance_deg / _ANGLE_WIDTH_DEG))
        ratio = np.maximum(columns.sd_g, 1e-6) / settings.moving_sd_g
        spread = np.abs(log(ratio))
        sure_of_motion = 1.0 / (1.0 + exp(-spread / _SD_WIDTH))
        confidence = np.where(sitting, sure_of_angle, np.minimum(sure_of_angle, sure_of_motion))
        confidence = np.where(moving & ~sitting, sure_of_motion, confidence)
        confidence[activity == Activity.UNKNOWN] = 0.0
        p_sitting = np.where(sitting, sure_of_angle, 1.0 - sure_of_angle)
        p_sitting = np.where(
            moving & ~sitting, np.minimum(p_sitting, 1.0 - sure_of_motion), p_sitting
        )
        p_sitting[activity == Activity.UNKNOWN] = np.nan
        return Verdict(activity, p_sitting, confidence, np.zeros(len(x), dtype=np.int64))

    def _axes(self, columns: Columns, walking: Bools) -> Floats:
        """The limb's axis each second, (3, k); NaN while it is not known."""
        if self._axis is not None:
            return np.repeat(np.array(self._axis)[:, None], len(walking), axis=1)
        return self._walking.over(columns.up_2s, walking)

    def _raise(self, angle_deg: Floats, known: Bools) -> Bools:
        """Whether the thigh is raised, with hysteresis: what is within the band stays as it was."""
        half_deg = self._settings.thigh_hysteresis_deg
        up = known & (angle_deg > self._limit_deg + half_deg)
        down = known & (angle_deg < self._limit_deg - half_deg)
        decided = up | down
        order: NDArray[np.int64] = np.where(decided, np.arange(1, len(up) + 1), 0)
        last = np.maximum.accumulate(order)
        raised = np.concatenate([[self._raised], up])[last]
        if len(raised):
            self._raised = bool(raised[-1])
        return raised

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {"walking": self._walking.save(), "raised": self._raised}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._walking.load(saved["walking"])
        self._raised = bool(saved["raised"])
