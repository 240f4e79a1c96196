"""What a sensor on the trunk tells: lying, moving, and sitting or standing as far as it can be known."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.alignment import WalkingAxis
from analysis.columns import Bools, Columns
from analysis.features import Grid
from analysis.lean import exp
from analysis.runs import WORTH_S, Rows
from analysis.settings import AnalysisSettings
from analysis.sitting import SitFilter, log_odds
from analysis.trunk_look import Look, Runs, look_at
from analysis.verdict import Verdict
from analysis.waist import WaistRule
from analysis.walk_check import WalkCheck
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
#: After lying one sits on the edge of the bed more often than not [J].
_RISEN_P = 0.7

_BELT = (Placement.WAIST, Placement.LOWER_BACK)

_LYING, _SITTING, _STANDING, _MOVING = (
    int(Activity.LYING), int(Activity.SITTING), int(Activity.STANDING), int(Activity.MOVING),
)  # fmt: skip


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
        self._settings = settings
        known = self._calibration is not None
        self._supine_dwell_s = _LYING_DWELL_S if known else _UNSURE_DWELL_S
        self._prone_dwell_s = settings.prone_dwell_s if self._posed else _UNSURE_DWELL_S
        self._shown = log_odds(settings.shown_from_p)
        self._sit = SitFilter()
        self._walking = WalkingAxis(signed=True)
        if calibration is not None and calibration.method is ReferenceMethod.AUTOMATIC:
            self._walking.begin(calibration.rotation[2])
        # Walking is compared with a reference that is not its own.
        self._check: WalkCheck | None = None
        if calibration is not None and self._posed and self._waist is None:
            self._check = WalkCheck(self._walking, calibration, settings.shift_deg)
        self._lying = False
        self._prone_s = 0
        self._supine_s = 0
        self._moving_s = 0
        self._absent_s = 0

    @property
    def aligned(self) -> bool:
        """Whether the vertical is known."""
        return self._calibration is not None or self._walking.axis is not None

    def refer(self, calibration: Calibration) -> None:
        """Go by `calibration` from now on: the same poses, seen a little better."""
        self._calibration = calibration
        if self._check is not None:
            self._check.refer(calibration)

    def judge(self, columns: Columns, told: list[int] | None) -> tuple[Verdict, Bools]:
        """One verdict a second, and whether the reference is known to have shifted.

        told: what a better placed sensor says of each second, as Activity numbers, or None.
        """
        settings = self._settings
        k = len(columns.seconds)
        look = look_at(columns, told, self._calibration, self._walking, self._waist, settings)
        runs = Runs(look, settings)
        belts = np.full(k, math.nan) if look.belt is None else look.belt
        rows = Rows(
            look.seconds, look.present, look.moving, look.tilt_deg, look.forward_deg, look.peak_deg,
            look.backwards, look.rise, look.moment, look.told, belts,
        )  # fmt: skip
        activity, since = np.zeros(k, dtype=np.uint8), np.zeros(k, dtype=np.int64)
        logit = np.full(k, math.nan)
        was_up: dict[int, tuple[int, int]] = {}
        at = 0
        while at < k:
            end = at
            if k - at >= WORTH_S:
                end = runs.lain[at] if self._lying else runs.alike[at]
            if end - at >= WORTH_S:
                if self._lying:
                    self._calm()
                    activity[at:end] = _LYING
                    at = end
                    continue
                events = (
                    look.seconds[at:end], look.peak_deg[at:end], look.forward_deg[at:end],
                    look.rise[at:end], look.moment[at:end], int(look.told[at]),
                )  # fmt: skip
                if look.moving[at]:
                    end = at + self._sit.walk(*events)
                    if end > at:
                        self._calm(moving_s=self._moving_s + end - at)
                        known = np.isfinite(belts[at:end])
                        activity[at:end] = _MOVING
                        logit[at:end] = np.where(known, belts[at:end], self._sit.logit)
                        since[at:end] = np.where(known, 0, self._sit.since)
                        at = end
                        continue
                else:
                    logits, began = self._sit.rest(*events)
                    if len(logits):
                        end = at + len(logits)
                        self._calm()
                        belt = None if look.belt is None else look.belt[at:end]
                        activity[at:end], logit[at:end], since[at:end] = self._shown_at_rest(
                            logits, began, belt
                        )
                        at = end
                        continue
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
        return Verdict(activity, p_sitting, confidence, since, was_up), self._shifted(columns, look)

    def _shifted(self, columns: Columns, look: Look) -> Bools:
        """Whether walking does not go with the reference, as it is known before each second."""
        check, k = self._check, len(look.seconds)
        if check is None:
            return np.zeros(k, dtype=np.bool_)
        if k == 1:  # live: no arrays for a single second
            shifted = np.full(1, check.shifted)
            if look.present[0]:
                x, y, z = columns.up[:, 0].tolist()
                check.feed((x, y, z), bool(look.moving[0]))
            return shifted
        if np.count_nonzero(look.present) == k:
            return check.over(columns.up, look.moving)
        # Seconds without samples end no walk.
        present = look.present
        before = check.over(columns.up[:, present], look.moving[present])
        turns = np.add.accumulate(present, dtype=np.int64) - present
        return np.append(before, check.shifted).take(turns)

    def _feed(
        self, second: int, present: bool, moving: bool, tilt: float, forward: float, peak: float,
        backwards: bool, rise: float, moment: float, told: int, belt: float,
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

    def _calm(self, moving_s: int = 0) -> None:
        """What seconds in which nothing happens do, however many there are."""
        self._moving_s = moving_s
        self._absent_s = self._supine_s = self._prone_s = 0

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

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED} | {
            "sit": self._sit.save(),
            "walking": self._walking.save(),
            "waist": None if self._waist is None else self._waist.save(),
            "shifted": self._check is not None and self._check.shifted,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        for name in _REMEMBERED:
            setattr(self, name, type(getattr(self, name))(saved[name]))
        self._sit.load(saved["sit"])
        self._walking.load(saved["walking"])
        if self._check is not None:
            self._check.shifted = bool(saved["shifted"])
        if self._waist is not None:
            self._waist.load(saved["waist"])


_REMEMBERED = ("_lying", "_prone_s", "_supine_s", "_moving_s", "_absent_s")
