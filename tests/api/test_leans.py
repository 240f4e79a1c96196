"""The lean over a WebSocket: a real server, a real client."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.app import create_app
from api.leans import QUEUE, LeanHub, Leans
from api.server import Server, listen
from storage.contract import Store
from tests.api.access import bearer, kept_token
from tests.api.exporter_fake import FakeExporter
from tests.api.keeper_fake import FakeKeeper
from tests.api.wishes_made import people_of, wishes_of

DEADLINE_S = 30.0


def leans(n: int, wearer: str = "ada") -> Leans:
    return Leans(wearer=wearer, times=[float(n)], lean_deg=[12.5], side_deg=[None])


@dataclass
class Running:
    hub: LeanHub
    store: Store
    port: int
    stop: asyncio.Event

    def url(self, wearer: str = "ada") -> str:
        return f"ws://127.0.0.1:{self.port}/api/v1/wearers/{wearer}/lean"

    async def watched_by(self, n: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while self.hub.clients != n:
                await asyncio.sleep(0.005)


@pytest_asyncio.fixture
async def running(store, service, hub) -> AsyncIterator[Running]:
    leaning = LeanHub()
    app = create_app(
        store=store, service=service, live=hub, keeper=FakeKeeper(),
        wishes=wishes_of(store), people=people_of(store), exporter=FakeExporter(),
        leans=leaning, static=None,
    )  # fmt: skip
    listener = listen("127.0.0.1", 0)
    server = Server(app, leaning)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    async with asyncio.timeout(DEADLINE_S):
        while not server.started:
            await asyncio.sleep(0.01)
    stop = asyncio.Event()
    yield Running(leaning, store, listener.getsockname()[1], stop)
    server.should_exit = True
    await asyncio.wait_for(task, DEADLINE_S)


async def test_who_watches_a_wearer_gets_their_lean_and_nobody_elses(running):
    async with connect(running.url()) as client:
        await running.watched_by(1)
        assert running.hub.watched() == ("ada",)
        running.hub.publish(leans(1, "bob"))
        running.hub.publish(leans(2))
        told = json.loads(await client.recv())
    assert told == {"wearer": "ada", "times": [2.0], "lean_deg": [12.5], "side_deg": [None]}
    await running.watched_by(0)
    assert running.hub.watched() == ()


async def test_a_wearer_that_is_not_there_is_told(running):
    with pytest.raises(InvalidStatus) as refused:
        await connect(running.url("nobody"))
    assert refused.value.response.status_code == 404


async def test_a_token_of_one_wearer_opens_no_other(running):
    _, secret = kept_token(running.store, "read", wearer="bob")
    with pytest.raises(InvalidStatus) as refused:
        await connect(running.url(), additional_headers=bearer(secret))
    assert refused.value.response.status_code == 403
    async with connect(running.url("bob"), additional_headers=bearer(secret)):
        await running.watched_by(1)


async def test_there_is_a_limit_to_streams(running, monkeypatch):
    monkeypatch.setattr("api.routers.leans.MAX_CLIENTS", 1)
    async with connect(running.url()):
        await running.watched_by(1)
        with pytest.raises(InvalidStatus) as refused:
            await connect(running.url())
    assert refused.value.response.status_code == 503
    assert refused.value.response.headers["retry-after"] == "10"


async def test_a_token_that_is_revoked_sees_no_more(running, monkeypatch):
    monkeypatch.setattr("api.access.FRESH_S", 0.0)
    token, secret = kept_token(running.store, "read", wearer="ada")
    async with connect(running.url(), additional_headers=bearer(secret)) as client:
        await running.watched_by(1)
        running.store.put_token(replace(token, revoked_at=token.made_at))
        running.hub.publish(leans(1))
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(client.recv(), DEADLINE_S)


async def test_who_is_too_slow_sees_the_newest():
    hub = LeanHub()
    client = hub.subscribe("ada")
    for n in range(QUEUE + 3):
        hub.publish(leans(n))
    assert (await anext(aiter(client))).times == [3.0]
    hub.close()
    with pytest.raises(StopAsyncIteration):
        await anext(aiter(client))
