"""HTTP/1.1 with limits: the head of a request comes in time and is small, few are asked before answers,
and who takes nothing of an answer is let go.

uvicorn's protocol over httptools waits for ever while bytes drip in, keeps as much of a head as is sent, and
makes something of each request of a chunk before the first is answered. Fields after a body (trailers) are
left out: the guard has looked at the head by then.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: How long the head of a request may take, s [J]; uvicorn alone waits for ever while bytes drip in.
HEAD_S = 15.0
#: How long somebody may take nothing of an answer, s: four of the comments that keep a stream open [J]. Who
#: reads slowly but reads is not meant; a page that comes back goes on from its last event.
STALLED_S = 60.0
#: The largest head, bytes, as uvicorn's other protocol has it: a page with its cookies has some hundreds.
MOST_HEAD_BYTES = 16 * 1024
#: What the separators of a header field take: `: ` and the end of its line.
_SEPARATORS = 4
#: Requests that wait on one connection for the answer to another; browsers and proxies send none.
MOST_WAITING = 16


class TooMuchError(Exception):
    """httptools makes a parser's error of it, which uvicorn answers."""


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, with a limit to how long it waits for a request, to its head, and to how many."""

    _look: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    #: Since when a head is waited for, by the loop's clock; None while a request is at work.
    _since: float | None = None
    _in_head = False
    _head_bytes = 0  # of the fields that are whole
    _fed_bytes = 0  # of a head that is not, in chunks that have nothing else

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._look = self.loop.call_later(HEAD_S, self._look_now)

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._end_looking()
        self._moving()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """More waits to be taken than is kept for anybody."""
        super().pause_writing()
        self._moving()
        self._stalled = self.loop.call_later(STALLED_S, self.transport.abort)

    def resume_writing(self) -> None:
        """They took some of it."""
        self._moving()
        super().resume_writing()

    def _moving(self) -> None:
        stalled, self._stalled = self._stalled, None
        if stalled is not None:
            stalled.cancel()

    def data_received(self, data: bytes) -> None:
        """Bytes have come, the head of a request perhaps."""
        self._fed_bytes = self._fed_bytes + len(data) if self._in_head else 0
        super().data_received(data)
        if self._in_head and self._fed_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        if len(self.pipeline) >= MOST_WAITING:
            raise TooMuchError
        self._in_head, self._head_bytes, self._fed_bytes = True, 0, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """What is asked for, or a part of it."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head, or of a trailer, which nobody here asks for."""
        if self._in_head:
            self._count(len(name) + len(value) + _SEPARATORS)
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._in_head, self._since = False, None
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it is there already."""
        super().on_response_complete()
        if self.cycle is None or self.cycle.response_complete:
            self._since = self.loop.time()

    def handle_websocket_upgrade(self) -> None:
        """It is a WebSocket from now on."""
        self._end_looking()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, and end; without a word where another answer is to come first."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()
        else:
            super().send_400_response(msg)

    def _count(self, more: int) -> None:
        self._head_bytes += more
        if self._head_bytes > MOST_HEAD_BYTES:
            raise TooMuchError

    def _look_now(self) -> None:
        """One timer a connection, which looks how long it has been: to set one for each request costs more
        than to read it."""
        transport: Any = self.transport
        if transport.is_closing():
            return
        left_s = HEAD_S if self._since is None else self._since + HEAD_S - self.loop.time()
        if left_s <= 0:
            transport.abort()
        else:
            self._look = self.loop.call_later(left_s, self._look_now)

    def _end_looking(self) -> None:
        look, self._look = self._look, None
        if look is not None:
            look.cancel()
