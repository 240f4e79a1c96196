"""The shapes of what is asked and answered when poses are held and a sensor is calibrated from them.

That a pose is no reference is what a measurement found, not a mistake in the request: it is an answer.
"""

from typing import Literal, Self

from api.answer import Answer, Time
from api.models import Sensor, Wish
from domain.errors import CalibrationRefused, RefusalReason


class PoseWish(Wish):
    """The pose that is being held: `upright` is standing for a thigh."""

    pose: Literal["upright", "slouch"]


class Refusal(Answer):
    """Why poses are no reference: as a word, and as a sentence that tells the wearer what to do."""

    reason: RefusalReason
    detail: str

    @classmethod
    def of(cls, refused: CalibrationRefused) -> Self:
        """What there is to say of it."""
        return cls(reason=refused.reason, detail=str(refused))


class PoseTaken(Answer):
    """A pose that is kept for a calibration until `keeps_until`."""

    pose: str
    seconds: float
    keeps_until: Time


class PoseOutcome(Answer):
    """What came of holding a pose: one of the two, the other is null. A refused pose is not kept."""

    taken: PoseTaken | None
    refused: Refusal | None


class CalibrationOutcome(Answer):
    """What came of calibrating: the sensor with its new calibration, or why what was in force stays;
    the other is null."""

    sensor: Sensor | None
    refused: Refusal | None
