"""Smooth noise that can be asked for at any time, in any order, and always answers the same.

Knot values are a hash of (seed, stream, knot number), joined by a uniform cubic B-spline: twice
continuously differentiable, never periodic, no state. Hash: the finaliser of SplitMix64 (Steele,
Lea and Flood 2014, OOPSLA, section 3).
"""

import numpy as np
from numpy.typing import NDArray

from domain.samples import Floats

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_MASK = (1 << 64) - 1

#: RMS over one knot interval of a cubic B-spline with independent unit-variance knots: 151/315.
_SPLINE_VARIANCE = 151.0 / 315.0


def _mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    words = (words ^ (words >> np.uint64(30))) * _MIX_1
    words = (words ^ (words >> np.uint64(27))) * _MIX_2
    mixed: NDArray[np.uint64] = words ^ (words >> np.uint64(31))
    return mixed


def hashed_uniform(seed: int, stream: int, counters: NDArray[np.int64]) -> Floats:
    """One number in [0, 1) for each of `counters` (n,): the same arguments, the same number."""
    key = np.array([(seed * 0x9E3779B97F4A7C15 + stream) & _MASK], dtype=np.uint64)
    words = _mix(counters.astype(np.uint64) * _GOLDEN + _mix(key))
    uniform: Floats = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return uniform


def wander(
    times: Floats, seed: int, stream: int, period_s: float, *, rate: bool = True
) -> tuple[Floats, Floats | None]:
    """Smooth noise of zero mean and unit standard deviation at `times` (n,), and its rate per s.

    period_s: distance of the knots; the noise holds little above 0.5 / period_s Hz. The rate is the
    exact derivative, None unless asked for.
    """
    position = times / period_s
    knots = np.floor(position)
    along = position - knots
    knots_int = knots.astype(np.int64)
    if len(times) == 0:
        return np.empty(0), np.empty(0) if rate else None
    first, last = int(knots_int.min()), int(knots_int.max())
    dense = last - first <= 8 * len(times) + 64
    if dense:
        table = _knot_values(seed, stream, np.arange(first, last + 4, dtype=np.int64))
        c0, c1, c2, c3 = table[:-3], table[1:-2], table[2:-1], table[3:]
    else:
        # Scattered times would need a huge table of knots: hash for each of them instead.
        c0, c1, c2, c3 = (_knot_values(seed, stream, knots_int + step) for step in range(4))
    terms = (
        c0 + 4.0 * c1 + c2,
        3.0 * (c2 - c0),
        3.0 * (c0 - 2.0 * c1 + c2),
        c3 - 3.0 * c2 + 3.0 * c1 - c0,
    )
    if dense:
        row = knots_int - first
        terms = (terms[0][row], terms[1][row], terms[2][row], terms[3][row])
    p0, p1, p2, p3 = terms
    value = p0 + along * (p1 + along * (p2 + along * p3))
    if not rate:
        return value, None
    return value, (p1 + along * (2.0 * p2 + along * (3.0 * p3))) / period_s


def _knot_values(seed: int, stream: int, knots: NDArray[np.int64]) -> Floats:
    """Uniform knot values scaled so that the spline (sum / 6) has unit variance."""
    scale = 2.0 * np.sqrt(3.0) / (6.0 * np.sqrt(_SPLINE_VARIANCE))
    values: Floats = (hashed_uniform(seed, stream, knots) - 0.5) * scale
    return values
