"""Listening: a socket, and a server that stops quickly however many streams are open."""

import contextlib
import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Protocol

import uvicorn
from fastapi import FastAPI

from api.exposure import Exposure
from api.patience import PatientProtocol
from domain.errors import ConflictError, InputError

#: How long a client that takes nothing more may hold up the end.
STOP_TIMEOUT_S = 2


#: Connections beside the live streams; the server answers 503 to more.
MORE_CONNECTIONS = 256

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

    def __init__(self, app: FastAPI, *streams: Stream, exposure: Exposure | None = None) -> None:
        exposed = Exposure() if exposure is None else exposure
        super().__init__(
            uvicorn.Config(
                app,
                http=PatientProtocol,
                ws="websockets-sansio",
                ws_max_size=MOST_MESSAGE_BYTES,
                log_config=None,
                access_log=False,
                server_header=False,
                # uvicorn would take the word of whoever connects from 127.0.0.1.
                proxy_headers=bool(exposed.trusted_proxies),
                forwarded_allow_ips=list(exposed.trusted_proxies),
                ssl_certfile=exposed.certificate,
                ssl_keyfile=exposed.key,
                limit_concurrency=exposed.streams + MORE_CONNECTIONS,
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


def listen(host: str, port: int, *, anywhere: bool = False) -> socket.socket:
    """A listening socket; port 0 takes a free one. Give it to `Server.serve(sockets=[...])`.

    anywhere: also where other machines can reach it, for a caller that has made sure of
    `api.exposure.check_exposed`. Raises InputError for such an address without it, and for none,
    ConflictError when it is taken.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        raise InputError(f"{host!r} is no address") from None
    if not (ip.is_loopback or anywhere):
        raise InputError(f"{host!r} can be reached from other machines")
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    # With the protocol said, asyncio sets TCP_NODELAY; without, an answer waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows it would let another program take the port over
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ConflictError(f"cannot listen on {host} port {port}: {error.strerror}") from error
    return listener
