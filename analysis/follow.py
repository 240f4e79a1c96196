"""The machines of a wearer that turn seconds into episodes, fed from the wearer's columns.

A machine is asked by a gate over whole columns which seconds could stir it while it is idle, so that
a quiet hour costs it a comparison. Episodes are put in the order of the seconds that told them, and
within a second in the order of the machines, whatever the chunks were.
"""

import json
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.bends import BendMachine
from analysis.bouts import BoutMachine
from analysis.columns import Bools
from analysis.held_bends import HeldBendMachine
from analysis.notworn import NotWornMachine
from analysis.roles import Roles
from analysis.rotation import TURN_ORDER, TWIST_ORDER, where_worn
from analysis.runs import WORTH_S, Rows, RunEnds
from analysis.settings import AnalysisSettings
from analysis.shifts import ShiftMachine
from analysis.side_bends import SideBendMachine
from analysis.slouch import SlouchMachine
from analysis.track import Mounted
from analysis.turns import TurnMachine
from analysis.twist import TwistMachine
from analysis.wearer import Combined
from domain.episodes import Episode


class Machine(Protocol):
    """One kind of episode of one wearer.

    name: its key in the saved state. A machine that cannot judge, as for want of a calibration, has NaN
    among its limits and is never stirred.
    """

    name: ClassVar[str]

    @property
    def idle(self) -> bool:
        """Nothing is open or pending: a second that does not stir it leaves it as it is."""

    @property
    def limits(self) -> tuple[float, ...]:
        """This wearer's own numbers, in the order in which `stirs` takes them."""

    @property
    def judged_by(self) -> tuple[Any, ...]:
        """JSON values; when they differ from those of a saved state, what was open then ends there."""

    @staticmethod
    def stirs(c: Combined, *limits: Any) -> Bools:
        """(k,) the seconds that could stir an idle machine.

        limits: floats, or (k,) arrays when seconds of several wearers are looked at together. Each
        second is judged from its own column alone.
        """

    @staticmethod
    def reads(c: Combined) -> tuple[NDArray[Any], ...]:
        """The columns (k,) that `feed` takes after the second."""

    def feed(self, *args: Any, **kwargs: Any) -> list[Episode]:
        """`feed(second, *scalars)`: weigh one second; returns what opened or closed."""

    def close(self, end: int, *, censored: bool) -> list[Episode]:
        """What is open or pending ends at `end`, Unix s, at the latest; then it is idle.

        It may be called with an `end` before seconds that were fed: nothing after it was lived.
        """

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values, with all that closing it as it is takes."""

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""


class Lasting(Machine, Protocol):
    """One that is at work for long: seconds that only go on with what is open are weighed together."""

    def goes_on(self, c: Combined) -> Bools:
        """(k,) the seconds in which it stays open and tells nothing new, if it is not idle before."""

    def feed_all(self, c: Combined, start: int, end: int) -> int:
        """Weigh the rows [start, end), all of which go on, bit for bit as `feed` would; returns how many of
        them: fewer where the next one has to be fed."""


def machines(
    wearer: str, worn: Sequence[Mounted], roles: Roles, settings: AnalysisSettings
) -> tuple[Machine, ...]:
    """Everything that lasts beside bouts and the time not worn; the order is the order of episodes."""
    angles = None if roles.angles is None else worn[roles.angles]
    places = [mounted.placement for mounted in worn]
    return (
        SlouchMachine.of(wearer, angles, settings),
        ShiftMachine.of(wearer, angles, worn, settings),
        BendMachine.of(wearer, angles, settings, alone=roles.activity[:1] == (roles.angles,)),
        HeldBendMachine.of(wearer, angles, settings),
        SideBendMachine.of(wearer, angles, settings),
        TwistMachine(wearer, where_worn(TWIST_ORDER, places), settings),
        TurnMachine(wearer, where_worn(TURN_ORDER, places), settings),
    )


class Follower:
    """All machines of one wearer."""

    def __init__(
        self, wearer: str, worn: Sequence[Mounted], roles: Roles, settings: AnalysisSettings
    ) -> None:
        self._given = (wearer, worn, roles, settings)
        placements = tuple(mounted.placement.value for mounted in worn)
        self.not_worn = NotWornMachine(wearer, placements[0], settings)
        self.bouts = BoutMachine(wearer, placements, settings)
        self.others = machines(*self._given)
        self.slouch = next(one for one in self.others if isinstance(one, SlouchMachine))
        self._all: tuple[Machine, ...] = (self.bouts, *self.others, self.not_worn)

    @property
    def steady(self) -> bool:
        """Whether nothing is open or pending that a step of the angles could end."""
        return all(machine.idle for machine in self.others)

    def follow(self, c: Combined) -> list[Episode]:
        """Feed the seconds of `c`; returns what opened or closed, in order."""
        told: list[tuple[int, int, int, list[Episode]]] = []  # second, phase, machine
        last = len(self._all) - 1
        seconds, k = c.seconds, len(c.seconds)
        found: list[tuple[int, int]] = []  # row, since when nothing is worn
        for row, episodes in self.not_worn.run(c, 0, k):
            told.append((int(seconds[row]), 0, last, episodes))
            found += [(row, episode.start) for episode in episodes if episode.open]
        for rank, machine in enumerate(self._all[:-1]):
            done = 0
            for row, start in found:
                fed = _run(machine, c, done, row)
                told += [(int(seconds[at]), 1, rank, episodes) for at, episodes in fed]
                if machine is self.bouts:
                    episodes = self.bouts.not_worn_from(start)
                else:
                    episodes = machine.close(start, censored=True)
                if episodes:
                    told.append((int(seconds[row]), 0, rank, episodes))
                done = row
            fed = _run(machine, c, done, k)
            if fed:
                told += [(int(seconds[at]), 1, rank, episodes) for at, episodes in fed]
        if not told:
            return []
        told.sort(key=lambda one: one[:3])
        return [episode for *_, episodes in told for episode in episodes]

    def close(self, end: int) -> list[Episode]:
        """The data end: what is open closes at `end`, as censored."""
        return [e for machine in self._all for e in machine.close(end, censored=True)]

    def save(self) -> dict[str, Any]:
        """What the machines remember, as JSON values."""
        return {
            machine.name: {"judged_by": list(machine.judged_by), "state": machine.save()}
            for machine in self._all
        }

    def load(self, saved: dict[str, Any], end: int) -> list[Episode]:
        """Go on from what `save` gave. Returns what has to end at `end`, since its limits or its sensor
        are others now. A machine the saved state does not know starts afresh."""
        owed: list[Episode] = []
        former = {machine.name: machine for machine in machines(*self._given)}
        for machine in self._all:
            before = saved.get(machine.name)
            if before is None:
                continue
            if json.dumps(before["judged_by"]) == json.dumps(machine.judged_by):
                machine.load(before["state"])
            else:
                old = former[machine.name]
                old.load(before["state"])
                owed += old.close(end, censored=True)
        return owed


def _run(machine: Machine, c: Combined, start: int, end: int) -> list[tuple[int, list[Episode]]]:
    """Feed the rows [start, end) that `machine` needs; what it told, by row."""
    if isinstance(machine, BoutMachine):
        return machine.run(c, start, end)
    out: list[tuple[int, list[Episode]]] = []
    stirring: list[int] | None = None  # not looked for while it is at work
    rows: Rows | None = None
    at, feed = start, machine.feed
    lasting: Lasting | None = machine if isinstance(machine, SlouchMachine) else None
    ends: RunEnds | None = None
    while at < end:
        if machine.idle:
            if stirring is None:
                stirring = _stirring(machine, c, at, end)
            following = bisect_left(stirring, at)
            if following == len(stirring):
                break
            at = stirring[following]
        elif lasting is not None and end - at >= WORTH_S:
            if ends is None:
                ends = RunEnds(lasting.goes_on(c))
            until = min(end, ends[at])
            if until - at >= WORTH_S and (n := lasting.feed_all(c, at, until)):
                at += n
                continue
        if rows is None:
            rows = Rows(c.seconds, *machine.reads(c))
        episodes = feed(*rows[at])
        if episodes:
            out.append((at, episodes))
        at += 1
    return out


def _stirring(machine: Machine, c: Combined, start: int, end: int) -> list[int]:
    """The rows of [start, end) that stir `machine`, which is idle."""
    limits = machine.limits
    for limit in limits:
        if limit != limit:  # NaN: it cannot judge
            return []
    stirs = machine.stirs(c, *limits)
    if not np.count_nonzero(stirs):
        return []
    rows: list[int] = (np.flatnonzero(stirs[start:end]) + start).tolist()
    return rows
