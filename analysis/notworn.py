"""Episodes of a wearer who wears nothing, back-dated to when the last sensor came to rest."""

import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools
from analysis.runs import Rows
from analysis.seen import Seen
from analysis.settings import AnalysisSettings
from analysis.wearer import Combined
from domain.episodes import Episode, EpisodeKind

#: How sure a sensor found off the body is off the body [J].
CONFIDENCE = 0.9
_NOTHING = int(Seen.NOTHING)


class NotWornMachine:
    """Fed the seconds in which a sensor is off the body, or an episode is open."""

    name: ClassVar[str] = "not_worn"
    limits: ClassVar[tuple[float, ...]] = ()
    judged_by: ClassVar[tuple[Any, ...]] = ()

    def __init__(self, wearer: str, placement: str, settings: AnalysisSettings) -> None:
        self._wearer = wearer
        self._placement = placement
        self._settings = settings
        self.since: int | None = None  # start of the open episode
        self._last_heard = 0

    @property
    def idle(self) -> bool:
        """See follow.Machine, as all that follows."""
        return self.since is None

    @staticmethod
    def stirs(c: Combined) -> Bools:
        """Nothing is worn."""
        off: Bools = c.off_since > 0
        return off

    @staticmethod
    def reads(c: Combined) -> tuple[NDArray[Any], ...]:
        """What `feed` takes."""
        return c.off_since, c.put_on_at, np.not_equal(c.seen, _NOTHING)

    def feed(self, second: int, off_since: int, put_on_at: int, heard: bool) -> list[Episode]:
        """Weigh one second; an episode that opens is back-dated.

        off_since, put_on_at: see wear.Wear. heard: some sensor has samples.
        """
        if heard:
            self._last_heard = second
        if off_since and self.since is None:
            self.since = off_since
            return [self._episode(None, censored=False)]
        if self.since is not None and not off_since:
            if heard:
                return self._end(put_on_at or second, censored=False)
            if second - self._last_heard > self._settings.bridge_s:
                return self._end(self._last_heard + 1, censored=True)
        return []

    def run(self, c: Combined, start: int, end: int) -> list[tuple[int, list[Episode]]]:
        """Feed the rows [start, end) of `c` that it needs; what it told, by row.

        Nothing changes while an episode is open and nothing is worn: a night is not looked at by the second.
        """
        off = c.off_since[start:end] > 0
        if start == end or (self.since is None and not np.count_nonzero(off)):
            return []
        out: list[tuple[int, list[Episode]]] = []
        edges = [*(np.flatnonzero(off[1:] != off[:-1]) + 1 + start).tolist(), end]
        rows = Rows(c.seconds, *self.reads(c))
        at = start
        for edge in edges:
            is_off = bool(off[at - start])
            while at < edge:
                if self.since is None and not is_off:
                    at = edge
                    break
                if self.since is not None and is_off:
                    heard = np.flatnonzero(c.seen[at:edge] != _NOTHING)
                    if len(heard):
                        self._last_heard = int(c.seconds[at + int(heard[-1])])
                    at = edge
                    break
                episodes = self.feed(*rows[at])
                if episodes:
                    out.append((at, episodes))
                at += 1
        return out

    def close(self, end: int, *, censored: bool) -> list[Episode]:
        """The data end."""
        return [] if self.since is None else self._end(end, censored=censored)

    def _end(self, end: int, *, censored: bool) -> list[Episode]:
        start = self.since or 0
        episode = self._episode(max(end, start), censored=censored)
        self.since = None
        return [episode]

    def _episode(self, end: int | None, *, censored: bool) -> Episode:
        start = self.since or 0
        return Episode(
            kind=EpisodeKind.NOT_WORN,
            wearer=self._wearer,
            start=start,
            end=end,
            peak=math.nan,
            mean=math.nan,
            dose=0.0 if end is None else float(end - start),
            confidence=CONFIDENCE,
            limit=self._settings.not_worn_flat_s,
            placement=self._placement,
            censored=censored,
        )

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {"since": self.since, "last_heard": self._last_heard}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self.since = None if saved["since"] is None else int(saved["since"])
        self._last_heard = int(saved["last_heard"])
