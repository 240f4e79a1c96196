"""The page's files as they travel: gzipped for whoever takes that, and from memory. Plain ASGI.

What the API answers is left as it is: much of it is small, some of it never ends, and an answer that holds
what somebody sends beside what is secret is not to be compressed (BREACH). A page asks for sixty files at
once, and finding, opening and reading one takes the framework many times as long as sending it: so each is
packed once and kept until its file changes.
"""

import gzip
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TYPES: Final = frozenset(
    {"text/html", "text/css", "text/javascript", "image/svg+xml", "application/manifest+json"}
)
#: Less than this is not made smaller by it [J].
_LEAST_BYTES: Final = 400
_LEVEL: Final = 6
#: Of an answer that nothing has to be sent with (RFC 9110, 15.4.5).
_OF_UNCHANGED: Final = frozenset({b"etag", b"vary", b"cache-control", b"last-modified"})

#: A file that changed is seen after so long, s.
FRESH_S: Final = 1.0

#: When a file changed, ns, and how long it is.
_Stamp: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Kept:
    """One packed file, ready to be sent."""

    stamp: _Stamp
    version: str
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Packed:
    """Middleware around an application that answers with the files of `folder`; keeps one version a path."""

    def __init__(
        self, app: ASGIApp, folder: Path, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._stamps = _Stamps(folder, ticks)
        self._kept: dict[str, _Kept] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the module."""
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or scope["path"].startswith("/api/")
            or not _takes_gzip(headers := Headers(scope=scope))
        ):
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        stamp = await self._stamps.of(path)
        kept = self._kept.get(path)
        if stamp is None or kept is None or kept.stamp != stamp:
            await self._app(scope, receive, _Packing(self._kept, path, stamp, send))
        elif kept.version in _versions(headers.get("if-none-match", "")):
            few = [each for each in kept.headers if each[0] in _OF_UNCHANGED]
            await send({"type": "http.response.start", "status": 304, "headers": few})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "http.response.start", "status": 200, "headers": kept.headers})
            await send({"type": "http.response.body", "body": kept.body})


class _Stamps:
    """Of the files of `folder`, by path. A disk may take its time, so it is a thread that looks: once in
    FRESH_S for all that were asked for before, since a page asks for sixty at once. ticks: seconds that
    never run back."""

    def __init__(self, folder: Path, ticks: Callable[[], float]) -> None:
        self._folder = folder
        self._ticks = ticks
        self._known: dict[str, _Stamp] = {}
        self._looked_at = float("-inf")

    async def of(self, path: str) -> _Stamp | None:
        """As it was less than FRESH_S ago; None for what is no file, or not by its own name."""
        now = self._ticks()
        if now - self._looked_at >= FRESH_S:
            self._looked_at = now  # whoever asks meanwhile does not look as well
            self._known = await to_thread.run_sync(self._look, [path, *self._known])
        elif path not in self._known:
            self._known |= await to_thread.run_sync(self._look, [path])
        return self._known.get(path)

    def _look(self, paths: Iterable[str]) -> dict[str, _Stamp]:
        found = {}
        for path in paths:
            if "//" in path or "/." in path or "\\" in path:
                continue
            try:
                stat = (self._folder / (path[1:] or "index.html")).stat()
            except (OSError, ValueError):
                continue
            found[path] = stat.st_mtime_ns, stat.st_size
        return found


class _Packing:
    """Sends one answer, packed where it is a file of the page."""

    def __init__(self, kept: dict[str, _Kept], path: str, stamp: _Stamp | None, send: Send) -> None:
        self._kept = kept
        self._path = path
        self._stamp = stamp
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
        version = headers.get("etag", "").removeprefix("W/")
        body = bytes(self._body)
        packed = await to_thread.run_sync(lambda: gzip.compress(body, _LEVEL, mtime=0))
        headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(packed))
        headers.add_vary_header("Accept-Encoding")
        if version:
            headers["etag"] = f"W/{version}"  # the same file in other bytes
        if "accept-ranges" in headers:
            del headers["accept-ranges"]
        if version and self._stamp is not None:
            self._kept[self._path] = _Kept(self._stamp, version, list(headers.raw), packed)
        await self._send(start)
        await self._send({"type": "http.response.body", "body": packed})


def _versions(said: str) -> set[str]:
    """What a browser has, of `If-None-Match`; compared weakly (RFC 9110, 13.1.2)."""
    return {each.strip().removeprefix("W/") for each in said.split(",")}


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
