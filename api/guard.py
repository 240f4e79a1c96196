"""Who may ask. Plain ASGI, around everything else, for requests and WebSockets alike.

A browser carries foreign pages onto any address that it reaches: by DNS rebinding (a foreign name that
resolves to this machine) and by cross-site requests. So the Host must be a name of ours, whatever is of the
API must not come from another site, and a body must be JSON, which a foreign page cannot send without
asking first. Nothing here answers such a question (no CORS). Bodies announce their length, are small, and
come in time. Then whoever asks is let in by a token, by a session, or because they sit at this machine.

What each of CHECKS keeps out is in docs/security.md, and tests/api/test_attacks.py shows that it comes in
without it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import Access
from api.body import MOST_BODY_BYTES, BodyTooLateError, TooLargeError, whole_body
from api.exposure import Exposure, is_loopback
from api.headers import guarded
from api.limits import client_key
from api.principal import HERE, Principal, acting
from api.problems import problem_of, problem_response
from api.tokens import SESSION, TOKEN
from domain.errors import SitwellError

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: What a foreign page cannot send without asking first, whatever the body.
_PREFLIGHTED = frozenset({"DELETE", "PUT", "PATCH"})
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\s:/@\[\]]+)(?::\d{1,5})?")
#: What a proxy adds: then it is not somebody at this machine who asks.
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
#: Of the API, what is there for those who are not let in yet.
PUBLIC = frozenset({("POST", "/api/v1/login")})
COOKIE, SECURE_COOKIE = "sitwell", "__Host-sitwell"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody is turned away."""

    status: int
    detail: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the checks look at."""

    scope: Scope
    headers: Headers
    exposure: Exposure

    @property
    def method(self) -> str:
        """A WebSocket is opened by a GET and may change things."""
        return str(self.scope.get("method", "WEBSOCKET"))

    @property
    def path(self) -> str:
        """As it was asked for, decoded."""
        return str(self.scope["path"])

    @property
    def host(self) -> str:
        """In small letters; empty when there is none."""
        return self.headers.get("host", "").lower()

    @property
    def secure(self) -> bool:
        """Whether it came over TLS."""
        return self.scope.get("scheme") in ("https", "wss")

    @property
    def of_api(self) -> bool:
        """Whether it is more than a file of the page."""
        return self.path.startswith("/api/") or self.path == "/metrics" or self.method not in _SAFE

    @property
    def client(self) -> str:
        """What its sender is counted by."""
        client = self.scope.get("client")
        return client_key(client[0] if client else None)


Check: TypeAlias = Callable[[Asked], Refusal | None]


def host_is_ours(asked: Asked) -> Refusal | None:
    """A name of this machine, one of `api.hosts`, or the address that was asked."""
    hosts = asked.headers.getlist("host")
    match = _HOST.fullmatch(asked.host)
    if len(hosts) == 1 and match is not None:
        name = match["name"].removesuffix(".")
        if is_loopback(name) or name in asked.exposure.hosts:
            return None
        # An address cannot be rebound: a page from there is a page of ours.
        server = asked.scope.get("server")
        if server and not asked.exposure.loopback and name.strip("[]") == str(server[0]).lower():
            return None
    return Refusal(
        421, "this service does not answer to that name; api.hosts lists the names that it has"
    )


def origin_is_ours(asked: Asked) -> Refusal | None:
    """Whatever changes something, and every WebSocket, comes from our own page or from a tool."""
    if asked.method in _SAFE:
        return None
    schemes = ("https",) if asked.secure else ("http", "https")
    ours = [f"{scheme}://{asked.host}" for scheme in schemes]
    for origin in asked.headers.getlist("origin"):
        if origin.lower() not in ours:
            return Refusal(403, "this request comes from another site")
    return None


def site_is_ours(asked: Asked) -> Refusal | None:
    """What browsers say of where a request comes from, of everything but the page itself."""
    if asked.of_api and asked.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return Refusal(403, "this request comes from another site")
    return None


def body_is_json(asked: Asked) -> Refusal | None:
    """A form of another site cannot send JSON."""
    if asked.method in _SAFE or asked.method in _PREFLIGHTED or asked.method == "WEBSOCKET":
        return None
    kind = asked.headers.get("content-type", "").split(";")[0].strip().lower()
    return None if kind == "application/json" else Refusal(415, "send application/json")


def body_is_small(asked: Asked) -> Refusal | None:
    """A body says how long it is, and is not long."""
    if asked.method in _SAFE or asked.method == "WEBSOCKET":
        return None
    if "transfer-encoding" in asked.headers:
        return Refusal(411, "send the length of the body")
    length = asked.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 18:
        return Refusal(400, "the length of the body is no number")
    if int(length) > MOST_BODY_BYTES:
        return Refusal(413, f"no body here is larger than {MOST_BODY_BYTES} bytes")
    return None


#: In the order they are asked.
CHECKS: tuple[Check, ...] = (
    host_is_ours,
    origin_is_ours,
    site_is_ours,
    body_is_json,
    body_is_small,
)
_LOG_IN: Final = Refusal(
    401,
    "log in first: `sitwell login` on the machine of the service prints a link, `sitwell token create` "
    "makes a token for programs",
    {"www-authenticate": "Bearer"},
)


class Guard:
    """Refuses what may not come in, says who does, and sets the security headers."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = guarded(message["headers"], scope["path"])
            await send(message)

        asked = Asked(scope, Headers(scope=scope), self._access.exposure)
        try:
            answer = await self._admitted(asked)
            if isinstance(answer, Principal) and asked.method not in (*_SAFE, "WEBSOCKET"):
                receive = await whole_body(receive)
        except TooLargeError:
            answer = Refusal(413, f"no body here is larger than {MOST_BODY_BYTES} bytes")
        except BodyTooLateError:
            answer = Refusal(408, "the body did not come in time", {"connection": "close"})
        except SitwellError as error:
            await _turn_away(scope, receive, send_guarded, *problem_of(error))
            return
        if isinstance(answer, Refusal):
            away = (answer.status, answer.detail, answer.headers)
            await _turn_away(scope, receive, send_guarded, *away)
            return
        scope["principal"] = answer
        before = acting.set(answer.who)
        try:
            await self._app(scope, receive, send_guarded)
        finally:
            acting.reset(before)

    async def _admitted(self, asked: Asked) -> Principal | Refusal:
        """Who asks, or why they may not."""
        for check in CHECKS:
            refused = check(asked)
            if refused is not None:
                return refused
        who = await authenticated(self._access, asked)
        if isinstance(who, Principal):
            waiting = writes_are_few(self._access, asked, who)
            return who if waiting is None else waiting
        return who


async def authenticated(access: Access, asked: Asked) -> Principal | Refusal:
    """By a token, by a session, or because somebody sits at this machine. Raises StoreUnavailableError."""
    shown = asked.headers.getlist("authorization")
    if shown:
        kind, _, secret = shown[0].partition(" ")
        if len(shown) == 1 and kind.lower() == "bearer":
            found = await access.of_secret(secret.strip(), (TOKEN,))
            if found is not None:
                return found
        return _failed(access, asked, "this token is not good: unknown, expired or revoked")
    cookie = session_cookie(asked.headers, secure=asked.secure)
    if cookie:
        found = await access.of_secret(cookie, (SESSION,))
        if found is not None:
            return found
    if access.exposure.open and not any(name in asked.headers for name in _FORWARDED):
        return HERE
    if _is_public(asked):
        return NOBODY
    return _LOG_IN


def writes_are_few(access: Access, asked: Asked, who: Principal) -> Refusal | None:
    """Of one client, and with one token."""
    if asked.method in _SAFE:
        return None
    keys = [f"client {asked.client}"] + ([who.who] if who.credential else [])
    wait_s = max(access.writes.wait_s(key, access.ticks()) for key in keys)
    return None if wait_s <= 0 else too_many(wait_s)


def too_many(wait_s: float) -> Refusal:
    """Come again later."""
    return Refusal(
        429, "too many requests; wait a moment", {"retry-after": str(max(1, round(wait_s + 0.5)))}
    )


def session_cookie(headers: Headers, *, secure: bool) -> str | None:
    """The secret of the session that a browser shows."""
    cookies = cookie_parser(headers.get("cookie", ""))
    return cookies.get(SECURE_COOKIE if secure else COOKIE)


#: Somebody who was not let in, where that is not asked for.
NOBODY = Principal("nobody", frozenset(), wearer="")


def _is_public(asked: Asked) -> bool:
    if asked.method == "WEBSOCKET":
        return False
    return not asked.of_api or (asked.method, asked.path) in PUBLIC


def _failed(access: Access, asked: Asked, detail: str) -> Refusal:
    wait_s = access.failures.wait_s(asked.client, access.ticks())
    if wait_s > 0:
        return too_many(wait_s)
    return Refusal(401, detail, {"www-authenticate": 'Bearer error="invalid_token"'})


async def _turn_away(
    scope: Scope,
    receive: Receive,
    send: Send,
    status: int,
    detail: str,
    headers: dict[str, str],
) -> None:
    can_tell = "websocket.http.response" in scope.get("extensions", {})
    if scope["type"] == "websocket" and not can_tell:
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    await problem_response(status, detail, headers=headers)(scope, receive, send)
