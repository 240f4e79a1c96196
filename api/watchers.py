"""Things as they happen, to whoever watches what they are of. Nobody waits for anybody. Event loop only."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Message = TypeVar("Message")
Client = TypeVar("Client", bound="Watcher[Any, Any]")


class Watcher(ABC, Generic[Item, Message]):
    """One who watches; iterate it to the end, which comes when the hub closes.

    of: what is watched. most: items that wait for it; of more the oldest are lost.
    """

    def __init__(self, of: str, most: int) -> None:
        self.of = of
        self._most = most
        self._queue: deque[Item] = deque()
        self._closed = False
        self._wake = asyncio.Event()

    def offer(self, item: Item) -> None:
        """Queue an item; a full queue loses its oldest."""
        if len(self._queue) == self._most:
            self._lose(self._queue.popleft())
        self._queue.append(item)
        self._wake.set()

    def close(self) -> None:
        """No more will come."""
        self._closed = True
        self._wake.set()

    async def __aiter__(self) -> AsyncIterator[Message]:
        while not self._closed:
            if self._queue:
                yield self._message(self._queue.popleft())
            else:
                self._wake.clear()
                await self._wake.wait()

    @abstractmethod
    def _message(self, item: Item) -> Message: ...

    @abstractmethod
    def _lose(self, item: Item) -> None: ...


class Watchers(Generic[Client]):
    """Who watches what. make: a client of what it is given."""

    def __init__(self, make: Callable[[str], Client]) -> None:
        self._make = make
        self._clients: dict[str, set[Client]] = {}
        self._closed = False

    @property
    def clients(self) -> int:
        """How many watch now."""
        return sum(map(len, self._clients.values()))

    def watched(self) -> tuple[str, ...]:
        """What somebody watches: of the rest nothing need be worked out."""
        return tuple(self._clients)

    def offer(self, of: str, item: object) -> None:
        """Offer to those who watch it; never waits."""
        for client in self._clients.get(of, ()):
            client.offer(item)

    def subscribe(self, of: str) -> Client:
        """A client from now on; hand it to `unsubscribe`."""
        client = self._make(of)
        self._clients.setdefault(of, set()).add(client)
        if self._closed:
            client.close()
        return client

    def unsubscribe(self, client: Client) -> None:
        """The client has gone."""
        watching = self._clients.get(client.of, set())
        watching.discard(client)
        if not watching:
            self._clients.pop(client.of, None)

    def close(self) -> None:
        """End every stream; later subscribers end at once."""
        self._closed = True
        for watching in self._clients.values():
            for client in watching:
                client.close()
