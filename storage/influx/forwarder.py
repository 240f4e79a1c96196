"""From the outbox to the server, for ever: one task, and nothing it does can lose or double a point.

2xx: the rows of the outbox are taken off.
No answer, 429, 5xx: the same again later, twice as long each time, jittered; not before Retry-After.
413, 400, 422: sent in halves (`storage.influx.delivery`).
401, 403, 404 and any other: all is kept, it is said, and the server is looked at every minute.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from domain.errors import ServerError, StoreError, first_line
from storage.dead_letters import DeadLetter
from storage.influx.delivery import Delivery
from storage.influx.forwarding import ForwarderState
from storage.influx.local import LocalStore
from storage.influx.parcels import MOST_LINES, REQUESTS, Parcel, Removal
from storage.influx.server import Found, Server
from storage.influx.settings import InfluxSettings
from storage.influx.wire import Wire, open_wire

_log = logging.getLogger(__name__)
Result = TypeVar("Result")

#: Nothing due: look again after so long.
IDLE_S: Final = 1.0
#: First and longest wait after a failure, before jitter.
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 300.0
#: A server may ask for more, but not for ever.
LONGEST_RETRY_AFTER_S: Final = 3600.0
#: How often a server that does not let us in is looked at.
PROBE_S: Final = 60.0
#: How often the outbox is held against its bounds.
TRIM_S: Final = 60.0
#: The store and the checks answer in this time, or the disk or the server is sick.
CALL_TIMEOUT_S: Final = 120.0

_AGAIN: Final = (429, *range(500, 600))


class Forwarder:
    """Sends what `store` owes, as `run` for ever or as `drain` until nothing is due.

    told: called when the trouble or the warnings are others. now: Unix s; sleep and rng: replaced in
    simulated time. connect: makes the wire to the server that was found.
    """

    def __init__(
        self,
        store: LocalStore,
        server: Server,
        settings: InfluxSettings,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        rng: random.Random | None = None,
        connect: Callable[[InfluxSettings, tuple[int, ...] | None], Awaitable[Wire]] = open_wire,
        most_lines: int = MOST_LINES,
        told: Callable[[ForwarderState], None] = lambda state: None,
    ) -> None:
        self._store = store
        self._server = server
        self._settings = settings
        self._now = now
        self._sleep = sleep
        self._rng = rng or random.Random()
        self._connect = connect
        self._wire: Wire | None = None
        self._found: Found | None = None
        self._failures = 0
        self._trimmed_at = -1e18
        self._told = told
        self.state = store.forwarding
        self._delivery = Delivery(self.state, now=now, most_lines=most_lines)

    async def run(self) -> None:
        """Send what is due, for ever. Whatever the server or the disk does, it goes on; it ends when
        it is cancelled."""
        try:
            while True:
                await self._sleep(await self._turn())
        finally:
            await self.close()

    async def close(self) -> None:
        """Let go of the server."""
        wire, self._wire, self._found = self._wire, None, None
        if wire is not None:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                await wire.close()

    async def drain(self, *, now: float | None = None) -> int:
        """Send until nothing is due at `now`; how many points. Raises ServerError, StoreError."""
        sent = 0
        wire = await self._ready()
        now = self._now() if now is None else now
        parcel = await self._next(0, now)
        while parcel is not None:
            ahead = None
            if parcel.more and parcel.removal is None and not parcel.partly:
                ahead = asyncio.create_task(self._next(parcel.last, now))
            try:
                await self._forward(wire, parcel)
            except BaseException:
                if ahead is not None:
                    ahead.cancel()
                    await asyncio.wait({ahead})
                raise
            sent += parcel.count
            self.state.last_sent_at = self._now()
            if ahead is not None:
                parcel = await ahead
            elif parcel.more:
                parcel = await self._next(0, now)
            else:
                parcel = None
        return sent

    async def _forward(self, wire: Wire, parcel: Parcel) -> None:
        """Send a parcel and settle it, unless something was erased since it was read."""
        async with _held(self._store):
            if parcel.erasures == self._store.erasures:
                if parcel.removal is not None:
                    dead = await self._remove(parcel, parcel.removal)
                else:
                    dead = await self._delivery.send(wire, parcel)
                await self._call(lambda: self._store.settle(parcel, dead))

    async def _remove(self, parcel: Parcel, removal: Removal) -> list[DeadLetter]:
        found = self._found
        if found is None:
            raise RuntimeError("a removal without a server")
        try:
            await self._call(lambda: self._server.remove(removal, found))
        except ServerError as error:
            if error.status not in (400, 405, 422, 501):
                raise
            return [self._delivery.bury(parcel, -1, error)]
        return []

    async def _turn(self) -> float:
        """One attempt; how long to wait before the next."""
        try:
            await self._keep_bounds()
            await self.drain()
        except ServerError as error:
            return await self._fail(error, self._wait_s(error))
        except (StoreError, TimeoutError) as error:
            return await self._fail(error, self._backoff_s())
        if self.state.trouble is not None:
            _log.warning("%s takes measurements again", self._settings.url)
            self.state.trouble = None
            self._told(self.state)
        self._failures = 0
        return IDLE_S

    async def _ready(self) -> Wire:
        if self._wire is None or self._found is None:
            found = await self._call(self._server.check)
            for warning in found.warnings:
                if warning not in self.state.warnings:
                    _log.warning("%s", warning)
            if found.warnings != self.state.warnings:
                self.state.warnings = found.warnings
                self._told(self.state)
            self.state.server = found.words
            has_before = self._server.has_before if found.version else _nothing_before
            await self._call(lambda: self._store.learn_history(has_before))
            async with asyncio.timeout(CALL_TIMEOUT_S):
                self._wire = await self._connect(self._settings, found.version)
            self._found = found
            _log.info("measurements go to %s, %s", self._settings.url, found.words)
        return self._wire

    async def _next(self, after: int, now: float) -> Parcel | None:
        most = REQUESTS * self._delivery.most_lines
        return await self._call(lambda: self._store.parcel(after=after, now=now, most_lines=most))

    async def _keep_bounds(self) -> None:
        now = self._now()
        if abs(now - self._trimmed_at) < TRIM_S:
            return
        since = now - self._settings.most_age_s
        most = self._settings.most_bytes
        dropped = await self._call(lambda: self._store.trim(most_bytes=most, owed_since=since))
        self._trimmed_at = now
        if dropped:
            _log.error("%d points were owed too long or too many, the oldest are dropped", dropped)

    async def _fail(self, error: BaseException, wait_s: float) -> float:
        words = first_line(error)
        if self.state.trouble is None:
            _log.error("measurements stay here for now: %s", words)
        changed = self.state.trouble != words
        self.state.trouble = self.state.last_error = words
        self.state.last_error_at = self._now()
        if changed:
            self._told(self.state)
        await self.close()  # the next attempt looks at the server anew
        return wait_s

    def _wait_s(self, error: ServerError) -> float:
        if error.status is not None and error.status not in _AGAIN:
            return PROBE_S * self._rng.uniform(0.75, 1.25)
        asked_s = min(error.retry_after_s or 0.0, LONGEST_RETRY_AFTER_S)
        # Many services that were told the same must not come back at the same moment.
        return max(self._backoff_s(), asked_s * self._rng.uniform(1.0, 1.1))

    def _backoff_s(self) -> float:
        longest = min(FIRST_WAIT_S * 2.0 ** min(self._failures, 20), LONGEST_WAIT_S)
        self._failures += 1
        return longest * self._rng.uniform(0.5, 1.0)

    async def _call(self, work: Callable[[], Result]) -> Result:
        async with asyncio.timeout(CALL_TIMEOUT_S):
            return await asyncio.to_thread(work)


def _nothing_before(_before: int) -> bool:
    """Of a server that only takes points."""
    return False


@asynccontextmanager
async def _held(store: LocalStore) -> AsyncIterator[None]:
    """The store's word that nothing is erased meanwhile. Waits in a thread: an erasure takes a while."""
    hold = store.nothing_on_its_way(CALL_TIMEOUT_S)
    await asyncio.to_thread(hold.__enter__)
    try:
        yield
    finally:
        hold.__exit__(None, None, None)
