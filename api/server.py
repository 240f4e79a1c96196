"""Listening: a socket on loopback, and a server that stops quickly however many streams are open."""

import contextlib
import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Protocol

import uvicorn
from fastapi import FastAPI

from domain.errors import ConflictError, InputError

#: How long a client that takes nothing more may hold up the end.
STOP_TIMEOUT_S = 2


#: What a client says over a WebSocket means nothing here.
MOST_MESSAGE_BYTES = 1024


class Stream(Protocol):
    """What goes on until it is closed."""

    def close(self) -> None:
        """End it for every client."""
        ...


class Server(uvicorn.Server):
    """Serves one application on sockets it is given; ends the streams when it stops.

    It leaves signals alone: whoever runs it sets `should_exit`.
    """

    def __init__(self, app: FastAPI, *streams: Stream) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="websockets-sansio",
                ws_max_size=MOST_MESSAGE_BYTES,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=STOP_TIMEOUT_S,
            )
        )
        self._streams = streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: the streams first, since the server waits for every answer to end."""
        for stream in self._streams:
            stream.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do not: the service has its own."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Give it to `Server.serve(sockets=[...])`.

    Raises InputError for an address that is not of this machine alone, ConflictError when it is taken.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        raise InputError(f"{host!r} is no address") from None
    if not ip.is_loopback:
        raise InputError(f"{host!r} can be reached from other machines, and there is no login yet")
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # on Windows it would let another program take the port over
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ConflictError(f"cannot listen on {host} port {port}: {error.strerror}") from error
    return listener
