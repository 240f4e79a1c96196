"""A service that starts on a machine whose clock is behind what is stored, as after an empty battery."""

import asyncio
import time
from pathlib import Path

from domain.people import Wearer
from service.air import SIMULATED_PERSON, simulated_radio
from service.plan import ServicePlan
from service.serve import Service
from service.simulation import DEMO_SENSORS, Simulation
from service.timebase import Timebase
from simulators.body import ScriptedBody
from simulators.days import demo_script
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.api.service_fake import frames

ME = Wearer("me", "Me", "UTC")


async def test_measures_at_once_and_tells_it_after_what_was_stored(tmp_path: Path) -> None:
    now = time.time()
    ahead = int(now) + 3600
    body = ScriptedBody.of(
        SIMULATED_PERSON, demo_script(SIMULATED_PERSON, now, midnight_s=now, lead_s=3600)
    )
    band = DEMO_SENSORS[0]
    with SqliteStore(tmp_path / "sitwell.db") as store:
        before = frames(ME.id, ahead - 60, 60)
        store.write(Batch(frames=(before,)), now=now)
        async with Simulation([(band, band.model(body, now))], clock=time.time) as simulation:
            service = Service(
                ServicePlan(
                    wearers=(ME,),
                    sensors=(band.paired(ME.id, now),),
                    calibrations={band.address: band.calibration(body, now)},
                ),
                store=store,
                radio=simulated_radio(simulation, time.time),
                timebase=Timebase(),
            )
            serving = asyncio.create_task(service.serve())
            async with asyncio.timeout(90):
                while len(store.frames(ME.id, ahead, ahead + 7200)) < 3:
                    await asyncio.sleep(0.1)
            service.stop()
            await asyncio.wait_for(serving, 30)
        found = store.frames(ME.id, 0, 2**33)
        assert found.times.tolist()[:60] == before.times.tolist()
        assert found.times.tolist() == list(range(ahead - 60, ahead - 60 + len(found)))
        assert len(found) < 120, "not an hour of unknown seconds"
