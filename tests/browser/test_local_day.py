"""Local days of the page are those of the store, in every zone and on the days on which clocks change."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from storage.days import day_bounds
from tests.browser.made_up import MadeUp

pytestmark = pytest.mark.browser

#: A zone, a day on which its clocks change, and when they do, as they showed before.
CHANGES = [
    ("Europe/Berlin", "2026-03-29", "02:00"),
    ("Europe/Berlin", "2026-10-25", "03:00"),
    ("America/New_York", "2026-11-01", "02:00"),
    ("America/Sao_Paulo", "2018-11-04", "00:00"),  # there is no midnight
    ("America/Havana", "2019-11-03", "01:00"),  # midnight comes twice
    ("Australia/Lord_Howe", "2023-10-01", "02:00"),  # by half an hour
]
ZONES = [
    *dict.fromkeys(zone for zone, _, _ in CHANGES),
    "America/Santiago", "Asia/Kathmandu", "Pacific/Auckland", "Pacific/Chatham", "America/St_Johns", "UTC",
]  # fmt: skip
ASK = """([name, asked]) => import("/js/local-day.js").then((it) => asked.map((each) => it[name](...each)))"""


@pytest.fixture
def ask(made_up: MadeUp, look: Callable[..., Any]) -> Callable[..., list[Any]]:
    """Asks a function of local-day.js about many things at once."""
    page = look().page
    page.goto(f"{made_up.url}#/more")

    def asked(name: str, of: list[Any]) -> list[Any]:
        found: list[Any] = page.evaluate(ASK, [name, of])
        return found

    return asked


@pytest.mark.parametrize("zone", ZONES)
def test_days_begin_and_end_as_the_store_has_them(ask: Callable[..., Any], zone: str) -> None:
    days = [date(2018, 1, 1) + timedelta(n) for n in range(730)]
    found = ask("boundsOf", [(day.isoformat(), zone) for day in days])
    assert [(it["start"], it["end"]) for it in found] == [day_bounds(day, zone) for day in days]
    times = [at + by for it in found for at in (it["start"], it["end"]) for by in (-1, 0)]
    clocks = [datetime.fromtimestamp(time, ZoneInfo(zone)) for time in times]
    asked = [(time, zone) for time in times]
    assert ask("localDay", asked) == [it.date().isoformat() for it in clocks]
    assert ask("clockOf", asked) == [it.strftime("%H:%M") for it in clocks]


@pytest.mark.parametrize(("zone", "day", "clock"), CHANGES)
def test_the_change_of_clocks_is_found_and_a_time_that_it_skips_is_the_change(
    ask: Callable[..., Any], zone: str, day: str, clock: str
) -> None:
    (found,) = ask("boundsOf", [(day, zone)])
    start, end = day_bounds(date.fromisoformat(day), zone)
    seconds = range(start, end)
    offsets = [datetime.fromtimestamp(at, ZoneInfo(zone)).utcoffset() for at in seconds]
    changes = [i for i in range(1, len(offsets)) if offsets[i] != offsets[i - 1]]
    if clock == "00:00":  # at midnight itself: no clock of this day shows the change
        assert (changes, found["change"], found["ahead_s"]) == ([], end, 0)
    else:
        assert found["change"] == seconds[changes[0]]
        assert timedelta(seconds=found["ahead_s"]) == offsets[-1] - offsets[0]  # type: ignore[operator]
    clocks = [f"{at // 4:02}:{at % 4 * 15:02}" for at in range(96)]
    local = [datetime.fromisoformat(f"{day}T{it}").replace(tzinfo=ZoneInfo(zone)) for it in clocks]
    shown = [it.astimezone(UTC).astimezone(ZoneInfo(zone)).strftime("%H:%M") for it in local]
    moments = dict(zip(clocks, ask("timeOf", [(day, it, zone) for it in clocks]), strict=True))
    for at, said, back in zip(local, clocks, shown, strict=True):
        skipped = back != said
        change = found["change"] if found["ahead_s"] else start
        assert moments[said] == (change if skipped else at.timestamp()), said


def test_days_are_counted_by_name(ask: Callable[..., Any]) -> None:
    assert ask("plus", [("2024-02-28", 1), ("2026-03-29", -1), ("2026-10-25", 7)]) == [
        "2024-02-29", "2026-03-28", "2026-11-01",
    ]  # fmt: skip
    assert ask("daysBetween", [("2026-10-24", "2026-10-26"), ("2026-03-30", "2026-03-28")]) == [
        2,
        -2,
    ]
    assert ask("isDay", [("2026-02-29",), ("2024-02-29",), ("2026-2-1",), ("today",)]) == [
        False, True, False, False,
    ]  # fmt: skip


def test_an_hour_of_the_night_after_a_long_day_is_not_called_yesterday(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    """The day on which clocks go back has 25 h."""
    page = look().page
    page.goto(f"{made_up.url}#/more")
    zone = ZoneInfo("Europe/Berlin")
    late = datetime(2026, 10, 25, 23, 30, tzinfo=zone).timestamp()
    words = "([time, now]) => import('/js/when.js').then((it) => it.dayWords(time, 'Europe/Berlin', now))"
    for hours, said in ((24, "Today"), (25.5, "Yesterday"), (48, "Yesterday"), (49.5, "Friday")):
        assert page.evaluate(words, [late - hours * 3600, late]).startswith(said), hours
