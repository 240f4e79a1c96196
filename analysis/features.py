"""Samples reduced to one column of features a second; from here on nothing looks at a raw sample.

Each column depends on the samples of its own second alone and is summed in an order that the second
alone decides, so that any chunking of the samples gives the same bits: `np.add.reduceat` along
contiguous rows sums segment by segment, the tenths of a second lie in ten planes which are added in turn,
and elementwise arithmetic is exact in IEEE 754. No BLAS and no whole-array sums here: their order
depends on the length.
"""

import numpy as np

from analysis.cut import SUB_BLOCKS, Cut
from analysis.cut import Grid as Grid  # the name callers import from here
from analysis.sums import halves_of
from domain.posture import Quality
from domain.samples import Floats

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
#: Rows that the fusion has a part in: UP, EARLY, LATE.
FROM_UP = slice(16, 25)

#: Share of the second that is left at the middle of each sub-block.
_TIME_LEFT: Floats = ((SUB_BLOCKS - 0.5 - np.arange(SUB_BLOCKS)) / SUB_BLOCKS)[:, None]


#: Seconds whose tenths are worked on together: all that is made of them stays in the cache of a core.
_TOGETHER = 512


def reduce_seconds(cut: Cut) -> Floats:
    """Feature table (WIDTH, m) of the seconds of `cut`."""
    starts, samples, sums = cut.starts, cut.samples, cut.sums
    m, count = len(starts), cut.count.astype(np.float64)
    out = np.empty((WIDTH, m))
    flags, sub_count = out[Col.FLAGS], out[Col.SUB_COUNT]
    out[Col.SECOND] = cut.second
    out[Col.LAST_TIME] = cut.rows.times[starts + (cut.count - 1)]
    out[Col.COUNT] = count
    sub_count[:] = SUB_BLOCKS if cut.full else np.count_nonzero(samples, axis=0)
    np.multiply(count < 0.5 * cut.rows.rate_hz[starts], _GAP, out=flags)
    _flag_ends(flags, cut)

    for first in range(0, m, _TOGETHER):
        rows = slice(first, first + _TOGETHER)
        _add_tenths(sums[:3, :, rows], samples[:, rows], cut.full, out[:, rows])

    halves = halves_of(sums if cut.up is not None else sums[:3])
    total = halves[:, 0] + halves[:, 1]
    total /= count
    out[Col.MEAN] = total[:3]
    early, late = halves[:3, 0], halves[:3, 1]
    if cut.up is None:
        out[Col.UP] = np.nan
    else:
        out[Col.UP] = total[4:7]
        fused = np.isfinite(halves[4])  # a half is, as a whole, or is not
        early = np.where(fused[0], halves[4:7, 0], early)
        late = np.where(fused[1], halves[4:7, 1], late)
    out[Col.EARLY], out[Col.LATE] = early, late
    if not cut.full:
        there = samples > 0.0
        out[Col.EARLY, ~there[: SUB_BLOCKS // 2].any(axis=0)] = np.nan
        out[Col.LATE, ~there[SUB_BLOCKS // 2 :].any(axis=0)] = np.nan
    out[Col.RADIUS_G], out[Col.INTENSITY] = cut.length_g, cut.intensity_g
    return out


def _add_tenths(sums: Floats, samples: Floats, full: bool, out: Floats) -> None:
    """SUM, OUTER and RISES of m seconds into their feature table `out`, which has SUB_COUNT.

    sums: (3, SUB_BLOCKS, m) of x, y, z; samples, full: see Sums.
    """
    parts = np.empty((11, *samples.shape))
    means = np.divide(sums, samples if full else np.maximum(samples, 1.0), out=parts[0:3])
    np.square(means, out=parts[3:6])
    np.multiply(means[0], means[1:], out=parts[6:8])
    np.multiply(means[1], means[2], out=parts[8])
    vertical = np.add(parts[3], parts[4], out=parts[9])
    vertical += parts[5]
    np.sqrt(vertical, out=vertical)
    vertical -= 1.0
    vertical *= GRAVITY_MPS2
    if not full:
        vertical[samples == 0.0] = 0.0
    np.multiply(vertical, _TIME_LEFT, out=parts[10])
    halves = halves_of(parts)
    total = halves[:, 0] + halves[:, 1]
    out[4:13] = total[0:9]  # SUM, OUTER
    np.divide(total[9:11], out[Col.SUB_COUNT], out=out[Col.RISES])


def _flag_ends(flags: Floats, cut: Cut) -> None:
    """Mark the seconds in which a sensor is at the end of its range."""
    starts, gyro = cut.starts, cut.rows.gyro_dps
    if cut.peak_g >= RANGE_END_G:
        flags[_saturated(cut)] += _SATURATED
    # NaN among them: neither is true.
    if gyro is not None and not (gyro.max() < RANGE_END_DPS and gyro.min() > -RANGE_END_DPS):
        pinned = np.add.reduceat(gyro_at_end(gyro, starts), starts) > 0.0
        flags[pinned & (flags < _SATURATED)] += _SATURATED


def _saturated(cut: Cut) -> Grid:
    """Numbers of the seconds in which an axis reads twice the same beyond RANGE_END_G."""
    far = cut.beyond(RANGE_END_G)
    row = np.searchsorted(cut.starts, far, side="right") - 1
    far, row = far[far > cut.starts[row]], row[far > cut.starts[row]]
    now, before = cut.signals_g(far)[:3], cut.signals_g(far - 1)[:3]
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
