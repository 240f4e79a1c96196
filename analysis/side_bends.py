"""Bends to the side: held for a minute, or gone to twice a minute (EN 1005-4)."""

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

#: Back for this long ends one excursion, s: the edge of a limit is no second bend [J].
_BACK_S = 2
_MINUTE_S = 60
_LYING = int(Activity.LYING)

#: Start in Unix s, seconds beyond, sum of |side| in deg, and the furthest side in deg.
Excursion = list[float]


class SideBendMachine:
    """Fed once a second; one episode from the first excursion to the end of the last that belongs to it.

    An excursion goes beyond the limit and ends below its exit. It is a load when it lasts for
    `side_bend_s`, or when `side_bends_per_min` of them, whatever the side, begin within a minute; those
    that begin within a minute of the one before belong together while that is so. sigma_deg:
    standard error of the reference; with one of NaN nothing is bent.
    """

    name: ClassVar[str] = "side_bend"

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
        self._lately: list[Excursion] = []  # begun within the last minute, and the one that goes on
        self._since: int | None = None  # of the episode, or of what may become one
        self._open = False
        self._beyond = False  # an excursion goes on
        self._last_end = 0  # of the last excursion
        self._unseen = False  # it ended in something that cannot be judged
        self._back_start = 0
        self._back_s = 0
        self._fused = True
        self._n = 0  # of those before
        self._sum = self._peak = 0.0

    @property
    def idle(self) -> bool:
        """See follow.Machine, as all that follows."""
        return self._since is None

    @property
    def limits(self) -> tuple[float]:
        """The side from which on it counts, deg."""
        known = not math.isnan(self._sigma_deg)
        return (self._settings.side_bend_deg if known else math.nan,)

    @property
    def judged_by(self) -> tuple[Any, ...]:
        """Standard error of the reference in deg, placement."""
        return self._sigma_deg, self._placement

    @staticmethod
    def stirs(c: Combined, enter: Any) -> Bools:
        """A known side beyond the limit, not lying."""
        beyond: Bools = np.abs(c.side_deg) >= enter
        return beyond & _judged(c) if np.count_nonzero(beyond) else beyond

    @staticmethod
    def reads(c: Combined) -> tuple[NDArray[Any], ...]:
        """What `feed` takes."""
        return c.side_deg, _judged(c), c.fused

    def feed(self, second: int, side_deg: float, judged: bool, fused: bool) -> list[Episode]:
        """Weigh one second; returns what opened or closed."""
        enter = self._settings.side_bend_deg
        size = abs(side_deg) if judged and not math.isnan(side_deg) else -1.0
        if self._beyond:
            if size >= enter * self._settings.side_bend_exit_share:
                self._back_s = 0
                return self._add(second, side_deg, fused=fused)
            if not self._back_s:
                self._back_start = second
            self._back_s += 1
            if self._back_s >= _BACK_S:
                self._beyond, self._last_end, self._back_s = False, self._back_start, 0
                self._unseen = not judged
                return self._settle(second)
            return []
        if size < enter:
            return self._settle(second) if self._since is not None else []
        self._forget(second)
        self._lately.append([second, 0, 0.0, 0.0])
        self._beyond = True
        if not self._open:
            self._since = int(self._lately[0][0])
        return self._add(second, side_deg, fused=fused)

    def _forget(self, second: int) -> None:
        """Excursions that began a minute ago or more: they belong to an episode, or to nothing."""
        while self._lately and self._lately[0][0] <= second - _MINUTE_S:
            _, n, total, peak = self._lately.pop(0)
            if self._open:
                self._n += int(n)
                self._sum += total
                self._peak = max(self._peak, peak, key=abs)

    def _add(self, second: int, side_deg: float, *, fused: bool) -> list[Episode]:
        going = self._lately[-1]
        self._fused = self._fused and fused
        going[1] += 1
        going[2] += abs(side_deg)
        going[3] = max(going[3], side_deg, key=abs)
        if self._open:
            return []
        held = second + 1 - going[0] >= self._settings.side_bend_s
        often = len(self._lately) >= self._settings.side_bends_per_min
        if not held and not often:
            return []
        self._open = True
        return [self._episode(None, censored=False)]

    def _settle(self, second: int) -> list[Episode]:
        """Between excursions: it is over when the next one could not belong to it any more."""
        if second + 1 - self._lately[-1][0] < _MINUTE_S:
            return []
        return self.close(self._last_end, censored=self._unseen)

    def close(self, end: int, *, censored: bool) -> list[Episode]:
        """What goes on ends at `end`; what was no load yet never was one."""
        out: list[Episode] = []
        if self._since is not None and self._open:
            if not self._beyond:
                end = min(end, self._last_end)
            elif self._back_s:
                end = min(end, self._back_start)
            out = [self._episode(max(end, self._since), censored=censored)]
        self._reset()
        return out

    def _episode(self, end: int | None, *, censored: bool) -> Episode:
        n = self._n + sum(one[1] for one in self._lately)
        total = self._sum + sum(one[2] for one in self._lately)
        mean, limit = total / n, self._settings.side_bend_deg
        return Episode(
            kind=EpisodeKind.SIDE_BEND,
            wearer=self._wearer,
            start=self._since or 0,
            end=end,
            peak=max([self._peak, *(one[3] for one in self._lately)], key=abs),
            mean=mean,
            dose=total / 60.0,
            confidence=sure_beyond(mean, limit, sigma_deg(self._sigma_deg, fused=self._fused)),
            limit=limit,
            placement=self._placement,
            censored=censored,
        )

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED} | {
            "lately": [[*one] for one in self._lately]
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave, by the reference of then."""
        self._lately = [[int(at), int(n), total, peak] for at, n, total, peak in saved["lately"]]
        for name in _REMEMBERED:
            setattr(self, name, saved[name])


def _judged(c: Combined) -> Bools:
    """(k,) where the side may count as a bend."""
    ok: Bools = c.lean_known & (c.activity != _LYING)
    return ok


_REMEMBERED = (
    "_placement", "_sigma_deg", "_since", "_open", "_beyond", "_last_end", "_unseen", "_back_start",
    "_back_s", "_fused", "_n", "_sum", "_peak",
)  # fmt: skip
