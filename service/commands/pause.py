"""`sitwell pause` and `sitwell resume`: no alerts for a while."""

import asyncio

from api.client import Client
from domain.errors import ConflictError
from service.commands.address import Address
from service.commands.alerts import clock
from service.commands.lasting import lasting_s


def run_pause(at: Address, wearer: str | None, lasting: str | None) -> None:
    """Pause for as long as `lasting` says, with None resume. Raises ConfigError, RemoteError, InputError."""
    minutes = None if lasting is None else max(1, round(lasting_s("TIME", lasting) / 60))
    asyncio.run(_pause(at, wearer, minutes))


async def _pause(at: Address, wearer: str | None, minutes: int | None) -> None:
    async with at.client() as sitwell:
        which = wearer or await _the_only_one(sitwell)
        if minutes is None:
            await sitwell.resume(which)
            print("Alerts are on.")
            return
        quiet = await sitwell.pause(which, minutes)
    until = "" if quiet.paused_until is None else f" until {clock(quiet.paused_until)}"
    print(f"No alerts{until}; what is measured goes on. `sitwell resume` ends the pause.")


async def _the_only_one(sitwell: Client) -> str:
    found = await sitwell.wearers()
    if len(found) != 1:
        names = ", ".join(each.id for each in found) or "none"
        raise ConflictError(f"say whose with --wearer: {names}")
    return found[0].id
