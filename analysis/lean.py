"""Angles of the body from the up direction: lean, side, inclination (analysis.md, section 3)."""

import numpy as np

from domain.people import Calibration
from domain.samples import Floats

#: Side bend is not reported where the trunk lies so far forward that it loses its meaning.
SIDE_UP_TO_DEG = 60.0
#: Transcendental functions get arrays of a multiple of this length: a vector unit may round the last
#: few elements differently, and a second must not depend on the chunk it came in.
_LANES = 16


def _padded(*values: Floats) -> Floats:
    n = len(values[0])
    out = np.empty((len(values), n + (-n) % _LANES))
    out[:, n:] = 1.0
    for row, column in zip(out, values, strict=True):
        row[:n] = column
    return out


def _cut(cosine: Floats) -> Floats:
    out: Floats = np.minimum(np.maximum(cosine, -1.0), 1.0)
    return out


def atan2_deg(y: Floats, x: Floats) -> Floats:
    """arctan2 of (n,) arrays, deg; the same bits for any n."""
    out: Floats = np.degrees(np.arctan2(*_padded(y, x)))[: len(y)]
    return out


def acos_deg(cosine: Floats) -> Floats:
    """arccos of an (n,) array cut to -1..1, deg; the same bits for any n."""
    out: Floats = np.degrees(np.arccos(_padded(_cut(cosine))[0]))[: len(cosine)]
    return out


def asin_deg(sine: Floats) -> Floats:
    """arcsin of an (n,) array cut to -1..1, deg; the same bits for any n."""
    out: Floats = np.degrees(np.arcsin(_padded(_cut(sine))[0]))[: len(sine)]
    return out


def exp(power: Floats) -> Floats:
    """exp of an (n,) array; the same bits for any n."""
    out: Floats = np.exp(_padded(power)[0])[: len(power)]
    return out


def log(values: Floats) -> Floats:
    """Natural logarithm of an (n,) array; the same bits for any n."""
    out: Floats = np.log(_padded(values)[0])[: len(values)]
    return out


def unit(vectors: Floats) -> Floats:
    """(3, ...) vectors at length 1; NaN where the length is 0."""
    square = vectors * vectors
    length: Floats = np.sqrt(square[0] + square[1] + square[2])
    if np.count_nonzero(length > 0.0) < length.size:
        length = np.where(length > 0.0, length, np.nan)
    out: Floats = vectors / length
    return out


def to_body(calibration: Calibration, vectors: Floats) -> Floats:
    """(3, ...) vectors from the sensor's axes to the body's."""
    # Written out: a BLAS product may round differently for another n.
    turn = calibration.matrix().reshape((3, 3) + (1,) * (vectors.ndim - 1))
    out: Floats = turn[:, 0] * vectors[0] + turn[:, 1] * vectors[1] + turn[:, 2] * vectors[2]
    return out


def lean_deg(up: Floats) -> Floats:
    """Forward lean of unit vectors (3, n) in the body frame, deg; forward is positive."""
    return atan2_deg(-up[0], up[2])


def side_deg(up: Floats, lean: Floats) -> Floats:
    """Lean to the right of unit vectors (3, n) in the body frame, deg; NaN beyond SIDE_UP_TO_DEG."""
    return np.where(np.abs(lean) < SIDE_UP_TO_DEG, asin_deg(up[1]), np.nan)
