"""The service itself."""

from fastapi import APIRouter

from api import models, views
from api.parts import Parts, PartsDep, PrincipalDep, read
from api.principal import Principal
from storage.contract import StoreHealth

router = APIRouter(tags=["service"])


@router.get("/health")
async def get_health(parts: PartsDep, principal: PrincipalDep) -> models.Health:
    """How the service is."""
    return health_for(parts, principal, await read(parts.store.health))


def health_for(parts: Parts, principal: Principal, store: StoreHealth) -> models.Health:
    """How the service is: for those who reach one wearer alone, with the count of that one's sensors, and
    nothing of how the machine is set up."""
    sensors = [each for each in parts.keeper.sensors() if principal.reaches(each.wearer)]
    health = views.health_model(parts.service, store, sensors)
    if principal.wearer is None:
        return health
    bare = health.store.model_copy(update={"detail": "", "forwarding": None, "size_bytes": 0})
    return health.model_copy(update={"store": bare})
