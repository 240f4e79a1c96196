"""Sensors that come and go while the service runs, over a real store and a collector that obeys."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.keeping import Deafness, PairingRequest
from collector.drivers.bthome import BTHomeDriver
from collector.drivers.contract import Advertisement
from collector.drivers.registry import known_drivers
from domain.errors import (
    CalibrationRefused,
    ConflictError,
    InputError,
    LinkError,
    NotFoundError,
    RadioUnavailableError,
    StoreUnavailableError,
)
from domain.link import LinkReason
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
from service import writer as writer_module
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
    radio_error: LinkError | None = None

    def add(self, sensor: Sensor) -> None:
        if sensor.id in self.sensors:
            raise ConflictError(f"sensor {sensor.id} is there already")
        self.sensors.append(sensor.id)

    async def remove(self, sensor_id: str) -> None:
        self.sensors.remove(sensor_id)

    async def identify(self, sensor_id: str) -> None:
        self.identified.append(sensor_id)


class SickStore(SqliteStore):
    """A real store that refuses changes of sensors while `refuses`, and makes them wait for `gate`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.refuses = False
        self.asked = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def _ask(self) -> None:
        self.asked.set()
        self.gate.wait(60)
        if self.refuses:
            raise StoreUnavailableError("the disk is full")

    def put_sensor(self, sensor: Sensor, *, since: float | None = None) -> None:
        self._ask()
        super().put_sensor(sensor, since=since)

    def remove_sensor(self, sensor_id: str, *, now: float) -> None:
        self._ask()
        super().remove_sensor(sensor_id, now=now)

    def add_calibration(self, calibration: Calibration) -> None:
        self._ask()
        super().add_calibration(calibration)


class Bench:
    """A pairing with a clock that is set by hand."""

    def __init__(self, store: SickStore) -> None:
        self.now = T0
        self.store = store
        self.collector = Obedient()
        self.worn: list[tuple[list[Sensor], dict[str, Calibration]]] = []
        self.writer = StoreWriter(store, now=lambda: self.now, states=dict)
        self.pairing = self.opened()

    def opened(self, **words: Any) -> Pairing:
        return Pairing(
            store=self.store,
            writer=self.writer,
            collector=self.collector,  # type: ignore[arg-type]  # obeys as the real one does
            now=lambda: self.now,
            drivers=known_drivers(),
            wearers=(ADA.id, BOB.id),
            sensors=self.store.sensors(),
            calibrations={},
            on_worn=self._on_worn,
            **words,
        )

    def agrees(self) -> bool:
        """Whether store, collector and those who measure know the same sensors."""
        stored = [sensor.id for sensor in self.store.sensors()]
        worn = [sensor.id for sensor in self.worn[-1][0]] if self.worn else []
        known = [sensor.id for sensor in self.pairing.sensors()]
        return stored == sorted(self.collector.sensors) == sorted(worn) == sorted(known)

    def _on_worn(self, sensors: Sequence[Sensor], calibrations: Mapping[str, Calibration]) -> None:
        self.worn.append((list(sensors), dict(calibrations)))

    def hear(self, address: str = STRAP, name: str = "Polar H10 12345678") -> None:
        self.pairing.hear(
            Advertisement(address, name, -60, self.now, manufacturer_data={0x006B: b"\x00"})
        )

    async def pair(self, placement: Placement = Placement.STERNUM, **words: str) -> Sensor:
        request = {"address": STRAP, "wearer": "ada", "placement": placement, **words}
        return await self.pairing.pair(PairingRequest(**request))  # type: ignore[arg-type]  # by word

    async def hold(
        self, pose: str, up: Sequence[float], seconds: int = 9, sway_g: float = 0.002
    ) -> None:
        """Hold a pose while samples of it come."""
        taking = asyncio.create_task(self.pairing.take_pose(STRAP, pose))
        await asyncio.sleep(0)
        rng = np.random.default_rng(1)
        for second in range(seconds):
            times = self.now + second + np.arange(50) / 50
            acc_g = np.tile(np.array(up) / np.linalg.norm(up), (50, 1))
            self.pairing.take(
                SampleBlock(STRAP, times, acc_g + rng.normal(0, sway_g, (50, 3)), None, 50.0)
            )
        self.now += seconds
        await taking


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    with SickStore(tmp_path / "sitwell.db") as store:
        for wearer in (ADA, BOB):
            store.put_wearer(wearer)
        bench = Bench(store)
        yield bench
        store.gate.set()
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


async def test_a_pose_in_which_the_wearer_moved_is_refused_at_once_and_not_kept(
    bench: Bench,
) -> None:
    bench.hear()
    await bench.pair()
    await bench.hold("upright", (0.1, 0, 1))
    with pytest.raises(CalibrationRefused, match="You moved during the slouch") as refused:
        await bench.hold("slouch", (-0.3, 0, 1), sway_g=0.1)
    assert (refused.value.reason, refused.value.pose) == ("moved", "slouch")
    await bench.hold("slouch", (-0.3, 0, 1))
    assert (await bench.pairing.calibrate(STRAP)).method is ReferenceMethod.TWO_POSES


async def test_without_a_radio_it_is_said_why_nothing_is_heard(bench: Bench) -> None:
    assert bench.pairing.deafness() is None
    bench.collector.radio_error = RadioUnavailableError("powered_off", "Bluetooth is off.\nhci0")
    assert bench.pairing.deafness() == Deafness(LinkReason.RADIO_OFF, "Bluetooth is off.")


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


async def test_of_two_who_ask_in_the_same_moment_one_pairs_it(bench: Bench) -> None:
    bench.hear()
    asked = [bench.pair(), bench.pair(wearer="bob"), bench.pair(Placement.WAIST)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    paired = [each for each in answers if isinstance(each, Sensor)]
    assert len(paired) == 1
    assert [type(each) for each in answers].count(ConflictError) == 2
    assert bench.store.sensors() == paired
    assert bench.agrees()


@pytest.mark.parametrize("what", ["pair", "unpair", "move"])
async def test_a_change_is_done_whole_when_whoever_asked_goes_away(bench: Bench, what: str) -> None:
    bench.hear()
    if what != "pair":
        await bench.pair()
    bench.now += 1
    bench.store.gate.clear()
    bench.store.asked.clear()
    wishes: dict[str, Callable[[], Awaitable[object]]] = {
        "pair": bench.pair,
        "unpair": lambda: bench.pairing.unpair(STRAP),
        "move": lambda: bench.pairing.change(STRAP, placement=Placement.WAIST),
    }
    asking = asyncio.ensure_future(wishes[what]())
    assert await asyncio.to_thread(bench.store.asked.wait, 60)
    asking.cancel()
    await asyncio.wait({asking})
    assert asking.cancelled()
    bench.store.gate.set()
    await bench.pairing.close()
    assert bench.agrees()
    sensors = bench.pairing.sensors()
    assert len(sensors) == (what != "unpair")
    assert bench.store.sensors() == list(sensors)
    if what == "move":
        assert sensors[0].placement is Placement.WAIST


async def test_what_the_store_refuses_changes_nothing_and_may_be_tried_again(bench: Bench) -> None:
    bench.hear()
    bench.store.refuses = True
    with pytest.raises(StoreUnavailableError):
        await bench.pair()
    assert bench.agrees()
    bench.store.refuses = False
    before = await bench.pair()
    await bench.hold("upright", (0, 0, 1))
    bench.store.refuses = True
    with pytest.raises(StoreUnavailableError):
        await bench.pairing.change(STRAP, placement=Placement.WAIST)
    with pytest.raises(StoreUnavailableError):
        await bench.pairing.calibrate(STRAP)
    with pytest.raises(StoreUnavailableError):
        await bench.pairing.unpair(STRAP)
    assert bench.pairing.sensors() == (before,)
    assert bench.pairing.calibration(STRAP) is None
    assert bench.agrees()
    bench.store.refuses = False
    assert await bench.pairing.calibrate(STRAP)  # the pose was kept
    await bench.pairing.unpair(STRAP)
    assert bench.agrees()


async def test_a_store_that_does_not_answer_is_told_and_what_it_did_all_the_same_is_no_hindrance(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.hear()
    await bench.pair()
    monkeypatch.setattr(writer_module, "WRITE_TIMEOUT_S", 0.05)
    bench.store.gate.clear()
    with pytest.raises(StoreUnavailableError, match="has not answered"):
        await bench.pairing.unpair(STRAP)
    bench.store.gate.set()
    monkeypatch.setattr(writer_module, "WRITE_TIMEOUT_S", 10.0)
    await bench.pairing.unpair(STRAP)
    assert bench.agrees()
    assert bench.pairing.sensors() == ()


async def test_a_pose_begun_anew_takes_the_place_of_the_one_under_way(bench: Bench) -> None:
    bench.hear()
    await bench.pair()
    first = asyncio.create_task(bench.pairing.take_pose(STRAP, "upright"))
    await asyncio.sleep(0)
    await bench.hold("upright", (0, 0, 1))
    with pytest.raises(ConflictError, match="begun meanwhile"):
        await first
    assert await bench.pairing.calibrate(STRAP)


async def test_a_pose_begins_with_what_is_measured_after_it_was_asked_for(bench: Bench) -> None:
    bench.hear()
    await bench.pair()
    taking = asyncio.create_task(bench.pairing.take_pose(STRAP, "upright"))
    await asyncio.sleep(0)
    late = np.tile((1.0, 0.0, 0.0), (75, 1))  # from before, still under way
    bench.pairing.take(SampleBlock(STRAP, bench.now - 1.5 + np.arange(75) / 50, late, None, 50.0))
    for second in range(9):
        times = bench.now + second + np.arange(50) / 50
        acc_g = np.tile((0.0, 0.0, 1.0), (50, 1))
        bench.pairing.take(SampleBlock(STRAP, times, acc_g, None, 50.0))
    await taking
    assert (await bench.pairing.calibrate(STRAP)).rotation[2] == pytest.approx((0, 0, 1))


@pytest.mark.parametrize("what", ["unpair", "move", "end"])
async def test_who_holds_a_pose_is_told_at_once_that_it_is_for_nothing(
    bench: Bench, what: str
) -> None:
    bench.hear()
    await bench.pair()
    holding = asyncio.create_task(bench.pairing.take_pose(STRAP, "upright"))
    await asyncio.sleep(0)
    if what == "unpair":
        await bench.pairing.unpair(STRAP)
    elif what == "move":
        await bench.pairing.change(STRAP, placement=Placement.WAIST)
    else:
        await bench.pairing.close()
    with pytest.raises(ConflictError):
        await asyncio.wait_for(holding, 30)


async def test_a_service_that_stops_takes_no_wishes(bench: Bench) -> None:
    bench.hear()
    await bench.pairing.close()
    for wish in (bench.pair(), bench.pairing.unpair(STRAP), bench.pairing.calibrate(STRAP)):
        with pytest.raises(ConflictError, match="stopping"):
            await wish


async def test_what_the_configuration_file_names_is_changed_there_alone(bench: Bench) -> None:
    bench.hear()
    await bench.pair(name="Strap")
    bench.pairing = bench.opened(fixed=[STRAP])
    for change in ({"name": "Blue"}, {"wearer": "bob"}, {"placement": Placement.WAIST}):
        with pytest.raises(ConflictError, match="Strap is in the configuration file"):
            await bench.pairing.change(STRAP, **change)
    with pytest.raises(ConflictError, match="Strap is in the configuration file"):
        await bench.pairing.unpair(STRAP)
    await bench.pairing.change(STRAP, name="Strap")  # as it is
    await bench.hold("upright", (0, 0, 1))
    assert await bench.pairing.calibrate(STRAP)
    assert [sensor.name for sensor in bench.store.sensors()] == ["Strap"]


async def test_what_is_paired_in_made_up_air_is_made_up(bench: Bench) -> None:
    bench.pairing = bench.opened(simulated=True)
    bench.hear()
    assert (await bench.pair()).simulated
    assert bench.store.sensors()[0].simulated


async def test_time_that_runs_faster_does_not_shorten_what_is_meant_in_seconds_of_the_wall(
    bench: Bench,
) -> None:
    bench.pairing = bench.opened(speed=60.0)
    bench.hear()
    bench.now += 59 * FOUND_FOR_S
    assert bench.pairing.found()
    await bench.pair()
    await bench.hold("upright", (0, 0, 1))
    bench.now += 59 * POSE_KEPT_S
    assert await bench.pairing.calibrate(STRAP)


async def test_an_address_means_the_same_sensor_in_small_letters(bench: Bench) -> None:
    bench.hear()
    await bench.pair(address=STRAP.lower())
    bench.pairing = bench.opened()  # which has not heard it yet
    with pytest.raises(ConflictError, match="paired already"):
        await bench.pair(Placement.WAIST, address=STRAP.lower(), driver="polar")
    other = await bench.pair(Placement.WAIST, address="a0:00:00:00:00:0f", driver="polar")
    assert other.id == "A0:00:00:00:00:0F"


@pytest.mark.parametrize("name", ["   ", "a\x1b[2Jb", "two\nlines", "\u202egnorw", "x" * 65])
async def test_a_name_that_cannot_be_shown_is_refused(bench: Bench, name: str) -> None:
    bench.hear()
    with pytest.raises(InputError, match="characters that can be shown"):
        await bench.pair(name=name)
    await bench.pair(name=" Strap ")
    with pytest.raises(InputError, match="characters that can be shown"):
        await bench.pairing.change(STRAP, name=name)
    assert bench.store.sensors()[0].name == "Strap"


async def test_a_name_from_the_air_steers_no_terminal(bench: Bench) -> None:
    bench.hear(name="Polar H10 \x1b]0;you\x07" + "x" * 300)
    (found,) = bench.pairing.found()
    assert found.name is not None
    assert found.name.isprintable()
    assert (await bench.pair()).name == found.name


def test_where_the_file_moved_or_lent_a_sensor_no_old_calibration_is_in_force() -> None:
    sensor = Sensor(STRAP, "polar", "Strap", "ada", Placement.STERNUM, T0)
    mine = made(Placement.STERNUM, T0 + 50)
    lent = Assignment(STRAP, "bob", Placement.STERNUM, T0 + 100)
    moved = Assignment(STRAP, "ada", Placement.WAIST, T0 + 100)
    first = Assignment(STRAP, "ada", Placement.STERNUM, T0, T0 + 100)
    for newest in (lent, moved):
        assert calibration_in_force([mine], [newest, first], sensor) is None
    assert calibration_in_force([mine], [first], sensor) is None, "it was unpaired meanwhile"
