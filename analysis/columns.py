"""One sensor's seconds laid on the wearer's grid: what the rules read, as columns."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis import lean as angles
from analysis.features import WIDTH, Col, Grid
from analysis.settings import AnalysisSettings
from domain.people import Calibration
from domain.posture import Quality
from domain.samples import Bools as Bools  # the name callers import from here
from domain.samples import Floats

_GAP, _DYNAMIC = int(Quality.GAP), int(Quality.DYNAMIC)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """One sensor on a grid of k seconds.

    present: the second has samples, or its last sample is at most gap_s old at its end (held).
    fresh: it has samples of its own. up: (3, k) unit, sensor axes; up_2s the same over the 2-s
    window [t-1, t+1). sd_g: standard deviation along the vertical over that window, below 5 Hz;
    sd_total_g over all axes; sd_second_g of one second, per axis (3, k). halves: (3, 2, k) unit, the
    halves of the second. mean_g: (3, k). radius_g: mean |a|. body: up in the body frame, or None when
    uncalibrated or not on the trunk, since nothing else leans. peak_deg: the larger lean of the halves.
    sides: see analysis/sides.py; NaN where not fresh.
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
    radius_g: Floats
    halves: Floats
    mad_mg: Floats
    enmo_mg: Floats
    rise: Floats
    rise_moment: Floats
    fused: Bools
    quality: NDArray[np.int64]
    body: Floats | None
    lean_deg: Floats
    side_deg: Floats
    peak_deg: Floats
    sides: Mapping[str, Floats]


def no_second() -> Floats:
    """The (WIDTH, 1) features before the first: nothing was ever heard."""
    table = np.full((WIDTH, 1), np.nan)
    table[Col.SECOND] = table[Col.LAST_TIME] = -np.inf
    return table


def _variances(sums: Floats, outer: Floats, count: Floats) -> Floats:
    """(6, ...) variances and covariances of sub-block means given by their sums, in Col.OUTER's order."""
    mean = sums / count
    out: Floats = outer / count
    out[:3] -= np.square(mean)
    out[3:5] -= mean[0] * mean[1:]
    out[5] -= mean[1] * mean[2]
    return out


def _along(u: Floats, variances: Floats) -> Floats:
    """Variance along `u`."""
    part = np.empty(variances.shape)
    np.square(u, out=part[:3])
    np.multiply(u[0], u[1:], out=part[3:5])
    np.multiply(u[1], u[2], out=part[5])
    part *= variances
    out: Floats = part[0] + part[1] + part[2] + 2.0 * (part[3] + part[4] + part[5])
    return out


def _root(variance: Floats) -> Floats:
    out: Floats = np.maximum(variance, 0.0)
    return np.sqrt(out, out=out)


def _windows(table: Floats, last: Floats) -> Floats:
    """(10, 2, m) Col.WINDOW of every second, and with the second before it added where there is one.

    last: (WIDTH, 1) features of the second before the first.
    """
    own = table[Col.WINDOW]
    out = np.empty((len(own), 2, own.shape[1]))
    out[:, 0] = own
    for before, now, both in (
        (last, table[:, :1], out[:, 1, :1]),
        (table[:, :-1], table[:, 1:], out[:, 1, 1:]),
    ):
        np.add(now[Col.WINDOW], before[Col.WINDOW], out=both)
        alone = now[Col.SECOND] != before[Col.SECOND] + 1.0
        if np.count_nonzero(alone):
            both[:, alone] = now[Col.WINDOW, alone]
    return out


def lay_out(
    grid: Grid,
    table: Floats,
    last: Floats,
    flags: NDArray[np.int64] | None,
    sides: Mapping[str, Floats],
    calibration: Calibration | None,
    settings: AnalysisSettings,
) -> Columns:
    """Columns on `grid` from features (WIDTH, m). last: (WIDTH, 1) those of the second before the first.

    flags: Quality of each second of the grid that the features do not know (lost, invalid). sides: side
    tables (width, m) of the same seconds.
    """
    second = table[Col.SECOND]
    if len(grid) == len(second) and np.count_nonzero(grid == second) == len(grid):
        wide, windows, spread = table, _windows(table, last), sides
        fresh = present = np.ones(len(grid), dtype=np.bool_)
    else:
        table = np.concatenate([last, table], axis=1)
        second, windows = table[Col.SECOND], _windows(table, no_second())
        at = np.searchsorted(second, grid.astype(np.float64), side="right") - 1
        wide, windows = table.take(at, axis=1), windows.take(at, axis=2)
        spread = {name: _spread(side, at, second, grid) for name, side in sides.items()}
        fresh = wide[Col.SECOND] == grid
        present = fresh | (grid + 1.0 - wide[Col.LAST_TIME] <= settings.gap_s)
        held = ~fresh
        # The window of a held second is what is left of it, whether or not more was seen with it.
        windows[:, 1, held] = windows[:, 0, held]
        wide[Col.INTENSITY, held] = np.nan
        wide[Col.RISES, held] = 0.0
        wide[Col.FLAGS, held] = _GAP

    k = len(grid)
    mean, fusion_up = wide[Col.MEAN], wide[Col.UP]
    fused = np.isfinite(fusion_up[0] + fusion_up[1] + fusion_up[2])
    sums = windows[1:4]
    directions = np.empty((3, 4, k))
    directions[:, 0] = mean
    if np.count_nonzero(fused):
        np.copyto(directions[:, 0], fusion_up, where=fused)
    directions[:, 1] = wide[Col.EARLY]
    directions[:, 2] = wide[Col.LATE]
    directions[:, 3] = sums[:, 1]
    directions = angles.unit(directions)
    up, up_2s = directions[:, 0], directions[:, 3]
    variances = _variances(sums, windows[4:10], windows[0])
    own, both = variances[:, 0], variances[:, 1]
    sd_total = _root(both[0] + both[1] + both[2])

    quality = wide[Col.FLAGS].astype(np.int64)
    if flags is not None:
        quality |= flags
    far = np.abs(wide[Col.RADIUS_G] - 1.0) > settings.dynamic_g
    quality |= (present & (far | (sd_total > settings.dynamic_sd_g))) * _DYNAMIC

    if calibration is None:
        body = None
        lean = side = peak = np.full(k, np.nan)
    else:
        bodies = angles.to_body(calibration, directions[:, :3])
        body = bodies[:, 0]
        leans = angles.lean_deg(bodies.reshape(3, -1)).reshape(3, k)
        lean, side = leans[0], angles.side_deg(body, leans[0])
        if np.count_nonzero(present) < k:
            lean, side = np.where(present, lean, np.nan), np.where(present, side, np.nan)
        peak = np.fmax(leans[1], leans[2])
    intensity_mg = wide[Col.INTENSITY] * 1000.0
    return Columns(
        seconds=grid,
        present=present,
        fresh=fresh,
        up=up,
        up_2s=up_2s,
        sd_g=_root(_along(up_2s, both)),
        sd_total_g=sd_total,
        sd_second_g=_root(own[:3]),
        mean_g=mean,
        radius_g=wide[Col.RADIUS_G],
        halves=directions[:, 1:3],
        mad_mg=intensity_mg[0],
        enmo_mg=intensity_mg[1],
        rise=wide[Col.RISE],
        rise_moment=wide[Col.RISE_MOMENT],
        fused=fused,
        quality=quality,
        body=body,
        lean_deg=lean,
        side_deg=side,
        peak_deg=peak,
        sides=spread,
    )


def _spread(side: Floats, at: Grid, second: Floats, grid: Grid) -> Floats:
    """A side table on `grid`; at: the row of the feature table each second of it has."""
    out = np.full((len(side), len(grid)), np.nan)
    fresh = second[at] == grid
    out[:, fresh] = side[:, at[fresh] - 1]
    return out


def without_strength(columns: Columns) -> Columns:
    """`columns` of a sensor that tells directions alone: how strong a movement is, is not known.

    Accelerations of length 1 would otherwise read as a body that never moves up or down.
    """
    unknown = np.full(len(columns.seconds), np.nan)
    none = np.zeros(len(columns.seconds))
    return replace(columns, mad_mg=unknown, enmo_mg=unknown, rise=none, rise_moment=none)


def restful(columns: Columns, moving_sd_g: float) -> Columns:
    """`columns` for the rules of a sensor that tells directions alone: restless seconds count as unseen.

    Steps are told by how strongly the sensor moves along the vertical, where a direction shows nothing.
    It does sway, so that a walk is not taken for quiet sitting or standing: it is not judged.
    """
    return replace(columns, present=columns.present & ~(columns.sd_total_g > moving_sd_g))
