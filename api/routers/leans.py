"""The lean of a wearer over a WebSocket, ten times a second."""

from fastapi import APIRouter, WebSocket

from api.leans import MAX_CLIENTS
from api.parts import find_wearer, parts_of, principal_of
from api.sockets import deny, tell
from domain.errors import NotFoundError

router = APIRouter(prefix="/wearers", tags=["live"])


@router.websocket("/{wearer}/lean")
async def stream_lean(websocket: WebSocket, wearer: str) -> None:
    """A text message of `Leans` for every block of the sensor that gives the lean, about twice a second,
    while there is a lean. Nobody is measured more for it than else, and none of it is kept."""
    parts, principal = parts_of(websocket), principal_of(websocket)
    try:
        known = (await find_wearer(parts, wearer)).id
    except NotFoundError as error:
        await deny(websocket, 404, str(error))
        return

    async def may() -> bool:
        return await parts.access.still(principal)

    full = parts.leans.clients >= MAX_CLIENTS
    client = parts.leans.subscribe(known)
    try:
        await tell(websocket, client, what="leans", full=full, may=may)
    finally:
        parts.leans.unsubscribe(client)
