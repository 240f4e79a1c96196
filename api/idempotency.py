"""A post that is sent again because its answer was lost is done once (draft-ietf-httpapi-idempotency-key).

The client gives each intention a key of its own in `Idempotency-Key`; the second post with that key gets
the first one's answer. What is remembered is bounded and does not survive a restart: a client that gets
no answer for minutes has to look, not to repeat.
"""

import asyncio
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem_response

HEADER = "idempotency-key"
#: How long and how many answers are remembered [own judgement: retries come within minutes].
REMEMBERED_S = 24 * 3600.0
REMEMBERED = 1000
#: An answer larger than this is made anew; no post here answers with as much.
MOST_ANSWER_BYTES = 64 * 1024
#: Posts whose answers hold secrets: these are shown once, and a login link works once.
NEVER = frozenset({"/api/v1/login", "/api/v1/login-links", "/api/v1/tokens"})
_KEY = re.compile(r"[!-~]{1,255}")
#: Who asks: the same key of somebody else is another intention.
_WHO = ("authorization", "cookie")


@dataclass(slots=True)
class _Kept:
    """One intention. start: the head of the answer; body: None while the first post is at work."""

    digest: bytes
    at: float
    start: Message | None = None
    body: bytes | None = None
    parts: list[bytes] = field(default_factory=list)


class Idempotency:
    """Remembers the answers of posts that carry a key. It stands within the guard: bodies are small,
    and what is refused there is not remembered. clock: monotonic seconds."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        keys = headers.getlist(HEADER)
        if not keys or scope["path"] in NEVER:
            await self._app(scope, receive, send)
            return
        if len(keys) != 1 or not _KEY.fullmatch(keys[0]):
            await problem_response(
                400, "Idempotency-Key is 1 to 255 visible ASCII signs, such as a UUID"
            )(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            return
        who = [headers.get(name, "") for name in _WHO]
        name = _digest(*who, scope["path"], scope["query_string"].decode("latin-1"), keys[0])
        await self._once(name, hashlib.sha256(body).digest(), body, scope, receive, send)

    async def _once(
        self, name: bytes, digest: bytes, body: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._forget()
        kept = self._kept.get(name)
        if kept is not None:
            await self._again(kept, digest, scope, receive, send)
            return
        kept = self._kept[name] = _Kept(digest, self._clock())

        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept.start = dict(message)
            elif message["type"] == "http.response.body":
                kept.parts.append(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, replay, keep)
        except (Exception, asyncio.CancelledError):
            self._kept.pop(name, None)  # nobody knows what was done: the next post may try
            raise
        kept.body, kept.parts = b"".join(kept.parts), []
        failed = kept.start is None or kept.start["status"] >= 500 or kept.start["status"] == 429
        if failed or len(kept.body) > MOST_ANSWER_BYTES:
            self._kept.pop(name, None)

    async def _again(
        self, kept: _Kept, digest: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if kept.digest != digest:
            answer = problem_response(422, "this Idempotency-Key came with another body before")
            await answer(scope, receive, send)
        elif kept.start is None or kept.body is None:
            answer = problem_response(
                409, "the first post with this Idempotency-Key is still at work",
                headers={"retry-after": "1"},
            )  # fmt: skip
            await answer(scope, receive, send)
        else:
            start = {**kept.start, "headers": list(kept.start["headers"])}
            MutableHeaders(scope=start)["idempotency-replayed"] = "true"
            await send(start)
            await send({"type": "http.response.body", "body": kept.body, "more_body": False})

    def _forget(self) -> None:
        """What is too old, and the oldest of too many."""
        before = self._clock() - REMEMBERED_S
        while self._kept:
            oldest = next(iter(self._kept.values()))
            if oldest.at >= before and len(self._kept) < REMEMBERED:
                return
            self._kept.popitem(last=False)


async def _body(receive: Receive) -> bytes | None:
    """All of the body; None when the client has gone."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _digest(*texts: str) -> bytes:
    return hashlib.sha256("\n".join(f"{len(text)}:{text}" for text in texts).encode()).digest()
