"""Sensors that come and go while the service runs, over a real store and a collector that obeys."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from api.keeping import PairingRequest
from collector.drivers.bthome import BTHomeDriver
from collector.drivers.contract import Advertisement
from collector.drivers.registry import known_drivers
from domain.errors import (
    CalibrationRefused,
    ConflictError,
    InputError,
    NotFoundError,
)
from domain.people import (
    Assignment,
    Calibration,
    ReferenceMethod,
    Sensor,
    Wearer,
    calibration_in_force,
)
from domain.placement import Placement
from domain.samples import SampleBlock
from service import poses as poses_module
from service.pairing import FOUND_FOR_S, Pairing
from service.poses import POSE_KEPT_S
from service.writer import StoreWriter
from storage.sqlite import SqliteStore

T0 = 1_795_342_200.0
ADA, BOB = Wearer("ada", "Ada", "UTC"), Wearer("bob", "Bob", "UTC")
STRAP = "A0:9E:1A:00:00:01"


@dataclass
class Obedient:
    """A collector that notes what it is told."""

    sensors: list[str] = field(default_factory=list)
    identified: list[str] = field(default_factory=list)

    def add(self, sensor: Sensor) -> None:
        self.sensors.append(sensor.id)

    async def remove(self, sensor_id: str) -> None:
        self.sensors.remove(sensor_id)

    async def identify(self, sensor_id: str) -> None:
        self.identified.append(sensor_id)


class Bench:
    """A pairing with a clock that is set by hand."""

    def __init__(self, store: SqliteStore) -> None:
        self.now = T0
        self.store = store
        self.collector = Obedient()
        self.worn: list[tuple[list[Sensor], dict[str, Calibration]]] = []
        self.writer = StoreWriter(store, now=lambda: self.now, states=dict)
        self.pairing = self.opened()

    def opened(self) -> Pairing:
        return Pairing(
            store=self.store,
            writer=self.writer,
            collector=self.collector,  # type: ignore[arg-type]  # obeys as the real one does
            now=lambda: self.now,
            drivers=known_drivers(),
            wearers=(ADA, BOB),
            sensors=self.store.sensors(),
            calibrations={},
            on_worn=self._on_worn,
        )

    def _on_worn(self, sensors: Sequence[Sensor], calibrations: Mapping[str, Calibration]) -> None:
        self.worn.append((list(sensors), dict(calibrations)))

    def hear(self, address: str = STRAP, name: str = "Polar H10 12345678") -> None:
        self.pairing.hear(
            Advertisement(address, name, -60, self.now, manufacturer_data={0x006B: b"\x00"})
        )

    async def pair(self, placement: Placement = Placement.STERNUM, **words: str) -> Sensor:
        request = {"address": STRAP, "wearer": "ada", "placement": placement, **words}
        return await self.pairing.pair(PairingRequest(**request))  # type: ignore[arg-type]  # by word

    async def hold(self, pose: str, up: Sequence[float], seconds: int = 9) -> None:
        """Hold a pose while samples of it come."""
        taking = asyncio.create_task(self.pairing.take_pose(STRAP, pose))
        await asyncio.sleep(0)
        rng = np.random.default_rng(1)
        for second in range(seconds):
            times = self.now + second + np.arange(50) / 50
            acc_g = np.tile(np.array(up) / np.linalg.norm(up), (50, 1))
            self.pairing.take(
                SampleBlock(STRAP, times, acc_g + rng.normal(0, 0.002, (50, 3)), None, 50.0)
            )
        self.now += seconds
        await taking


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    with SqliteStore(tmp_path / "sitwell.db") as store:
        for wearer in (ADA, BOB):
            store.put_wearer(wearer)
        bench = Bench(store)
        yield bench
        await bench.writer.close()


async def test_a_sensor_that_is_heard_is_paired_read_stored_and_worn(bench: Bench) -> None:
    bench.hear()
    sensor = await bench.pair(name="Strap")
    assert (sensor.driver, sensor.name, sensor.paired_at) == ("polar", "Strap", T0)
    assert bench.collector.sensors == [STRAP]
    assert bench.store.sensors() == [sensor]
    assert bench.worn[-1] == ([sensor], {})
    (assignment,) = bench.store.assignments(STRAP)
    assert (assignment.wearer, assignment.placement, assignment.since) == (
        "ada",
        Placement.STERNUM,
        T0,
    )


async def test_one_that_is_not_heard_is_paired_only_with_its_driver_named(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="on the air"):
        await bench.pair()
    sensor = await bench.pair(driver="polar")
    assert sensor.name == STRAP


async def test_what_nobody_can_read_is_refused(bench: Bench) -> None:
    bench.pairing.hear(Advertisement(STRAP, "Toaster", -60, T0))
    with pytest.raises(NotFoundError, match="driver for 'Toaster'"):
        await bench.pair()
    with pytest.raises(NotFoundError, match="driver 'toaster'"):
        await bench.pair(driver="toaster")
    assert bench.store.sensors() == []


async def test_what_is_on_the_air_is_forgotten_when_it_falls_silent(bench: Bench) -> None:
    bench.hear()
    assert [device.address for device in bench.pairing.found()] == [STRAP]
    bench.now += FOUND_FOR_S + 1
    assert bench.pairing.found() == []


async def test_a_sensor_belongs_to_one_wearer_and_a_place_holds_one_sensor(bench: Bench) -> None:
    bench.hear()
    await bench.pair()
    bench.now += 1
    with pytest.raises(ConflictError, match="paired already, worn by ada at the sternum"):
        await bench.pair(wearer="bob")
    with pytest.raises(ConflictError, match="is worn at the sternum by ada already"):
        await bench.pair(address="A0:00:00:00:00:02", driver="polar")
    with pytest.raises(NotFoundError, match="wearer 'eve'"):
        await bench.pair(address="A0:00:00:00:00:02", driver="polar", wearer="eve")
    assert bench.collector.sensors == [STRAP]


async def test_moving_keeps_the_history_and_leaves_the_calibration_behind(bench: Bench) -> None:
    bench.hear()
    await bench.pair()
    await bench.hold("upright", (0, 0, 1))
    await bench.pairing.calibrate(STRAP)
    bench.now += 3600
    moved = await bench.pairing.change(STRAP, placement=Placement.UPPER_BACK, wearer="bob")
    assert bench.worn[-1] == ([moved], {})
    newest, oldest = bench.store.assignments(STRAP)
    assert (newest.wearer, newest.placement, newest.until) == ("bob", Placement.UPPER_BACK, None)
    assert oldest.until == newest.since == bench.now
    renamed = await bench.pairing.change(STRAP, name="Blue one")
    assert len(bench.store.assignments(STRAP)) == 2
    assert bench.store.sensors() == [renamed]


async def test_unpairing_stops_reading_and_keeps_what_was(bench: Bench) -> None:
    bench.hear()
    await bench.pair()
    bench.now += 60
    await bench.pairing.unpair(STRAP)
    assert bench.collector.sensors == []
    assert bench.store.sensors() == []
    assert bench.store.assignments(STRAP)[0].until == bench.now
    assert bench.worn[-1] == ([], {})
    with pytest.raises(NotFoundError):
        await bench.pairing.unpair(STRAP)
    assert await bench.pair()  # and it may come back


async def test_two_poses_calibrate_at_once_and_for_the_next_start(bench: Bench) -> None:
    bench.hear()
    await bench.pair()
    await bench.hold("upright", (0.1, 0, 1))
    await bench.hold("slouch", (-0.3, 0, 1))
    calibration = await bench.pairing.calibrate(STRAP)
    assert calibration.method is ReferenceMethod.TWO_POSES
    assert calibration.slouch_deg == pytest.approx(22.4, abs=0.5)
    assert bench.worn[-1][1] == {STRAP: calibration}
    assert bench.store.calibrations(STRAP) == [calibration]
    with pytest.raises(ConflictError, match="upright pose first"):
        await bench.pairing.calibrate(STRAP)  # the poses are used up


async def test_a_slouch_alone_or_an_old_pose_is_no_reference(bench: Bench) -> None:
    bench.hear()
    await bench.pair()
    await bench.hold("slouch", (-0.3, 0, 1))
    with pytest.raises(ConflictError, match="upright pose first"):
        await bench.pairing.calibrate(STRAP)
    await bench.hold("upright", (0, 0, 1))
    bench.now += POSE_KEPT_S + 1
    with pytest.raises(ConflictError, match="upright pose first"):
        await bench.pairing.calibrate(STRAP)


async def test_a_pose_without_samples_or_with_too_few_is_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poses_module, "POSE_PATIENCE_S", 0.05)
    bench.hear()
    await bench.pair()
    with pytest.raises(ConflictError, match="no samples come"):
        await bench.pairing.take_pose(STRAP, "upright")
    with pytest.raises(CalibrationRefused, match="Move nearer"):
        await bench.hold("upright", (0, 0, 1), seconds=3)
    with pytest.raises(InputError, match="no pose 'yoga'"):
        await bench.pairing.take_pose(STRAP, "yoga")


async def test_a_sensor_is_asked_to_show_itself(bench: Bench) -> None:
    bench.hear()
    await bench.pair()
    await bench.pairing.identify(STRAP)
    assert bench.collector.identified == [STRAP]
    with pytest.raises(NotFoundError):
        await bench.pairing.identify("nobody")


async def test_a_key_is_checked_before_anything_is_stored(bench: Bench) -> None:
    bench.hear()
    with pytest.raises(InputError, match="takes no key"):
        await bench.pair(key_hex="00")
    with pytest.raises(InputError):
        await bench.pair(address="A0:00:00:00:00:02", driver=BTHomeDriver.name, key_hex="00")
    assert bench.store.sensors() == []


def made(placement: Placement, made_at: float) -> Calibration:
    identity = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    return Calibration(STRAP, placement, made_at, ReferenceMethod.ONE_POSE, identity, None, 3.0)


def test_a_calibration_holds_for_the_wearer_and_the_place_it_was_made_for() -> None:
    sensor = Sensor(STRAP, "polar", "Strap", "ada", Placement.STERNUM, T0)
    now = Assignment(STRAP, "ada", Placement.STERNUM, T0 + 100)
    before = Assignment(STRAP, "bob", Placement.STERNUM, T0, T0 + 100)
    bobs, adas = made(Placement.STERNUM, T0 + 50), made(Placement.STERNUM, T0 + 150)
    back = made(Placement.UPPER_BACK, T0 + 170)
    assert calibration_in_force([adas, bobs], [now, before], sensor) == adas
    assert calibration_in_force([bobs], [now, before], sensor) is None
    assert calibration_in_force([back, adas], [now, before], sensor) == adas
    assert calibration_in_force([bobs], [], sensor) == bobs
