"""The live stream as a browser gets it: a real server, a real client, on loopback."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import BaseModel

from api import live as live_module
from api.event_stream import RETRY_MS
from api.live import LiveHub
from api.routers import live as live_router
from api.server import STOP_TIMEOUT_S, Server, listen
from api.views import alert_model, now_model
from domain.errors import ConflictError, InputError
from tests.api.service_fake import ALERT

LIVE = "/api/v1/live"
DEADLINE_S = 60.0  # for a busy machine


class Bulk(BaseModel):
    n: int
    fill: str


class Running:
    """A server that serves, and its address."""

    def __init__(self, app: FastAPI, hub: LiveHub) -> None:
        self.socket = listen("127.0.0.1", 0)
        self.port: int = self.socket.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.server = Server(app, hub)
        self.task = asyncio.create_task(self.server.serve(sockets=[self.socket]))

    async def stop(self) -> float:
        """Ask it to stop; how long that took, in seconds."""
        begin = time.monotonic()
        self.server.should_exit = True
        await asyncio.wait_for(self.task, DEADLINE_S)
        return time.monotonic() - begin


@pytest_asyncio.fixture
async def running(app: FastAPI, hub: LiveHub) -> AsyncIterator[Running]:
    running = Running(app, hub)
    async with asyncio.timeout(DEADLINE_S):
        while not running.server.started:
            await asyncio.sleep(0.01)
    yield running
    if not running.task.done():
        await running.stop()


@asynccontextmanager
async def listening(
    running: Running, path: str = LIVE, **headers: str
) -> AsyncIterator[AsyncIterator[httpx2.ServerSentEvent]]:
    async with (
        httpx2.AsyncClient(base_url=running.base, timeout=DEADLINE_S, trust_env=False) as client,
        client.sse(path, headers=headers) as source,
    ):
        events = aiter(source)
        yield events
        await events.aclose()


async def take(
    events: AsyncIterator[httpx2.ServerSentEvent], n: int
) -> list[httpx2.ServerSentEvent]:
    async with asyncio.timeout(DEADLINE_S):
        return [await anext(events) for _ in range(n)]


async def until_clients(hub: LiveHub, n: int) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while hub.clients != n:
            await asyncio.sleep(0.01)


async def test_a_page_gets_hello_what_is_so_now_and_then_every_change(running, hub, service):
    async with listening(running) as events:
        opening = await take(events, 7)
        assert [e.event for e in opening] == [
            "hello",
            "now",
            "now",
            "sensor",
            "sensor",
            "alert",
            "health",
        ]
        hello = opening[0].json()
        assert (hello["gap"], hello["simulated"], hello["now"]) == (
            False,
            True,
            "2026-11-22T10:10:00Z",
        )
        assert opening[0].retry == RETRY_MS
        assert opening[1].json() == now_model(service, "ada").model_dump(mode="json")
        assert opening[5].json()["id"] == ALERT.id
        hub.publish("now", now_model(service, "ada"), wearer="ada")
        begin = time.monotonic()
        (event,) = await take(events, 1)
        assert (
            time.monotonic() - begin < 10.0
        )  # at once, and not with the next ping; a busy machine takes its time
        assert (event.event, event.id) == ("now", "1000")
        assert event.json()["side_deg"] is None


async def test_a_page_of_one_wearer_hears_of_that_wearer_only(running, hub, service):
    async with listening(running, LIVE + "?wearer=bob") as events:
        opening = await take(events, 4)
        assert [e.event for e in opening] == ["hello", "now", "sensor", "health"]
        hub.publish("alert", alert_model(ALERT), wearer="ada")
        hub.publish("now", now_model(service, "bob"), wearer="bob")
        (event,) = await take(events, 1)
        assert (event.event, event.json()["wearer"]) == ("now", "bob")


async def test_a_page_that_comes_back_gets_what_it_missed(running, hub, service):
    for _ in range(3):
        hub.publish("now", now_model(service, "ada"), wearer="ada")
    async with listening(running, **{"Last-Event-ID": "1000"}) as events:
        assert [e.id for e in await take(events, 2)] == ["1001", "1002"]


@pytest.mark.parametrize("last_id", ["17", "9999999", "not a number", "-4"])
async def test_a_page_that_missed_too_much_is_told_so(running, hub, last_id):
    async with listening(running, **{"Last-Event-ID": last_id}) as events:
        opening = await take(events, 7)
        assert opening[0].json()["gap"] is True
        assert opening[-1].event == "health"


async def test_the_stream_is_not_cached_and_not_buffered(running):
    async with (
        httpx2.AsyncClient(base_url=running.base, timeout=DEADLINE_S, trust_env=False) as client,
        client.stream("GET", LIVE) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["x-accel-buffering"] == "no"


async def test_an_idle_stream_is_kept_open_by_comments(running, monkeypatch):
    assert live_router.PING_S == 15
    monkeypatch.setattr(live_router, "PING_S", 0.05)
    async with (
        httpx2.AsyncClient(base_url=running.base, timeout=DEADLINE_S, trust_env=False) as client,
        client.stream("GET", LIVE) as answer,
    ):
        text = ""
        async for chunk in answer.aiter_text():
            text += chunk
            if ": ping\n\n" in text:
                break
        assert text.index("event: hello") < text.index(": ping")


async def test_a_page_that_goes_away_is_forgotten(running, hub):
    async with listening(running) as events:
        await take(events, 1)
        await until_clients(hub, 1)
    await until_clients(hub, 0)


async def test_a_reader_that_stalls_holds_up_nobody_and_is_told_what_it_lost(running, hub, service):
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port, limit=2**12)
    writer.write(f"GET {LIVE} HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\n\r\n".encode())
    await until_clients(hub, 1)
    fill = "x" * 40_000
    for n in range(2 * live_module.RING):
        hub.publish("now", Bulk(n=n, fill=fill))
        await asyncio.sleep(0)
    assert hub.dropped > 0
    async with listening(running) as events:
        assert (await take(events, 1))[0].event == "hello"
    hellos, last = [], 0
    name = b""
    async with asyncio.timeout(2 * DEADLINE_S):
        while last < 2 * live_module.RING - 1:
            line = await _line(reader)
            if line.startswith(b"event: "):
                name = line[7:].strip()
            elif line.startswith(b"data: ") and name == b"hello":
                hellos.append(json.loads(line[6:])["gap"])
            elif line.startswith(b'data: {"n":'):
                last = int(line[11 : line.index(b",")])
    assert hellos == [False, True]
    writer.close()
    await writer.wait_closed()


async def _line(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while True:
        try:
            parts.append(await reader.readuntil(b"\n"))
            return b"".join(parts)
        except asyncio.LimitOverrunError as more:
            parts.append(await reader.readexactly(more.consumed))


async def test_the_server_stops_at_once_with_streams_open(running, hub):
    running.server.config.timeout_graceful_shutdown = 10 * DEADLINE_S  # not because of this
    async with listening(running) as events:
        await take(events, 7)
        await running.stop()
        with pytest.raises(StopAsyncIteration):
            await take(events, 1)


async def test_a_stalled_reader_does_not_hold_up_the_end_for_long(running, hub):
    _, writer = await asyncio.open_connection("127.0.0.1", running.port, limit=2**12)
    writer.write(f"GET {LIVE} HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\n\r\n".encode())
    await until_clients(hub, 1)
    for n in range(400):
        hub.publish("now", Bulk(n=n, fill="x" * 40_000))
        await asyncio.sleep(0)
    assert await running.stop() < STOP_TIMEOUT_S + 10.0
    writer.close()


async def test_more_streams_than_anyone_needs_are_refused(running, app):
    app.state.parts.access.streams.most = 1
    async with listening(running) as events:
        await take(events, 1)
        async with httpx2.AsyncClient(base_url=running.base, trust_env=False) as client:
            answer = await client.get(LIVE)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_one_client_does_not_get_all_streams(running, app):
    app.state.parts.access.streams.most_each = 1
    async with listening(running) as events:
        await take(events, 1)
        async with httpx2.AsyncClient(base_url=running.base, trust_env=False) as client:
            answer = await client.get(LIVE)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
    async with listening(running) as events:  # it was given back
        await take(events, 1)


async def test_a_store_that_fails_ends_the_stream_so_that_the_page_asks_again(running, store):
    store.close()
    async with listening(running) as events:
        with pytest.raises(StopAsyncIteration):
            await take(events, 1)


def test_only_this_machine_can_be_listened_for():
    for host in ("0.0.0.0", "::", "192.168.1.7", "example.org"):
        with pytest.raises(InputError):
            listen(host, 0)


def test_a_port_that_is_taken_is_a_conflict():
    with listen("localhost", 0) as first, pytest.raises(ConflictError, match="cannot listen"):
        listen("127.0.0.1", first.getsockname()[1])
