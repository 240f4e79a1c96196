"""People played through everything: peripheral, bleak, driver, clock, analysis, store and HTTP API."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from numpy.typing import NDArray

from collector.session import Timings
from domain.posture import Activity
from service.air import simulated_radio
from service.person import DemoPerson
from service.plan import ServicePlan
from service.serve import Service
from service.simulation import Simulation
from service.store_file import open_store
from service.timebase import Timebase

#: 2026-11-23 09:00 UTC, a Monday.
ANCHOR = 1_795_424_400
AFTERGLOW_S = 30.0  # of the clock, after the last recording has ended
STEP_S = 0.005  # wall seconds
_LOOK_S = 0.1
COMMIT_S = 3.0  # wall seconds in which everything is committed
REQUEST_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Seconds:
    """The series of a wearer at one second: Unix times (n,), activity (n,), lean (n,) deg or NaN."""

    times: NDArray[np.int64]
    activity: NDArray[np.int64]
    lean_deg: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the API says of one wearer after the play: its own JSON, times as Unix s."""

    seconds: Seconds
    episodes: list[dict[str, Any]]
    alerts: list[dict[str, Any]]
    sensor: dict[str, Any]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Episodes of this kind, by start."""
        return [episode for episode in self.episodes if episode["kind"] == kind]


class PatientTimebase(Timebase):
    """A clock that waits for a busy machine: its seconds pass only while `run` gets its turns.

    On the wall's clock a process that is not run for a tenth of a second is late by two seconds at
    speed 20, as no radio is; here everything that is due gets done before the clock goes on.
    """

    def __init__(self, *, speed: float, start: float) -> None:
        super().__init__(speed=speed, start=start)
        self._now = start

    def now(self) -> float:
        """The present time, Unix seconds."""
        return self._now

    async def run(self, service: Service) -> None:
        """Go on, a step a turn, for ever."""
        while True:
            await asyncio.sleep(STEP_S)
            self._now += STEP_S * self.speed


async def play(
    people: Sequence[DemoPerson], *, data_dir: Path, speed: float, anchor: int = ANCHOR
) -> dict[str, Answers]:
    """Run the service as `sitwell demo --recording` does, with all of `people`, to the end of the
    longest recording; then ask its API, over the loopback. Answers by wearer."""
    timebase = PatientTimebase(speed=speed, start=float(anchor))
    plan = ServicePlan(
        wearers=tuple(person.wearer for person in people),
        sensors=tuple(sensor for person in people for sensor in person.sensors),
        calibrations={k: c for person in people for k, c in person.calibrations.items()},
        timings=Timings(silent_after_s=2.0),
    )
    worn = [each for person in people for each in person.worn]
    over = max(person.ends_at or 0.0 for person in people) + AFTERGLOW_S
    store = open_store(data_dir)
    found: dict[str, Answers] = {}

    async def listen(service: Service) -> None:
        while timebase.now() < over:
            await asyncio.sleep(_LOOK_S)
        await asyncio.sleep(COMMIT_S)
        async with httpx2.AsyncClient(
            base_url=f"{service.url}api/v1", timeout=REQUEST_TIMEOUT_S
        ) as client:
            for person in people:
                found[person.wearer.id] = await _ask(client, person.wearer.id, anchor, over)
        service.stop()

    try:
        simulation = Simulation(worn, clock=timebase.now, speed=speed)
        radio = simulated_radio(simulation, timebase.now)
        service = Service(plan, store=store, radio=radio, timebase=timebase)
        async with simulation:
            await service.serve(beside=[timebase.run, listen])
    finally:
        store.close()
    return found


async def _ask(client: httpx2.AsyncClient, wearer: str, start: float, end: float) -> Answers:
    span = {"start": _rfc3339(start), "end": _rfc3339(end)}

    async def get(path: str, **parameters: Any) -> Any:
        answer = await client.get(path, params=parameters)
        answer.raise_for_status()
        return answer.json()

    series = await get(f"/wearers/{wearer}/series", **span, resolution_s=1)
    episodes = (await get(f"/wearers/{wearer}/episodes", **span))["items"]
    alerts = (await get("/alerts", wearer=wearer, limit=1000))["items"]
    sensors = (await get("/sensors"))["items"]
    (sensor,) = [sensor for sensor in sensors if sensor["wearer"] == wearer]
    for thing in (*episodes, *alerts):
        for name in ("start", "end", "opened_at", "closed_at"):
            if isinstance(thing.get(name), str):
                thing[name] = _unix(thing[name])
    alerts.sort(key=lambda alert: alert["opened_at"])
    return Answers(_seconds(series), episodes, alerts, sensor)


def _seconds(series: dict[str, Any]) -> Seconds:
    assert series["resolution_s"] == 1
    n = len(series["times"])
    activity = np.full(n, -1, dtype=np.int64)
    for each in Activity:
        activity[np.array(series["seconds"][each.word]) > 0.5] = int(each)
    lean = [np.nan if value is None else value for value in series["means"]["lean_deg"]]
    times = np.array([int(_unix(text)) for text in series["times"]], dtype=np.int64)
    return Seconds(times, activity, np.array(lean, dtype=np.float64))


def _rfc3339(time: float) -> str:
    return datetime.fromtimestamp(int(time), UTC).isoformat().replace("+00:00", "Z")


def _unix(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
