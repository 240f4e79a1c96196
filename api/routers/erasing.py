"""Erasing a wearer, or a range of their time, for good."""

import math
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.answer import Answer
from api.openapi import problems
from api.parts import PartsDep, WearerDep
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


router = APIRouter(prefix="/wearers/{wearer}", tags=["wearers"], responses=problems(404, 409, 422))


@router.delete("/data")
async def erase_wearer(
    parts: PartsDep,
    wearer: WearerDep,
    confirm: Annotated[str, Query(description="the id of the wearer once more")],
    start: Annotated[Time | None, Query(description="only from here on")] = None,
    end: Annotated[Time | None, Query(description="only up to here")] = None,
) -> Erased:
    """Erase all there is of a wearer who wears no sensor now, or a range of it. It cannot be undone."""
    if confirm != wearer.id:
        raise InputError("confirm has to be the id of the wearer who is to be erased")
    for moment in (start, end):
        if moment is not None:
            checked_year(moment)
    begin = None if start is None else math.floor(start.timestamp())
    until = None if end is None else math.ceil(end.timestamp())
    if begin is not None and until is not None and until <= begin:
        raise InputError("the range is empty: end is not after start")
    erased = await parts.service.erase(wearer.id, begin, until)
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
