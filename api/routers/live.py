"""The live stream: one multiplexed stream of server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request, Response
from pydantic import BaseModel

from api import views
from api.event_stream import PING, PING_S, RETRY, STREAMED, EventStream
from api.limits import client_key
from api.live import EventName, LiveClient
from api.openapi import problems
from api.parts import Parts, PartsDep, PrincipalDep, find_wearer
from api.principal import Principal
from api.routers.service import health_for
from domain.errors import StoreUnavailableError

router = APIRouter(tags=["live"])


async def _subscribed(
    request: Request,
    parts: PartsDep,
    principal: PrincipalDep,
    wearer: Annotated[str | None, Query(description="id of a wearer; all without it")] = None,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", description="id of the last event seen")
    ] = None,
) -> AsyncIterator[LiveClient]:
    streams = parts.access.streams
    keys = [f"client {client_key(request.client.host if request.client else None)}"]
    keys += [principal.who] if principal.credential else []
    if streams.full():
        raise HTTPException(503, "too many live streams are open", {"retry-after": "10"})
    if streams.full_for(keys):
        raise HTTPException(429, "you have too many live streams open", {"retry-after": "10"})
    wearer = principal.narrowed(wearer)
    if wearer is not None:
        wearer = (await find_wearer(parts, wearer)).id

    async def opening(gap: bool) -> Sequence[tuple[EventName, BaseModel]]:
        return await _what_is_so(parts, principal, wearer, gap=gap)

    with streams.held(keys):
        client = parts.hub.subscribe(opening, wearer=wearer, last_id=_event_id(last_event_id))
        try:
            yield client
        finally:
            parts.hub.unsubscribe(client)


ClientDep: TypeAlias = Annotated[LiveClient, Depends(_subscribed)]


@router.get(
    "/live", response_class=EventStream, responses={200: STREAMED, **problems(404, 422, 429, 503)}
)
async def get_live(client: ClientDep, parts: PartsDep, principal: PrincipalDep) -> Response:
    """hello, then what is so now, then every change: now, sensor, episode, alert, health. It ends when
    what let you in is not good any more."""
    return EventStream(_streamed(client, parts, principal))


async def _streamed(client: LiveClient, parts: Parts, principal: Principal) -> AsyncIterator[bytes]:
    try:
        async for event in client.events(idle_s=PING_S):
            if not await parts.access.still(principal):
                return
            if event is None:
                yield PING
                continue
            if event.name == "health" and principal.wearer is not None:
                own = health_for(parts, principal, await parts.memory.health.get())
                event = replace(event, data=own.model_dump_json())
            yield RETRY + event.wire if event.name == "hello" else event.wire
            # Where nothing else waits, so that who leaves is heard of and a long queue holds up nobody.
            await asyncio.sleep(0)
    except StoreUnavailableError:
        # The answer has begun, so its status cannot tell; the browser comes back and asks again.
        return


def _event_id(text: str | None) -> int | None:
    """The id a client saw last; something that never was an id is before all others."""
    if text is None or text == "":
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


async def _what_is_so(
    parts: Parts, principal: Principal, wearer: str | None, *, gap: bool
) -> list[tuple[EventName, BaseModel]]:
    service = parts.service
    wearers = [w for w in await parts.memory.wearers.get() if wearer in (None, w)]
    sensors = parts.keeper.sensors()
    worn = await parts.memory.worn.get()
    used = {s.id: worn.in_force(s) for s in sensors if s.wearer in wearers}
    health = health_for(parts, principal, await parts.memory.health.get())
    events: list[tuple[EventName, BaseModel]] = [("hello", views.hello_model(service, gap=gap))]
    events += [("now", views.now_model(service, each)) for each in wearers]
    for sensor in sensors:
        if sensor.id in used:
            events.append(("sensor", views.sensor_model(service, sensor, used[sensor.id])))
    alerts = [alert for alert in service.open_alerts() if alert.wearer in wearers]
    events += [("alert", views.alert_model(alert)) for alert in alerts]
    events.append(("health", health))
    return events
