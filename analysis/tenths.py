"""Lean and side every 100 ms, kept only of the seconds in which the trunk goes far forward.

A second's mean cannot show a bend of a second; all tenths of a week would be ten times its columns. So
the tenths of a second are looked at when one of its halves leans beyond half the entry of
a bend, which every bend of 0.8 s does. Each tenth is the mean over its block, stamped at its centre, so
nothing is delayed. With a gyro it is the fused up direction; without one the acceleration over a
block and both its neighbours within the second, about a 1.5 Hz low-pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from analysis import lean as angles
from analysis.columns import Columns
from analysis.cut import SUB_BLOCKS, Grid
from domain.people import Calibration
from domain.samples import Floats

#: A second is looked at from this share of the entry on.
LOOK_SHARE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Tenths:
    """On the wearer's grid. peak_deg: (k,) the largest lean of a tenth; angles_deg: (k, 2, 10) leans and
    sides. NaN in a second that was not looked at, and where a tenth has no samples. The side is not
    cut where the lean is large: there it tells a trunk that is turned or bent to a side, either of which
    makes a bend asymmetric."""

    peak_deg: Floats
    angles_deg: Floats


def tenths(
    columns: Columns, sums: Sequence[Floats], calibration: Calibration, enter_deg: float
) -> Tenths:
    """sums: see Cut, in parts, of the seconds that are fresh. enter_deg: the lean that begins a bend."""
    k = len(columns.seconds)
    look = columns.fresh & (columns.peak_deg > LOOK_SHARE * enter_deg)
    if not np.count_nonzero(look):
        return none(k)
    peak = np.full(k, np.nan)
    table = np.full((k, 2, SUB_BLOCKS), np.nan)
    row = columns.seconds[columns.fresh].searchsorted(columns.seconds[look])
    found = _angles(_taken(sums, row), calibration)
    table[look] = found
    peak[look] = np.fmax.reduce(found[:, 0], axis=1)
    return Tenths(peak, table)


def _taken(sums: Sequence[Floats], rows: Grid) -> Floats:
    """The seconds `rows`, in order, of `sums` side by side: only few are wanted."""
    out, begin = [], 0
    for part in sums:
        end = begin + part.shape[2]
        first, last = rows.searchsorted((begin, end)).tolist()
        if first < last:
            out.append(part.take(rows[first:last] - begin, axis=2))
        begin = end
    return out[0] if len(out) == 1 else np.concatenate(out, axis=2)


@lru_cache(maxsize=8)
def none(k: int) -> Tenths:
    """Nothing looked at in `k` seconds; read only, and so the same one for all who ask."""
    return Tenths(np.broadcast_to(np.nan, (k,)), np.broadcast_to(np.nan, (k, 2, SUB_BLOCKS)))


def _angles(sums: Floats, calibration: Calibration) -> Floats:
    """(m, 2, 10) of m seconds, all of which have samples."""
    m = sums.shape[2]
    plain = sums[:3]
    directions = plain.copy()
    directions[:, 1:] += plain[:, :-1]
    directions[:, :-1] += plain[:, 1:]
    if len(sums) > 4:
        fused = sums[4:7]
        # A second is fused as a whole or not at all, as its column is.
        use = np.isfinite(fused).all(axis=(0, 1))
        directions[:, :, use] = fused[:, :, use]
    body = angles.to_body(calibration, angles.unit(directions.reshape(3, -1)))
    out = np.empty((2, SUB_BLOCKS, m))
    out[0] = angles.lean_deg(body).reshape(SUB_BLOCKS, m)
    out[1] = angles.asin_deg(body[1]).reshape(SUB_BLOCKS, m)
    return out.transpose(2, 0, 1)
