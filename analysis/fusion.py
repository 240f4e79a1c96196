"""Gravity in the sensor's axes by gyro fusion: the VQF filter, kept restartable and saveable.

VQF: Laidig and Seel, Information Fusion 91 (2023), 187-204; 6D, the `vqf` package in C++.
"""

import math
from typing import Any

import numpy as np
from vqf import VQF

from analysis.cut import Rows
from analysis.features import GRAVITY_MPS2
from domain.errors import StateError
from domain.samples import Floats

#: A nominal rate that changes by more than this share is another rate: the filter restarts.
_RATE_CHANGE = 0.05


class GravityFusion:
    """The up direction at every sample of one sensor; restarts after a hole longer than gap_s.

    The gyro bias survives a restart: it belongs to the sensor, not to the stretch of data. VQF runs
    at the nominal rate; a jitter of the time stamps is not integrated.
    """

    def __init__(self, tau_acc_s: float, gap_s: float) -> None:
        self._tau_acc_s = tau_acc_s
        self._gap_s = gap_s
        self._rate_hz = 0.0
        self._last_time = -math.inf
        self._filter: Any = None

    def up(self, rows: Rows) -> Floats | None:
        """(3, n) unit vectors for usable samples that follow the last ones, NaN where the gyro gave
        nothing; None without a gyro."""
        if rows.gyro_dps is None:
            return None
        gx, gy, gz = rows.gyro_dps
        heard = np.isfinite(gx + gy + gz)
        if heard.all():
            return self._up(rows.times, rows.acc_g, rows.gyro_dps, rows.rate_hz)
        out = np.full((3, len(rows)), np.nan)
        out[:, heard] = self._up(
            rows.times[heard], rows.acc_g[:, heard], rows.gyro_dps[:, heard], rows.rate_hz[heard]
        )
        return out

    def _up(self, times: Floats, acc_g: Floats, gyro_dps: Floats, rate_hz: Floats) -> Floats:
        n = len(times)
        out = np.empty((3, n))
        if n == 0:
            return out
        breaks = (np.diff(times) > self._gap_s) | (rate_hz[1:] != rate_hz[:-1])
        gyro_rps = np.ascontiguousarray((gyro_dps * (math.pi / 180.0)).T)
        acc_mps2 = np.ascontiguousarray((acc_g * GRAVITY_MPS2).T)
        start = 0
        for end in [*(np.flatnonzero(breaks) + 1).tolist(), n]:
            self._ready(float(times[start]), float(rate_hz[start]))
            quat = self._filter.updateBatch(gyro_rps[start:end], acc_mps2[start:end])["quat6D"]
            w, x, y, z = np.ascontiguousarray(quat.T)
            # The third row of the rotation from the sensor to the earth is up in the sensor's axes.
            out[0, start:end] = 2.0 * (x * z - w * y)
            out[1, start:end] = 2.0 * (y * z + w * x)
            out[2, start:end] = w * w - x * x - y * y + z * z
            self._last_time = float(times[end - 1])
            start = end
        return out

    def _ready(self, time: float, rate_hz: float) -> None:
        """A filter that may take the sample at `time`."""
        if abs(rate_hz - self._rate_hz) > _RATE_CHANGE * self._rate_hz:
            self._rate_hz = rate_hz
            self._restart()
        elif time - self._last_time > self._gap_s:
            self._restart()
        if self._filter is None:
            self._filter = self._fresh()

    def _fresh(self) -> Any:
        return VQF(1.0 / self._rate_hz, tauAcc=self._tau_acc_s, magDistRejectionEnabled=False)

    def _restart(self) -> None:
        if self._filter is None:
            return
        bias, sigma = self._filter.getBiasEstimate()
        self._filter = self._fresh()
        self._filter.setBiasEstimate(bias, sigma)

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        state = None if self._filter is None else self._filter.state
        return {"rate_hz": self._rate_hz, "last_time": self._last_time, "vqf": state}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave. Raises StateError."""
        self._rate_hz = float(saved["rate_hz"])
        self._last_time = float(saved["last_time"])
        self._filter = None
        if saved["vqf"] is not None:
            fresh = self._fresh()
            if set(saved["vqf"]) != set(fresh.state):
                raise StateError("the saved fusion filter is of another version")
            fresh.state = saved["vqf"]
            self._filter = fresh
