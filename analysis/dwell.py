"""What quiet seconds tell: nobody stands motionless for long."""

import math

import numpy as np

from domain.samples import Floats

#: Survival of quiet standing, a mixture, and of quiet sitting: shares and means, s [J].
_STAND = ((0.9, 60.0), (0.1, 600.0))
_SIT_S = 2400.0
#: After so many seconds more of them tell nothing.
TABLE_S = 7200


def _table() -> list[float]:
    def odds(quiet_s: float) -> float:
        standing = sum(share * math.exp(-quiet_s / mean) for share, mean in _STAND)
        return -quiet_s / _SIT_S - math.log(standing)

    return [odds(n + 1.0) - odds(float(n)) for n in range(TABLE_S)]


#: (TABLE_S,) what the n-th motionless second adds to the log odds of sitting; never less than 0.
DWELL: list[float] = _table()
DWELLS: Floats = np.array(DWELL)
