"""The vertical of a sensor as walking shows it: an automatic reference, and a check of the given one.

Walking gravity is the direction in which a body carries its sensor upright (analysis.md, section 2).
A thigh is taken as an axis without a sign, so that a telephone upside down in a pocket works.
"""

import math
from typing import Any

#: Seconds in a row that make walking of moving, before they are learnt from.
_RUN_S = 4
#: Seconds of walking that make an axis known, and the seconds its memory reaches back.
_ENOUGH_S = 10.0
_MEMORY_S = 60.0
#: Length of the mean direction below which the walking seconds do not agree with each other.
_AGREE = 0.94
#: Walking this far off the axis for _ENOUGH_S seconds means that the sensor was worn anew.
_ANEW_COS = math.cos(math.radians(35.0))


class WalkingAxis:
    """Mean up direction over the latest minute of walking, in the sensor's axes."""

    def __init__(self, *, signed: bool) -> None:
        self._signed = signed
        self._run = 0
        self._n = 0.0
        self._sum = (0.0, 0.0, 0.0)
        self._strays = 0

    def feed(self, up: tuple[float, float, float], walking: bool) -> None:
        """Learn from one second: its up direction, and whether it moved like walking."""
        if not walking:
            self._run = 0
            return
        self._run += 1
        if self._run < _RUN_S:
            return
        x, y, z = up
        sx, sy, sz = self._sum
        length = math.sqrt(sx * sx + sy * sy + sz * sz)
        along = x * sx + y * sy + z * sz
        if along < 0.0 and not self._signed:
            x, y, z, along = -x, -y, -z, -along
        if self._n >= _ENOUGH_S and along < _ANEW_COS * length:
            self._strays += 1
            if self._strays < _ENOUGH_S:
                return
            self._n, self._sum = 0.0, (0.0, 0.0, 0.0)
            sx, sy, sz = self._sum
        self._strays = 0
        keep = min(1.0, (_MEMORY_S - 1.0) / self._n) if self._n else 0.0
        self._sum = (sx * keep + x, sy * keep + y, sz * keep + z)
        self._n = min(self._n + 1.0, _MEMORY_S)

    @property
    def axis(self) -> tuple[float, float, float] | None:
        """The unit vector, or None while too little walking was seen or it does not agree."""
        if self._n < _ENOUGH_S:
            return None
        x, y, z = self._sum
        length = math.sqrt(x * x + y * y + z * z)
        if length < _AGREE * self._n:
            return None
        return x / length, y / length, z / length

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {"run": self._run, "n": self._n, "sum": list(self._sum), "strays": self._strays}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._run, self._n = int(saved["run"]), float(saved["n"])
        x, y, z = saved["sum"]
        self._sum = (float(x), float(y), float(z))
        self._strays = int(saved["strays"])
