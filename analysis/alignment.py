"""The vertical of a sensor as walking shows it: an automatic reference, and a check of the given one.

Walking gravity is the direction in which a body carries its sensor upright (analysis.md, section 2).
A thigh is taken as an axis without a sign, so that a telephone upside down in a pocket works.
"""

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from domain.samples import Floats

Vector: TypeAlias = tuple[float, float, float]

#: Seconds in a row that make walking of moving, before they are learnt from.
_RUN_S = 4
#: Seconds of walking that make an axis known, and the seconds its memory reaches back.
_ENOUGH_S = 10.0
_MEMORY_S = 60.0
#: Length of the mean direction below which the walking seconds do not agree with each other.
_AGREE = 0.8
#: Walking this far off the axis for _ENOUGH_S seconds means that the sensor was worn anew.
_ANEW_COS = math.cos(math.radians(35.0))
_UNKNOWN = (math.nan, math.nan, math.nan)


class WalkingAxis:
    """Mean up direction over the latest minute of walking, in the sensor's axes."""

    def __init__(self, *, signed: bool) -> None:
        self._signed = signed
        self._run = 0
        self._known = _Mean()
        self._strays = _Mean()  # walking far off the known axis, which may be the new one

    def begin(self, axis: Vector) -> None:
        """Start from `axis`, as if just enough walking had shown it; more walking takes over."""
        self._known = _Mean()
        self._known.n = _ENOUGH_S
        self._known.sum = (axis[0] * _ENOUGH_S, axis[1] * _ENOUGH_S, axis[2] * _ENOUGH_S)
        self._known.measure()

    @property
    def full(self) -> bool:
        """Whether its memory is full: from now on it forgets."""
        return self._known.n >= _MEMORY_S

    def feed(self, up: Vector, walking: bool) -> None:
        """Learn from one second: its up direction, and whether it moved like walking."""
        if not walking:
            self._run = 0
            return
        self._run += 1
        if self._run >= _RUN_S:
            self._learn(*up)

    def _learn(self, x: float, y: float, z: float) -> None:
        known = self._known
        a, b, c = known.sum
        along = x * a + y * b + z * c
        if known.n >= _ENOUGH_S:
            cosine = along / known.length if known.length else 0.0
            if (cosine if self._signed else abs(cosine)) < _ANEW_COS:
                self._stray(x, y, z)
                return
        known.add(x, y, z, -1.0 if along < 0.0 and not self._signed else 1.0)
        if self._strays.n:
            self._strays = _Mean()

    def _stray(self, x: float, y: float, z: float) -> None:
        strays = self._strays
        a, b, c = strays.sum
        strays.add(x, y, z, -1.0 if x * a + y * b + z * c < 0.0 and not self._signed else 1.0)
        if strays.n >= _ENOUGH_S:
            self._known, self._strays = strays, _Mean()

    def over(self, ups: Floats, walking: NDArray[np.bool_]) -> Floats:
        """(3, k) the axis before each second, NaN while it is not known, while learning from all of them.

        ups: (3, k); walking: (k,). Only walking is looked at one by one.
        """
        k = len(walking)
        at = walking.nonzero()[0]
        axes = [self.axis or _UNKNOWN]
        after = -1  # the row that would go on with the run
        for row, (x, y, z) in zip(at.tolist(), ups[:, at].T.tolist(), strict=True):
            self._run = self._run + 1 if row == after or not row else 1
            after = row + 1
            if self._run >= _RUN_S:
                self._learn(x, y, z)
                axes.append(self.axis or _UNKNOWN)
            else:
                axes.append(axes[-1])
        if k and after != k:
            self._run = 0
        if len(axes) == 1:
            return np.array(axes).T.repeat(k, axis=1)
        # Walking seconds before each: what the last of them has left is the axis.
        turns = np.add.accumulate(walking, dtype=np.int64) - walking
        return np.array(axes).T.take(turns, axis=1)

    @property
    def axis(self) -> Vector | None:
        """The unit vector, or None while too little walking was seen or it does not agree."""
        known = self._known
        if known.n < _ENOUGH_S or known.length < _AGREE * known.n:
            return None
        x, y, z = known.sum
        return x / known.length, y / known.length, z / known.length

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {"run": self._run, "known": self._known.save(), "strays": self._strays.save()}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._run = int(saved["run"])
        self._known.load(saved["known"])
        self._strays.load(saved["strays"])


class _Mean:
    """Sum of unit vectors that forgets beyond _MEMORY_S of them."""

    __slots__ = ("length", "n", "sum")

    def __init__(self) -> None:
        self.n = 0.0
        self.sum: Vector = (0.0, 0.0, 0.0)
        self.length = 0.0

    def add(self, x: float, y: float, z: float, sign: float) -> None:
        """Take in `sign` times a unit vector."""
        n = self.n
        keep = min(1.0, (_MEMORY_S - 1.0) / n) if n else 0.0
        a, b, c = self.sum
        a, b, c = self.sum = (a * keep + sign * x, b * keep + sign * y, c * keep + sign * z)
        self.n = min(n + 1.0, _MEMORY_S)
        self.length = math.sqrt(a * a + b * b + c * c)

    def measure(self) -> None:
        """The length of `sum`."""
        x, y, z = self.sum
        self.length = math.sqrt(x * x + y * y + z * z)

    def save(self) -> list[float]:
        return [self.n, *self.sum]

    def load(self, saved: list[float]) -> None:
        n, x, y, z = (float(value) for value in saved)
        self.n, self.sum = n, (x, y, z)
        self.measure()
