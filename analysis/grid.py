"""Which seconds of a wearer are judged: all with samples, and the first of each hole; and after which
what was learnt comes into force."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools
from analysis.features import Grid

#: Seconds between the moments at which what was learnt of a sensor comes into force [J].
_SETTLED_S = 3600
#: The same while a sensor has to find out how it sits, in the first hours.
_FINDING_S, _EARLY_S = 120, 7200
_LONG_AHEAD = 1 << 60


class Edges:
    """The full hours that follow hours with data: the same whatever the chunks, since a hole has none.

    settled: the last one that was come to.
    """

    def __init__(self) -> None:
        self.settled = -_LONG_AHEAD

    def next(
        self, last_data: int | None, waiting: Sequence[float], begun: float, *, finding: bool
    ) -> int:
        """The one that follows the oldest data it has not come to.

        last_data: the last judged second with samples; waiting: times of samples not judged; begun: of the
        first of all; finding: whether a sensor has to find out how it sits.
        """
        if last_data is not None and last_data >= self.settled:
            second = last_data
        elif waiting:
            second = math.floor(min(waiting))
        else:
            return _LONG_AHEAD
        step = _FINDING_S if finding and second < begun + _EARLY_S else _SETTLED_S
        return (second // step + 1) * step


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
