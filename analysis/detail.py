"""Angles at the sensor's own rate, for whoever looks closer than a second: offline only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis import lean as angles
from analysis.cut import Rows, usable
from analysis.fusion import GravityFusion
from analysis.heading import heading_deg
from analysis.settings import AnalysisSettings
from domain.people import Calibration
from domain.samples import Floats, Recording

#: Without a gyro the direction at a sample is the mean of this long about it: centred, so not late.
_WINDOW_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Detail:
    """One placement at its sensor's rate, (n,) each, one row a usable sample.

    time: s, as given. lean_deg, side_deg: as in the frames. inclination_deg: 0..180 between the
    body's up axis and the vertical. heading_deg: turned to the left about the vertical since the
    first sample, unbounded, the gyro's bias taken off; it drifts. NaN where it cannot be known: angles
    without a reference, heading without a gyro. With a gyro the direction is VQF's, causal; without, a
    centred 1-s mean.
    """

    time: Floats
    lean_deg: Floats
    side_deg: Floats
    inclination_deg: Floats
    heading_deg: Floats

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self.keys():
            raise KeyError(f"no column {name!r}; there are {', '.join(self.keys())}")
        column: NDArray[Any] = getattr(self, name)
        return column

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    @staticmethod
    def keys() -> tuple[str, ...]:
        """The names of the columns."""
        return ("time", "lean_deg", "side_deg", "inclination_deg", "heading_deg")


def detail(
    recording: Recording,
    rate_hz: float,
    calibration: Calibration | None,
    settings: AnalysisSettings,
    shift_s: int = 0,
) -> Detail:
    """Every usable sample of `recording`; shift_s is taken off its times."""
    gyro = recording.gyro_dps
    rows = Rows(
        recording.times,
        recording.acc_g.T,
        None if gyro is None else gyro.T,
        np.full(len(recording.times), rate_hz),
    )
    rows = usable(rows)
    n = len(rows)
    heading = np.full(n, np.nan)
    up = GravityFusion(settings.vqf_tau_acc_s, settings.gap_s).up(rows)
    if up is None or not np.isfinite(up).any():
        up = _centred(rows)
    elif rows.gyro_dps is not None:
        heading = heading_deg(rows.times, rows.acc_g.T, rows.gyro_dps.T, up.T, gap_s=settings.gap_s)
        up = np.where(np.isfinite(up), up, _centred(rows))
    unknown = np.full(n, np.nan)
    if calibration is None:
        lean = side = inclination = unknown
    else:
        body = angles.to_body(calibration, up)
        lean = angles.lean_deg(body)
        side = angles.side_deg(body, lean)
        inclination = angles.acos_deg(body[2])
    return Detail(rows.times - shift_s, lean, side, inclination, heading)


def _centred(rows: Rows) -> Floats:
    """(3, n) unit mean direction of the samples within half a window of each."""
    first = np.searchsorted(rows.times, rows.times - _WINDOW_S / 2, side="left")
    end = np.searchsorted(rows.times, rows.times + _WINDOW_S / 2, side="right")
    sums = np.zeros((3, len(rows) + 1))
    np.cumsum(rows.acc_g, axis=1, out=sums[:, 1:])
    return angles.unit(sums[:, end] - sums[:, first])
