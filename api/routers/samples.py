"""Raw samples of a sensor over a WebSocket, as they come."""

import asyncio

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from api.limits import client_key
from api.parts import Parts, parts_of, principal_of
from api.principal import Principal
from api.problems import problem_response
from api.samples import MAX_CLIENTS, SampleClient
from domain.errors import StoreUnavailableError

router = APIRouter(prefix="/sensors", tags=["sensors"])

#: A client that takes nothing for so long is gone; what waits for it is bounded meanwhile.
SEND_TIMEOUT_S = 10.0
#: RFC 6455, section 7.4.1.
GOING_AWAY = 1001


@router.websocket("/{sensor}/samples")
async def stream_samples(websocket: WebSocket, sensor: str) -> None:
    """A text message of `Samples` for every block of the sensor, until either side has enough."""
    parts = parts_of(websocket)
    if sensor not in {each.id for each in parts.keeper.sensors()}:
        await websocket.send_denial_response(
            problem_response(404, f"there is no sensor {sensor!r}")
        )
        return
    if parts.samples.clients >= MAX_CLIENTS:
        full = problem_response(
            503, "too many streams of samples are open", headers={"retry-after": "10"}
        )
        await websocket.send_denial_response(full)
        return
    principal = principal_of(websocket)
    keys = [f"client {client_key(websocket.client.host if websocket.client else None)}"]
    keys += [principal.who] if principal.credential else []
    if parts.access.streams.full_for(keys):
        yours = problem_response(
            429, "you have too many live streams open", headers={"retry-after": "10"}
        )
        await websocket.send_denial_response(yours)
        return
    client = parts.samples.subscribe(sensor)
    try:
        with parts.access.streams.held(keys):
            await websocket.accept()
            async with asyncio.TaskGroup() as group:
                leaving = group.create_task(_until_gone(websocket))
                sending = group.create_task(_send(websocket, client, parts, principal))
                await asyncio.wait({leaving, sending}, return_when=asyncio.FIRST_COMPLETED)
                leaving.cancel()
                sending.cancel()
    finally:
        parts.samples.unsubscribe(client)


async def _send(
    websocket: WebSocket, client: SampleClient, parts: Parts, principal: Principal
) -> None:
    try:
        async for samples in client:
            if not await parts.access.still(principal) or not _theirs(parts, client, principal):
                break
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await websocket.send_text(samples.model_dump_json())
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await websocket.close(GOING_AWAY)
    except (WebSocketDisconnect, TimeoutError, StoreUnavailableError):
        return  # gone, deaf, or nobody can say who it is; the server closes what is left of it


def _theirs(parts: Parts, client: SampleClient, principal: Principal) -> bool:
    """Whether the sensor still is of somebody they reach: it may be handed over while they watch."""
    worn = (each.wearer for each in parts.keeper.sensors() if each.id == client.sensor)
    return any(principal.reaches(wearer) for wearer in worn)


async def _until_gone(websocket: WebSocket) -> None:
    """What a client says means nothing here; that it leaves does."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
