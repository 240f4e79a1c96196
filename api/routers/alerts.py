"""Alerts: list, acknowledge, snooze."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from api import models, views
from api.alert_pages import ALERTS_A_PAGE, alerts_page
from api.cursors import Cursor, place_of
from api.openapi import problems
from api.parts import PartsDep, PrincipalDep, find_wearer, read
from api.ranges import Time
from domain.alerts import AlertKind, Outcome
from domain.errors import InputError

router = APIRouter(prefix="/alerts", tags=["alerts"], responses=problems(422))


@router.get("", response_model=models.Alerts, responses=problems(404))
async def list_alerts(
    parts: PartsDep,
    principal: PrincipalDep,
    wearer: Annotated[str | None, Query(description="id of a wearer; all without it")] = None,
    state: Literal["open", "all"] = "all",
    start: Annotated[Time | None, Query(description="opened at or after")] = None,
    end: Annotated[Time | None, Query(description="opened before")] = None,
    kind: Annotated[list[AlertKind] | None, Query(description="only this kind; may repeat")] = None,
    outcome: Annotated[
        list[Outcome] | None, Query(description="only those that ended so; may repeat")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="most on a page")] = ALERTS_A_PAGE,
    cursor: Cursor = None,
) -> Response:
    """Alerts by opening time, newest first."""
    if start is not None and end is not None and end <= start:
        raise InputError("the range is empty: end is not after start")
    wearer = principal.narrowed(wearer)
    if wearer is not None:
        wearer = (await find_wearer(parts, wearer)).id
    narrowed = any(each is not None for each in (start, end, kind, outcome, cursor))
    if state == "open" and limit == ALERTS_A_PAGE and not narrowed:
        answer = await parts.memory.open_alerts(wearer).get()
    else:
        answer = await read(
            alerts_page,
            parts.store,
            wearer,
            start=None if start is None else start.timestamp(),
            end=None if end is None else end.timestamp(),
            open_only=state == "open",
            kinds=kind or (),
            outcomes=outcome or (),
            limit=limit,
            after=place_of(cursor),
        )
    return Response(answer, media_type="application/json")


@router.post("/{alert}/acknowledge", responses=problems(404, 409))
async def acknowledge_alert(
    parts: PartsDep, alert: str, answer: models.Acknowledgement
) -> models.Alert:
    """Silence an alert; `fine` closes it as a false alarm."""
    fine = answer.feedback == "fine"
    return views.alert_model(await parts.service.acknowledge(alert, fine=fine))


@router.post("/{alert}/snooze", responses=problems(404, 409))
async def snooze_alert(parts: PartsDep, alert: str, answer: models.Snooze) -> models.Alert:
    """Silence an alert for some minutes; then it is said again if it is still true."""
    return views.alert_model(await parts.service.snooze(alert, answer.minutes))
