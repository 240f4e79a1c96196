"""An HTTP server on loopback that keeps what it was sent and answers as it is told."""

import asyncio
from dataclasses import dataclass, field

from tests.ports import quiet_port


@dataclass
class Posted:
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpReceiver:
    """answers: status lines with headers, one a request, then 204. hold: answers nothing."""

    answers: list[str] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)
    hold: bool = False
    port: int = field(default_factory=quiet_port)  # which it comes back to
    _server: asyncio.Server | None = None
    _connections: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in [*self._connections]:
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?x=1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                pairs = (line.split(": ", 1) for line in head[1:] if line)
                headers = {name.lower(): value for name, value in pairs}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.posted.append(Posted(head[0], headers, body))
                if self.hold:
                    await asyncio.sleep(3600)
                answer = self.answers.pop(0) if self.answers else "204 No Content"
                writer.write(f"HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(writer)
            writer.close()
