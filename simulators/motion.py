"""The motion of one segment of a scripted body: attitude, rates and accelerations at given times."""

import numpy as np

from domain.samples import Floats
from simulators.anatomy import Anatomy
from simulators.gait import GRAVITY_MS2, gait_motion
from simulators.segments import Segment
from simulators.timeline import Timeline
from simulators.wander import wander

_PITCH_STREAM, _ROLL_STREAM, _YAW_STREAM = 1, 2, 3
_PITCH_PERIOD_S, _ROLL_PERIOD_S, _YAW_PERIOD_S = 1.3, 1.9, 2.6


def quiet_sway(
    anatomy: Anatomy, times: Floats, scale: float, *, rate: bool
) -> tuple[Floats, Floats | None]:
    """Quiet sway and breathing in pitch, deg, and its rate in deg/s."""
    value, value_rate = wander(times, anatomy.seed, _PITCH_STREAM, _PITCH_PERIOD_S, rate=rate)
    turns = anatomy.breath_hz * times
    phase = (turns - np.floor(turns)) * (2.0 * np.pi)
    sway = scale * (anatomy.sway_deg * value + anatomy.breath_deg * np.sin(phase))
    if value_rate is None:
        return sway, None
    breath_rate = anatomy.breath_deg * (2.0 * np.pi * anatomy.breath_hz) * np.cos(phase)
    return sway, scale * (anatomy.sway_deg * value_rate + breath_rate)


def move_segment(
    anatomy: Anatomy,
    segment: Segment,
    timeline: Timeline,
    times: Floats,
    acc: Floats,
    gyro: Floats | None,
) -> None:
    """Fill `acc` (n, 3) and `gyro` (n, 3) for a segment.

    Attitude: Rz(yaw) Rx(roll) Ry(pitch), so that lean = atan2(-u_x, u_z) is the pitch and
    side = asin(u_y) the roll, exactly, where u is up in the segment's axes.
    """
    at = timeline.ease(times)
    zero: Floats = np.zeros(len(times))
    with_rate = gyro is not None
    presence = timeline.value(segment.presence, at)
    presence_rate = timeline.rate(segment.presence, at) if with_rate else zero

    pitch, pitch_rate = zero, zero
    fore_g, along_g = zero, zero
    if segment.pitch is not None:
        pitch = timeline.value(segment.pitch, at)
        pitch_rate = timeline.rate(segment.pitch, at)
        lever = segment.lever * anatomy.height_m / GRAVITY_MS2
        if lever > 0.0:
            turning = np.radians(pitch_rate)
            fore_g = lever * np.radians(timeline.acceleration(segment.pitch, at))
            along_g = -lever * turning * turning
    sway, sway_rate = quiet_sway(anatomy, times, segment.sway, rate=with_rate)
    pitch = pitch + presence * sway
    if sway_rate is not None:
        pitch_rate = pitch_rate + presence * sway_rate + presence_rate * sway

    tilt, tilt_rate = wander(times, anatomy.seed, _ROLL_STREAM, _ROLL_PERIOD_S, rate=with_rate)
    roll_sway = 0.6 * segment.sway * anatomy.sway_deg
    roll = roll_sway * presence * tilt
    if segment.roll is not None:
        roll = roll + timeline.value(segment.roll, at)
    roll_rate, yaw_rate = zero, zero
    if tilt_rate is not None:
        roll_rate = roll_sway * (presence * tilt_rate + presence_rate * tilt)
        if segment.roll is not None:
            roll_rate = roll_rate + timeline.rate(segment.roll, at)
        turned, turned_rate = wander(times, anatomy.seed, _YAW_STREAM, _YAW_PERIOD_S)
        assert turned_rate is not None  # asked for
        yaw_rate = roll_sway * (presence * turned_rate + presence_rate * turned)
        for name in segment.yaw:
            yaw_rate = yaw_rate + timeline.rate(name, at)

    vertical_g = timeline.acceleration("height_m", at) / GRAVITY_MS2 if segment.rises else zero
    lateral_g = zero
    amount = timeline.value("gait", at)
    walking = np.flatnonzero(amount > 0.0)
    if len(walking):
        row = at.row[walking]
        steps = gait_motion(
            anatomy,
            segment.gait,
            times[walking],
            times[walking] - timeline.began[row],
            timeline.cadence_hz[row],
            amount[walking],
            timeline.rate("gait", at)[walking],
        )
        fore_g, lateral_g = fore_g.copy(), lateral_g.copy()
        along_g, vertical_g = along_g.copy(), vertical_g.copy()
        roll_rate, yaw_rate = roll_rate.copy(), yaw_rate.copy()
        pitch_rate = pitch_rate.copy()
        for total, more in (
            (pitch, steps.pitch),
            (roll, steps.roll),
            (pitch_rate, steps.pitch_rate),
            (roll_rate, steps.roll_rate),
            (yaw_rate, steps.yaw_rate),
            (fore_g, steps.fore_g),
            (lateral_g, steps.lateral_g),
            (along_g, steps.along_g),
            (vertical_g, steps.vertical_g),
        ):
            total[walking] += more

    turns = anatomy.tremor_hz * times
    shake = np.sin((turns - np.floor(turns)) * (2.0 * np.pi)) * (anatomy.tremor_g * presence)
    pitch_rad, roll_rad = np.radians(pitch), np.radians(roll)
    sin_p, cos_p = np.sin(pitch_rad), np.cos(pitch_rad)
    sin_r, cos_r = np.sin(roll_rad), np.cos(roll_rad)
    lift = 1.0 + vertical_g
    upright = cos_r * lift
    acc[:, 0] = fore_g + shake - upright * sin_p
    acc[:, 1] = lateral_g + 0.5 * shake + sin_r * lift
    acc[:, 2] = along_g + 0.3 * shake + upright * cos_p
    if gyro is not None:
        about = yaw_rate * cos_r
        gyro[:, 0] = roll_rate * cos_p - about * sin_p
        gyro[:, 1] = pitch_rate + yaw_rate * sin_r
        gyro[:, 2] = roll_rate * sin_p + about * cos_p
