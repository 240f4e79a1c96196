"""The service itself."""

from fastapi import APIRouter

from api import models, views
from api.parts import Parts, PartsDep, PrincipalDep, read
from api.principal import Principal

router = APIRouter(tags=["service"])


@router.get("/health")
async def get_health(parts: PartsDep, principal: PrincipalDep) -> models.Health:
    """How the service is."""
    return await health_for(parts, principal)


async def health_for(parts: Parts, principal: Principal) -> models.Health:
    """How the service is: for those who reach one wearer alone, with the count of that one's sensors, and
    nothing of how the machine is set up. Raises StoreUnavailableError."""
    store = await read(parts.store.health)
    sensors = [each for each in parts.keeper.sensors() if principal.reaches(each.wearer)]
    health = views.health_model(parts.service, store, sensors)
    if principal.wearer is None:
        return health
    bare = health.store.model_copy(update={"detail": "", "forwarding": None, "size_bytes": 0})
    return health.model_copy(update={"store": bare})
