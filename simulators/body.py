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
from simulators.keyframes import Keyframe, keyframes
from simulators.motion import move_segment, quiet_sway
from simulators.script import Act, ActKind, Script
from simulators.segments import SEGMENTS
from simulators.timeline import Timeline

#: Share of the own upright-to-slouch range beyond which the truth says slouching (evidence, section 2).
SLOUCH_SHARE = 0.6

_CHUNK = 16384  # samples worked on at once: what fits the second-level cache
_TRUTH_HZ = 8  # points in a second over which truth is the mean


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
            move_segment(
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
            activity[rows] = self._timeline(times).activity_at(part + 0.5)
            angles[:, rows] = self.angles_deg(times).reshape(3, -1, _TRUTH_HZ).mean(axis=2)
        angles[:, activity == Activity.NOT_WORN] = np.nan
        slouching = (activity == Activity.SITTING) & (angles[0] > self.slouch_limit_deg)
        return Truth(seconds, activity, angles[0], angles[1], angles[2], slouching)

    def angles_deg(self, times: Floats) -> Floats:
        """(3, n) lean, side and twist of the trunk at Unix `times` (n,), worn or not; signs as in Truth."""
        timeline = self._timeline(times)
        eased = timeline.ease(times)
        sway, _ = quiet_sway(self.anatomy, times, 1.0, rate=False)
        out = np.array([timeline.value(name, eased) for name in ("lean", "side", "twist")])
        out[0] += timeline.value("sway", eased) * sway
        return out

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
