"""Channels: how wearers are told, whether that works, and what was delivered."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.answer import Answer
from api.answer import Time as TimeWord
from api.channels import ChannelShown, RouteShown
from api.cursors import Cursor, cursor_of, place_of
from api.models import NextCursor
from api.openapi import problems
from api.parts import Parts, PartsDep, PrincipalDep, WearerDep, find_wearer, read
from api.views import rfc3339
from domain.deliveries import Delivery as DeliveryKept
from domain.deliveries import DeliveryState
from domain.errors import InputError, NotFoundError

router = APIRouter(tags=["channels"], responses=problems(422))

ChannelName = Annotated[str, Path(description="name of a channel", max_length=64)]
AboutWearer = Annotated[str | None, Query(description="id of a wearer; all without it")]


class Delivery(Answer):
    """One announcement on one channel."""

    announcement: str = Field(description="the alert with how often it was said, or a test")
    channel: str
    wearer: str
    alert: str | None = Field(description="null for a test")
    kind: str = Field(description="of the alert, or `test`")
    made_at: TimeWord
    expires_at: TimeWord = Field(description="after that it is not delivered any more")
    state: DeliveryState
    changed_at: TimeWord
    due_at: TimeWord | None = Field(description="when it is tried; null once it is over")
    attempts: int
    problem: str | None = Field(description="what went wrong the last time")


class Deliveries(Answer):
    """A page of the log, newest first."""

    items: list[Delivery]
    next_cursor: NextCursor = None


class Channel(Answer):
    """A way to reach a wearer."""

    name: str
    kind: str = Field(description="desktop, sensor, webhook, mqtt or apprise")
    wearers: list[str] = Field(description="whom it tells")
    says_words: bool = Field(description="false for a buzz")
    takes_answers: bool = Field(description="whether one can answer through it")
    problem: str | None = Field(description="what is against it now; null when nothing is known")
    last_delivery: Delivery | None


class Channels(Answer):
    """All that are set up; the page and the API are always there."""

    items: list[Channel]


class ChannelRoute(BaseModel):
    """How a wearer is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    order: list[str] = Field(
        max_length=32, description="one after the other, while nobody answers or one fails"
    )
    beside: list[str] = Field(
        default_factory=list, max_length=32, description="at once, beside the one whose turn it is"
    )
    escalate_after_s: float = Field(
        default=120.0, ge=10, le=3600, description="how long the next one waits for an answer"
    )


@router.get("/channels", responses=problems(404))
async def list_channels(
    parts: PartsDep, principal: PrincipalDep, wearer: AboutWearer = None
) -> Channels:
    """The channels that are set up, of a wearer or of all, and how each does."""
    asked = principal.narrowed(wearer)
    if asked is not None:
        await find_wearer(parts, asked)
    shown = [each for each in parts.channels.channels() if asked is None or asked in each.wearers]
    return Channels(items=[await _channel(parts, each, asked) for each in shown])


@router.post("/channels/{channel}/test", responses=problems(404, 409))
async def try_channel(
    parts: PartsDep, principal: PrincipalDep, channel: ChannelName, wearer: AboutWearer = None
) -> Delivery:
    """Send a wearer a trial over a channel, at once, and say what came of it."""
    asked = principal.narrowed(wearer)
    shown = [each for each in parts.channels.channels() if each.name == channel]
    if not shown or (asked is not None and asked not in shown[0].wearers):
        raise NotFoundError("channel", channel)
    if asked is None:
        if len(shown[0].wearers) > 1:
            raise InputError("this channel tells several wearers: name the one to tell")
        asked = shown[0].wearers[0]
    return _delivery(await parts.channels.test(channel, asked))


@router.get("/deliveries", responses=problems(404))
async def list_deliveries(
    parts: PartsDep,
    principal: PrincipalDep,
    wearer: AboutWearer = None,
    channel: Annotated[str | None, Query(description="name of a channel", max_length=64)] = None,
    alert: Annotated[str | None, Query(description="id of an alert", max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="most on a page")] = 200,
    cursor: Cursor = None,
) -> Deliveries:
    """What was delivered, what was not and why, newest first."""
    asked = principal.narrowed(wearer)
    if asked is not None:
        await find_wearer(parts, asked)
    found = await read(
        parts.store.deliveries,
        asked,
        channel=channel,
        alert=alert,
        before=_key(cursor),
        limit=limit + 1,
    )
    page = found[:limit]
    more = len(found) > limit
    last = page[-1].key if more else None
    return Deliveries(
        items=[_delivery(each) for each in page],
        next_cursor=None if last is None else cursor_of((last[0], f"{last[1]} {last[2]}")),
    )


@router.get("/wearers/{wearer}/channels", responses=problems(404))
async def get_channel_route(parts: PartsDep, wearer: WearerDep) -> ChannelRoute:
    """In which order a wearer is told, and what is told beside."""
    return _route(parts.channels.route_shown(wearer.id))


@router.put("/wearers/{wearer}/channels", responses=problems(404))
async def set_channel_route(
    parts: PartsDep, wearer: WearerDep, route: ChannelRoute
) -> ChannelRoute:
    """Choose it; what is under way goes on as it began."""
    wanted = RouteShown(tuple(route.order), tuple(route.beside), route.escalate_after_s)
    chosen = await parts.channels.choose(wearer.id, wanted)
    await parts.access.note("settings", f"channels {', '.join(route.order)}", wearer=wearer.id)
    return _route(chosen)


def _route(route: RouteShown) -> ChannelRoute:
    return ChannelRoute(
        order=list(route.order), beside=list(route.beside), escalate_after_s=route.escalate_after_s
    )


async def _channel(parts: Parts, shown: ChannelShown, asked: str | None) -> Channel:
    last = await read(parts.store.deliveries, asked, channel=shown.name, limit=1)
    return Channel(
        name=shown.name,
        kind=shown.kind,
        # Who may see one wearer alone does not learn who else there is.
        wearers=[each for each in shown.wearers if asked in (None, each)],
        says_words=shown.says_words,
        takes_answers=shown.takes_answers,
        problem=shown.problem,
        last_delivery=_delivery(last[0]) if last else None,
    )


def _delivery(kept: DeliveryKept) -> Delivery:
    return Delivery(
        announcement=kept.announcement,
        channel=kept.channel,
        wearer=kept.wearer,
        alert=kept.alert or None,
        kind=kept.kind,
        made_at=rfc3339(kept.made_at),
        expires_at=rfc3339(kept.expires_at),
        state=kept.state,
        changed_at=rfc3339(kept.changed_at),
        due_at=None if kept.state.over else rfc3339(kept.due_at),
        attempts=kept.attempts,
        problem=kept.problem or None,
    )


def _key(cursor: str | None) -> tuple[float, str, str] | None:
    place = place_of(cursor)
    if place is None:
        return None
    announcement, _, channel = place[1].partition(" ")
    return place[0], announcement, channel
