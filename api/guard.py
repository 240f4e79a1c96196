"""Who may ask: this machine's own pages and tools. Plain ASGI, around everything else.

The service listens on loopback, but a browser carries foreign pages onto loopback: by DNS rebinding
(a foreign name that resolves to 127.0.0.1) and by cross-site requests. So the Host must be a loopback
name, an unsafe request must come from the page itself, and its body must be JSON, which a foreign
page cannot send without asking first. Nothing here answers such a question (no CORS). Bodies announce
their length, and are small.
"""

import ipaddress
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.headers import SECURITY_HEADERS
from api.problems import problem_response

#: The largest body any call takes is some dozens of bytes.
MOST_BODY_BYTES = 16 * 1024
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: What a foreign page cannot send without asking first, whatever the body.
_PREFLIGHTED = frozenset({"DELETE", "PUT", "PATCH"})
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\s:/@\[\]]+)(?::\d{1,5})?")


class Guard:
    """Refuses what does not come from this machine's own pages and tools; sets the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                # The API is never to be cached, the page only after asking whether it changed.
                api = scope["path"].startswith("/api/")
                headers.setdefault("cache-control", "no-store" if api else "no-cache")
            await send(message)

        refused = _refusal(scope["method"], Headers(scope=scope))
        if refused is None:
            await self._app(scope, receive, send_guarded)
        else:
            await problem_response(*refused)(scope, receive, send_guarded)


def is_loopback_host(host: str) -> bool:
    """Whether a Host header names this machine itself: localhost, *.localhost (RFC 6761), 127/8, ::1."""
    match = _HOST.fullmatch(host.lower())
    if match is None:
        return False
    name = match["name"].removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _refusal(method: str, headers: Headers) -> tuple[int, str] | None:
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not is_loopback_host(hosts[0]):
        return 421, "this service answers to loopback names only, such as localhost"
    if method in _SAFE:
        return None
    for origin in headers.getlist("origin"):
        if origin.lower() not in (f"http://{hosts[0].lower()}", f"https://{hosts[0].lower()}"):
            return 403, "this request comes from another site"
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return 403, "this request comes from another site"
    content_type = headers.get("content-type", "").split(";")[0].strip().lower()
    if method not in _PREFLIGHTED and content_type != "application/json":
        return 415, "send application/json"
    if "transfer-encoding" in headers:
        return 411, "send the length of the body"
    length = headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 18:
        return 400, "the length of the body is no number"
    if int(length) > MOST_BODY_BYTES:
        return 413, f"no body here is larger than {MOST_BODY_BYTES} bytes"
    return None
