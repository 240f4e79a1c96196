"""What a sensor's axes are worth: gain and offset as rest shows them."""

from dataclasses import dataclass

import numpy as np

from domain.samples import Floats

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Gains:
    """Acceleration in g is gain * sensor + offset_g, per axis of the sensor.

    gain_se, offset_se_g: standard errors. weak: axes whose gain is known to worse than 1 %: their
    fitted values serve angles, the factory's serve intensity. residual_g, residual_before_g: mean
    | |a| - 1 | of the windows at rest with and without. windows: how many. version counts from 1;
    since: Unix s from which it is in force.
    """

    version: int
    since: int
    gain: Triple
    offset_g: Triple
    gain_se: Triple
    offset_se_g: Triple
    weak: tuple[bool, bool, bool]
    residual_g: float
    residual_before_g: float
    windows: int

    def apply(self, acc_g: Floats, out: Floats) -> None:
        """Accelerations of (3, n) in `out`, for angles. For intensity an axis that is weak is as it came."""
        # Copied first, so that the arithmetic is on neighbours, whatever acc_g is a view of.
        np.copyto(out, acc_g)
        out *= np.array(self.gain)[:, None]
        out += np.array(self.offset_g)[:, None]
