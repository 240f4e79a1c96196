"""Trunk turns from one gyro: the trunk faces elsewhere for a while, and nobody walks."""

import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools
from analysis.rotation import SETTLED_S
from analysis.settings import AnalysisSettings
from analysis.wearer import Combined
from domain.episodes import Episode, EpisodeKind

#: Error of a turn over a minute with the bias known: 0.8 deg of drift and what a mount gives way [J].
TURN_SIGMA_DEG = 2.0
#: A turn begins and ends at this share of the limit, so that it holds the whole movement [J].
_EDGE_SHARE = 0.5


class TurnMachine:
    """Fed once a second; a turn is told when it is over, once.

    A turn is a trunk that faces more than `turn_deg` from where it has faced for most of the last minute.
    It ends when the trunk is back, or when where it faces now has become where it has faced; one that
    ends in a walk is none. With a second gyro at the pelvis or the seat twists are told instead, as soon as
    their zero is settled; what goes on then ends as censored.
    """

    name: ClassVar[str] = "turn"

    def __init__(self, wearer: str, placement: str, settings: AnalysisSettings) -> None:
        """placement: of the sensor that turns."""
        self._wearer = wearer
        self._placement = placement
        self._settings = settings
        self._reset()

    def _reset(self) -> None:
        self._since: int | None = None
        self._peak = 0.0
        self._turned = 0.0
        self._last = 0

    @property
    def idle(self) -> bool:
        """See follow.Machine, as all that follows."""
        return self._since is None

    @property
    def limits(self) -> tuple[float]:
        """Where a turn begins, deg; NaN without a sensor that turns."""
        return (self._settings.turn_deg * _EDGE_SHARE if self._placement else math.nan,)

    @property
    def judged_by(self) -> tuple[Any, ...]:
        """The placement."""
        return (self._placement,)

    @staticmethod
    def stirs(c: Combined, edge: Any) -> Bools:
        """Turned, where no twist is judged."""
        beyond: Bools = np.abs(c.turned_deg) >= edge
        return beyond & (c.twist_s < SETTLED_S) if np.count_nonzero(beyond) else beyond

    @staticmethod
    def reads(c: Combined) -> tuple[NDArray[Any], ...]:
        """What `feed` takes."""
        return (c.turned_deg, c.turn_dps, c.twist_s)

    def feed(self, second: int, turned_deg: float, turn_dps: float, twist_s: int) -> list[Episode]:
        """Weigh one second; returns what is over."""
        edge, since = self.limits[0], self._since
        if twist_s >= SETTLED_S:
            return self.close(second, censored=True)
        if math.isnan(turned_deg):
            self._reset()
            return []
        if since is None:
            if abs(turned_deg) < edge:
                return []
            self._since = second
        elif abs(turned_deg) < edge or turned_deg * self._peak < 0.0:
            return self.close(second, censored=False)
        self._peak = max(self._peak, turned_deg, key=abs)
        self._turned += 0.0 if math.isnan(turn_dps) else abs(turn_dps)
        self._last = second + 1
        return []

    def close(self, end: int, *, censored: bool) -> list[Episode]:
        """A turn that goes on ends at `end`."""
        out: list[Episode] = []
        since, limit = self._since, self._settings.turn_deg
        if since is not None and abs(self._peak) >= limit:
            end = max(min(end, self._last), since)
            beyond = (abs(self._peak) - limit) / (TURN_SIGMA_DEG * math.sqrt(2.0))
            out = [
                Episode(
                    kind=EpisodeKind.TURN,
                    wearer=self._wearer,
                    start=since,
                    end=end,
                    peak=self._peak,
                    mean=self._turned / max(end - since, 1),
                    dose=self._turned,
                    confidence=0.5 * (1.0 + math.erf(beyond)),
                    limit=limit,
                    placement=self._placement,
                    censored=censored,
                )
            ]
        self._reset()
        return out

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        for name in _REMEMBERED:
            setattr(self, name, saved[name])


_REMEMBERED = ("_placement", "_since", "_peak", "_turned", "_last")
