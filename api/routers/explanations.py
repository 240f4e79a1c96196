"""Why: of any second that was measured, and of any episode."""

import math
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Path, Query

from api.explanations import LanguageCode, Why, episode_explained, frame_explained, why
from api.openapi import problems
from api.parts import PartsDep, find_wearer, read
from api.ranges import Time, checked_year

LanguageQuery: TypeAlias = Annotated[
    LanguageCode, Query(description="in which the answer's sentences are")
]

router = APIRouter(tags=["posture"], responses=problems(404))


@router.get("/explain", responses=problems(422))
async def explain_second(
    parts: PartsDep,
    wearer: Annotated[str, Query(description="id of the wearer")],
    time: Annotated[Time, Query(description="RFC 3339; the second that holds it")],
    language: LanguageQuery = "en",
) -> Why:
    """Why a second that was measured is what it is: values, limits, sensors, calibrations of then."""
    checked_year(time)
    known = await find_wearer(parts, wearer)
    second = math.floor(time.timestamp())
    return why(await read(frame_explained, parts.store, known.id, second), language)


@router.get("/episodes/{episode}/explanation")
async def explain_episode(
    parts: PartsDep,
    episode: Annotated[str, Path(description="id of the episode")],
    language: LanguageQuery = "en",
) -> Why:
    """Why an episode is one, by what was in force when it began."""
    explained = await read(episode_explained, parts.store, episode, parts.service.now())
    return why(explained, language)
