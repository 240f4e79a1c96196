"""The zero of an angle that has none of its own: what it has been for most of the last minutes."""

from collections import deque
from itertools import pairwise
from typing import Any

import numpy as np

from analysis.columns import Bools
from analysis.features import Grid
from domain.samples import Floats


class RunningZero:
    """Median of the medians of the last blocks of an angle, and its first value until there are some.

    A median is moved neither by twists that take less than half of the window, however large, nor
    by a jump, and it follows a drift with a delay of half the window. What is held for longer than
    half the window becomes the new zero.

    block_s: seconds of a block, cut at multiples of it in Unix time; blocks: their number in the window;
    first: how many are wanted before the first value is given up.
    """

    def __init__(self, block_s: int, blocks: int, first: int) -> None:
        self._block_s = block_s
        self._blocks = blocks
        self._wanted = first
        self._restart()

    def _restart(self) -> None:
        self._medians: deque[float] = deque(maxlen=self._blocks)
        self._zero: float | None = None
        self._block = 0  # number of the block that is being filled
        self._values: list[float] = []
        self._since: int | None = None

    def follow(self, seconds: Grid, angle: Floats, restarts: Bools) -> tuple[Floats, Grid]:
        """The zero of each second (k,), and for how many seconds it is known; NaN and 0 before it is.

        angle: (k,) deg, NaN where it is not known. restarts: from this second on the angle has
        another, unknown offset.
        """
        k = len(seconds)
        zero, age = np.full(k, np.nan), np.zeros(k, dtype=np.int64)
        numbers = seconds // self._block_s
        cuts = ((numbers[1:] != numbers[:-1]) | restarts[1:]).nonzero()[0] + 1 if k > 1 else ()
        edges = [0, *map(int, cuts), k]
        for start, end in pairwise(edges):
            if restarts[start]:
                self._restart()
            number = int(numbers[start])
            if number != self._block:
                self._close_block()
                self._block = number
            values = angle[start:end]
            known = [value for value in values.tolist() if value == value]
            if self._since is None or self._zero is None:
                if not known:
                    continue
                self._zero = known[0]
                start += int(np.isfinite(values).argmax())
                self._since = int(seconds[start])
            self._values += known
            zero[start:end] = self._zero
            age[start:end] = seconds[start:end] - self._since
        return zero, age

    def _close_block(self) -> None:
        if not self._values:
            return
        self._medians.append(_median(self._values))
        self._values = []
        if len(self._medians) >= self._wanted:
            self._zero = _median(self._medians)

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "medians": list(self._medians),
            "zero": self._zero,
            "block": self._block,
            "values": self._values,
            "since": self._since,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._restart()
        self._medians.extend(float(value) for value in saved["medians"])
        self._zero = None if saved["zero"] is None else float(saved["zero"])
        self._block = int(saved["block"])
        self._values = [float(value) for value in saved["values"]]
        self._since = None if saved["since"] is None else int(saved["since"])


def _median(values: "list[float] | deque[float]") -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else 0.5 * (ordered[half - 1] + ordered[half])
