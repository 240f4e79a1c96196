"""Samples reduced to one column of features a second; from here on nothing looks at a raw sample.

Each column depends on the samples of its own second alone and is summed in an order that the second
alone decides, so that any chunking of the samples gives the same bits: `np.add.reduceat` along
contiguous rows sums segment by segment, and elementwise arithmetic is exact in IEEE 754. No BLAS
and no whole-array sums here: their order depends on the length.
"""

from dataclasses import dataclass

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
_GAP, _SATURATED = float(Quality.GAP), float(Quality.SATURATED)


class Col:
    """Rows of a feature table (WIDTH, m). SUM and OUTER are over the sub-block means, in g and g^2.

    MEAN: mean acceleration, g. UP: mean up direction from the fusion, NaN without one. EARLY, LATE:
    direction in each half of the second, not normalised, NaN when empty. RISE, RISE_MOMENT: mean
    of vertical acceleration, and of it weighted by the time left in the second, m/s^2. No enum:
    looking up a member costs as much as an operation on a second does.
    """

    SECOND = 0
    LAST_TIME = 1
    COUNT = 2
    SUB_COUNT = 3
    SUM = slice(4, 7)  # x y z
    OUTER = slice(7, 13)  # xx yy zz xy xz yz
    WINDOW = slice(3, 13)  # what adds up over neighbouring seconds: SUB_COUNT, SUM, OUTER
    MEAN = slice(13, 16)  # x y z
    UP = slice(16, 19)  # x y z
    UP_X = 16
    EARLY = slice(19, 22)  # x y z
    LATE = slice(22, 25)  # x y z
    MAD_G = 25
    ENMO_G = 26
    INTENSITY = slice(25, 27)  # MAD_G, ENMO_G
    RISE = 27
    RISE_MOMENT = 28
    RISES = slice(27, 29)  # RISE, RISE_MOMENT
    RADIUS_G = 29
    FLAGS = 30


WIDTH = 31
#: The axes of each element of OUTER.
OUTER_A, OUTER_B = np.array((0, 1, 2, 0, 0, 1)), np.array((0, 1, 2, 1, 2, 2))

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


def usable(rows: Rows) -> tuple[Rows, Floats, Grid]:
    """`rows` without broken accelerations, their |a| in g, and the seconds with broken values of any kind."""
    x, y, z = rows.acc_g
    square = x * x + y * y + z * z
    good = square < IMPOSSIBLE_G * IMPOSSIBLE_G  # false for NaN too
    sound = good
    if rows.gyro_dps is not None:
        gx, gy, gz = rows.gyro_dps
        sound = good & np.isfinite(gx + gy + gz)
    if np.count_nonzero(sound) == len(rows):
        return rows, np.sqrt(square, out=square), np.empty(0, dtype=np.int64)
    broken = np.unique(np.floor(rows.times[~sound]).astype(np.int64))
    gyro = None if rows.gyro_dps is None else np.ascontiguousarray(rows.gyro_dps[:, good])
    acc = np.ascontiguousarray(rows.acc_g[:, good])
    return Rows(rows.times[good], acc, gyro, rows.rate_hz[good]), np.sqrt(square[good]), broken


def _starts(keys: Floats) -> NDArray[np.int64]:
    """Where each run of equal keys starts."""
    first = np.empty(len(keys), dtype=np.bool_)
    first[0] = True
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return first.nonzero()[0]


def _counts(starts: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    counts = np.empty(len(starts), dtype=np.int64)
    np.subtract(starts[1:], starts[:-1], out=counts[:-1])
    counts[-1] = n - starts[-1]
    return counts


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """n usable samples cut into m whole seconds and s sub-blocks; only those with samples are there.

    radius_g: (n,) |a|. up: (3, n) up direction in the sensor's axes per sample, from the fusion, or
    None. second: (m,) Unix s. starts, count: (m,) first sample and number of samples of a second.
    sub_starts, sub_n: (s,) the same of a sub-block; sub_part: (s,) 0 to SUB_BLOCKS - 1, its place in
    its second. sub_first, sub_count: (m,) first sub-block and number of sub-blocks of a second.
    """

    rows: Rows
    radius_g: Floats
    up: Floats | None
    second: Floats
    starts: Grid
    count: Grid
    sub_starts: Grid
    sub_n: Grid
    sub_part: Floats
    sub_first: Grid
    sub_count: Grid


def cut(rows: Rows, radius_g: Floats, up: Floats | None) -> Cut:
    """`rows`, of which there is at least one, cut; see Cut."""
    n = len(rows)
    floors = np.floor(rows.times)
    part = np.floor((rows.times - floors) * SUB_BLOCKS)
    np.minimum(part, SUB_BLOCKS - 1, out=part)
    sub_starts = _starts(floors * SUB_BLOCKS + part)
    sub_n = _counts(sub_starts, n)
    sub_second, sub_part = floors[sub_starts], part[sub_starts]
    starts = _starts(sub_second)  # of each second, in sub-blocks
    row_starts = sub_starts[starts]  # of each second, in samples
    return Cut(
        rows=rows,
        radius_g=radius_g,
        up=up,
        second=sub_second[starts],
        starts=row_starts,
        count=_counts(row_starts, n),
        sub_starts=sub_starts,
        sub_n=sub_n,
        sub_part=sub_part,
        sub_first=starts,
        sub_count=_counts(starts, len(sub_starts)),
    )


def reduce_seconds(cut: Cut) -> Floats:
    """Feature table (WIDTH, m) of the seconds of `cut`."""
    rows, radius_g, up = cut.rows, cut.radius_g, cut.up
    sub_starts, sub_n, sub_part, starts = cut.sub_starts, cut.sub_n, cut.sub_part, cut.sub_first
    row_starts, count = cut.starts, cut.count
    count_f, sub_count = count.astype(np.float64), cut.sub_count.astype(np.float64)
    out = np.empty((WIDTH, len(starts)))
    out[Col.SECOND] = cut.second
    out[Col.LAST_TIME] = rows.times[row_starts + (count - 1)]
    out[Col.COUNT] = count_f
    out[Col.SUB_COUNT] = sub_count
    out[Col.FLAGS] = (count_f < 0.5 * rows.rate_hz[row_starts]) * _GAP
    _reduce_radius(out, radius_g, row_starts, count, count_f)
    if radius_g.max() >= RANGE_END_G:
        out[Col.FLAGS, _saturated(rows.acc_g, radius_g, row_starts)] += _SATURATED

    # Everything that is summed over the sub-blocks of a second, in one table, in Col's order.
    sums = np.add.reduceat(rows.acc_g, sub_starts, axis=1)
    parts = np.empty((24, len(sub_starts)))
    means = np.divide(sums, sub_n, out=parts[0:3])
    outer = np.multiply(means.take(OUTER_A, axis=0), means.take(OUTER_B, axis=0), out=parts[3:9])
    parts[9:12] = sums
    late = sub_part >= SUB_BLOCKS // 2
    if up is None:
        directions = sums
        parts[12:15] = np.nan
    else:
        fused = np.add.reduceat(up, sub_starts, axis=1, out=parts[12:15])
        directions = np.where(np.isfinite(fused[0]), fused, sums)
    parts[15:21] = 0.0
    np.copyto(parts[15:18], directions, where=~late)
    np.copyto(parts[18:21], directions, where=late)
    vertical = np.sqrt(outer[0] + outer[1] + outer[2], out=parts[21])
    vertical -= 1.0
    vertical *= GRAVITY_MPS2
    np.multiply(vertical, (SUB_BLOCKS - 0.5 - sub_part) / SUB_BLOCKS, out=parts[22])
    parts[23] = late
    total = np.add.reduceat(parts, starts, axis=1)
    out[4:25] = total[0:21]  # SUM to LATE
    out[13:19] /= count_f  # MEAN, UP
    np.divide(total[21:23], sub_count, out=out[Col.RISES])
    late_n = total[23]
    for half, empty in ((Col.EARLY, late_n == sub_count), (Col.LATE, late_n == 0.0)):
        if np.count_nonzero(empty):
            out[half, empty] = np.nan
    return out


def _reduce_radius(
    out: Floats, radius_g: Floats, row_starts: Grid, count: Grid, count_f: Floats
) -> None:
    """RADIUS_G, MAD_G and ENMO_G."""
    centre = np.add.reduceat(radius_g, row_starts) / count_f
    deviation = radius_g - centre.repeat(count)
    np.abs(deviation, out=deviation)
    out[Col.RADIUS_G] = centre
    out[Col.MAD_G] = np.add.reduceat(deviation, row_starts)
    beyond = np.subtract(radius_g, 1.0, out=deviation)
    out[Col.ENMO_G] = np.add.reduceat(np.maximum(beyond, 0.0, out=beyond), row_starts)
    out[Col.INTENSITY] /= count_f


def _saturated(acc_g: Floats, radius_g: Floats, row_starts: Grid) -> Grid:
    """Numbers of the seconds in which an axis reads twice the same beyond RANGE_END_G."""
    far = np.flatnonzero(radius_g >= RANGE_END_G)
    row = np.searchsorted(row_starts, far, side="right") - 1
    far, row = far[far > row_starts[row]], row[far > row_starts[row]]
    now, before = acc_g[:, far], acc_g[:, far - 1]
    stuck = ((now == before) & (np.abs(now) >= RANGE_END_G)).any(axis=0)
    return np.unique(row[stuck])
