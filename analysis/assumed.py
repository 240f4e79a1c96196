"""What is taken for upright in a recording in which nobody walks: assumed, and called so (decision 0016).

Two things are known of people whatever the axes of the sensor are called: recordings begin upright, when
the sensor has just been put on; and who sits or stands leans forward and back, while a bed is flat. Where
neither tells, the sensor's face, its z axis, is taken to lie on the body.
"""

import math

import numpy as np

from analysis.columns import Bools
from analysis.lean import unit
from domain.placement import Placement
from domain.samples import Floats

#: By convention a trunk sensor's face is within this of level when upright; beyond the other one lies, deg.
_LEVEL_DEG, _FLAT_DEG = 45.0, 60.0
#: The first seconds of a recording, s [J].
_BEGIN_S = 10
#: Further than this from the beginning is another posture, when it lasts for some seconds, deg.
_OTHER_DEG, _OTHER_S = 60.0, 5
#: Who moves for so long, and for half of the recording, does not lie, s [J].
_MOVES_S = 4
#: Two postures this far apart, each held for so long, are one upright and one on a bed: nobody sits so far
#: back, or bent so far, for so long without a step between. Who has just sat up leans far back [J].
_APART_DEG, _BED_S = 45.0, 20
#: Upright is the posture in which the angle to the other one varies more, by this though the recording begins
#: with the other. In w2isp that is so in all but one of 45 trials. Less than _FLAT_RANGE_DEG is noise [J].
_VARIES, _FLAT_RANGE_DEG = 1.3, 5.0
#: Rounds in which two middles settle; more change nothing on real recordings.
_ROUNDS = 5


def upright(up: Floats, placement: Placement, still: Bools) -> Floats | None:
    """The direction taken for upright, unit (3,), in the sensor's axes; None where no second has a direction.

    up: (3, k) unit, NaN where not known. still: (k,) seconds without movement. Of a trunk: where it is
    held in two postures far apart, the first, or the one that varies more, at right angles to the other.
    In one posture only: the first ten seconds, or where all of the recording is about that direction, the
    median of it. But where the sensor's face looks up or down then, the median of the movement, if that
    is half of the recording; else the wearer is taken to lie, and upright is the median of the seconds
    with the face level, or, if there are none, a horizontal. Of a thigh: only that the sensor's face lies
    on it.
    """
    if placement is Placement.THIGH:
        return np.array([0.0, 1.0, 0.0])
    up, still = up[:, np.isfinite(up[0])], still[np.isfinite(up[0])]
    if up.shape[1] == 0:
        return None
    begin = _median(up[:, :_BEGIN_S])
    beside_a_bed = _of_two(up, begin)
    if beside_a_bed is not None:
        return beside_a_bed
    if _face_deg(begin) > _FLAT_DEG:
        moving = np.count_nonzero(~still)
        if moving >= _MOVES_S and 2 * moving >= up.shape[1]:
            return _median(up[:, ~still])  # a box on a belt, its face up: who lies does not move so
        level = up[:, _face_deg(up) < _LEVEL_DEG]
        if level.shape[1] >= _OTHER_S:
            return _median(level)
        # All of it is lying: any direction along the sensor's face will do.
        return unit(np.array([0.0, 1.0, 0.0]) - begin[1] * begin)
    if np.count_nonzero(begin @ up < _cos(_OTHER_DEG)) >= _OTHER_S:
        return begin
    return _median(up[:, still] if np.count_nonzero(still) else up)


def _of_two(up: Floats, begin: Floats) -> Floats | None:
    """The upright one of two postures, at right angles to the other; None where there are not two."""
    away = begin @ up < _cos(_APART_DEG)
    if np.count_nonzero(away) < _BED_S:
        return None
    first, second = begin, _median(up[:, away])
    for _ in range(_ROUNDS):
        nearer = first @ up >= second @ up
        if not nearer.any() or nearer.all():
            return None
        first, second = _median(up[:, nearer]), _median(up[:, ~nearer])
    of_first = up[:, nearer & (first @ up > _cos(_APART_DEG))]
    of_second = up[:, ~nearer & (second @ up > _cos(_APART_DEG))]
    if min(of_first.shape[1], of_second.shape[1]) < _BED_S or first @ second > _cos(_APART_DEG):
        return None
    first_deg = max(_range_deg(of_first, second), _FLAT_RANGE_DEG)
    if _range_deg(of_second, first) > _VARIES * first_deg:
        first, second = second, first
    return unit(first - (first @ second) * second)


def _face_deg(up: Floats) -> Floats:
    """How far from level the sensor's face looks, of up (3,) or (3, n)."""
    out: Floats = np.degrees(np.arcsin(np.clip(np.abs(up[2]), 0.0, 1.0)))
    return out


def _range_deg(up: Floats, other: Floats) -> float:
    """How far the angle of (3, n) to `other` reaches, without the tenth at either end. Who turns over in bed
    stays at one angle to upright."""
    angle_deg = np.degrees(np.arccos(np.clip(other @ up, -1.0, 1.0)))
    low, high = np.percentile(angle_deg, (10.0, 90.0))
    return float(high - low)


def _median(up: Floats) -> Floats:
    """The median direction of (3, n); the first one where there is no middle."""
    middle = unit(np.median(up, axis=1))
    out: Floats = middle if np.isfinite(middle).all() else up[:, 0]
    return out


def _cos(deg: float) -> float:
    return math.cos(math.radians(deg))
