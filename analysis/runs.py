"""Runs of seconds that are alike, so that they can be weighed together."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools

#: Rows made at once: at first, and at most where one after the other is looked at.
_NEAR, _MOST = 16, 256


def run_ends(mask: Bools, *same: NDArray[np.generic]) -> list[int]:
    """(k,) the row after the run of `mask` that each row is in; the row itself where there is none.

    same: columns (k,) that have one value within a run.
    """
    k = len(mask)
    goes_on = mask[:-1] & mask[1:]
    for column in same:
        goes_on &= column[:-1] == column[1:]
    ends = np.arange(1, k + 1)
    ends[:-1][goes_on] = k
    ends = np.minimum.accumulate(ends[::-1])[::-1]
    out: list[int] = np.where(mask, ends, np.arange(k)).tolist()
    return out


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
