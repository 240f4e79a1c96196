"""Lean and side ten times a second, as samples come: for a figure that moves with its wearer.

Nothing is judged by these and nothing keeps them: a second is judged once, a second and more later
(`pipeline`). They are measured from the same reference with the same gains, so that the figure and the
frame agree once the wearer is still. With a gyro the direction is VQF's; without one the mean of a tenth
and the two before it, a low-pass of about 1.5 Hz as that of `tenths`, and a tenth of a second late.
"""

from dataclasses import dataclass

import numpy as np

from analysis import lean as angles
from analysis.cut import SUB_BLOCKS, Rows, counts_of, starts_of, usable
from analysis.fusion import GravityFusion
from analysis.settings import AnalysisSettings
from domain.gains import Gains
from domain.people import Calibration
from domain.samples import Floats, SampleBlock

#: Tenths before a tenth that count in it where there is no gyro.
_BEFORE = 2


@dataclass(frozen=True, slots=True)
class LeanBy:
    """The sensor that gives a wearer's lean now, what its angles are measured from, and what its axes are
    worth; None where that is not known."""

    sensor: str
    reference: Calibration
    gains: Gains | None


@dataclass(frozen=True, slots=True, eq=False)
class Angles:
    """(k,) tenths of a second that hold samples. times: Unix s, the mean of their samples'. lean_deg and
    side_deg: as in the frames, the side NaN where the lean is large."""

    times: Floats
    lean_deg: Floats
    side_deg: Floats


class Glance:
    """Follows one sensor; its first tenths are good at once, since at rest gravity is all there is."""

    def __init__(self, settings: AnalysisSettings) -> None:
        self._gap_s = settings.gap_s
        self._fusion = GravityFusion(settings.vqf_tau_acc_s, settings.gap_s)
        self._before: Floats = np.empty((3, 0))
        self._last_time = -np.inf

    def see(self, block: SampleBlock, by: LeanBy) -> Angles:
        """The tenths of the next block of `by.sensor`."""
        gyro = block.gyro_dps
        rows = usable(
            Rows(
                block.times,
                block.acc_g.T,
                None if gyro is None else gyro.T,
                np.full(len(block.times), block.rate_hz),
            ),
            by.gains,
        )
        if not len(rows):
            return Angles(*np.empty((3, 0)))
        fused = self._fusion.up(rows)
        starts = starts_of(np.floor(rows.times * SUB_BLOCKS))
        count = counts_of(starts, len(rows))
        times = np.add.reduceat(rows.times - rows.times[0], starts) / count + rows.times[0]
        if fused is not None and np.isfinite(fused).all():
            means = np.add.reduceat(fused, starts, axis=1) / count
            self._before = np.empty((3, 0))
        else:
            means = self._smoothed(np.add.reduceat(rows.acc_g, starts, axis=1) / count, rows.times)
        self._last_time = float(rows.times[-1])
        body = angles.to_body(by.reference, angles.unit(means))
        lean = angles.lean_deg(body)
        return Angles(times, lean, angles.side_deg(body, lean))

    def _smoothed(self, means: Floats, times: Floats) -> Floats:
        """(3, k) running means of the accelerations of tenths; what was before a hole does not count."""
        if times[0] - self._last_time > self._gap_s:
            self._before = np.empty((3, 0))
        k = means.shape[1]
        known = np.concatenate([self._before, means], axis=1)
        self._before = known[:, -_BEFORE:]
        sums = np.concatenate([np.zeros((3, 1)), np.cumsum(known, axis=1)], axis=1)
        end = np.arange(known.shape[1] - k, known.shape[1]) + 1
        start = np.maximum(end - 1 - _BEFORE, 0)
        smoothed: Floats = (sums[:, end] - sums[:, start]) / (end - start)
        return smoothed
