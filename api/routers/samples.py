"""Raw samples of a sensor over a WebSocket, as they come."""

from fastapi import APIRouter, WebSocket

from api.parts import parts_of, principal_of
from api.samples import MAX_CLIENTS
from api.sockets import deny, tell

router = APIRouter(prefix="/sensors", tags=["sensors"])


@router.websocket("/{sensor}/samples")
async def stream_samples(websocket: WebSocket, sensor: str) -> None:
    """A text message of `Samples` for every block of the sensor, until either side has enough."""
    parts, principal = parts_of(websocket), principal_of(websocket)
    if sensor not in {each.id for each in parts.keeper.sensors()}:
        await deny(websocket, 404, f"there is no sensor {sensor!r}")
        return

    async def may() -> bool:
        # The sensor may be handed over while they watch.
        worn = (each.wearer for each in parts.keeper.sensors() if each.id == sensor)
        return await parts.access.still(principal) and any(map(principal.reaches, worn))

    full = parts.samples.clients >= MAX_CLIENTS
    client = parts.samples.subscribe(sensor)
    try:
        await tell(websocket, client, what="samples", full=full, may=may)
    finally:
        parts.samples.unsubscribe(client)
