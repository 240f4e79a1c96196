"""The page's files as they travel: gzipped for whoever takes that. Plain ASGI, around the files alone.

What the API answers is left as it is: much of it is small, some of it never ends, and an answer that holds
what somebody sends beside what is secret is not to be compressed (BREACH). Each file is packed once.
"""

import gzip
from typing import Final

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TYPES: Final = frozenset(
    {"text/html", "text/css", "text/javascript", "image/svg+xml", "application/manifest+json"}
)
#: Less than this is not made smaller by it [J].
_LEAST_BYTES: Final = 400
_LEVEL: Final = 6


class Packed:
    """Middleware; keeps what it packed, one version a path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, tuple[str, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the module."""
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or scope["path"].startswith("/api/")
            or not _takes_gzip(Headers(scope=scope))
        ):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Packing(self._kept, scope["path"], send))


class _Packing:
    """Sends one answer, packed where it is a file of the page."""

    def __init__(self, kept: dict[str, tuple[str, bytes]], path: str, send: Send) -> None:
        self._kept = kept
        self._path = path
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if _can_be_packed(message):
                self._start = message
            else:
                await self._send(message)
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        headers = MutableHeaders(raw=start["headers"])
        version = headers.get("etag", "")
        known, packed = self._kept.get(self._path, ("", b""))
        if not version or known != version:
            body = bytes(self._body)
            packed = await to_thread.run_sync(lambda: gzip.compress(body, _LEVEL, mtime=0))
            if version:
                self._kept[self._path] = (version, packed)
        headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(packed))
        headers.add_vary_header("Accept-Encoding")
        if version:
            headers["etag"] = f"W/{version.removeprefix('W/')}"  # the same file in other bytes
        if "accept-ranges" in headers:
            del headers["accept-ranges"]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": packed})


def _takes_gzip(headers: Headers) -> bool:
    if "range" in headers:
        return False
    for each in headers.get("accept-encoding", "").lower().split(","):
        coding, _, quality = each.partition(";")
        if coding.strip() == "gzip":
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _can_be_packed(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return (
        start["status"] == 200
        and "content-encoding" not in headers
        and headers.get("content-type", "").split(";")[0].strip() in _TYPES
        and int(headers.get("content-length", "0")) >= _LEAST_BYTES
    )
