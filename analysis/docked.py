"""When a sensor said that it was being charged, in whole seconds."""

import math
from typing import Any

import numpy as np

from analysis.layout import Grid
from domain.samples import Bools, SampleBlock


class Docked:
    """Of one sensor. A second is as the last change in or before it says."""

    def __init__(self) -> None:
        self._said = False  # of the newest sample
        self._before = False  # what was so before the first of the changes
        self._changes: list[tuple[int, bool]] = []  # second, what is so from it on

    def put(self, block: SampleBlock) -> None:
        """Take the samples that follow; who does not tell is not being charged."""
        if block.charging is None:
            if self._said and len(block):
                self._change(block, 0, so=False)
            return
        said = np.concatenate([[self._said], block.charging])
        for row in (said[1:] != said[:-1]).nonzero()[0].tolist():
            self._change(block, row, so=bool(block.charging[row]))

    def _change(self, block: SampleBlock, row: int, *, so: bool) -> None:
        self._changes.append((math.floor(block.times.item(row)), so))
        self._said = so

    def take(self, seconds: Grid) -> Bools | None:
        """(k,) in which of `seconds`, increasing, it was being charged; None where in none of them.

        What was before the last of them is forgotten.
        """
        if not len(seconds) or not (self._before or self._changes):
            return None
        at = np.searchsorted([second for second, _ in self._changes], seconds, side="right")
        so = np.array([self._before, *(said for _, said in self._changes)], dtype=np.bool_)
        done = int(at[-1])
        if done:
            self._before = self._changes[done - 1][1]
            del self._changes[:done]
        found = so[at]
        return found if np.count_nonzero(found) else None

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {"said": self._said, "before": self._before, "changes": self._changes}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._said, self._before = bool(saved["said"]), bool(saved["before"])
        self._changes = [(int(second), bool(so)) for second, so in saved["changes"]]
