"""When a calendar says busy; the rest of it is nobody's business."""

import asyncio
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from zoneinfo import ZoneInfo

import pytest

from domain.errors import InputError
from service import calendar_feed
from service.calendar_feed import CalendarFeed, busy_blocks, busy_until, pause_after
from service.commands.config import effective_toml
from service.config import parse_config

BERLIN = ZoneInfo("Europe/Berlin")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOW = at("2026-11-30T08:00")


def ics(*events):
    blocks = []
    for n, event in enumerate(events):
        lines = "\r\n".join(event.split("|"))
        blocks.append(
            f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:Secret\r\n{lines}\r\nEND:VEVENT\r\n"
        )
    return f"BEGIN:VCALENDAR\r\nPRODID:x\r\nVERSION:2.0\r\n{''.join(blocks)}END:VCALENDAR\r\n"


WEEKLY = (
    "DTSTART;TZID=Europe/Berlin:20261005T100000|DTEND;TZID=Europe/Berlin:20261005T103000"
    "|RRULE:FREQ=WEEKLY;BYDAY=MO"
)
AFTER_IT = "DTSTART:20261130T093000Z|DTEND:20261130T100000Z"


def test_a_meeting_that_repeats_is_at_its_hour_on_the_wall_also_over_a_change_of_the_clocks():
    blocks = busy_blocks(ics(WEEKLY), BERLIN, NOW)
    assert blocks == [(at("2026-11-30T09:00"), at("2026-11-30T09:30"))], "it began in summer time"
    assert busy_until(blocks, at("2026-11-30T09:10")) == at("2026-11-30T09:30")
    assert busy_until(blocks, at("2026-11-30T09:30")) is None


ODD = "DTSTART;TZID=Europe/Berlin:20200101T100000|RRULE:FREQ=DAILY;UNTIL=20200201"


def test_an_event_that_cannot_be_read_leaves_the_others():
    alone = busy_blocks(ics(WEEKLY, AFTER_IT), BERLIN, NOW)
    assert busy_blocks(ics(ODD, WEEKLY, ODD, AFTER_IT, ODD), BERLIN, NOW) == alone
    with pytest.raises(InputError, match="none of its events"):
        busy_blocks(ics(ODD, ODD), BERLIN, NOW)
    with pytest.raises(InputError, match="more than"):
        busy_blocks(ics(*[ODD] * 101, WEEKLY), BERLIN, NOW)


@pytest.mark.parametrize(
    "since", ["00010101T000000Z|RRULE:FREQ=HOURLY", "00010101T000000Z|RRULE:FREQ=DAILY"]
)
def test_what_repeats_to_keep_a_machine_busy_is_left(since):
    assert busy_blocks(ics(f"DTSTART:{since}"), BERLIN, NOW) == []


def test_meetings_that_touch_are_one():
    blocks = busy_blocks(ics(WEEKLY, AFTER_IT), BERLIN, NOW)
    assert busy_until(blocks, at("2026-11-30T09:10")) == at("2026-11-30T10:00")


@pytest.mark.parametrize(
    "event",
    [
        "DTSTART;VALUE=DATE:20261130|DTEND;VALUE=DATE:20261201",
        f"{AFTER_IT}|TRANSP:TRANSPARENT",
        f"{AFTER_IT}|STATUS:CANCELLED",
        f"{AFTER_IT}|RRULE:FREQ=SECONDLY",
        "DTSTART:20261120T093000Z|DTEND:20261120T100000Z",
    ],
)
def test_what_is_no_meeting_now_is_not_busy(event):
    assert busy_blocks(ics(event), BERLIN, NOW) == []


@pytest.mark.parametrize("text", ["<html>", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:soon"])
def test_what_is_no_calendar_is_refused(text):
    with pytest.raises(InputError):
        busy_blocks(text, BERLIN, NOW)


def test_a_feed_that_fails_is_asked_ever_more_seldom():
    assert [pause_after(n) for n in (0, 1, 2, 3, 20)] == [900, 60, 120, 240, 6 * 3600]


class Feed:
    """A server of one calendar."""

    def __init__(self):
        self.body, self.status = ics(WEEKLY).encode(), 200
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(feed.status)
                self.end_headers()
                self.wfile.write(feed.body)

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/secret.ics"
        Thread(target=self.server.serve_forever, daemon=True).start()


def test_a_feed_is_read_over_http_and_what_is_known_outlasts_its_failures(caplog, monkeypatch):
    server = Feed()
    now = at("2026-11-30T09:10")
    feed = CalendarFeed("ada", server.url, BERLIN, lambda: now)
    try:
        assert asyncio.run(feed.read()) == 900
        assert feed.busy_until() == at("2026-11-30T09:30")
        server.status = 500
        assert asyncio.run(feed.read()) == 60
        assert asyncio.run(feed.read()) == 120
        server.status = 200
        monkeypatch.setattr(calendar_feed, "MOST_BYTES", 100)
        assert asyncio.run(feed.read()) == 240
        assert feed.busy_until() == at("2026-11-30T09:30")
    finally:
        server.server.shutdown()
        server.server.server_close()
    asyncio.run(feed.read())
    assert "secret" not in caplog.text, "the address lets anybody in who has it"
    assert caplog.text.count("is not known") == 1


def test_a_file_does_as_well_and_one_that_is_missing_is_not_busy(tmp_path):
    path = tmp_path / "mine.ics"
    feed = CalendarFeed("ada", str(path), BERLIN, lambda: at("2026-11-30T09:10"))
    assert asyncio.run(feed.read()) == 60
    assert feed.busy_until() is None
    path.write_text(ics(WEEKLY))
    assert asyncio.run(feed.read()) == 900
    assert feed.busy_until() == at("2026-11-30T09:30")


def test_the_address_is_of_the_configuration_alone_and_is_not_shown():
    config = parse_config({"wearers": [{"id": "ada", "calendar": "https://cal/secret.ics"}]})
    assert config.calendars == {"ada": "https://cal/secret.ics"}
    assert "secret" not in effective_toml(config) + repr(config)
