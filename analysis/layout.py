"""How samples lie in whole seconds and tenths of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.samples import Floats

#: Sub-blocks a second: 100-ms means stand for the 5 Hz low-pass of Acti4 (-3 dB at 4.4 Hz).
SUB_BLOCKS = 10
#: Up to so many values `np.add.reduceat` adds the first to the sum in turn of the others.
_IN_TURN = 8

#: Where the sub-blocks begin within the second, s.
_BEGINS_S: Floats = np.arange(SUB_BLOCKS) / SUB_BLOCKS

Grid = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """How n samples lie in m seconds, of those that have any.

    second: (m,) Unix s. at: (SUB_BLOCKS * m,) the first sample at or after the beginning of each tenth, or
    None where all have equally many, `each`, which is 0 elsewhere. there: the tenths that have some, None
    when all do.

    A sample belongs to a tenth from the moment on that is its beginning in floats of Unix time, though a
    tenth of a second is none: of a clock that ticks evenly, each has equally many.
    """

    n: int
    second: Floats
    at: Grid | None
    each: int
    there: Grid | None

    @classmethod
    def of(cls, times: Floats) -> "Layout":
        """Of times (n,) that increase; there is at least one."""
        n, first = len(times), np.floor(times[0])
        m = int(times[-1] - first) + 1
        each, rest = divmod(n, SUB_BLOCKS * m)
        if each and not rest:  # as a clock that ticks evenly would have it: is it so?
            second = np.arange(m) + first
            begins = np.add.outer(second, _BEGINS_S).ravel()
            late = np.count_nonzero(times[::each] < begins)
            if not late and not np.count_nonzero(times[each - 1 : -1 : each] >= begins[1:]):
                return cls(n, second, None, each, None)
        floors = np.floor(times)
        second = floors[starts_of(floors)]
        at = times.searchsorted(np.add.outer(second, _BEGINS_S).ravel())
        return cls(n, second, at, 0, _there(at, n))

    @classmethod
    def joined(cls, parts: "Sequence[Layout]") -> "Layout":
        """Of stretches that follow each other, each of seconds of its own."""
        if len(parts) == 1:
            return parts[0]
        each, n = parts[0].each, 0
        second = np.concatenate([part.second for part in parts])
        if each and all(part.each == each for part in parts):
            return cls(sum(part.n for part in parts), second, None, each, None)
        pieces = []
        for part in parts:
            pieces.append(n + part.tenths)
            n += part.n
        at = np.concatenate(pieces)
        return cls(n, second, at, 0, _there(at, n))

    @property
    def tenths(self) -> Grid:
        """(SUB_BLOCKS * m,) the first sample of each tenth."""
        return np.arange(0, self.n, self.each) if self.at is None else self.at

    @property
    def starts(self) -> Grid:
        """(m,) the first sample of each second."""
        if self.at is None:
            return np.arange(0, self.n, SUB_BLOCKS * self.each)
        return self.at[::SUB_BLOCKS]

    @property
    def count(self) -> Grid:
        """(m,) how many samples a second has."""
        if self.at is None:
            return np.full(len(self.second), SUB_BLOCKS * self.each)
        return counts_of(self.starts, self.n)

    @property
    def samples(self) -> Floats:
        """(SUB_BLOCKS, m) how many samples a tenth has, as floats."""
        out: Floats
        if self.at is None:
            out = np.empty((SUB_BLOCKS, len(self.second)))
            out.fill(self.each)
        else:
            out = counts_of(self.at, self.n).reshape(-1, SUB_BLOCKS).T.astype(np.float64)
        return out

    def sum(self, values: Floats, out: Floats) -> None:
        """The sums of values (r, n) by tenths into `out`, (r, SUB_BLOCKS, m), 0 where there are none."""
        if self.at is None and self.each <= _IN_TURN:
            summed = _in_turn(values, self.each)
        elif self.at is not None and self.there is not None:
            summed = np.zeros((len(values), len(self.at)))
            summed[:, self.there] = np.add.reduceat(values, self.at[self.there], axis=1)
        else:
            summed = np.add.reduceat(values, self.tenths, axis=1)
        out[:] = summed.reshape(len(values), -1, SUB_BLOCKS).transpose(0, 2, 1)


def _there(at: Grid, n: int) -> Grid | None:
    counts = counts_of(at, n)
    return counts.nonzero()[0] if np.count_nonzero(counts) < len(counts) else None


def _in_turn(values: Floats, each: int) -> Floats:
    """(r, n / each) sums of every `each` of (r, n) values, as `np.add.reduceat` has them, in a third of its
    time: what it adds of the short runs of one tenth, it adds one run after the other."""
    if each == 1:
        return values
    if each == 2:
        return values[:, ::2] + values[:, 1::2]
    out: Floats = values[:, 1::each] + values[:, 2::each]
    for place in range(3, each):
        out += values[:, place::each]
    out += values[:, ::each]
    return out


def starts_of(keys: Floats) -> Grid:
    """Where each run of equal keys starts."""
    first = np.empty(len(keys), dtype=np.bool_)
    first[0] = True
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return first.nonzero()[0]


def counts_of(starts: Grid, n: int) -> Grid:
    """The lengths of the runs of n keys that start there."""
    counts = np.empty(len(starts), dtype=np.int64)
    np.subtract(starts[1:], starts[:-1], out=counts[:-1])
    counts[-1] = n - starts[-1]
    return counts
