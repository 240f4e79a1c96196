"""Sitting and standing from a belt sensor.

The angle to the wearer's own walking gravity (Vaha-Ypya et al. 2018, PLoS ONE 13:e0206201): lying above
65 deg, sitting above 11.6 deg. The fixed limit is used; adapting it to the wearer is not done yet.
"""

import math
from typing import Any

from analysis.columns import Columns
from analysis.settings import AnalysisSettings

#: Width of the logistic curve around the sitting angle, and the memory of the angle, s [J].
_WIDTH_DEG = 2.5
_MEMORY_S = 4.0
#: Who moves sits in one second of fifty [J].
_MOVING_LOGIT = math.log(0.02 / 0.98)


class WaistRule:
    """Smooths the pelvis' tilt a little and compares it; the trunk rule does the rest."""

    def __init__(self, settings: AnalysisSettings) -> None:
        self._settings = settings
        self._tilt_deg = math.nan

    def judge(self, columns: Columns, tilt_deg: list[float]) -> list[float]:
        """Log odds of sitting each second, NaN where nothing is known. tilt_deg: from upright."""
        out = []
        limit = self._settings.waist_sit_deg
        moving = (columns.sd_g >= self._settings.trunk_moving_sd_g).tolist()
        for present, moves, tilt in zip(columns.present.tolist(), moving, tilt_deg, strict=True):
            if not present or tilt != tilt or moves:
                self._tilt_deg = math.nan
                out.append(_MOVING_LOGIT if present and moves else math.nan)
                continue
            if self._tilt_deg != self._tilt_deg:
                self._tilt_deg = tilt
            self._tilt_deg += (tilt - self._tilt_deg) / _MEMORY_S
            out.append((self._tilt_deg - limit) / _WIDTH_DEG)
        return out

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {"tilt_deg": self._tilt_deg}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._tilt_deg = float(saved["tilt_deg"])
