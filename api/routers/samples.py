"""Raw samples of a sensor over a WebSocket, as they come."""

import asyncio

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from api.parts import parts_of
from api.problems import problem_response
from api.samples import MAX_CLIENTS, SampleClient

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
    client = parts.samples.subscribe(sensor)
    try:
        await websocket.accept()
        async with asyncio.TaskGroup() as group:
            leaving = group.create_task(_until_gone(websocket))
            sending = group.create_task(_send(websocket, client))
            await asyncio.wait({leaving, sending}, return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
            sending.cancel()
    finally:
        parts.samples.unsubscribe(client)


async def _send(websocket: WebSocket, client: SampleClient) -> None:
    try:
        async for samples in client:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await websocket.send_text(samples.model_dump_json())
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await websocket.close(GOING_AWAY)
    except (WebSocketDisconnect, TimeoutError):
        return  # it has gone, or takes nothing; the server closes what is left of it


async def _until_gone(websocket: WebSocket) -> None:
    """What a client says means nothing here; that it leaves does."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
