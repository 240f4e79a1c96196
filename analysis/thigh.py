"""Sitting, standing and moving from a sensor on the thigh.

The rule of Acti4 (Skotte et al. 2014, J Phys Act Health 11:76), re-implemented from its description:
2-s windows every second, the thigh further than 45 deg from vertical is sitting or lying, else the
standard deviation tells standing from moving. Two things are ours: the limb's axis has no sign, so
that a telephone upside down works, and the deviation is taken along the vertical, which is the limb's
axis wherever it decides (motionsense: 99.2 % of windows against 98.9 %).

Where nothing shows how the sensor sits, the placement's convention may be assumed (ReferenceMethod.ASSUMED):
the face of a flat sensor (its z axis) lies on the limb, so that it is about level when one stands, and looks
up, more or less, when one sits. That is said with less confidence.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.alignment import WalkingAxis
from analysis.columns import Bools, Columns
from analysis.lean import acos_deg, asin_deg, exp, log
from analysis.settings import AnalysisSettings
from analysis.verdict import Verdict
from domain.people import Calibration, ReferenceMethod
from domain.posture import Activity
from domain.samples import Floats

#: The limit against an axis learnt from walking, which is only near the limb's: midway between what
#: motionsense shows of standing (up to 36 deg) and of sitting (from 42 deg), over 12 people.
LEARNT_SIT_DEG = 39.0
#: The limit of the face's elevation: midway between what motionsense shows of standing and walking (up to
#: 21 deg) and of sitting (from 24 deg), with a telephone on the front or the side of the thigh.
_FACE_SIT_DEG = 21.0
#: The most that is believed of a posture that rests on the convention [J].
ASSUMED_CONFIDENCE = 0.7
#: Widths of the logistic curves that turn a distance from the limit into a confidence [J].
ANGLE_WIDTH_DEG = 4.0
SD_WIDTH = 0.35  # in natural logarithms of the deviation over its limit


class ThighRule:
    """Without a pose the limb's axis is learnt from walking; until then only moving is told, or where the
    convention is assumed, the face's elevation decides."""

    def __init__(self, calibration: Calibration | None, settings: AnalysisSettings) -> None:
        self._settings = settings
        posed = calibration is not None and calibration.method.posed
        self._limit_deg = settings.thigh_sit_deg if posed else LEARNT_SIT_DEG
        self._axis = calibration.rotation[2] if calibration is not None and posed else None
        self._walking = WalkingAxis(signed=False)
        if calibration is not None and calibration.method is ReferenceMethod.AUTOMATIC:
            self._walking.begin(calibration.rotation[2])
        self._assumed = calibration is not None and calibration.method is ReferenceMethod.ASSUMED
        self._raised = False

    @property
    def aligned(self) -> bool:
        """Whether the limb's axis is known."""
        return self._axis is not None or self._walking.axis is not None

    def refer(self, calibration: Calibration) -> None:
        """Go by `calibration` from now on: the same pose, seen a little better; what walking showed stays."""
        if self._axis is not None:
            self._axis = calibration.rotation[2]

    def distrust(self) -> None:
        """The pose no longer fits how it is worn: go by what walking shows, as without a calibration."""
        self._axis, self._limit_deg = None, LEARNT_SIT_DEG

    def judge(self, columns: Columns) -> Verdict:
        """One verdict a second."""
        settings = self._settings
        moving = columns.present & (columns.sd_g >= settings.moving_sd_g)
        x, y, z = columns.up_2s
        ax, ay, az = self._axes(columns, moving & (columns.sd_g < settings.running_sd_g))
        angle_deg = acos_deg(np.abs(x * ax + y * ay + z * az))
        assumed = np.isnan(ax) if self._assumed else None
        if assumed is not None:
            # The elevation of the face, moved so that its limit is the limit of the angle.
            elevation_deg = asin_deg(np.abs(z)) + (self._limit_deg - _FACE_SIT_DEG)
            angle_deg = np.where(assumed, elevation_deg, angle_deg)
        known = columns.present & np.isfinite(angle_deg)
        raised = self._raise(angle_deg, known)

        brisk = moving & (columns.sd_g >= settings.thigh_brisk_sd_g)
        sitting = known & raised & ~brisk
        activity = np.full(len(x), Activity.UNKNOWN, dtype=np.uint8)
        activity[moving] = Activity.MOVING
        activity[known & ~raised & ~moving] = Activity.STANDING
        activity[sitting] = Activity.SITTING

        distance_deg = np.abs(angle_deg - self._limit_deg)
        sure_of_angle = 1.0 / (1.0 + exp(-distance_deg / ANGLE_WIDTH_DEG))
        ratio = np.maximum(columns.sd_g, 1e-6) / settings.moving_sd_g
        spread = np.abs(log(ratio))
        sure_of_motion = 1.0 / (1.0 + exp(-spread / SD_WIDTH))
        confidence = np.where(sitting, sure_of_angle, np.minimum(sure_of_angle, sure_of_motion))
        walks = moving & ~sitting
        if np.count_nonzero(walks):
            confidence = np.where(walks, sure_of_motion, confidence)
        unknown = activity == Activity.UNKNOWN
        confidence[unknown] = 0.0
        if assumed is not None:
            by_face = assumed & known & (sitting | ~moving)
            confidence = np.where(by_face, np.minimum(confidence, ASSUMED_CONFIDENCE), confidence)
        p_sitting = np.where(sitting, sure_of_angle, 1.0 - sure_of_angle)
        if np.count_nonzero(walks):
            p_sitting = np.where(walks, np.minimum(p_sitting, 1.0 - sure_of_motion), p_sitting)
        p_sitting[unknown] = np.nan
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
