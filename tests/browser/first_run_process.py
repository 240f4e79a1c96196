"""Sitwell as it is unpacked, in a process of its own: no sensor is paired, two are on the simulated air.

    python -m tests.browser.first_run_process FOLDER

Service, store, pairing, collector, bleak and Bumble's link and GATT server are the real ones; the air and the
person are not. It prints its address, then takes words on its standard input: `upright`, `slouch` and
`standing` are poses the person takes, `shake` has them move in it, `still` ends that. It ends with its input.
"""

import asyncio
import sys
import time
from pathlib import Path

import numpy as np

from domain.people import Wearer
from domain.placement import Placement
from domain.samples import Floats
from service.air import SIMULATED_PERSON, simulated_radio
from service.plan import ServicePlan
from service.serve import Service
from service.simulation import PosingBody, SimulatedSensor, Simulation
from service.timebase import Timebase
from simulators.body import Pose, ScriptedBody
from simulators.days import demo_script
from storage.sqlite import SqliteStore

CLIP, BAND = "C0:FF:EE:00:00:01", "A0:9E:1A:51:77:04"
SENSORS = (
    SimulatedSensor("posture-profile", CLIP, "Clip", Placement.UPPER_BACK, seed=11),
    SimulatedSensor("polar-oh1", BAND, "Band", Placement.THIGH, seed=23),
)


class Restless(PosingBody):
    """Somebody who may move in the pose they hold."""

    def __init__(self, body: ScriptedBody) -> None:
        super().__init__(body)
        self.shaking = False

    def motion(
        self, placement: Placement, times: Floats, *, gyro: bool = True
    ) -> tuple[Floats, Floats | None]:
        acc_g, rate_dps = super().motion(placement, times, gyro=gyro)
        if self.shaking:
            acc_g = acc_g + 0.2 * np.sin(2 * np.pi * times)[:, None]
        return acc_g, rate_dps


async def listen(body: Restless, service: Service) -> None:
    """Do what is said on the standard input, until it ends."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        word = line.strip()
        if word in ("shake", "still"):
            body.shaking = word == "shake"
        else:
            body.take(Pose(word))
    service.stop()


async def main(folder: Path) -> None:
    now = time.time()
    script = demo_script(SIMULATED_PERSON, now, midnight_s=now, lead_s=3600)
    body = Restless(ScriptedBody.of(SIMULATED_PERSON, script))
    with SqliteStore(folder / "sitwell.db") as store:
        worn = [(sensor, sensor.model(body, now)) for sensor in SENSORS]
        async with Simulation(worn, clock=time.time) as simulation:
            service = Service(
                ServicePlan(wearers=(Wearer("me", "Me", "UTC"),), sensors=(), calibrations={}),
                store=store,
                radio=simulated_radio(simulation, time.time),
                timebase=Timebase(),
            )
            listening = asyncio.create_task(listen(body, service))
            await service.serve(on_ready=lambda url: print(url, flush=True))
            listening.cancel()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
