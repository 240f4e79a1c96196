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
#: Sitting shorter than this is none, s (Acti4).
SAT_S = 5

_UNSURE, _SITTING, _UPRIGHT, _LYING = (
    int(Seen.UNSURE), int(Seen.SITTING), int(Seen.UPRIGHT), int(Seen.LYING),
)  # fmt: skip
LONG_AGO = -(2**53)


class Past:
    """The last seconds of one wearer.

    back_s: how far back leans are looked up. judged_by: JSON values; angles that were saved by
    others are forgotten.
    """

    def __init__(self, back_s: int, judged_by: list[Any]) -> None:
        self._back_s = back_s
        self._judged_by = json.dumps(judged_by)
        self._seconds: Grid = np.full(back_s, LONG_AGO, dtype=np.int64)
        self._angles: Floats = np.full((2, back_s), np.nan)
        self._seen = int(Seen.NOTHING)  # the last that was sure
        self._since = LONG_AGO  # start of its run
        self._before = int(Seen.NOTHING)  # what was before that
        self._sat = False  # it is sitting, for long enough
        self._changed_at = self._laid_at = LONG_AGO

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

        Sitting counts once it has lasted for SAT_S, then from its start: a squat is none. Seconds
        that are not sure keep what was; nothing is known of a change across a hole.
        """
        first = int(seen[0])
        quiet = first in (_UNSURE, self._seen) and (self._seen != _SITTING or self._sat)
        if quiet and (len(seen) == 1 or np.count_nonzero(seen == first) == len(seen)):
            return np.full(len(seen), self._changed_at, dtype=np.int64)
        k = len(seen)
        sure = np.concatenate(([True], seen != _UNSURE))
        codes = np.concatenate(([self._seen], seen))
        code = codes[np.maximum.accumulate(np.where(sure, np.arange(k + 1), 0))]
        # Runs of one code: row 0 is the one that goes on from before.
        begins = np.concatenate(([True], code[1:] != code[:-1]))
        row = np.maximum.accumulate(np.where(begins, np.arange(k + 1), 0))
        start = np.concatenate(([self._since], seconds))[row]
        before = np.concatenate(([self._before], code[:-1]))[row]
        sat = np.concatenate(([self._sat], seconds - start[1:] + 1 >= SAT_S)) & (code == _SITTING)
        stood = (code[1:] == _UPRIGHT) & (code[:-1] == _SITTING) & sat[:-1]
        sat_down = sat[1:] & ~(sat[:-1] & ~begins[1:]) & (before[1:] == _UPRIGHT)
        at = np.where(stood, seconds, np.where(sat_down, start[1:], LONG_AGO))
        out: Grid = np.maximum.accumulate(np.concatenate(([self._changed_at], at)))[1:]
        self._seen, self._since, self._before = int(code[-1]), int(start[-1]), int(before[-1])
        self._sat, self._changed_at = bool(sat[-1]), int(out[-1])
        return out

    def laid_at(self, seconds: Grid, seen: NDArray[np.uint8]) -> Grid:
        """(k,) the last second of lying up to each, long ago when there was none."""
        lying = seen == _LYING
        if not np.count_nonzero(lying):
            return np.full(len(seen), self._laid_at, dtype=np.int64)
        out: Grid = np.maximum.accumulate(np.where(lying, seconds, self._laid_at))
        self._laid_at = int(out[-1])
        return out

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "judged_by": self._judged_by,
            "seconds": self._seconds.tolist(),
            "angles": self._angles.tolist(),
            "seen": self._seen,
            "since": self._since,
            "before": self._before,
            "sat": self._sat,
            "changed_at": self._changed_at,
            "laid_at": self._laid_at,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._seen, self._changed_at = int(saved["seen"]), int(saved["changed_at"])
        self._since, self._before = int(saved["since"]), int(saved["before"])
        self._sat = bool(saved["sat"])
        self._laid_at = int(saved["laid_at"])
        same = saved["judged_by"] == self._judged_by
        if same and len(saved["seconds"]) == self._back_s:
            self._seconds = np.array(saved["seconds"], dtype=np.int64)
            self._angles = np.array(saved["angles"], dtype=np.float64)
