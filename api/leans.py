"""The hub of leans as they happen: ten a second, of a wearer whom somebody watches, and kept by nobody.

A second is judged once and a second and more later; this is for a figure that moves with its wearer.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from api.answer import Answer
from api.models import Known

#: Who is slower than this many messages, some seconds, sees the newest: an old lean is no lean.
QUEUE = 8
MAX_CLIENTS = 64


class Leans(Answer):
    """Lean and side of a wearer. times: Unix s of the service's clock, a tenth of a second apart; lean_deg
    and side_deg: an angle or null for each, forward and to the right of the wearer's upright."""

    wearer: str
    times: list[float]
    lean_deg: list[Known]
    side_deg: list[Known]


class LeanClient:
    """One who watches one wearer; iterate it to the end, which comes when the hub closes."""

    def __init__(self, wearer: str) -> None:
        self.wearer = wearer
        self._queue: deque[Leans] = deque(maxlen=QUEUE)
        self._closed = False
        self._wake = asyncio.Event()

    def offer(self, leans: Leans) -> None:
        """Queue a message; a full queue loses its oldest."""
        self._queue.append(leans)
        self._wake.set()

    def close(self) -> None:
        """No more will come."""
        self._closed = True
        self._wake.set()

    async def __aiter__(self) -> AsyncIterator[Leans]:
        while not self._closed:
            if self._queue:
                yield self._queue.popleft()
            else:
                self._wake.clear()
                await self._wake.wait()


class LeanHub:
    """Leans to every client that watches their wearer. Used on the event loop only."""

    def __init__(self) -> None:
        self._clients: dict[str, set[LeanClient]] = {}
        self._closed = False

    @property
    def clients(self) -> int:
        """How many watch now."""
        return sum(map(len, self._clients.values()))

    def watched(self) -> tuple[str, ...]:
        """The wearers whom somebody watches: of the others nothing need be worked out."""
        return tuple(self._clients)

    def publish(self, leans: Leans) -> None:
        """Offer to those who watch the wearer; never waits."""
        for client in self._clients.get(leans.wearer, ()):
            client.offer(leans)

    def subscribe(self, wearer: str) -> LeanClient:
        """A client of `wearer` from now on; hand it to `unsubscribe`."""
        client = LeanClient(wearer)
        self._clients.setdefault(wearer, set()).add(client)
        if self._closed:
            client.close()
        return client

    def unsubscribe(self, client: LeanClient) -> None:
        """The client has gone."""
        watching = self._clients.get(client.wearer, set())
        watching.discard(client)
        if not watching:
            self._clients.pop(client.wearer, None)

    def close(self) -> None:
        """End every stream; later subscribers end at once."""
        self._closed = True
        for watching in self._clients.values():
            for client in watching:
                client.close()
