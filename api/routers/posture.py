"""A wearer's posture: now, over time, episodes, days."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Header, Path, Query, Response

from api import models, views
from api.cursors import Cursor, cursor_of, place_of
from api.episode_pages import episodes_page
from api.openapi import problems
from api.parts import PartsDep, WearerDep, read
from api.ranges import (
    FEWEST_POINTS,
    MOST_POINTS,
    USUAL_POINTS,
    Day,
    End,
    Start,
    asked_range,
    checked_year,
    whole_range,
)
from api.tagged import tagged
from domain.episodes import EpisodeKind

router = APIRouter(prefix="/wearers/{wearer}", tags=["posture"], responses=problems(404))


@router.get("/now")
async def get_now(parts: PartsDep, wearer: WearerDep) -> models.Now:
    """What is so now."""
    return views.now_model(parts.service, wearer.id)


@router.get("/series", response_model=models.Series, responses=problems(422))
async def get_series(
    parts: PartsDep,
    wearer: WearerDep,
    start: Start,
    end: End,
    points: Annotated[
        int, Query(ge=FEWEST_POINTS, le=MOST_POINTS, description="most rows wanted")
    ] = USUAL_POINTS,
    resolution_s: Annotated[int | None, Query(description="force a resolution")] = None,
) -> Response:
    """Columns of a range, at the finest resolution that needs at most `points` rows."""
    asked = asked_range(start, end, points, resolution_s)
    answer = await read(
        parts.memory.series.answer,
        wearer.id, asked.start, asked.end, asked.resolution_s, asked.else_s,
        simulated=parts.service.simulated_in(wearer.id, asked.start, asked.end),
        replayed=parts.service.replayed_in(wearer.id, asked.start, asked.end),
    )  # fmt: skip
    return Response(answer, media_type="application/json")


@router.get("/episodes", responses=problems(422))
async def list_episodes(
    parts: PartsDep,
    wearer: WearerDep,
    start: Start,
    end: End,
    kind: Annotated[list[EpisodeKind] | None, Query(description="may repeat")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="most on a page")] = 5000,
    cursor: Cursor = None,
) -> models.Episodes:
    """Episodes that overlap the range, by start."""
    begin, until = whole_range(start, end)
    found = await read(
        episodes_page, parts.store, wearer.id, begin, until, kind,
        after=place_of(cursor), limit=limit + 1,
    )  # fmt: skip
    now = parts.service.now()
    page = found[:limit]
    more = len(found) > limit
    return models.Episodes(
        items=[views.episode_model(each, now, parts.service) for each in page],
        next_cursor=cursor_of((page[-1].start, page[-1].id)) if more else None,
    )


@router.get(
    "/days/{day}",
    response_model=models.Day,
    responses={**problems(422), 304: {"description": "It is as the ETag says"}},
)
async def get_day(
    parts: PartsDep,
    wearer: WearerDep,
    day: Annotated[Day, Path(description="YYYY-MM-DD, or today")],
    if_none_match: Annotated[
        str | None, Header(description="the ETag of the answer before")
    ] = None,
) -> Response:
    """One local day of the wearer; with an ETag, since a day that is over seldom changes."""
    if day == "today":
        now = datetime.fromtimestamp(parts.service.now(), UTC)
        day = now.astimezone(ZoneInfo(wearer.timezone)).date()
    checked_year(day)
    found = await read(parts.store.day_summary, wearer.id, day, wearer.timezone)
    return tagged(views.day_model(found, parts.service), if_none_match)
