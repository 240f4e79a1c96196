"""A person sits for 20 minutes while something is wrong with the machine from the tenth minute to the
seventeenth; what came of it is printed as JSON.

    python faulty_engine.py FOLDER FAULT

The engine, its writer and the store are the real ones and commit every second of the samples' time. FAULT:
file-limit (no file may grow), full-disk (what FOLDER lies on is filled up), clock-back (the machine's
clock is set back an hour and stays so), none.
"""

import asyncio
import contextlib
import json
import resource
import sys
from pathlib import Path

import numpy as np

from alerts.settings import AlertSettings
from analysis.settings import AnalysisSettings
from domain.errors import StoreError
from domain.people import Calibration, ReferenceMethod, Sensor, Wearer
from domain.placement import Placement
from domain.samples import SampleBlock
from service.engine import Engine
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
            case "clock-back":
                return -3600.0
        return 0.0

    def end(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)
        self._ballast.unlink(missing_ok=True)


async def sit(folder: Path, kind: str) -> dict[str, object]:
    """Twenty minutes."""
    fault, set_by_s, second = Fault(kind, folder), 0.0, 0
    alerts: list[tuple[int, str]] = []
    refused: list[int] = []
    rng = np.random.default_rng(0)
    with SqliteStore(folder / "sitwell.db") as store:
        engine = Engine(
            store=store, now=lambda: T0 + second + 1.0 + set_by_s, speed=1.0,
            wearers=(Wearer("ada", "Ada", "UTC"),), sensors=(BAND,), calibrations={BAND.id: WORN},
            analysis=AnalysisSettings(), alerts=AlertSettings(sitting_after_min=15.0),
            announce=lambda event, thing: alerts.append((second, thing.id))
            if event == "alert" else None,
        )  # fmt: skip
        for second in range(ENDS_AT_S):
            if second == FAULT_AT_S:
                set_by_s = fault.begin()
            if second == WELL_AT_S:
                fault.end()
            times = T0 + second + np.arange(RATE_HZ) / RATE_HZ
            acc_g = np.array([0.02, 0.0, 1.0]) + rng.normal(0.0, 0.003, (RATE_HZ, 3))
            engine.take(SampleBlock(BAND.id, times, acc_g, None, float(RATE_HZ)))
            engine.tick()
            try:
                await engine.writer.commit()
            except StoreError:
                refused.append(second)
        await engine.writer.close()
        frames = store.frames("ada", 0, 2**40)
        minutes = store.series("ada", 0, 2**33, 60)
        return {
            "alerts": alerts,
            "refused": refused,
            "stored_alerts": [alert.id for alert in store.alerts("ada")],
            "times": frames.times.tolist(),
            "minutes": [minutes.times.tolist(), minutes.seconds.sum(axis=1).tolist()],
            "sits": [each.start for each in store.episodes("ada", 0, 2**40)],
            "dropped": engine.writer.dropped_frames,
            "healthy": store.health().ok,
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(sit(Path(sys.argv[1]), sys.argv[2]))))
