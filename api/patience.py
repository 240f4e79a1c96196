"""Connections whose next request does not come whole in time are closed."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

#: How long the head of a request may take, s [J]; uvicorn alone waits for ever while bytes drip in.
HEAD_S = 15.0


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with a limit to how long it waits for a request."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._stop()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Bytes have come, the head of a request perhaps."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """It is a WebSocket from now on."""
        self._stop()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it is there already."""
        super().on_response_complete()
        if self.cycle is None or self.cycle.response_complete:
            self._wait()

    def _wait(self) -> None:
        self._stop()
        self._late = self.loop.call_later(HEAD_S, self._give_up)

    def _stop(self) -> None:
        late, self._late = self._late, None
        if late is not None:
            late.cancel()

    def _give_up(self) -> None:
        transport: Any = self.transport
        if not transport.is_closing():
            transport.abort()
