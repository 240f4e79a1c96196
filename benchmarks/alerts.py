"""From a sample to the alert at an SSE client: the real service and its HTTP server, a client in a process.

Wearers with a thigh sensor of 25 Hz pass their sitting limit one after the other; notifications come
twice a second. `state to alert` counts from the moment at which the block that decides is handed to the
engine to the event's arrival at the client: analysis, policy, SSE, HTTP and the client's parsing. `sample
to alert` counts from the time of that block's last sample. Both are wall time.

    python -m benchmarks.alerts
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
WEARERS, RATE_HZ, CHUNK_S = 40, 25.0, 0.5
LIMIT_S, APART_S, LEAD_S = 1800, 0.75, 12.0


async def measure(folder: Path) -> dict[str, np.ndarray]:
    """Seconds from state and from sample to the client, one of each a wearer."""
    from alerts.settings import AlertSettings
    from collector.radio import Radio
    from domain.alerts import Alert
    from domain.people import Calibration, ReferenceMethod, Sensor, Wearer
    from domain.placement import Placement
    from domain.samples import SampleBlock
    from service.plan import ServicePlan
    from service.serve import Service
    from service.store_file import open_store
    from service.timebase import Timebase

    wearers = tuple(Wearer(f"w{n}", f"W{n}", "UTC") for n in range(WEARERS))
    sensors = tuple(
        Sensor(f"S{n}", "witmotion", f"S{n}", f"w{n}", Placement.THIGH, 1.0) for n in range(WEARERS)
    )
    axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    upright = {
        each.id: Calibration(
            each.id, each.placement, 1.0, ReferenceMethod.ONE_POSE, axes, None, 1.0
        )
        for each in sensors
    }
    plan = ServicePlan(
        wearers=wearers,
        sensors=sensors,
        calibrations=upright,
        alerts=AlertSettings(wait_for_pause_s=0),
    )
    store = open_store(folder)
    service = Service(plan, store=store, radio=Radio(clock=time.time), timebase=Timebase())
    noise = np.random.default_rng(1)
    handed: dict[str, tuple[float, float]] = {}
    taking = (0.0, 0.0)
    announce = service.telling.announce

    def noted(thing: object) -> None:
        if isinstance(thing, Alert) and thing.said == 1:
            handed[thing.id] = taking
        announce(thing)

    service.telling.announce = noted  # type: ignore[method-assign]

    def hand(n: int, start: float, end: float) -> None:
        nonlocal taking
        count = round((end - start) * RATE_HZ)
        times = start + np.arange(1, count + 1) / RATE_HZ
        acc_g = np.array([1.0, 0.0, 0.0]) + noise.normal(0, 0.02, (count, 3))
        taking = (time.monotonic(), time.monotonic() - (time.time() - times[-1]))
        service.engine.take(SampleBlock(f"S{n}", times, acc_g, None, RATE_HZ))

    told: dict[str, float] = {}

    async def drive(service: Service) -> None:
        client = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.alerts", service.url, cwd=ROOT, stdout=subprocess.PIPE
        )
        assert client.stdout is not None
        assert await client.stdout.readline() == b"listening\n"
        first = float(int(time.time())) + LEAD_S
        until = [float(int(time.time()))] * WEARERS
        for n in range(WEARERS):  # what they sat so far
            hand(n, first + n * APART_S - LIMIT_S - 3, until[n])
            await asyncio.sleep(0)

        async def listen() -> None:
            async for line in client.stdout:
                alert, at = line.decode().split()
                told.setdefault(alert, float(at))

        listening = asyncio.create_task(listen())
        deadline = time.time() + LEAD_S + WEARERS * APART_S + 20
        while len(told) < WEARERS and time.time() < deadline:
            for n in range(WEARERS):
                while until[n] + CHUNK_S <= time.time():
                    hand(n, until[n], until[n] + CHUNK_S)
                    until[n] += CHUNK_S
                    await asyncio.sleep(0)
            await asyncio.sleep(0.005)
        client.terminate()
        await client.wait()
        listening.cancel()
        service.stop()

    await service.serve(beside=[drive])
    store.close()
    both = [
        (told[key] - at, told[key] - sample) for key, (at, sample) in handed.items() if key in told
    ]
    state, sample = np.array(both).T
    return {"state to alert": state, "sample to alert": sample}


def listen(url: str) -> None:
    """The client: prints the id of every alert with when it came."""
    with httpx2.stream("GET", f"{url}api/v1/live", timeout=120.0) as answer:
        event = ""
        for line in answer.iter_lines():
            at = time.monotonic()
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
                if event == "hello":
                    print("listening", flush=True)
            elif line.startswith("data: ") and event == "alert":
                print(line.split('"id":"')[1].split('"')[0], at, flush=True)


def rows() -> list[tuple[str, str, str]]:
    """For docs/benchmarks.md."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(Path(folder)))
    bars = {"state to alert": "250 ms p95", "sample to alert": "-"}
    return [
        (
            f"{what} at an SSE client, {len(seconds)} wearers",
            (
                f"{np.percentile(seconds, 50) * 1000:.0f} ms median, "
                f"{np.percentile(seconds, 95) * 1000:.0f} ms p95, {seconds.max() * 1000:.0f} ms at most"
            ),
            bars[what],
        )
        for what, seconds in found.items()
    ]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        listen(sys.argv[1])
    else:
        for row in rows():
            print(": ".join(row[:2]))
