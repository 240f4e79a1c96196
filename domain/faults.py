"""What a sensor can have that makes its numbers no posture: a fault is said, never analysed."""

from dataclasses import dataclass
from enum import StrEnum

from domain.placement import Placement


class FaultKind(StrEnum):
    """What is wrong. The words are those of the API; they may be added to, never changed."""

    SCALE = "scale"  # at rest |a| is far from 1 g
    STUCK_AXIS = "stuck_axis"  # one axis never changes while the others move
    FROZEN = "frozen"  # the same three values again and again
    SATURATED = "saturated"  # an axis stays at the end of its range
    NO_NUMBERS = "no_numbers"  # most values are NaN or impossible
    PLACEMENT = "placement"  # it moves as a sensor worn elsewhere does
    GYRO_UNIT = "gyro_unit"  # its gyro reads like radians per second
    GYRO_AXES = "gyro_axes"  # its gyro has other axes than its accelerometer

    @property
    def of_gyro(self) -> bool:
        """Whether the gyro alone is not believed, and all that the accelerometer says is."""
        return self in (FaultKind.GYRO_UNIT, FaultKind.GYRO_AXES)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one sensor from `since` to `until`, Unix s; None: it is still so."""

    sensor: str
    placement: Placement
    kind: FaultKind
    since: int
    until: int | None = None

    @property
    def sentence(self) -> str:
        """What is wrong and what would help, for the wearer."""
        return f"{self.placement.words.capitalize()} sensor: {_SENTENCES[self.kind]}"


_SENTENCES = {
    FaultKind.SCALE: (
        "it shows far more or less than gravity while it is at rest, so its angles cannot be "
        "believed. Switch it off and on; if it stays so, it is faulty."
    ),
    FaultKind.STUCK_AXIS: (
        "one of its axes does not move with the others, so its angles cannot be believed. "
        "Switch it off and on; if it stays so, it is faulty."
    ),
    FaultKind.FROZEN: (
        "it sends the same value again and again. If it is not lying still on a table, switch it "
        "off and on."
    ),
    FaultKind.SATURATED: (
        "one of its axes stays at the end of its range. Choose a larger range if it has one; else "
        "switch it off and on."
    ),
    FaultKind.NO_NUMBERS: (
        "most of what it sends are no possible values. Switch it off and on, and check its battery."
    ),
    FaultKind.PLACEMENT: (
        "it moves like a sensor on the thigh: it turns level whenever you stop walking and sit "
        "down. Check where it is worn, and choose that place in Sitwell."
    ),
    FaultKind.GYRO_UNIT: (
        "its gyroscope reads like radians per second, where degrees per second are wanted, so it is "
        "not used. Give its unit, or multiply by 57.3."
    ),
    FaultKind.GYRO_AXES: (
        "its gyroscope turns about other axes than its accelerometer shows, so it is not used. Check "
        "the order and the signs of its three columns, and that both sensors are in one case."
    ),
}
