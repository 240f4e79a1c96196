"""How sure an angle is beyond a limit, given how sure the reference and the sensor are."""

import math

from analysis.first_pass import AUTOMATIC_SIGMA_DEG
from analysis.track import Mounted
from domain.people import ReferenceMethod

#: Lean error of a second's mean with and without gyro fusion (trunk_optical), deg.
FUSED_SIGMA_DEG, PLAIN_SIGMA_DEG = 1.1, 5.0


def sigma_deg(reference_sigma_deg: float, *, fused: bool) -> float:
    """Standard error of a second's lean over the reference, deg; of the reference alone and of the sensor."""
    return math.hypot(reference_sigma_deg, FUSED_SIGMA_DEG if fused else PLAIN_SIGMA_DEG)


def sure_beyond(angle_deg: float, limit_deg: float, error_deg: float) -> float:
    """Probability that an angle measured with a standard error of `error_deg` is beyond the limit."""
    if not error_deg > 0.0:
        return float(angle_deg >= limit_deg)
    return 0.5 * (1.0 + math.erf((angle_deg - limit_deg) / (error_deg * math.sqrt(2.0))))


def reference(mounted: Mounted | None) -> tuple[str, float]:
    """Placement and standard error, deg, of the reference of the sensor that gives the lean; NaN where
    there is none.

    A sensor without one may learn it while it is worn; its lean is unknown until then, and after that
    as sure as what walking shows.
    """
    if mounted is None:
        return "", math.nan
    calibration = mounted.calibration
    if calibration is None:
        return mounted.placement.value, AUTOMATIC_SIGMA_DEG
    if calibration.method is ReferenceMethod.NONE:
        return "", math.nan
    return mounted.placement.value, calibration.sigma_deg
