"""`sitwell status`: how the running service is, and what each wearer is doing."""

import asyncio
import json

from analysis.phrases import duration
from api import models
from service.commands.address import Address
from service.commands.alerts import clock, told

ACTIVITY_WORDS = {
    "unknown": "what they do is unknown",
    "lying": "lying",
    "sitting": "sitting",
    "standing": "standing",
    "moving": "moving",
    "not_worn": "the sensor is not worn",
}


def run_status(at: Address, wearer: str | None, *, as_json: bool) -> None:
    """Print it. Raises RemoteError, InputError for a wearer nobody knows."""
    asyncio.run(_status(at, wearer, as_json=as_json))


async def _status(at: Address, wearer: str | None, *, as_json: bool) -> None:
    async with at.client() as sitwell:
        health = await sitwell.health()
        people = {each.id: each.name for each in await sitwell.wearers()}
        chosen = list(people) if wearer is None else [wearer]
        now = [await sitwell.now(each) for each in chosen]
        alerts = await sitwell.alerts(wearer, open_only=True)
    if as_json:
        parts = {
            "health": health.model_dump(mode="json"),
            "now": [each.model_dump(mode="json") for each in now],
            "alerts": [each.model_dump(mode="json") for each in alerts],
        }
        print(json.dumps(parts, indent=1))
        return
    print(_service(at.url, health))
    for problem in health.problems:
        print(f"  {problem}")
    if not health.store.ok:
        print(f"  The store cannot be used: {health.store.detail}")
    for each in now:
        print(f"{people.get(each.wearer, each.wearer)}: {person(each)}")
    for alert in alerts:
        print(f"Open alert: {told(alert)}")


def _service(url: str, health: models.Health) -> str:
    how = "is well" if health.status == "ok" else "is not well"
    sensors = health.sensors
    heard = (
        f"{sensors.streaming} of {sensors.total} sensors stream"
        if sensors.total
        else "no sensor yet"
    )
    made_up = "; what it shows is simulated" if health.simulated else ""
    return f"Sitwell {health.version} at {url} {how}; {heard}{made_up}."


def person(now: models.Now) -> str:
    """What a wearer is doing, in a sentence or two; nothing is said that is not known."""
    if now.time is None:
        return "nothing measured yet."
    said = [ACTIVITY_WORDS[now.activity]]
    if now.activity_since is not None:
        said[0] += f" since {clock(now.activity_since)}"
    if now.lean_deg is not None:
        way = "forward" if now.lean_deg >= 0 else "back"
        said.append(f"leaning {abs(now.lean_deg):.0f} deg {way}")
    if now.sitting_clock_s:
        limit = f" of {now.sitting_limit_s // 60} min"
        said.append(f"sat for {duration(now.sitting_clock_s)}{limit}")
    sentence = ", ".join(said) + "."
    if now.stale_s:
        sentence += f" That was {duration(round(now.stale_s))} ago: no data come."
    reasons = [f" {reason[0].upper()}{reason[1:].rstrip('.')}." for reason in now.reasons]
    return sentence + "".join(reasons)
