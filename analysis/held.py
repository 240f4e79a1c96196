"""A sensor that sends the same three values again and again: whether that can be a measurement.

A coarse, quiet sensor on a table sends nothing else, and that is no fault. What is impossible depends on the
sensor: on its step and noise (analysis/resolution.py) and on what happened before. A body that moved a moment
ago does not stop within a sample, and where it stops in the air |a| is no gravity. All limits are our own
judgement [J].
"""

from typing import Any

import numpy as np

from analysis.columns import Bools, Columns
from analysis.resolution import Grain, Grains

#: What counts as no change: far below the noise and the step of every sensor, above rounding, g.
SAME_G = 1e-5
#: As many seconds like the one before are frozen, of a sensor of which nothing is known yet: when noise was
#: seen at rest, and in any case.
_FROZEN_S, _FROZEN_ANY_S = 60, 599
#: The same of a sensor that is fine, when it moved up to then, and when it did not; of one that is likely to
#: be and moved; and of any that moved and stops where |a| is off by this share from what it was.
_MOVING_S, _FINE_S, _LIKELY_S, _AIR_S, _AIR_SHARE = 4, 10, 8, 3, 0.2
#: It moves above this standard deviation, all axes together, g; up to then: so many seconds before.
_MOVED_G, _MOVED_S = 0.05, 3
#: Seconds at rest with noise that tell a fine sensor; a coarse one has this share of equal ones.
_NOISY_S, _NOISE_SD_G, _COARSE_SHARE = 30, 0.015, 0.02
_NEVER_S = 1 << 62


class HeldOutput:
    """Of one sensor: for how long it has been sending the same, and whether that is too long."""

    def __init__(self, *, scaled: bool) -> None:
        self._scaled = scaled
        self._grain = Grain.UNKNOWN
        self._run = 0
        self._frozen = False
        self._noisy_s = 0
        self._equal_s = 0  # seconds equal to the one before, in runs that ended and were no fault
        self._last = 0  # the last second that was not like the one before
        self._moved = -_MOVED_S - 1  # the last one in which it moved
        self._radii_g = [np.nan] * 4  # |a| of the last that were not

    def see(self, columns: Columns, grains: Grains) -> None:
        """Take seconds of which none is like the one before, and nothing is held."""
        self._noisy_s += int(np.count_nonzero(_noisy(columns)))
        self._grain = grains[-1][1] if grains else self._grain
        at = _moves(columns).nonzero()[0]
        if len(at):
            self._moved = int(columns.seconds[at[-1]])
        fresh = columns.fresh.nonzero()[0][-4:]
        if len(fresh):
            self._last = int(columns.seconds[fresh[-1]])
            self._radii_g = [*self._radii_g, *columns.radius_g[fresh].tolist()][-4:]

    def judge(self, columns: Columns, equal: Bools, grains: Grains) -> tuple[list[int], list[bool]]:
        """By second, for how many it has been the same, and whether that is no measurement. equal: (k,) all
        of it is like the second before."""
        runs, frozen, became = [], [], list(grains)
        rows = zip(
            columns.seconds.tolist(), columns.fresh.tolist(), equal.tolist(), _noisy(columns).tolist(),
            _moves(columns).tolist(), columns.radius_g.tolist(), strict=True,
        )  # fmt: skip
        for second, fresh, same, noisy, moves, radius_g in rows:
            while became and became[0][0] <= second:
                self._grain = became.pop(0)[1]
            if same:
                self._run += 1
                self._frozen |= self._run >= self._most_s(radius_g)
            elif fresh:
                self._equal_s += 0 if self._frozen else self._run
                self._run, self._frozen = 0, False
                self._noisy_s += noisy
                self._moved = second if moves else self._moved
                self._last, self._radii_g = second, [*self._radii_g[1:], radius_g]
            runs.append(self._run)
            frozen.append(self._frozen)
        return runs, frozen

    def _most_s(self, radius_g: float) -> int:
        """So many equal seconds are no measurement, as things are."""
        near = self._last - self._moved <= _MOVED_S
        # The last second is the first that is frozen as a whole, in the one before it stopped.
        off = [abs(radius_g - before) > _AIR_SHARE * before for before in self._radii_g[:2]]
        if near and all(off) and self._scaled:
            return _AIR_S
        if self._grain is Grain.FINE:
            return _MOVING_S if near else _FINE_S
        if self._grain is Grain.LIKELY_FINE and near:
            return _LIKELY_S
        coarse = self._equal_s > _COARSE_SHARE * self._noisy_s
        if self._grain is not Grain.COARSE and self._noisy_s >= _NOISY_S and not coarse:
            return _FROZEN_S
        return _FROZEN_ANY_S if not self._equal_s else _NEVER_S

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED} | {"grain": int(self._grain)}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        for name in _REMEMBERED:
            setattr(self, name, saved[name])
        self._grain = Grain(saved["grain"])


def _noisy(columns: Columns) -> Bools:
    out: Bools = columns.fresh & (columns.sd_total_g < _NOISE_SD_G)
    return out


def _moves(columns: Columns) -> Bools:
    out: Bools = columns.fresh & (columns.sd_total_g >= _MOVED_G)
    return out


_REMEMBERED = (
    "_run", "_frozen", "_noisy_s", "_equal_s", "_last", "_moved", "_radii_g",
)  # fmt: skip
