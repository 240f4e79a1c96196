"""The organisation's view: averages of whole days over at least ten wearers."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from api.openapi import problems
from api.organisation import MOST_DAYS, OrganisationDays, last_whole_day, organisation_days
from api.parts import PartsDep, read
from api.ranges import checked_year
from domain.errors import InputError

router = APIRouter(prefix="/organisation", tags=["organisation"], responses=problems(422))


@router.get("/days")
async def get_organisation_days(
    parts: PartsDep,
    first: Annotated[date, Query(description="YYYY-MM-DD, included")],
    last: Annotated[date, Query(description="YYYY-MM-DD, included")],
) -> OrganisationDays:
    """Averages of whole days; a day with fewer than ten wearers is suppressed. Nothing narrows them."""
    for day in (first, last):
        checked_year(day)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise InputError(f"1 to {MOST_DAYS} days at once, the last not before the first")
    newest = last_whole_day(parts.service.now())
    if last > newest:
        raise InputError(f"{newest} is the newest day that is over everywhere")
    return await read(organisation_days, parts.store, first, last)
