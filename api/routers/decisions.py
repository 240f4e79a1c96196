"""Why a wearer was spoken to, or was not, and what came of it."""

from typing import Annotated

from fastapi import APIRouter, Query

from alerts.responses import responses
from api.cursors import Cursor, cursor_of, place_of
from api.decisions import Decisions, Responses, decision_model
from api.openapi import problems
from api.parts import PartsDep, WearerDep, read
from api.ranges import End, Start, whole_range
from api.views import rfc3339
from domain.figures import known

router = APIRouter(prefix="/wearers/{wearer}", tags=["alerts"], responses=problems(404, 422))

#: More than anybody is told in a decade.
_ALL = 1_000_000


@router.get("/decisions")
async def list_decisions(
    parts: PartsDep,
    wearer: WearerDep,
    start: Start,
    end: End,
    limit: Annotated[int, Query(ge=1, le=1000, description="most on a page")] = 200,
    cursor: Cursor = None,
) -> Decisions:
    """Decisions to speak and not to speak, newest first; they are kept for a year."""
    begin, until = whole_range(start, end)
    before = place_of(cursor)
    found = await read(
        parts.store.decisions, wearer.id, begin, until, before=before, limit=limit + 1
    )
    page = found[:limit]
    more = len(found) > limit
    return Decisions(
        items=[decision_model(each) for each in page],
        next_cursor=cursor_of((page[-1].at, page[-1].id)) if more else None,
    )


@router.get("/responses")
async def get_responses(parts: PartsDep, wearer: WearerDep, start: Start, end: End) -> Responses:
    """What came of the alerts of a range, and the share that was answered within five minutes."""
    begin, until = whole_range(start, end)
    found = await read(parts.store.alerts, wearer.id, start=begin, end=until, limit=_ALL)
    came = responses(found)
    return Responses(
        wearer=wearer.id,
        start=rfc3339(begin),
        end=rfc3339(until),
        asked=came.asked,
        answered_within_5_min=came.answered,
        share=known(came.share),
        median_response_s=known(came.median_s),
        outcomes=dict(came.outcomes),
        kinds=dict(came.kinds),
    )
