"""Removing what is kept for a while only, soon after the start and then every few hours."""

import asyncio
import logging
from collections.abc import Callable

from domain.errors import StoreError
from service.writer import StoreWriter

_log = logging.getLogger(__name__)

#: Soon after the start, since a laptop's service may never run for six hours; not in the way of it.
FIRST_PRUNE_S = 120.0
PRUNE_INTERVAL_S = 6 * 3600.0
#: Readings of links are kept for a year: batteries are compared over seasons.
READINGS_DAYS = 366


class Pruning:
    """Removes seconds older than `frames_days`, raw samples older than `raw_days` (0: all there are) and
    readings of links of more than a year. now: Unix s."""

    def __init__(
        self, writer: StoreWriter, now: Callable[[], float], *, frames_days: int, raw_days: int
    ) -> None:
        self._writer = writer
        self._now = now
        self._frames_days = frames_days
        self._raw_days = raw_days

    async def run(self) -> None:
        """Until cancelled."""
        wait_s = FIRST_PRUNE_S
        while True:
            await asyncio.sleep(wait_s)
            wait_s = PRUNE_INTERVAL_S
            now = int(self._now())
            before = now - self._frames_days * 86400
            try:
                removed = await self._writer.prune(
                    before, now - READINGS_DAYS * 86400, now - self._raw_days * 86400
                )
            except StoreError as error:
                _log.warning("old frames stay for now: %s", error)
                continue
            if removed:
                _log.info("%d frames older than %d days removed", removed, self._frames_days)
