"""A wearer's iCalendar feed, by URL or file: when they are busy, and nothing else of it.

What is fetched stays in memory. An event counts when it is confirmed or tentative, is not marked as free, and
has hours: a birthday is no meeting. A feed that cannot be read is tried again ever more seldom, and what was
known of it holds until it is over; nothing known is not busy.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

import httpx2

from domain.errors import InputError, LinkError, first_line

if TYPE_CHECKING:
    from ical.calendar import Calendar

_log = logging.getLogger(__name__)
for _library in ("httpx2", "httpcore2"):
    logging.getLogger(_library).setLevel(logging.WARNING)  # they would log the address

#: Start and end of a time in which the wearer is busy, Unix s.
Block: TypeAlias = tuple[float, float]

FETCH_TIMEOUT_S = 20.0
MOST_BYTES = 5_000_000
MOST_REDIRECTS = 3
#: Asked anew this often; after a failure after RETRY_S, then twice as long each time, up to LONGEST_S [J].
INTERVAL_S, RETRY_S, LONGEST_S = 900.0, 60.0, 6 * 3600.0
#: So far ahead is looked, so that a feed that is away for a night is still known in the morning.
HORIZON = timedelta(hours=36)
#: More occurrences than anybody has in that time are no calendar.
MOST_EVENTS = 2000
#: Who repeats an event by the second, the minute or the hour, or since long before there were calendars,
#: means to keep a machine busy, not a person.
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
_FIRST_YEAR = 1970
_EVENT = re.compile(r"^BEGIN:VEVENT\s*?$.*?^END:VEVENT\s*?\n", re.MULTILINE | re.DOTALL)
#: More events that cannot be read than this, and the calendar cannot.
MOST_UNREADABLE = 100


def busy_blocks(text: str, zone: ZoneInfo, now: float) -> list[Block]:
    """When the calendar in `text` says busy, from `now`, Unix s, on, in order and joined where they touch.
    zone: of times that name none. Raises InputError for what is no calendar."""
    from ical.exceptions import CalendarError

    if "END:VCALENDAR" not in text:
        raise InputError("the calendar is none, or was cut short")
    start = datetime.fromtimestamp(now, UTC)
    found: list[Block] = []
    try:
        calendar = _calendar(text)
        calendar.events = [e for e in calendar.events if not _is_free(e)]
        for event in calendar.timeline_tz(zone).overlapping(start, start + HORIZON):
            found.append((event.start_datetime.timestamp(), event.end_datetime.timestamp()))
            if len(found) > MOST_EVENTS:
                raise InputError(
                    f"the calendar has more than {MOST_EVENTS} events in a day and a half"
                )
    except (CalendarError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise InputError(f"the calendar cannot be read: {first_line(error)}") from error
    return _joined(found)


def _calendar(text: str) -> "Calendar":
    """The calendar without those events that cannot be read: one odd one of years ago is no reason to know of
    no meeting. Raises CalendarError, and InputError for too many of them."""
    from ical.calendar_stream import IcsCalendarStream
    from ical.exceptions import CalendarError

    read = IcsCalendarStream.calendar_from_ics
    try:
        return read(text)
    except CalendarError:
        events = _EVENT.findall(text)
        frame = _EVENT.sub("", text)
        begin, end = frame[: frame.rindex("END:VCALENDAR")], "END:VCALENDAR\r\n"
        read(begin + end)
    unreadable = 0

    def readable(some: list[str]) -> list[str]:
        nonlocal unreadable
        try:
            read(begin + "".join(some) + end)
        except CalendarError as error:
            if len(some) > 1:
                half = len(some) // 2
                return readable(some[:half]) + readable(some[half:])
            unreadable += 1
            if unreadable > MOST_UNREADABLE:
                raise InputError(f"more than {MOST_UNREADABLE} events cannot be read") from error
            return []
        return some

    kept = readable(events)
    if not kept:
        raise InputError("none of its events can be read")
    _log.debug("%d events of a calendar cannot be read", unreadable)
    return read(begin + "".join(kept) + end)


def busy_until(blocks: Sequence[Block], now: float) -> float | None:
    """Until when the wearer is busy, Unix s; None when they are not."""
    return next((end for start, end in blocks if start <= now < end), None)


def pause_after(failures: int) -> float:
    """Seconds until the feed is asked again after so many failures in a row."""
    return INTERVAL_S if not failures else min(RETRY_S * 2.0 ** (failures - 1), LONGEST_S)


class CalendarFeed:
    """One feed. address: `https://...`, `http://...` or a file; it is a secret and never logged."""

    def __init__(self, wearer: str, address: str, zone: ZoneInfo, now: Callable[[], float]) -> None:
        self._wearer = wearer
        self._address = address
        #: Of times that name none.
        self.zone = zone
        self._now = now
        self._blocks: list[Block] = []
        self._failures = 0

    def busy_until(self) -> float | None:
        """Until when the wearer is busy, None when they are not, or nothing is known."""
        return busy_until(self._blocks, self._now())

    async def run(self) -> None:
        """Read it again and again, for ever."""
        while True:
            wait_s = await self.read()
            await asyncio.sleep(wait_s)

    async def read(self) -> float:
        """Read it once; seconds until it is to be read again."""
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                text = await self._fetch()
                self._blocks = await asyncio.to_thread(busy_blocks, text, self.zone, self._now())
        except (InputError, LinkError, OSError, TimeoutError) as error:
            self._failures += 1
            if self._failures == 1:
                why = (
                    first_line(error)
                    if isinstance(error, InputError | LinkError)
                    else type(error).__name__
                )
                _log.warning("the calendar of %s is not known: %s", self._wearer, why)
        else:
            if self._failures:
                _log.info("the calendar of %s is known again", self._wearer)
            self._failures = 0
        return pause_after(self._failures)

    async def _fetch(self) -> str:
        if not self._address.startswith(("https://", "http://")):
            return await asyncio.to_thread(_read_file, self._address)
        client = httpx2.AsyncClient(
            follow_redirects=True, max_redirects=MOST_REDIRECTS, timeout=FETCH_TIMEOUT_S
        )
        body = bytearray()
        try:
            async with client, client.stream("GET", self._address) as answer:
                if answer.status_code != 200:
                    raise LinkError(f"the server answers {answer.status_code}")
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > MOST_BYTES:
                        raise InputError(f"it is larger than {MOST_BYTES} bytes")
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise LinkError(f"the server cannot be asked ({type(error).__name__})") from error
        return body.decode("utf-8", errors="replace")


def _read_file(address: str) -> str:
    with Path(address).expanduser().open("rb") as file:
        body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise InputError(f"it is larger than {MOST_BYTES} bytes")
    return body.decode("utf-8", errors="replace")


def _is_free(event: object) -> bool:
    """Whether the event says nothing of being busy."""
    start = getattr(event, "start", None)
    whole_days = not isinstance(start, datetime) or start.year < _FIRST_YEAR
    words = [str(getattr(event, name, "") or "").upper() for name in ("transparency", "status")]
    rule = getattr(event, "rrule", None)
    often = "" if rule is None else str(getattr(rule.freq, "value", rule.freq)).upper()
    transparent = words[0].endswith("TRANSPARENT")
    return whole_days or transparent or words[1].endswith("CANCELLED") or often in _TOO_OFTEN


def _joined(blocks: Sequence[Block]) -> list[Block]:
    joined: list[Block] = []
    for start, end in sorted(blocks):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined
