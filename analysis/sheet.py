"""Many small blocks of frames gathered into one, without holding all of them twice."""

import numpy as np
from numpy.typing import NDArray

from domain.posture import COLUMNS, FrameBlock


class FrameSheet:
    """Columns that grow at their end. seconds: how many frames are expected; more cost a copy."""

    def __init__(self, wearer: str, seconds: int) -> None:
        self._wearer = wearer
        self._n = 0
        empty = FrameBlock.empty(wearer)
        self._columns: dict[str, NDArray[np.generic]] = {
            name: np.empty(max(seconds, 16), dtype=getattr(empty, name).dtype) for name in COLUMNS
        }

    def add(self, frames: FrameBlock) -> None:
        """Take frames that follow the last ones."""
        end = self._n + len(frames)
        for name, column in self._columns.items():
            if end > len(column):
                grown = np.empty(max(end, len(column) * 3 // 2), dtype=column.dtype)
                grown[: self._n] = column[: self._n]
                self._columns[name] = column = grown
            column[self._n : end] = getattr(frames, name)
        self._n = end

    def frames(self) -> FrameBlock:
        """All of them; nothing can be added after this."""
        for column in self._columns.values():
            column.flags.writeable = False
        whole = {name: column[: self._n] for name, column in self._columns.items()}
        return FrameBlock(wearer=self._wearer, **whole)  # type: ignore[arg-type] # by their names
