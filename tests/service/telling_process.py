"""Telling as a process of its own, to be killed: the alert in the store over a webhook and, beside, apprise.

Arguments: the store, the address. The first run announces the alert; a later one goes on and ends when
nothing is pending any more.
"""

import asyncio
import sys
import time
from pathlib import Path

from domain.alerts import Alert
from domain.people import Wearer
from service.channel_config import AppriseSection, ChannelsSection, WebhookSection
from service.channels import ChannelNeeds
from service.telling import Telling
from service.timebase import Timebase
from service.writer import StoreWriter
from storage.sqlite import SqliteStore

PATIENCE_S = 60.0


class Nobody:
    """Answers nothing; nobody asks."""

    async def acknowledge(self, alert_id: str, *, fine: bool) -> Alert:
        raise NotImplementedError

    async def snooze(self, alert_id: str, minutes: float) -> Alert:
        raise NotImplementedError


async def main(path: Path, url: str) -> None:
    store = SqliteStore(path)
    (alert,) = store.alerts(open_only=True)
    again = bool(store.deliveries())
    writer = StoreWriter(store, now=time.time, states=dict)

    async def identify(sensor: str) -> None:
        raise NotImplementedError

    around = ChannelNeeds(
        wearers=(Wearer("ada", "Ada", "UTC"),),
        answers=Nobody(),
        identify=identify,
        sensors_of=lambda wearer: (),
        open_alerts=lambda: (alert,) if again else (),
        language=lambda wearer: "en",
    )
    hook = WebhookSection(name="hook", url=url, allow_http=True, allow_private=True)
    section = ChannelsSection(
        beside=["phone"], order=["hook"], webhook=[hook], apprise=[AppriseSection(name="phone")]
    )
    telling = Telling(section, around, store=store, writer=writer, timebase=Timebase())
    running = [asyncio.create_task(telling.run()), asyncio.create_task(writer.run())]
    if not again:
        telling.announce(alert)
    async with asyncio.timeout(PATIENCE_S):
        while not again or store.pending_deliveries():
            await asyncio.sleep(0.02)
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    await writer.close()
    store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
