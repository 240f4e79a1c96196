"""Two hundred readers of the live stream at once, of whom many take nothing or vanish: nobody else notices.

`python -m benchmarks.streams` does the same for ten minutes to a whole service.
"""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from api import live as live_module
from api import patience
from api.app import create_app
from api.exposure import Exposure
from api.live import LiveHub
from benchmarks.readers import Reader, connected, vanish
from tests.api.exporter_fake import FakeExporter
from tests.api.serving import Serving
from tests.api.wishes_made import people_of, wishes_of

GOOD, SLOW, VANISHING = 80, 60, 60
#: Events that wait for one reader at the most, here: so that the slow lose some soon.
RING = 40
ROUND, ROUNDS = 10, 12
HOST = "127.0.0.1"
PATIENCE_S = 60


class Bulk(BaseModel):
    n: int
    fill: str


@pytest.fixture
def served(store, service, keeper, monkeypatch) -> Iterator[tuple[Serving, LiveHub]]:
    monkeypatch.setattr(live_module, "RING", RING)
    hub = LiveHub(first_id=1000)
    app = create_app(
        store=store,
        service=service,
        live=hub,
        keeper=keeper,
        wishes=wishes_of(store),
        people=people_of(store),
        exporter=FakeExporter(),
        static=None,
        exposure=Exposure(streams_per_client=GOOD + SLOW + VANISHING),
    )
    serving = Serving(app, hub)
    # The system keeps little of what is not read, so that the slow stall within kilobytes.
    serving._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    yield serving, hub
    serving.stop()


async def until(condition, what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"not within {PATIENCE_S} s: {what}")


async def test_the_slow_and_the_vanished_cost_the_others_no_event_and_the_hub_no_memory(served):
    serving, hub = served
    good = [Reader() for _ in range(GOOD)]
    reading = [asyncio.create_task(each.read(HOST, serving.port)) for each in good]
    slow = [await asyncio.to_thread(connected, HOST, serving.port, slow=True) for _ in range(SLOW)]
    gone = [await asyncio.to_thread(connected, HOST, serving.port) for _ in range(VANISHING)]
    await until(lambda: hub.clients == GOOD + SLOW + VANISHING, "all are there")
    await until(lambda: all(each.last_id for each in good), "the good have the opening")

    published = 0

    def publish() -> tuple[int, int]:
        """A round, as the engine does it: in one turn of the loop, whoever reads."""
        for n in range(ROUND):
            hub.publish("now", Bulk(n=n, fill="x" * 4000))
        waiting = max(len(client._queue) for client in hub._clients)
        return waiting, len(hub._ring)

    async def on_loop() -> tuple[int, int]:
        return publish()

    most_waiting = 0
    for turn in range(ROUNDS):
        if turn == ROUNDS // 4:
            for sock in gone:
                vanish(sock)
        future = asyncio.run_coroutine_threadsafe(on_loop(), serving.loop)
        waiting, kept = await asyncio.wrap_future(future)
        most_waiting = max(most_waiting, waiting)
        published += ROUND
        assert kept <= RING
        # Nothing but the good readers is waited for.
        await until(lambda: all(r.last_id == hub.last_id for r in good), "the good have the round")
    assert [(r.events, r.missed, r.openings, r.ended) for r in good] == [
        (published, 0, 1, "")
    ] * GOOD
    assert most_waiting == RING, "the slow have as much waiting as is kept, and no more"
    assert hub.dropped >= SLOW
    await until(lambda: hub.clients == GOOD + SLOW, "the vanished are forgotten")

    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    for sock in slow:
        vanish(sock)
    await until(lambda: hub.clients == 0, "nobody is left")


async def test_who_takes_nothing_for_long_is_let_go_and_who_reads_is_not(served, monkeypatch):
    serving, hub = served
    monkeypatch.setattr(patience, "STALLED_S", 3.0)  # a busy machine stands still for less
    good = Reader()
    reading = asyncio.create_task(good.read(HOST, serving.port))
    slow = await asyncio.to_thread(connected, HOST, serving.port, slow=True)
    await until(lambda: hub.clients == 2, "both are there")

    async def publish() -> None:
        for n in range(ROUND):
            hub.publish("now", Bulk(n=n, fill="x" * 4000))

    for _ in range(ROUNDS):
        future = asyncio.run_coroutine_threadsafe(publish(), serving.loop)
        await asyncio.wrap_future(future)
        await until(lambda: good.last_id == hub.last_id, "the good one has the round")
    await until(lambda: hub.clients == 1, "the one that takes nothing is let go")
    assert good.ended == ""
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    vanish(slow)
