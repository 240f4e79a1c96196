"""What a sensor on the trunk tells: lying, moving, and sitting or standing as far as it can be known."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.alignment import WalkingAxis
from analysis.columns import Bools, Columns
from analysis.features import Grid
from analysis.lean import acos_deg, exp
from analysis.runs import Rows, run_ends
from analysis.settings import AnalysisSettings
from analysis.sitting import SitFilter, log_odds
from analysis.verdict import Verdict
from analysis.waist import WaistRule
from domain.people import Calibration, ReferenceMethod
from domain.placement import Placement
from domain.posture import Activity
from domain.samples import Floats

#: Width of the logistic curve of the confidence in lying [J].
LYING_WIDTH_DEG = 4.0
#: Lying on the back or the side is believed after this; where forward is not known, or only by convention, so
#: is lying of any kind, or on the front, after a little longer [J].
_LYING_DWELL_S, _UNSURE_DWELL_S = 1, 4
#: The most that is believed of lying that is told from an assumed reference [J].
_ASSUMED_CONFIDENCE = 0.7
#: A sitting trunk is moving only after this many seconds in a row: a fidget is not a walk.
_FIDGET_S = 3
#: People walk with the upper trunk this far forward (analysis.md, section 2: 6 +- 6 deg).
_WALKING_LEAN_DEG = 6.0
#: After lying one sits on the edge of the bed more often than not [J].
_RISEN_P = 0.7

#: Slow steps hardly lift the pelvis and sway it all the same: at the belt this along the vertical and this
#: over all axes is moving too (mobilised, lower back: 91 % of walking seconds against 68 %).
_SLOW_SD_G, _SLOW_TOTAL_SD_G = 0.035, 0.13

#: From so many seconds in a row on, those in which nothing happens are weighed together.
_WORTH_S = 8

_BELT = (Placement.WAIST, Placement.LOWER_BACK)

_LYING, _SITTING, _STANDING, _MOVING = (
    int(Activity.LYING), int(Activity.SITTING), int(Activity.STANDING), int(Activity.MOVING),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
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


class TrunkRule:
    """Without a calibration the vertical is learnt from walking; until then lying is not told. By a
    reference that is only assumed it is told with less confidence."""

    def __init__(
        self, placement: Placement, calibration: Calibration | None, settings: AnalysisSettings
    ) -> None:
        self._waist = WaistRule(settings) if placement in _BELT else None
        self._calibration = calibration
        self._assumed = calibration is not None and calibration.method is ReferenceMethod.ASSUMED
        self._posed = calibration is not None and calibration.method.posed
        # Walking is compared with a reference that is not its own.
        self._checked = self._posed and self._waist is None
        self._settings = settings
        known = self._calibration is not None
        self._supine_dwell_s = _LYING_DWELL_S if known else _UNSURE_DWELL_S
        self._prone_dwell_s = settings.prone_dwell_s if self._posed else _UNSURE_DWELL_S
        self._shown = log_odds(settings.shown_from_p)
        self._sit = SitFilter()
        self._walking = WalkingAxis(signed=True)
        if calibration is not None and calibration.method is ReferenceMethod.AUTOMATIC:
            self._walking.begin(calibration.rotation[2])
        self._lying = False
        self._prone_s = 0
        self._supine_s = 0
        self._moving_s = 0
        self._absent_s = 0
        self._shifted = False

    @property
    def aligned(self) -> bool:
        """Whether the vertical is known."""
        return self._calibration is not None or self._walking.axis is not None

    def refer(self, calibration: Calibration) -> None:
        """Go by `calibration` from now on: the same poses, seen a little better."""
        self._calibration = calibration

    def judge(self, columns: Columns, told: list[int] | None) -> tuple[Verdict, Bools]:
        """One verdict a second, and whether the reference is known to have shifted.

        told: what a better placed sensor says of each second, as Activity numbers, or None.
        """
        settings = self._settings
        k = len(columns.seconds)
        look = self._look(columns, told)
        calm = look.present & ~look.moving
        resting = run_ends(calm & ~(look.tilt_deg > settings.lying_enter_deg), look.told)
        lain = run_ends(calm & ~(look.tilt_deg < settings.lying_leave_deg), look.told)
        ups, belts = columns.up, np.full(k, math.nan) if look.belt is None else look.belt
        rows = Rows(
            look.seconds, look.present, look.moving, look.tilt_deg, look.forward_deg, look.peak_deg,
            look.backwards, look.rise, look.moment, look.told, belts, ups[0], ups[1], ups[2],
        )  # fmt: skip
        activity, since = np.zeros(k, dtype=np.uint8), np.zeros(k, dtype=np.int64)
        logit, shifted = np.full(k, math.nan), np.zeros(k, dtype=np.bool_)
        was_up: dict[int, tuple[int, int]] = {}
        at = 0
        while at < k:
            end = lain[at] if self._lying else resting[at]
            if end - at >= _WORTH_S:
                if self._lying:
                    self._calm(shifted[at:end])
                    activity[at:end] = _LYING
                    at = end
                    continue
                logits, began = self._sit.rest(
                    look.seconds[at:end], look.peak_deg[at:end], look.forward_deg[at:end],
                    look.rise[at:end], look.moment[at:end], int(look.told[at]),
                )  # fmt: skip
                if len(logits):
                    end = at + len(logits)
                    self._calm(shifted[at:end])
                    belt = None if look.belt is None else look.belt[at:end]
                    activity[at:end], logit[at:end], since[at:end] = self._shown_at_rest(
                        logits, began, belt
                    )
                    at = end
                    continue
            shifted[at] = self._shifted
            row = rows[at]
            activity[at], logit[at], since[at] = self._feed(*row)
            if self._sit.was_up is not None and row[1] and not self._lying and row[10] != row[10]:
                was_up[row[0]] = self._sit.was_up
            at += 1
        lying = activity == _LYING
        p_sitting = 1.0 / (1.0 + exp(-logit))
        confidence = np.where(activity == _SITTING, p_sitting, 1.0 - p_sitting)
        confidence[activity == 0] = 0.0
        if np.count_nonzero(lying):
            p_sitting[lying] = 0.0
            beyond = (settings.lying_leave_deg - look.tilt_deg) / LYING_WIDTH_DEG
            sure = 1.0 / (1.0 + exp(beyond))
            if self._assumed:
                sure = np.minimum(sure, _ASSUMED_CONFIDENCE)
            confidence[lying] = sure[lying]
        return Verdict(activity, p_sitting, confidence, since, was_up), shifted

    def _feed(
        self, second: int, present: bool, moving: bool, tilt: float, forward: float, peak: float,
        backwards: bool, rise: float, moment: float, told: int, belt: float, *up: float,
    ) -> tuple[int, float, int]:  # fmt: skip
        """Weigh one second; returns activity, log odds of sitting and since."""
        sit, settings = self._sit, self._settings
        if not present:
            self._absent_s += 1
            if self._absent_s == int(settings.bridge_s) + 1:
                self._sit = SitFilter()
                self._lying = False
            return 0, math.nan, 0
        self._absent_s = 0
        if self._checked and (moving or self._moving_s):
            self._check_reference(up, moving)
        self._moving_s = self._moving_s + 1 if moving else 0
        # Lying, with hysteresis; forward it may be a bend until it has lasted.
        if self._lying:
            if not tilt < settings.lying_leave_deg:
                return _LYING, math.nan, 0
            self._lying = False
            sit = self._sit = SitFilter()
            sit.start(_RISEN_P, second)
        elif tilt > settings.lying_enter_deg:
            if backwards:
                self._supine_s += 1
            else:
                self._prone_s += 1
            if self._supine_s >= self._supine_dwell_s or self._prone_s >= self._prone_dwell_s:
                self._lying = True
                since = second + 1 - self._supine_s - self._prone_s
                self._supine_s = self._prone_s = 0
                return _LYING, math.nan, since
        else:
            self._supine_s = self._prone_s = 0
        logit = sit.feed(second, moving, peak, forward, rise, moment)
        if told:
            sit.told(told > 0, second)
            logit = sit.logit
        since, shown = sit.since, self._shown
        if belt == belt:  # not NaN
            logit, since, shown = belt, 0, 0.0
        if moving and (logit < shown or self._moving_s >= _FIDGET_S):
            return _MOVING, logit, since if logit < 0.0 else 0
        if not tilt > settings.lying_enter_deg:  # else inclined, and not yet told from a bend
            if logit >= shown:
                return _SITTING, logit, since
            if logit <= -shown:
                return _STANDING, logit, since
        return 0, logit, 0

    def _calm(self, shifted: Bools) -> None:
        """What seconds in which nothing happens do, however many there are; `shifted` is filled."""
        shifted[0] = self._shifted
        if self._moving_s and self._checked:
            self._check_reference((0.0, 0.0, 0.0), moving=False)
        shifted[1:] = self._shifted
        self._moving_s = self._absent_s = self._supine_s = self._prone_s = 0

    def _shown_at_rest(
        self, logit: Floats, since: Grid, belt: Floats | None
    ) -> tuple[NDArray[np.uint8], Floats, Grid]:
        """Activity, log odds and since of motionless seconds that are not inclined."""
        shown: float | Floats = self._shown
        if belt is not None:
            known = np.isfinite(belt)
            logit, since = np.where(known, belt, logit), np.where(known, 0, since)
            shown = np.where(known, 0.0, shown)
        sitting, upright = logit >= shown, logit <= -shown
        activity = np.where(sitting, np.uint8(_SITTING), upright * np.uint8(_STANDING))
        return activity, logit, np.where(sitting | upright, since, 0)

    def _look(self, columns: Columns, told: list[int] | None) -> _Look:
        settings = self._settings
        k = len(columns.seconds)
        moving = columns.sd_g >= settings.trunk_moving_sd_g
        if self._waist is not None:
            slow = (columns.sd_g >= _SLOW_SD_G) & (columns.sd_total_g >= _SLOW_TOTAL_SD_G)
            moving |= slow
        moving &= columns.present
        axes = None
        if self._calibration is None or self._waist is not None:
            axes = self._walking.over(columns.up_2s, moving)
        aside = np.ones(k, dtype=np.bool_)
        if self._calibration is not None and columns.body is not None:
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
        if self._waist is not None and axes is not None:
            # The calibration pose may be sitting: only walking shows how the pelvis is carried upright.
            from_walking = acos_deg(_dot(axes, columns.up))
            belt = np.array(self._waist.judge(columns, moving, from_walking.tolist()))
            tilt = np.where(np.isfinite(from_walking), from_walking, tilt)
        known = np.zeros(k, dtype=np.int64)
        if told is not None:
            says = np.array(told, dtype=np.int64)
            known = np.where(says == _SITTING, 1, -1) * (says != 0)
        return _Look(
            columns.seconds, columns.present, moving, tilt, forward, peak, aside, columns.rise,
            columns.rise_moment, known, belt,
        )  # fmt: skip

    def _check_reference(self, up: tuple[float, ...], moving: bool) -> None:
        """Walking shows where upright is: far from the reference, the sensor has slipped."""
        self._walking.feed((up[0], up[1], up[2]), moving)
        axis, calibration = self._walking.axis, self._calibration
        if axis is None or calibration is None:
            return
        x, y, z = axis
        body = [a * x + b * y + c * z for a, b, c in calibration.rotation]
        # Walking leans a little forward: take that out, along the forward axis only.
        forward_deg = math.degrees(math.atan2(-body[0], body[2])) - _WALKING_LEAN_DEG
        aside_deg = math.degrees(math.asin(max(-1.0, min(1.0, body[1]))))
        off_deg = math.hypot(forward_deg, aside_deg)
        if self._shifted:
            self._shifted = off_deg > 0.75 * self._settings.shift_deg
        else:
            self._shifted = off_deg > self._settings.shift_deg

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED} | {
            "sit": self._sit.save(),
            "walking": self._walking.save(),
            "waist": None if self._waist is None else self._waist.save(),
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        for name in _REMEMBERED:
            setattr(self, name, type(getattr(self, name))(saved[name]))
        self._sit.load(saved["sit"])
        self._walking.load(saved["walking"])
        if self._waist is not None:
            self._waist.load(saved["waist"])


_REMEMBERED = ("_lying", "_prone_s", "_supine_s", "_moving_s", "_absent_s", "_shifted")


def _dot(a: Floats, b: Floats) -> Floats:
    out: Floats = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return out
