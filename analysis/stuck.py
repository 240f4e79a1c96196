"""An axis that does not take part: it stays at one value while the body moves.

One value to the last bit, while others swing, is enough. With noise on it, it may be a body that moves in a
plane; then |a| decides: where one tilts slowly it stays 1 g only if all three axes tell the truth. All
limits are our own judgement [J].
"""

from typing import Any

import numpy as np

from analysis.columns import Bools, Columns
from analysis.cut import starts_of
from domain.samples import Floats

#: A second in which the sensor moves enough for every axis to show it, g; and how many it takes.
SWING_G, STUCK_S = 0.15, 10
#: An axis with nothing but noise: its 100-ms means vary by less than this over a second, and the mean of the
#: second changes by less than this to the next, g.
_NOISE_SD_G, _NOISE_CHANGE_G = 0.012, 0.008
#: Within a minute |a| changes by so much in quiet seconds while the mean of the axis stays within that, g.
#: Gains and offsets of sound sensors make 0.05 of it where one leans.
_INCONSISTENT_G, _STAYS_G = 0.15, 0.008
#: A second quiet enough for |a| to be about gravity, standard deviation of all axes together, g.
QUIET_SD_G = 0.12
#: It has to last for so long: what pushes a chair is over sooner, s.
_LASTS_S = 5
_MINUTE_S = 60


class StuckAxis:
    """Fed a second at a time where something is suspected, and whole columns otherwise."""

    def __init__(self) -> None:
        self._swings = [0, 0, 0]  # swinging seconds of each axis that stays
        self._noisy = [False] * 3  # it was told by its tilts, and may have noise
        self._minute = -1
        self._low_g, self._high_g = np.full(3, np.inf), np.full(3, -np.inf)  # of the minute's means
        self._rest_low_g, self._rest_high_g = np.inf, -np.inf  # of |a| that lasted
        self._recent_g = np.full(_LASTS_S - 1, np.nan)  # |a| of the last quiet seconds

    @property
    def suspected(self) -> bool:
        """Whether an axis has stayed through a swing."""
        return any(self._swings)

    @property
    def certain(self) -> bool:
        """Whether it has through enough of them."""
        return max(self._swings) >= STUCK_S

    @staticmethod
    def evidence(columns: Columns, flat: Bools, change_g: Floats) -> tuple[Bools, Bools]:
        """Where an axis stays, but for noise (3, k), and where it does to the last bit in a swing.

        flat: (3, k) where it is like the second before; change_g: (3, k) of the means."""
        sd = columns.sd_second_g
        stays = (sd < _NOISE_SD_G) & (change_g < _NOISE_CHANGE_G) & columns.fresh
        swing = np.maximum.reduce(np.maximum(sd, 0.5 * change_g)) >= SWING_G
        return stays, flat & swing

    def feed(
        self, flat: list[bool], stays: list[bool], alone: list[bool], tilted: list[bool]
    ) -> None:
        """Take a second; what moves again is cleared by it. See `evidence` and `tilts`."""
        for axis in range(3):
            if not (stays[axis] if self._noisy[axis] else flat[axis]):
                self._swings[axis], self._noisy[axis] = 0, False
            if tilted[axis] and stays[axis]:
                self._swings[axis], self._noisy[axis] = max(self._swings[axis], STUCK_S), True
            elif alone[axis]:
                self._swings[axis] += 1

    def tilts(self, columns: Columns, resting_g: Floats) -> Bools | None:
        """(3, k) where a minute up to that second shows an axis that stayed while |a| did not; None when
        nowhere. resting_g: (k,) |a| of the seconds that are quiet enough, NaN elsewhere.
        """
        lasting = np.concatenate([self._recent_g, resting_g])
        self._recent_g = lasting[-(_LASTS_S - 1) :]
        seconds, mean = columns.seconds, np.where(columns.fresh, columns.mean_g, np.nan)
        if len(seconds) > 2 * _MINUTE_S:
            most_g = np.fmax(np.fmax.reduce(lasting), self._rest_high_g)
            least_g = np.fmin(np.fmin.reduce(lasting), self._rest_low_g)
            if not most_g - least_g >= _INCONSISTENT_G:  # nowhere: what the last minute has is kept
                start = int(seconds.searchsorted(seconds[-1] // _MINUTE_S * _MINUTE_S))
                seconds, mean, lasting = seconds[start:], mean[:, start:], lasting[start:]
        minute = seconds // _MINUTE_S
        starts = starts_of(minute.astype(np.float64))
        k = len(seconds)  # NaN where not all of the last seconds are quiet enough
        each = [lasting[i : i + k] for i in range(_LASTS_S)]
        least_g, most_g = np.minimum.reduce(each), np.maximum.reduce(each)
        low = np.fmin.reduceat(mean, starts, axis=1)
        high = np.fmax.reduceat(mean, starts, axis=1)
        rest_low = np.fmin.reduceat(most_g, starts)
        rest_high = np.fmax.reduceat(least_g, starts)
        out: Bools | None = None
        if minute[0] == self._minute:  # goes on from what was seen before
            before = (self._low_g, self._high_g, self._rest_low_g, self._rest_high_g)
            low[:, 0], high[:, 0] = np.fmin(low[:, 0], before[0]), np.fmax(high[:, 0], before[1])
            rest_low[0] = np.fmin(rest_low[0], before[2])
            rest_high[0] = np.fmax(rest_high[0], before[3])
        else:
            nothing = np.full(3, np.inf)
            before = (nothing, -nothing, np.inf, -np.inf)
        for piece in np.flatnonzero(rest_high - rest_low >= _INCONSISTENT_G).tolist():
            end = int(starts[piece + 1]) if piece + 1 < len(starts) else len(minute)
            rows = slice(int(starts[piece]), end)
            nothing = np.full(3, np.inf)
            known = before if piece == 0 else (nothing, -nothing, np.inf, -np.inf)
            span = np.fmax.accumulate(np.column_stack([known[1], mean[:, rows]]), axis=1)
            span -= np.fmin.accumulate(np.column_stack([known[0], mean[:, rows]]), axis=1)
            spread = np.fmax.accumulate(np.append(known[3], least_g[rows]))
            spread -= np.fmin.accumulate(np.append(known[2], most_g[rows]))
            if out is None:
                out = np.zeros((3, len(minute)), dtype=np.bool_)
            out[:, rows] = ((span < _STAYS_G) & (spread >= _INCONSISTENT_G))[:, 1:]
        self._minute = int(minute[-1])
        self._low_g, self._high_g = low[:, -1], high[:, -1]
        self._rest_low_g, self._rest_high_g = float(rest_low[-1]), float(rest_high[-1])
        return out if out is not None and np.count_nonzero(out) else None

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "swings": list(self._swings),
            "noisy": list(self._noisy),
            "minute": self._minute,
            "low_g": self._low_g.tolist(),
            "high_g": self._high_g.tolist(),
            "recent_g": self._recent_g.tolist(),
            "rest_g": [self._rest_low_g, self._rest_high_g],
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._swings = [int(n) for n in saved["swings"]]
        self._noisy = [bool(value) for value in saved["noisy"]]
        self._minute = int(saved["minute"])
        self._low_g = np.array(saved["low_g"], dtype=np.float64).reshape(3)
        self._high_g = np.array(saved["high_g"], dtype=np.float64).reshape(3)
        self._recent_g = np.array(saved["recent_g"], dtype=np.float64).reshape(_LASTS_S - 1)
        self._rest_low_g, self._rest_high_g = (float(value) for value in saved["rest_g"])
