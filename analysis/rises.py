"""How far a trunk went up or down, out of the latest seconds of its vertical acceleration."""

import math
from collections import deque
from typing import Any

from analysis.features import Grid
from domain.samples import Floats

#: Vertical displacement of the trunk getting up, and how well it is measured, m; down is negative. Its sign
#: is right in 86 % of sit-downs and 90 % of stand-ups (umafall, chest at 20 Hz, 21 trials).
RISE_M, _RISE_SD_M = 0.4, 0.25
#: Density floor: a displacement far off says little instead of everything.
_OUTLIER = 0.01
#: So many seconds are kept.
RING_S = 14


class Rises:
    """The latest seconds, whole Unix s, with features.Col's rise and moment of each."""

    def __init__(self) -> None:
        self._rows: deque[tuple[int, float, float]] = deque(maxlen=RING_S)  # newest last

    def see(self, second: int, rise: float, moment: float) -> None:
        """One more second."""
        self._rows.append((second, rise, moment))

    def see_all(self, seconds: Grid, rise: Floats, moment: Floats) -> None:
        """More seconds, (k,) each."""
        columns = (column[-RING_S:].tolist() for column in (seconds, rise, moment))
        self._rows.extend(zip(*columns, strict=True))

    def over_m(self, start: int, end: int) -> float:
        """Vertical displacement over [start, end), of a body at rest at both ends.

        A trunk may have set out in the second before it shows: of the two starts that one is taken from
        which it comes to rest the better. Summed from the middle of a movement, down comes out as up.
        """
        shown_m, shown_mps = self._summed(start, end)
        before_m, before_mps = self._summed(start - 1, end)
        return before_m if abs(before_mps) < abs(shown_mps) else shown_m

    def _summed(self, start: int, end: int) -> tuple[float, float]:
        """Displacement over [start, end), m, and the velocity that would be left, m/s."""
        velocity = height = 0.0
        n = 0
        for second, rise, moment in self._rows:
            if start <= second < end:
                height += velocity + moment
                velocity += rise
                n += 1
        # Rest at both ends: the mean acceleration is the sensor's offset, and goes.
        return height - 0.5 * velocity * n, velocity

    def save(self) -> list[list[Any]]:
        """What it remembers, as JSON values."""
        return [list(row) for row in self._rows]

    def load(self, saved: list[Any]) -> None:
        """Go on from what `save` gave."""
        self._rows.clear()
        self._rows.extend((int(s), float(rise), float(moment)) for s, rise, moment in saved)


def density(rise_m: float, centre_m: float) -> float:
    """How well a measured displacement goes with one of `centre_m`; not normalised."""
    z = (rise_m - centre_m) / _RISE_SD_M
    return math.exp(-0.5 * z * z) + _OUTLIER
