"""Rollups as they are stored: sums and counts, which add up without rounding."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from domain.samples import Floats


@dataclass(frozen=True, slots=True, eq=False)
class RollupBlock:
    """Minutes or hours of one wearer, in order. width_s: 60 or 3600. times: (n,) int64, where each begins.

    names: what the columns of `sums` are: seconds of each activity as `sitting_s`, sums of metrics as
    `lean_deg_sum` in the steps of storage.frames.METRICS, how many seconds each was known in as
    `lean_deg_n`, and `upright_lean_sum` and `upright_lean_n`, of seconds neither lying nor not worn. sums:
    (n, len(names)) int64. lean_min, lean_max: (n,) steps, NaN where no lean is known. seen: (n,) int64, of
    minutes a bit for each second that it was made from; 0 of hours.
    """

    wearer: str
    width_s: int
    times: NDArray[np.int64]
    names: tuple[str, ...]
    sums: NDArray[np.int64]
    lean_min: Floats
    lean_max: Floats
    seen: NDArray[np.int64]

    def __len__(self) -> int:
        """How many rows."""
        return len(self.times)

    def joined(self, later: Self) -> Self:
        """These and `later` ones of the same wearer and width."""
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(self, name), getattr(later, name)])
            for name in ("times", "sums", "lean_min", "lean_max", "seen")
        }
        return replace(self, **columns)

    @classmethod
    def of(
        cls, wearer: str, width_s: int, names: tuple[str, ...], rows: Sequence[Sequence[Any]]
    ) -> Self:
        """From rows of time, lean_min, lean_max, seen and the sums."""
        table = np.array(
            [[0 if value is None else value for value in row] for row in rows], dtype=np.int64
        ).reshape(len(rows), 4 + len(names))
        extremes = np.array([row[1:3] for row in rows], dtype=np.float64).reshape(len(rows), 2)
        return cls(
            wearer=wearer,
            width_s=width_s,
            times=table[:, 0],
            names=names,
            sums=table[:, 4:],
            lean_min=extremes[:, 0],
            lean_max=extremes[:, 1],
            seen=table[:, 3],
        )
