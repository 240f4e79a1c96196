"""Slouches: lean beyond the wearer's own entry, for longer than the delay (evidence.md, section 2)."""

import math
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools
from analysis.doubt import sigma_deg, sure_beyond
from analysis.runs import running_sum
from analysis.settings import AnalysisSettings
from analysis.track import Mounted
from analysis.wearer import Combined
from domain.episodes import Episode, EpisodeKind
from domain.people import Calibration
from domain.posture import Activity

_ENTRY_MIN_DEG, _ENTRY_MAX_DEG = 4.0, 35.0  # evidence.md, section 2
_SITTING, _UNKNOWN = int(Activity.SITTING), int(Activity.UNKNOWN)


def entry_deg(calibration: Calibration | None, settings: AnalysisSettings) -> float:
    """The lean from which on a wearer slouches; NaN without a pose: what was learnt or assumed is less
    certain than a slouch is deep."""
    if calibration is None or not calibration.method.posed:
        return math.nan
    return entry_of(calibration.slouch_deg, settings.slouch_share, settings.slouch_fallback_deg)


def entry_of(slouch_deg: float | None, share: float, fallback_deg: float) -> float:
    """The entry of a wearer whose own slouch is `slouch_deg` from upright, None when it is not known."""
    if slouch_deg is None:
        return fallback_deg
    return min(max(share * slouch_deg, _ENTRY_MIN_DEG), _ENTRY_MAX_DEG)


class SlouchMachine:
    """Fed once a second; one episode from the passing of the entry to the return below the exit.

    sigma_deg: standard error of the reference. A slouch needs a lean that can be judged: seconds
    in which the wearer is upright or lying end it after the exit time, as a lean below the exit
    does; seconds that tell nothing are left out, and end it as censored when they go on.
    With an entry of NaN nothing is a slouch.
    """

    name: ClassVar[str] = "slouch"

    def __init__(
        self,
        wearer: str,
        placement: str,
        entry: float,
        sigma_deg: float,
        settings: AnalysisSettings,
    ) -> None:
        self._wearer = wearer
        self._settings = settings
        self._judge_by(entry, sigma_deg, placement)
        self._reset()

    @classmethod
    def of(cls, wearer: str, mounted: Mounted | None, settings: AnalysisSettings) -> Self:
        """For the sensor that gives the lean, or None."""
        calibration = None if mounted is None else mounted.calibration
        if mounted is None or calibration is None:
            return cls(wearer, "", math.nan, math.nan, settings)
        entry = entry_deg(calibration, settings)
        return cls(wearer, mounted.placement.value, entry, calibration.sigma_deg, settings)

    def _judge_by(self, entry: float, sigma_deg: float, placement: str) -> None:
        self._entry, self._sigma_deg, self._placement = entry, sigma_deg, placement
        self._exit = entry * self._settings.slouch_exit_share

    def _reset(self) -> None:
        self._since: int | None = None
        self._open = False
        self._fused = False
        self._n = 0
        self._sum = 0.0
        self._peak = 0.0
        self._below_start = 0
        self._below_n = 0
        self._silent_start = 0
        self._silent_s = 0

    @property
    def entry_deg(self) -> float:
        """The lean at which a slouch begins, NaN when it cannot be judged."""
        return self._entry

    @property
    def since(self) -> int | None:
        """When the entry was passed, whether or not the delay has passed."""
        return self._since

    @property
    def idle(self) -> bool:
        """See follow.Machine, as all that follows."""
        return self._since is None

    @property
    def limits(self) -> tuple[float]:
        """The entry, deg."""
        return (self._entry,)

    @staticmethod
    def stirs(c: Combined, entry: Any) -> Bools:
        """A lean that may be judged, beyond the entry."""
        beyond: Bools = c.lean_deg >= entry
        return beyond & _judged(c)[0] if np.count_nonzero(beyond) else beyond

    @staticmethod
    def reads(c: Combined) -> tuple[NDArray[Any], ...]:
        """What `feed` takes."""
        ok, ended = _judged(c)
        return c.lean_deg, ok, ended, c.fused

    def feed(
        self, second: int, lean_deg: float, judged: bool, ended: bool, fused: bool
    ) -> list[Episode]:
        """Weigh one second; returns what opened or closed.

        judged: the lean may count as a slouch. ended: the wearer is known to do something else.
        """
        if self._since is None:
            if judged and lean_deg >= self._entry:
                self._since = second
                return self._add(second, lean_deg, fused=fused)
            return []
        if judged and lean_deg >= self._exit:
            self._below_n = self._silent_s = 0
            return self._add(second, lean_deg, fused=fused)
        if judged or ended:
            if not self._below_n:
                self._below_start = second
            self._below_n += 1
            self._silent_s = 0
            if self._below_n >= self._settings.slouch_exit_s:
                return self.close(self._below_start, censored=False)
            return []
        if not self._silent_s:
            self._silent_start = second
        self._silent_s += 1
        if self._silent_s > self._settings.bridge_s:
            return self.close(self._silent_start, censored=True)
        return []

    def goes_on(self, c: Combined) -> Bools:
        """See follow.Lasting, as of `feed_all`: judged, and not below the exit."""
        beyond: Bools = c.lean_deg >= self._exit
        return beyond & _judged(c)[0]

    def feed_all(self, c: Combined, start: int, end: int) -> int:
        """Up to the second in which it opens, if it has not."""
        n, since = end - start, self._since
        if not self._open and since is not None:
            opens = since + self._settings.slouch_delay_s - 1
            n = int(np.searchsorted(c.seconds[start:end], opens))
        if n:
            lean_deg = c.lean_deg[start : start + n]
            self._below_n = self._silent_s = 0
            self._n += n
            self._sum = running_sum(self._sum, lean_deg)
            self._peak = max(self._peak, float(np.maximum.reduce(lean_deg)))
            self._fused = bool(c.fused[start + n - 1])
        return n

    def close(self, end: int, *, censored: bool) -> list[Episode]:
        """Whatever goes on ends at `end`; a slouch shorter than the delay never was one."""
        since, was_open = self._since, self._open
        out: list[Episode] = []
        if since is not None and was_open:
            if self._below_n:
                end = min(end, self._below_start)
            elif self._silent_s:
                end = min(end, self._silent_start)
            out = [self._episode(max(end, since), censored=censored)]
        self._reset()
        return out

    def _add(self, second: int, lean_deg: float, *, fused: bool) -> list[Episode]:
        self._n += 1
        self._sum += lean_deg
        self._peak = max(self._peak, lean_deg)
        self._fused = fused
        since = self._since if self._since is not None else second
        if not self._open and second + 1 - since >= self._settings.slouch_delay_s:
            self._open = True
            return [self._episode(None, censored=False)]
        return []

    def _episode(self, end: int | None, *, censored: bool) -> Episode:
        mean = self._sum / max(self._n, 1)
        beyond = sure_beyond(mean, self._exit, sigma_deg(self._sigma_deg, fused=self._fused))
        return Episode(
            kind=EpisodeKind.SLOUCH,
            wearer=self._wearer,
            start=self._since or 0,
            end=end,
            peak=self._peak,
            mean=mean,
            dose=self._sum / 60.0,
            confidence=beyond,
            limit=self._entry,
            placement=self._placement,
            censored=censored,
        )

    @property
    def judged_by(self) -> tuple[float, float, str]:
        """Entry in deg, standard error of the reference in deg, placement."""
        return self._entry, self._sigma_deg, self._placement

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED} | {
            "placement": self._placement,
            "entry": self._entry,
            "sigma_deg": self._sigma_deg,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave, by the limits of then."""
        self._judge_by(saved["entry"], saved["sigma_deg"], saved["placement"])
        for name in _REMEMBERED:
            setattr(self, name, saved[name])


def _judged(c: Combined) -> tuple[Bools, Bools]:
    """(k,) where the lean may count as a slouch, and where the wearer is known to do something else.

    A slouch is judged while sitting, or, not known to sit or stand, while still.
    """
    sitting, unknown = c.activity == _SITTING, c.activity == _UNKNOWN
    ok: Bools = c.lean_known & (sitting | (unknown & c.still))
    ended: Bools = ~(sitting | unknown)
    return ok, ended


_REMEMBERED = (
    "_since", "_open", "_n", "_sum", "_peak", "_fused", "_below_start", "_below_n", "_silent_start",
    "_silent_s",
)  # fmt: skip
