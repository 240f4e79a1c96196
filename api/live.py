"""The hub of the live stream: the engine publishes on the loop, every client reads at its own pace.

A client that comes back with the id of the last event it saw gets what it missed while the ring still
has it. One that is too slow loses the oldest events and is told so: it gets the opening again, with a
gap, and goes on with the newest. Nobody waits for anybody.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pydantic import BaseModel

EventName: TypeAlias = Literal["hello", "now", "sensor", "gone", "episode", "alert", "health"]
Opening: TypeAlias = Callable[[bool], Awaitable[Sequence[tuple[EventName, BaseModel]]]]

RING = 600


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One event as it goes out. data: JSON; wearer: whom it is about, None when everybody.

    wire: as a stream of server-sent events has it, made once for all who read it.
    """

    id: int
    name: EventName
    data: str
    wearer: str | None = None
    wire: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        wire = f"event: {self.name}\ndata: {self.data}\nid: {self.id}\n\n".encode()
        object.__setattr__(self, "wire", wire)

    def concerns(self, wearer: str | None) -> bool:
        """Whether a client that asked for `wearer` (None: all) wants it."""
        return wearer is None or self.wearer is None or self.wearer == wearer


class LiveClient:
    """One reader; iterate it to the end, which comes when the hub closes."""

    def __init__(
        self, hub: "LiveHub", wearer: str | None, opening: Opening, *, gap: bool | None
    ) -> None:
        self._hub = hub
        self._wearer = wearer
        self._opening = opening
        self._gap = gap
        self._queue: deque[LiveEvent] = deque(maxlen=RING)
        self._wake = asyncio.Event()

    def offer(self, event: LiveEvent) -> None:
        """Queue an event that concerns this client; a full queue loses its oldest."""
        if not event.concerns(self._wearer):
            return
        if len(self._queue) == RING:
            self._hub.dropped += 1
            self._gap = True
        self._queue.append(event)
        self._wake.set()

    def wake(self) -> None:
        """Look again: the hub has closed."""
        self._wake.set()

    async def __aiter__(self) -> AsyncIterator[LiveEvent]:
        async for event in self.events(idle_s=None):
            if event is not None:
                yield event

    async def events(self, *, idle_s: float | None) -> AsyncIterator[LiveEvent | None]:
        """The same, and None whenever nothing has come for `idle_s`."""
        while not self._hub.closed:
            if self._gap is not None:
                gap, self._gap = self._gap, None
                last_id = self._queue[0].id - 1 if self._queue else self._hub.last_id
                for name, data in await self._opening(gap):
                    yield LiveEvent(last_id, name, data.model_dump_json())
            elif self._queue:
                yield self._queue.popleft()
            elif not await self._woken(idle_s):
                yield None

    async def _woken(self, idle_s: float | None) -> bool:
        self._wake.clear()
        try:
            async with asyncio.timeout(idle_s):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True


class LiveHub:
    """Events to every client. Used on the event loop only.

    first_id: the first event's id; give milliseconds since 1970, so that ids of an earlier run are
    smaller and a client that saw them is told of the gap.
    """

    def __init__(self, first_id: int) -> None:
        self._next_id = first_id
        self._ring: deque[LiveEvent] = deque(maxlen=RING)
        self._clients: set[LiveClient] = set()
        self.closed = False
        self.dropped = 0

    @property
    def last_id(self) -> int:
        """The id of the newest event; one less than the first id before there is any."""
        return self._next_id - 1

    @property
    def clients(self) -> int:
        """How many read now."""
        return len(self._clients)

    def publish(self, event: EventName, data: BaseModel, *, wearer: str | None = None) -> None:
        """Send to everyone who asked for `wearer` or for all; never waits."""
        made = LiveEvent(self._next_id, event, data.model_dump_json(), wearer)
        self._next_id += 1
        self._ring.append(made)
        for client in self._clients:
            client.offer(made)

    def subscribe(
        self, opening: Opening, *, wearer: str | None = None, last_id: int | None = None
    ) -> LiveClient:
        """A client that begins after `last_id` where the ring still has that, else with the opening.

        opening(gap): what is so now, first of all a hello. A client must be handed to `unsubscribe`.
        """
        known = last_id is not None and self._oldest_id - 1 <= last_id <= self.last_id
        gap = None if known else last_id is not None
        client = LiveClient(self, wearer, opening, gap=gap)
        for event in self._ring:
            # A bout that opened a moment ago may not be stored yet: newcomers hear of it from the ring.
            if event.id > last_id if known and last_id is not None else event.name == "episode":
                client.offer(event)
        self._clients.add(client)
        return client

    def unsubscribe(self, client: LiveClient) -> None:
        """The client has gone."""
        self._clients.discard(client)

    def close(self) -> None:
        """End every stream; later subscribers end at once."""
        self.closed = True
        for client in self._clients:
            client.wake()

    @property
    def _oldest_id(self) -> int:
        return self._ring[0].id if self._ring else self._next_id
