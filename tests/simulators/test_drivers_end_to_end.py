"""Every simulated sensor we ship, from its source over Bumble, bleak and its driver to samples."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from bleak import BleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak_retry_connector import establish_connection

from collector.drivers.contract import (
    BATTERY_LEVEL,
    INFORMATION,
    Advertisement,
    Command,
    Driver,
    Event,
    Read,
    Repeat,
    Started,
    Write,
    manufacturer_channel,
    service_data_channel,
)
from collector.drivers.registry import (
    ENCODERS,
    driver_for,
    driver_named,
    driver_of,
    encoder_named,
)
from domain.samples import BatteryReading, DeviceBlock
from simulators.handshake import perform, started
from simulators.peripheral import Peripheral
from simulators.radio import BumbleClient, BumbleWorld
from tests.simulators.conftest import STEP_G, FastClock, Ramp, find, index_of, scanning, until

pytestmark = pytest.mark.virtual_time

SPEED = 20.0
#: Whose samples are numbered by when they came bears no delay of this process made twenty times as long;
#: fewer of them will do.
SLOWER, FEWER = {"infinitime": 1.5}, {"infinitime": 0.4}
ADDRESS = "C0:FF:EE:00:00:0A"
CONNECTING = [name for name, encoder in ENCODERS.items() if encoder.connects]
ADVERTISING = [name for name, encoder in ENCODERS.items() if not encoder.connects]


def tells_time(kind: str) -> bool:
    """Whether the sensor sends the times of its samples, found without a radio."""
    encoder = encoder_named(kind)()
    driver = driver_named(encoder.driver)()
    commands = deque(driver.start())
    for index in range(1000):
        if commands:
            answers = perform(encoder, commands.popleft())
        else:
            now_s = index + np.arange(encoder.chunk) / encoder.rate_hz
            still = np.zeros((encoder.chunk, 3))
            answers = encoder.samples(now_s, still, still)
        for message in answers:
            for event in driver.feed(message.characteristic, message.payload, float(index)):
                if isinstance(event, DeviceBlock):
                    return event.device_times is not None
                if isinstance(event, Write | Read):
                    commands.append(event)
    raise AssertionError(f"{kind} never streamed")


def step_g(kind: str) -> float:
    """Steps of the ramp that the sensor's numbers can carry."""
    return max(STEP_G, 1.01 * started(encoder_named(kind)()).resolution_g)


def directions(kind: str) -> bool:
    return "direction" in driver_named(encoder_named(kind).driver).measures


def indices_in(block: DeviceBlock, kind: str) -> list[int]:
    found = index_of(block.acc_g, step_g(kind), directions=directions(kind))
    return [int(i) for i in found]


TIMED = [kind for kind in CONNECTING if tells_time(kind)]


@dataclass
class Collected:
    """What came out of a driver of the sensor `kind`."""

    kind: str
    blocks: list[DeviceBlock] = field(default_factory=list)
    battery: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    commands: asyncio.Queue[Command] = field(default_factory=asyncio.Queue)

    def take(self, events: tuple[Event, ...]) -> None:
        for event in events:
            match event:
                case DeviceBlock():
                    self.blocks.append(event)
                case BatteryReading():
                    self.battery.append(event.percent)
                case Started():
                    self.rates.append(event.rate_hz)
                case Write() | Read():
                    self.commands.put_nowait(event)

    @property
    def indices(self) -> list[int]:
        return [i for block in self.blocks for i in indices_in(block, self.kind)]


class Session:
    """The least that a collector does: subscribe, start, carry out what the driver asks for."""

    def __init__(self, driver: Driver, collected: Collected, clock: Callable[[], float]) -> None:
        self._driver = driver
        self._collected = collected
        self._clock = clock
        self.lost = asyncio.Event()
        self._absent: set[str] = set()

    async def stream(self, device: BLEDevice, enough: Callable[[], bool]) -> None:
        client = await establish_connection(
            BleakClient,
            device,
            device.address,
            disconnected_callback=lambda _: self.lost.set(),
            backend=BumbleClient,
        )
        try:
            self._absent = {
                uuid
                for uuid in getattr(self._driver, "optional", ())
                if not client.services.get_characteristic(uuid)
            }
            for characteristic in self._driver.subscriptions():
                if characteristic not in self._absent:
                    await client.start_notify(characteristic, self._on_notification)
            for command in self._driver.start():
                await self._perform(client, command)
            async with asyncio.timeout(10):
                while not enough():
                    if self.lost.is_set():
                        return
                    if self._collected.commands.empty():
                        await asyncio.sleep(0.005)
                    else:
                        await self._perform(client, self._collected.commands.get_nowait())
        finally:
            await client.disconnect()

    def _on_notification(self, source: object, value: bytearray) -> None:
        self._feed(getattr(source, "uuid", ""), bytes(value))

    def _feed(self, characteristic: str, payload: bytes) -> None:
        self._collected.take(self._driver.feed(characteristic, payload, self._clock()))

    async def _perform(self, client: BleakClient, command: Command) -> None:
        if isinstance(command, Repeat):
            await self._perform(client, command.command)
        elif isinstance(command, Read):
            if command.characteristic in INFORMATION and not client.services.get_characteristic(
                command.characteristic
            ):
                self._feed(command.characteristic, b"")
                return
            answer = await client.read_gatt_char(command.characteristic)
            self._feed(command.characteristic, bytes(answer))
        elif command.characteristic not in self._absent:
            await client.write_gatt_char(
                command.characteristic, command.payload, response=command.response
            )


def advertisement(device: BLEDevice, data: AdvertisementData) -> Advertisement:
    return Advertisement(
        device.address,
        data.local_name,
        data.rssi,
        0.0,
        data.manufacturer_data,
        data.service_data,
        tuple(data.service_uuids),
    )


async def recognise(world: BumbleWorld) -> type[Driver]:
    async with scanning(world) as heard:
        await until(lambda: any(device.address == ADDRESS for device, _ in heard))
    driver = driver_for(advertisement(*heard[0]))
    assert driver is not None
    return driver


def simulated(
    world: BumbleWorld,
    kind: str,
    clock: FastClock,
    lost: frozenset[int],
) -> Peripheral:
    encoder = encoder_named(kind)()
    settled = started(encoder)
    source = Ramp(
        settled.rate_hz,
        gyro=settled.gyro_full_scale_dps is not None,
        lost=lost,
        step_g=step_g(kind),
    )
    return Peripheral(
        world,
        address=ADDRESS,
        encoder=encoder,
        source=source,
        clock=clock,
        speed=clock.speed,
    )


@pytest.mark.parametrize("kind", CONNECTING)
async def test_what_the_source_gave_comes_out_of_the_driver(world: BumbleWorld, kind: str) -> None:
    clock = FastClock(SLOWER.get(kind, SPEED))
    async with simulated(world, kind, clock, frozenset()) as sensor:
        driver, collected = (await recognise(world))(), Collected(kind)
        assert driver.name == encoder_named(kind).driver
        session = Session(driver, collected, clock)
        await session.stream(
            await find(world, ADDRESS),
            lambda: (
                len(collected.indices) >= 200 * FEWER.get(kind, 1.0)
                and (collected.battery or "battery" not in driver.measures)
            ),
        )
        booked = sensor.ledger.between(collected.indices[0], collected.indices[-1] + 1)
    indices = collected.indices
    assert indices == list(range(indices[0], indices[-1] + 1))
    assert booked.sent == len(indices)
    source = Ramp(collected.rates[-1], gyro=True, step_g=step_g(kind))
    _device_times, acc_g, gyro_dps = source.samples(indices[0], len(indices))
    if directions(kind):
        acc_g = acc_g / np.linalg.norm(acc_g, axis=1, keepdims=True)
    resolution_g = started(encoder_named(kind)()).resolution_g
    decoded = np.concatenate([block.acc_g for block in collected.blocks])
    assert np.abs(decoded - acc_g).max() <= resolution_g / 2 + 1e-9
    gyros = [block.gyro_dps for block in collected.blocks if block.gyro_dps is not None]
    if "gyro" in driver.measures and encoder_named(kind)().gyro_full_scale_dps is not None:
        assert gyro_dps is not None
        assert np.abs(np.concatenate(gyros) - gyro_dps).max() <= 2000 / 2**15
    times = [block.device_times for block in collected.blocks if block.device_times is not None]
    if times:
        assert np.allclose(np.diff(np.concatenate(times)), 1 / collected.rates[-1], atol=1e-3)
    assert all(0 < percent <= 100 for percent in collected.battery)
    assert len(set(collected.rates)) == 1


@pytest.mark.parametrize("kind", CONNECTING)
async def test_after_a_lost_link_the_same_sensor_streams_again(
    world: BumbleWorld, kind: str
) -> None:
    clock = FastClock(SLOWER.get(kind, SPEED))
    async with simulated(world, kind, clock, frozenset()) as sensor:
        driver_class, runs = await recognise(world), list[Collected]()
        for _ in range(3):
            collected = Collected(kind)
            session = Session(driver_class(), collected, clock)
            streaming = asyncio.create_task(
                session.stream(await find(world, ADDRESS), lambda: False)
            )
            enough = 60 * FEWER.get(kind, 1.0)
            await until(lambda c=collected, enough=enough: len(c.indices) >= enough)
            await sensor.drop()
            await streaming
            assert session.lost.is_set()
            runs.append(collected)
    for run in runs:
        assert run.indices == list(range(run.indices[0], run.indices[-1] + 1))
    assert runs[0].indices[-1] < runs[1].indices[0] <= runs[1].indices[-1] < runs[2].indices[0]


@pytest.mark.parametrize("kind", TIMED)
async def test_a_lost_packet_is_a_gap_in_device_time_of_just_its_samples(
    world: BumbleWorld, kind: str
) -> None:
    clock = FastClock(SPEED)
    lost = frozenset(range(3, 1000, 4))
    async with simulated(world, kind, clock, lost) as sensor:
        collected = Collected(kind)
        session = Session((await recognise(world))(), collected, clock)
        await session.stream(await find(world, ADDRESS), lambda: len(collected.indices) >= 300)
        first, end = collected.indices[0], collected.indices[-1] + 1
        booked = sensor.ledger.between(first, end)
    times = np.concatenate([block.device_times for block in collected.blocks])
    counted = np.rint(np.diff(times) * collected.rates[-1]).astype(int) - 1
    assert booked.dropped > 0
    assert counted.sum() == booked.dropped
    assert len(collected.indices) + counted.sum() == booked.taken == end - first


@pytest.mark.parametrize("kind", TIMED)
async def test_over_losses_drops_and_a_silence_received_and_lost_are_what_was_taken(
    world: BumbleWorld, kind: str
) -> None:
    clock = FastClock(SPEED)
    sessions: list[Collected] = []
    async with simulated(world, kind, clock, frozenset(range(2, 10_000, 3))) as sensor:
        driver_class = await recognise(world)
        for end in (sensor.drop, sensor.drop, sensor.reboot, sensor.drop):
            collected = Collected(kind)
            sessions.append(collected)
            session = Session(driver_class(), collected, clock)
            streaming = asyncio.create_task(
                session.stream(await find(world, ADDRESS), lambda: False)
            )
            await until(lambda collected=collected: len(collected.indices) >= 100)
            await sensor.silence(4.0)
            known = len(collected.indices)
            await until(lambda c=collected, known=known: len(c.indices) >= known + 150)
            await end()
            await streaming
    blocks = [block for session in sessions for block in session.blocks]
    times = np.concatenate([block.device_times for block in blocks])
    indices = [i for block in blocks for i in indices_in(block, kind)]
    steps = np.rint(np.diff(times) * blocks[0].rate_hz).astype(int)
    reboot = int(np.argmin(steps))
    assert steps[reboot] < 0  # the clock of the sensor began anew, which nobody can count across
    for part in (slice(0, reboot + 1), slice(reboot + 1, None)):
        received = indices[part]
        booked = sensor.ledger.between(received[0], received[-1] + 1)
        counted = int((np.rint(np.diff(times[part]) * blocks[0].rate_hz) - 1).sum())
        assert len(received) + counted == booked.taken
        assert counted >= booked.dropped + booked.withheld
        assert booked.dropped > 0
        assert booked.withheld >= 3.0 * blocks[0].rate_hz  # of four seconds of silence


@pytest.mark.parametrize("kind", CONNECTING)
async def test_the_battery_service_can_be_read_whatever_the_driver_does(
    world: BumbleWorld, kind: str
) -> None:
    async with (
        simulated(world, kind, FastClock(SPEED), frozenset()),
        BleakClient(await find(world, ADDRESS), backend=BumbleClient) as client,
    ):
        assert (await client.read_gatt_char(BATTERY_LEVEL))[0] in (89, 90)


@pytest.mark.parametrize("kind", ADVERTISING)
async def test_an_advertiser_is_heard_sample_by_sample(world: BumbleWorld, kind: str) -> None:
    clock = FastClock(SPEED)
    driver, collected = encoder_named(kind).driver, Collected(kind)
    async with scanning(world) as heard, simulated(world, kind, clock, frozenset({4, 5})) as sensor:
        await until(lambda: sensor.ledger.tally.sent >= 30)
        host = driver_of(sensor.encoder)  # with its key, which recognising it does not need
    recognised = driver_for(advertisement(*heard[0]))
    assert recognised is not None
    assert recognised.name == driver == host.name
    for _, data in heard:
        channels = {
            **{manufacturer_channel(c): p for c, p in data.manufacturer_data.items()},
            **{service_data_channel(u): p for u, p in data.service_data.items()},
        }
        for channel in host.subscriptions():
            if channel in channels:
                collected.take(host.feed(channel, channels[channel], clock()))
    blocks = collected.blocks[1:]  # the first is what the tag advertised before it measured
    indices = [indices_in(block, kind)[0] for block in blocks]
    first = indices[0]
    missing = sorted(set(range(first, indices[-1] + 1)) - set(indices))
    assert missing == [first + 4, first + 5]
    sequences = [block.sequence for block in blocks]
    if sequences[0] is not None:
        assert [b - a for a, b in itertools.pairwise(sequences)] == [
            b - a for a, b in itertools.pairwise(indices)
        ]
    assert sensor.ledger.tally.dropped == 2
