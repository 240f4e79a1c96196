"""Sensors as they come and go while the service runs: found, paired, moved, shown, calibrated, unpaired."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.calibration import calibrate
from api.keeping import PairingRequest, PoseTaken
from collector.collector import Collector
from collector.discovery import Discovery, FoundDevice
from collector.drivers.contract import Advertisement, Driver
from collector.drivers.registry import Drivers, driver_factory
from domain.errors import CalibrationRefused, ConflictError, InputError, NotFoundError
from domain.people import Calibration, Sensor, Wearer
from domain.placement import KNOWLEDGE, Placement
from domain.samples import Recording, SampleBlock
from service.writer import StoreWriter
from storage.contract import Store

#: Wall seconds. A device that was not heard for so long is not shown any more.
FOUND_FOR_S = 60.0
#: Wall seconds of one pose (evidence, section 3: 5 to 10 s), and how long to wait for them.
POSE_S = 8.0
POSE_PATIENCE_S = 15.0
#: How long a pose waits for its second one; then the wearer sits otherwise.
POSE_KEPT_S = 600.0
POSES = ("upright", "slouch")

Worn = Callable[[Sequence[Sensor], Mapping[str, Calibration]], None]


@dataclass(slots=True)
class _Pose:
    """One pose under way or taken: blocks until `done`, which the last of them sets."""

    blocks: list[SampleBlock] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    keeps_until: float = 0.0

    def take(self, block: SampleBlock) -> None:
        self.blocks.append(block)
        if self.seconds >= POSE_S:
            self.done.set()

    @property
    def seconds(self) -> float:
        return float(self.blocks[-1].times[-1] - self.blocks[0].times[0]) if self.blocks else 0.0

    def recording(self) -> Recording:
        gyros = [block.gyro_dps for block in self.blocks if block.gyro_dps is not None]
        return Recording(
            np.concatenate([block.times for block in self.blocks]),
            np.concatenate([block.acc_g for block in self.blocks]),
            np.concatenate(gyros) if len(gyros) == len(self.blocks) else None,
        )


class Pairing:
    """Implements api.keeping.SensorKeeper. One change at a time; each is in the store before it shows.

    now: the service's Unix time, s. on_worn: told the sensors and the calibrations in force after
    every change. `hear` takes every advertisement, `take` every block.
    """

    def __init__(
        self,
        *,
        store: Store,
        writer: StoreWriter,
        collector: Collector,
        now: Callable[[], float],
        drivers: Drivers,
        wearers: Sequence[Wearer],
        sensors: Sequence[Sensor],
        calibrations: Mapping[str, Calibration],
        on_worn: Worn,
    ) -> None:
        self._store = store
        self._writer = writer
        self._collector = collector
        self._now = now
        self._drivers = drivers
        self._wearers = {wearer.id for wearer in wearers}
        self._sensors = {sensor.id: sensor for sensor in sensors}
        self._calibrations = dict(calibrations)
        self._on_worn = on_worn
        self._discovery = Discovery(drivers.all)
        self._poses: dict[tuple[str, str], _Pose] = {}
        self._lock = asyncio.Lock()

    def hear(self, advertisement: Advertisement) -> None:
        """Something is on the air."""
        self._discovery.hear(advertisement)

    def take(self, block: SampleBlock) -> None:
        """Samples of a paired sensor, for the pose that is being held."""
        for (sensor, _), pose in self._poses.items():
            if sensor == block.sensor and not pose.done.is_set():
                pose.take(block)

    def drivers(self) -> Sequence[type[Driver]]:
        """See the contract."""
        return self._drivers.all

    def sensors(self) -> Sequence[Sensor]:
        """All that are paired."""
        return tuple(self._sensors.values())

    def sensor(self, sensor_id: str) -> Sensor:
        """See the contract."""
        return self._sensor(sensor_id)

    def calibration(self, sensor_id: str) -> Calibration | None:
        """See the contract."""
        self._sensor(sensor_id)
        return self._calibrations.get(sensor_id)

    def found(self) -> Sequence[FoundDevice]:
        """See the contract."""
        return self._discovery.devices(since=self._now() - FOUND_FOR_S)

    async def pair(self, request: PairingRequest) -> Sensor:
        """See the contract."""
        async with self._lock:
            sensor = self._wanted(request)
            self._check_place(sensor)
            driver_factory(self._drivers.named(sensor.driver), sensor.id, sensor.key_hex)
            await self._writer.change(
                lambda: self._store.put_sensor(sensor, since=sensor.paired_at)
            )
            self._sensors[sensor.id] = sensor
            self._collector.add(sensor)
            self._tell()
            return sensor

    async def change(
        self,
        sensor_id: str,
        *,
        name: str | None = None,
        wearer: str | None = None,
        placement: Placement | None = None,
    ) -> Sensor:
        """See the contract."""
        async with self._lock:
            before = self._sensor(sensor_id)
            after = replace(
                before,
                name=before.name if name is None else name,
                wearer=before.wearer if wearer is None else wearer,
                placement=before.placement if placement is None else placement,
            )
            if after == before:
                return before
            self._check_place(after)
            now = self._now()
            await self._writer.change(lambda: self._store.put_sensor(after, since=now))
            self._sensors[sensor_id] = after
            if (after.wearer, after.placement) != (before.wearer, before.placement):
                self._calibrations.pop(sensor_id, None)
                self._forget_poses(sensor_id)
            self._tell()
            return after

    async def unpair(self, sensor_id: str) -> None:
        """See the contract."""
        async with self._lock:
            self._sensor(sensor_id)
            now = self._now()
            await self._writer.change(lambda: self._store.remove_sensor(sensor_id, now=now))
            del self._sensors[sensor_id]
            self._calibrations.pop(sensor_id, None)
            self._forget_poses(sensor_id)
            self._tell()
            await self._collector.remove(sensor_id)

    async def identify(self, sensor_id: str) -> None:
        """See the contract."""
        self._sensor(sensor_id)
        await self._collector.identify(sensor_id)

    async def take_pose(self, sensor_id: str, pose: str) -> PoseTaken:
        """See the contract."""
        self._sensor(sensor_id)
        if pose not in POSES:
            raise InputError(f"no pose {pose!r}; there are {', '.join(POSES)}")
        taken = self._poses[sensor_id, pose] = _Pose(keeps_until=self._now() + POSE_KEPT_S)
        try:
            async with asyncio.timeout(POSE_PATIENCE_S):
                await taken.done.wait()
        except TimeoutError:
            self._poses.pop((sensor_id, pose), None)
            if not taken.blocks:
                raise ConflictError(
                    "no samples come from the sensor; wait until it streams"
                ) from None
            raise CalibrationRefused(
                "link_lost", "The samples stopped coming. Move nearer and try again.", pose=pose
            ) from None
        return PoseTaken(pose, taken.seconds, taken.keeps_until)

    async def calibrate(self, sensor_id: str) -> Calibration:
        """See the contract."""
        async with self._lock:
            sensor, now = self._sensor(sensor_id), self._now()
            upright, slouch = (self._kept(sensor_id, pose, now) for pose in POSES)
            if upright is None:
                raise ConflictError("take the upright pose first: it is the reference")
            trunk = KNOWLEDGE[sensor.placement].trunk
            calibration = calibrate(
                upright,
                slouch if trunk else None,
                sensor=sensor.id,
                placement=sensor.placement,
                made_at=now,
            )
            await self._writer.change(lambda: self._store.add_calibration(calibration))
            self._calibrations[sensor_id] = calibration
            self._forget_poses(sensor_id)
            self._tell()
            return calibration

    def _wanted(self, request: PairingRequest) -> Sensor:
        heard = next(
            (d for d in self._discovery.devices() if d.address.upper() == request.address.upper()),
            None,
        )
        if heard is None and request.driver is None:
            raise NotFoundError("sensor on the air at", request.address)
        address = request.address if heard is None else heard.address
        driver = request.driver or (heard.driver if heard is not None else None)
        if driver is None:
            raise NotFoundError("driver for", (heard.name if heard else None) or address)
        self._drivers.named(driver)
        return Sensor(
            id=address,
            driver=driver,
            name=request.name or (heard.name if heard else None) or address,
            wearer=request.wearer,
            placement=request.placement,
            paired_at=self._now(),
            key_hex=request.key_hex,
        )

    def _check_place(self, wanted: Sensor) -> None:
        if wanted.wearer not in self._wearers:
            raise NotFoundError("wearer", wanted.wearer)
        check_place(wanted, self.sensors())

    def _kept(self, sensor_id: str, pose: str, now: float) -> Recording | None:
        taken = self._poses.get((sensor_id, pose))
        if taken is None or not taken.done.is_set() or taken.keeps_until < now:
            return None
        return taken.recording()

    def _forget_poses(self, sensor_id: str) -> None:
        for pose in POSES:
            self._poses.pop((sensor_id, pose), None)

    def _sensor(self, sensor_id: str) -> Sensor:
        if sensor_id not in self._sensors:
            raise NotFoundError("sensor", sensor_id)
        return self._sensors[sensor_id]

    def _tell(self) -> None:
        self._on_worn(self.sensors(), self._calibrations)


def check_place(wanted: Sensor, sensors: Sequence[Sensor]) -> None:
    """A sensor is worn by one person at one place, and a place of a person holds one sensor.

    sensors: all that are paired; one with the id and the `paired_at` of `wanted` is `wanted` before it
    moves. Raises ConflictError.
    """
    for sensor in sensors:
        if sensor.id == wanted.id:
            if sensor.paired_at == wanted.paired_at:
                continue
            raise ConflictError(
                f"{sensor.name} is paired already, worn by {sensor.wearer} at the "
                f"{sensor.placement.words}; move or unpair it"
            )
        if (sensor.wearer, sensor.placement) == (wanted.wearer, wanted.placement):
            raise ConflictError(
                f"{sensor.name} is worn at the {sensor.placement.words} by {sensor.wearer} "
                "already; unpair or move it first"
            )
