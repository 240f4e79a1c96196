"""A person as a function of time: what sensors on their body feel, and what is true of them.

A body can be scripted (here) or recorded (`simulators/recorded.py`); sensors see no difference.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.placement import Placement
from domain.posture import Activity
from domain.samples import Floats
from simulators.anatomy import Anatomy
from simulators.gait import GRAVITY_MS2, gait_motion
from simulators.keyframes import Keyframe, keyframes
from simulators.script import Act, ActKind, Script
from simulators.segments import SEGMENTS, Segment
from simulators.timeline import Timeline
from simulators.wander import wander

#: Share of the own upright-to-slouch range beyond which the truth says slouching (evidence, section 2).
SLOUCH_SHARE = 0.6

_CHUNK = 16384  # samples worked on at once: what fits the second-level cache
_TRUTH_HZ = 8  # points in a second over which truth is the mean
_PITCH_STREAM, _ROLL_STREAM, _YAW_STREAM = 1, 2, 3
_PITCH_PERIOD_S, _ROLL_PERIOD_S, _YAW_PERIOD_S = 1.3, 1.9, 2.6


class Pose(StrEnum):
    """Postures held for a calibration."""

    UPRIGHT = "upright"
    SLOUCH = "slouch"
    STANDING = "standing"


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is so in each second [time, time + 1): columns of length n.

    times: int64 Unix s. activity: domain.posture.Activity. lean_deg (forward positive), side_deg
    (right positive), twist_deg (trunk against pelvis, left positive): means over the second, of the
    trunk, over upright; NaN where the sensors are not worn or it is not known. slouching: sitting
    with a lean beyond 60 % of the body's own range.
    """

    times: NDArray[np.int64]
    activity: NDArray[np.uint8]
    lean_deg: Floats
    side_deg: Floats
    twist_deg: Floats
    slouching: NDArray[np.bool_]


class Body(Protocol):
    """A person whose motion can be asked for at any time, in any order and any portion.

    slouch_deg: how far the own slouch leans over upright, None when it is not known.
    """

    @property
    def slouch_deg(self) -> float | None:
        """How far the own slouch leans over upright."""
        ...

    def motion(
        self, placement: Placement, times: Floats, *, gyro: bool = True
    ) -> tuple[Floats, Floats | None]:
        """True specific force (n, 3) in g (at rest +1 along up) and angular rate (n, 3) in deg/s at
        Unix `times` (n,), in the frame of the segment at `placement`: x forward, y left, z up along
        the segment. The rate is None without `gyro` or where the body does not know it. The same
        times give the same bits, however they are portioned. Raises NotFoundError when the body has
        nothing at `placement`."""
        ...

    def worn(self, times: Floats) -> tuple[Floats, Floats]:
        """1 where the sensors are worn, 0 where they lie on a table, smooth between; and its rate
        per s. On a table `motion` has the segment's x axis exactly vertical."""
        ...

    def truth(self, start: float, end: float) -> Truth:
        """What is so in every whole second that lies in [start, end)."""
        ...

    def finished(self, time: float) -> bool:
        """Whether the body has nothing new to show from `time` on."""
        ...


class ScriptedBody:
    """The person of `anatomy` acting out `script`. Immutable; safe to share."""

    def __init__(self, anatomy: Anatomy, script: Script) -> None:
        self.anatomy = anatomy
        self.script = script
        # Both are pure functions of their arguments; kept because neighbouring chunks share them.
        self._act_frames = lru_cache(maxsize=256)(self._make_act_frames)
        self._acts_timeline = lru_cache(maxsize=16)(self._make_timeline)

    @classmethod
    def of(cls, seed: int, script: Script) -> "ScriptedBody":
        """The person of `seed` acting out `script`."""
        return cls(Anatomy.of(seed), script)

    @property
    def slouch_deg(self) -> float:
        """How far the own slouch leans over upright."""
        return self.anatomy.slouch_deg

    @property
    def slouch_limit_deg(self) -> float:
        """The lean beyond which the truth says slouching."""
        return SLOUCH_SHARE * self.anatomy.slouch_deg

    def held(self, pose: Pose) -> "ScriptedBody":
        """The same person holding `pose` at all times, as for a calibration."""
        kind = ActKind.STANDING if pose is Pose.STANDING else ActKind.SITTING
        depth = 1.0 if pose is Pose.SLOUCH else 0.0
        act = Act(kind, 0.0, 3600.0, depth=depth, still=True)
        return ScriptedBody(self.anatomy, Script((act,)))

    def finished(self, time: float) -> bool:
        """Never: a script repeats or holds."""
        return False

    def motion(
        self, placement: Placement, times: Floats, *, gyro: bool = True
    ) -> tuple[Floats, Floats | None]:
        """See Body."""
        times = np.ascontiguousarray(times, dtype=np.float64)
        segment = SEGMENTS[placement]
        acc = np.empty((len(times), 3))
        rate = np.empty((len(times), 3)) if gyro else None
        for first in range(0, len(times), _CHUNK):
            rows = slice(first, first + _CHUNK)
            part = times[rows]
            frames = self._timeline(part)
            _move(
                self.anatomy,
                segment,
                frames,
                part,
                acc[rows],
                None if rate is None else rate[rows],
            )
        return acc, rate

    def worn(self, times: Floats) -> tuple[Floats, Floats]:
        """See Body."""
        timeline = self._timeline(times)
        if timeline.constant("worn") == 1.0:
            return np.ones(len(times)), np.zeros(len(times))
        at = timeline.ease(times)
        return timeline.value("worn", at), timeline.rate("worn", at)

    def truth(self, start: float, end: float) -> Truth:
        """See Body."""
        seconds = np.arange(np.ceil(start), np.floor(end), dtype=np.int64)
        activity = np.empty(len(seconds), dtype=np.uint8)
        angles = np.empty((3, len(seconds)))
        step = _CHUNK // _TRUTH_HZ
        offsets = (np.arange(_TRUTH_HZ) + 0.5) / _TRUTH_HZ
        for first in range(0, len(seconds), step):
            rows = slice(first, first + step)
            part = seconds[rows].astype(np.float64)
            times = (part[:, None] + offsets).ravel()
            timeline = self._timeline(times)
            activity[rows] = timeline.activity_at(part + 0.5)
            eased = timeline.ease(times)
            sway, _ = _sway(self.anatomy, times, 1.0, rate=False)
            for row, name in enumerate(("lean", "side", "twist")):
                values = timeline.value(name, eased)
                if name == "lean":
                    values = values + timeline.value("sway", eased) * sway
                angles[row, rows] = values.reshape(-1, _TRUTH_HZ).mean(axis=1)
        angles[:, activity == Activity.NOT_WORN] = np.nan
        slouching = (activity == Activity.SITTING) & (angles[0] > self.slouch_limit_deg)
        return Truth(seconds, activity, angles[0], angles[1], angles[2], slouching)

    def _timeline(self, times: Floats) -> Timeline:
        first = self.script.number_at(float(times.min())) if len(times) else 0
        last = self.script.number_at(float(times.max())) if len(times) else 0
        return self._acts_timeline(first, last)

    def _make_timeline(self, first: int, last: int) -> Timeline:
        """The keyframes of the acts `first` to `last`, from the end of the one before.

        What lies between two keyframes does not depend on which other acts are looked at, because
        every act's last keyframe is at its end.
        """
        frames: list[Keyframe] = list(self._act_frames(first - 1)[-1:])
        for number in range(first, last + 1):
            frames.extend(self._act_frames(number))
        if len(frames) == 1:
            frames.append(frames[0]._replace(time=frames[0].time + 1.0))
        return Timeline(frames)

    def _make_act_frames(self, number: int) -> tuple[Keyframe, ...]:
        act, before = self.script.act(number), self.script.act(number - 1)
        if act is None:
            return ()
        return keyframes(self.anatomy, act, None if before is None else before.kind)


def _sway(
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


def _move(
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
    sway, sway_rate = _sway(anatomy, times, segment.sway, rate=with_rate)
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
