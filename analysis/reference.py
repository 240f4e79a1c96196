"""The reference of a sensor beside its poses: learnt where there are none, checked where there are.

Two poses, then one pose, then what wearing shows, then the convention of the placement (analysis.md,
section 2). Every reference carries its method and its standard error.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from analysis.automatic import WALKING_LEAN_DEG, WALKING_SIGMA_DEG, Learnt
from analysis.calibration import Vector, conventional_forward, rotation_of
from domain.people import Calibration, ReferenceMethod
from domain.placement import KNOWLEDGE, Placement
from domain.samples import Floats

#: Standard error of a lean whose forward direction is the convention of the placement alone: the vertical is
#: as uncertain as walking leaves it, and the case may be worn another way round [J].
ASSUMED_SIGMA_DEG: Final = 10.0
#: A learnt reference is replaced by one whose vertical or whose forward is further off than these, deg
#: [J]; and forward is forgotten when the vertical is.
SAME_DEG: Final = 3.0
AHEAD_DEG: Final = 15.0
SHIFTED_DEG: Final = 20.0
#: Walking that moved by more than these, deg: reported; no longer trusted (evidence.md, section 2).
MOVED_DEG: Final = 10.0
#: A pelvis or a thigh is calibrated sitting or standing anyhow: only beyond these is it worn otherwise [J].
_APART_DEG = {Placement.WAIST: 60.0, Placement.LOWER_BACK: 60.0, Placement.THIGH: 30.0}
_OPPOSITE_COS = -0.5


class Slip(StrEnum):
    """What wearing says of a reference that was given."""

    NONE = "none"
    MOVED = "moved"  # somewhat; angles may be off by as much
    SHIFTED = "shifted"  # too far to be judged by
    FLIPPED = "flipped"  # upside down
    TURNED = "turned"  # its front is where its back was


@dataclass(frozen=True, slots=True)
class Standing:
    """How the given reference stands: what slipped, and by how many deg."""

    slip: Slip = Slip.NONE
    off_deg: float = 0.0

    @property
    def trusted(self) -> bool:
        """Whether angles may be judged by it."""
        return self.slip in (Slip.NONE, Slip.MOVED)

    def sentence(self, placement: Placement) -> str:
        """What slipped and what would help, for the wearer; not for Slip.NONE."""
        said = _SENTENCES[self.slip].format(off=self.off_deg)
        return f"{placement.words.capitalize()} sensor: {said}"


_SENTENCES = {
    Slip.MOVED: (
        "it sits about {off:.0f} degrees from where it was, so angles may be off by as much. Set it right, "
        "or calibrate again when it suits you."
    ),
    Slip.SHIFTED: (
        "it sits about {off:.0f} degrees from where it was calibrated. Please calibrate again; until then "
        "no slouch is judged."
    ),
    Slip.FLIPPED: (
        "it is upside down. Turn it round, or calibrate again; until then no slouch is judged."
    ),
    Slip.TURNED: (
        "its front is where its back was: you bend to what should be behind you. Turn it round, or calibrate "
        "again; until then no slouch is judged."
    ),
}


def learnt_reference(learnt: Learnt, sensor: str, placement: Placement, second: int) -> Calibration:
    """AUTOMATIC where bends have shown forward, else ASSUMED by the convention of the placement.

    z is walking's vertical, turned back by how people lean while they walk.
    """
    forward, method = learnt.forward, ReferenceMethod.AUTOMATIC
    sigma_deg = WALKING_SIGMA_DEG[placement]
    if forward is None:
        method, sigma_deg = ReferenceMethod.ASSUMED, ASSUMED_SIGMA_DEG
        given = conventional_forward(learnt.walking, placement, None)
        forward = given - _dot(given, learnt.walking) * learnt.walking
        forward = forward / math.sqrt(_dot(forward, forward))
    lean = math.radians(WALKING_LEAN_DEG[placement])
    up = math.cos(lean) * learnt.walking + math.sin(lean) * forward
    return Calibration(
        sensor=sensor,
        placement=placement,
        made_at=float(second),
        method=method,
        rotation=rotation_of(forward, up),
        slouch_deg=None,
        sigma_deg=sigma_deg,
    )


def differs(new: Calibration, old: Calibration | None) -> bool:
    """Whether `new` is worth a step of the angles.

    Where forward is does not become unknown because it was not shown of late; only when the sensor is worn
    another way.
    """
    if old is None:
        return True
    off_deg = _apart_deg(new.rotation[2], old.rotation[2])
    if new.method is not old.method:
        return new.method is ReferenceMethod.AUTOMATIC or off_deg > SHIFTED_DEG
    return off_deg > SAME_DEG or _apart_deg(new.rotation[0], old.rotation[0]) > AHEAD_DEG


def facing(calibration: Calibration, forward: Floats) -> Calibration:
    """`calibration` of one pose, in which forward is a convention, with what bends have shown instead."""
    up = np.array(calibration.rotation[2])
    ahead = forward - _dot(forward, up) * up
    ahead = ahead / math.sqrt(_dot(ahead, ahead))
    x, y, z = ahead.tolist()
    if _apart_deg(calibration.rotation[0], (x, y, z)) <= AHEAD_DEG:
        return calibration
    return replace(calibration, rotation=rotation_of(ahead, up))


def standing(
    learnt: Learnt, jump_deg: float, calibration: Calibration, shift_deg: float
) -> Standing:
    """What wearing says of `calibration`. jump_deg: how far walking moved since it was given."""
    placement = calibration.placement
    x, y, z = (_dot(np.array(row), learnt.walking) for row in calibration.rotation)
    if z < _OPPOSITE_COS and KNOWLEDGE[placement].trunk:
        return Standing(Slip.FLIPPED, 180.0)
    if placement is Placement.THIGH:
        off_deg = math.degrees(math.acos(min(1.0, abs(z))))
    else:
        forward_deg = math.degrees(math.atan2(-x, z)) - WALKING_LEAN_DEG[placement]
        aside_deg = math.degrees(math.asin(max(-1.0, min(1.0, y))))
        off_deg = math.hypot(forward_deg, aside_deg)
    far = off_deg > _APART_DEG.get(placement, shift_deg)
    if far or jump_deg > shift_deg:
        return Standing(Slip.SHIFTED, max(jump_deg, off_deg if far else 0.0))
    # Of one pose, forward is a convention, which bends put right: see `facing`. On a belt the way in which
    # one sits may be the slip itself.
    measured = calibration.method is ReferenceMethod.TWO_POSES and placement not in _APART_DEG
    if learnt.forward is not None and measured:
        ahead = _dot(np.array(calibration.rotation[0]), learnt.forward)
        if ahead < _OPPOSITE_COS:
            return Standing(Slip.TURNED, 180.0)
    if jump_deg > MOVED_DEG:
        return Standing(Slip.MOVED, jump_deg)
    return Standing()


def _apart_deg(a: Vector, b: Vector) -> float:
    cosine = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


def _dot(a: Floats, b: Floats) -> float:
    return float(a[0] * b[0] + a[1] * b[1] + a[2] * b[2])
