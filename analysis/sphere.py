"""Gain and offset of an accelerometer from its rests: whatever the direction, |a| is 1 g.

Gauss-Newton on the sphere with a prior, so that directions that were never seen stay as the factory
made them (analysis.md, section 1). A closest-point iteration without a prior leaves several times the error.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from domain.samples import Floats

#: What a window's |a| is off by noise, and where Huber's loss turns linear, in sigmas.
SIGMA_G: Final = 0.002
HUBER_SIGMAS: Final = 2.0
#: What the factory leaves: standard deviations of gain and offset.
PRIOR_GAIN: Final = 0.02
PRIOR_OFFSET_G: Final = 0.05
ITERATIONS: Final = 5
#: A gain known to worse than this is weak; a fit that leaves more than this is none.
WEAK_SE: Final = 0.01
ACCEPTED_G: Final = 0.010


@dataclass(frozen=True, slots=True, eq=False)
class SphereFit:
    """gain, offset_g (3,) and their standard errors; mean | |a| - 1 | with and without them.

    accepted: it leaves less than 10 mg, and less than there was.
    """

    gain: Floats
    offset_g: Floats
    gain_se: Floats
    offset_se_g: Floats
    residual_g: float
    residual_before_g: float

    @property
    def accepted(self) -> bool:
        """Whether it may be used."""
        return self.residual_g < ACCEPTED_G and self.residual_g < self.residual_before_g


def fit(points_g: Floats) -> SphereFit:
    """The fit to mean accelerations at rest, (n, 3) g, of which each stands for a direction of its own."""
    prior = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    information = np.array([PRIOR_GAIN**-2] * 3 + [PRIOR_OFFSET_G**-2] * 3)
    values = prior.copy()
    hessian = np.diag(information)
    for _ in range(ITERATIONS):
        error, slopes = _errors(points_g, values)
        sigmas = np.abs(error) / SIGMA_G
        weight = np.minimum(1.0, HUBER_SIGMAS / np.maximum(sigmas, 1e-12)) / SIGMA_G**2
        weighted = slopes * weight[:, None]
        # Sums along axis 0 add row by row: no BLAS, whose order would depend on the machine's mood.
        hessian = np.add.reduce(weighted[:, :, None] * slopes[:, None, :], axis=0)
        hessian += np.diag(information)
        slope = np.add.reduce(weighted * error[:, None], axis=0) + information * (values - prior)
        values = values - np.linalg.solve(hessian, slope)
    spread = np.sqrt(np.diag(np.linalg.inv(hessian)))
    after, before = _errors(points_g, values)[0], _errors(points_g, prior)[0]
    return SphereFit(
        gain=values[:3],
        offset_g=values[3:],
        gain_se=spread[:3],
        offset_se_g=spread[3:],
        residual_g=float(np.mean(np.abs(after))),
        residual_before_g=float(np.mean(np.abs(before))),
    )


def _errors(points_g: Floats, values: Floats) -> tuple[Floats, Floats]:
    """|g x + o| - 1 of each point, (n,), and its slopes along the six values, (n, 6)."""
    moved = points_g * values[:3] + values[3:]
    square = moved * moved
    length = np.sqrt(square[:, 0] + square[:, 1] + square[:, 2])
    along = moved / length[:, None]
    return length - 1.0, np.concatenate([along * points_g, along], axis=1)
