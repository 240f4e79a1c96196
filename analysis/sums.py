"""One pass over samples, a stretch at a time that stays in the cache: what is summed of seconds and tenths.

What is summed here depends on the samples of its own tenth, or second, alone and is added in an order that
their number alone decides, so that any chunking of the samples gives the same bits. No BLAS and no
whole-array sums: their order depends on the length. A stretch is some minutes of whole seconds; how long
it is changes no bit.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analysis.layout import SUB_BLOCKS, Grid, Layout
from domain.gains import Gains
from domain.samples import Floats

#: No body-worn accelerometer goes further; what is beyond is a broken value.
IMPOSSIBLE_G = 64.0
#: Samples of a stretch: with all that is made of them they take some 1.5 MB, which the cache of a core holds.
#: Much shorter ones cost more calls than a nearer cache saves.
_STRETCH = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Of n samples in m whole seconds.

    second: (m,) Unix s. starts, count: (m,) first sample and number of samples of a second. samples:
    (SUB_BLOCKS, m) how many there are in each of its sub-blocks, as floats. full: none is without. sums:
    (r, SUB_BLOCKS, m) over the samples of each sub-block, 0 where there is none: of x, y, z and |a|.
    length_g: (m,) mean |a|; intensity_g: (2, m) mean distance of |a| from that, and mean excess over 1 g.
    peaks: of each stretch its first sample, the one after its last, and its largest |a|, g.
    """

    layout: Layout
    second: Floats
    starts: Grid
    count: Grid
    samples: Floats
    full: bool
    sums: Floats
    length_g: Floats
    intensity_g: Floats
    peaks: Sequence[tuple[int, int, float]]


def signals_of(acc_g: Floats, gains: Gains | None, out: Floats, scratch: Floats) -> Floats:
    """x, y, z of (3, n) samples as `gains` have them, and the square of |a| for intensity.

    Into `out`, (4, n), which is returned. scratch: (3, n).
    """
    own, square = out[:3], out[3]
    if gains is None:
        np.copyto(own, acc_g)
        np.square(own, out=scratch)
    else:
        gains.apply(acc_g, out=own)
        np.square(own, out=scratch)
        for axis, weak in enumerate(gains.weak):
            if weak:
                np.square(acc_g[axis], out=scratch[axis])
    np.add(scratch[0], scratch[1], out=square)
    square += scratch[2]
    return out


def sum_up(times: Floats, acc_g: Floats, gains: Gains | None) -> Sums | None:
    """Of times (n,) and accelerations (3, n), as `gains` have them; None where one is broken."""
    n = len(times)
    if not n:
        return _NOTHING
    edges = _edges(times)
    most = max(end - start for start, end in pairwise(edges))
    buffer, scratch = np.empty((4, most)), np.empty((3, most))
    m = min(n, math.floor(times[-1]) - math.floor(times[0]) + 1)
    sums, by_second = np.empty((4, SUB_BLOCKS, m)), np.empty((3, m))
    layouts, peaks, done = [], [], 0
    for start, end in pairwise(edges):
        signals, spare = buffer[:, : end - start], scratch[:, : end - start]
        signals_of(acc_g[:, start:end], gains, signals, spare)
        length = signals[3]
        peak = float(np.maximum.reduce(length))
        if not peak < IMPOSSIBLE_G * IMPOSSIBLE_G:  # it is NaN where one is
            return None
        peaks.append((start, end, math.sqrt(peak)))
        np.sqrt(length, out=length)
        layout = Layout.of(times[start:end])
        rows = slice(done, done + len(layout.second))
        layout.sum(signals, sums[:, :, rows])
        _by_second(length, layout, sums[3, :, rows], by_second[:, rows], spare[:2])
        layouts.append(layout)
        done = rows.stop
    whole = Layout.joined(layouts)
    return Sums(
        whole, whole.second, whole.starts, whole.count, whole.samples, whole.there is None,
        sums[:, :, :done], by_second[0, :done], by_second[1:, :done], peaks,
    )  # fmt: skip


def _edges(times: Floats) -> list[int]:
    """Where the stretches of times (n,) begin, all with a new second; and n."""
    edges, n = [0], len(times)
    while n - edges[-1] > 1.5 * _STRETCH:
        second = math.floor(times[edges[-1] + _STRETCH])
        edge = int(times.searchsorted(float(second)))
        if edge <= edges[-1]:  # one second is longer
            edge = int(times.searchsorted(second + 1.0))
        if edge == n:
            break
        edges.append(edge)
    return [*edges, n]


def halves_of(planes: Floats) -> Floats:
    """(..., SUB_BLOCKS, m) summed over each half of the second, (..., 2, m); in turn, absent ones being 0."""
    *lead, _, m = planes.shape
    # Along an axis that is not the last, one plane is added after the other.
    out: Floats = np.add.reduce(planes.reshape(*lead, 2, SUB_BLOCKS // 2, m), axis=-2)
    return out


def _by_second(
    length_g: Floats, layout: Layout, tenths_g: Floats, out: Floats, scratch: Floats
) -> None:
    """Mean |a|, and of |a| the mean distance from that and the mean excess over 1 g, into `out`, (3, m).

    length_g: (n,) |a|; tenths_g: (SUB_BLOCKS, m) its sums; scratch: (2, n).
    """
    early, late = halves_of(tenths_g)
    centre = np.add(early, late, out=out[0])
    starts, count = layout.starts, layout.count
    centre /= count
    off, excess = scratch
    if layout.each:  # need not be repeated
        shape = (len(centre), SUB_BLOCKS * layout.each)
        np.subtract(length_g.reshape(shape), centre[:, None], out=off.reshape(shape))
    else:
        np.subtract(length_g, centre.repeat(count), out=off)
    np.abs(off, out=off)
    np.maximum(length_g, 1.0, out=excess)
    np.add.reduceat(scratch, starts, axis=1, out=out[1:])
    out[1:] /= count
    out[2] -= 1.0


_NO_SECONDS: Grid = np.empty(0, dtype=np.int64)
_NOTHING = Sums(
    Layout(0, np.empty(0), _NO_SECONDS, 0, None), np.empty(0), _NO_SECONDS, _NO_SECONDS,
    np.empty((SUB_BLOCKS, 0)), True, np.empty((4, SUB_BLOCKS, 0)), np.empty(0), np.empty((2, 0)), (),
)  # fmt: skip
