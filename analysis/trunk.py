"""What a sensor on the trunk tells: lying, moving, and sitting or standing as far as it can be known."""

import math
from typing import Any

import numpy as np

from analysis.alignment import WalkingAxis
from analysis.columns import Columns
from analysis.lean import acos_deg, asin_deg
from analysis.settings import AnalysisSettings
from analysis.sitting import SitFilter, dwell_table
from analysis.verdict import Verdict
from analysis.waist import WaistRule
from domain.people import Calibration, ReferenceMethod
from domain.placement import Placement
from domain.posture import Activity
from domain.samples import Floats

#: Width of the logistic curve of the confidence in lying [J].
_LYING_WIDTH_DEG = 4.0
#: Lying on the back or the side is believed after this; without a pose, which tells it from a deep bend, so
#: is lying of any kind after a little longer [J].
_LYING_DWELL_S, _UNPOSED_DWELL_S = 1, 3
#: The most that is believed of lying that is told by the sensor's face alone [J].
_ASSUMED_CONFIDENCE = 0.7
#: A sitting trunk is moving only after this many seconds in a row: a fidget is not a walk.
_FIDGET_S = 3
#: People walk with the upper trunk this far forward (analysis.md, section 2: 6 +- 6 deg).
_WALKING_LEAN_DEG = 6.0
#: After lying one sits on the edge of the bed more often than not [J].
_RISEN_P = 0.7

_BELT = (Placement.WAIST, Placement.LOWER_BACK)

_LYING, _SITTING, _STANDING, _MOVING = (
    int(Activity.LYING), int(Activity.SITTING), int(Activity.STANDING), int(Activity.MOVING),
)  # fmt: skip


class TrunkRule:
    """Without a calibration the vertical is learnt from walking; until then lying is not told, or, where
    the placement's convention is assumed, by it: the face of a flat sensor (its z axis) lies on the
    trunk, so that it looks up or down only when one lies."""

    def __init__(
        self, placement: Placement, calibration: Calibration | None, settings: AnalysisSettings
    ) -> None:
        self._waist = WaistRule(settings) if placement in _BELT else None
        # What was only assumed to be upright is good for angles, not for telling lying.
        self._assumed = calibration is not None and calibration.method is ReferenceMethod.ASSUMED
        self._calibration = None if self._assumed else calibration
        self._posed = calibration is not None and calibration.method.posed
        self._settings = settings
        self._dwell = dwell_table()
        self._sit = SitFilter(self._dwell)
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

    def judge(self, columns: Columns, told: list[int] | None) -> tuple[Verdict, list[bool]]:
        """One verdict a second, and whether the reference is known to have shifted.

        told: what a better placed sensor says of each second, as Activity numbers, or None.
        """
        settings, calibration = self._settings, self._calibration
        k = len(columns.seconds)
        moving_list = (columns.present & (columns.sd_g >= settings.trunk_moving_sd_g)).tolist()
        axes = None
        if calibration is None or self._waist is not None:
            axes = self._axes(columns, moving_list)
        tilts, peaks, backwards = self._tilts(columns, axes)
        belt = None
        if self._waist is not None and axes is not None:
            # The calibration pose may be sitting: only walking shows how the pelvis is carried upright.
            from_walking = acos_deg(_dot(axes, columns.up))
            belt = self._waist.judge(columns, from_walking.tolist())
            known = np.isfinite(from_walking)
            tilts = (np.where(known, from_walking, tilts[0]).tolist(), tilts[1])
        present = columns.present.tolist()
        seconds = columns.seconds.tolist()
        inclined = tilts[0]
        ups = columns.up.T.tolist()
        rises, moments = columns.rise.tolist(), columns.rise_moment.tolist()
        enter, leave, shown = (
            settings.lying_enter_deg,
            settings.lying_leave_deg,
            settings.shown_from_p,
        )
        prone_dwell = settings.prone_dwell_s
        supine_dwell = _LYING_DWELL_S if self._posed else _UNPOSED_DWELL_S
        by_face = self._by_face(axes, k)
        activity, p_sitting, confidence = [0] * k, [math.nan] * k, [0.0] * k
        since, shifted = [0] * k, [False] * k
        sit, was_up = self._sit, {}
        rows = zip(
            present, seconds, moving_list, inclined, tilts[1], peaks, rises, moments, strict=True
        )
        for i, (is_present, second, moving, tilt, forward, peak, rise, moment) in enumerate(rows):
            shifted[i] = self._shifted
            if not is_present:
                self._absent_s += 1
                if self._absent_s == int(settings.bridge_s) + 1:
                    sit = self._sit = SitFilter(self._dwell)
                    self._lying = False
                continue
            self._absent_s = 0
            if calibration is not None and belt is None and (moving or self._moving_s):
                self._check_reference(calibration, ups[i], moving)
            self._moving_s = self._moving_s + 1 if moving else 0
            # Lying, with hysteresis; forward it may be a bend until it has lasted.
            if self._lying:
                if tilt < leave:
                    self._lying = False
                    sit = self._sit = SitFilter(self._dwell)
                    sit.start(_RISEN_P, second)
            elif tilt > enter:
                if backwards[i]:
                    self._supine_s += 1
                else:
                    self._prone_s += 1
                if self._supine_s >= supine_dwell or self._prone_s >= prone_dwell:
                    self._lying = True
                    since[i] = second + 1 - self._supine_s - self._prone_s
                    self._supine_s = self._prone_s = 0
            else:
                self._supine_s = self._prone_s = 0
            if self._lying:
                activity[i], p_sitting[i] = _LYING, 0.0
                sure = 1.0 / (1.0 + math.exp((leave - tilt) / _LYING_WIDTH_DEG))
                confidence[i] = min(sure, _ASSUMED_CONFIDENCE) if by_face[i] else sure
                continue
            p = sit.feed(second, moving, peak, forward, rise, moment)
            if told is not None and told[i]:
                sit.told(told[i] == _SITTING, second)
                p = sit.p
            by_angle = belt is not None and belt[i] == belt[i]  # not NaN
            if belt is not None and by_angle:
                p = belt[i]
                shown = 0.5
            elif sit.was_up is not None:
                was_up[second] = sit.was_up
            p_sitting[i] = p
            if moving and (p < shown or self._moving_s >= _FIDGET_S):
                activity[i], confidence[i] = _MOVING, 1.0 - p
                since[i] = sit.since if p < 0.5 else 0
            elif tilt > enter:
                pass  # inclined, and not yet told from a bend
            elif p >= shown:
                activity[i], confidence[i], since[i] = _SITTING, p, sit.since
            elif p <= 1.0 - shown:
                activity[i], confidence[i], since[i] = _STANDING, 1.0 - p, sit.since
            if by_angle:
                since[i] = 0
                shown = settings.shown_from_p
        verdict = Verdict(
            np.array(activity, dtype=np.uint8),
            np.array(p_sitting),
            np.array(confidence),
            np.array(since, dtype=np.int64),
            was_up,
        )
        return verdict, shifted

    def _tilts(
        self, columns: Columns, axes: Floats | None
    ) -> tuple[tuple[list[float], list[float]], list[float], list[bool]]:
        """Inclination, forward tilt and its peak each second, deg, and whether it leans back or aside.

        axes: (3, k) the vertical as walking shows it, for want of a calibration. Without either all is NaN
        and comparisons are false, but for the elevation of the sensor's face where it is assumed.
        Without a pose forward is not known: all counts as backward.
        """
        if self._calibration is not None and columns.body is not None:
            inclined = acos_deg(columns.body[2])
            forward = columns.lean_deg
            aside = np.abs(columns.body[1]) > math.sin(math.radians(45.0))
            backwards = ((forward < 0.0) | aside | (not self._posed)).tolist()
            peak = columns.peak_deg
        else:
            if axes is None:
                axes = np.full((3, len(columns.seconds)), np.nan)
            forward = acos_deg(_dot(axes, columns.up))
            inclined = forward
            if self._assumed:
                elevation_deg = asin_deg(np.abs(columns.up[2]))
                inclined = np.where(np.isnan(forward), elevation_deg, forward)
            early, late = columns.halves[:, 0], columns.halves[:, 1]
            peak = np.fmax(acos_deg(_dot(axes, early)), acos_deg(_dot(axes, late)))
            backwards = [True] * len(columns.seconds)
        return (inclined.tolist(), forward.tolist()), peak.tolist(), backwards

    def _by_face(self, axes: Floats | None, k: int) -> list[bool]:
        """Whether only the face tells of lying."""
        if not self._assumed or axes is None:
            return [False] * k
        unknown: list[bool] = np.isnan(axes[0]).tolist()
        return unknown

    def _axes(self, columns: Columns, moving: list[bool]) -> Floats:
        out = np.full((3, len(moving)), np.nan)
        ups = columns.up_2s.T.tolist()
        for i, moves in enumerate(moving):
            axis = self._walking.axis
            if axis is not None:
                out[:, i] = axis
            self._walking.feed(tuple(ups[i]), moves)
        return out

    def _check_reference(self, calibration: Calibration, up: list[float], moving: bool) -> None:
        """Walking shows where upright is: far from the reference, the sensor has slipped."""
        self._walking.feed((up[0], up[1], up[2]), moving)
        axis = self._walking.axis
        if axis is None:
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
