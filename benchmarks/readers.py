"""Readers of the live stream: good ones, slow ones that take nothing, and ones that vanish without a word."""

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import Final

LIVE: Final = "/api/v1/live"
#: What the system keeps for a reader that takes nothing; the least that Linux gives is more.
SLOW_RECEIVE_BYTES: Final = 4096


def connected(host: str, port: int, *, slow: bool = False) -> socket.socket:
    """A socket that has asked for the stream, and has read nothing yet."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if slow:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_RECEIVE_BYTES)
    sock.settimeout(30)
    sock.connect((host, port))
    sock.sendall(f"GET {LIVE} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    return sock


def vanish(sock: socket.socket) -> None:
    """Close it with a reset, as a machine does whose program was killed."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


@dataclass(slots=True)
class Reader:
    """What a good reader got: ids of events after the opening, whether one was missed, when each came."""

    events: int = 0
    last_id: int = 0
    missed: int = 0
    openings: int = 0
    gap_s: float = 0.0  #: the longest silence
    came_at: float = 0.0
    ended: str = ""

    async def read(self, host: str, port: int) -> None:
        """Read until cancelled, or the stream ends."""
        reader, writer = await asyncio.open_connection(host, port, limit=2**20)
        writer.write(f"GET {LIVE} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        loop = asyncio.get_running_loop()
        name = b""
        try:
            while line := await reader.readline():
                if line.startswith(b"event: "):
                    name = line[7:].strip()
                    self.openings += name == b"hello"
                elif line.startswith(b"id: "):
                    self._take(int(line[4:]), loop.time())
            self.ended = "the stream ended"
        except (OSError, ValueError) as error:
            self.ended = type(error).__name__
        finally:
            writer.close()

    def _take(self, event_id: int, now: float) -> None:
        # The events of an opening have one id together, that of the last event before it.
        if self.last_id and event_id != self.last_id:
            self.events += 1
            self.missed += event_id - self.last_id - 1
            self.gap_s = max(self.gap_s, now - self.came_at)
        self.last_id, self.came_at = event_id, now
