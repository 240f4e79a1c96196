"""Samples of one sensor without those that are broken, cut into whole seconds and tenths of them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.layout import SUB_BLOCKS as SUB_BLOCKS  # the name callers import from here
from analysis.layout import Grid as Grid
from analysis.layout import counts_of as counts_of
from analysis.layout import starts_of as starts_of
from analysis.sums import IMPOSSIBLE_G as IMPOSSIBLE_G
from analysis.sums import Sums, signals_of, sum_up
from domain.gains import Gains
from domain.samples import Floats


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

    def take(self, where: NDArray[np.bool_]) -> "Rows":
        """The samples `where` (n,) says."""
        gyro = None if self.gyro_dps is None else np.ascontiguousarray(self.gyro_dps[:, where])
        acc_g = np.ascontiguousarray(self.acc_g[:, where])
        return Rows(self.times[where], acc_g, gyro, self.rate_hz[where])


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Cut(Sums):
    """n usable samples cut into the m whole seconds that have any, and what is summed of them.

    rows: as they came; gains: what makes accelerations in g of them, or None. broken: the seconds with broken
    values of any kind. up: (3, n) up direction in the sensor's axes per sample, from the fusion, or None;
    its sums then follow those of Sums.
    """

    rows: Rows
    gains: Gains | None
    broken: Grid
    up: Floats | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def peak_g(self) -> float:
        """The largest |a|."""
        return max((peak for *_, peak in self.peaks), default=0.0)

    def signals_g(self, where: slice | Grid = slice(None)) -> Floats:
        """(4, k) x, y, z and |a| for intensity of the samples `where`, made when they are asked for."""
        acc_g = self.rows.acc_g
        some = acc_g[:, where] if isinstance(where, slice) else acc_g.take(where, axis=1)
        out = np.empty((4, some.shape[1]))
        signals_of(some, self.gains, out, np.empty(some.shape))
        np.sqrt(out[3], out=out[3])
        return out

    def measured(self) -> Rows:
        """`rows` with accelerations in g."""
        rows = self.rows
        return Rows(rows.times, self.signals_g()[:3], rows.gyro_dps, rows.rate_hz)

    def beyond(self, limit_g: float) -> Grid:
        """The samples with |a| from `limit_g` on."""
        found = [
            start + (self.signals_g(slice(start, end))[3] >= limit_g).nonzero()[0]
            for start, end, peak in self.peaks
            if peak >= limit_g
        ]
        return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def cut(rows: Rows, gains: Gains | None = None) -> Cut:
    """The usable samples of `rows`, as `gains` have them."""
    gyro = rows.gyro_dps
    # The sum of all is finite where each is; what it is does not matter.
    whole = gyro is None or bool(np.isfinite(np.add.reduce(gyro, axis=None)))
    summed = sum_up(rows.times, rows.acc_g, gains)
    if summed is not None and whole:
        return _cut(summed, rows, gains, _NONE)
    good = sound(rows, gains)
    heard = good if gyro is None else good & np.isfinite(gyro[0] + gyro[1] + gyro[2])
    broken = np.unique(np.floor(rows.times[~heard]).astype(np.int64))
    if summed is not None:
        return _cut(summed, rows, gains, broken)
    return cut_anew(rows.take(good), gains, broken)


def sound(rows: Rows, gains: Gains | None = None) -> NDArray[np.bool_]:
    """(n,) where an acceleration is one."""
    out, spare = np.empty((4, len(rows))), np.empty((3, len(rows)))
    squares = signals_of(rows.acc_g, gains, out, spare)[3]
    good: NDArray[np.bool_] = squares < IMPOSSIBLE_G * IMPOSSIBLE_G  # false for NaN too
    return good


def usable(rows: Rows, gains: Gains | None = None) -> Rows:
    """The samples of `rows` whose accelerations are ones, in g as `gains` have them."""
    out, spare = np.empty((4, len(rows))), np.empty((3, len(rows)))
    squares = signals_of(rows.acc_g, gains, out, spare)[3]
    gyro = None if rows.gyro_dps is None else np.ascontiguousarray(rows.gyro_dps)
    measured = Rows(rows.times, out[:3], gyro, rows.rate_hz)
    good: NDArray[np.bool_] = squares < IMPOSSIBLE_G * IMPOSSIBLE_G
    return measured if np.count_nonzero(good) == len(good) else measured.take(good)


def cut_anew(rows: Rows, gains: Gains | None, broken: Grid) -> Cut:
    """Of `rows`, all of which are usable."""
    summed = sum_up(rows.times, rows.acc_g, gains)
    assert summed is not None  # none is broken
    return _cut(summed, rows, gains, broken)


def _cut(summed: Sums, rows: Rows, gains: Gains | None, broken: Grid) -> Cut:
    fields: dict[str, Any] = {name: getattr(summed, name) for name in Sums.__slots__}
    return Cut(**fields, rows=rows, gains=gains, broken=broken)


def with_up(whole: Cut, up: Floats | None) -> Cut:
    """The same and the up direction of each sample, (3, n)."""
    if up is None:
        return whole
    sums = np.empty((7, *whole.sums.shape[1:]))
    sums[:4] = whole.sums
    whole.layout.sum(up, sums[4:])
    return replace(whole, up=up, sums=sums)


_NONE: Grid = np.empty(0, dtype=np.int64)
