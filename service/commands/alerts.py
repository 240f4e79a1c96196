"""`sitwell alerts`: what the running service has said, and what came of it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from api import models
from api.client import Client
from service.commands.address import Address

#: How far back is looked after the stream broke.
CAUGHT_UP = 50
#: What came of an alert, as the page says it.
OUTCOME_WORDS = {
    "taken": "break taken",
    "partial": "short break",
    "snoozed": "snoozed",
    "ignored": "went on",
    "false_alarm": "was fine",
    "ended": "ended",
}
#: The same, where the word is another one for its kind: only sitting is answered by a break.
OUTCOME_WORDS_OF = {
    "slouch": {"taken": "upright again"},
    "held_bend": {"taken": "upright again"},
    "side_bend": {"taken": "upright again"},
    "twist": {"taken": "straight again"},
    "shift": {"taken": "moved"},
    "little_movement": {"taken": "on your feet"},
    "calibration_stale": {"ended": "fits again"},
    "not_worn": {"ended": "worn again"},
    "low_battery": {"ended": "charged"},
    "sensor_lost": {"ended": "heard again"},
}


@dataclass(frozen=True, slots=True)
class AlertsOptions:
    """What the command line said."""

    at: Address
    wearer: str | None = None
    follow: bool = False
    open_only: bool = False
    limit: int = 10


def run_alerts(options: AlertsOptions) -> None:
    """Print them, with `follow` until interrupted. Raises RemoteError, InputError."""
    asyncio.run(_alerts(options))


async def _alerts(options: AlertsOptions) -> None:
    async with options.at.client() as sitwell:
        if options.follow:
            await _follow(sitwell, options)
            return
        found = await _newest(sitwell, options, options.limit)
        for alert in found:
            print(told(alert))
        if not found:
            print("No alert is open." if options.open_only else "There was no alert yet.")


async def _follow(sitwell: Client, options: AlertsOptions) -> None:
    """Print each revision once. The list is asked for when the stream has begun, and again when it broke
    and goes on, so that nothing falls between the two."""
    known: dict[str, int] = {}
    limit = options.limit
    async for event in sitwell.events(options.wearer):
        if event.name == "hello":
            news, limit = await _newest(sitwell, options, limit), max(limit, CAUGHT_UP)
        elif event.name == "alert":
            news = [event.read(models.Alert)]
        else:
            continue
        for alert in news:
            if alert.revision > known.get(alert.id, 0):
                known[alert.id] = alert.revision
                if alert.open or not options.open_only:
                    print(told(alert), flush=True)


async def _newest(sitwell: Client, options: AlertsOptions, limit: int) -> list[models.Alert]:
    """The newest last."""
    if not limit:
        return []
    found = await sitwell.alerts(options.wearer, open_only=options.open_only, limit=limit)
    return found[::-1]


def told(alert: models.Alert) -> str:
    """One line: when it was said last, whose it is, what was said, how it stands."""
    said_at = alert.last_said_at or alert.opened_at
    return f"{clock(said_at)}  {alert.wearer}  {alert.message}  [{standing(alert)}]"


def standing(alert: models.Alert) -> str:
    """How an alert stands, in a few words."""
    if alert.outcome is not None:
        after = "" if alert.response_s is None else f" after {_lasting(alert.response_s)}"
        outcome = alert.outcome.value
        words = OUTCOME_WORDS | OUTCOME_WORDS_OF.get(alert.kind.value, {})
        return words.get(outcome, outcome) + after
    if alert.snoozed_until is not None:
        return f"snoozed until {clock(alert.snoozed_until)}"
    if alert.acknowledged_at is not None:
        return "open, seen"
    return f"open, {alert.id}"


def _lasting(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.0f} min"


def clock(time: str) -> str:
    """A time of the API on this machine's clock, with the day unless it is today."""
    local = datetime.fromisoformat(time).astimezone()
    today = local.date() == datetime.now().astimezone().date()
    return local.strftime("%H:%M" if today else "%Y-%m-%d %H:%M")
