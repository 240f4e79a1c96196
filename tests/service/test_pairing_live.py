"""A running service, a simulated person in simulated air, and a stranger who pairs over HTTP."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect

from domain.people import Wearer
from service.air import SIMULATED_PERSON, simulated_radio
from service.plan import ServicePlan
from service.serve import Service
from service.simulation import DEMO_SENSORS, PosingBody, Simulation
from service.timebase import Timebase
from simulators.body import Pose, ScriptedBody
from simulators.days import demo_script
from storage.sqlite import SqliteStore

PATIENCE_S = 90.0  # with a busy machine
BACK, THIGH = (sensor.address for sensor in DEMO_SENSORS)
ME = Wearer("me", "Me", "UTC")


class Stranger:
    """Somebody with nothing but the API."""

    def __init__(self, client: httpx2.AsyncClient, body: PosingBody) -> None:
        self.client = client
        self.body = body

    async def get(self, path: str) -> Any:
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: dict[str, Any], status: int = 200) -> Any:
        answer = await self.client.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def take(self, pose: Pose, sensor: str) -> None:
        """Hold the pose until samples of it come: the band's packets are a second and a half long."""
        samples = f"{self.client.base_url}sensors/{sensor}/samples".replace("http", "ws", 1)
        async with connect(samples) as blocks, asyncio.timeout(PATIENCE_S):
            since = time.time()
            self.body.take(pose)
            while json.loads(await blocks.recv())["times"][0] < since:
                pass

    async def until(
        self, path: str, true: Callable[[Any], bool], seconds: float = PATIENCE_S
    ) -> Any:
        async with asyncio.timeout(seconds):
            while not true(found := await self.get(path)):
                await asyncio.sleep(0.2)
        return found


@pytest.fixture
async def stranger(tmp_path: Path) -> AsyncIterator[Stranger]:
    now = time.time()
    script = demo_script(SIMULATED_PERSON, now, midnight_s=now, lead_s=3600)
    body = PosingBody(ScriptedBody.of(SIMULATED_PERSON, script))
    worn = [(sensor, sensor.model(body, now)) for sensor in DEMO_SENSORS]
    with SqliteStore(tmp_path / "sitwell.db") as store:
        async with Simulation(worn, clock=time.time) as simulation:
            service = Service(
                ServicePlan(wearers=(ME,), sensors=(), calibrations={}),
                store=store,
                radio=simulated_radio(simulation, time.time),
                timebase=Timebase(),
            )
            ready = asyncio.Event()
            serving = asyncio.create_task(service.serve(on_ready=lambda _url: ready.set()))
            await asyncio.wait_for(ready.wait(), PATIENCE_S)
            url = f"{service.url}api/v1"
            async with httpx2.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
                yield Stranger(client, body)
            service.stop()
            await asyncio.wait_for(serving, PATIENCE_S)


def in_state(state: str) -> Callable[[Any], bool]:
    return lambda sensors: all(item["state"] == state for item in sensors["items"])


@pytest.mark.slow
async def test_from_a_sensor_in_the_hand_to_lean_on_the_page_and_back(stranger: Stranger) -> None:
    assert (await stranger.get("/sensors"))["items"] == []
    found = await stranger.until("/discovery", lambda found: len(found["items"]) == 2)
    assert {item["address"] for item in found["items"]} == {BACK, THIGH}
    assert all("upper_back" in item["placements"] for item in found["items"])

    sensor = await stranger.post(
        "/sensors", {"address": BACK, "placement": "upper_back", "name": "Clip"}, 201
    )
    assert (sensor["name"], sensor["driver"], sensor["calibration"]) == ("Clip", "polar", None)
    await stranger.until("/sensors", in_state("streaming"))
    again = await stranger.client.post("/sensors", json={"address": BACK, "placement": "waist"})
    assert again.status_code == 409
    shown = await stranger.client.post(f"/sensors/{BACK}/identify", json={})
    assert shown.status_code == 422
    assert "cannot show itself" in shown.json()["detail"]

    await stranger.take(Pose.UPRIGHT, BACK)
    held = await stranger.post(f"/sensors/{BACK}/poses", {"pose": "upright"})
    assert held["taken"]["pose"] == "upright", held
    await stranger.take(Pose.SLOUCH, BACK)
    held = await stranger.post(f"/sensors/{BACK}/poses", {"pose": "slouch"})
    assert held["taken"]["pose"] == "slouch", held
    sensor = (await stranger.post(f"/sensors/{BACK}/calibration", {}))["sensor"]
    slouch_deg = sensor["calibration"]["slouch_deg"]
    assert sensor["calibration"]["method"] == "two_poses"
    await stranger.until(
        "/wearers/me/now",
        lambda now: now["lean_deg"] is not None and abs(now["lean_deg"] - slouch_deg) < 3,
    )

    await stranger.post("/sensors", {"address": THIGH, "placement": "thigh"}, 201)
    await stranger.until("/sensors", in_state("streaming"))
    await stranger.until(
        "/wearers/me/now", lambda now: sorted(now["placements"]) == ["thigh", "upper_back"]
    )

    moved = await stranger.client.patch(f"/sensors/{BACK}", json={"placement": "sternum"})
    assert moved.json()["placement"] == "sternum"
    assert moved.json()["calibration"] is None
    history = await stranger.get(f"/sensors/{BACK}/history")
    assert [item["placement"] for item in history["assignments"]] == ["sternum", "upper_back"]

    for address in (BACK, THIGH):
        assert (await stranger.client.delete(f"/sensors/{address}")).status_code == 204
    assert (await stranger.get("/sensors"))["items"] == []
    assert (await stranger.get("/wearers/me/now"))["placements"] == []
    # They advertise again: the links were ended.
    await stranger.until("/discovery", lambda found: len(found["items"]) == 2)
