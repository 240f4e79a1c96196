"""Whether a sensor on the trunk still sits as when its pose was taken: walking shows where upright is."""

import math

import numpy as np

from analysis.alignment import Vector, WalkingAxis
from analysis.automatic import WALKING_LEAN_DEG
from analysis.columns import Bools
from domain.people import Calibration
from domain.placement import Placement
from domain.samples import Floats

_LEAN_DEG = WALKING_LEAN_DEG[Placement.UPPER_BACK]
#: A walk stops being crooked at this share of the limit [J].
_BACK_SHARE = 0.75
#: Within this share of the limit around a walker's upright nothing is crooked: what it is off forward and
#: aside are each at most the angle between, together at most 1.42 times that, which is below _BACK_SHARE.
_SURELY_SHARE = 0.5


class WalkCheck:
    """Compares the walking axis with a pose, second by second; shifted: it is too far off."""

    def __init__(self, walking: WalkingAxis, calibration: Calibration, shift_deg: float) -> None:
        self._walking = walking
        self._shift_deg = shift_deg
        self._surely_cos = math.cos(math.radians(_SURELY_SHARE * shift_deg))
        self.shifted = False
        self.refer(calibration)

    def refer(self, calibration: Calibration) -> None:
        """Go by `calibration` from now on."""
        self._rotation = calibration.rotation
        forward, _, up = calibration.rotation
        lean = math.radians(_LEAN_DEG)
        sin, cos = math.sin(lean), math.cos(lean)
        x, y, z = (cos * u - sin * f for f, u in zip(forward, up, strict=True))
        self._upright: Vector = x, y, z

    def feed(self, up: Vector, moving: bool) -> None:
        """Learn from one second; see WalkingAxis.feed."""
        self._walking.feed(up, moving)
        axis = self._walking.axis
        if axis is not None:
            self._weigh(axis)

    def over(self, ups: Floats, moving: Bools) -> Bools:
        """(k,) what `shifted` is before each second, while learning from all of them as `feed` would.

        ups: (3, k); moving: (k,).
        """
        axes = self._walking.over(ups, moving)
        was, k = self.shifted, len(moving)
        n = np.count_nonzero(moving)
        if not n:
            return np.full(k, was)
        after = np.empty((3, k))
        after[:, :-1], after[:, -1] = axes[:, 1:], self._walking.axis or math.nan
        x, y, z = after[:, moving]
        ux, uy, uz = self._upright
        if not was and np.count_nonzero(x * ux + y * uy + z * uz >= self._surely_cos) == n:
            return np.zeros(k, dtype=np.bool_)
        found = [was]
        for axis in zip(x.tolist(), y.tolist(), z.tolist(), strict=True):
            if axis[0] == axis[0]:  # not NaN
                self._weigh(axis)
            found.append(self.shifted)
        return np.array(found).take(np.add.accumulate(moving, dtype=np.int64) - moving)

    def _weigh(self, axis: Vector) -> None:
        """Compare the axis of walking with the pose."""
        x, y, z = axis
        ux, uy, uz = self._upright
        if x * ux + y * uy + z * uz >= self._surely_cos:
            self.shifted = False
            return
        body = [a * x + b * y + c * z for a, b, c in self._rotation]
        # Walking leans a little forward: take that out, along the forward axis only.
        forward_deg = math.degrees(math.atan2(-body[0], body[2])) - _LEAN_DEG
        aside_deg = math.degrees(math.asin(max(-1.0, min(1.0, body[1]))))
        off_deg = math.hypot(forward_deg, aside_deg)
        limit_deg = _BACK_SHARE * self._shift_deg if self.shifted else self._shift_deg
        self.shifted = off_deg > limit_deg
