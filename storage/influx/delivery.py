"""A parcel to the server: requests of its lines, in halves where there are too many or one is refused.

413: sent in halves, and in smaller requests from then on.
400, 422: sent in halves down to the line that is refused, which is a dead letter; the rest is stored. Of
points "beyond the retention policy" the server itself says that the others are.
Whatever else is answered is the business of the forwarder: nothing of the parcel is settled then.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Final

from domain.errors import ServerError, first_line
from storage.dead_letters import DeadLetter
from storage.influx.forwarding import ForwarderState
from storage.influx.parcels import Parcel
from storage.influx.wire import Wire

_log = logging.getLogger(__name__)

#: Requests under way at once: while the server reads the lines of one it writes those of another.
AT_ONCE: Final = 2
WRITE_TIMEOUT_S: Final = 45.0

_BISECT: Final = (400, 422)
_BEYOND_RETENTION: Final = re.compile(r"(?:beyond|outside) retention policy.*?(?:dropped=(\d+))?$")


class Delivery:
    """Sends parcels. state: where the words of a refusal go. most_lines: in one request; less once the server
    said that one was too large."""

    def __init__(self, state: ForwarderState, *, now: Callable[[], float], most_lines: int) -> None:
        self._state = state
        self._now = now
        self.most_lines = most_lines

    async def send(self, wire: Wire, parcel: Parcel) -> list[DeadLetter]:
        """Send all lines of a parcel, AT_ONCE requests at a time; the lines that were refused.

        They were read at one moment, so that it does not matter which of them come first. Raises the first
        ServerError or TimeoutError, after which no further request is begun; some are stored then.
        """
        spans = iter(parcel.requests(self.most_lines))
        dead: list[DeadLetter] = []
        errors: list[Exception] = []

        async def send() -> None:
            for start, end in spans:
                if errors:
                    return
                try:
                    await self._send(wire, parcel, start, end, dead)
                except (ServerError, TimeoutError) as error:
                    errors.append(error)

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(send())
        if errors:
            raise errors[0]
        return dead

    def bury(self, parcel: Parcel, place: int, error: ServerError) -> DeadLetter:
        """The line at `place` (-1: the removal) with the words that refused it."""
        now, status = self._now(), error.status or 0
        self._state.last_error, self._state.last_error_at = first_line(error), now
        _log.warning("kept as a dead letter: %s", first_line(error))
        return parcel.letter(place, at=now, status=status, words=error.words)

    async def _send(
        self, wire: Wire, parcel: Parcel, start: int, end: int, dead: list[DeadLetter]
    ) -> None:
        """Lines [start, end) of the parcel; in halves where they are too many or one is refused."""
        if end - start > self.most_lines:
            await self._halve(wire, parcel, start, end, dead)
            return
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await wire.write(parcel.text(start, end))
        except ServerError as error:
            if error.status not in (413, *_BISECT):
                raise
            beyond = error.status != 413 and _BEYOND_RETENTION.search(error.words)
            if beyond or end - start == 1:  # one word for all that are beyond; the rest is stored
                dead.append(self.bury(parcel, start, error))
                return
            if error.status == 413:
                self.most_lines = max(min(self.most_lines, (end - start) // 2), 1)
            await self._halve(wire, parcel, start, end, dead)

    async def _halve(
        self, wire: Wire, parcel: Parcel, start: int, end: int, dead: list[DeadLetter]
    ) -> None:
        middle = (start + end) // 2
        await self._send(wire, parcel, start, middle, dead)
        await self._send(wire, parcel, middle, end, dead)
