"""Things that last: sitting bouts, breaks, slouches, bends, twists, times when the sensor was not worn."""

import hashlib
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum


class EpisodeKind(StrEnum):
    """The kinds of episodes. The words are stored and are part of every id.

    What the figures of an `Episode` mean for each; leans and sides are over the wearer's reference,
    degree-minutes are the mean angle times the minutes it counted.

    ========== ===================== ===================== ===================== ==================
    kind       peak                  mean                  dose                  limit
    ========== ===================== ===================== ===================== ==================
    sitting    p_sitting, highest    p_sitting             s sat                 NaN
    break      NaN                   NaN                   s upright             s that make a break
    slouch     lean, deg             lean, deg             degree-minutes        entry, deg
    not_worn   NaN                   NaN                   s                     s
    shift      change of lean or     lean after it, deg    s the posture before  change that makes a
               side, deg; NaN for    (NaN after a          it was kept (NaN      shift, deg
               a stand-up            stand-up)             before a stand-up)
    bend       lean, deg             lean, deg             degree-minutes        entry, deg
    held_bend  lean, deg             lean, deg             degree-minutes        s that may be held at
                                                                                 that mean lean
    side_bend  side, deg, right is   |side|, deg           degree-minutes of     entry, deg
               positive              while beyond          |side| while beyond
    twist      twist, deg, left is   |twist|, deg          degree-minutes of     entry, deg
               positive              while beyond          |twist| while beyond
    turn       turn against the      rate, deg/s           degrees turned in     turn that counts,
               baseline, deg, left                         all                   deg
               is positive
    ========== ===================== ===================== ===================== ==================

    shift, bend and turn are moments: they are emitted once, closed. A shift covers the seconds that
    the new posture has held; a bend the seconds that it touches.
    """

    SITTING = "sitting"
    BREAK = "break"
    SLOUCH = "slouch"
    NOT_WORN = "not_worn"
    SHIFT = "shift"
    BEND = "bend"
    HELD_BEND = "held_bend"
    SIDE_BEND = "side_bend"
    TWIST = "twist"
    TURN = "turn"


class Asymmetry(IntFlag):
    """What made a bend asymmetric (analysis.md, section 6). Numbers are stored.

    NONE is said of every other kind too. A turn is only seen with a gyro; without one NONE means
    that the side was level.
    """

    NONE = 0
    SIDE = 1  # leant to one side by more than the limit at its peak
    TURN = 2  # turned about the vertical by more than the limit during it


def episode_id(wearer: str, kind: EpisodeKind, start: int) -> str:
    """The same wearer, kind and start always give the same id, so that a replay does not double."""
    return hashlib.sha256(f"{wearer}\n{kind.value}\n{start}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Episode:
    """Something that lasts. Emitted when it opens (end None) and again, whole, when it closes.

    start, end: Unix s on whole seconds, [start, end). peak, mean, dose, limit: see EpisodeKind; NaN
    where there is none. confidence: 0..1. censored: the end is where the data ended, not where the
    wearer did. placement: where the deciding sensor was worn. asymmetry: of a bend.
    """

    kind: EpisodeKind
    wearer: str
    start: int
    end: int | None
    peak: float
    mean: float
    dose: float
    confidence: float
    limit: float
    placement: str
    censored: bool = False
    asymmetry: Asymmetry = Asymmetry.NONE
    id: str = field(default="")

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise ValueError(f"episode ends at {self.end}, before its start {self.start}")
        if not self.id:
            object.__setattr__(self, "id", episode_id(self.wearer, self.kind, self.start))

    @property
    def open(self) -> bool:
        """Whether it still goes on."""
        return self.end is None

    def lasted_s(self, now: int) -> int:
        """Seconds from the start to the end, or to `now` while it is open."""
        return (now if self.end is None else self.end) - self.start
