"""Who did what: logins, tokens, exports, erasures, settings, sensors."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.answer import Answer, Time
from api.cursors import Cursor, cursor_of, place_of
from api.openapi import problems
from api.parts import PartsDep, read
from api.views import rfc3339

router = APIRouter(tags=["access"])


class AuditEntry(Answer):
    """wearer: null for nobody, and for somebody who was erased since."""

    at: Time
    who: str
    what: str
    wearer: str | None
    detail: str


class Audit(Answer):
    """Newest first."""

    items: list[AuditEntry]
    next_cursor: str | None


@router.get("/audit", responses=problems(422))
async def list_audit(
    parts: PartsDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    cursor: Cursor = None,
) -> Audit:
    """What was done, newest first."""
    place = place_of(cursor)
    before = None if place is None else int(place[0])
    found = await read(parts.store.audit, limit=limit + 1, before=before)
    shown = found[:limit]
    return Audit(
        items=[
            AuditEntry(
                at=rfc3339(each.at),
                who=each.who,
                what=each.what,
                wearer=each.wearer or None,
                detail=each.detail,
            )
            for each in shown
        ],
        next_cursor=cursor_of((shown[-1].number, "")) if len(found) > limit else None,
    )
