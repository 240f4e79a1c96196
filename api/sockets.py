"""WebSockets that tell and do not listen: who may open one, and how long it goes on."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import BaseModel

from api.limits import client_key
from api.parts import parts_of, principal_of
from api.problems import problem_response
from domain.errors import StoreUnavailableError

#: A client that takes nothing for so long is gone; what waits for it is bounded meanwhile.
SEND_TIMEOUT_S = 10.0
#: RFC 6455, section 7.4.1.
GOING_AWAY = 1001
_LATER = {"retry-after": "10"}


async def deny(
    websocket: WebSocket, status: int, detail: str, headers: dict[str, str] | None = None
) -> None:
    """Refuse to open it, as a request is refused."""
    await websocket.send_denial_response(problem_response(status, detail, headers=headers))


async def tell(
    websocket: WebSocket,
    messages: AsyncIterable[BaseModel],
    *,
    what: str,
    full: bool,
    may: Callable[[], Awaitable[bool]],
) -> None:
    """A text message for each of `messages`, until they end, the client leaves or `may` says no.

    It is asked before each whether this client still may hear them. what: the messages, for people; full:
    whether as many watch as can.
    """
    parts, principal = parts_of(websocket), principal_of(websocket)
    if full:
        await deny(websocket, 503, f"too many streams of {what} are open", _LATER)
        return
    keys = [f"client {client_key(websocket.client.host if websocket.client else None)}"]
    keys += [principal.who] if principal.credential else []
    if parts.access.streams.full_for(keys):
        await deny(websocket, 429, "you have too many live streams open", _LATER)
        return
    with parts.access.streams.held(keys):
        await websocket.accept()
        async with asyncio.TaskGroup() as group:
            leaving = group.create_task(_until_gone(websocket))
            sending = group.create_task(_send(websocket, messages, may))
            await asyncio.wait({leaving, sending}, return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
            sending.cancel()


async def _send(
    websocket: WebSocket, messages: AsyncIterable[BaseModel], may: Callable[[], Awaitable[bool]]
) -> None:
    try:
        async for message in messages:
            if not await may():
                break
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await websocket.send_text(message.model_dump_json())
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await websocket.close(GOING_AWAY)
    except (WebSocketDisconnect, TimeoutError, StoreUnavailableError):
        return  # gone, deaf, or nobody can say who it is; the server closes what is left of it


async def _until_gone(websocket: WebSocket) -> None:
    """What a client says means nothing here; that it leaves does."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
