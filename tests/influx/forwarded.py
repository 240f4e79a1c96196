"""A store whose every write is at the server when it returns, and whose measurements are read from there."""

import asyncio
import functools
import hashlib
import math
import threading
from pathlib import Path
from typing import Any

from storage import debt
from storage.contract import Batch
from storage.erased import Erased
from storage.influx.forwarder import Forwarder
from storage.influx.settings import InfluxSettings
from storage.influx.store import InfluxStore
from tests.influx.real_servers import shared_influxd


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="forwarding", daemon=True).start()
    return loop


def wait_for(work: Any) -> Any:
    """What a coroutine gives, run on a loop of its own thread."""
    return asyncio.run_coroutine_threadsafe(work, _loop()).result(120)


def settings_for(url: str, folder: Path) -> InfluxSettings:
    name = "t" + hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return InfluxSettings(url=url, database=name, local_days=36500)


class ForwardedStore(InfluxStore):
    """Nothing that was measured is read from the local file."""

    def __init__(self, path: Path, settings: InfluxSettings) -> None:
        super().__init__(path, settings)
        with self._transaction() as connection:
            debt.note_history(connection, 2**62)
        self.forwarder = Forwarder(self, self.server, settings)
        self._forward()

    def write(self, batch: Batch, *, now: float) -> None:
        super().write(batch, now=now)
        self._forward()

    def replace(self, wearer: str, start: int, end: int, batch: Batch, *, now: float) -> None:
        super().replace(wearer, start, end, batch, now=now)
        self._forward()

    def prune(self, **before: Any) -> int:
        removed = super().prune(**before)
        self._forward()
        return removed

    def erase(self, wearer: str, start: int | None = None, end: int | None = None) -> Erased:
        erased = super().erase(wearer, start, end)
        self._forward()
        return erased

    def close(self) -> None:
        wait_for(self.forwarder.close())
        super().close()

    def _forward(self) -> None:
        wait_for(self.forwarder.drain(now=math.inf))


def forwarded_store(folder: Path) -> ForwardedStore:
    """A store in `folder` over a database of its own at the shared InfluxDB 1.6.7."""
    settings = settings_for(shared_influxd().url, folder)
    return ForwardedStore(folder / "sitwell.db", settings)
