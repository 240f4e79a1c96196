"""No call holds up the loop: the store is read in threads, files too."""

import asyncio
import threading

import httpx2
import pytest
from blockbuster import blockbuster_ctx

from api.app import create_app
from tests.api.conftest import BASE
from tests.api.exporter_fake import FakeExporter
from tests.api.wishes_made import people_of, wishes_of

V1 = "/api/v1"


class OffLoop:
    """A store that refuses to be used on the thread of an event loop."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        method = getattr(self._store, name)
        if not callable(method):
            return method

        def checked(*args, **kwargs):
            with pytest.raises(RuntimeError, match="no running event loop"):
                asyncio.get_running_loop()
            return method(*args, **kwargs)

        return checked


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/js/app.js",
        "/nothing",
        f"{V1}/health",
        f"{V1}/wearers",
        f"{V1}/sensors",
        f"{V1}/sensors/C0:01",
        f"{V1}/sensors/C0:01/history",
        f"{V1}/sensors/C0:01/readings?start=2026-11-22T09:10:00Z&end=2026-11-22T10:10:00Z",
        f"{V1}/wearers/ada/now",
        f"{V1}/wearers/ada/series?start=2026-11-22T09:10:00Z&end=2026-11-22T10:10:00Z&points=5000",
        f"{V1}/wearers/ada/episodes?start=2026-11-22T09:10:00Z&end=2026-11-22T10:10:00Z",
        f"{V1}/wearers/ada/days/today",
        f"{V1}/alerts",
        f"{V1}/openapi.json",
    ],
)
async def test_reading_never_blocks_the_loop(store, service, hub, keeper, page, path):
    app = create_app(
        store=OffLoop(store),
        service=service,
        live=hub,
        keeper=keeper,
        wishes=wishes_of(store),
        people=people_of(store),
        exporter=FakeExporter(),
        static=page,
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
        await client.get(path)  # the first one may still import something
        with blockbuster_ctx():
            answer = await client.get(path)
    assert answer.status_code == (404 if path == "/nothing" else 200)


async def test_a_store_that_hangs_is_503_and_holds_up_nobody(app, store, monkeypatch):
    hang = threading.Event()
    monkeypatch.setattr(store, "wearers", lambda: hang.wait(60) and [])
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
        with monkeypatch.context() as impatient:
            impatient.setattr("api.reading.READ_TIMEOUT_S", 0.05)
            answer = await client.get(f"{V1}/wearers")
        other = await client.get(f"{V1}/sensors")
    hang.set()
    assert (answer.status_code, other.status_code) == (503, 200)
