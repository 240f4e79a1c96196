"""Who the simulated person is: lengths, habits, gait, all drawn from one seed."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Anatomy:
    """One person. Angles in the convention of the body frame: forward and right are positive.

    height_m: stature. slouch_deg: lean of the natural slouch over upright (casa_slouch: 14.8 +- 6.7,
    evidence section 1). sit_lean_deg: where the trunk rests when sitting well. stand_lean_deg,
    walk_lean_deg: the same on the feet. pelvis_sit_deg: how far the pelvis tips back on a chair.
    thigh_sit_deg: thigh from vertical on a chair. cadence_hz: steps per s. swing_deg: thigh swing to
    either side. bounce: scale of the accelerations of gait. shift_s: mean time between fidgets.
    sway_deg: standard deviation of quiet sway. breath_hz, breath_deg: breathing as the trunk shows
    it. tremor_hz, tremor_g: physiological tremor. rise_s: time of a sit-to-stand, rise_lean_deg its
    forward excursion (30-45 deg in 1.5-3 s; our own judgement).
    """

    seed: int
    height_m: float
    slouch_deg: float
    sit_lean_deg: float
    stand_lean_deg: float
    walk_lean_deg: float
    pelvis_sit_deg: float
    thigh_sit_deg: float
    cadence_hz: float
    swing_deg: float
    bounce: float
    shift_s: float
    sway_deg: float
    breath_hz: float
    breath_deg: float
    tremor_hz: float
    tremor_g: float
    rise_s: float
    rise_lean_deg: float

    @property
    def rise_m(self) -> float:
        """How far the pelvis rises from chair to standing: about 0.24 of stature."""
        return 0.24 * self.height_m

    @classmethod
    def of(cls, seed: int) -> "Anatomy":
        """The person of `seed` (not negative)."""
        draw = np.random.default_rng((seed, 0xB0D1))

        def between(low: float, high: float) -> float:
            return float(draw.uniform(low, high))

        height_m = between(1.55, 1.95)
        slouch_deg = between(13.0, 24.0)
        return cls(
            seed=seed,
            height_m=height_m,
            slouch_deg=slouch_deg,
            sit_lean_deg=between(-1.5, 0.15 * slouch_deg),
            stand_lean_deg=between(0.5, 5.0),
            walk_lean_deg=between(3.0, 8.0),
            pelvis_sit_deg=between(20.0, 30.0),
            thigh_sit_deg=between(80.0, 89.0),
            # Taller people step more slowly.
            cadence_hz=between(1.75, 1.95) + 0.5 * (1.75 - height_m),
            swing_deg=between(20.0, 25.0),
            bounce=between(0.85, 1.15),
            shift_s=between(90.0, 200.0),
            sway_deg=between(0.25, 0.5),
            breath_hz=between(0.2, 0.3),
            breath_deg=between(0.15, 0.35),
            tremor_hz=between(5.5, 9.0),
            tremor_g=between(0.0008, 0.0025),
            rise_s=between(1.7, 2.8),
            rise_lean_deg=between(31.0, 44.0),
        )
