"""How fine a sensor's numbers are, and how noisy: whether the same values can come again and again.

Learnt from its first minutes. The step is the smallest change that it ever shows; the noise is what is
left of a second at rest when its smooth part is taken off. Where the noise is as large as the step, three
axes that stay at one value for some seconds are no measurement; where it is small, every rest is like that.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import numpy as np

from analysis.cut import Cut

#: Seconds that are learnt from at most, and seconds at rest after which enough is known [J].
_LEARN_S, _RESTS = 600, 20
#: So many at rest tell the noise [J].
_LEAST_RESTS = 5
#: A second is at rest when no axis spans more than this, g; it takes so many samples [J].
_REST_G, _SAMPLES = 0.06, 10
#: Changes below this are rounding of the computation, not steps of the sensor, g.
_ROUNDING_G = 2e-6
#: Noise from this share of the step on makes it change all the time: three axes of 100 samples stay within
#: one step in fewer than 1 of 1e5 cases even if it is three times less when the sensor lies on a table.
_NOISY_SHARE = 0.7
#: No accelerometer in use is quiet on a step this small, g [J: the best have 0.2 mg of noise in 25 Hz]; a
#: quiet one on a step of up to this is rare, and seldom worn by somebody who never rests.
_FINE_G, _LIKELY_G = 0.00055, 0.0042
#: Of white noise, the mean of |second difference| over its standard deviation: sqrt(6 * 2/pi).
_SECOND_DIFFERENCE = 1.954


class Grain(IntEnum):
    """What is known of a sensor's numbers. FINE: equal values in a row are impossible; LIKELY_FINE: its step
    is small, its noise not known; COARSE: at any rest it sends the same."""

    UNKNOWN = 0
    COARSE = 1
    LIKELY_FINE = 2
    FINE = 3


#: The seconds with which it became known, and what it is from then on.
Grains = Sequence[tuple[int, Grain]]


class Resolution:
    """Of one sensor, as far as its samples have shown it."""

    def __init__(self) -> None:
        self._seen = 0
        self._rests = 0
        self._step_g = np.inf
        self._noise_g = np.inf
        #: The second from which on its step is known to be small: no two extremes are alike by chance.
        self.small_from = np.inf

    @property
    def grain(self) -> Grain:
        """What it is known to be."""
        if self._rests >= _LEAST_RESTS:
            noisy = self._noise_g >= _NOISY_SHARE * self._step_g
            return Grain.FINE if noisy else Grain.COARSE
        if self._step_g <= _FINE_G:
            return Grain.FINE
        return Grain.LIKELY_FINE if self._step_g <= _LIKELY_G else Grain.UNKNOWN

    def learn(self, cut: Cut) -> list[tuple[int, Grain]]:
        """Look at the seconds of `cut`; see Grains."""
        out: list[tuple[int, Grain]] = []
        if self._done():
            return out
        before = self.grain
        for second, step_g, span_g, noise_g in _shown(cut, _LEARN_S - self._seen):
            if self._done():
                break
            self._seen += 1
            if np.isfinite(step_g):  # else nothing moves in it: it may lie on a table, or hang
                self._step_g = min(self._step_g, step_g)
                if span_g < _REST_G:
                    self._rests += 1
                    self._noise_g = min(self._noise_g, noise_g)
            if self._step_g <= _LIKELY_G and not np.isfinite(self.small_from):
                self.small_from = second
            if self.grain is not before:
                before = self.grain
                out.append((int(second), before))
        return out

    def _done(self) -> bool:
        return self._seen >= _LEARN_S or self._rests >= _RESTS

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "seen": self._seen,
            "rests": self._rests,
            "step_g": self._step_g,
            "noise_g": self._noise_g,
            "small_from": self.small_from,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._seen, self._rests = int(saved["seen"]), int(saved["rests"])
        self._step_g, self._noise_g = float(saved["step_g"]), float(saved["noise_g"])
        self.small_from = float(saved["small_from"])


def _shown(cut: Cut, most: int) -> list[list[float]]:
    """Of up to `most` seconds each: the second, its smallest step, g, infinite where none shows; the widest
    span of an axis, g; and the noise of the noisiest, g."""
    starts, count, second = cut.starts[:most], cut.count[:most], cut.second[:most]
    ends = starts + count
    acc_g = cut.signals_g(slice(0, int(ends[-1])))[:3]
    # Of what a second begins with and ends with, no change is its own.
    change = np.full(acc_g.shape, np.nan)
    np.subtract(acc_g[:, 1:], acc_g[:, :-1], out=change[:, 1:])
    change[:, starts] = np.nan
    steps = np.abs(change)
    steps[~(steps > _ROUNDING_G)] = np.inf
    step_g = np.minimum.reduceat(np.minimum.reduce(steps, axis=0), starts)
    step_g[count < _SAMPLES] = np.inf
    highest, lowest = (
        extreme.reduceat(acc_g, starts, axis=1) for extreme in (np.maximum, np.minimum)
    )
    bends = np.zeros(acc_g.shape)
    np.subtract(change[:, 1:], change[:, :-1], out=bends[:, 1:])
    np.abs(bends, out=bends)
    bends[~np.isfinite(bends)] = 0.0
    noise = np.add.reduceat(bends, starts, axis=1) / np.maximum(count - 2, 1)
    rows = (
        second, step_g, np.maximum.reduce(highest - lowest, axis=0),
        np.maximum.reduce(noise, axis=0) / _SECOND_DIFFERENCE,
    )  # fmt: skip
    return [list(row) for row in zip(*(column.tolist() for column in rows), strict=True)]
