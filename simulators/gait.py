"""What walking adds to the motion of a segment: swings at the stride, bounces at the step.

Shapes and sizes are of the textbook kind (Winter, Biomechanics and Motor Control of Human
Movement): trunk angles of 1 to 4 deg, a thigh that swings 20 to 25 deg to either side, vertical
acceleration at twice the stride with harmonics. What matters here is that the standard deviation
along the limb is 0.15 to 0.5 g at the thigh and above 0.1 g at the trunk (analysis.md, section 4).
"""

from dataclasses import dataclass

import numpy as np

from domain.samples import Floats
from simulators.anatomy import Anatomy
from simulators.wander import wander

GRAVITY_MS2 = 9.80665

_PHASE_STREAM = 11
_PHASE_WANDER_RAD = 0.12  # steps are not metronomes
_PHASE_PERIOD_S = 1.7


@dataclass(frozen=True, slots=True)
class GaitShape:
    """Sizes for one placement. Angles in deg about a mean of zero; accelerations in g.

    pitch_step_deg, pitch_stride_deg: lean at the step and at the stride. swings: the stride part is
    the leg's swing, scaled to the body's own. roll_deg, yaw_deg: at the stride. hip_lever: distance
    from the hip, downwards, as a share of stature; what the swing accelerates.
    """

    pitch_step_deg: float = 0.0
    pitch_stride_deg: float = 0.0
    swings: bool = False
    roll_deg: float = 0.0
    yaw_deg: float = 0.0
    vertical_g: float = 0.0
    fore_g: float = 0.0
    lateral_g: float = 0.0
    hip_lever: float = 0.0


@dataclass(slots=True)
class GaitMotion:
    """Additions for the walking samples: angles, their rates (deg/s; zero-length without a gyro's
    need), and accelerations along the segment's x and y, along the limb, and along the vertical."""

    pitch: Floats
    roll: Floats
    yaw: Floats
    pitch_rate: Floats
    roll_rate: Floats
    yaw_rate: Floats
    fore_g: Floats
    lateral_g: Floats
    along_g: Floats
    vertical_g: Floats


def gait_motion(
    anatomy: Anatomy,
    shape: GaitShape,
    times: Floats,
    since_s: Floats,
    cadence_hz: Floats,
    amount: Floats,
    amount_rate: Floats,
) -> GaitMotion:
    """The additions at `times` (n,), all walking. since_s: time since the walk began; amount: 0 to
    1, how much of a walk it is, and its rate per s."""
    noise, noise_rate = wander(times, anatomy.seed, _PHASE_STREAM, _PHASE_PERIOD_S)
    assert noise_rate is not None  # asked for
    turn = np.pi * cadence_hz  # stride, rad/s: two steps make one
    phase = turn * since_s + _PHASE_WANDER_RAD * noise
    speed = turn + _PHASE_WANDER_RAD * noise_rate
    sin1, cos1 = np.sin(phase), np.cos(phase)
    sin2, cos2 = 2.0 * sin1 * cos1, 1.0 - 2.0 * sin1 * sin1
    sin4, cos4 = 2.0 * sin2 * cos2, 1.0 - 2.0 * sin2 * sin2
    cos6 = cos4 * cos2 - sin4 * sin2

    swing = anatomy.swing_deg if shape.swings else 1.0
    stride_deg, step_deg = shape.pitch_stride_deg * swing, shape.pitch_step_deg
    pitch_wave = stride_deg * sin1 + step_deg * sin2
    pitch_wave_rate = (stride_deg * cos1 + 2.0 * step_deg * cos2) * speed
    bounce = amount * anatomy.bounce
    # An inverted pendulum: slowed while it rises over the standing leg, sped up while it falls off it.
    fore = -shape.fore_g * (sin2 + 0.3 * cos4)
    along: Floats = np.zeros_like(phase)
    if shape.hip_lever > 0.0:
        # A point below the hip: tangential and centripetal acceleration of the swing.
        lever = shape.hip_lever * anatomy.height_m / GRAVITY_MS2
        swing_rate = np.radians(pitch_wave_rate)
        swing_acc = np.radians(-(stride_deg * sin1 + 4.0 * step_deg * sin2)) * speed * speed
        fore = fore - lever * swing_acc * amount
        along = lever * swing_rate * swing_rate * amount
    return GaitMotion(
        pitch=amount * pitch_wave,
        roll=amount * shape.roll_deg * cos1,
        yaw=amount * shape.yaw_deg * sin1,
        pitch_rate=amount * pitch_wave_rate + amount_rate * pitch_wave,
        roll_rate=shape.roll_deg * (amount_rate * cos1 - amount * speed * sin1),
        yaw_rate=shape.yaw_deg * (amount_rate * sin1 + amount * speed * cos1),
        fore_g=fore * bounce,
        lateral_g=shape.lateral_g * cos1 * bounce,
        along_g=along,
        vertical_g=shape.vertical_g * (0.85 * cos2 + 0.35 * sin4 + 0.2 * cos6) * bounce,
    )
