"""Wearers, their sensors, and how a sensor sits on the body.

`revision` is what a record was read with, see domain.records; it is no part of what the record says.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from domain.placement import Placement

Rotation = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class Wearer:
    """A person. `id` is a short stable word; `timezone` an IANA name, which cuts their days."""

    id: str
    name: str
    timezone: str
    revision: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Sensor:
    """A paired sensor: `id` is its address, in the form the radio gives it. paired_at: Unix s.

    key_hex: the secret of a sensor that encrypts, empty for the others; never shown or logged.
    """

    id: str
    driver: str
    name: str
    wearer: str
    placement: Placement
    paired_at: float
    simulated: bool = False
    key_hex: str = field(default="", repr=False)
    revision: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Whose sensor it was and where it was worn from `since` to `until`, Unix s; None is still so.

    The assignments of one sensor never overlap: it belongs to one wearer and one placement at a time.
    """

    sensor: str
    wearer: str
    placement: Placement
    since: float
    until: float | None = None

    @property
    def open(self) -> bool:
        """Whether it is still so."""
        return self.until is None


class ReferenceMethod(StrEnum):
    """How the reference was found, best first (analysis.md, section 2).

    AUTOMATIC: from how the sensor is carried in walking. ASSUMED: the placement's convention and the
    direction that is usual in the recording, for want of anything better.
    """

    TWO_POSES = "two_poses"
    ONE_POSE = "one_pose"
    AUTOMATIC = "automatic"
    ASSUMED = "assumed"
    NONE = "none"

    @property
    def posed(self) -> bool:
        """Whether the wearer held a pose for it."""
        return self in (ReferenceMethod.TWO_POSES, ReferenceMethod.ONE_POSE)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one sensor sits on one wearer's body; kept as a version history.

    rotation: 3 x 3, rows are the body's forward, left and up axes in the sensor's axes, so that
    `rotation @ acc_sensor` is in the body frame (x forward, y left, z up). slouch_deg: how far the
    wearer's own slouch leans from upright, None with one pose alone. sigma_deg: standard error of
    the reference. made_at: Unix s.
    """

    sensor: str
    placement: Placement
    made_at: float
    method: ReferenceMethod
    rotation: Rotation
    slouch_deg: float | None
    sigma_deg: float
    revision: int = field(default=0, compare=False)

    def matrix(self) -> NDArray[np.float64]:
        """`rotation` as a (3, 3) array."""
        return np.array(self.rotation, dtype=np.float64)


def calibration_in_force(
    history: Sequence[Calibration], assignments: Sequence[Assignment], sensor: Sensor
) -> Calibration | None:
    """The newest calibration made since `sensor` is worn where and by whom it is, or None.

    history, assignments: of the sensor, newest first. Without any assignment, where it was made for is
    all there is to go by; when none that is open fits, the sensor has just come to where it is.
    """
    since = math.inf if assignments else -math.inf
    for assignment in assignments:
        fits = assignment.wearer == sensor.wearer and assignment.placement is sensor.placement
        if assignment.open and fits:
            since = assignment.since
    for calibration in history:
        if calibration.placement is sensor.placement and calibration.made_at >= since:
            return calibration
    return None
