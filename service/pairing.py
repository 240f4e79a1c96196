"""Sensors as they come and go while the service runs: found, paired, moved, shown, calibrated, unpaired."""

import contextlib
from collections.abc import Callable, Collection, Container, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any

from analysis.calibration import calibrate
from api.keeping import Deafness, PairingRequest, PoseTaken
from api.principal import acting
from collector.discovery import LONGEST_NAME, Discovery, FoundDevice
from collector.drivers.contract import Advertisement, Driver
from collector.drivers.registry import Drivers, driver_factory
from domain.errors import ConflictError, InputError, NotFoundError, first_line
from domain.people import Calibration, Sensor
from domain.placement import KNOWLEDGE, Placement
from domain.samples import SampleBlock
from service.airs import Airs
from service.auditing import about_sensor
from service.made_up import check_nothing_real, check_unmixed, is_made_up
from service.poses import Poses
from service.turns import Result, Turns
from service.writer import StoreWriter
from storage.contract import Store

#: Wall seconds. A device that was not heard for so long is not shown any more.
FOUND_FOR_S = 60.0
_STOPPING = "the service is stopping"

Worn = Callable[[Sequence[Sensor], Mapping[str, Calibration]], None]


class Pairing:
    """Implements api.keeping.SensorKeeper. One change at a time; each is in the store before it shows.

    A change that was begun is done to its end, also when whoever asked for it goes away meanwhile.
    now: the service's Unix time, s; it runs `speed` times as fast as the wall. simulated: whether what
    is on the air is made up. fixed: ids of sensors that the configuration file describes, which has
    the last word on them. wearers: ids of those there are, which may change. on_worn: told the sensors
    and the calibrations in force after every change. `hear` takes every advertisement, `take` every
    block.
    """

    def __init__(
        self,
        *,
        store: Store,
        writer: StoreWriter,
        collector: Airs,
        now: Callable[[], float],
        drivers: Drivers,
        wearers: Container[str],
        sensors: Sequence[Sensor],
        calibrations: Mapping[str, Calibration],
        on_worn: Worn,
        speed: float = 1.0,
        simulated: bool = False,
        fixed: Collection[str] = (),
    ) -> None:
        self._store = store
        self._writer = writer
        self._collector = collector
        self._now = now
        self._drivers = drivers
        self._wearers = wearers
        self._sensors = {sensor.id: sensor for sensor in sensors}
        self._calibrations = dict(calibrations)
        self._on_worn = on_worn
        self._found_for_s = FOUND_FOR_S * speed
        self._simulated = simulated
        self._fixed = frozenset(fixed)
        self._discovery = Discovery(drivers.all)
        self._poses = Poses(now, speed=speed)
        self._turns = Turns("pairing")
        self._closed = False

    def hear(self, advertisement: Advertisement) -> None:
        """Something is on the air."""
        self._discovery.hear(advertisement)

    def take(self, block: SampleBlock) -> None:
        """Samples of a paired sensor, for the pose that is being held."""
        self._poses.take(block)

    async def close(self) -> None:
        """Finish what is under way and refuse whatever comes; poses that are being held are given up."""
        self._closed = True
        for sensor_id in self._sensors:
            self._poses.forget(sensor_id, _STOPPING)
        await self._turns.finish()

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
        return self._discovery.devices(since=self._now() - self._found_for_s)

    def deafness(self) -> Deafness | None:
        """See the contract."""
        error = self._collector.radio_error
        return None if error is None else Deafness(error.link_reason, first_line(error))

    async def pair(self, request: PairingRequest) -> Sensor:
        """See the contract."""
        return await self._whole(self._pair(request))

    async def change(
        self,
        sensor_id: str,
        *,
        name: str | None = None,
        wearer: str | None = None,
        placement: Placement | None = None,
    ) -> Sensor:
        """See the contract."""
        return await self._whole(self._change(sensor_id, name, wearer, placement))

    async def simulate(self, wearer: str, placements: Sequence[Placement]) -> Sequence[Sensor]:
        """See the contract."""
        return await self._whole(self._simulate(wearer, placements))

    async def unpair(self, sensor_id: str) -> None:
        """See the contract."""
        await self._whole(self._unpair(sensor_id))

    async def identify(self, sensor_id: str) -> None:
        """See the contract."""
        self._sensor(sensor_id)
        await self._collector.identify(sensor_id)

    async def take_pose(self, sensor_id: str, pose: str) -> PoseTaken:
        """See the contract."""
        self._sensor(sensor_id)
        if self._closed:
            raise ConflictError(_STOPPING)
        return await self._poses.held(sensor_id, pose)

    async def calibrate(self, sensor_id: str) -> Calibration:
        """See the contract."""
        return await self._whole(self._calibrate(sensor_id))

    async def _pair(self, request: PairingRequest) -> Sensor:
        sensor = self._wanted(request)
        self._check_place(sensor)
        driver_factory(self._drivers.named(sensor.driver), sensor.id, sensor.key_hex)
        await self._keep(
            "pair", sensor, lambda: self._store.put_sensor(sensor, since=sensor.paired_at)
        )
        self._sensors[sensor.id] = sensor
        self._collector.add(sensor)
        self._tell()
        return sensor

    async def _simulate(self, wearer: str, placements: Sequence[Placement]) -> Sequence[Sensor]:
        if self._simulated:
            raise ConflictError("all that is on the air here is simulated: pair one of it")
        if wearer not in self._wearers:
            raise NotFoundError("wearer", wearer)
        await self._writer.change(lambda: check_nothing_real(self._store, wearer))
        made = [await self._collector.made_up(wearer, each) for each in placements]
        for sensor, _ in made:
            self._check_place(sensor)
        for sensor, calibration in made:

            def keep(sensor: Sensor = sensor, calibration: Calibration = calibration) -> None:
                self._store.put_sensor(sensor, since=sensor.paired_at)
                self._store.add_calibration(calibration)

            await self._keep("simulate", sensor, keep)
            self._sensors[sensor.id] = sensor
            self._calibrations[sensor.id] = calibration
        self._tell()
        for sensor, _ in made:
            await self._collector.put_on(sensor)
        return [sensor for sensor, _ in made]

    async def _change(
        self,
        sensor_id: str,
        name: str | None,
        wearer: str | None,
        placement: Placement | None,
    ) -> Sensor:
        before = self._sensor(sensor_id)
        after = replace(
            before,
            name=before.name if name is None else checked_name(name),
            wearer=before.wearer if wearer is None else wearer,
            placement=before.placement if placement is None else placement,
        )
        if after == before:
            return before
        self._check_free(before)
        if is_made_up(sensor_id) and replace(after, name=before.name) != before:
            raise ConflictError(
                f"{before.name} is simulated and stays where it is: unpair it, and start others"
            )
        self._check_place(after, before)
        now = self._now()
        await self._keep("change", after, lambda: self._store.put_sensor(after, since=now))
        self._sensors[sensor_id] = after
        if (after.wearer, after.placement) != (before.wearer, before.placement):
            self._calibrations.pop(sensor_id, None)
            self._poses.forget(
                sensor_id, f"{after.name} is worn otherwise now; hold the pose again"
            )
        self._tell()
        return after

    async def _unpair(self, sensor_id: str) -> None:
        sensor = self._sensor(sensor_id)
        self._check_free(sensor)
        now = self._now()

        def remove() -> None:
            with contextlib.suppress(NotFoundError):  # removed by a try that was taken for failed
                self._store.remove_sensor(sensor_id, now=now)

        await self._keep("unpair", sensor, remove)
        del self._sensors[sensor_id]
        self._calibrations.pop(sensor_id, None)
        self._poses.forget(sensor_id, f"{sensor.name} is unpaired")
        self._tell()
        await self._collector.remove(sensor_id)

    async def _calibrate(self, sensor_id: str) -> Calibration:
        sensor = self._sensor(sensor_id)
        upright, slouch = self._poses.kept(sensor_id)
        if upright is None:
            raise ConflictError("take the upright pose first: it is the reference")
        calibration = calibrate(
            upright,
            slouch if KNOWLEDGE[sensor.placement].trunk else None,
            sensor=sensor.id,
            placement=sensor.placement,
            made_at=self._now(),
        )
        await self._keep("calibrate", sensor, lambda: self._store.add_calibration(calibration))
        self._calibrations[sensor_id] = calibration
        self._poses.forget(sensor_id, "calibrated meanwhile; hold the pose again")
        self._tell()
        return calibration

    async def _keep(self, what: str, sensor: Sensor, work: Callable[[], object]) -> None:
        """Do `work` on the store, and note who wanted it."""
        entry = about_sensor(self._now(), acting.get(), what, sensor)

        def both() -> None:
            work()
            self._store.add_audit(entry)

        await self._writer.change(both)

    async def _whole(self, change: Coroutine[Any, Any, Result]) -> Result:
        """Do `change` after those under way, and to its end even when the caller is cancelled."""
        if self._closed:
            change.close()
            raise ConflictError(_STOPPING)
        return await self._turns.whole(change)

    def _wanted(self, request: PairingRequest) -> Sensor:
        heard = next(
            (d for d in self._discovery.devices() if d.address.upper() == request.address.upper()),
            None,
        )
        if heard is None and request.driver is None:
            raise NotFoundError("sensor on the air at", request.address)
        # Every radio gives addresses, and identifiers in their stead, in capitals.
        address = request.address.upper() if heard is None else heard.address
        driver = request.driver or (heard.driver if heard is not None else None)
        if driver is None:
            raise NotFoundError("driver for", (heard.name if heard else None) or address)
        self._drivers.named(driver)
        if is_made_up(address) and not self._simulated:
            raise InputError("this is a simulated sensor: POST /api/v1/sensors/simulated starts it")
        return Sensor(
            id=address,
            driver=driver,
            name=checked_name(request.name or (heard.name if heard else None) or address),
            wearer=request.wearer,
            placement=request.placement,
            paired_at=self._now(),
            simulated=self._simulated,
            key_hex=request.key_hex,
        )

    def _check_place(self, wanted: Sensor, before: Sensor | None = None) -> None:
        if wanted.wearer not in self._wearers:
            raise NotFoundError("wearer", wanted.wearer)
        others = [each for each in self.sensors() if each is not before]
        check_unmixed(wanted, others)
        check_place(wanted, others)

    def _check_free(self, sensor: Sensor) -> None:
        if sensor.id in self._fixed:
            raise ConflictError(
                f"{sensor.name} is in the configuration file, which has the last word on it: change "
                "it there and start Sitwell again"
            )

    def _sensor(self, sensor_id: str) -> Sensor:
        if sensor_id not in self._sensors:
            raise NotFoundError("sensor", sensor_id)
        return self._sensors[sensor_id]

    def _tell(self) -> None:
        self._on_worn(self.sensors(), self._calibrations)


def check_place(wanted: Sensor, others: Sequence[Sensor]) -> None:
    """A sensor is worn by one person at one place, and a place of a person holds one sensor.

    others: all that are paired, but for `wanted` as it was before it moves. Raises ConflictError.
    """
    for sensor in others:
        if sensor.id == wanted.id:
            raise ConflictError(
                f"{sensor.name} is paired already, worn by {sensor.wearer} at the "
                f"{sensor.placement.words}; move or unpair it"
            )
        if (sensor.wearer, sensor.placement) == (wanted.wearer, wanted.placement):
            raise ConflictError(
                f"{sensor.name} is worn at the {sensor.placement.words} by {sensor.wearer} "
                "already; unpair or move it first"
            )


def checked_name(name: str) -> str:
    """A name for a sensor, without blanks around it. Raises InputError for one that cannot be shown."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError(f"a sensor's name is 1 to {LONGEST_NAME} characters that can be shown")
    return name
