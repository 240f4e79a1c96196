"""What a simulated person does and when: acts that follow each other without a gap.

The plausible days are written in `simulators/days.py`; how a body moves through an act is in
`simulators/keyframes.py`.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

#: A body needs up to 6 s to get from any act into any other.
MIN_ACT_S = 10.0


class ActKind(StrEnum):
    """What the person does. Bending, stooping and tilting are done on the feet, twisting on the chair.

    Bending goes to the floor and comes back again and again; stooping holds one bend forward, tilting
    one to a side.
    """

    LYING = "lying"
    SITTING = "sitting"
    STANDING = "standing"
    WALKING = "walking"
    BENDING = "bending"
    STOOPING = "stooping"
    TILTING = "tilting"
    TWISTING = "twisting"
    NOT_WORN = "not_worn"


@dataclass(frozen=True, slots=True)
class Slump:
    """A slouch within a sitting act.

    start_s: Unix s. depth: share of the body's own upright-to-slouch range, 1 is its natural
    slouch. The trunk takes onset_s to get there, stays hold_s and comes back in recovery_s.
    """

    start_s: float
    onset_s: float
    hold_s: float
    recovery_s: float
    depth: float

    def __post_init__(self) -> None:
        if not (self.onset_s > 0 and self.hold_s > 0 and self.recovery_s > 0):
            raise ValueError("onset_s, hold_s and recovery_s must be positive")

    @property
    def end_s(self) -> float:
        """When the trunk is back."""
        return self.start_s + self.onset_s + self.hold_s + self.recovery_s


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done for a while, [start_s, end_s) in Unix s; getting into it is its first part.

    slumps: for sitting, in order, apart from each other. depth: for sitting, a share of the slouch
    range held all through. still: no fidgets, as in a calibration pose. angle_deg: for stooping how far
    forward, for tilting how far to the right.
    """

    kind: ActKind
    start_s: float
    end_s: float
    slumps: tuple[Slump, ...] = ()
    depth: float = 0.0
    still: bool = False
    angle_deg: float = 0.0

    def __post_init__(self) -> None:
        if not self.end_s - self.start_s >= MIN_ACT_S:
            raise ValueError(f"{self.kind} lasts {self.end_s - self.start_s} s")
        free_from = self.start_s
        for slump in self.slumps:
            if slump.start_s < free_from or slump.end_s > self.end_s:
                raise ValueError(f"slump at {slump.start_s} overlaps or leaves its act")
            free_from = slump.end_s

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return self.end_s - self.start_s

    def shifted(self, by_s: float) -> "Act":
        """The same act `by_s` later."""
        slumps = tuple(replace(slump, start_s=slump.start_s + by_s) for slump in self.slumps)
        return replace(self, start_s=self.start_s + by_s, end_s=self.end_s + by_s, slumps=slumps)

    def clipped(self, start_s: float, end_s: float) -> "Act | None":
        """The part within [start_s, end_s); None when too little is left. Cut slumps are dropped."""
        start, end = max(start_s, self.start_s), min(end_s, self.end_s)
        if end - start < MIN_ACT_S:
            return None
        slumps = tuple(s for s in self.slumps if s.start_s >= start and s.end_s <= end)
        return replace(self, start_s=start, end_s=end, slumps=slumps)


@dataclass(frozen=True, slots=True)
class Script:
    """Contiguous acts. From act number `repeat_from` on they are done again and again for ever;
    with None the last act's posture is kept for ever.

    Raises ValueError when there is no act, a gap or an overlap.
    """

    acts: tuple[Act, ...]
    repeat_from: int | None = None

    def __post_init__(self) -> None:
        if not self.acts:
            raise ValueError("a script needs an act")
        for before, after in zip(self.acts, self.acts[1:], strict=False):
            if before.end_s != after.start_s:
                raise ValueError(f"{before.kind} ends {before.end_s}, next starts {after.start_s}")
        if self.repeat_from is not None and not 0 <= self.repeat_from < len(self.acts):
            raise ValueError(f"repeat_from {self.repeat_from} of {len(self.acts)} acts")

    @property
    def start_s(self) -> float:
        """Unix s of the first act."""
        return self.acts[0].start_s

    @property
    def end_s(self) -> float:
        """Unix s where the written acts end; a repeating script goes on."""
        return self.acts[-1].end_s

    def number_at(self, time: float) -> int:
        """The number of the act at `time`, counted on through the repetitions; before the start it
        is the first, after the end of a script without repetition the last."""
        repeat = self.repeat_from
        if repeat is None or time < self.end_s:
            return max(0, bisect_right(self.acts, time, key=lambda act: act.start_s) - 1)
        period_s = self.end_s - self.acts[repeat].start_s
        turns = int((time - self.acts[repeat].start_s) // period_s)
        within = time - turns * period_s
        found = bisect_right(self.acts, within, lo=repeat, key=lambda act: act.start_s) - 1
        return max(repeat, found) + turns * (len(self.acts) - repeat)

    def act(self, number: int) -> Act | None:
        """Act `number`, at the time it happens; None before the first and after the last."""
        if number < 0:
            return None
        if number < len(self.acts):
            return self.acts[number]
        if self.repeat_from is None:
            return None
        length = len(self.acts) - self.repeat_from
        turns, row = divmod(number - self.repeat_from, length)
        period_s = self.end_s - self.acts[self.repeat_from].start_s
        return self.acts[self.repeat_from + row].shifted(turns * period_s)

    def between(self, start_s: float, end_s: float) -> tuple[Act, ...]:
        """The acts that touch [start_s, end_s), repetitions included."""
        found = []
        for number in range(self.number_at(start_s), self.number_at(end_s) + 1):
            act = self.act(number)
            if act is not None and act.end_s > start_s and act.start_s < end_s:
                found.append(act)
        return tuple(found)

    def then(self, other: "Script") -> "Script":
        """This script until `other` starts, then `other`. Raises ValueError when there is a gap."""
        acts = clip_acts(self.acts, self.start_s, other.start_s)
        repeat = None if other.repeat_from is None else other.repeat_from + len(acts)
        return Script(acts + other.acts, repeat)


def clip_acts(acts: Sequence[Act], start_s: float, end_s: float) -> tuple[Act, ...]:
    """The parts of contiguous `acts` within [start_s, end_s), contiguous and without a gap at either
    end: a remainder too short to be an act of its own is given to its neighbour."""
    kept: list[Act] = []
    for act in acts:
        part = act.clipped(start_s, end_s)
        if part is not None:
            kept.append(part)
    if not kept:
        return ()
    first, last = max(start_s, acts[0].start_s), min(end_s, acts[-1].end_s)
    kept[0] = replace(kept[0], start_s=first)
    kept[-1] = replace(kept[-1], end_s=last)
    return tuple(kept)
