"""The client of others: typed answers, typed errors, and a stream that goes on."""

import asyncio
from dataclasses import replace
from functools import partial

import httpx2
import pytest

from api import client as client_module
from api import models
from api.app import create_app
from api.client import Client
from api.live import LiveHub
from api.views import alert_model
from domain.errors import (
    ConflictError,
    InputError,
    RemoteAwayError,
    RemoteDeniedError,
    RemoteError,
)
from tests.api.exporter_fake import FakeExporter
from tests.api.keeper_fake import FakeKeeper
from tests.api.service_fake import ALERT
from tests.api.serving import Serving
from tests.api.wishes_made import people_of, wishes_of
from tests.ports import quiet_port

URL = "http://127.0.0.1:8765"


@pytest.fixture
def sitwell(app) -> Client:
    return Client(URL, transport=httpx2.ASGITransport(app=app))


def answering(handler) -> Client:
    return Client(URL, "secret-token", transport=httpx2.MockTransport(handler))


async def test_every_call_gives_what_the_service_says(sitwell, service):
    async with sitwell:
        assert (await sitwell.health()).sensors.total == 2
        assert [each.name for each in await sitwell.wearers()] == ["Ada", "Bob"]
        assert (await sitwell.now("ada")).lean_deg == 12.4
        assert [each.id for each in await sitwell.alerts("ada", open_only=True)] == ["a1"]
        assert [each.id for each in await sitwell.alerts(limit=1)] == ["a1"]
        assert (await sitwell.snooze("a1", 20)).id == "a1"
        await sitwell.acknowledge("a1", fine=True)
    assert service.done == [("snooze", "a1", 20), ("acknowledge", "a1", True)]


async def test_what_goes_wrong_is_said_in_the_words_of_the_service(sitwell, service):
    async with sitwell:
        with pytest.raises(InputError, match="no wearer 'eve'"):
            await sitwell.now("eve")
        with pytest.raises(InputError, match="less than or equal to 240"):
            await sitwell.snooze("a1", 1000)
        with pytest.raises(ConflictError, match="closed"):
            await sitwell.snooze("a0", 10)
        with pytest.raises(InputError):
            await sitwell.now("../../etc")


@pytest.mark.parametrize("url", ["", "127.0.0.1:8765", "ftp://x", "http://", "http://[::"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(InputError, match="is no address of a service"):
        Client(url)


async def test_no_answer_and_a_stranger_are_told_apart():
    async with Client("http://127.0.0.1:9") as nobody:
        with pytest.raises(RemoteAwayError, match="Is `sitwell run` running"):
            await nobody.health()
    async with answering(lambda _: httpx2.Response(200, json={"hello": 1})) as stranger:
        with pytest.raises(RemoteError, match="Are both of one version"):
            await stranger.health()
    async with answering(lambda _: httpx2.Response(502, text="<html>")) as proxy:
        with pytest.raises(RemoteError, match="status 502"):
            await proxy.wearers()


async def test_a_value_that_cannot_be_is_named():
    errors = [{"pointer": "/body/minutes", "detail": "at most 240"}]
    problem = {"type": "t", "title": "T", "status": 422, "detail": "no", "errors": errors}
    async with answering(lambda _: httpx2.Response(422, json=problem)) as sitwell:
        with pytest.raises(InputError, match="no: minutes: at most 240"):
            await sitwell.snooze("a1", 999)


async def test_a_token_goes_along_and_a_refusal_is_told():
    seen: list[str] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers["authorization"])
        problem = {"type": "t", "title": "Unauthorized", "status": 401, "detail": "bring a token"}
        return httpx2.Response(401, json=problem)

    async with answering(refuse) as sitwell:
        with pytest.raises(RemoteDeniedError, match="bring a token") as refused:
            await sitwell.health()
    assert seen == ["Bearer secret-token"]
    assert "secret-token" not in repr(refused.value) + repr(sitwell)


async def test_a_post_whose_answer_is_lost_is_sent_again_under_one_key():
    keys: list[str] = []

    def lose_the_first(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) == 1:
            raise httpx2.ReadTimeout("lost", request=request)
        return httpx2.Response(200, content=alert_model(ALERT).model_dump_json())

    async with answering(lose_the_first) as sitwell:
        assert (await sitwell.snooze("a1", 10)).id == "a1"
    assert len(keys) == 2 and len(set(keys)) == 1


async def test_while_the_first_post_is_at_work_it_waits_and_asks_again():
    answers = [
        httpx2.Response(409, headers={"retry-after": "0"}, json={}),
        httpx2.Response(200, content=alert_model(ALERT).model_dump_json()),
    ]
    async with answering(lambda _: answers.pop(0)) as sitwell:
        assert (await sitwell.snooze("a1", 10)).id == "a1"
    assert answers == []


async def test_a_field_of_a_newer_service_is_left_out():
    def newer(_: httpx2.Request) -> httpx2.Response:
        known = {"id": "a", "name": "A", "timezone": "UTC", "language": "en", "own": []}
        more = {"origin": "added", "replayed": [], "height_m": 2}
        return httpx2.Response(200, json={"items": [known | more], "n": 1})

    async with answering(newer) as sitwell:
        assert [each.id for each in await sitwell.wearers()] == ["a"]


async def test_the_stream_goes_on_over_a_restart_of_the_service(store, service, monkeypatch):
    monkeypatch.setattr(client_module, "FIRST_WAIT_S", 0.05)

    def served(hub: LiveHub, port: int) -> Serving:
        app = create_app(
            store=store, service=service, live=hub, keeper=FakeKeeper(), exporter=FakeExporter(),
            static=None, wishes=wishes_of(store), people=people_of(store),
        )  # fmt: skip
        return Serving(app, hub, port)

    again = LiveHub(5000)
    serving = served(LiveHub(1000), quiet_port())
    seen: list[models.Alert] = []
    hellos: list[models.Hello] = []
    snoozed = alert_model(replace(ALERT, revision=9))
    async with Client(serving.url) as sitwell, asyncio.timeout(60):
        async for event in sitwell.events("ada"):
            if event.name == "hello":
                hellos.append(event.read(models.Hello))
            elif event.name == "alert":
                seen.append(event.read(models.Alert))
            if len(seen) == 1 and len(hellos) == 1 and event.name == "alert":
                await asyncio.to_thread(serving.stop)
                serving = served(again, serving.port)
            if len(hellos) == 2 and event.name == "health":
                serving.loop.call_soon_threadsafe(
                    partial(again.publish, "alert", snoozed, wearer="ada")
                )
            if seen and seen[-1].revision == 9:
                break
    await asyncio.to_thread(serving.stop)
    assert [hello.gap for hello in hellos] == [False, True]


async def test_a_stream_that_cannot_be_had_at_first_is_told():
    async with Client("http://127.0.0.1:9") as nobody:
        with pytest.raises(RemoteAwayError):
            await anext(nobody.events())
    async with answering(lambda _: httpx2.Response(404, json={})) as sitwell:
        with pytest.raises(RemoteError, match="404"):
            await anext(sitwell.events("eve"))
