"""CPU and memory of the service with one 50 Hz sensor: the real process, watched from outside.

Two ways: `whole`, with the simulated radio and body, which cost more than the service itself; and
`alone`, the service with notifications that were made beforehand and are played at the pace of a sensor,
through driver, clock, pipeline, store and live stream. What `alone` leaves out is bleak and the system's
Bluetooth stack.
"""

import asyncio
import contextlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import deque
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
PLAYED_S = 150.0


def measure(mode: str, seconds: float = 60.0) -> dict[str, float]:
    """Per cent of a core and resident MB of the process, over `seconds`, with one live page open."""
    with tempfile.TemporaryDirectory() as folder:
        if mode == "alone":
            make_recording(Path(folder) / "strap.jsonl")
        command = [sys.executable, "-m", "benchmarks.service", mode, folder]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            url = next(line for line in process.stdout if line.startswith("http")).strip()
            page = urllib.request.urlopen(f"{url}api/v1/live", timeout=10)
            watched = psutil.Process(process.pid)
            time.sleep(10)
            before, began = watched.cpu_times(), time.monotonic()
            time.sleep(seconds)
            after = watched.cpu_times()
            busy = (after.user + after.system) - (before.user + before.system)
            memory = watched.memory_info().rss / 1e6
            page.close()
            return {"cpu_percent": 100 * busy / (time.monotonic() - began), "rss_mb": memory}
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


def make_recording(path: Path) -> None:
    """What a simulated chest strap sends from its handshake on, as `sitwell record` would keep it."""
    from collector.drivers.contract import BATTERY_LEVEL, Read, Write
    from collector.drivers.polar import PolarDriver
    from collector.drivers.polar_encoder import PolarH10Encoder
    from collector.recording import Recorder
    from domain.people import Sensor
    from domain.placement import Placement
    from domain.samples import Notification
    from service.person import scripted_person
    from simulators.sensor import typical_sensor

    person = scripted_person(1, int(time.time()), "UTC")
    encoder, driver, at = PolarH10Encoder(), PolarDriver(), 0.0
    sensor = Sensor("strap", "polar", "Strap", "me", Placement.STERNUM, 0.0, simulated=True)
    model = typical_sensor(
        3, person.body, sensor.placement, rate_hz=encoder.rate_hz, power_on=time.time()
    )
    recorder = Recorder(path, [sensor], started=0.0, redact=False)
    recorder.link(sensor.id, "connected", 0.0)
    commands = deque(driver.start())
    while commands:
        command = commands.popleft()
        answers = []
        if isinstance(command, Read):
            own = command.characteristic != BATTERY_LEVEL
            value = encoder.read(command.characteristic) if own else bytes([90])
            answers.append((command.characteristic, value))
        else:
            sent = encoder.written(command.characteristic, command.payload)
            answers += [(message.characteristic, message.payload) for message in sent]
        for characteristic, payload in answers:
            recorder.notification(Notification(sensor.id, characteristic, payload, at))
            events = driver.feed(characteristic, payload, at)
            commands.extend(event for event in events if isinstance(event, Write | Read))
    for packet in range(int(PLAYED_S * encoder.rate_hz / encoder.chunk)):
        at = (packet + 1) * encoder.chunk / encoder.rate_hz
        times, acc, _ = model.samples(packet * encoder.chunk, encoder.chunk)
        for message in encoder.samples(times, acc, None):
            recorder.notification(
                Notification(sensor.id, message.characteristic, message.payload, at)
            )
    recorder.close()


async def _alone(folder: Path) -> None:
    from collector.player import Player
    from collector.radio import Radio
    from collector.recording import RecordingFile
    from domain.people import Sensor, Wearer
    from domain.samples import SampleBlock
    from service.plan import ServicePlan
    from service.serve import Service, stop_on_signals
    from service.store_file import open_store
    from service.timebase import Timebase

    recording = RecordingFile(folder / "strap.jsonl")
    (found,) = recording.sensors
    sensor = Sensor(found.id, found.driver, found.name, "me", found.placement, 0.0, simulated=True)
    store = open_store(folder)
    plan = ServicePlan(wearers=(Wearer("me", "Me", "UTC"),), sensors=(sensor,), calibrations={})
    service = Service(plan, store=store, radio=Radio(clock=time.time), timebase=Timebase())

    async def play(service: Service) -> None:
        def take(_sensor: str, _at: float, played: object) -> None:
            if isinstance(played, SampleBlock):
                service.engine.take(played)

        await Player(recording, start=time.time()).play(take, speed=1.0)

    stop_on_signals(service)
    await service.serve(on_ready=lambda url: print(url, flush=True), beside=[play])
    store.close()


async def _whole(folder: Path) -> None:
    from domain.placement import Placement
    from service.air import simulated_radio
    from service.person import scripted_person
    from service.plan import ServicePlan
    from service.serve import Service, stop_on_signals
    from service.simulation import SimulatedSensor, Simulation
    from service.store_file import open_store
    from service.timebase import Timebase

    now, clock = int(time.time()), Timebase()
    person = scripted_person(1, now, "UTC")
    strap = SimulatedSensor("polar-h10", "A0:9E:1A:51:77:09", "Strap", Placement.STERNUM, seed=3)
    sensor = strap.paired("me", float(now))
    calibrations = {sensor.id: strap.calibration(person.body, float(now))}
    simulation = Simulation([(strap, strap.model(person.body, float(now)))], clock=clock.now)
    store = open_store(folder)
    plan = ServicePlan(wearers=(person.wearer,), sensors=(sensor,), calibrations=calibrations)
    radio = simulated_radio(simulation, clock.now)
    service = Service(plan, store=store, radio=radio, timebase=clock)
    stop_on_signals(service)
    async with simulation:
        await service.serve(on_ready=lambda url: print(url, flush=True))
    store.close()


if __name__ == "__main__":
    serve = {"alone": _alone, "whole": _whole}[sys.argv[1]]
    asyncio.run(serve(Path(sys.argv[2])))
