"""What one sensor's rule says of each second."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis.features import Grid
from domain.samples import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """Columns over the grid (k,).

    activity: Activity numbers, UNKNOWN where the rule cannot tell. p_sitting: NaN where it has no
    opinion. confidence: 0..1 that `activity` is right, 0 where it is UNKNOWN. since: Unix s at
    which the posture shown began, where that is known to be earlier than it could be told; else 0.
    was_up: intervals [start, end) in which, this second shows, the wearer was upright after all.
    """

    activity: NDArray[np.uint8]
    p_sitting: Floats
    confidence: Floats
    since: Grid
    was_up: Mapping[int, tuple[int, int]] = field(default_factory=dict)  # by second

    @classmethod
    def none(cls, k: int) -> "Verdict":
        """No opinion on `k` seconds."""
        return cls(
            np.zeros(k, dtype=np.uint8),
            np.full(k, np.nan),
            np.zeros(k),
            np.zeros(k, dtype=np.int64),
        )
