"""Held bends: the trunk kept forward without moving, against the holding time of ISO 11226."""

import math
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools
from analysis.doubt import reference, sigma_deg, sure_beyond
from analysis.settings import AnalysisSettings
from analysis.track import Mounted
from analysis.wearer import Combined
from domain.episodes import Episode, EpisodeKind
from domain.posture import Activity

#: Out of the hold for this long ends it, s; a single second may be a cough [J].
_OUT_S = 2
_LYING = int(Activity.LYING)


def holding_s(lean_deg: float, settings: AnalysisSettings) -> float:
    """How long a trunk may be held at a lean, s (ISO 11226): infinite below the first angle, on the
    straight line from there to the steep one, and beyond it no longer than makes it a hold."""
    if lean_deg < settings.held_bend_deg:
        return math.inf
    if lean_deg > settings.held_bend_steep_deg:
        return settings.held_bend_s
    span_deg = settings.held_bend_steep_deg - settings.held_bend_deg
    along = (lean_deg - settings.held_bend_deg) / span_deg
    return settings.held_bend_most_s + along * (
        settings.held_bend_least_s - settings.held_bend_most_s
    )


class HeldBendMachine:
    """Fed once a second; one episode while the lean stays within a few degrees of its own mean.

    sigma_deg: standard error of the reference. A hold is told when it has passed its limit, or, if
    it never does, when it ends. What turns out to be lying down on the front was no bend. With a
    reference of NaN nothing is held.
    """

    name: ClassVar[str] = "held_bend"

    def __init__(
        self, wearer: str, placement: str, reference_sigma_deg: float, settings: AnalysisSettings
    ) -> None:
        self._wearer = wearer
        self._settings = settings
        self._placement, self._sigma_deg = placement, reference_sigma_deg
        self._reset()

    @classmethod
    def of(cls, wearer: str, mounted: Mounted | None, settings: AnalysisSettings) -> Self:
        """For the sensor that gives the lean, or None."""
        return cls(wearer, *reference(mounted), settings)

    def _reset(self) -> None:
        self._since: int | None = None
        self._open = False
        self._fused = False
        self._n = 0
        self._sum = self._peak = 0.0
        self._out_start = 0
        self._out_s = 0

    @property
    def idle(self) -> bool:
        """See follow.Machine, as all that follows."""
        return self._since is None

    @property
    def limits(self) -> tuple[float]:
        """The lean from which on it may be a hold, deg."""
        known = not math.isnan(self._sigma_deg)
        return (self._settings.held_bend_deg if known else math.nan,)

    @property
    def judged_by(self) -> tuple[Any, ...]:
        """Standard error of the reference in deg, placement."""
        return self._sigma_deg, self._placement

    @staticmethod
    def stirs(c: Combined, enter: Any) -> Bools:
        """A known lean beyond the limit, not lying."""
        beyond: Bools = c.lean_deg >= enter
        return beyond & _judged(c)[0] if np.count_nonzero(beyond) else beyond

    @staticmethod
    def reads(c: Combined) -> tuple[NDArray[Any], ...]:
        """What `feed` takes."""
        ok, lying = _judged(c)
        return c.lean_deg, ok, lying, c.fused

    def feed(
        self, second: int, lean_deg: float, judged: bool, lying: bool, fused: bool
    ) -> list[Episode]:
        """Weigh one second; returns what opened or closed."""
        if lying and self._since is not None:
            return self._lay_down(second)
        beyond = judged and lean_deg >= self._settings.held_bend_deg
        if self._since is None:
            if beyond:
                self._begin(second, lean_deg, fused=fused)
            return []
        change = self._settings.held_bend_change_deg
        if beyond and abs(lean_deg - self._sum / self._n) < change:
            self._out_s = 0
            return self._add(second, lean_deg, fused=fused)
        if not self._out_s:
            self._out_start = second
        self._out_s += 1
        still_young = self._n < _OUT_S
        if self._out_s < _OUT_S and not still_young:
            return []
        told = self.close(self._out_start, censored=not judged)
        if beyond:  # it is held otherwise from here on
            self._begin(second, lean_deg, fused=fused)
        return told

    def _begin(self, second: int, lean_deg: float, *, fused: bool) -> None:
        self._since = second
        self._n, self._sum, self._peak, self._fused = 1, lean_deg, lean_deg, fused

    def _add(self, second: int, lean_deg: float, *, fused: bool) -> list[Episode]:
        self._n += 1
        self._sum += lean_deg
        self._peak = max(self._peak, lean_deg)
        self._fused = self._fused and fused
        held_s = second + 1 - (self._since or 0)
        if self._open or held_s < max(
            holding_s(self._sum / self._n, self._settings), self._settings.prone_dwell_s + 1.0
        ):
            return []
        self._open = True
        return [self._episode(None, censored=False)]

    def _lay_down(self, second: int) -> list[Episode]:
        """It is lying by now. What was not told yet, and was as steep, was the way to it."""
        if not self._open and self._sum / self._n > self._settings.lying_leave_deg:
            self._reset()
            return []
        return self.close(second, censored=False)

    def close(self, end: int, *, censored: bool) -> list[Episode]:
        """What is held ends at `end`; shorter than a hold it never was one."""
        since = self._since
        out: list[Episode] = []
        if since is not None:
            end = max(min(end, self._out_start) if self._out_s else end, since)
            if self._open or end - since >= self._settings.held_bend_s:
                out = [self._episode(end, censored=censored)]
        self._reset()
        return out

    def _episode(self, end: int | None, *, censored: bool) -> Episode:
        mean = self._sum / self._n
        error = sigma_deg(self._sigma_deg, fused=self._fused)
        return Episode(
            kind=EpisodeKind.HELD_BEND,
            wearer=self._wearer,
            start=self._since or 0,
            end=end,
            peak=self._peak,
            mean=mean,
            dose=self._sum / 60.0,
            confidence=sure_beyond(mean, self._settings.held_bend_deg, error),
            limit=holding_s(mean, self._settings),
            placement=self._placement,
            censored=censored,
        )

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave, by the reference of then."""
        for name in _REMEMBERED:
            setattr(self, name, saved[name])


def _judged(c: Combined) -> tuple[Bools, Bools]:
    """(k,) where the lean may count as a bend, and where the wearer is known to lie."""
    lying: Bools = c.activity == _LYING
    ok: Bools = c.lean_known & ~lying
    return ok, lying


_REMEMBERED = (
    "_placement", "_sigma_deg", "_since", "_open", "_fused", "_n", "_sum", "_peak", "_out_start",
    "_out_s",
)  # fmt: skip
