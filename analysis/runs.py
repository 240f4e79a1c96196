"""Runs of seconds that are alike, so that they can be weighed together."""

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools


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
