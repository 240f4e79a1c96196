"""Twists that load the back: held for half a minute, or gone to twice a minute (EN 1005-4)."""

import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools
from analysis.rotation import SETTLED_S
from analysis.settings import AnalysisSettings
from analysis.wearer import Combined
from domain.episodes import Episode, EpisodeKind
from domain.samples import Floats

#: Twists from which on time is counted, deg (analysis.md, section 6; EN 1005-4,
#: Hoogendoorn 2000).
TWIST_BINS_DEG = (10, 20, 30)
#: Error of a twist: of two gyros against optical markers (trunk_optical), and of a zero that drifts [J].
TWIST_SIGMA_DEG = 3.0
#: Back for this long ends one twist, s: the edge of a limit is no second twist [J].
_BACK_S = 2
#: Unknown for this long, what is open ends as censored [J].
_SILENT_S = 10
_MINUTE_S = 60


def seconds_twisted(twist_deg: Floats) -> tuple[int, ...]:
    """Seconds of frames at or beyond each of TWIST_BINS_DEG to either side; NaN is none."""
    size = np.abs(twist_deg)
    return tuple(int(np.count_nonzero(size >= limit)) for limit in TWIST_BINS_DEG)


class TwistMachine:
    """Fed once a second; one episode from the first twist to the end of the last that belongs to it.

    A twist goes beyond `twist_often_deg` and ends below its exit. It is a load when it is held beyond
    `twist_deg` for `twist_s`, or when `twists_per_min` begin within a minute, whatever the side; those
    that begin within a minute of the one before belong together. limit says which of the two it was. A
    zero that is younger than a minute is no ground for either.
    """

    name: ClassVar[str] = "twist"

    def __init__(self, wearer: str, placement: str, settings: AnalysisSettings) -> None:
        """placement: of the sensor on the trunk."""
        self._wearer = wearer
        self._placement = placement
        self._settings = settings
        self._reset()

    def _reset(self) -> None:
        self._starts: list[
            int
        ] = []  # of the twists of the last minute, and of the one that goes on
        self._since: int | None = None  # of the episode, or of what may become one
        self._limit = 0.0  # of the open episode
        self._twisted = False  # a twist goes on
        self._held_since = 0  # beyond twist_deg, 0 when it is not
        self._last_end = 0  # of the last twist
        self._back_start = self._back_s = 0
        self._silent_start = self._silent_s = 0
        self._n = 0
        self._sum = self._peak = 0.0

    @property
    def idle(self) -> bool:
        """See follow.Machine, as all that follows."""
        return self._since is None

    @property
    def limits(self) -> tuple[float]:
        """The twist from which on it counts, deg."""
        return (min(self._settings.twist_often_deg, self._settings.twist_deg),)

    @property
    def judged_by(self) -> tuple[Any, ...]:
        """The placement."""
        return (self._placement,)

    @staticmethod
    def stirs(c: Combined, enter: Any) -> Bools:
        """A known twist beyond the limit, whose zero is settled."""
        beyond: Bools = np.abs(c.twist_deg) >= enter
        return beyond & (c.twist_s >= SETTLED_S) if np.count_nonzero(beyond) else beyond

    @staticmethod
    def reads(c: Combined) -> tuple[NDArray[Any], ...]:
        """What `feed` takes."""
        return (c.twist_deg, c.twist_s)

    def feed(self, second: int, twist_deg: float, twist_s: int) -> list[Episode]:
        """Weigh one second; returns what opened or closed."""
        if math.isnan(twist_deg) or twist_s < SETTLED_S:
            return self._unseen(second) if self._since is not None else []
        self._silent_s = 0
        size, settings = abs(twist_deg), self._settings
        (enter,) = self.limits
        if not self._twisted:
            if size < enter:
                return self._settle(second) if self._since is not None else []
            self._starts = [at for at in self._starts if at > second - _MINUTE_S]
            self._starts.append(second)
            if not self._limit:
                self._since = self._starts[0]
                if len(self._starts) == 1:
                    self._n, self._sum, self._peak = 0, 0.0, 0.0
            self._twisted, self._held_since = True, 0
        elif size < enter * settings.twist_exit_share:
            if not self._back_s:
                self._back_start = second
            self._back_s += 1
            if self._back_s < _BACK_S:
                return []
            self._twisted, self._last_end, self._back_s = False, self._back_start, 0
            return self._settle(second)
        self._back_s = 0
        self._n += 1
        self._sum += size
        self._peak = max(self._peak, twist_deg, key=abs)
        if size >= settings.twist_deg:
            self._held_since = self._held_since or second
        elif size < settings.twist_deg * settings.twist_exit_share:
            self._held_since = 0
        return self._open(second)

    def _open(self, second: int) -> list[Episode]:
        if self._limit:
            return []
        settings = self._settings
        if self._held_since and second + 1 - self._held_since >= settings.twist_s:
            self._limit = settings.twist_deg
        elif len(self._starts) >= settings.twists_per_min:
            self._limit = settings.twist_often_deg
        else:
            return []
        return [self._episode(None, censored=False)]

    def _settle(self, second: int) -> list[Episode]:
        """Between twists: it is over when the next one could not belong to it any more."""
        if second + 1 - self._starts[-1] < _MINUTE_S:
            return []
        return self.close(self._last_end, censored=False)

    def _unseen(self, second: int) -> list[Episode]:
        if not self._silent_s:
            self._silent_start = second
        self._silent_s += 1
        if self._silent_s < _SILENT_S:
            return []
        return self.close(self._silent_start, censored=True)

    def close(self, end: int, *, censored: bool) -> list[Episode]:
        """What goes on ends at `end`; what was no load yet never was one."""
        out: list[Episode] = []
        if self._since is not None and self._limit:
            if not self._twisted:
                end, censored = min(end, self._last_end), False
            elif self._back_s:
                end = min(end, self._back_start)
            elif self._silent_s:
                end = min(end, self._silent_start)
            out = [self._episode(max(end, self._since), censored=censored)]
        self._reset()
        return out

    def _episode(self, end: int | None, *, censored: bool) -> Episode:
        mean = self._sum / max(self._n, 1)
        beyond = (abs(self._peak) - self._limit) / (TWIST_SIGMA_DEG * math.sqrt(2.0))
        return Episode(
            kind=EpisodeKind.TWIST,
            wearer=self._wearer,
            start=self._since or 0,
            end=end,
            peak=self._peak,
            mean=mean,
            dose=self._sum / 60.0,
            confidence=0.5 * (1.0 + math.erf(beyond)),
            limit=self._limit,
            placement=self._placement,
            censored=censored,
        )

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED} | {"starts": list(self._starts)}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        for name in _REMEMBERED:
            setattr(self, name, saved[name])
        self._starts = [int(at) for at in saved["starts"]]


_REMEMBERED = (
    "_placement", "_since", "_limit", "_twisted", "_held_since", "_last_end", "_back_start", "_back_s",
    "_silent_start", "_silent_s", "_n", "_sum", "_peak",
)  # fmt: skip
