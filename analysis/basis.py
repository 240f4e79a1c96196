"""What a figure rests on: sensors, reference, error, coverage; and the figure with all of it."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.doubt import sigma_deg
from analysis.roles import ACTIVITY_ORDER, INTENSITY_ORDER, LEAN_ORDER
from analysis.track import Mounted
from analysis.version import ALGORITHM_VERSION
from domain.episodes import Episode
from domain.metrics import Metric
from domain.people import ReferenceMethod
from domain.placement import KNOWLEDGE, Knowledge, Placement
from domain.posture import Activity, FrameBlock

#: A rate over less than this says nothing, s [J].
LEAST_FOR_RATE_S = 600.0
#: Where the pair of a twist is worn: trunk, and pelvis or seat.
_ABOVE = (Placement.UPPER_BACK, Placement.STERNUM)
_BELOW = (Placement.WAIST, Placement.LOWER_BACK, Placement.SEAT)
#: Why there is a figure of nothing, where no sensor is to blame.
NOTHING_KNOWN = "Nothing was recorded in this time that could tell."


@dataclass(frozen=True, slots=True)
class Basis:
    """One kind of data of one stretch. known_s: seconds with it; missing: why there are none, in a
    sentence to the wearer, or empty. The rest as in Metric."""

    sensors: tuple[str, ...]
    reference: ReferenceMethod | None
    sigma_deg: float | None
    known_s: int
    coverage: float
    missing: str

    def metric(
        self,
        name: str,
        value: float | None,
        unit: str,
        *,
        confidence: float | None = None,
        why: str = "",
    ) -> Metric:
        """The figure; without any data, or with a `value` of None, it is None for the reason `missing` or
        else `why`."""
        reason = self.missing or ("" if value is not None else why)
        return Metric(
            name=name,
            value=None if reason or value is None else float(value),
            unit=unit,
            reason=reason,
            sensors=self.sensors,
            reference=self.reference,
            sigma_deg=self.sigma_deg,
            coverage=self.coverage,
            confidence=None if reason else confidence,
            version=ALGORITHM_VERSION,
        )

    def rate(self, name: str, count: float, seconds: float, confidence: float | None) -> Metric:
        """`count` an hour of `seconds`."""
        enough = seconds >= LEAST_FOR_RATE_S
        return self.metric(
            name,
            3600.0 * count / seconds if enough else None,
            "1/h",
            confidence=confidence,
            why="Ten minutes of it are the least for a rate; wear the sensor for longer.",
        )


@dataclass(frozen=True, slots=True)
class Bases:
    """The bases of a stretch by what is measured."""

    activity: Basis
    lying: Basis
    lean: Basis
    side: Basis
    twist: Basis
    turn: Basis
    intensity: Basis
    steps: Basis

    @classmethod
    def of(
        cls,
        frames: FrameBlock,
        length_s: int,
        worn: Sequence[Mounted],
        gyro: Collection[Placement],
        reasons: Mapping[str, str],
    ) -> "Bases":
        """Of `frames` out of `length_s` seconds. gyro: placements of the sensors that have one."""
        places = [one.placement for one in worn]
        calibrations = {one.placement: one.calibration for one in worn if one.calibration}
        shown = [Placement.of_number(int(number)) for number in np.unique(frames.source)]
        deciding = [p for p in ACTIVITY_ORDER if p in shown]
        best = list(ReferenceMethod)
        leaning = (
            sorted(
                (p for p in LEAN_ORDER if p in calibrations),
                key=lambda p: best.index(calibrations[p].method),
            )[:1]
            or [p for p in LEAN_ORDER if p in places][:1]
        )
        moving = [p for p in INTENSITY_ORDER if p in places][:1]
        stepping = [p for p in INTENSITY_ORDER if p in places and _steps(p)][:1]
        turning = [p for p in LEAN_ORDER if p in places and p in gyro][:1]
        pair = [p for p in _ABOVE if p in gyro][:1] + [p for p in _BELOW if p in gyro][:1]

        def basis(
            of: Sequence[Placement], known_s: int, column: str, *, angle: bool, zero: bool = True
        ) -> Basis:
            # Without a zero: how strongly, how often, or how far from where it was just now.
            calibration = calibrations.get(of[0]) if of and zero else None
            sigma = None
            if angle and calibration is not None:
                sigma = sigma_deg(calibration.sigma_deg, fused=of[0] in gyro)
            missing = "" if known_s else reasons.get(column, NOTHING_KNOWN)
            return Basis(
                sensors=tuple(p.value for p in of),
                reference=None if calibration is None else calibration.method,
                sigma_deg=sigma if sigma is not None and math.isfinite(sigma) else None,
                known_s=known_s,
                coverage=min(known_s / length_s, 1.0) if length_s else 0.0,
                missing=missing,
            )

        on = frames.activity != Activity.NOT_WORN
        known = on & (frames.activity != Activity.UNKNOWN)

        def seconds(name: str) -> int:
            return int((on & np.isfinite(frames[name])).sum())

        activity = basis(deciding, int(known.sum()), "activity", angle=False)
        return cls(
            activity=activity,
            lying=_of_lying(activity, places),
            lean=basis(leaning, seconds("lean_deg"), "lean_deg", angle=True),
            side=basis(leaning, seconds("side_deg"), "side_deg", angle=True),
            twist=basis(pair, seconds("twist_deg"), "twist_deg", angle=False, zero=False),
            turn=basis(turning, seconds("turn_dps"), "turn_dps", angle=False, zero=False),
            intensity=basis(moving, seconds("mad_mg"), "mad_mg", angle=False, zero=False),
            steps=basis(stepping, seconds("cadence_spm"), "cadence_spm", angle=False, zero=False),
        )


def sureness(episodes: Sequence[Episode]) -> float | None:
    """Mean confidence of what a figure is made of; None when that is nothing."""
    sure = [e.confidence for e in episodes if math.isfinite(e.confidence)]
    return sum(sure) / len(sure) if sure else None


def _of_lying(activity: Basis, places: Sequence[Placement]) -> Basis:
    if activity.missing or any(KNOWLEDGE[p].lying is Knowledge.YES for p in places):
        return activity
    return Basis(
        activity.sensors, activity.reference, activity.sigma_deg, 0, 0.0,
        "A thigh lies level in a chair and in bed alike. A second sensor on the trunk tells lying from "
        "sitting.",
    )  # fmt: skip


def _steps(place: Placement) -> bool:
    return KNOWLEDGE[place].steps is Knowledge.YES
