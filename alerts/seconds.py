"""New seconds of a wearer, added up for the rules."""

import math
from dataclasses import dataclass

import numpy as np

from domain.posture import Activity, FrameBlock

#: A second whose acceleration varies by more is a movement, mg (MAD; sitting still has 2 to 5) [J].
MOVEMENT_MG = 15.0

_LYING, _SITTING = int(Activity.LYING), int(Activity.SITTING)
_STANDING, _MOVING = int(Activity.STANDING), int(Activity.MOVING)


@dataclass(frozen=True, slots=True)
class Seconds:
    """Seconds that are neither unknown nor not worn; of those upright, that is standing or moving; of sitting
    in which a lean was measured; and whether the wearer moved in any."""

    known_s: int = 0
    upright_s: int = 0
    measured_s: int = 0
    moved: bool = False


NONE = Seconds()


def seconds_of(frames: FrameBlock | None, since: float) -> Seconds:
    """Those of `frames` from `since`, Unix s, on."""
    n = 0 if frames is None else len(frames)
    if frames is None or n == 0:
        return NONE
    if n == 1:  # as it is live, many times a second over all wearers
        if frames.times.item(0) < since:
            return NONE
        did = frames.activity.item(0)
        return Seconds(
            int(_LYING <= did <= _MOVING),
            int(did in (_STANDING, _MOVING)),
            int(did == _SITTING and math.isfinite(frames.lean_deg.item(0))),
            moved=frames.mad_mg.item(0) >= MOVEMENT_MG,
        )
    inside = frames if frames.times[0] >= since else frames.select(frames.times >= since)
    counts = np.bincount(inside.activity, minlength=_MOVING + 1)
    seated = (inside.activity == _SITTING) & np.isfinite(inside.lean_deg)
    return Seconds(
        int(counts[_LYING : _MOVING + 1].sum()),
        int(counts[_STANDING] + counts[_MOVING]),
        int(np.count_nonzero(seated)),
        moved=bool(np.any(inside.mad_mg >= MOVEMENT_MG)),
    )
