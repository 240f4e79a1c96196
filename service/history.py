"""Makes up the demo's past while the present runs: one process, one day at a time, newest first."""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date, datetime
from zoneinfo import ZoneInfo

from api.contract import Seeding
from domain.errors import StoreError
from service.person import DemoPerson
from service.seed import days_before, seed_past_day
from service.serve import Service
from storage.contract import Batch, Store
from storage.days import day_bounds

_log = logging.getLogger(__name__)

#: A day takes seconds; this much longer means that the process hangs.
DAY_TIMEOUT_S = 600.0


class History:
    """The `days` before today of a person; days that the store has already are left as they are."""

    def __init__(self, person: DemoPerson, *, seed: int, days: int, store: Store) -> None:
        self._person = person
        self._plan = person.seed_plan(seed)
        self._days = days
        self._store = store

    async def make_up(self, service: Service) -> None:
        """Write what is missing, and tell how far it is."""
        try:
            await self._make_up(service)
        except (StoreError, TimeoutError, BrokenProcessPool) as error:
            # The live person does not depend on the past.
            _log.error("history is not made up: %s", str(error) or type(error).__name__)
            service.view.trouble["history"] = (
                "The rest of the made-up history could not be written. The next start tries again."
            )

    async def _make_up(self, service: Service) -> None:
        missing = await asyncio.to_thread(self._missing, service.view.now())
        if not missing:
            return
        loop = asyncio.get_running_loop()
        workers = ProcessPoolExecutor(
            1, mp_context=multiprocessing.get_context("spawn"), initializer=_serve_parent
        )
        try:
            for done, day in enumerate(missing):
                service.seeding(Seeding(done, len(missing)))
                async with asyncio.timeout(DAY_TIMEOUT_S):
                    made = await loop.run_in_executor(workers, seed_past_day, self._plan, day)
                await service.write(
                    Batch(
                        frames=(made.frames,),
                        episodes=made.episodes,
                        alerts=made.alerts,
                        contexts=made.contexts,
                    )
                )
        finally:
            service.seeding(None)
            _end(workers)

    def _missing(self, now: float) -> list[date]:
        timezone = self._person.wearer.timezone
        today = datetime.fromtimestamp(now, ZoneInfo(timezone)).date()
        return [
            day
            for day in days_before(today, self._days)
            if not self._stored(*day_bounds(day, timezone))
        ]

    def _stored(self, start: int, end: int) -> bool:
        return len(self._store.series(self._person.wearer.id, start, end, 3600).times) > 0


def _end(workers: ProcessPoolExecutor) -> None:
    """End the process at once: the day it is at is made up the next time."""
    for process in multiprocessing.active_children():
        with contextlib.suppress(ValueError):
            process.terminate()
    workers.shutdown(wait=False, cancel_futures=True)


def _serve_parent() -> None:
    """In the worker: stay out of the way, and do not outlive a parent that was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches it too; the parent ends it
    if hasattr(os, "nice"):
        os.nice(10)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(0)
