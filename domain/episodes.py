"""Things that last: sitting bouts, breaks, slouches, times when the sensor was not worn."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum


class EpisodeKind(StrEnum):
    """The kinds of episodes. The words are stored and are part of every id."""

    SITTING = "sitting"
    BREAK = "break"
    SLOUCH = "slouch"
    NOT_WORN = "not_worn"


def episode_id(wearer: str, kind: EpisodeKind, start: int) -> str:
    """The same wearer, kind and start always give the same id, so that a replay does not double."""
    return hashlib.sha256(f"{wearer}\n{kind.value}\n{start}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Episode:
    """Something that lasts. Emitted when it opens (end None) and again, whole, when it closes.

    start, end: Unix s on whole seconds, [start, end). peak, mean: in the unit of the kind: lean_deg
    over the reference for slouch, p_sitting for sitting, NaN for the others. dose: degree-minutes
    for slouch; seconds of sitting, of upright or of not worn for the others. limit: what was passed
    (deg for slouch, s for the others), NaN where none. confidence: 0..1. censored: the end is where
    the data ended, not where the wearer did. placement: where the deciding sensor was worn.
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
