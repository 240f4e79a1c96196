import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from bleak import BleakClient

from collector.drivers.contract import (
    BATTERY_LEVEL,
    AdvertisedData,
    Sent,
    manufacturer_channel,
)
from domain.samples import Floats
from simulators.battery import Battery
from simulators.faults import Fault, FaultKind, FaultPlan
from simulators.ledger import Fate
from simulators.peripheral import Peripheral
from simulators.radio import BumbleClient, BumbleWorld
from tests.simulators.conftest import (
    ADDRESS,
    CONTROL,
    DATA,
    FastClock,
    PlainEncoder,
    Ramp,
    decode_plain,
    find,
    index_of,
    scanning,
    until,
)

pytestmark = pytest.mark.virtual_time

SPEED = 20.0


@dataclass
class Heard:
    """What a host received, in order."""

    indices: list[int] = field(default_factory=list)
    stamps: list[float] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    garbage: list[bytes] = field(default_factory=list)

    def frame(self, _source: object, value: bytearray) -> None:
        if len(value) < 14:
            self.garbage.append(bytes(value))
            return
        stamp, acc_g = decode_plain(bytes(value))
        self.stamps.append(stamp)
        self.indices += index_of(acc_g).tolist()
        self.messages.append("frame")

    def answer(self, _source: object, value: bytearray) -> None:
        self.messages.append(value.decode())


@contextlib.asynccontextmanager
async def listening(
    world: BumbleWorld, heard: Heard | None = None
) -> AsyncIterator[tuple[BleakClient, Heard]]:
    """A host that has subscribed and started the stream."""
    heard = heard or Heard()
    client = BleakClient(await find(world), backend=BumbleClient)
    async with client:
        await client.start_notify(CONTROL, heard.answer)
        await client.start_notify(DATA, heard.frame)
        await client.write_gatt_char(CONTROL, b"go", response=True)
        yield client, heard


def plain(
    world: BumbleWorld,
    *,
    clock: FastClock | None = None,
    lost: frozenset[int] = frozenset(),
    **more: object,
) -> Peripheral:
    return Peripheral(
        world,
        address=ADDRESS,
        encoder=PlainEncoder(),
        source=Ramp(lost=lost),
        clock=clock or FastClock(SPEED),
        speed=SPEED,
        advertising_interval_s=0.02,
        **more,  # type: ignore[arg-type]  # passed through
    )


def fates(sensor: Peripheral) -> dict[int, Fate]:
    return {
        index: span.fate for span in sensor.ledger.spans for index in range(span.first, span.end)
    }


async def test_every_sample_from_the_start_on_arrives_once_and_in_order(world: BumbleWorld) -> None:
    async with plain(world) as sensor, listening(world) as (_, heard):
        await until(lambda: len(heard.indices) >= 300)
    assert heard.indices == list(range(heard.indices[0], heard.indices[-1] + 1))
    between = sensor.ledger.between(heard.indices[0], heard.indices[-1] + 1)
    assert between.taken == between.sent == len(heard.indices)


async def test_the_stream_runs_at_the_speed_of_the_clock(world: BumbleWorld) -> None:
    clock = FastClock(SPEED)
    async with plain(world, clock=clock), listening(world) as (_, heard):
        await until(lambda: len(heard.indices) >= 5)
        began, first = clock(), len(heard.indices)
        await asyncio.sleep(1.0)
        samples, seconds = len(heard.indices) - first, clock() - began
    assert abs(samples - 50 * seconds) < 150


async def test_nothing_is_sent_before_the_start_and_the_answer_comes_first(
    world: BumbleWorld,
) -> None:
    heard = Heard()
    async with (
        plain(world) as sensor,
        BleakClient(await find(world), backend=BumbleClient) as client,
    ):
        await client.start_notify(CONTROL, heard.answer)
        await client.start_notify(DATA, heard.frame)
        await asyncio.sleep(0.1)
        assert heard.messages == []
        assert sensor.ledger.tally.withheld == sensor.ledger.tally.taken > 0
        await client.write_gatt_char(CONTROL, b"go", response=True)
        await until(lambda: len(heard.messages) >= 3)
    assert heard.messages[:2] == ["ok go", "frame"]


async def test_samples_nobody_subscribed_to_are_withheld(world: BumbleWorld) -> None:
    async with (
        plain(world) as sensor,
        BleakClient(await find(world), backend=BumbleClient) as client,
    ):
        await client.write_gatt_char(CONTROL, b"go", response=True)
        await until(lambda: sensor.ledger.tally.taken > 100)
        assert sensor.ledger.tally.sent == 0


async def test_lost_packets_are_missing_at_the_host_and_counted_here(world: BumbleWorld) -> None:
    lost = frozenset(range(0, 1000, 7))
    async with plain(world, lost=lost) as sensor, listening(world) as (_, heard):
        await until(lambda: len(heard.indices) >= 400)
    received = set(heard.indices)
    assert len(received) == len(heard.indices)
    first, end = heard.indices[0], heard.indices[-1] + 1
    between = sensor.ledger.between(first, end)
    assert between.withheld == 0
    assert between.dropped > 40
    assert len(received) + between.dropped == between.taken == end - first
    booked = fates(sensor)
    assert all((booked[i] is Fate.SENT) == (i in received) for i in range(first, end))


async def test_a_lost_link_loses_what_was_taken_meanwhile_and_the_books_say_so(
    world: BumbleWorld,
) -> None:
    heard = Heard()
    async with plain(world) as sensor:
        for _ in range(3):
            async with listening(world, heard):
                known = len(heard.indices)
                await until(lambda known=known: len(heard.indices) >= known + 50)
                await sensor.drop()
                assert not sensor.connected
        assert isinstance(sensor.encoder, PlainEncoder)
        assert sensor.encoder.links_ended == 3
    received = set(heard.indices)
    first, end = heard.indices[0], heard.indices[-1] + 1
    between = sensor.ledger.between(first, end)
    assert heard.indices == sorted(received)
    assert between.withheld > 0
    # what was on its way when the link broke was sent and did not arrive
    assert 0 <= between.sent - len(received) <= 3 * 10
    assert between.taken == end - first


async def test_a_silent_sensor_stays_connected_and_goes_on_afterwards(world: BumbleWorld) -> None:
    async with plain(world) as sensor, listening(world) as (client, heard):
        await until(lambda: len(heard.indices) >= 50)
        await sensor.silence(10.0)
        await asyncio.sleep(0.1)
        known = len(heard.indices)
        await asyncio.sleep(0.2)
        assert len(heard.indices) == known
        assert client.is_connected
        await until(lambda: len(heard.indices) >= known + 50)
        assert client.is_connected
    steps = np.diff(heard.indices)
    assert Counter(steps.tolist()).most_common(1)[0][0] == 1
    # 10 s at 50 Hz in chunks of 5, the first and the last cut somewhere
    assert 495 <= steps.max() - 1 <= 505
    assert steps.max() - 1 == sensor.ledger.between(heard.indices[0], heard.indices[-1]).withheld


async def test_a_silence_ends_with_the_link(world: BumbleWorld) -> None:
    async with plain(world) as sensor:
        async with listening(world):
            await sensor.silence(10_000.0)
        async with listening(world) as (_, heard):
            await until(lambda: len(heard.indices) >= 50)


async def test_garbage_comes_where_the_samples_come(world: BumbleWorld) -> None:
    async with plain(world) as sensor, listening(world) as (_, heard):
        await until(lambda: len(heard.indices) >= 10)
        await sensor.garbage(b"\xff\x00\xff")
        await until(lambda: heard.garbage == [b"\xff\x00\xff"])
        known = len(heard.indices)
        await until(lambda: len(heard.indices) > known + 10)


async def test_a_vanished_sensor_is_neither_heard_nor_connected_until_it_appears(
    world: BumbleWorld,
) -> None:
    async with plain(world) as sensor:
        async with listening(world) as (client, _):
            await sensor.vanish()
            await until(lambda: not client.is_connected)
        async with scanning(world) as adverts:
            await asyncio.sleep(0.15)
            assert adverts == []
            taken = sensor.ledger.tally.taken
            await sensor.appear()
            await until(lambda: len(adverts) > 0)
        assert sensor.ledger.tally.taken >= taken > 0
        async with listening(world) as (_, heard):
            await until(lambda: len(heard.indices) > 10)


async def test_a_reboot_starts_the_device_clock_and_the_encoder_anew(world: BumbleWorld) -> None:
    async with plain(world) as sensor:
        async with listening(world) as (_, before):
            await until(lambda: len(before.stamps) >= 20)
            old = sensor.encoder
            await sensor.reboot()
        assert sensor.encoder is not old
        async with listening(world) as (_, after):
            await until(lambda: len(after.stamps) >= 20)
    assert before.stamps[0] >= 1000.0
    assert 0.0 <= after.stamps[0] < 60.0
    assert after.indices[0] > before.indices[-1]
    assert np.allclose(np.diff(after.stamps), 0.1)


async def test_what_is_overdue_is_sent_at_once_and_nothing_drifts(world: BumbleWorld) -> None:
    clock = FastClock(SPEED)
    async with plain(world, clock=clock) as sensor, listening(world) as (_, heard):
        await until(lambda: len(heard.indices) >= 20)
        known = len(heard.indices)
        clock.push(60.0)
        await until(lambda: len(heard.indices) >= known + 3000)
        # a wall second later the burst is long over; a tenth of one is two of the sensor's
        await asyncio.sleep(1.0)
        assert Ramp().index_at(clock()) - heard.indices[-1] < 300
    assert heard.indices == list(range(heard.indices[0], heard.indices[-1] + 1))
    assert sensor.ledger.tally.dropped == 0


async def test_a_plan_is_carried_out_on_time_and_in_order(world: BumbleWorld) -> None:
    plan = FaultPlan(
        (
            Fault(60.0, FaultKind.APPEAR),
            Fault(35.0, FaultKind.VANISH),
            Fault(12.0, FaultKind.GARBAGE, payload=b"\x01\x02"),
            Fault(16.0, FaultKind.DROP),
        )
    )
    clock = FastClock(SPEED)
    began = clock()
    async with plain(world, clock=clock, faults=plan), scanning(world) as adverts:
        async with listening(world) as (client, heard):
            await until(lambda: not client.is_connected)
            assert 16.0 <= clock() - began <= 25.0
        assert heard.garbage == [b"\x01\x02"]
        await until(lambda: clock() - began > 45.0)
        known = len(adverts)
        await until(lambda: len(adverts) > known)
        assert clock() - began >= 60.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": FaultKind.SILENCE},
        {"kind": FaultKind.DROP, "seconds": 1.0},
        {"kind": FaultKind.GARBAGE},
        {"kind": FaultKind.REBOOT, "payload": b"x"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="nothing else"):
        Fault(1.0, **wrong)  # type: ignore[arg-type]  # what is tested


async def test_the_battery_is_read_and_tells_when_it_falls(world: BumbleWorld) -> None:
    clock = FastClock(SPEED)
    levels: list[int] = []
    charge = {"battery_percent": 80.5, "battery_life_s": 2000.0}
    async with plain(world, clock=clock, **charge) as sensor, listening(world) as (client, _):
        await client.start_notify(BATTERY_LEVEL, lambda _, value: levels.append(value[0]))
        assert (await client.read_gatt_char(BATTERY_LEVEL))[0] in (78, 79, 80)
        clock.push(100.0)
        await until(lambda: bool(levels) and levels[-1] <= 75)
        read = (await client.read_gatt_char(BATTERY_LEVEL))[0]
        assert read - sensor.battery_percent in (0, 1)
    assert 70 <= levels[-1] <= 75
    assert levels == sorted(set(levels), reverse=True)


def test_an_empty_battery_stays_empty() -> None:
    assert Battery(percent=50, life_s=100.0).percent_at(10_000.0) == 0


async def test_a_source_faster_than_the_sensor_is_set_to_is_thinned(world: BumbleWorld) -> None:
    encoder = PlainEncoder(rate_hz=10.0, chunk=2)
    sensor = Peripheral(
        world,
        address=ADDRESS,
        encoder=encoder,
        source=Ramp(50.0),
        clock=FastClock(SPEED),
        speed=SPEED,
    )
    async with sensor, listening(world) as (_, heard):
        await until(lambda: len(heard.indices) >= 20)
        encoder.rate_hz = 50.0  # as a sensor whose host sets another rate
        await until(lambda: len(heard.indices) >= 100)
    steps = np.diff(heard.indices)
    change = int(np.argmax(steps == 1))
    assert set(steps[:change].tolist()) == {5}
    assert set(steps[change:].tolist()) == {1}
    booked = fates(sensor)
    sent = [index for index, fate in sorted(booked.items()) if fate is Fate.SENT]
    start = sent.index(heard.indices[0])
    assert sent[start : start + len(heard.indices)] == heard.indices


async def test_a_rate_the_source_does_not_have_ends_the_sensor_loudly(
    world: BumbleWorld, caplog: pytest.LogCaptureFixture
) -> None:
    sensor = Peripheral(
        world,
        address=ADDRESS,
        encoder=PlainEncoder(rate_hz=52.0),
        source=Ramp(50.0),
        clock=FastClock(1.0),
    )
    with pytest.raises(ValueError, match="52 Hz"):
        async with sensor:
            await until(lambda: "ended" in caplog.text)


@dataclass
class Beacon:
    """Counts its samples in manufacturer data."""

    driver = "beacon"
    connects = False
    rate_hz: float = 2.0
    chunk: int = 1
    full_scale_g: float = 2.0
    resolution_g: float = 0.001
    gyro_full_scale_dps: float | None = None
    streaming: bool = True
    count: int = 0

    def advertisement(self) -> AdvertisedData:
        return AdvertisedData("Beacon", (), {0x0499: self._payload(np.zeros((1, 3)))})

    def gatt(self) -> tuple[()]:
        return ()

    def read(self, characteristic: str) -> bytes:
        raise NotImplementedError

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        raise NotImplementedError

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        self.count += 1
        return (Sent(manufacturer_channel(0x0499), self._payload(acc_g)),)

    def disconnected(self) -> None:
        raise NotImplementedError

    def _payload(self, acc_g: Floats) -> bytes:
        counts = np.rint(acc_g[0] * 1000).astype("<i2").tobytes()
        return self.count.to_bytes(2, "big") + counts


async def test_an_advertiser_sends_each_sample_once_and_takes_no_connection(
    world: BumbleWorld,
) -> None:
    sensor = Peripheral(
        world,
        address=ADDRESS,
        encoder=Beacon(),
        source=Ramp(2.0, lost=frozenset({5, 6})),
        clock=FastClock(SPEED),
        speed=SPEED,
    )
    async with scanning(world) as adverts, sensor:
        await until(lambda: sensor.ledger.tally.sent >= 20)
        with pytest.raises(TimeoutError):
            await BleakClient(await find(world), backend=BumbleClient).connect()
        await sensor.garbage(b"\xff" * 20)
        await until(
            lambda: any(data.manufacturer_data == {0x0499: b"\xff" * 20} for _, data in adverts)
        )
    payloads = [data.manufacturer_data[0x0499] for _, data in adverts]
    counts = [int.from_bytes(p[:2], "big") for p in payloads if len(p) == 8]
    counted = counts[counts.index(1) :]
    assert counted == sorted(set(counted))
    assert set(range(1, counted[-1] + 1)) - set(counted) == {6, 7}
    assert sensor.ledger.tally.dropped == 2


async def test_a_hidden_advertiser_withholds_its_samples(world: BumbleWorld) -> None:
    sensor = Peripheral(
        world,
        address=ADDRESS,
        encoder=Beacon(),
        source=Ramp(2.0),
        clock=FastClock(SPEED),
        speed=SPEED,
    )
    async with sensor:
        await until(lambda: sensor.ledger.tally.sent >= 3)
        await sensor.vanish()
        sent = sensor.ledger.tally.sent
        await until(lambda: sensor.ledger.tally.withheld >= 3)
        assert sensor.ledger.tally.sent <= sent + 1


async def test_a_stopped_sensor_is_gone_and_leaves_no_task(world: BumbleWorld) -> None:
    before = asyncio.all_tasks()
    sensor = plain(world)
    async with sensor, listening(world):
        pass
    assert asyncio.all_tasks() == before
    assert not world.knows(ADDRESS)
    async with scanning(world) as adverts:
        await asyncio.sleep(0.1)
        assert adverts == []
    with pytest.raises(RuntimeError, match="before"):
        await sensor.start()
    async with plain(world), listening(world) as (_, heard):
        await until(lambda: len(heard.indices) > 10)


async def test_a_sensor_runs_in_a_task_group_too(world: BumbleWorld) -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(plain(world).run())
        async with listening(world) as (_, heard):
            await until(lambda: len(heard.indices) > 10)
        task.cancel()
    assert not world.knows(ADDRESS)
