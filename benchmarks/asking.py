"""A client that asks at a fixed pace, whatever becomes of the answers (an open loop).

Each request has its time. When it cannot be sent then, because the generator is late or because every
connection waits for an answer, the wait is part of what it took: a service that stalls is not asked less
(coordinated omission). How late the generator itself was is told beside it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

#: Connections that are kept; the service takes more.
MOST_CONNECTIONS: Final = 200
ANSWER_S: Final = 30.0


@dataclass(slots=True)
class Taken:
    """Of each answer: seconds from its time; of each request how late the generator was at it."""

    took_s: list[float] = field(default_factory=list)
    late_s: list[float] = field(default_factory=list)
    bytes: int = 0
    errors: dict[str, int] = field(default_factory=dict)

    def failed(self, why: str) -> None:
        """One that has no answer of 200."""
        self.errors[why] = self.errors.get(why, 0) + 1


class Connections:
    """Connections to one service, kept open."""

    def __init__(self, host: str, port: int, most: int = MOST_CONNECTIONS) -> None:
        self._host, self._port = host, port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._free = asyncio.Semaphore(most)

    def request(self, path: str) -> bytes:
        """A GET."""
        return f"GET {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n\r\n".encode()

    async def get(self, path: str) -> tuple[int, int]:
        """Status and bytes of the body."""
        async with self._free:
            kept = self._kept()
            reader, writer = kept or await self._open()
            try:
                writer.write(self.request(path))
                try:
                    head = await reader.readuntil(b"\r\n\r\n")
                except (ConnectionError, asyncio.IncompleteReadError):
                    if kept is None:
                        raise
                    # It was idle for so long that the service closed it just now: as any client does, again.
                    writer.close()
                    reader, writer = await self._open()
                    writer.write(self.request(path))
                    head = await reader.readuntil(b"\r\n\r\n")
                status = int(head[9:12])
                begins = head.lower().index(b"content-length:") + len(b"content-length:")
                length = int(head[begins : head.index(b"\r\n", begins)])
                await reader.readexactly(length)
            except BaseException:
                writer.close()
                raise
            self._idle.append((reader, writer))
            return status, length

    async def opening(self, path: str) -> tuple[int, int]:
        """Of a live stream, up to what is so now; then it is closed."""
        async with self._free:
            reader, writer = await self._open()
            try:
                writer.write(self.request(path))
                got = await reader.readuntil(b"event: health")
                return int(got[9:12]), len(got)
            finally:
                writer.close()

    def _kept(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()  # the service closes those that have been idle for long
        return None

    def close(self) -> None:
        """Close those that are kept."""
        for _, writer in self._idle:
            writer.close()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._host, self._port, limit=2**20)


Ask = Callable[[], Awaitable[tuple[int, int]]]


async def at_pace(
    names: Sequence[str], make: Callable[[str], Ask], rate_hz: float
) -> dict[str, Taken]:
    """Ask what `make` makes of one name after the other when it is due, `rate_hz` a second, and answer by
    the names when all have an answer."""
    taken = {name: Taken() for name in names}
    loop = asyncio.get_running_loop()
    begun, under_way = loop.time() + 0.1, set[asyncio.Task[None]]()

    async def one(name: str, ask: Ask, at: float) -> None:
        mine = taken[name]
        try:
            async with asyncio.timeout(ANSWER_S):
                status, size = await ask()
        except (OSError, EOFError, TimeoutError) as error:
            mine.failed(type(error).__name__)
            return
        mine.took_s.append(loop.time() - at)
        mine.bytes += size
        if status != 200:
            mine.failed(str(status))

    for n, name in enumerate(names):
        at = begun + n / rate_hz
        if (wait_s := at - loop.time()) > 0:
            await asyncio.sleep(wait_s)
        taken[name].late_s.append(max(0.0, loop.time() - at))
        task = asyncio.create_task(one(name, make(name), at))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    return taken
