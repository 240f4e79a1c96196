"""Where a sensor's range ends, when that is 2 g or nearer.

Some exports, drivers and cheap chips cut at 1.2 to 1.9 g. A movement never has its extreme three samples
long at one value, and at the very same value again in other seconds; nor, with steps of a few mg, the same
extreme again and again at all: that is the end of a range.
"""

from typing import Any

import numpy as np

from analysis.cut import Cut, starts_of
from analysis.features import Col
from domain.posture import Quality
from domain.samples import Floats

#: No range ends nearer than what gravity needs with the gain of a poor sensor, g [J]; and 2 g is the smallest
#: that makers offer.
NEAREST_G, FURTHEST_G = 1.15, 2.05
#: In so many seconds an end is hit before it is believed: by three samples in a row, or by one of a sensor of
#: small steps [J].
_HITS = 5
#: And in more than come this near without reaching it: extremes pile up at an end, g [J].
_NEAR_G = 0.05
#: Seconds with a far sample that are looked at; a range that they do not show ends further out [J].
_LOOK_S = 600
#: In seconds that span this on the axis; a coarse sensor at rest repeats itself too, g [J].
_MOVES_G = 0.1
_SATURATED = float(Quality.SATURATED)


class RangeEnd:
    """The six ends of one sensor, as far as its samples have shown them."""

    def __init__(self) -> None:
        self._end_g = [0.0] * 6  # of x, y, z, -x, -y, -z
        self._hits = [0] * 6
        self._near = [0] * 6
        self._left_s = _LOOK_S

    def mark(self, cut: Cut, table: Floats, small_from: float) -> None:
        """Flag the seconds of `cut` in the feature table (WIDTH, m) that sat at an end. small_from: the
        second from which on the steps of the sensor are known to be small."""
        if (self._left_s <= 0 and not self._known) or cut.peak_g < NEAREST_G:
            return
        far = cut.beyond(NEAREST_G)
        row = np.searchsorted(cut.starts, far, side="right") - 1
        inside = far - cut.starts[row]
        now, one, two = (cut.signals_g(np.maximum(far - back, 0))[:3] for back in range(3))
        thrice = (now == one) & (now == two)
        thrice &= inside >= 2
        first = starts_of(row.astype(np.float64))
        second = row[first]
        both = np.concatenate([now, -now])
        top = np.maximum.reduceat(both, first, axis=1)
        at_top = both == top.repeat(np.diff([*first.tolist(), len(far)]), axis=1)
        hit = np.logical_or.reduceat(np.concatenate([thrice, thrice]) & at_top, first, axis=1)
        hit |= cut.second[second] >= small_from
        mean = table[Col.SUM, second] / table[Col.SUB_COUNT, second]
        hit &= top - np.concatenate([mean, -mean]) >= _MOVES_G
        hit &= (top >= NEAREST_G) & (top < FURTHEST_G)
        ends = np.array(self._end_g)[:, None]
        told = top >= np.maximum(ends - _NEAR_G, NEAREST_G)  # an end only ever moves outward
        further = np.flatnonzero((top >= FURTHEST_G).any(axis=0))  # so there is no near end
        looked_at = int(further[0]) if len(further) else len(second)
        for i in np.flatnonzero(told[:, :looked_at].any(axis=0)).tolist():
            if i >= self._left_s and not self._known:
                break
            for end in range(6):
                if self._follow(end, float(top[end, i]), hit=bool(hit[end, i])):
                    flags = int(table[Col.FLAGS, second[i]])
                    table[Col.FLAGS, second[i]] = float(flags | int(_SATURATED))
        self._left_s = max(self._left_s - looked_at, 0)
        if len(further):
            self.forget()
            self._left_s = 0

    @property
    def _known(self) -> bool:
        return any(map(self._is_end, range(6)))

    def _is_end(self, end: int) -> bool:
        return self._hits[end] >= _HITS and self._hits[end] > self._near[end]

    def _follow(self, end: int, top_g: float, *, hit: bool) -> bool:
        """Take the extreme of a second; whether it is at an end that is known."""
        if top_g > max(self._end_g[end], NEAREST_G):
            self._end_g[end], self._hits[end], self._near[end] = top_g, 0, 0
        if top_g == self._end_g[end]:
            self._hits[end] += hit
        elif top_g >= max(self._end_g[end] - _NEAR_G, NEAREST_G):
            self._near[end] += 1
        return top_g == self._end_g[end] and self._is_end(end)

    def forget(self) -> None:
        """Samples come with other gains from now on: an end reads otherwise."""
        self._left_s = _LOOK_S if self._known else self._left_s
        self._end_g, self._hits, self._near = [0.0] * 6, [0] * 6, [0] * 6

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "end_g": list(self._end_g),
            "hits": list(self._hits),
            "near": list(self._near),
            "left_s": self._left_s,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._end_g = [float(value) for value in saved["end_g"]]
        self._hits = [int(value) for value in saved["hits"]]
        self._near = [int(value) for value in saved["near"]]
        self._left_s = int(saved["left_s"])
