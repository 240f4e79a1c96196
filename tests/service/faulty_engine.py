"""A person sits for 20 minutes while something is wrong with the machine from the tenth minute to the
seventeenth; what came of it is printed as JSON.

    python faulty_engine.py FOLDER FAULT [URL]

The engine, its writer and the store are the real ones and commit every second of the samples' time. FAULT:
file-limit (no file may grow), full-disk (what FOLDER lies on is filled up), clock-back (the machine's
clock is set back an hour and stays so), restart (it is set back while the service is stopped and started; it
goes on for half an hour then), read-only (the ext4 that FOLDER is finds an error, which makes it read-only
for good: the kernel's `abort`; in the seventeenth minute somebody mounts it anew and starts the
service), none. URL: of an InfluxDB that what is measured is sent to meanwhile.
"""

import asyncio
import contextlib
import json
import math
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from alerts.settings import AlertSettings
from analysis.settings import AnalysisSettings
from collector.clock import ClockFit
from domain.errors import StoreError
from domain.people import Calibration, ReferenceMethod, Sensor, Wearer
from domain.placement import Placement
from domain.samples import SampleBlock
from service.engine import Announce, Engine
from storage.influx.forwarder import Forwarder
from storage.influx.settings import InfluxSettings
from storage.influx.store import InfluxStore
from storage.sqlite import SqliteStore

T0 = 1_790_067_600  # nine in the morning, UTC
RATE_HZ = 10
FAULT_AT_S, WELL_AT_S, ENDS_AT_S = 600, 1020, 1200
BAND = Sensor("A0:00:00:00:00:02", "polar", "Band", "ada", Placement.THIGH, float(T0))
TURN = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
WORN = Calibration(BAND.id, Placement.THIGH, T0 - 60.0, ReferenceMethod.ONE_POSE, TURN, None, 0.4)


class Fault:
    """What goes wrong, and how it is put right again."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._kind = kind
        self._folder = folder
        self._ballast = folder / "ballast"
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def begin(self) -> float:
        """Seconds by which the clock is set."""
        match self._kind:
            case "file-limit":
                resource.setrlimit(resource.RLIMIT_FSIZE, (4096, self._limits[1]))
            case "full-disk":
                with contextlib.suppress(OSError), self._ballast.open("wb", buffering=0) as file:
                    while True:
                        file.write(bytes(512))
            case "read-only":
                subprocess.run(["mount", "-o", "remount,abort", self._folder], check=False)
                with contextlib.suppress(OSError):
                    self._ballast.touch()
                    raise RuntimeError("it can still be written to")
            case "clock-back" | "restart":
                return -3600.0
        return 0.0

    def end(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)
        if self._kind == "read-only":
            mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
            (device,) = {words[0] for words in mounts if words[1] == str(self._folder)}
            subprocess.run(["umount", self._folder], check=True)
            subprocess.run(["mount", device, self._folder], check=True)
        self._ballast.unlink(missing_ok=True)


class Run:
    """The service from a start to a stop."""

    def __init__(
        self,
        folder: Path,
        now: Callable[[], float],
        announce: Announce,
        server: InfluxSettings | None,
    ) -> None:
        self.store: SqliteStore
        self.forwarder: Forwarder | None = None
        if server is None:
            self.store = SqliteStore(folder / "sitwell.db")
        else:
            self.store = store = InfluxStore(folder / "sitwell.db", server, clock=now)
            self.forwarder = Forwarder(store, store.server, server, now=now)
        self.engine = Engine(
            store=self.store, now=now, speed=1.0,
            wearers=(Wearer("ada", "Ada", "UTC"),), sensors=(BAND,), calibrations={BAND.id: WORN},
            analysis=AnalysisSettings(), alerts=AlertSettings(sitting_after_min=15.0, wait_for_pause_s=0.0),
            announce=announce,
        )  # fmt: skip
        self.clock = ClockFit(not_before=self.engine.judged_until("ada"))

    async def stop(self) -> None:
        """As far as the disk lets it."""
        if self.forwarder is not None:
            await self.forwarder.close()
        with contextlib.suppress(StoreError):
            await self.engine.writer.close()
        with contextlib.suppress(StoreError):
            self.store.close()


async def at_the_server(run: Run) -> dict[str, object] | None:
    """What the server says it has, once all is sent."""
    if run.forwarder is None or not isinstance(run.store, InfluxStore):
        return None
    await run.forwarder.drain(now=math.inf)
    await run.forwarder.close()
    reader, sums = run.store._remote, []
    for store in (reader, run.store):
        minutes = store.rollups("ada", 0, 2**33, 60)
        sums.append([minutes.times.tolist(), minutes.sums.tolist(), minutes.seen.tolist()])
    return {
        "times": reader.frames("ada", 0, 2**33).times.tolist(),
        "minutes_equal": sums[0] == sums[1],
        "owed": run.store.debt().points,
        "dead_letters": run.store.debt().dead_letters,
    }


async def sit(folder: Path, kind: str, server: InfluxSettings | None) -> dict[str, object]:
    """Twenty minutes, or half an hour."""
    fault, set_by_s, second = Fault(kind, folder), 0.0, 0
    alerts: list[tuple[int, str]] = []
    refused: list[int] = []
    details: set[str] = set()
    rng = np.random.default_rng(0)

    def now() -> float:
        return T0 + second + 1.0 + set_by_s

    def announce(event: str, thing: Any) -> None:
        if event == "alert":
            alerts.append((second, thing.id))

    run = Run(folder, now, announce, server)
    for second in range(1800 if kind == "restart" else ENDS_AT_S):
        if second == FAULT_AT_S:
            if kind == "restart":
                await run.stop()
            set_by_s = fault.begin()
            if kind == "restart":
                run = Run(folder, now, announce, server)
        if second == WELL_AT_S:
            if kind == "read-only":
                details.add(run.store.health().detail)
                await run.stop()
            fault.end()
            if kind == "read-only":
                run = Run(folder, now, announce, server)
        times = T0 + second + np.arange(RATE_HZ) / RATE_HZ
        if kind == "restart":
            times = run.clock.push(times, now())
        acc_g = np.array([0.02, 0.0, 1.0]) + rng.normal(0.0, 0.003, (RATE_HZ, 3))
        run.engine.take(SampleBlock(BAND.id, times, acc_g, None, float(RATE_HZ)))
        run.engine.tick()
        try:
            await run.engine.writer.commit()
        except StoreError:
            refused.append(second)
        if run.forwarder is not None and second % 40 == 0:
            await run.forwarder._turn()
    await run.engine.writer.close()
    store = run.store
    frames = store.frames("ada", 0, 2**40)
    minutes = store.series("ada", 0, 2**33, 60)
    found = {
        "alerts": alerts,
        "refused": refused,
        "details": sorted(details),
        "stored_alerts": [alert.id for alert in store.alerts("ada")],
        "times": frames.times.tolist(),
        "minutes": [minutes.times.tolist(), minutes.seconds.sum(axis=1).tolist()],
        "sits": [each.start for each in store.episodes("ada", 0, 2**40)],
        "dropped": run.engine.writer.dropped_frames,
        "healthy": store.health().ok,
        "at_the_server": await at_the_server(run),
    }
    store.close()
    return found


if __name__ == "__main__":
    where = InfluxSettings(
        url=sys.argv[3], database=sys.argv[2], local_days=36500, outbox_days=36500
    ) if len(sys.argv) > 3 else None  # fmt: skip
    print(json.dumps(asyncio.run(sit(Path(sys.argv[1]), sys.argv[2], where))))
