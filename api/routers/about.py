"""What this Sitwell is, and what it keeps."""

import asyncio
import shutil
from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from api.answer import Answer
from api.licences import Part, parts
from api.parts import PartsDep, PrincipalDep, read
from domain import __version__


class Kept(Answer):
    """For how many days what is kept for a while is kept; the rest stays for ever. raw_days: 0 is not at
    all."""

    frames_days: int
    raw_days: int
    readings_days: int
    deliveries_days: int
    audit_days: int


class AboutStore(Answer):
    """Where the data are. folder, size_bytes, free_bytes: null for who reaches one wearer alone, and where it
    cannot be known; free_bytes: of the disk the folder is on."""

    backend: str
    encrypted: bool = Field(description="with a key that the service was given")
    folder: str | None
    size_bytes: int | None
    free_bytes: int | None
    kept: Kept


class About(Answer):
    """What this Sitwell is."""

    name: Literal["Sitwell"]
    version: str
    licence: str
    store: AboutStore
    libraries: list[Part]


router = APIRouter(tags=["service"])


@router.get("/about")
async def get_about(parts_of: PartsDep, principal: PrincipalDep) -> About:
    """Version, licences, where the data are and for how long they are kept."""
    keeping = parts_of.service.keeping()
    health = await read(parts_of.store.health)
    bare = principal.wearer is not None
    free_bytes = None
    if keeping.folder is not None and not bare:
        try:
            free_bytes = (await asyncio.to_thread(shutil.disk_usage, keeping.folder)).free
        except OSError:
            free_bytes = None
    kept = keeping.retention
    return About(
        name="Sitwell",
        version=__version__,
        licence="Apache-2.0",
        store=AboutStore(
            backend=health.backend,
            encrypted=keeping.encrypted,
            folder=None if bare or keeping.folder is None else str(keeping.folder),
            size_bytes=None if bare else health.size_bytes,
            free_bytes=free_bytes,
            kept=Kept(
                frames_days=kept.frames_days,
                raw_days=kept.raw_days,
                readings_days=kept.readings_days,
                deliveries_days=kept.deliveries_days,
                audit_days=kept.audit_days,
            ),
        ),
        libraries=list(await asyncio.to_thread(parts)),
    )
