"""A made-up service with a page."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from api.app import create_app
from api.leans import LeanHub, Leans
from api.live import EventName, LiveHub
from api.samples import SampleHub
from api.server import Server, listen
from api.views import health_model
from domain.samples import SampleBlock
from storage.sqlite import SqliteStore
from tests.api.exporter_fake import FakeExporter
from tests.api.keeper_fake import FakeKeeper
from tests.api.service_fake import FakeService
from tests.api.wishes_made import people_of, wishes_of

#: Patience with a loaded machine.
PATIENCE_S = 30.0


class MadeUp:
    """A server in a thread of its own; `tell` sends an event as the running service would."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.service = FakeService()
        self.hub = LiveHub(first_id=1000)
        self.keeper = FakeKeeper()
        self.samples = SampleHub()
        self.leans = LeanHub()
        self._listener = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/?wearer=ada"
        self.app = create_app(
            store=store,
            service=self.service,
            live=self.hub,
            keeper=self.keeper,
            samples=self.samples,
            wishes=wishes_of(store),
            people=people_of(store),
            exporter=FakeExporter(),
            leans=self.leans,
        )
        self._server = Server(self.app, self.hub, self.samples, self.leans)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def tell(self, event: EventName, data: BaseModel, *, missed: bool = False) -> None:
        """Publish, once somebody listens. missed: to nobody; they have to catch up with it."""
        self._wait_until(lambda: missed or self.hub.clients > 0)
        self._loop.call_soon_threadsafe(lambda: self.hub.publish(event, data, wearer="ada"))

    def measure(self, block: SampleBlock) -> None:
        """Samples of a sensor, once somebody watches them."""
        self._wait_until(lambda: self.samples.clients > 0)
        self._loop.call_soon_threadsafe(self.samples.publish, block)

    def empty(self) -> None:
        """Nobody has a sensor, and nothing was measured since the start."""
        self.keeper.paired.clear()
        self.service.statuses.clear()
        self.service.alerts.clear()

    def wait_for(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Have the server do something that its API does not offer."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    def tell_seeded(self) -> None:
        """History has been made up: the page asks for its day anew."""
        self.service.ill = replace(self.service.ill, seeding=None)
        self.tell("health", health_model(self.service, self.store.health(), self.store.sensors()))

    def tell_leans(self, *lean_deg: float | None, side_deg: float | None = 0.0) -> None:
        """Ada's lean, a tenth of a second after another."""
        times = [self.service.time + i / 10 for i in range(len(lean_deg))]
        sides = [side_deg for _ in lean_deg]
        leans = Leans(wearer="ada", times=times, lean_deg=list(lean_deg), side_deg=sides)
        self._loop.call_soon_threadsafe(lambda: self.leans.publish(leans))

    def cut(self) -> None:
        """Break every connection, as a network that is gone for a moment does."""

        def abort() -> None:
            for each in list(self._server.server_state.connections):
                each.transport.abort()

        self._loop.call_soon_threadsafe(abort)

    def end_streams(self) -> None:
        """End what is told live, for good; all else is answered as before."""
        self._loop.call_soon_threadsafe(self.hub.close)

    def stop(self) -> None:
        """End it, and everyone's stream."""
        self._server.should_exit = True
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def _wait_until(self, somebody: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not somebody():
            assert time.monotonic() < until, "nobody listens"
            time.sleep(0.01)

    def _serve(self) -> None:
        self._loop.run_until_complete(self._server.serve(sockets=[self._listener]))
