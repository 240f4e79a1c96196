"""End to end over bleak and Bumble: scan, connect, stream, drop, recover, fall silent, recover."""

import asyncio
import contextlib

import pytest
from over_bumble import Bench, numbers

from collector.discovery import discover
from collector.player import Player
from collector.radio import Radio
from collector.recording import Recorder, RecordingFile
from domain.errors import NotFoundError, PeerNotFoundError, RadioUnavailableError
from domain.link import LinkState
from domain.samples import SampleBlock
from simulators.radio import BumbleClient, BumbleScanner, BumbleWorld

pytestmark = pytest.mark.virtual_time


async def through_drop_and_silence(bench, kind, samples):
    await bench.more(kind, samples)
    await bench.peripherals[kind].drop()
    await bench.until(lambda: bench.status(kind).state is not LinkState.STREAMING)
    await bench.more(kind, samples)
    await bench.peripherals[kind].silence(1e6)
    await bench.until(lambda: "silent" in bench.states(kind))
    await bench.more(kind, samples)


@pytest.mark.parametrize("kind", ["polar-h10", "polar-verity"])
async def test_a_polar_sensor_is_accounted_to_the_sample_through_drop_and_silence(kind):
    async with Bench([kind], loss=0.05) as bench:
        await through_drop_and_silence(bench, kind, 500)
        peripheral, account = bench.peripherals[kind], bench.accounts[kind]
        await bench.stop()
        assert account.misses == []
        assert account.received + account.lost == account.taken
        tally = peripheral.ledger.between(account.first, account.last + 1)
        in_flight = tally.sent - account.received  # on the air when the link broke
        assert 0 <= in_flight <= 4 * peripheral.encoder.chunk
        assert account.lost == tally.dropped + tally.withheld + in_flight > 0
        status = bench.status(kind)
        assert (status.received, status.lost) == (account.received, account.lost)
        assert (status.reconnects, status.bad_payloads) == (2, 0)
        assert not peripheral.encoder.streaming, "the stream was stopped politely"
        assert not peripheral.connected


async def test_witmotion_without_clock_or_counter_is_accounted_by_the_arrivals():
    async with Bench(["witmotion"], speed=4.0) as bench:
        await through_drop_and_silence(bench, "witmotion", 400)
        account = bench.accounts["witmotion"]
        await bench.stop()
        assert account.received >= 1200
        assert account.lost > 100
        assert abs(account.received + account.lost - account.taken) <= 40


async def test_a_ruuvitag_is_heard_without_a_connection_and_accounted_through_an_absence():
    async with Bench(["ruuvitag"], speed=40.0, loss=0.1) as bench:
        peripheral, account = bench.peripherals["ruuvitag"], bench.accounts["ruuvitag"]
        await bench.more("ruuvitag", 25)
        await peripheral.vanish()
        await bench.until(lambda: bench.status("ruuvitag").state is LinkState.SILENT)
        await peripheral.appear()
        await bench.more("ruuvitag", 10)
        await bench.stop()
        assert account.misses == []
        assert account.received + account.lost == account.taken
        assert account.lost > 10
        assert bench.states("ruuvitag") == [
            "scanning",
            "streaming",
            "silent",
            "streaming",
            "stopped",
        ]
        assert bench.world.links == 0


async def test_a_sensor_that_reboots_streams_again():
    async with Bench(["polar-h10"]) as bench:
        await bench.more("polar-h10", 300)
        await bench.peripherals["polar-h10"].reboot()
        await bench.more("polar-h10", 300)
        assert bench.status("polar-h10").reconnects == 1


async def test_a_sensor_out_of_range_is_taken_up_when_it_comes_back():
    async with Bench(["polar-h10"]) as bench:
        await bench.more("polar-h10", 100)
        await bench.peripherals["polar-h10"].vanish()
        await bench.until(lambda: bench.status("polar-h10").state is LinkState.SCANNING)
        await bench.peripherals["polar-h10"].appear()
        await bench.more("polar-h10", 100)
        assert bench.accounts["polar-h10"].misses == []


async def test_sensors_come_and_go_while_the_collector_runs():
    async with Bench(["polar-h10", "ruuvitag"]) as bench:
        await bench.more("polar-h10", 100)
        await bench.collector.remove(bench.address("polar-h10"))
        assert not bench.peripherals["polar-h10"].connected
        with pytest.raises(NotFoundError):
            bench.status("polar-h10")
        bench.collector.add(bench.sensors[0])
        await bench.until(lambda: bench.status("polar-h10").state is LinkState.STREAMING)


async def test_what_is_recorded_live_plays_back_bit_for_bit(tmp_path):
    path = tmp_path / "live.jsonl"
    async with Bench(["polar-h10", "witmotion", "ruuvitag"]) as bench:
        live = {sensor.id: [] for sensor in bench.sensors}
        recorder = Recorder(path, bench.sensors, started=bench.clock(), redact=False)
        await bench.stop()
        bench.collector = type(bench.collector)(
            bench.radio,
            bench.sensors,
            clock=bench.clock,
            on_block=lambda block: live[block.sensor].append(block),
            recorder=recorder,
            timings=bench.timings,
        )
        bench.task = asyncio.create_task(bench.collector.run())
        polar = bench.address("polar-h10")
        await bench.until(lambda: len(live[polar]) > 5)
        await bench.peripherals["polar-h10"].drop()
        await bench.until(lambda: len(live[polar]) > 10)
    played = {sensor: [] for sensor in live}
    for sensor, _, output in Player(RecordingFile(path)).replay():
        if isinstance(output, SampleBlock):
            played[sensor].append(output)
    for sensor, blocks in live.items():
        assert len(blocks) > 0
        assert [b.times.tobytes() for b in played[sensor]] == [b.times.tobytes() for b in blocks]
        assert [b.acc_g.tobytes() for b in played[sensor]] == [b.acc_g.tobytes() for b in blocks]
        assert [b.lost_before for b in played[sensor]] == [b.lost_before for b in blocks]
    assert numbers(played[polar][0].acc_g)[0] > 0


async def test_discovery_finds_what_is_on_the_air_and_what_it_can_measure():
    async with Bench(["polar-h10", "witmotion", "ruuvitag"]) as bench:
        await bench.stop()
        found = {device.driver: device for device in await discover(bench.radio, 0.5)}
        assert set(found) == {"polar", "witmotion", "ruuvitag"}
        assert found["polar"].measures == ("acc", "battery")  # an H10 has no gyroscope
        assert found["polar"].name.startswith("Polar H10")
        assert not bench.radio.scanning and bench.world.listeners == 0


def radio_on(world, **options):
    return Radio(
        clock=lambda: 0.0,
        scanner_kwargs={"backend": BumbleScanner, "world": world},
        client_kwargs={"backend": BumbleClient},
        **options,
    )


async def test_a_radio_that_is_switched_off_says_so_and_is_taken_up_when_it_comes_on():
    world = BumbleWorld()
    radio = radio_on(world, retry_s=0.02)
    task = asyncio.create_task(radio.run())
    await asyncio.sleep(0.05)
    assert isinstance(radio.problem, RadioUnavailableError)
    assert radio.problem.reason == "powered_off"
    with pytest.raises(RadioUnavailableError):
        await radio.connect("C0:00:00:00:00:01", lambda: None)
    async with world:
        async with asyncio.timeout(2.0):
            while radio.problem is not None:
                await asyncio.sleep(0.01)
        assert radio.scanning
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert world.listeners == 0


async def test_a_sensor_that_was_never_heard_cannot_be_connected():
    async with BumbleWorld() as world, radio_on(world) as radio:
        with pytest.raises(PeerNotFoundError, match="not heard"):
            await radio.connect("C0:00:00:00:00:09", lambda: None)


async def test_a_scanner_that_hears_nobody_is_started_anew():
    async with BumbleWorld() as world:
        radio = radio_on(world, quiet_s=0.05)
        starts = 0
        listen = world.listen

        async def counted(listener):
            nonlocal starts
            starts += 1
            await listen(listener)

        world.listen = counted
        with radio.listening(lambda _: None):
            task = asyncio.create_task(radio.run())
            await asyncio.sleep(0.3)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        assert starts >= 3
