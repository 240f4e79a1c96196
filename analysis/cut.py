"""Samples of one sensor, cut into whole seconds and tenths of them, and summed by tenths.

What is summed here depends on the samples of its own tenth alone and is added in an order that their
number alone decides, so that any chunking of the samples gives the same bits. No BLAS and no whole-array
sums: their order depends on the length.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.gains import Gains
from domain.samples import Floats

#: Sub-blocks a second: 100-ms means stand for the 5 Hz low-pass of Acti4 (-3 dB at 4.4 Hz).
SUB_BLOCKS = 10
#: No body-worn accelerometer goes further; what is beyond is a broken value.
IMPOSSIBLE_G = 64.0
#: Up to so many values `np.add.reduceat` adds the first to the sum in turn of the others.
_IN_TURN = 8

#: Where the sub-blocks begin within the second, s.
_BEGINS_S: Floats = np.arange(SUB_BLOCKS) / SUB_BLOCKS

Grid = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Raw samples as columns: times (n,) s, increasing; acc_g, gyro_dps (3, n).

    rate_hz: (n,) nominal rate. gyro_dps is None without a gyro and NaN where it gave nothing.
    """

    times: Floats
    acc_g: Floats
    gyro_dps: Floats | None
    rate_hz: Floats

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True, slots=True, eq=False)
class Usable:
    """Samples without broken accelerations, gains applied; all of it C-contiguous.

    signals: (4, n) x, y, z of `rows` and |a| for intensity, g. peak_g: the largest |a|. broken: the
    seconds with broken values of any kind.
    """

    rows: Rows
    signals: Floats
    peak_g: float
    broken: Grid

    def __len__(self) -> int:
        return len(self.rows)


def usable(rows: Rows, gains: Gains | None = None) -> Usable:
    """The usable samples of `rows`, as `gains` have them."""
    n = len(rows)
    signals = np.empty((4, n))
    acc, length = signals[:3], signals[3]
    if gains is None:
        np.copyto(acc, rows.acc_g)
        x, y, z = acc
    else:
        x, y, z = gains.apply(rows.acc_g, out=acc)
    np.multiply(x, x, out=length)
    square = y * y
    length += square
    np.multiply(z, z, out=square)
    length += square
    peak = float(np.maximum.reduce(length, initial=0.0))  # NaN where one is
    gyro = None if rows.gyro_dps is None else np.ascontiguousarray(rows.gyro_dps)
    # The sum of all is finite where each is; what it is does not matter.
    whole = gyro is None or bool(np.isfinite(np.add.reduce(gyro, axis=None)))
    broken = np.empty(0, dtype=np.int64)
    rate_hz, times = rows.rate_hz, rows.times
    if not (peak < IMPOSSIBLE_G * IMPOSSIBLE_G and whole):
        good = length < IMPOSSIBLE_G * IMPOSSIBLE_G  # false for NaN too
        sound = good if gyro is None else good & np.isfinite(gyro[0] + gyro[1] + gyro[2])
        broken = np.unique(np.floor(times[~sound]).astype(np.int64))
        signals, times, rate_hz = signals[:, good], times[good], rate_hz[good]
        length = signals[3]
        gyro = None if gyro is None else np.ascontiguousarray(gyro[:, good])
        peak = float(np.maximum.reduce(length, initial=0.0))
    np.sqrt(length, out=length)
    return Usable(Rows(times, signals[:3], gyro, rate_hz), signals, float(np.sqrt(peak)), broken)


def starts_of(keys: Floats) -> Grid:
    """Where each run of equal keys starts."""
    first = np.empty(len(keys), dtype=np.bool_)
    first[0] = True
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return first.nonzero()[0]


def counts_of(starts: Grid, n: int) -> Grid:
    """The lengths of the runs of n keys that start there."""
    counts = np.empty(len(starts), dtype=np.int64)
    np.subtract(starts[1:], starts[:-1], out=counts[:-1])
    counts[-1] = n - starts[-1]
    return counts


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """n usable samples cut into the m whole seconds that have any.

    signals, peak_g: see Usable. up: (3, n) up direction in the sensor's axes per sample, from the fusion,
    or None. second: (m,) Unix s. starts, count: (m,) first sample and number of samples of a second.
    samples: (SUB_BLOCKS, m) how many there are in each of its sub-blocks, as floats. full: none is
    without. sums: (r, SUB_BLOCKS, m) over the samples of each sub-block, 0 where there is none: the
    signals, and where there is one, up.
    """

    rows: Rows
    signals: Floats
    peak_g: float
    up: Floats | None
    second: Floats
    starts: Grid
    count: Grid
    samples: Floats
    full: bool
    sums: Floats

    @property
    def radius_g(self) -> Floats:
        """|a| (n,) for intensity."""
        length: Floats = self.signals[3]
        return length


def cut(whole: Usable, up: Floats | None) -> Cut:
    """`whole`, in which there is at least one sample, cut; see Cut.

    A sample belongs to a sub-block from the moment on that is its beginning in floats of Unix time, though a
    tenth of a second is none: of a clock that ticks evenly, each has equally many.
    """
    times, n = whole.rows.times, len(whole)
    second, at, each = _sub_blocks(times)
    m, starts = len(second), at[::SUB_BLOCKS]
    there: Grid | None = None
    if each:
        count, samples = np.full(m, SUB_BLOCKS * each), np.full((SUB_BLOCKS, m), float(each))
    else:
        counts = counts_of(at, n)
        if np.count_nonzero(counts) < len(counts):
            there = counts.nonzero()[0]
        count = counts_of(starts, n)
        samples = counts.reshape(m, SUB_BLOCKS).T.astype(np.float64)
    sums = np.empty((4 if up is None else 7, SUB_BLOCKS, m))
    for rows, values in ((slice(0, 4), whole.signals), (slice(4, 7), up)):
        if values is None:
            continue
        if there is not None:
            summed = np.zeros((len(values), len(at)))
            summed[:, there] = np.add.reduceat(values, at[there], axis=1)
        elif 0 < each <= _IN_TURN:
            summed = _in_turn(values, each)
        else:
            summed = np.add.reduceat(values, at, axis=1)
        sums[rows] = summed.reshape(len(values), m, SUB_BLOCKS).transpose(0, 2, 1)
    return Cut(
        rows=whole.rows,
        signals=whole.signals,
        peak_g=whole.peak_g,
        up=up,
        second=second,
        starts=starts,
        count=count,
        samples=samples,
        full=there is None,
        sums=sums,
    )


def _sub_blocks(times: Floats) -> tuple[Floats, Grid, int]:
    """The seconds (m,) with samples; the first sample (SUB_BLOCKS * m,) at or after the beginning of each
    of their sub-blocks; and how many each has, if all have the same, or 0."""
    n, first = len(times), np.floor(times[0])
    m = int(times[-1] - first) + 1
    each, rest = divmod(n, SUB_BLOCKS * m)
    if each and not rest:  # as a clock that ticks evenly would have it: is it so?
        second = np.arange(m) + first
        begins = np.add.outer(second, _BEGINS_S).ravel()
        late = np.count_nonzero(times[::each] < begins)
        if not late and not np.count_nonzero(times[each - 1 : -1 : each] >= begins[1:]):
            return second, np.arange(0, n, each), each
    floors = np.floor(times)
    second = floors[starts_of(floors)]
    return second, times.searchsorted(np.add.outer(second, _BEGINS_S).ravel()), 0


def _in_turn(values: Floats, each: int) -> Floats:
    """(r, n / each) sums of every `each` of (r, n) values, as `np.add.reduceat` has them, in a third of its
    time: what it adds of the short runs of one tenth, it adds one run after the other."""
    if each == 1:
        return values
    if each == 2:
        return values[:, ::2] + values[:, 1::2]
    out: Floats = values[:, 1::each] + values[:, 2::each]
    for place in range(3, each):
        out += values[:, place::each]
    out += values[:, ::each]
    return out
