"""Where a sensor is worn, and what can be known from there."""

from dataclasses import dataclass
from enum import StrEnum


class Placement(StrEnum):
    """The places a sensor can be worn at."""

    UPPER_BACK = "upper_back"
    STERNUM = "sternum"
    WAIST = "waist"
    LOWER_BACK = "lower_back"
    THIGH = "thigh"
    WRIST = "wrist"
    HEAD = "head"
    SEAT = "seat"

    @property
    def words(self) -> str:
        """The name as a wearer reads it: `upper back`."""
        return self.value.replace("_", " ")

    @property
    def number(self) -> int:
        """What stands for it in `FrameBlock.source`, from 1 on."""
        return _NUMBERS[self]

    @classmethod
    def of_number(cls, number: int) -> "Placement | None":
        """The placement of a number; None for 0, which is nobody, and for a number of none."""
        return next((each for each in cls if each.number == number), None)


#: These are stored; they may be added to, never changed.
_NUMBERS: dict[Placement, int] = {
    Placement.UPPER_BACK: 1,
    Placement.STERNUM: 2,
    Placement.WAIST: 3,
    Placement.LOWER_BACK: 4,
    Placement.THIGH: 5,
    Placement.WRIST: 6,
    Placement.HEAD: 7,
    Placement.SEAT: 8,
}


class Knowledge(StrEnum):
    """How far a placement can know something."""

    YES = "yes"
    PROBABILITY = "probability"
    NO = "no"


@dataclass(frozen=True, slots=True)
class PlacementKnowledge:
    """One row of section 4 of the design: what one sensor at this place can tell."""

    trunk: bool
    lean: Knowledge
    sit_stand: Knowledge
    lying: Knowledge
    steps: Knowledge


_YES, _PROB, _NO = Knowledge.YES, Knowledge.PROBABILITY, Knowledge.NO

#: Source: design section 4; evidence section 1 (forth_trace: trunk tilt cannot tell sit from stand).
KNOWLEDGE: dict[Placement, PlacementKnowledge] = {
    Placement.UPPER_BACK: PlacementKnowledge(True, _YES, _PROB, _YES, _YES),
    Placement.STERNUM: PlacementKnowledge(True, _YES, _PROB, _YES, _YES),
    Placement.WAIST: PlacementKnowledge(True, _YES, _YES, _YES, _YES),
    Placement.LOWER_BACK: PlacementKnowledge(True, _YES, _YES, _YES, _YES),
    Placement.THIGH: PlacementKnowledge(False, _NO, _YES, _NO, _YES),
    Placement.WRIST: PlacementKnowledge(False, _NO, _NO, _NO, _YES),
    Placement.HEAD: PlacementKnowledge(False, _NO, _NO, _YES, _YES),
    Placement.SEAT: PlacementKnowledge(False, _NO, _NO, _NO, _NO),
}
