"""A sensor on the thigh that is said to be on the trunk: it turns level whenever its wearer sits down.

A trunk comes to lie, and lies down by way of sitting; it does not go from walking to level within three
seconds and stay, nor from level to walking. A thigh does both many times a day. Who turns over in bed moves
as if walking, but for a few seconds only. Limits are our own judgement [J].
"""

import math
from typing import Any

import numpy as np

from analysis.alignment import WalkingAxis
from analysis.columns import Bools, Columns
from analysis.features import Grid

#: Level: as far from walking's vertical, either way; so steady, for so long, makes it a posture.
_LEVEL_COS = math.cos(math.radians(60.0))
_STEADY_SD_G, _STAYED_S = 0.03, 30
#: Between walking and level at most so long; and how many such changes within how long make the fault:
#: scripted people have 10 to 14 in nine hours on a thigh, none on a trunk.
_SOON_S, _CHANGES = 4, 6
#: Seconds in a row that make a walk.
_WALKS_S = 5
_WITHIN_S = 12 * 3600


class PlacementWatch:
    """Of one sensor on the trunk."""

    def __init__(self) -> None:
        self._axis = WalkingAxis(signed=False)
        self._walk_from = self._walk_last = 0  # seconds in a row that move like walking
        self._walked_at = 0  # the last second of a walk
        self._level_at = 0  # the last second that was level
        self._level_from = 0  # of the run of level seconds
        self._soon = False  # whether that run began right after walking
        self._changes = 0
        self._began = -_WITHIN_S  # when the first of them was

    def judge(self, columns: Columns, walking: Bools) -> int:
        """Look at seconds; returns the one in which it showed, or 0. walking: (k,) moving like it."""
        x, y, z = columns.up_2s
        steady = columns.fresh & (columns.sd_total_g < _STEADY_SD_G)
        if len(walking) == 1:  # live: no arrays for a single second
            walks, axis = bool(walking[0]), self._axis.axis
            u, v, w = float(x[0]), float(y[0]), float(z[0])
            self._axis.feed((u, v, w), walks)
            level = axis is not None and abs(u * axis[0] + v * axis[1] + w * axis[2]) < _LEVEL_COS
            second = int(columns.seconds[0])
            if level and bool(steady[0]):
                return self._lies(second)
            return self._moves(second, second) if walks else 0
        axes = self._axis.over(columns.up_2s, walking)
        levels = steady & (np.abs(x * axes[0] + y * axes[1] + z * axes[2]) < _LEVEL_COS)
        stirring = (levels | walking).nonzero()[0]
        if not len(stirring):
            return 0
        return self._runs(columns.seconds[stirring], levels[stirring])

    def _runs(self, seconds: Grid, levels: Bools) -> int:
        """As `_lies` and `_moves` of each: of a run that is level only the first second changes anything, and
        the first that stayed so."""
        cut = levels[1:] != levels[:-1]
        cut |= seconds[1:] - seconds[:-1] > np.where(levels[1:], _SOON_S, 1)
        found, start = 0, 0
        for end in [*(cut.nonzero()[0] + 1).tolist(), len(seconds)]:
            first, last = int(seconds[start]), int(seconds[end - 1])
            if not levels[start]:
                found = self._moves(first, last) or found
            else:
                found = self._lies(first) or found
                if end > start + 1:
                    if self._soon and last + 1 - self._level_from >= _STAYED_S:
                        stayed = np.searchsorted(
                            seconds[start + 1 : end], self._level_from + _STAYED_S - 1
                        )
                        row = start + 1 + int(stayed)
                        self._level_at = int(seconds[row - 1])
                        found = self._lies(int(seconds[row])) or found
                    self._level_at = last
            start = end
        return found

    def _lies(self, second: int) -> int:
        """A second that is level; itself when it completes the evidence, else 0."""
        if second - self._level_at > _SOON_S:
            self._level_from = second
            self._soon = second - self._walked_at <= _SOON_S
        self._level_at = second
        if self._soon and second + 1 - self._level_from >= _STAYED_S:
            self._soon = False
            return self._changed(second)
        return 0

    def _moves(self, first: int, last: int) -> int:
        """Seconds in a row that move like walking; the one that completes the evidence, or 0."""
        if first != self._walk_last + 1:
            self._walk_from = first
        self._walk_last = last
        known = max(first, self._walk_from + _WALKS_S - 1)  # from here on it is a walk
        if known > last:
            return 0
        stayed = self._level_at + 1 - self._level_from >= _STAYED_S
        at_once = self._walk_from - self._level_at <= _SOON_S
        changed = stayed and at_once and self._walked_at < self._level_from
        self._walked_at = last
        return self._changed(known) if changed else 0

    def _changed(self, second: int) -> int:
        """One more change between walking and level; the second when it completes the evidence, else 0."""
        if second - self._began > _WITHIN_S:
            self._began, self._changes = second, 0
        self._changes += 1
        return second if self._changes == _CHANGES else 0

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED} | {"axis": self._axis.save()}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        for name in _REMEMBERED:
            setattr(self, name, type(getattr(self, name))(saved[name]))
        self._axis.load(saved["axis"])


_REMEMBERED = (
    "_walk_from", "_walk_last", "_walked_at", "_level_at", "_level_from", "_soon", "_changes", "_began",
)  # fmt: skip
