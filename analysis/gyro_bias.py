"""The bias of a gyro, learnt whenever its sensor rests (analysis.md, section 6).

A worn sensor rests for a second now and then, between two breaths, all day long; what the gyro
reads then is its bias. VQF's own estimate waits for a rest that no body gives, or leans on gravity,
which knows nothing of a bias about the vertical.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.samples import Floats

#: A second is one of rest below these standard deviations (analysis.md, section 6): of the gyro's samples,
#: largest axis, and of the 100-ms means of the accelerometer, in which the sensor's own noise is small.
REST_GYRO_SD_DPS, REST_ACC_SD_G = 0.35, 0.006
#: Resting seconds further than this from the bias are slow turns, not rest.
NEAR_DPS = 2.0
#: Weight of one more resting second, once 1/MEMORY of them were seen.
MEMORY = 0.01
_MOST = round(1.0 / MEMORY)
#: No maker allows more than this at rest, dps [J: MPU-6050, the worst in use, 20; others 1 to 3].
_LARGEST_DPS = 20.0
#: Resting seconds in a row that agree within _AGREE_DPS, before a first bias, or one far from the bias that
#: was believed (a jump with the temperature, a first guess in a slow turn), is believed [J].
_FIRST_S, _RIVAL_S = 3, 30
_AGREE_DPS = 0.5


class GyroBias:
    """One gyro's bias, deg/s in the sensor's axes; 0 until the sensor has rested."""

    def __init__(self) -> None:
        self._bias = [0.0, 0.0, 0.0]
        self._seen = 0  # resting seconds it was learnt from, up to 1/MEMORY
        self._rival = [0.0, 0.0, 0.0]
        self._rival_n = 0

    def learn(
        self, mean_dps: Floats, sd_dps: Floats, rest_sd_g: Floats
    ) -> tuple[Floats, list[int]]:
        """The bias (3, m) to be taken off in each of m seconds, each learnt from first; and the numbers of
        those in which it jumped: what was turned before them had another drift.

        mean_dps: (3, m) means of the gyro; sd_dps: (m,) its standard deviation, largest axis; rest_sd_g:
        (m,) the accelerometer's, of 100-ms means, largest axis. NaN is no rest.
        """
        rests: NDArray[np.bool_] = (sd_dps < REST_GYRO_SD_DPS) & (rest_sd_g < REST_ACC_SD_G)
        at = rests.nonzero()[0]
        biases, jumped = [self._bias], []
        if len(at):
            for row, mean in zip(at.tolist(), mean_dps[:, at].T.tolist(), strict=True):
                if self._feed(mean):
                    jumped.append(row)
                biases.append(self._bias)
        # Rests up to each second: what the last of them has left.
        turns = np.add.accumulate(rests, dtype=np.int64)
        return np.array(biases).T.take(turns, axis=1), jumped

    def _feed(self, mean: list[float]) -> bool:
        """Take the mean of a resting second; whether the bias jumped."""
        x, y, z = mean
        a, b, c = self._bias
        dx, dy, dz = x - a, y - b, z - c
        if self._seen and math.sqrt(dx * dx + dy * dy + dz * dz) < NEAR_DPS:
            self._rival_n = 0
            if self._seen < _MOST:
                self._seen += 1
            share = 1.0 / self._seen
            self._bias = [a + share * dx, b + share * dy, c + share * dz]
            return False
        if _distance(mean, (0.0, 0.0, 0.0)) > _LARGEST_DPS:
            return False
        if self._rival_n and _distance(mean, self._rival) < _AGREE_DPS:
            self._rival_n += 1
            self._rival = _towards(self._rival, mean, 1.0 / self._rival_n)
        else:
            self._rival, self._rival_n = mean, 1
        if self._rival_n < (_RIVAL_S if self._seen else _FIRST_S):
            return False
        self._bias, self._seen, self._rival_n = self._rival, self._rival_n, 0
        return True

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "bias": list(self._bias),
            "seen": self._seen,
            "rival": list(self._rival),
            "rival_n": self._rival_n,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._bias = [float(value) for value in saved["bias"]]
        self._seen = int(saved["seen"])
        self._rival = [float(value) for value in saved["rival"]]
        self._rival_n = int(saved["rival_n"])


def _distance(a: Sequence[float], b: Sequence[float]) -> float:
    x, y, z = a[0] - b[0], a[1] - b[1], a[2] - b[2]
    return math.sqrt(x * x + y * y + z * z)


def _towards(a: list[float], b: list[float], share: float) -> list[float]:
    return [
        a[0] + share * (b[0] - a[0]),
        a[1] + share * (b[1] - a[1]),
        a[2] + share * (b[2] - a[2]),
    ]
