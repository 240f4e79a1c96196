"""Removing what is kept for a while only, soon after the start and then every few hours."""

import asyncio
import logging
from collections.abc import Callable

from domain.errors import StoreError
from domain.retention import Retention
from service.writer import StoreWriter

_log = logging.getLogger(__name__)

#: Soon after the start, since a laptop's service may never run for six hours; not in the way of it.
FIRST_PRUNE_S = 120.0
PRUNE_INTERVAL_S = 6 * 3600.0


class Pruning:
    """Removes what is older than `kept` says; with 0 days of raw samples all there are. now: Unix s."""

    def __init__(self, writer: StoreWriter, now: Callable[[], float], kept: Retention) -> None:
        self._writer = writer
        self._now = now
        self._kept = kept

    async def run(self) -> None:
        """Until cancelled."""
        wait_s = FIRST_PRUNE_S
        while True:
            await asyncio.sleep(wait_s)
            wait_s = PRUNE_INTERVAL_S
            try:
                removed = await self._writer.prune(self._kept, int(self._now()))
            except StoreError as error:
                _log.warning("what is old stays for now: %s", error)
                continue
            if removed:
                days = self._kept.frames_days
                _log.info("%d frames older than %d days removed", removed, days)
