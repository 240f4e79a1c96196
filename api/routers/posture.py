"""A wearer's posture: now, over time, episodes, days."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query

from api import models, views
from api.openapi import problems
from api.parts import PartsDep, WearerDep, read
from api.ranges import (
    Day,
    End,
    Start,
    checked_resolution,
    checked_year,
    fitting_resolution,
    whole_range,
)
from domain.episodes import EpisodeKind

router = APIRouter(prefix="/wearers/{wearer}", tags=["posture"], responses=problems(404))


@router.get("/now")
async def get_now(parts: PartsDep, wearer: WearerDep) -> models.Now:
    """What is so now."""
    return views.now_model(parts.service, wearer.id)


@router.get("/series", responses=problems(422))
async def get_series(
    parts: PartsDep,
    wearer: WearerDep,
    start: Start,
    end: End,
    points: Annotated[int, Query(ge=10, le=5000, description="most rows wanted")] = 300,
    resolution_s: Annotated[int | None, Query(description="force a resolution")] = None,
) -> models.Series:
    """Columns of a range, at the finest resolution that needs at most `points` rows."""
    begin, until = whole_range(start, end)
    if resolution_s is not None:
        chosen_s = checked_resolution(begin, until, resolution_s)
        found = await read(parts.store.series, wearer.id, begin, until, chosen_s)
        return views.series_model(found, begin, until)
    chosen_s = fitting_resolution(begin, until, points)
    found = await read(parts.store.series, wearer.id, begin, until, chosen_s)
    if chosen_s == 1 and len(found.times) == 0:
        # Seconds are pruned after a while, minutes are kept for ever.
        found = await read(parts.store.series, wearer.id, begin, until, 60)
    return views.series_model(found, begin, until)


@router.get("/episodes", responses=problems(422))
async def list_episodes(
    parts: PartsDep,
    wearer: WearerDep,
    start: Start,
    end: End,
    kind: Annotated[list[EpisodeKind] | None, Query(description="may repeat")] = None,
) -> models.Episodes:
    """Episodes that overlap the range, by start."""
    begin, until = whole_range(start, end)
    found = await read(parts.store.episodes, wearer.id, begin, until, kind)
    now = parts.service.now()
    return models.Episodes(items=[views.episode_model(episode, now) for episode in found])


@router.get("/days/{day}", responses=problems(422))
async def get_day(
    parts: PartsDep,
    wearer: WearerDep,
    day: Annotated[Day, Path(description="YYYY-MM-DD, or today")],
) -> models.Day:
    """One local day of the wearer."""
    if day == "today":
        now = datetime.fromtimestamp(parts.service.now(), UTC)
        day = now.astimezone(ZoneInfo(wearer.timezone)).date()
    checked_year(day)
    return views.day_model(await read(parts.store.day_summary, wearer.id, day, wearer.timezone))
