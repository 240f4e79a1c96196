"""Which seconds of a wearer are judged: all with samples, and the first of each hole."""

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools
from analysis.features import Grid


class SecondGrid:
    """Cuts time into whole Unix seconds, each judged once.

    A hole gives at most `bridge_s` seconds, and `held_s` and one more that are judged and not shown,
    so that what was open can end; then nothing until there are samples again.
    """

    def __init__(self, bridge_s: int, held_s: int) -> None:
        self._bridge_s = bridge_s
        self._held_s = held_s
        self.next: int | None = None  # the first second that is not judged yet
        self.last_data: int | None = None  # the last judged one with samples

    def cut(self, data: NDArray[np.int64], until: int) -> tuple[Grid, Bools]:
        """The seconds before `until` that are due, and which of them are shown.

        data: sorted seconds with samples, all due and none judged before.
        """
        if self.next is None or self.last_data is None:
            if len(data) == 0:
                return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.bool_)
            self.next, self.last_data = int(data[0]), int(data[0])
        if len(data) == until - self.next and data[0] == self.next and data[-1] == until - 1:
            self.next, self.last_data = until, until - 1  # no hole
            return data, np.ones(len(data), dtype=np.bool_)
        reach = self._bridge_s + self._held_s + 2
        pieces: list[NDArray[np.int64]] = []
        cursor, last = self.next, self.last_data
        breaks = (np.flatnonzero(np.diff(data) > 1) + 1).tolist()
        starts = [0, *breaks] if len(data) else []
        ends = [*breaks, len(data)] if len(data) else []
        for start, end in zip(starts, ends, strict=True):
            run = data[start:end]
            pieces.append(np.arange(cursor, min(int(run[0]), last + reach), dtype=np.int64))
            pieces.append(run)
            last = int(run[-1])
            cursor = last + 1
        pieces.append(np.arange(cursor, min(until, last + reach), dtype=np.int64))
        grid = np.concatenate(pieces)
        with_data = np.isin(grid, data)
        latest = np.maximum.accumulate(np.where(with_data, grid, self.last_data))
        self.next = max(self.next, until)
        self.last_data = last
        return grid, grid - latest <= self._bridge_s
