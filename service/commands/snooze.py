"""`sitwell snooze`: answer the open alert."""

import asyncio
from dataclasses import dataclass

from api import models
from api.client import Client
from domain.errors import ConflictError
from service.commands.address import Address
from service.commands.alerts import clock, told
from service.commands.lasting import lasting_s


@dataclass(frozen=True, slots=True)
class SnoozeOptions:
    """What the command line said. fine: it was fine, instead of a snooze."""

    at: Address
    alert: str | None = None
    lasting: str = "10m"
    fine: bool = False
    wearer: str | None = None


def run_snooze(options: SnoozeOptions) -> None:
    """Answer it. Raises ConfigError, RemoteError, InputError, ConflictError when none or several are open."""
    minutes = max(1, round(lasting_s("--for", options.lasting) / 60))
    asyncio.run(_snooze(options, minutes))


async def _snooze(options: SnoozeOptions, minutes: int) -> None:
    async with options.at.client() as sitwell:
        which = options.alert or await _the_open_one(sitwell, options.wearer)
        if options.fine:
            await sitwell.acknowledge(which, fine=True)
            print("Noted: it was fine.")
            return
        alert = await sitwell.snooze(which, minutes)
    until = "" if alert.snoozed_until is None else f" until {clock(alert.snoozed_until)}"
    print(f"Snoozed{until}: {alert.message}")


async def _the_open_one(sitwell: Client, wearer: str | None) -> str:
    found: list[models.Alert] = await sitwell.alerts(wearer, open_only=True, limit=20)
    if not found:
        raise ConflictError("no alert is open, so there is nothing to snooze")
    if len(found) > 1:
        lines = "\n".join(f"  {alert.id}  {told(alert)}" for alert in found)
        raise ConflictError(f"several alerts are open; name one of them:\n{lines}")
    return found[0].id
