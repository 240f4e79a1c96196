"""One sensor's seconds laid on the wearer's grid: what the rules read, as columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis import lean as angles
from analysis.features import WIDTH, Col, Grid
from analysis.settings import AnalysisSettings
from domain.people import Calibration
from domain.posture import Quality
from domain.samples import Floats

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """One sensor on a grid of k seconds.

    present: the second has samples, or its last sample is at most gap_s old at its end (held).
    fresh: it has samples of its own. up: (3, k) unit, sensor axes; up_2s the same over the 2-s
    window [t-1, t+1). sd_g: standard deviation along the vertical over that window, below 5 Hz;
    sd_total_g over all axes; sd_second_g of one second, per axis (3, k). early, late: (3, k) unit,
    halves of the second. mean_g: (3, k). body: up in the body frame, or None when uncalibrated.
    """

    seconds: Grid
    present: Bools
    fresh: Bools
    up: Floats
    up_2s: Floats
    sd_g: Floats
    sd_total_g: Floats
    sd_second_g: Floats
    mean_g: Floats
    early: Floats
    late: Floats
    mad_mg: Floats
    enmo_mg: Floats
    rise: Floats
    rise_moment: Floats
    fused: Bools
    quality: NDArray[np.int64]
    body: Floats | None
    lean_deg: Floats
    side_deg: Floats


def no_row() -> Floats:
    """The row before the first: nothing was ever heard."""
    row = np.full(WIDTH, np.nan)
    row[Col.SECOND] = -np.inf
    row[Col.LAST_TIME] = -np.inf
    return row


def _variance_along(u: Floats, sums: Floats, outer: Floats, count: Floats) -> tuple[Floats, Floats]:
    """Variance along `u` and the trace, of sub-block means given by their sums."""
    mean = sums / count
    xx, yy, zz, xy, xz, yz = outer / count
    vxx, vyy, vzz = xx - mean[0] * mean[0], yy - mean[1] * mean[1], zz - mean[2] * mean[2]
    vxy, vxz, vyz = xy - mean[0] * mean[1], xz - mean[0] * mean[2], yz - mean[1] * mean[2]
    along = u[0] * u[0] * vxx + u[1] * u[1] * vyy + u[2] * u[2] * vzz
    along = along + 2.0 * (u[0] * u[1] * vxy + u[0] * u[2] * vxz + u[1] * u[2] * vyz)
    return along, vxx + vyy + vzz


def lay_out(
    grid: Grid,
    rows: Floats,
    flags: NDArray[np.int64],
    calibration: Calibration | None,
    settings: AnalysisSettings,
) -> Columns:
    """Columns on `grid` from feature `rows` (m, WIDTH), of which the first is the one before.

    flags: Quality of each second of the grid that the rows do not know (lost, invalid).
    """
    second = rows[:, Col.SECOND]
    joined = rows.copy()
    follows = np.flatnonzero(second[1:] == second[:-1] + 1.0) + 1
    window = slice(Col.SUB_COUNT, Col.MEAN)  # SUB_COUNT, SUM and OUTER add up over the 2-s window
    joined[follows, window] = rows[follows, window] + rows[follows - 1, window]

    at = np.searchsorted(second, grid.astype(np.float64), side="right") - 1
    wide = np.ascontiguousarray(rows[at].T)
    two = np.ascontiguousarray(joined[at].T)
    fresh = wide[Col.SECOND] == grid
    present = grid + 1.0 - wide[Col.LAST_TIME] <= settings.gap_s
    present |= fresh

    mean = wide[Col.MEAN : Col.MEAN + 3]
    fusion_up = wide[Col.UP : Col.UP + 3]
    fused = np.isfinite(fusion_up[0] + fusion_up[1] + fusion_up[2])
    up = angles.unit(np.where(fused, fusion_up, mean))
    sums, outer, count = (
        two[Col.SUM : Col.SUM + 3],
        two[Col.OUTER : Col.OUTER + 6],
        two[Col.SUB_COUNT],
    )
    up_2s = angles.unit(sums)
    along, total = _variance_along(up_2s, sums, outer, count)
    own_sums, own_count = wide[Col.SUM : Col.SUM + 3], wide[Col.SUB_COUNT]
    own_mean = own_sums / own_count
    own_variance = wide[Col.OUTER : Col.OUTER + 3] / own_count - own_mean * own_mean
    sd_total = np.sqrt(np.maximum(total, 0.0))

    quality = flags.copy()
    own_flags = np.where(fresh, np.nan_to_num(wide[Col.FLAGS]), 0.0).astype(np.int64)
    quality |= own_flags
    quality[~fresh] |= Quality.GAP
    far = np.abs(wide[Col.RADIUS_G] - 1.0) > settings.dynamic_g
    quality[present & (far | (sd_total > settings.dynamic_sd_g))] |= Quality.DYNAMIC

    nothing = np.full(len(grid), np.nan)
    body, lean, side = None, nothing, nothing
    if calibration is not None:
        body = angles.to_body(calibration, up)
        lean = np.where(present, angles.lean_deg(body), np.nan)
        side = np.where(present, angles.side_deg(body, lean), np.nan)
    return Columns(
        seconds=grid,
        present=present,
        fresh=fresh,
        up=up,
        up_2s=up_2s,
        sd_g=np.sqrt(np.maximum(along, 0.0)),
        sd_total_g=sd_total,
        sd_second_g=np.sqrt(np.maximum(own_variance, 0.0)),
        mean_g=mean,
        early=angles.unit(wide[Col.EARLY : Col.EARLY + 3]),
        late=angles.unit(wide[Col.LATE : Col.LATE + 3]),
        mad_mg=np.where(fresh, wide[Col.MAD_G] * 1000.0, np.nan),
        enmo_mg=np.where(fresh, wide[Col.ENMO_G] * 1000.0, np.nan),
        rise=np.where(fresh, wide[Col.RISE], 0.0),
        rise_moment=np.where(fresh, wide[Col.RISE_MOMENT], 0.0),
        fused=fused,
        quality=quality,
        body=body,
        lean_deg=lean,
        side_deg=side,
    )
