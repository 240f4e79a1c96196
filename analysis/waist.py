"""Sitting and standing from a belt sensor.

The angle to the wearer's own walking gravity (Vaha-Ypya et al. 2018, PLoS ONE 13:e0206201): lying above
65 deg, sitting above 11.6 deg, until the wearer's own angles show two heaps with a valley between 8 and
16 deg: then above the valley (analysis.md, section 4).
"""

import math
from typing import Any

import numpy as np

from analysis.columns import Bools, Columns
from analysis.settings import AnalysisSettings

#: Width of the logistic curve around the sitting angle, and the memory of the angle, s [J].
_WIDTH_DEG = 2.5
_MEMORY_S = 4.0
#: Who moves sits in one second of fifty [J].
_MOVING_LOGIT = math.log(0.02 / 0.98)
#: Where the wearer's own limit may lie, deg (analysis.md, section 4).
_LOWEST_DEG, _HIGHEST_DEG = 8, 16
#: Angles are counted in bins of 1 deg up to this; a valley is looked for anew after so many more of them, and
#: old ones fade beyond the last figure [J].
_BINS, _ANEW_S, _FULL_S = 45, 60, 7200
#: Each heap has at least this many seconds, and the valley at most this share of the lower one's top [J].
_HEAP_S, _DEPTH = 60, 0.5
#: A heap's top and the valley are means over this many bins.
_SMOOTH = np.ones(3) / 3.0


class WaistRule:
    """Smooths the pelvis' tilt a little and compares it; the trunk rule does the rest."""

    def __init__(self, settings: AnalysisSettings) -> None:
        self._settings = settings
        self._tilt_deg = math.nan
        self._limit_deg = settings.waist_sit_deg
        self._still_s = [0.0] * _BINS  # seconds at rest by angle
        self._more_s = 0

    @property
    def limit_deg(self) -> float:
        """Tilted further than this is sitting."""
        return self._limit_deg

    def judge(self, columns: Columns, moving: Bools, tilt_deg: list[float]) -> list[float]:
        """Log odds of sitting each second, NaN where nothing is known. tilt_deg: from upright."""
        out = []
        still = (columns.sd_total_g < self._settings.still_sd_g).tolist()
        rows = zip(columns.present.tolist(), moving.tolist(), still, tilt_deg, strict=True)
        for present, moves, rests, tilt in rows:
            if not present or tilt != tilt or moves:
                self._tilt_deg = math.nan
                out.append(_MOVING_LOGIT if present and moves else math.nan)
                continue
            if self._tilt_deg != self._tilt_deg:
                self._tilt_deg = tilt
            self._tilt_deg += (tilt - self._tilt_deg) / _MEMORY_S
            if rests and self._tilt_deg < _BINS:
                self._count(self._tilt_deg)
            out.append((self._tilt_deg - self._limit_deg) / _WIDTH_DEG)
        return out

    def _count(self, tilt_deg: float) -> None:
        self._still_s[int(tilt_deg)] += 1.0
        self._more_s += 1
        if self._more_s < _ANEW_S:
            return
        self._more_s = 0
        if sum(self._still_s) > _FULL_S:
            self._still_s = [0.5 * n for n in self._still_s]
        own = valley_deg(self._still_s)
        self._limit_deg = self._settings.waist_sit_deg if own is None else own

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "tilt_deg": self._tilt_deg,
            "limit_deg": self._limit_deg,
            "still_s": list(self._still_s),
            "more_s": self._more_s,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._tilt_deg = float(saved["tilt_deg"])
        self._limit_deg = float(saved["limit_deg"])
        self._still_s = [float(n) for n in saved["still_s"]]
        if len(self._still_s) != _BINS:
            raise ValueError("the saved angles have other bins")
        self._more_s = int(saved["more_s"])


def valley_deg(seconds: list[float]) -> float | None:
    """The middle of the emptiest place between two heaps of angles counted in bins of 1 deg, from 8 to 16
    deg, the widest of several; None where there are no two heaps."""
    smooth = np.convolve(seconds, _SMOOTH, mode="same").tolist()
    best: tuple[float, int, float] | None = None  # emptiness, negative width, middle
    first = _LOWEST_DEG
    while first < _HIGHEST_DEG:
        last = first
        while last + 1 < _HIGHEST_DEG and smooth[last + 1] == smooth[first]:
            last += 1
        below, above = sum(seconds[:first]), sum(seconds[last + 1 :])
        top = min(max(smooth[:first]), max(smooth[last + 1 :]))
        if min(below, above) >= _HEAP_S and smooth[first] <= _DEPTH * top:
            found = smooth[first], first - last, 0.5 * (first + last + 1)
            best = found if best is None else min(best, found)
        first = last + 1
    return None if best is None else best[2]
