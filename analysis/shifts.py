"""Postural shifts: a seated posture that becomes another one, or ends in standing up."""

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools
from analysis.doubt import FUSED_SIGMA_DEG, PLAIN_SIGMA_DEG, sure_beyond
from analysis.past import CHANGING_S, LONG_AGO
from analysis.seen import Seen
from analysis.settings import AnalysisSettings
from analysis.track import Mounted
from analysis.wearer import Combined
from domain.episodes import Episode, EpisodeKind
from domain.posture import Activity

#: Second, lean, side, lean then, side then, and whether now is unlike then.
_Row: TypeAlias = tuple[int, float, float, float, float, bool]
_Angles: TypeAlias = tuple[float, ...]
_SITTING, _UNKNOWN = int(Activity.SITTING), int(Activity.UNKNOWN)
_UPRIGHT, _UNSURE = int(Seen.UPRIGHT), int(Seen.UNSURE)


class ShiftMachine:
    """Fed once a second; a shift is told when the new posture has held.

    The posture of `posture_shift_hold_s` seconds is held when neither its lean nor its side spans more
    than the limit. It is compared with the one that was held for as many seconds and ended
    `past.CHANGING_S` before it, so that the change itself lies between; what creeps there more slowly is no
    shift. Standing up from sitting is one when it holds. A lean needs no absolute zero here: the
    reference cancels, and with it its error.
    """

    name: ClassVar[str] = "shift"

    def __init__(
        self, wearer: str, placement: str, placements: tuple[str, ...], settings: AnalysisSettings
    ) -> None:
        self._wearer = wearer
        self._placement, self._placements = placement, placements
        self._limit_deg = settings.posture_shift_deg
        self._hold, self._back = round(settings.posture_shift_hold_s), back_s(settings)
        self._rows: list[_Row] = []  # newest last
        self._restless_s = 0  # for so many seconds more it is known that they were not held
        self._up_since: int | None = None  # stood up, and not yet for long enough
        self._up_s = 0
        self._told_at = LONG_AGO  # start of the last shift
        self._lean = self._side = math.nan  # the posture after it

    @classmethod
    def of(
        cls,
        wearer: str,
        mounted: Mounted | None,
        worn: Sequence[Mounted],
        settings: AnalysisSettings,
    ) -> Self:
        """For the sensor that gives the lean, or None: then only standing up is seen. worn: all."""
        placement = "" if mounted is None else mounted.placement.value
        return cls(wearer, placement, tuple(one.placement.value for one in worn), settings)

    @property
    def idle(self) -> bool:
        """See follow.Machine, as all that follows."""
        return not self._rows and self._up_since is None

    @property
    def limits(self) -> tuple[float]:
        """By how much a lean has to change, deg."""
        return (self._limit_deg,)

    @property
    def judged_by(self) -> tuple[Any, ...]:
        """Where the lean is measured, and where all sensors are worn."""
        return self._placement, [*self._placements]

    @staticmethod
    def stirs(c: Combined, change: Any) -> Bools:
        """A seated lean or side unlike that of a while ago, or standing up."""
        far: Bools = np.abs(c.lean_deg - c.lean_then_deg) > change
        far |= np.abs(c.side_deg - c.side_then_deg) > change
        if np.count_nonzero(far):
            far &= _judged(c)
        far |= c.changed_at == c.seconds
        return far

    @staticmethod
    def reads(c: Combined) -> tuple[NDArray[Any], ...]:
        """What `feed` takes."""
        return (
            c.lean_deg, c.side_deg, c.lean_then_deg, c.side_then_deg, _judged(c), c.seen, c.source,
            c.changed_at, c.fused,
        )  # fmt: skip

    def feed(
        self,
        second: int,
        lean_deg: float,
        side_deg: float,
        lean_then_deg: float,
        side_then_deg: float,
        judged: bool,
        seen: int,
        source: int,
        changed_at: int,
        fused: bool,
    ) -> list[Episode]:
        """Weigh one second; returns the shift that is certain now.

        lean_then_deg, side_then_deg: `back_s` ago, NaN when that cannot be compared. source: who told
        `seen`. changed_at: when sitting and being upright changed last, Unix s.
        """
        if changed_at == second:
            self._up_since, self._up_s = (second if seen == _UPRIGHT else None), 0
            self._clear()
        if self._up_since is not None:
            return self._stand(second, seen, source)
        by_lean, by_side = lean_deg - lean_then_deg, side_deg - side_then_deg
        # What is no number, or no end of it, less itself is no number.
        if not judged or not (by_lean - by_lean == 0.0 == by_side - by_side):
            self._clear()
            return []
        limit, rows = self._limit_deg, self._rows
        unlike = not (-limit <= by_lean <= limit and -limit <= by_side <= limit)
        rows.append((second, lean_deg, side_deg, lean_then_deg, side_then_deg, unlike))
        if len(rows) > self._hold:
            del rows[0]
        if self._restless_s:
            self._restless_s -= 1
            return []
        if len(rows) < self._hold:
            return []
        return self._compare(max(self._told_at, changed_at), fused=fused)

    def _stand(self, second: int, seen: int, source: int) -> list[Episode]:
        since = self._up_since
        if since is None or seen not in (_UPRIGHT, _UNSURE):
            self._up_since = None
            return []
        self._up_s += 1
        if self._up_s < self._hold:
            return []
        self._up_since = None
        where = self._placements[source] if source >= 0 else self._placement
        return [self._episode(since, second + 1, math.nan, math.nan, 1.0, where, math.nan)]

    def _compare(self, kept_from: int, *, fused: bool) -> list[Episode]:
        limit = self._limit_deg
        seconds, leans, sides, leans_then, sides_then, unlike = zip(*self._rows, strict=True)
        moved = True in unlike
        apart = _apart((leans, leans_then, sides, sides_then), limit) if moved else 0
        if apart:  # it is still on its way, or one of the two postures was not held
            # So it stays while these are among the rows, and one that is unlike.
            self._restless_s = min(apart, len(unlike) - unlike[::-1].index(True)) - 1
            return []
        n = len(leans)
        lean, side = sum(leans) / n, sum(sides) / n
        by_lean, by_side = lean - sum(leans_then) / n, side - sum(sides_then) / n
        start, end = seconds[0], seconds[-1] + 1
        changed = by_lean if abs(by_lean) >= abs(by_side) else by_side
        if abs(changed) <= limit:
            # Nothing moves any more against a while ago: the next change stirs again.
            if not moved:
                self._clear()
            return []
        if not moved and _apart((leans, leans_then, sides, sides_then), limit):
            return []
        same = start - self._told_at <= self._back + self._hold and (
            abs(lean - self._lean) <= limit and abs(side - self._side) <= limit
        )
        if same:  # the change that was told already, seen from a little later
            return []
        noise = (FUSED_SIGMA_DEG if fused else PLAIN_SIGMA_DEG) * math.sqrt(2.0 / self._hold)
        sure = sure_beyond(abs(changed), limit, noise)
        kept_s = float(start - kept_from) if kept_from > LONG_AGO else math.nan
        told = self._episode(start, end, changed, lean, sure, self._placement, kept_s)
        self._lean, self._side = lean, side
        return [told]

    def _episode(
        self,
        start: int,
        end: int,
        peak: float,
        mean: float,
        sure: float,
        placement: str,
        kept_s: float,
    ) -> Episode:
        self._told_at = start
        self._lean = self._side = math.nan
        return Episode(
            kind=EpisodeKind.SHIFT,
            wearer=self._wearer,
            start=start,
            end=end,
            peak=abs(peak),
            mean=mean,
            dose=kept_s,
            confidence=sure,
            limit=self._limit_deg,
            placement=placement,
        )

    def close(self, end: int, *, censored: bool) -> list[Episode]:
        """Nothing is open: what has not held by now did not hold."""
        self._clear()
        self._up_since = None
        return []

    def _clear(self) -> None:
        self._rows.clear()
        self._restless_s = 0

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED} | {
            "rows": [[*row[:-1]] for row in self._rows],
            "placements": [*self._placements],
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        for name in _REMEMBERED:
            setattr(self, name, saved[name])
        self._placements = tuple(saved["placements"])
        self._rows, self._restless_s = [], 0
        limit = self._limit_deg
        for second, lean, side, lean_then, side_then in saved["rows"]:
            unlike = abs(lean - lean_then) > limit or abs(side - side_then) > limit
            self._rows.append((int(second), lean, side, lean_then, side_then, unlike))


def back_s(settings: AnalysisSettings) -> int:
    """How far back a posture is compared with, s."""
    return round(settings.posture_shift_hold_s) + CHANGING_S


def _judged(c: Combined) -> Bools:
    """(k,) where a seated posture may be judged: sitting, or not known to sit or stand."""
    ok: Bools = c.lean_known & ((c.activity == _SITTING) | (c.activity == _UNKNOWN))
    return ok


def _apart(angles: Sequence[_Angles], limit_deg: float) -> int:
    """For how many of the oldest one of them spans more than the limit: 0 where none does."""
    for some in angles:
        most, least = max(some), min(some)
        if most - least > limit_deg:
            return min(some.index(most), some.index(least)) + 1
    return 0


_REMEMBERED = ("_placement", "_up_since", "_up_s", "_told_at", "_lean", "_side")
