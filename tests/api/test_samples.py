"""Raw samples over a WebSocket: a real server, a real client."""

import asyncio
import json
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.app import create_app
from api.live import LiveHub
from api.samples import QUEUE_BLOCKS, SampleClient, SampleHub
from api.server import Server, listen
from domain.samples import SampleBlock
from storage.contract import Store
from tests.api.access import bearer, kept_token
from tests.api.exporter_fake import FakeExporter
from tests.api.keeper_fake import FakeKeeper
from tests.api.service_fake import SENSOR, T0
from tests.api.wishes_made import people_of, wishes_of

DEADLINE_S = 30.0


def block(n: int, *, samples: int = 3, gyro: bool = True, lost: int = 0) -> SampleBlock:
    times = T0 + n + np.arange(samples) / 50
    acc = np.column_stack([np.full(samples, 0.1 * n), np.zeros(samples), np.ones(samples)])
    return SampleBlock(SENSOR.id, times, acc, 10 * acc if gyro else None, 50.0, lost)


class Running:
    """A server over an application, with the hub that feeds it."""

    keeper: FakeKeeper
    store: Store

    def __init__(self, app: FastAPI, raw: SampleHub) -> None:
        self.app, self.raw = app, raw
        self.socket = listen("127.0.0.1", 0)
        self.port: int = self.socket.getsockname()[1]
        self.server = Server(app, raw)
        self.task = asyncio.create_task(self.server.serve(sockets=[self.socket]))

    def url(self, sensor: str = SENSOR.id) -> str:
        return f"ws://127.0.0.1:{self.port}/api/v1/sensors/{sensor}/samples"

    async def watched_by(self, n: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while self.raw.clients != n:
                await asyncio.sleep(0.005)


@pytest_asyncio.fixture
async def running(store, service, hub: LiveHub) -> AsyncIterator[Running]:
    raw, keeper = SampleHub(), FakeKeeper()
    app = create_app(
        store=store, service=service, live=hub, keeper=keeper,
        wishes=wishes_of(store),
        people=people_of(store), exporter=FakeExporter(), samples=raw, static=None,
    )  # fmt: skip
    running = Running(app, raw)
    running.keeper, running.store = keeper, store
    async with asyncio.timeout(DEADLINE_S):
        while not running.server.started:
            await asyncio.sleep(0.01)
    yield running
    running.server.should_exit = True
    await asyncio.wait_for(running.task, DEADLINE_S)


async def test_samples_come_as_they_were_measured(running):
    async with connect(running.url()) as client:
        await running.watched_by(1)
        running.raw.publish(block(1, lost=7))
        running.raw.publish(block(2, gyro=False))
        first, second = [json.loads(await client.recv()) for _ in range(2)]
    assert first == {
        "sensor": "C0:01", "times": [T0 + 1.0, T0 + 1.02, T0 + 1.04], "acc_g": [[0.1, 0.0, 1.0]] * 3,
        "gyro_dps": [[1.0, 0.0, 10.0]] * 3, "lost_before": 7, "skipped": 0,
    }  # fmt: skip
    assert second["gyro_dps"] is None and second["lost_before"] == 0
    await running.watched_by(0)


async def test_each_hears_of_the_sensor_that_was_asked_for_alone(running):
    async with connect(running.url()) as mine, connect(running.url("C0:02")) as other:
        await running.watched_by(2)
        running.raw.publish(block(1))
        assert json.loads(await mine.recv())["sensor"] == "C0:01"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await other.recv()


async def test_a_sensor_that_is_not_paired_is_told(running):
    with pytest.raises(InvalidStatus) as refused:
        await connect(running.url("C0:FF"))
    assert refused.value.response.status_code == 404
    assert json.loads(refused.value.response.body)["title"] == "Not Found"


async def test_who_reaches_one_wearer_sees_no_more_once_the_sensor_is_handed_over(running):
    _, secret = kept_token(running.store, "read", wearer="ada")
    async with connect(running.url(), additional_headers=bearer(secret)) as client:
        await running.watched_by(1)
        running.raw.publish(block(1))
        async with asyncio.timeout(DEADLINE_S):
            await client.recv()
            await running.keeper.change(SENSOR.id, wearer="bob")
            running.raw.publish(block(2))
            with pytest.raises(ConnectionClosed):
                await client.recv()


async def test_there_is_a_limit_to_streams(running, monkeypatch):
    monkeypatch.setattr("api.routers.samples.MAX_CLIENTS", 1)
    async with connect(running.url()):
        await running.watched_by(1)
        with pytest.raises(InvalidStatus) as refused:
            await connect(running.url())
    assert refused.value.response.status_code == 503
    assert refused.value.response.headers["retry-after"] == "10"


async def test_one_client_does_not_get_all_streams(running, monkeypatch):
    monkeypatch.setattr(running.app.state.parts.access.streams, "most_each", 1)
    async with connect(running.url()):
        await running.watched_by(1)
        with pytest.raises(InvalidStatus) as refused:
            await connect(running.url())
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["retry-after"] == "10"


async def test_what_a_client_says_changes_nothing_and_too_much_of_it_ends_it(running):
    async with connect(running.url()) as client:
        await client.send("hello")
        await client.send(b"hello")
        await running.watched_by(1)
        running.raw.publish(block(1))
        assert json.loads(await client.recv())["times"]
        await client.send("x" * 100_000)
        with pytest.raises(ConnectionClosed):
            await client.recv()
    await running.watched_by(0)


async def test_the_end_of_the_service_is_said(running):
    async with connect(running.url()) as client:
        await running.watched_by(1)
        running.server.should_exit = True
        await asyncio.wait_for(running.task, DEADLINE_S)
        with pytest.raises(ConnectionClosed) as ended:
            await client.recv()
    assert ended.value.rcvd is not None and ended.value.rcvd.code in (1001, 1012)


async def test_who_is_too_slow_loses_the_oldest_and_is_told_how_many():
    client = SampleClient(SENSOR.id)
    for n in range(QUEUE_BLOCKS + 3):
        client.offer(block(n))
    reader = aiter(client)
    first = await anext(reader)
    assert (first.skipped, first.times[0]) == (9, T0 + 3.0)
    assert (await anext(reader)).skipped == 0
    client.close()
    with pytest.raises(StopAsyncIteration):
        await anext(reader)
