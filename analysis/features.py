"""Samples reduced to one column of features a second; from here on nothing looks at a raw sample.

Each column depends on the samples of its own second alone and is summed in an order that the second
alone decides, so that any chunking of the samples gives the same bits: `np.add.reduceat` along
contiguous rows sums segment by segment, the tenths of a second are added in turn, and elementwise
arithmetic is exact in IEEE 754. No BLAS and no whole-array sums here: their order depends on the length.
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
#: The usual smallest range of a gyro is 245 deg/s; three equal readings in a row beyond this are its end [J].
RANGE_END_DPS = 240.0
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

#: Share of the second that is left at the middle of each sub-block.
_TIME_LEFT: Floats = ((SUB_BLOCKS - 0.5 - np.arange(SUB_BLOCKS)) / SUB_BLOCKS)[:, None]

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


def starts_of(keys: Floats) -> NDArray[np.int64]:
    """Where each run of equal keys starts."""
    first = np.empty(len(keys), dtype=np.bool_)
    first[0] = True
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return first.nonzero()[0]


def counts_of(starts: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """The lengths of the runs of n keys that start there."""
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
    sub_starts = starts_of(floors * SUB_BLOCKS + part)
    sub_n = counts_of(sub_starts, n)
    sub_second, sub_part = floors[sub_starts], part[sub_starts]
    starts = starts_of(sub_second)  # of each second, in sub-blocks
    row_starts = sub_starts[starts]  # of each second, in samples
    return Cut(
        rows=rows,
        radius_g=radius_g,
        up=up,
        second=sub_second[starts],
        starts=row_starts,
        count=counts_of(row_starts, n),
        sub_starts=sub_starts,
        sub_n=sub_n,
        sub_part=sub_part,
        sub_first=starts,
        sub_count=counts_of(starts, len(sub_starts)),
    )


def reduce_seconds(cut: Cut) -> Floats:
    """Feature table (WIDTH, m) of the seconds of `cut`."""
    rows, radius_g, up = cut.rows, cut.radius_g, cut.up
    row_starts, count = cut.starts, cut.count
    count_f, sub_count = count.astype(np.float64), cut.sub_count.astype(np.float64)
    out = np.empty((WIDTH, len(count)))
    out[Col.SECOND] = cut.second
    out[Col.LAST_TIME] = rows.times[row_starts + (count - 1)]
    out[Col.COUNT] = count_f
    out[Col.SUB_COUNT] = sub_count
    out[Col.FLAGS] = (count_f < 0.5 * rows.rate_hz[row_starts]) * _GAP
    _reduce_radius(out, radius_g, row_starts, count, count_f)
    if radius_g.max() >= RANGE_END_G:
        out[Col.FLAGS, _saturated(rows.acc_g, radius_g, row_starts)] += _SATURATED
    gyro = rows.gyro_dps
    # NaN among them: neither is true.
    if gyro is not None and not (gyro.max() < RANGE_END_DPS and gyro.min() > -RANGE_END_DPS):
        pinned = np.add.reduceat(gyro_at_end(gyro, row_starts), row_starts) > 0.0
        out[Col.FLAGS, pinned & (out[Col.FLAGS] < _SATURATED)] += _SATURATED

    # Tenths of all seconds lie in ten planes, which are added in turn: absent ones are 0.
    sums = _planes(cut, np.add.reduceat(rows.acc_g, cut.sub_starts, axis=1))
    samples = _planes(cut, cut.sub_n[None].astype(np.float64))[0]
    whole = len(cut.sub_starts) == samples.size
    parts = np.empty((14 if up is None else 20, SUB_BLOCKS, len(count)))
    means = np.divide(sums, samples if whole else np.maximum(samples, 1.0), out=parts[0:3])
    for row, (one, other) in enumerate(zip(OUTER_A.tolist(), OUTER_B.tolist(), strict=True)):
        np.multiply(means[one], means[other], out=parts[3 + row])
    vertical = np.sqrt(parts[3] + parts[4] + parts[5], out=parts[9])
    vertical -= 1.0
    vertical *= GRAVITY_MPS2
    if not whole:
        vertical[samples == 0.0] = 0.0
    np.multiply(vertical, _TIME_LEFT, out=parts[10])
    parts[11:14] = sums
    if up is not None:
        parts[14:17] = fused = _planes(cut, np.add.reduceat(up, cut.sub_starts, axis=1))
        parts[17:20] = np.where(np.isfinite(fused[0]), fused, sums)
    early, late = _added(parts[:, : SUB_BLOCKS // 2]), _added(parts[:, SUB_BLOCKS // 2 :])
    total = early + late
    out[4:13] = total[0:9]  # SUM, OUTER
    np.divide(total[9:11], sub_count, out=out[Col.RISES])
    np.divide(total[11:14], count_f, out=out[Col.MEAN])
    if up is None:
        out[Col.UP] = np.nan
    else:
        np.divide(total[14:17], count_f, out=out[Col.UP])
    out[Col.EARLY], out[Col.LATE] = early[-3:], late[-3:]
    if not whole:
        there = samples > 0.0
        out[Col.EARLY, ~there[: SUB_BLOCKS // 2].any(axis=0)] = np.nan
        out[Col.LATE, ~there[SUB_BLOCKS // 2 :].any(axis=0)] = np.nan
    return out


def _planes(cut: Cut, values: Floats) -> Floats:
    """(r, s) values of the sub-blocks as (r, SUB_BLOCKS, m), 0 where there is none."""
    r, m = len(values), len(cut.count)
    if values.shape[1] == SUB_BLOCKS * m:
        return np.ascontiguousarray(values.reshape(r, m, SUB_BLOCKS).transpose(0, 2, 1))
    out = np.zeros((r, SUB_BLOCKS, m))
    second = np.arange(m).repeat(cut.sub_count)
    out[:, cut.sub_part.astype(np.int64), second] = values
    return out


def _added(planes: Floats) -> Floats:
    """(r, p, m) summed over p, in turn."""
    out: Floats = planes[:, 0] + planes[:, 1]
    for plane in range(2, planes.shape[1]):
        out += planes[:, plane]
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


def gyro_at_end(gyro_dps: Floats, starts: Grid) -> Floats:
    """(n,) 1.0 for a sample that reads as the two before it in its second, at the end of the range."""
    out = np.zeros(gyro_dps.shape[1])
    far = np.abs(gyro_dps) >= RANGE_END_DPS
    if np.count_nonzero(far) and len(out) > 2:
        now, one, two = gyro_dps[:, 2:], gyro_dps[:, 1:-1], gyro_dps[:, :-2]
        out[2:] = (far[:, 2:] & (now == one) & (one == two)).any(axis=0)
        out[starts] = 0.0
        # np.minimum: a second of one sample at the very end has no second one.
        out[np.minimum(starts + 1, len(out) - 1)] = 0.0
    return out
