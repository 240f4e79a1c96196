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
#: A sum of unit vectors that forgets: how many, the sum, and its length.
_Mean: TypeAlias = tuple[float, float, float, float, float]

#: Seconds in a row that make walking of moving, before they are learnt from.
_RUN_S = 4
#: Seconds of walking that make an axis known, and the seconds its memory reaches back.
_ENOUGH_S = 10.0
_MEMORY_S = 60.0
#: What is left of a full memory when one more second is taken in.
_FADE = (_MEMORY_S - 1.0) / _MEMORY_S
#: Length of the mean direction below which the walking seconds do not agree with each other.
_AGREE = 0.8
#: Walking this far off the axis for _ENOUGH_S seconds means that the sensor was worn anew.
_ANEW_COS = math.cos(math.radians(35.0))
#: Seconds that are looked at together for whether all of them go with what is known.
_GLANCE = 256
_UNKNOWN = (math.nan, math.nan, math.nan)


class WalkingAxis:
    """Mean up direction over the latest minute of walking, in the sensor's axes."""

    def __init__(self, *, signed: bool) -> None:
        self._signed = signed
        self._run = 0
        self._known = _NONE
        self._strays = _NONE  # walking far off the known axis, which may be the new one

    def begin(self, axis: Vector) -> None:
        """Start from `axis`, as if just enough walking had shown it; more walking takes over."""
        x, y, z = axis
        self._known = _mean(_ENOUGH_S, x * _ENOUGH_S, y * _ENOUGH_S, z * _ENOUGH_S)

    @property
    def full(self) -> bool:
        """Whether its memory is full: from now on it forgets."""
        return self._known[0] >= _MEMORY_S

    def feed(self, up: Vector, walking: bool) -> None:
        """Learn from one second: its up direction, and whether it moved like walking."""
        if not walking:
            self._run = 0
            return
        self._run += 1
        if self._run >= _RUN_S:
            self._take(*up)

    def _take(self, x: float, y: float, z: float) -> None:
        """Learn from one direction."""
        known = self._known
        n, a, b, c, length = known
        astray = False
        if n >= _ENOUGH_S:
            cosine = (x * a + y * b + z * c) / length if length else 0.0
            astray = (cosine if self._signed else abs(cosine)) < _ANEW_COS
        if astray:
            n, a, b, c, _ = self._strays
        # Of an axis without a sign, the way round that goes with it.
        if not self._signed and x * a + y * b + z * c < 0.0:
            x, y, z = -x, -y, -z
        if n >= _MEMORY_S:
            a, b, c = a * _FADE, b * _FADE, c * _FADE
        else:
            n += 1.0
        taken = _mean(n, a + x, b + y, c + z)
        if astray and n < _ENOUGH_S:
            self._strays = taken
        else:
            self._known, self._strays = taken, _NONE

    def _take_all(self, ups: Floats) -> Floats:
        """Learn from directions (3, n) in turn; returns what is known after each, (5, n) as in _Mean."""
        out = np.empty((5, ups.shape[1]))
        at, end = 0, ups.shape[1]
        while at < end:
            if self.full:
                at += self._go_on(ups[:, at : at + _GLANCE], out[:, at : at + _GLANCE])
            if at < end:
                self._take(*ups[:, at].tolist())
                out[:, at] = self._known
                at += 1
        return out

    def _go_on(self, ups: Floats, out: Floats) -> int:
        """As `_take` of each of (3, n) while its memory is full and they go with it; returns how many do.
        What is known after each goes to `out`."""
        mean = np.array(self._known[1:4])[:, None]
        if not self._signed and _dot(mean, ups[:, :1]) < 0.0:
            ups = -ups  # most likely all of them are the other way round
        n = ups.shape[1]
        sums = np.empty((3, n + 1))
        sums[:, :1] = mean
        fade = _FADE
        for row, faded, parts in zip(sums, mean[:, 0].tolist(), ups.tolist(), strict=True):
            row[1:] = [faded := faded * fade + part for part in parts]
        length = np.sqrt(_dot(sums, sums))
        along = _dot(ups, sums[:, :-1])
        with np.errstate(invalid="ignore"):  # 0 / 0: it does not
            goes = along / length[:-1] >= _ANEW_COS
        n = n if goes.all() else int(np.argmin(goes))
        if n:
            out[0, :n], out[1:4, :n], out[4, :n] = (
                self._known[0],
                sums[:, 1 : n + 1],
                length[1 : n + 1],
            )
            self._known, self._strays = _mean(*out[:4, n - 1].tolist()), _NONE
        return n

    def over(self, ups: Floats, walking: NDArray[np.bool_]) -> Floats:
        """(3, k) the axis before each second, NaN while it is not known, while learning from all of them.

        ups: (3, k); walking: (k,).
        """
        before, k, lead = self.axis or _UNKNOWN, len(walking), _RUN_S - 1
        if not np.count_nonzero(walking):
            self._run = 0 if k else self._run
            return np.array(before)[:, None].repeat(k, axis=1)
        walked = np.zeros(
            lead + k, dtype=np.bool_
        )  # and in the seconds before, as far as it matters
        walked[lead - min(self._run, lead) : lead] = True
        walked[lead:] = walking
        learns = walked[lead:].copy()
        for back in range(1, _RUN_S):
            learns &= walked[lead - back : lead - back + k]
        stood = (~walked[k:]).nonzero()[0]
        self._run = lead - 1 - int(stood[-1]) if len(stood) else lead
        rows = learns.nonzero()[0]
        if not len(rows):
            return np.array(before)[:, None].repeat(k, axis=1)
        axes = np.empty((3, len(rows) + 1))
        axes[:, 0] = before
        known = self._take_all(ups[:, rows])
        n, length = known[0], known[4]
        axes[:, 1:] = known[1:4] / np.where(_agree(n, length), length, np.nan)
        # Learnt before each second: what the last of that has left is the axis.
        return axes.take(np.add.accumulate(learns, dtype=np.int64) - learns, axis=1)

    @property
    def axis(self) -> Vector | None:
        """The unit vector, or None while too little walking was seen or it does not agree."""
        n, x, y, z, length = self._known
        return (x / length, y / length, z / length) if _agree(n, length) else None

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {"run": self._run, "known": [*self._known[:4]], "strays": [*self._strays[:4]]}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._run = int(saved["run"])
        self._known = _mean(*map(float, saved["known"]))
        self._strays = _mean(*map(float, saved["strays"]))


def _mean(n: float, x: float, y: float, z: float) -> _Mean:
    return n, x, y, z, math.sqrt(x * x + y * y + z * z)


_NONE = _mean(0.0, 0.0, 0.0, 0.0)


def _dot(a: Floats, b: Floats) -> Floats:
    out: Floats = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return out


def _agree(n: Any, length: Any) -> Any:
    """Whether a mean is of enough seconds that agree with each other; numbers or arrays."""
    return (n >= _ENOUGH_S) & (length >= _AGREE * n)
