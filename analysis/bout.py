"""The open sitting bout and the open break: their figures, and the episodes made of them."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs import running_sum
from domain.episodes import Episode, EpisodeKind
from domain.samples import Floats


class Bout:
    """A sitting bout. What is seen of sitting before it opens is counted for it."""

    def __init__(self, wearer: str, placements: tuple[str, ...]) -> None:
        self._wearer = wearer
        self._placements = placements
        self.start: int | None = None
        self.sat_s = 0
        self.placement = ""
        self._clear()

    def _clear(self) -> None:
        self._p_sum = self._p_peak = self._confidence_sum = 0.0
        self._p_n = 0

    def see(self, p: float, confidence: float, source: int) -> None:
        """One second of sitting."""
        self._p_sum += p
        self._p_n += 1
        if p > self._p_peak:
            self._p_peak = p
        self._confidence_sum += confidence
        self.placement = self._placements[source]

    def see_all(self, p: Floats, confidence: Floats, source: NDArray[np.int64]) -> None:
        """Many, as `see` would one by one."""
        if not len(p):
            return
        self._p_sum = running_sum(self._p_sum, p)
        self._p_n += len(p)
        self._p_peak = max(self._p_peak, float(np.fmax.reduce(p)))
        self._confidence_sum = running_sum(self._confidence_sum, confidence)
        self.placement = self._placements[int(source[-1])]

    def open(self, start: int, sat_s: int) -> list[Episode]:
        """It opens, with `sat_s` seconds of sitting that are credited later."""
        self.start = start
        self.sat_s = 0
        return [self._episode(None, sat_s, censored=False)]

    def end(self, end: int, *, censored: bool) -> list[Episode]:
        """It ends at `end`, if it is open."""
        if self.start is None:
            return []
        closed = self._episode(max(end, self.start), self.sat_s, censored=censored)
        self.start = None
        self.sat_s = 0
        self._clear()
        return [closed]

    def _episode(self, end: int | None, sat_s: int, *, censored: bool) -> Episode:
        start = self.start or 0
        n = max(self._p_n, 1)
        return Episode(
            kind=EpisodeKind.SITTING,
            wearer=self._wearer,
            start=start,
            end=end,
            peak=self._p_peak,
            mean=self._p_sum / n,
            dose=float(sat_s if end is None else min(sat_s, end - start)),
            confidence=self._confidence_sum / n,
            limit=math.nan,
            placement=self.placement,
            censored=censored,
        )

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _BOUT}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        for name in _BOUT:
            setattr(self, name, saved[name])


class Break:
    """A break between bouts. limit_s: how long one is upright before it is one."""

    def __init__(self, wearer: str, limit_s: float) -> None:
        self._wearer = wearer
        self._limit_s = limit_s
        self.start: int | None = None
        self.upright_s = 0

    def open(self, start: int, placement: str) -> list[Episode]:
        """It opens."""
        self.start = start
        return [self._episode(None, placement, censored=False)]

    def end(self, end: int, placement: str, *, censored: bool) -> list[Episode]:
        """It ends at `end`, if it is open."""
        if self.start is None:
            return []
        closed = self._episode(max(end, self.start), placement, censored=censored)
        self.start = None
        return [closed]

    def _episode(self, end: int | None, placement: str, *, censored: bool) -> Episode:
        start = self.start or 0
        return Episode(
            kind=EpisodeKind.BREAK,
            wearer=self._wearer,
            start=start,
            end=end,
            peak=math.nan,
            mean=math.nan,
            dose=float(self.upright_s if end is None else min(self.upright_s, end - start)),
            confidence=1.0,
            limit=self._limit_s,
            placement=placement,
            censored=censored,
        )

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {"start": self.start, "upright_s": self.upright_s}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self.start, self.upright_s = saved["start"], saved["upright_s"]


_BOUT = ("start", "sat_s", "placement", "_p_sum", "_p_peak", "_confidence_sum", "_p_n")
