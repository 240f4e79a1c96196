"""Whether the service lives, and whether it can do its work: for supervisors and load balancers."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from api.openapi import problems
from api.parts import PartsDep, read
from domain.errors import StoreUnavailableError

router = APIRouter(tags=["service"])


@router.get("/livez", response_class=PlainTextResponse)
async def get_livez() -> PlainTextResponse:
    """200 as long as the service answers at all: when it does not, start it anew."""
    return PlainTextResponse("ok\n")


@router.get("/readyz", response_class=PlainTextResponse, responses=problems(503))
async def get_readyz(parts: PartsDep) -> PlainTextResponse:
    """200 when the store can be read and written; what else ails, a sensor or InfluxDB, is in health."""
    if not (await read(parts.store.health)).ok:
        raise StoreUnavailableError("the store cannot be used")
    return PlainTextResponse("ready\n")
