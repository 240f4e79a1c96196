"""The service itself: health, wearers."""

from fastapi import APIRouter

from api import models, views
from api.parts import PartsDep, read

router = APIRouter(tags=["service"])


@router.get("/health")
async def get_health(parts: PartsDep) -> models.Health:
    """How the service is."""
    store = await read(parts.store.health)
    return views.health_model(parts.service, store, parts.keeper.sensors())


@router.get("/wearers")
async def list_wearers(parts: PartsDep) -> models.Wearers:
    """All wearers."""
    return models.Wearers(items=[views.wearer_model(w) for w in await read(parts.store.wearers)])
