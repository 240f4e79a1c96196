"""Bends: the trunk goes far forward and comes back. A bend, never a lift: nobody weighs the load."""

import math
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools
from analysis.cut import SUB_BLOCKS
from analysis.doubt import reference, sigma_deg, sure_beyond
from analysis.past import SAT_S
from analysis.settings import AnalysisSettings
from analysis.track import Mounted
from analysis.wearer import Combined
from domain.episodes import Asymmetry, Episode, EpisodeKind
from domain.placement import KNOWLEDGE, Knowledge
from domain.posture import Activity

#: Where a sensor knows sitting from standing by its probability alone.
_NO_LEGS = [p.value for p, knows in KNOWLEDGE.items() if knows.sit_stand is Knowledge.PROBABILITY]
_LYING = int(Activity.LYING)
#: Sitting down is known this long after it, s, standing up sooner.
_KNOWN_AFTER_S = SAT_S + 1
#: Lying down is known this long after the trunk has arrived, and getting up begins this long before, s;
#: on the front lying is said later (umafall, chest).
_LAID_S = 3
#: Where the leaning sensor itself says that one stood up or sat down, it may have taken a bend for it. It is
#: believed up to this lean [J]; people bow up to 100 deg for a chair (umafall, chest and pocket).
_BOW_DEG = 60.0
#: From the upper trunk alone a bow for a chair is taken for a bend more often than not (umafall, chest: 20
#: of 24 times that people sat down and got up), so that nothing is surer than this [J].
BOW_CONFIDENCE = 0.5
#: From here on one runs or hops (6 MET, analysis.md section 7), and a tenth is no inclination, mg.
_SHAKEN_MG = 414.0


@dataclass(slots=True)
class Bend:
    """What is known of one. start, end: first and last bent tenth; n: bent tenths; side_deg: at the peak;
    turn_deg: turned since the start; most_turn_deg: the furthest of it."""

    start: int
    end: int
    n: int = 0
    sum_deg: float = 0.0
    peak_deg: float = -math.inf
    side_deg: float = 0.0
    turn_deg: float = 0.0
    most_turn_deg: float = 0.0
    fused: bool = True

    def add(self, tenth: int, lean_deg: float, side_deg: float) -> None:
        """One more bent tenth."""
        self.end = tenth
        self.n += 1
        self.sum_deg += lean_deg
        if lean_deg > self.peak_deg:
            self.peak_deg, self.side_deg = lean_deg, side_deg


class BendMachine:
    """Fed once a second with ten leans; one episode for each bend, told once it is surely over.

    Time is counted in whole tenths of a second. A bend is told when nothing can be merged with it any
    more and it is known whether one stood up or sat down at that time. What lies beside lying down or
    getting up was no bend, nor is what shakes as running does. sigma_deg: standard error of the
    reference; with one of NaN nothing is a bend. alone: see `of`.
    """

    name: ClassVar[str] = "bend"

    def __init__(
        self,
        wearer: str,
        placement: str,
        reference_sigma_deg: float,
        settings: AnalysisSettings,
        *,
        alone: bool,
    ) -> None:
        self._wearer = wearer
        self._bow_deg = _BOW_DEG if alone else math.inf
        self._most_sure = BOW_CONFIDENCE if alone and placement in _NO_LEGS else 1.0
        self._settings = settings
        self._placement, self._sigma_deg = placement, reference_sigma_deg
        self._least = round(settings.bend_least_s * SUB_BLOCKS)
        self._merge = round(settings.bend_merge_s * SUB_BLOCKS)
        self._apart = round(settings.bend_apart_s * SUB_BLOCKS)
        self._bend: Bend | None = None  # may go on
        self._bent = False  # it does
        self._over: list[Bend] = []  # not told yet

    @classmethod
    def of(
        cls, wearer: str, mounted: Mounted | None, settings: AnalysisSettings, *, alone: bool
    ) -> Self:
        """For the sensor that gives the lean, or None. alone: it tells sitting and standing too."""
        return cls(wearer, *reference(mounted), settings, alone=alone)

    @property
    def idle(self) -> bool:
        """See follow.Machine, as all that follows."""
        return self._bend is None and not self._over

    @property
    def limits(self) -> tuple[float]:
        """The lean of a tenth that begins a bend, deg."""
        known = not math.isnan(self._sigma_deg)
        return (self._settings.bend_enter_deg if known else math.nan,)

    @property
    def judged_by(self) -> tuple[Any, ...]:
        """Standard error of the reference in deg, placement, how far a bow is believed in deg."""
        return self._sigma_deg, self._placement, self._bow_deg

    @staticmethod
    def stirs(c: Combined, enter: Any) -> Bools:
        """A tenth beyond the entry, not lying."""
        beyond: Bools = c.bend_deg >= enter
        return beyond & _judged(c) if np.count_nonzero(beyond) else beyond

    @staticmethod
    def reads(c: Combined) -> tuple[NDArray[Any], ...]:
        """What `feed` takes."""
        return (
            c.tenths_deg, _judged(c), c.activity == _LYING, c.mad_mg, c.changed_at, c.laid_at, c.turn_dps,
            c.fused,
        )  # fmt: skip

    def feed(
        self,
        second: int,
        tenths_deg: list[list[float]],
        judged: bool,
        lying: bool,
        mad_mg: float,
        changed_at: int,
        laid_at: int,
        turn_dps: float,
        fused: bool,
    ) -> list[Episode]:
        """Weigh one second; returns the bends that are told now.

        tenths_deg: ten leans and ten sides, NaN where there is nothing to see. changed_at: when sitting
        and being upright changed last, Unix s. laid_at: the last second of lying.
        """
        if lying:
            self._bend, self._bent = None, False
        elif judged and not mad_mg >= _SHAKEN_MG:
            self._weigh(second * SUB_BLOCKS, *tenths_deg)
            if self._bend is not None and self._bent:
                self._bend.fused = self._bend.fused and fused
                if math.isfinite(turn_dps):
                    self._bend.turn_deg += turn_dps
                    most = max(self._bend.most_turn_deg, self._bend.turn_deg, key=abs)
                    self._bend.most_turn_deg = most
        else:
            self._bent = False
        self._finish((second + 1) * SUB_BLOCKS)
        return self._tell(second, changed_at * SUB_BLOCKS, laid_at * SUB_BLOCKS)

    def _weigh(self, first: int, leans_deg: list[float], sides_deg: list[float]) -> None:
        enter, leave = self._settings.bend_enter_deg, self._settings.bend_leave_deg
        for i, lean_deg in enumerate(leans_deg):
            if not lean_deg >= (leave if self._bent else enter):
                self._bent = False
                continue
            tenth = first + i
            self._finish(tenth)
            if self._bend is None:
                self._bend = Bend(tenth, tenth)
            self._bent = True
            self._bend.add(tenth, lean_deg, sides_deg[i])

    def _finish(self, tenth: int) -> None:
        """A bend is over when one that begins at `tenth` would be another one."""
        bend = self._bend
        if bend is None or self._bent or tenth - bend.end - 1 < self._merge:
            return
        self._bend = None
        if bend.n >= self._least:
            self._over.append(bend)

    def _tell(self, second: int, changed_at: int, laid_at: int) -> list[Episode]:
        """Those that are known to be bends by the end of `second`, without those that are not."""
        if not self._over:
            return []
        near, laid = self._apart, _LAID_S * SUB_BLOCKS
        self._over = [
            bend
            for bend in self._over
            if not (
                bend.start - near <= changed_at <= bend.end + near
                and bend.peak_deg <= self._bow_deg
            )
            and not bend.start - laid <= laid_at + SUB_BLOCKS - 1 <= bend.end + laid + SUB_BLOCKS
        ]
        until = (second + 1 - _KNOWN_AFTER_S) * SUB_BLOCKS - near
        out: list[Episode] = []
        while self._over and self._over[0].end < until:
            out.append(self._episode(self._over.pop(0), math.inf, censored=False))
        return out

    def close(self, end: int, *, censored: bool) -> list[Episode]:
        """What is bent, or was and is not told yet, ends at `end`."""
        bends = [(bend, False) for bend in self._over]
        if self._bend is not None and self._bend.n >= self._least:
            bends.append((self._bend, censored and self._bent))
        self._bend, self._bent, self._over = None, False, []
        return [
            self._episode(bend, end, censored=cut)
            for bend, cut in bends
            if bend.start // SUB_BLOCKS < end
        ]

    def _episode(self, bend: Bend, until: float, *, censored: bool) -> Episode:
        how = Asymmetry.NONE
        if abs(bend.side_deg) > self._settings.bend_side_deg:
            how |= Asymmetry.SIDE
        if abs(bend.most_turn_deg) > self._settings.bend_turn_deg:
            how |= Asymmetry.TURN
        enter = self._settings.bend_enter_deg
        error = sigma_deg(self._sigma_deg, fused=bend.fused)
        return Episode(
            kind=EpisodeKind.BEND,
            wearer=self._wearer,
            start=bend.start // SUB_BLOCKS,
            end=int(min(-(-(bend.end + 1) // SUB_BLOCKS), until)),
            peak=bend.peak_deg,
            mean=bend.sum_deg / bend.n,
            dose=bend.sum_deg / (SUB_BLOCKS * 60.0),
            confidence=min(sure_beyond(bend.peak_deg, enter, error), self._most_sure),
            limit=enter,
            placement=self._placement,
            censored=censored,
            asymmetry=how,
        )

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "placement": self._placement,
            "sigma_deg": self._sigma_deg,
            "bend": None if self._bend is None else asdict(self._bend),
            "bent": self._bent,
            "over": [asdict(bend) for bend in self._over],
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave, by the reference of then."""
        self._placement, self._sigma_deg = saved["placement"], saved["sigma_deg"]
        self._bend = None if saved["bend"] is None else Bend(**saved["bend"])
        self._bent = saved["bent"]
        self._over = [Bend(**bend) for bend in saved["over"]]


def _judged(c: Combined) -> Bools:
    """(k,) where the lean may count as a bend."""
    ok: Bools = c.lean_known & (c.activity != _LYING)
    return ok
