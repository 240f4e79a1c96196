"""Who is a wearer while the service runs: called otherwise, added, measured, removed, erased."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx2
import pytest

from domain.errors import ConfigError, ConflictError, NotFoundError
from domain.people import Wearer
from domain.records import Setting
from service.air import simulated_radio
from service.people import wearers_in_force
from service.plan import ServicePlan
from service.serve import Service
from service.simulation import Simulation
from service.timebase import Timebase
from storage.contract import Batch
from storage.sqlite import SqliteStore
from tests.alerts.channels.desk_of_channels import ALERT
from tests.service.made_up import frames, samples

ME = Wearer("me", "Me", "UTC")
EVE = Wearer("eve", "Eve", "Asia/Kathmandu")


@pytest.fixture
def store(tmp_path: Path):
    with SqliteStore(tmp_path / "sitwell.db") as store:
        yield store


@pytest.fixture
def made(store: SqliteStore):
    """Makes a service with nothing on the air, which is not served."""
    services = []

    def make() -> Service:
        service = Service(
            ServicePlan(wearers=(ME,), sensors=(), calibrations={}),
            store=store,
            radio=simulated_radio(Simulation((), clock=time.time), time.time),
            timebase=Timebase(),
        )
        services.append(service)
        return service

    yield make
    for service in services:
        service._listener.close()


@contextlib.asynccontextmanager
async def running(store: SqliteStore) -> AsyncIterator[tuple[Service, httpx2.AsyncClient]]:
    """The same, served, and somebody who asks it."""
    async with Simulation((), clock=time.time) as simulation:
        service = Service(
            ServicePlan(wearers=(ME,), sensors=(), calibrations={}),
            store=store,
            radio=simulated_radio(simulation, time.time),
            timebase=Timebase(),
        )
        ready = asyncio.Event()
        serving = asyncio.create_task(service.serve(on_ready=lambda _url: ready.set()))
        async with asyncio.timeout(60):
            await ready.wait()
        async with httpx2.AsyncClient(base_url=f"{service.url}api/v1", timeout=60) as client:
            yield service, client
        service.stop()
        await serving


async def test_what_a_wearer_calls_themselves_lies_above_the_file_and_outlives_a_start(store, made):
    service = made()
    changed = await service.people.change("me", {"name": " Ada ", "timezone": "Asia/Tokyo"})
    assert changed == Wearer("me", "Ada", "Asia/Tokyo")
    assert store.wearers() == [changed]
    again = made()
    assert store.wearers() == [changed]
    assert again.people.own("me") == ("name", "timezone")
    back = await again.people.change("me", {"timezone": None})
    assert back == Wearer("me", "Ada", "UTC")
    assert again.people.own("me") == ("name",)
    assert [each.detail for each in store.audit()] == [
        "timezone = UTC",
        "name, timezone = Asia/Tokyo",
    ]


async def test_the_day_is_cut_by_the_new_time_zone_from_then_on(store, made):
    service = made()
    await service.people.change("me", {"timezone": "Pacific/Kiritimati"})
    wished = await service.wishes.choose("me", "office", ramp_up=True)
    there = datetime.now(ZoneInfo("Pacific/Kiritimati")).date()
    assert (wished.choice.started_on, wished.days) == (there, 0)


async def test_what_cannot_be_is_refused_and_nothing_changes(store, made):
    service = made()
    for values in ({"timezone": "Mars/Olympus"}, {"timezone": "../etc/passwd"}, {"name": "a\nb"}):
        with pytest.raises(ConfigError):
            await service.people.change("me", values)
    with pytest.raises(NotFoundError):
        await service.people.change("eve", {"name": "Eve"})
    assert store.wearers() == [ME]


def test_a_time_zone_that_is_gone_from_the_machine_is_left(store):
    store.put_setting(Setting("wearer.timezone", "Old/Atlantis", "me"))
    assert wearers_in_force([ME], store) == (ME,)


async def test_one_more_wearer_is_paired_measured_and_known_after_a_start(store):
    async with running(store) as (service, client):
        answer = await client.post(
            "/wearers", json={"id": "eve", "name": "Eve", "timezone": "Asia/Kathmandu"}
        )
        assert answer.status_code == 201, answer.text
        assert answer.json() == {
            "id": "eve", "name": "Eve", "timezone": "Asia/Kathmandu", "language": None,
            "own": ["name", "timezone"], "origin": "added", "replayed": [],
        }  # fmt: skip
        wish = {"values": {"language": "de", "quiet_hours": "22:00-07:00"}}
        assert (await client.patch("/wearers/eve/alert-settings", json=wish)).status_code == 200
        paired = {"address": "C0:FF:EE:00:00:09", "driver": "polar", "placement": "thigh"}
        sensor = await client.post("/sensors", json={**paired, "wearer": "eve"})
        assert sensor.status_code == 201, sensor.text
        begun = time.time() - 30
        service.engine.take(samples("C0:FF:EE:00:00:09", begun, 10.0, (1.0, 0.0, 0.0)))
        service.engine.tick()
        await service.engine.writer.commit()
        assert store.latest("eve") is not None
        assert (await client.get("/wearers/eve/now")).json()["placements"] == ["thigh"]
        refused = await client.delete("/wearers/eve")
        assert (refused.status_code, "unpair" in refused.json()["detail"]) == (409, True)
    assert [each.id for each in wearers_in_force([ME], store)] == ["me", "eve"]
    async with running(store) as (_, client):
        eve = (await client.get("/wearers/eve")).json()
        assert (eve["name"], eve["language"], eve["origin"]) == ("Eve", "de", "added")


async def test_who_is_erased_stays_without_a_name_of_their_own_and_then_can_be_removed(store):
    async with running(store) as (service, client):
        await client.post("/wearers", json={"id": "eve", "name": "Eve", "timezone": "Asia/Tokyo"})
        await client.patch("/wearers/me", json={"name": "Ada"})
        store.write(Batch(frames=(frames(1_763_800_000, 60, "eve"),)), now=1.0)
        refused = await client.delete("/wearers/eve")
        assert (refused.status_code, "erase them first" in refused.json()["detail"]) == (409, True)
        assert "eve" in service.people.ids
        for wearer in ("eve", "me"):
            erased = await client.delete(f"/wearers/{wearer}/data", params={"confirm": wearer})
            assert erased.status_code == 200, erased.text
        shown = {each["id"]: each for each in (await client.get("/wearers")).json()["items"]}
        assert (shown["eve"]["name"], shown["me"]["name"]) == ("eve", "Me")
        assert [each["own"] for each in shown.values()] == [[], []]
        assert (await client.delete("/wearers/eve")).status_code == 204
        assert [each["id"] for each in (await client.get("/wearers")).json()["items"]] == ["me"]
        assert (await client.get("/wearers/eve/now")).status_code == 404
        service.engine.tick()
        await service.engine.writer.commit()
        kept = (await client.delete("/wearers/me")).json()["detail"]
        assert "configuration file" in kept
    assert wearers_in_force([ME], store) == (ME,)


async def test_an_id_that_is_there_is_added_by_nobody_and_two_at_once_make_one(store, made):
    service = made()
    with pytest.raises(ConflictError):
        await service.people.add(Wearer("me", "Me again", "UTC"))
    two = await asyncio.gather(
        service.people.add(EVE), service.people.add(EVE), return_exceptions=True
    )
    assert [each for each in two if isinstance(each, Wearer)] == [EVE]


async def test_a_past_is_taken_up_and_what_it_left_open_is_closed(store, made):
    store.put_wearer(EVE)
    store.write(Batch(frames=(frames(1_763_800_000, 60, "eve"),)), now=1.0)
    service = made()
    assert service.people.origin("eve") == "past"
    with pytest.raises(NotFoundError):
        await service.people.change("eve", {"name": "Eva"})
    await service.people.add(EVE)
    assert service.people.origin("eve") == "added"
    assert service.engine.judged_until("eve") == 1_763_800_060


async def test_with_two_wearers_nobody_knows_whose_screen_it_is(store, made):
    service = made()

    class Locked:
        do_not_disturb, screen_locked = None, True

    service._desktop = Locked()  # type: ignore[assignment]  # what a desktop says
    assert service.wishes.surroundings("me").screen_locked
    await service.people.add(EVE)
    assert service.wishes.surroundings("me").screen_locked is None


async def test_metrics_name_no_wearer_no_sensor_and_no_channel(store):
    async with running(store) as (service, client):
        await client.post("/wearers", json={"id": "eve", "name": "Evelyn"})
        paired = {"address": "C0:FF:EE:00:00:09", "driver": "polar", "placement": "thigh"}
        await client.post("/sensors", json={**paired, "wearer": "eve", "name": "Garter"})
        service.engine.writer.add(alerts=(replace(ALERT, wearer="eve", revision=0),))
        text = (await client.get(f"{service.url}metrics")).text
    assert 'sitwell_alerts_opened_total{kind="sitting"} 1' in text
    assert 'sitwell_queue_depth{queue="samples"} 0' in text
    for word in ("eve", "Evelyn", "C0:FF:EE", "Garter", "a1"):
        assert word not in text.replace("events", "").replace("every", ""), word
