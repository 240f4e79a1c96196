"""What the second now has to be compared with: the posture a few seconds ago, and when it changed."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools
from analysis.features import Grid
from analysis.seen import Seen
from domain.samples import Floats

#: Time for a change of posture itself, between the seconds that are compared, s [J].
CHANGING_S = 3

_UNSURE, _SITTING, _UPRIGHT = int(Seen.UNSURE), int(Seen.SITTING), int(Seen.UPRIGHT)
_LONG_AGO = -(2**53)


class Past:
    """The last seconds of one wearer.

    back_s: how far back leans are looked up. judged_by: JSON values; angles that were saved by
    others are forgotten.
    """

    def __init__(self, back_s: int, judged_by: list[Any]) -> None:
        self._back_s = back_s
        self._judged_by = json.dumps(judged_by)
        self._seconds: Grid = np.full(back_s, _LONG_AGO, dtype=np.int64)
        self._angles: Floats = np.full((2, back_s), np.nan)
        self._seen = int(Seen.NOTHING)  # the last that was sure
        self._changed_at = _LONG_AGO

    def angles(self, seconds: Grid, lean_deg: Floats, side_deg: Floats, known: Bools) -> Floats:
        """(2, k) lean and side `back_s` before each second; NaN unless every second between was judged
        on the grid and that one was `known`."""
        k, back = len(seconds), self._back_s
        grid = np.concatenate((self._seconds, seconds))
        angles = np.empty((2, back + k))
        angles[:, :back] = self._angles
        angles[0, back:], angles[1, back:] = lean_deg, side_deg
        if np.count_nonzero(known) < k:
            angles[:, back:][:, ~known] = np.nan
        self._seconds, self._angles = grid[k:], angles[:, k:]
        then = angles[:, :k]
        if grid[-1] - grid[0] == k + back - 1:  # no hole
            return then
        return np.where(seconds - grid[:k] == back, then, np.nan)

    def changed_at(self, seconds: Grid, seen: NDArray[np.uint8]) -> Grid:
        """(k,) when sitting became being upright, or the other way, last; long ago when never.

        Seconds that are not sure keep what was; nothing is known of a change across a hole.
        """
        first = int(seen[0])
        quiet = first in (_UNSURE, self._seen)
        if quiet and (len(seen) == 1 or np.count_nonzero(seen == first) == len(seen)):
            return np.full(len(seen), self._changed_at, dtype=np.int64)
        sure = np.concatenate(([True], seen != _UNSURE))
        codes = np.concatenate(([self._seen], seen))
        last = codes[np.maximum.accumulate(np.where(sure, np.arange(len(codes)), 0))]
        was, now = last[:-1], last[1:]
        changed = ((was == _SITTING) & (now == _UPRIGHT)) | ((was == _UPRIGHT) & (now == _SITTING))
        at = np.concatenate(([self._changed_at], np.where(changed, seconds, _LONG_AGO)))
        out: Grid = np.maximum.accumulate(at)[1:]
        self._seen, self._changed_at = int(last[-1]), int(out[-1])
        return out

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "judged_by": self._judged_by,
            "seconds": self._seconds.tolist(),
            "angles": self._angles.tolist(),
            "seen": self._seen,
            "changed_at": self._changed_at,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._seen, self._changed_at = int(saved["seen"]), int(saved["changed_at"])
        same = saved["judged_by"] == self._judged_by
        if same and len(saved["seconds"]) == self._back_s:
            self._seconds = np.array(saved["seconds"], dtype=np.int64)
            self._angles = np.array(saved["angles"], dtype=np.float64)
