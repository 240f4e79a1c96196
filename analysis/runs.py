"""Runs of seconds that are alike, so that they can be weighed together."""

from bisect import bisect_right
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools

#: From so many seconds in a row on it is worth weighing them together.
WORTH_S = 8
#: Rows made at once: at first, and at most where one after the other is looked at.
_NEAR, _MOST = 16, 256


class RunEnds:
    """The row after the run of `mask` that a row is in; the row itself where there is none.

    mask: (k,). same: a column (k,) that has one value within a run, or None.
    """

    def __init__(self, mask: Bools, same: NDArray[np.generic] | None = None) -> None:
        k = len(mask)
        self._mask = mask
        if same is None and np.count_nonzero(mask) == k:
            self._ends = [k]
            return
        breaks = mask[1:] != mask[:-1]
        if same is not None:
            breaks |= same[1:] != same[:-1]
        self._ends = [*(np.flatnonzero(breaks) + 1).tolist(), k]

    def __getitem__(self, row: int) -> int:
        return self._ends[bisect_right(self._ends, row)] if self._mask[row] else row


def running_sum(start: float, added: NDArray[np.float64]) -> float:
    """`start` with each of `added` added in turn: the bits of a plain loop, whatever the chunks are."""
    whole = np.empty(len(added) + 1)
    whole[0], whole[1:] = start, added
    return float(np.add.accumulate(whole)[-1])


class Rows:
    """Columns (k,) as one tuple of plain values a row; only the rows that are looked at, and some near them,
    are made."""

    def __init__(self, *columns: NDArray[Any]) -> None:
        self._columns = columns
        self._from = self._until = -1
        self._n = _NEAR
        self._made: list[tuple[Any, ...]] = []

    def __getitem__(self, row: int) -> tuple[Any, ...]:
        if not self._from <= row < self._until:
            self._n = min(2 * self._n, _MOST) if row == self._until else _NEAR
            self._from, self._until = row, row + self._n
            near = [column[row : self._until].tolist() for column in self._columns]
            self._made = list(zip(*near, strict=True))
        return self._made[row - self._from]
