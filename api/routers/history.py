"""A wearer's past: many days at once."""

from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Header, Query, Response

from api.history import days_answer, week_answer
from api.openapi import problems
from api.parts import Parts, PartsDep, WearerDep, read
from api.past import Days, WeekHours
from api.ranges import Day, whole_days
from api.tagged import tagged_json
from domain.people import Wearer

router = APIRouter(
    prefix="/wearers/{wearer}",
    tags=["posture"],
    responses={**problems(404, 422), 304: {"description": "It is as the ETag says"}},
)

First = Annotated[Day, Query(description="YYYY-MM-DD or today, included")]
Last = Annotated[Day, Query(description="YYYY-MM-DD or today, not included")]
Tag = Annotated[str | None, Header(description="the ETag of the answer before")]


@router.get("/days", response_model=Days)
async def list_days(
    parts: PartsDep, wearer: WearerDep, start: First, end: Last, if_none_match: Tag = None
) -> Response:
    """Columns of local days: postures, bouts, loads, alerts and what came of them."""
    first, last = whole_days(_day(parts, wearer, start), _day(parts, wearer, end))
    return tagged_json(await read(days_answer, parts.store, wearer, first, last), if_none_match)


@router.get("/week-hours", response_model=WeekHours)
async def get_week_hours(
    parts: PartsDep, wearer: WearerDep, start: First, end: Last, if_none_match: Tag = None
) -> Response:
    """Local days summed up by weekday and hour of the day."""
    first, last = whole_days(_day(parts, wearer, start), _day(parts, wearer, end))
    return tagged_json(await read(week_answer, parts.store, wearer, first, last), if_none_match)


def _day(parts: Parts, wearer: Wearer, day: date | str) -> date:
    if isinstance(day, date):
        return day
    return (
        datetime.fromtimestamp(parts.service.now(), UTC)
        .astimezone(ZoneInfo(wearer.timezone))
        .date()
    )
