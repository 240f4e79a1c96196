"""Poses that are held for a calibration, sensor by sensor: samples taken until there are enough."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from analysis.calibration import check_pose
from api.keeping import PoseTaken
from domain.errors import CalibrationRefused, ConflictError, InputError, RefusalReason
from domain.samples import Recording, SampleBlock

#: Seconds of samples that make a pose (evidence, section 3: 5 to 10 s).
POSE_S = 8.0
#: Wall seconds to wait for them.
POSE_PATIENCE_S = 15.0
#: Wall seconds that a pose waits for its second one; then the wearer sits otherwise.
POSE_KEPT_S = 600.0
POSES = ("upright", "slouch")


@dataclass(slots=True, eq=False)
class _Pose:
    """One pose under way or taken. over: it is; given_up: why, when that is not for enough samples."""

    since: float
    keeps_until: float
    blocks: list[SampleBlock] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    given_up: str | None = None

    @property
    def seconds(self) -> float:
        return span_s(self.blocks)

    @property
    def whole(self) -> bool:
        return self.seconds >= POSE_S

    def recording(self) -> Recording:
        return joined(self.blocks)


class Poses:
    """What is being held and what was; one pose of a sensor at a time.

    now: the service's Unix time, s, which runs `speed` times as fast as the wall.
    """

    def __init__(self, now: Callable[[], float], *, speed: float) -> None:
        self._now = now
        self._kept_s = POSE_KEPT_S * speed
        self._poses: dict[tuple[str, str], _Pose] = {}

    def take(self, block: SampleBlock) -> None:
        """Samples of any sensor. What was measured before a pose was asked for is not of it."""
        for (sensor, _), pose in self._poses.items():
            if sensor != block.sensor or pose.over.is_set() or block.times[0] < pose.since:
                continue
            pose.blocks.append(block)
            if pose.whole:
                pose.over.set()

    async def held(self, sensor_id: str, pose: str) -> PoseTaken:
        """Keep the next samples of the sensor as `pose`, one of POSES.

        It takes the place of one that is under way. Raises InputError, ConflictError when no samples come
        or it is given up, CalibrationRefused when they stop, and when they are no reference by themselves:
        then the pose is not kept.
        """
        if pose not in POSES:
            raise InputError(f"no pose {pose!r}; there are {', '.join(POSES)}")
        for each in POSES:
            self._give_up(sensor_id, each, "another pose was begun meanwhile")
        now = self._now()
        held = self._poses[sensor_id, pose] = _Pose(now, now + self._kept_s)
        try:
            async with asyncio.timeout(POSE_PATIENCE_S):
                await held.over.wait()
        except TimeoutError:
            if not held.blocks:
                raise ConflictError(
                    "no samples come from the sensor; wait until it streams"
                ) from None
            raise CalibrationRefused(
                RefusalReason.LINK_LOST,
                "The samples stopped coming. Move nearer and try again.",
                pose=pose,
            ) from None
        finally:
            if not held.whole and self._poses.get((sensor_id, pose)) is held:
                del self._poses[sensor_id, pose]
        if held.given_up is not None:
            raise ConflictError(held.given_up)
        try:
            check_pose(held.recording(), pose)
        except CalibrationRefused:
            self._poses.pop((sensor_id, pose), None)
            raise
        return PoseTaken(pose, held.seconds, held.keeps_until)

    def kept(self, sensor_id: str) -> tuple[Recording | None, ...]:
        """What there is of each of POSES, None where it is missing or too old."""
        now = self._now()
        poses = (self._poses.get((sensor_id, pose)) for pose in POSES)
        return tuple(
            pose.recording() if pose and pose.whole and pose.keeps_until >= now else None
            for pose in poses
        )

    def forget(self, sensor_id: str, why: str) -> None:
        """Drop the sensor's poses; who holds one is told `why`."""
        for pose in POSES:
            self._give_up(sensor_id, pose, why)
            self._poses.pop((sensor_id, pose), None)

    def _give_up(self, sensor_id: str, pose: str, why: str) -> None:
        held = self._poses.get((sensor_id, pose))
        if held is not None and not held.over.is_set():
            held.given_up = why
            held.over.set()


def span_s(blocks: list[SampleBlock]) -> float:
    """Seconds from the first sample to the last."""
    return float(blocks[-1].times[-1] - blocks[0].times[0]) if blocks else 0.0


def joined(blocks: list[SampleBlock]) -> Recording:
    """Blocks of one sensor, in order, as one recording; without a gyro when any block has none."""
    gyros = [block.gyro_dps for block in blocks if block.gyro_dps is not None]
    return Recording(
        np.concatenate([block.times for block in blocks]),
        np.concatenate([block.acc_g for block in blocks]),
        np.concatenate(gyros) if len(gyros) == len(blocks) else None,
    )
