"""Keeping days that are over: soon after the start, and then every minute what was written into since."""

import asyncio
import logging
from collections.abc import Callable

from domain.errors import StoreError
from storage.contract import Store

_log = logging.getLogger(__name__)

#: Not in the way of the start.
FIRST_KEEP_S = 5.0
KEEP_INTERVAL_S = 60.0
#: So many at once: a fraction of a second of one core.
MOST = 8
#: Between them, so that others get at the store: a fourth of a core at most.
REST_S = 0.5


class DayKeeping:
    """Has the store sum up and keep the days of every wearer. now: Unix s."""

    def __init__(self, store: Store, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now

    async def run(self) -> None:
        """Until cancelled."""
        wait_s = FIRST_KEEP_S
        while True:
            await asyncio.sleep(wait_s)
            wait_s = KEEP_INTERVAL_S
            try:
                more = await asyncio.to_thread(self._keep)
            except StoreError as error:
                _log.warning("days are not kept for now: %s", error)
            else:
                wait_s = REST_S if more else KEEP_INTERVAL_S

    def _keep(self) -> bool:
        """Some of each wearer's; whether there may be more."""
        kept = [
            self._store.keep_days(wearer.id, wearer.timezone, now=self._now(), most=MOST)
            for wearer in self._store.wearers()
        ]
        return MOST in kept
