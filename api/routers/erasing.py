"""Erasing a wearer, or a range of their time, for good."""

import math
from datetime import datetime
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Query
from pydantic import Field

from api.answer import Answer
from api.openapi import problems
from api.parts import PartsDep, WearerDep, read
from api.ranges import Time, checked_year
from domain.errors import InputError


class Erased(Answer):
    """How many of each kind an erasure removed."""

    frames: int
    minutes: int
    episodes: int
    alerts: int
    readings: int
    sample_blocks: int = Field(description="raw samples, by blocks of up to a minute")
    calibrations: int
    sensors: int


class Erasable(Answer):
    """How many of each kind there are for an erasure to remove."""

    episodes: int
    alerts: int
    samples: int = Field(description="raw samples; of a block at an edge, its share by time")
    calibrations: int


Start: TypeAlias = Annotated[Time | None, Query(description="only from here on")]
End: TypeAlias = Annotated[Time | None, Query(description="only up to here")]

router = APIRouter(prefix="/wearers/{wearer}", tags=["wearers"], responses=problems(404, 409, 422))


@router.get("/data")
async def get_erasable(
    parts: PartsDep, wearer: WearerDep, start: Start = None, end: End = None
) -> Erasable:
    """What erasing the same would take away besides seconds; nothing is changed."""
    found = await read(parts.store.erasable, wearer.id, *_bounds(start, end))
    return Erasable(
        episodes=found.episodes,
        alerts=found.alerts,
        samples=found.samples,
        calibrations=found.calibrations,
    )


@router.delete("/data")
async def erase_wearer(
    parts: PartsDep,
    wearer: WearerDep,
    confirm: Annotated[str, Query(description="the id of the wearer once more")],
    start: Start = None,
    end: End = None,
) -> Erased:
    """Erase all there is of a wearer who wears no sensor now, or a range of it. It cannot be undone."""
    if confirm != wearer.id:
        raise InputError("confirm has to be the id of the wearer who is to be erased")
    erased = await parts.service.erase(wearer.id, *_bounds(start, end))
    return Erased(
        frames=erased.frames,
        minutes=erased.minutes,
        episodes=erased.episodes,
        alerts=erased.alerts,
        readings=erased.readings,
        sample_blocks=erased.sample_blocks,
        calibrations=erased.calibrations,
        sensors=erased.sensors,
    )


def _bounds(start: datetime | None, end: datetime | None) -> tuple[int | None, int | None]:
    for moment in (start, end):
        if moment is not None:
            checked_year(moment)
    begin = None if start is None else math.floor(start.timestamp())
    until = None if end is None else math.ceil(end.timestamp())
    if begin is not None and until is not None and until <= begin:
        raise InputError("the range is empty: end is not after start")
    return begin, until
