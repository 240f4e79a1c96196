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
        out: Grid = np.full(len(seen), self._changed_at, dtype=np.int64)
        sure = (seen != _UNSURE).nonzero()[0]
        codes = seen[sure]
        begins = sure[np.concatenate(([self._seen], codes[:-1])) != codes]
        first = 0
        for begin in [*begins.tolist(), len(seen)]:
            # The rows [first, begin) go on with what was.
            if self._seen == _SITTING and not self._sat:
                sat = int(seconds[first:begin].searchsorted(self._since + SAT_S - 1)) + first
                if sat < begin:
                    self._sat = True
                    if self._before == _UPRIGHT:
                        self._change(self._since, out[sat:])
            if begin == len(seen):
                break
            code = int(seen[begin])
            if code == _UPRIGHT and self._sat:
                self._change(int(seconds[begin]), out[begin:])
            self._before, self._seen, self._since, self._sat = (
                self._seen,
                code,
                int(seconds[begin]),
                False,
            )
            first = begin
        return out

    def _change(self, at: int, onward: Grid) -> None:
        """Sitting and being upright change `at`, as it is told in the seconds from `onward` on."""
        self._changed_at = max(self._changed_at, at)
        onward[:] = self._changed_at

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
