"""Samples reduced to one row a second; from here on nothing looks at a raw sample.

Each row depends on the samples of its own second alone and is summed in an order that the second
alone decides, so that any chunking of the samples gives the same bits: `np.add.reduceat` over
contiguous columns sums segment by segment, and elementwise arithmetic is exact in IEEE 754. No BLAS
and no whole-array sums here: their order depends on the length.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from domain.posture import Quality
from domain.samples import Floats

#: Sub-blocks a second: 100-ms means stand for the 5 Hz low-pass of Acti4 (-3 dB at 4.4 Hz).
SUB_BLOCKS = 10
#: No body-worn accelerometer goes further; what is beyond is a broken value.
IMPOSSIBLE_G = 64.0
#: The smallest range a sensor has is 2 g; two equal readings beyond this are the range's end.
RANGE_END_G = 1.9
GRAVITY_MPS2 = 9.80665


class Col(IntEnum):
    """Columns of a feature row. SUM and OUTER are over the sub-block means, in g and g^2.

    MEAN: mean acceleration, g. UP: mean up direction from the fusion, NaN without one. EARLY, LATE:
    direction in each half of the second, not normalised, NaN when empty. RISE, RISE_MOMENT: mean
    of vertical acceleration, and of it weighted by the time left in the second, m/s^2.
    """

    SECOND = 0
    LAST_TIME = 1
    COUNT = 2
    SUB_COUNT = 3
    SUM = 4  # x y z
    OUTER = 7  # xx yy zz xy xz yz
    MEAN = 13  # x y z
    UP = 16  # x y z
    EARLY = 19  # x y z
    LATE = 22  # x y z
    MAD_G = 25
    ENMO_G = 26
    RISE = 27
    RISE_MOMENT = 28
    RADIUS_G = 29
    FLAGS = 30


WIDTH = len(Col) + 2 * 5 + 5  # five vectors of three, one of six

Grid = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Raw samples as columns: times (n,) s, increasing; acc_g, gyro_dps (3, n), C-contiguous.

    rate_hz: (n,) nominal rate. gyro_dps is None without a gyro and NaN where it gave nothing.
    """

    times: Floats
    acc_g: Floats
    gyro_dps: Floats | None
    rate_hz: Floats

    def __len__(self) -> int:
        return len(self.times)


def usable(rows: Rows) -> tuple[Rows, Grid]:
    """`rows` without broken accelerations, and the seconds that held broken values of any kind."""
    x, y, z = rows.acc_g
    good = x * x + y * y + z * z < IMPOSSIBLE_G * IMPOSSIBLE_G  # false for NaN too
    sound = good
    if rows.gyro_dps is not None:
        gx, gy, gz = rows.gyro_dps
        sound = good & np.isfinite(gx + gy + gz)
    if sound.all():
        return rows, np.empty(0, dtype=np.int64)
    broken = np.unique(np.floor(rows.times[~sound]).astype(np.int64))
    gyro = None if rows.gyro_dps is None else np.ascontiguousarray(rows.gyro_dps[:, good])
    acc = np.ascontiguousarray(rows.acc_g[:, good])
    return Rows(rows.times[good], acc, gyro, rows.rate_hz[good]), broken


def _starts(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each run of equal keys starts."""
    changes = np.flatnonzero(keys[1:] != keys[:-1])
    starts = np.empty(len(changes) + 1, dtype=np.int64)
    starts[0] = 0
    np.add(changes, 1, out=starts[1:])
    return starts


def _counts(starts: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    counts = np.empty(len(starts), dtype=np.int64)
    np.subtract(starts[1:], starts[:-1], out=counts[:-1])
    counts[-1] = n - starts[-1]
    return counts


def reduce_seconds(rows: Rows, up: Floats | None) -> Floats:
    """Feature rows (m, WIDTH) of whole seconds of usable samples.

    up: (3, n) up direction in the sensor's axes per sample, from the fusion, or None.
    """
    n = len(rows)
    if n == 0:
        return np.empty((0, WIDTH))
    floors = np.floor(rows.times)
    second = floors.astype(np.int64)
    part = ((rows.times - floors) * SUB_BLOCKS).astype(np.int64)
    np.minimum(part, SUB_BLOCKS - 1, out=part)
    sub_starts = _starts(second * SUB_BLOCKS + part)
    sub_n = _counts(sub_starts, n).astype(np.float64)
    sub_second = second[sub_starts]
    sub_part = part[sub_starts]
    starts = _starts(sub_second)  # of each second, in sub-blocks
    row_starts = sub_starts[starts]  # of each second, in samples
    count = _counts(row_starts, n)
    count_f = count.astype(np.float64)
    sub_count = _counts(starts, len(sub_starts)).astype(np.float64)

    out = np.empty((len(starts), WIDTH))
    out[:, Col.SECOND] = sub_second[starts]
    out[:, Col.LAST_TIME] = rows.times[row_starts + count - 1]
    out[:, Col.COUNT] = count_f
    out[:, Col.SUB_COUNT] = sub_count
    sums = [np.add.reduceat(axis, sub_starts) for axis in rows.acc_g]
    means = [total / sub_n for total in sums]
    for axis in range(3):
        out[:, Col.SUM + axis] = np.add.reduceat(means[axis], starts)
        out[:, Col.MEAN + axis] = np.add.reduceat(sums[axis], starts) / count_f
    for place, (a, b) in enumerate(((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))):
        out[:, Col.OUTER + place] = np.add.reduceat(means[a] * means[b], starts)

    x, y, z = rows.acc_g
    radius = np.sqrt(x * x + y * y + z * z)
    centre = np.add.reduceat(radius, row_starts) / count_f
    out[:, Col.RADIUS_G] = centre
    deviation = np.abs(radius - np.repeat(centre, count))
    out[:, Col.MAD_G] = np.add.reduceat(deviation, row_starts) / count_f
    out[:, Col.ENMO_G] = np.add.reduceat(np.maximum(radius - 1.0, 0.0), row_starts) / count_f

    vertical = np.sqrt(means[0] * means[0] + means[1] * means[1] + means[2] * means[2]) - 1.0
    vertical *= GRAVITY_MPS2
    left = (SUB_BLOCKS - 0.5 - sub_part) / SUB_BLOCKS
    out[:, Col.RISE] = np.add.reduceat(vertical, starts) / sub_count
    out[:, Col.RISE_MOMENT] = np.add.reduceat(vertical * left, starts) / sub_count

    if up is None:
        out[:, Col.UP : Col.UP + 3] = np.nan
        directions = sums
    else:
        fused = [np.add.reduceat(axis, sub_starts) for axis in up]
        for axis in range(3):
            out[:, Col.UP + axis] = np.add.reduceat(fused[axis], starts) / count_f
        heard = np.isfinite(fused[0])
        directions = [np.where(heard, f, total) for f, total in zip(fused, sums, strict=True)]
    late = sub_part >= SUB_BLOCKS // 2
    for column, of in ((Col.EARLY, ~late), (Col.LATE, late)):
        some = np.logical_or.reduceat(of, starts)
        for axis in range(3):
            half = np.add.reduceat(np.where(of, directions[axis], 0.0), starts)
            out[:, column + axis] = np.where(some, half, np.nan)

    flags = np.zeros(len(starts), dtype=np.int64)
    flags[count_f < 0.5 * rows.rate_hz[row_starts]] |= Quality.GAP
    flags[_saturated(rows.acc_g, radius, row_starts)] |= Quality.SATURATED
    out[:, Col.FLAGS] = flags
    return out


def _saturated(acc_g: Floats, radius: Floats, row_starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of the seconds in which an axis reads twice the same beyond RANGE_END_G."""
    far = np.flatnonzero(radius >= RANGE_END_G)
    if len(far) == 0:
        return far
    row = np.searchsorted(row_starts, far, side="right") - 1
    far, row = far[far > row_starts[row]], row[far > row_starts[row]]
    now, before = acc_g[:, far], acc_g[:, far - 1]
    stuck = ((now == before) & (np.abs(now) >= RANGE_END_G)).any(axis=0)
    return np.unique(row[stuck])
