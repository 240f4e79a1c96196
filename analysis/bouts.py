"""Sitting bouts and breaks of one wearer, confirmed by the body and back-dated.

One state machine: a posture is a candidate, is confirmed after its dwell, and counts from where it
began. A bout goes on through interruptions shorter than a partial break (evidence.md, section 2); bridged
unknown time counts for the posture on both sides of it. An episode is emitted when it opens
and when it closes.
"""

import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from analysis.bout import Bout, Break
from analysis.columns import Bools
from analysis.runs import WORTH_S, Rows, RunEnds
from analysis.seen import Seen
from analysis.settings import AnalysisSettings
from analysis.wearer import Combined
from domain.episodes import Episode

_NOTHING, _UNSURE, _SITTING, _UPRIGHT, _LYING, _NOT_WORN = (int(seen) for seen in Seen)


class BoutMachine:
    """Fed once a second with whole Unix s that increase; seconds may be missing after NOTHING.

    placements: where each of the wearer's sensors is, in the order that `feed` counts them.
    """

    name: ClassVar[str] = "bouts"
    limits: ClassVar[tuple[float, ...]] = ()
    judged_by: ClassVar[tuple[Any, ...]] = ()
    idle: ClassVar[bool] = False  # it counts every second

    def __init__(
        self, wearer: str, placements: tuple[str, ...], settings: AnalysisSettings
    ) -> None:
        self._settings = settings
        self._dwell = {
            _NOTHING: math.inf,
            _SITTING: int(settings.sit_dwell_s),
            _UPRIGHT: int(settings.upright_dwell_s),
            _LYING: int(settings.sit_dwell_s),
            _NOT_WORN: 1,
        }
        self._posture = _NOTHING  # confirmed
        self._posture_start = 0
        self._candidate = _NOTHING
        self._candidate_start = 0
        self._candidate_n = 0  # seconds seen of it
        self._pending_s = 0  # seconds since its start, whoever they will belong to
        self._seen_from = 0  # first second since nothing was known
        self._unknown_start = 0
        self._unknown_s = 0
        self._bout = Bout(wearer, placements)
        self._away_start = 0  # of the interruption, or of the time since the bout
        self._upright_s = 0
        self._away_s = 0
        self._break = Break(wearer, settings.partial_break_s)
        self._clock_s = 0
        self._out: list[Episode] = []

    @property
    def bout_start(self) -> int | None:
        """Start of the open bout."""
        return self._bout.start

    @property
    def clock_s(self) -> int:
        """Seconds sat since the last full break; a candidate for sitting on counts already."""
        pending = self._pending_s if self._posture == _SITTING else 0
        return self._clock_s + pending

    @property
    def upright_s(self) -> int:
        """Seconds upright in the present interruption of sitting."""
        return self._upright_s if self._posture == _UPRIGHT else 0

    @staticmethod
    def stirs(c: Combined) -> Bools:
        """Every second; see follow.Machine, as of `reads`, `feed` and `close`."""
        return np.ones(len(c.seconds), dtype=np.bool_)

    @staticmethod
    def reads(c: Combined) -> tuple[NDArray[Any], ...]:
        """What `feed` takes."""
        return c.seen, c.p_sitting, c.confidence, c.since, c.source, c.up_from, c.up_until

    def feed(
        self, second: int, seen: int, p: float, confidence: float, since: int, source: int,
        up_from: int = 0, up_until: int = 0,
    ) -> list[Episode]:  # fmt: skip
        """Weigh one second; returns what opened or closed.

        p: probability of sitting. since: when the posture seen began, 0 when it began now. source: number
        of the sensor that decided. up_from, up_until: it shows now that one was upright in [up_from,
        up_until), taken for sitting till now; 0 when nothing shows.
        """
        if seen == _NOTHING:
            self._miss(second)
        else:
            if self._unknown_s:
                self._found(second)
            if self._posture == _NOTHING and not self._seen_from:
                self._seen_from = second
            if seen == _SITTING:
                self._bout.see(p, confidence, source)
            if self._candidate == _NOTHING and (seen == self._posture or seen == _UNSURE):
                self._credit(second, 1)
            else:
                self._weigh(second, seen, since)
        if up_from:
            self._was_up(up_from, up_until, second)
        if not self._out:
            return self._out
        out, self._out = self._out, []
        return out

    def run(self, c: Combined, start: int, end: int) -> list[tuple[int, list[Episode]]]:
        """Feed the rows [start, end) of `c`; what it told, by row.

        Seconds that only go on with what is confirmed are counted together.
        """
        out: list[tuple[int, list[Episode]]] = []
        rows = Rows(c.seconds, *self.reads(c))
        ends: dict[int, RunEnds] = {}
        at = start
        while at < end:
            if self._candidate == _NOTHING and not self._unknown_s and end - at >= WORTH_S:
                posture = self._posture
                if posture not in ends:
                    goes_on = c.seen == posture
                    if np.count_nonzero(goes_on) < len(goes_on):
                        goes_on |= c.seen == _UNSURE
                    if posture == _NOTHING:
                        goes_on &= c.seen != _NOTHING
                    if np.count_nonzero(c.up_from):
                        goes_on &= c.up_from == 0
                    ends[posture] = RunEnds(goes_on)
                n = self._countable(min(end, ends[posture][at]) - at)
                if n >= WORTH_S:
                    self._go_on(c, at, n)
                    at += n
                    continue
            episodes = self.feed(*rows[at])
            if episodes:
                out.append((at, episodes))
            at += 1
        return out

    def _countable(self, n: int) -> int:
        """How many of `n` seconds can be counted before something opens or ends."""
        left_s = math.ceil(self._settings.partial_break_s) - 1 - self._away_s
        ending = self._bout.start is not None or (
            self._posture == _LYING and self._break.start is not None
        )
        if ending and self._posture in (_UPRIGHT, _LYING):
            return min(n, left_s)
        return n

    def _go_on(self, c: Combined, at: int, n: int) -> None:
        if self._posture == _NOTHING and not self._seen_from:
            self._seen_from = int(c.seconds[at])
        if self._posture == _SITTING:
            rows = slice(at, at + n)
            sat = c.seen[rows] == _SITTING
            seen = c.p_sitting[rows], c.confidence[rows], c.source[rows]
            if np.count_nonzero(sat) < n:
                seen = seen[0][sat], seen[1][sat], seen[2][sat]
            self._bout.see_all(*seen)
        self._credit(int(c.seconds[at]), n)

    def _was_up(self, start: int, end: int, second: int) -> None:
        if self._posture != _SITTING or start <= self._posture_start:
            return
        self._settle_candidate()
        sat_again_s = second + 1 - end
        for_break = end - start >= self._settings.partial_break_s
        self._bout.sat_s = max(0, self._bout.sat_s - (second + 1 - start))
        self._clock_s = max(0, self._clock_s - (end - start))
        if for_break and self._bout.start is not None:
            if end - start >= self._settings.full_break_s:
                self._clock_s = sat_again_s
            self._end_bout(start, censored=False)
            self._break.upright_s = end - start
            self._open_break(start)
            self._end_break(end, censored=False)
            self._open_bout(end, sat_again_s)
        self._posture_start = end
        self._bout.sat_s += sat_again_s

    def close(self, end: int, *, censored: bool = True) -> list[Episode]:
        """The data end: what is open closes at `end`."""
        if self._unknown_s:
            end = self._unknown_start
        self._settle_candidate()
        self._end_bout(end, censored=censored)
        self._end_break(end, censored=censored)
        self._posture = _NOTHING
        self._away_s = self._upright_s = 0
        out, self._out = self._out, []
        return out

    def not_worn_from(self, start: int) -> list[Episode]:
        """The sensor turns out to be off the body since `start`: nothing after it was lived."""
        self._settle_candidate()
        self._end_bout(start, censored=True)
        self._end_break(start, censored=True)
        self._posture, self._posture_start = _NOT_WORN, start
        self._clock_s = 0
        self._away_s = self._upright_s = 0
        out, self._out = self._out, []
        return out

    def _miss(self, second: int) -> None:
        if not self._unknown_s:
            self._unknown_start = second
        self._unknown_s += 1
        if self._unknown_s == int(self._settings.bridge_s) + 1:
            self._settle_candidate()
            self._end_bout(self._unknown_start, censored=True)
            self._end_break(self._unknown_start, censored=True)
            self._posture = _NOTHING
            self._seen_from = 0
            self._away_s = self._upright_s = 0

    def _found(self, second: int) -> None:
        """Samples again. Bridged time belongs to what was; after more than that all begins anew."""
        bridged = self._unknown_s <= int(self._settings.bridge_s)
        if not bridged and second - self._unknown_start >= self._settings.forget_s:
            self._clock_s = 0
        if bridged and self._posture != _NOTHING:
            if self._candidate == _NOTHING:
                self._credit(self._unknown_start, self._unknown_s)
            else:
                self._pending_s += self._unknown_s
        self._unknown_s = self._unknown_start = 0

    def _weigh(self, second: int, seen: int, since: int) -> None:
        if seen == self._posture:
            self._settle_candidate()
            self._credit(second, 1)
            return
        if seen == _UNSURE:
            self._pending_s += 1  # it keeps the candidate, and does not confirm it
            return
        if seen != self._candidate:
            self._settle_candidate()
            self._candidate, self._candidate_start = seen, second
        if since and since < self._candidate_start:
            self._back_date(since)
        self._candidate_n += 1
        self._pending_s += 1
        if self._candidate_n >= self._dwell[seen] or self._pending_s >= self._dwell[seen]:
            self._confirm()

    def _back_date(self, since: int) -> None:
        """The candidate began before it could be told: take back what went to the other posture."""
        if self._posture == _NOT_WORN:
            return
        start = max(since, self._seen_from if self._posture == _NOTHING else self._posture_start)
        moved = self._candidate_start - start
        if moved <= 0:
            return
        self._candidate_start = start
        self._pending_s += moved
        if self._posture == _SITTING:
            self._bout.sat_s = max(0, self._bout.sat_s - moved)
            self._clock_s = max(0, self._clock_s - moved)
        else:
            self._away_s = max(0, self._away_s - moved)
            if self._posture == _UPRIGHT:
                self._upright_s = max(0, self._upright_s - moved)
                self._break.upright_s = max(0, self._break.upright_s - moved)

    def _settle_candidate(self) -> None:
        """The candidate came to nothing: its seconds belong to what was before."""
        if self._candidate != _NOTHING:
            pending, self._pending_s = self._pending_s, 0
            start = self._candidate_start
            self._candidate, self._candidate_n = _NOTHING, 0
            self._credit(start, pending)

    def _confirm(self) -> None:
        posture, start, pending = self._candidate, self._candidate_start, self._pending_s
        self._candidate, self._candidate_n, self._pending_s = _NOTHING, 0, 0
        before, self._posture = self._posture, posture
        self._posture_start = start
        if posture == _SITTING:
            self._end_break(start, censored=False)
            if self._bout.start is None:
                self._open_bout(start, pending)
            else:
                self._away_s = self._upright_s = 0
        elif posture == _NOT_WORN:
            self._end_bout(start, censored=True)
            self._end_break(start, censored=True)
            self._away_s = self._upright_s = 0
        elif before == _SITTING:
            self._away_start, self._away_s, self._upright_s = start, 0, 0
        self._credit(start, pending)

    def _credit(self, second: int, n: int) -> None:
        """`n` seconds from `second` on belong to the confirmed posture."""
        if self._posture == _SITTING:
            self._bout.sat_s += n
            self._clock_s += n
            return
        if self._posture in (_NOTHING, _NOT_WORN):
            return
        self._away_s += n
        if self._posture == _UPRIGHT:
            self._upright_s += n
            self._break.upright_s += n
        settings = self._settings
        if self._away_s >= settings.full_break_s:
            self._clock_s = 0
        if self._away_s < settings.partial_break_s:
            return
        was_sitting = self._bout.start is not None
        if was_sitting:
            self._end_bout(self._away_start, censored=False)
            self._break.upright_s = self._upright_s
        if was_sitting and self._posture == _UPRIGHT and self._break.start is None:
            self._open_break(self._away_start)
        elif self._posture == _LYING and self._break.start is not None:
            self._end_break(self._posture_start, censored=False)

    def _open_bout(self, start: int, sat_s: int) -> None:
        self._away_s = self._upright_s = 0
        self._out += self._bout.open(start, sat_s)

    def _end_bout(self, end: int, *, censored: bool) -> None:
        self._out += self._bout.end(end, censored=censored)

    def _open_break(self, start: int) -> None:
        self._out += self._break.open(start, self._bout.placement)

    def _end_break(self, end: int, *, censored: bool) -> None:
        self._out += self._break.end(end, self._bout.placement, censored=censored)

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED} | {
            "bout": self._bout.save(),
            "break": self._break.save(),
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        for name in _REMEMBERED:
            setattr(self, name, saved[name])
        self._bout.load(saved["bout"])
        self._break.load(saved["break"])


_REMEMBERED = (
    "_posture", "_posture_start", "_candidate", "_candidate_start", "_candidate_n", "_pending_s",
    "_seen_from", "_unknown_start", "_unknown_s", "_away_start", "_upright_s", "_away_s", "_clock_s",
)  # fmt: skip
