"""A service to be asked: one simulated sensor that streams, and weeks of history in the embedded store.

It runs as a process of its own, `python -m benchmarks.subject FOLDER`, and is watched from outside. What is
to be seen only from within, how long publishing takes and how late its loop is, it tells when it ends.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from pydantic import BaseModel

from api import views
from api.exposure import Exposure
from api.live import EventName, LiveHub
from api.server import listen
from benchmarks.days import DAY_S, day_of_frames
from domain.placement import Placement
from service.air import simulated_radio
from service.person import scripted_person
from service.serve import Service, ServicePlan, stop_on_signals
from service.simulation import SimulatedSensor, Simulation
from service.store_file import open_store
from service.timebase import Timebase
from storage.contract import Batch

ROOT = Path(__file__).resolve().parents[1]
WEARER = "me"
START_S = 300.0
#: How often its loop is asked whether it is late, s.
LOOKED_S = 0.05


@dataclass(frozen=True, slots=True)
class Subject:
    """A service that runs."""

    host: str
    port: int
    process: psutil.Process
    told: dict[str, float]  #: what it says of itself, once it has ended

    def cpu_s(self) -> float:
        """CPU seconds that it has taken."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def rss_mb(self) -> float:
        """What it holds."""
        return float(self.process.memory_info().rss / 1e6)


@contextmanager
def subject(*, days: int, more_hz: float = 0.0, send_bytes: int = 0) -> Iterator[Subject]:
    """Run one with `days` of history.

    more_hz: so many events a second beside those of the sensor; send_bytes: how much the system keeps of
    what a reader does not take (0: as much as it likes, which is megabytes).
    """
    with tempfile.TemporaryDirectory() as folder:
        words = ["--days", str(days), "--more-hz", str(more_hz), "--send-bytes", str(send_bytes)]
        started = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.subject", folder, *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert started.stdout is not None
        try:
            url = next(line for line in started.stdout if line.startswith("http")).strip()
            host, _, port = url.removeprefix("http://").strip("/").partition(":")
            running = Subject(host, int(port), psutil.Process(started.pid), {})
            yield running
            started.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                rest, _ = started.communicate(timeout=60)
                running.told.update(json.loads(rest.strip().splitlines()[-1]))
        finally:
            started.kill()
            started.wait()


class TimedHub:
    """Notes how long a hub's publishing takes, as whoever publishes feels it."""

    def __init__(self, hub: LiveHub) -> None:
        self.taken_s: list[float] = []
        self._publish = hub.publish
        hub.publish = self  # type: ignore[method-assign,assignment]

    def __call__(self, event: EventName, data: BaseModel, *, wearer: str | None = None) -> None:
        """Publish."""
        begun = time.perf_counter()
        self._publish(event, data, wearer=wearer)
        self.taken_s.append(time.perf_counter() - begun)


async def _serve(folder: Path, days: int, more_hz: float, send_bytes: int) -> None:
    now, clock = int(time.time()), Timebase()
    person = scripted_person(1, now, "UTC")
    wearer = person.wearer
    strap = SimulatedSensor("polar-h10", "A0:9E:1A:51:77:09", "Strap", Placement.STERNUM, seed=3)
    sensor = strap.paired(wearer.id, float(now))
    calibrations = {sensor.id: strap.calibration(person.body, float(now))}
    simulation = Simulation([(strap, strap.model(person.body, float(now)))], clock=clock.now)
    store = open_store(folder)
    store.put_wearer(wearer)
    today = now - now % DAY_S
    for day in range(days + 1):  # and of today what is over
        frames = day_of_frames(wearer.id, today - (days - day) * DAY_S, seed=day)
        store.write(Batch(frames=(frames.select(frames.times < now - 60),)), now=float(now))
    listener = listen("127.0.0.1", 0)
    if send_bytes:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_bytes)
    plan = ServicePlan(
        wearers=(wearer,),
        sensors=(sensor,),
        calibrations=calibrations,
        simulated=True,
        exposure=Exposure(streams_per_client=256),
    )
    radio = simulated_radio(simulation, clock.now)
    service = Service(plan, store=store, radio=radio, timebase=clock, listener=listener)
    hub = service._hub  # noqa: SLF001 - what it keeps is what is to be seen
    timed, late_s = TimedHub(hub), list[float]()

    async def look(_service: Service) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(LOOKED_S)
            late_s.append(time.perf_counter() - begun - LOOKED_S)

    async def say_more(service: Service) -> None:
        while more_hz:
            await asyncio.sleep(1 / more_hz)
            hub.publish("now", views.now_model(service.view, wearer.id), wearer=wearer.id)

    stop_on_signals(service)
    async with simulation:
        await service.serve(on_ready=lambda url: print(url, flush=True), beside=[look, say_more])
    store.close()
    figures = {
        "publishes": float(len(timed.taken_s)),
        "publish_p95_ms": float(np.percentile(timed.taken_s, 95)) * 1e3,
        "publish_max_ms": max(timed.taken_s) * 1e3,
        "late_p95_ms": float(np.percentile(late_s, 95)) * 1e3,
        "late_max_ms": max(late_s) * 1e3,
        "clients": float(hub.clients),
        "dropped": float(hub.dropped),
    }
    print(json.dumps(figures), flush=True)


def main() -> None:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.subject", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=1)
    parser.add_argument("--more-hz", type=float, default=0.0)
    parser.add_argument("--send-bytes", type=int, default=0)
    options = parser.parse_args()
    asyncio.run(_serve(options.folder, options.days, options.more_hz, options.send_bytes))


if __name__ == "__main__":
    main()
