"""Looking back on the page: weeks, months, years, any range, and what is said of them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from domain.alerts import Outcome
from domain.episodes import Episode, EpisodeKind
from storage.contract import Batch
from storage.days import day_bounds
from storage.rollup_block import RollupBlock
from storage.rollups import ADDITIVE
from storage.sqlite import SqliteStore
from tests.api.service_fake import ALERT, T0, fill, frames
from tests.browser.fingers import Fingers
from tests.browser.flawless import flaws
from tests.browser.made_up import MadeUp
from tests.browser.walking import at_rest, follow

pytestmark = pytest.mark.browser

BERLIN = "Europe/Berlin"
TODAY = date(2026, 11, 22)  # of the made-up service, a Sunday
DAYS = 130
NAN = float("nan")


def minutes(start: int, day: int) -> RollupBlock:
    """Nine hours of a day in minutes, from 8:00 on: of each hour 50 to 59 min sat; a sixth day is short."""
    hours = 2 if day % 6 == 5 else 9
    times = start + 8 * 3600 + 60 * np.arange(60 * hours)
    sums = np.zeros((len(times), len(ADDITIVE)), dtype=np.int64)
    sitting = np.arange(len(times)) % 60 < 50 + day % 10
    sums[:, ADDITIVE.index("sitting_s")] = np.where(sitting, 60, 0)
    sums[:, ADDITIVE.index("standing_s")] = np.where(sitting, 0, 60)
    sums[:, ADDITIVE.index("lean_deg_sum")] = 60 * 700
    sums[:, ADDITIVE.index("lean_deg_n")] = 60
    lean = np.full(len(times), 700.0)
    seen = np.full(len(times), 2**60 - 1)
    return RollupBlock("ada", 60, times, ADDITIVE, sums, lean - 200, lean + 200, seen)


def episode(kind: EpisodeKind, start: int, length: int) -> Episode:
    return Episode(kind, "ada", start, start + length, 12.0, 11.0, 5.0, 0.9, 9.0, "upper_back")


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 130 days, ready to be looked back on, with frames of the last two."""
    path = tmp_path_factory.mktemp("past") / "past.db"
    with SqliteStore(path) as store:
        fill(store)
        batches: dict[str, list[Any]] = {"minutes": [], "episodes": [], "alerts": []}
        for n in range(1, DAYS):
            start, _ = day_bounds(TODAY - timedelta(days=n), BERLIN)
            batches["minutes"].append(minutes(start, n))
            at = start + 9 * 3600
            batches["episodes"] += [
                episode(EpisodeKind.SITTING, at, 3000),
                episode(EpisodeKind.SLOUCH, at, 600),
                episode(EpisodeKind.HELD_BEND, at + 900, 90),
            ]
            came = Outcome.TAKEN if n % 2 else Outcome.IGNORED
            batches["alerts"].append(replace_alert(f"p{n}", at + 60.5, came))
        store.write(Batch(**{name: tuple(each) for name, each in batches.items()}), now=float(T0))
        store.write(Batch(frames=(frames("ada", T0 - 86_400, 3600),)), now=float(T0))
        while store.keep_days("ada", BERLIN, now=float(T0), most=500):
            pass
    return path


def replace_alert(name: str, opened_at: float, outcome: Outcome) -> Any:
    closed_at = opened_at + 100
    return replace(
        ALERT, id=name, opened_at=opened_at, closed_at=closed_at, outcome=outcome, response_s=90.0
    )


@pytest.fixture
def made_up(past: Path, tmp_path: Path) -> Iterator[MadeUp]:
    (tmp_path / "sitwell.db").write_bytes(past.read_bytes())
    with SqliteStore(tmp_path / "sitwell.db") as store:
        made_up = MadeUp(store)
        yield made_up
        made_up.stop()


@pytest.fixture
def page(made_up: MadeUp, look: Callable[..., Any]) -> Iterator[Page]:
    watched = look()
    page = watched.page
    page.goto(f"{made_up.url}#/history")
    drawn(page)
    yield page
    assert watched.said == []


def between(first: str, last: str) -> re.Pattern[str]:
    """A span as it is written here, whatever spaces are around its dash."""
    return re.compile(rf"^{first}\s?–\s?{last}$")


def drawn(page: Page) -> None:
    """Waits until every chart that is there shows what it was asked for."""
    expect(page.get_by_test_id("page-history")).to_be_visible()
    expect(page.locator("#view .chart:not([hidden])[aria-busy]")).to_have_count(0)


def go(page: Page, words: str) -> None:
    follow(page, f"#/history/{words}")
    drawn(page)


def test_a_week_is_seven_strips_and_a_day_is_opened_by_key_or_click(page: Page) -> None:
    expect(page.get_by_test_id("span-title")).to_have_text(between("16", "22 November 2026"))
    strips = page.get_by_test_id("chart-days").locator("[data-day]")
    expect(strips).to_have_count(7)
    monday = page.get_by_role("button", name="Monday, 16 November 2026: ")
    expect(monday).to_have_accessible_name(re.compile("8.h.24 sitting and 36.min standing"))
    strips.last.focus()
    page.keyboard.press("Home")
    expect(monday).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#/day/2026-11-16$"))
    go(page, "week/2026-11-10")
    expect(page.get_by_test_id("span-title")).to_have_text(between("9", "15 November 2026"))
    page.get_by_test_id("after").click()
    expect(page.get_by_test_id("span-title")).to_have_text(between("16", "22 November 2026"))
    drawn(page)


def test_a_month_and_a_year_are_fields_of_days_led_through_by_keys(page: Page) -> None:
    go(page, "month/2026-10")
    field = page.get_by_test_id("chart-calendar").locator("[data-day]")
    expect(field).to_have_count(31)
    field.last.focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_test_id("chart-calendar").locator("[data-day='2026-10-24']")).to_be_focused()
    go(page, "year/2026")
    expect(page.get_by_test_id("chart-calendar").locator("[data-day]")).to_have_count(326)
    year = page.get_by_test_id("chart-calendar")
    year.locator("[data-day='2026-11-21']").focus()
    page.keyboard.press("ArrowLeft")  # a column is a week
    saturday = year.locator("[data-day='2026-11-14']")
    expect(saturday).to_be_focused()
    page.get_by_test_id("measure").select_option("slouch")
    expect(page.get_by_test_id("calendar-sentence")).to_contain_text("10 min a day on average")
    expect(saturday).to_have_accessible_name("Saturday, 14 November 2026: 10 min")
    saturday.click()
    expect(page).to_have_url(re.compile("#/day/2026-11-14$"))


def test_the_trend_is_held_against_the_wearers_own_past(page: Page) -> None:
    go(page, "month/2026-11")
    sentence = page.get_by_test_id("trend-sentence")
    expect(sentence).to_contain_text("half of your days of the 90 before lie between")
    expect(sentence).to_contain_text("within what is usual for you")
    plot = page.get_by_test_id("trend-plot")
    expect(
        plot.locator("canvas, svg").first
    ).to_be_visible()  # its library comes after the sentence
    plot.focus()
    page.keyboard.press("Home")
    expect(page.get_by_test_id("chart-trend").get_by_test_id("chart-tip")).to_contain_text(
        "Your usual:"
    )
    page.get_by_test_id("trend-table").click()
    row = page.get_by_test_id("chart-trend").locator("tbody tr").first
    expect(row.locator("th")).to_have_text("2026-11-01")
    expect(row.locator("td").first).to_have_text("7 h 39")


def test_a_day_that_is_not_over_is_shown_and_not_held_against_others(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    start, _ = day_bounds(TODAY, BERLIN)
    made_up.store.write(Batch(minutes=(minutes(start - 6 * 3600, 1),)), now=float(T0))
    while made_up.store.keep_days("ada", BERLIN, now=float(T0)):
        pass
    watched = look()
    page = watched.page
    page.goto(f"{made_up.url}#/history/week/2026-11-22")
    drawn(page)
    five = "Only days that are over and known for 4 h or more count: 5 days."
    expect(page.get_by_test_id("trend-sentence")).to_contain_text(five)
    plot = page.get_by_test_id("trend-plot")
    expect(plot).to_have_role("slider")
    plot.focus()
    page.keyboard.press("End")
    tip = page.get_by_test_id("chart-trend").get_by_test_id("chart-tip")
    expect(tip).to_contain_text(re.compile(r"[78] h \d\d so far"))
    go(page, "month/2026-11")
    today = page.get_by_test_id("chart-calendar").locator("[data-day='2026-11-22']")
    expect(today).to_have_accessible_name(re.compile("so far$"))
    assert watched.said == []


def test_zooming_by_keys_buttons_and_wheel_changes_the_time_shown(page: Page) -> None:
    go(page, "month/2026-10")
    plot = page.get_by_test_id("trend-plot")
    plot.focus()
    page.keyboard.press("+")
    title = page.get_by_test_id("span-title")
    expect(title).to_have_text(between("7", "25 October 2026"))
    drawn(page)
    expect(plot).to_be_focused()
    expect(page).to_have_url(re.compile("#/history/2026-10-07/2026-10-25$"))
    page.keyboard.press("Shift+ArrowLeft")
    expect(title).to_have_text(between("2", "20 October 2026"))
    drawn(page)
    page.get_by_test_id("trend-wider").click()
    expect(title).to_have_text(between("23 September", "29 October 2026"))
    drawn(page)
    plot.focus()
    plot.scroll_into_view_if_needed()
    plot.hover()
    page.mouse.wheel(0, 240)
    expect(title).not_to_have_text(between("23 September", "29 October 2026"))
    drawn(page)


def test_one_may_zoom_before_it_is_known_how_far_back_there_is_anything(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    held: list[Route] = []

    def late(route: Route) -> None:
        held.append(route) if "start=2016-" in route.request.url else route.continue_()

    page.route("**/days?*", late)
    page.goto(f"{made_up.url}#/history/month/2026-10")
    drawn(page)
    page.get_by_test_id("trend-closer").click()
    expect(page.get_by_test_id("span-title")).to_have_text(between("9", "23 October 2026"))
    drawn(page)
    assert held
    assert watched.said == []


def test_a_range_of_minutes_is_shown_minute_by_minute(page: Page) -> None:
    go(page, "2026-11-21T11:10/2026-11-21T11:20")
    expect(page.get_by_test_id("span-title")).to_have_text("21 November 2026, 11:10 – 11:20")
    expect(page.get_by_test_id("fine-sentence")).to_contain_text("In this time: 10 min sitting.")
    expect(page.get_by_test_id("chart-trend")).to_be_hidden()
    page.get_by_test_id("fine-plot").focus()
    page.keyboard.press("Home")
    expect(page.get_by_test_id("chart-fine").get_by_test_id("chart-tip")).to_contain_text("11:10")
    page.get_by_test_id("fine-wider").click()
    expect(page.get_by_test_id("span-title")).to_have_text("21 November 2026, 11:05 – 11:25")
    drawn(page)


def test_ranges_are_typed_in_and_nonsense_is_told_beside_them(page: Page) -> None:
    page.get_by_test_id("span-from").fill("2026-11-20")
    page.get_by_test_id("span-to").fill("2026-11-10")
    page.get_by_test_id("span-show").click()
    expect(page.get_by_test_id("span-to")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#span-wrong")).to_have_text("The last day lies before the first.")
    page.get_by_test_id("span-from").fill("2026-11-05")
    page.get_by_test_id("span-show").click()
    expect(page.get_by_test_id("span-title")).to_have_text(between("5", "10 November 2026"))
    drawn(page)
    expect(page.get_by_test_id("chart-days").locator("[data-day]")).to_have_count(6)


def test_loads_answers_and_hours_are_told_and_exposure_is_said_to_be_unknown(page: Page) -> None:
    go(page, "month/2026-10")
    expect(page.get_by_test_id("loads-sentence")).to_contain_text("31 held bends (46 min)")
    expect(page.get_by_test_id("outcomes-sentence")).to_contain_text(
        "31 alerts asked for something: 15 were answered and 16 went on."
    )
    expect(page.get_by_test_id("week-hours-sentence")).to_contain_text(
        re.compile(r"you sat most on \w+ from \d\d:00 \(")
    )
    expect(page.get_by_test_id("exposure-state")).to_contain_text("is not known of this time")
    go(page, "week/2026-11-21")
    expect(page.get_by_test_id("exposure-sentence")).to_contain_text("at 20 deg or more forward")


def test_two_times_are_compared_and_too_little_is_said(page: Page) -> None:
    go(page, "month/2026-10")
    said = page.get_by_test_id("compare-sentence")
    expect(said).to_contain_text("26 days (over, 4 h or more known)")
    expect(said).to_contain_text("1 – 30 September 2026:")
    page.get_by_test_id("compare-table").click()
    rows = page.get_by_test_id("chart-compare").locator("tbody tr")
    expect(rows.first).to_contain_text("about the same")
    page.get_by_test_id("compare-with").select_option("year")
    expect(page.get_by_test_id("compare-state")).to_contain_text("Too little is known to compare.")


def test_days_that_are_not_summed_up_yet_are_counted_and_asked_for_again(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    start, _ = day_bounds(date(2026, 11, 3), BERLIN)
    late = [episode(EpisodeKind.SLOUCH, start + n * 86_400 + 40_000, 60) for n in range(9)]
    made_up.store.write(Batch(episodes=tuple(late)), now=float(T0))
    watched = look()
    watched.page.goto(f"{made_up.url}#/history/month/2026-11")
    pending = watched.page.get_by_test_id("pending")
    expect(pending).to_have_text("6 days are still being summed up and are not shown yet.")
    while made_up.store.keep_days("ada", BERLIN, now=float(T0)):
        pass
    expect(pending).to_be_hidden()
    assert watched.said == []


def test_nothing_stored_is_said_and_nothing_is_drawn(page: Page) -> None:
    go(page, "month/2019-03")
    expect(page.get_by_test_id("nothing")).to_contain_text("Nothing was stored in this time.")
    go(page, "year/2031")
    expect(page.get_by_test_id("nothing")).to_have_text("This time is still to come.")


@pytest.mark.parametrize("words", ["month/2026-10", "2026-11-21T11:10/2026-11-21T11:20"])
def test_axe_finds_nothing_in_either_theme(page: Page, words: str) -> None:
    go(page, words)
    assert flaws(page) == []
    page.emulate_media(color_scheme="dark")
    drawn(page)
    assert flaws(page, looks_only=True) == []


def test_what_is_shown_is_saved(page: Page) -> None:
    go(page, "week/2026-11-14")
    with page.expect_download() as download:
        page.get_by_test_id("days-csv").click()
    assert (
        download.value.suggested_filename == "sitwell-days-2026-11-09-to-2026-11-15-simulated.csv"
    )
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[1].startswith("2026-11-09,") and len(lines) == 8
    with page.expect_download() as download:
        page.get_by_test_id("days-svg").click()
    svg = Path(download.value.path()).read_text()
    assert "Simulated data" in svg and "class=" not in svg


@pytest.fixture
def phone(made_up: MadeUp, look: Callable[..., Any]) -> Iterator[Page]:
    """October on a phone; its console says nothing to the end."""
    watched = look(390, 844, has_touch=True, is_mobile=True)
    watched.page.goto(f"{made_up.url}#/history/month/2026-10")
    drawn(watched.page)
    at_rest(watched.page)
    yield watched.page
    assert watched.said == []


def test_two_fingers_zoom_and_one_moves_on_a_phone(phone: Page) -> None:
    page, plot = phone, phone.get_by_test_id("trend-plot")
    fingers = Fingers(page)

    def settled() -> None:
        expect(plot).not_to_have_class(re.compile(r"\bmoving\b"))
        drawn(page)

    def middle() -> tuple[float, float]:
        plot.scroll_into_view_if_needed()
        box = plot.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def days() -> tuple[date, date]:
        found = re.search(r"#/history/(\S+)/(\S+)$", page.url)
        assert found, page.url
        return date.fromisoformat(found[1]), date.fromisoformat(found[2])

    def unread() -> None:
        expect(plot.get_by_test_id("chart-tip")).to_be_hidden()

    x, y = middle()
    zoomed = ((x - 40, y), (x - 120, y)), ((x + 40, y), (x + 120, y))
    fingers.move(*zoomed, half_way=unread)
    expect(page).to_have_url(re.compile(r"#/history/\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d$"))
    unread()
    settled()
    first, last = days()
    assert 9 <= (last - first).days + 1 <= 13, "three times as close"
    assert abs((first - date(2026, 10, 16)).days + (last - date(2026, 10, 16)).days) <= 4, (
        "about the middle"
    )

    def resting() -> None:
        page.wait_for_timeout(600)
        assert days() == (first, last), "fingers that rest are not done"

    x, y = middle()
    fingers.move(((x + 60, y), (x - 60, y)), half_way=resting)
    expect(page).not_to_have_url(re.compile(f"{first}/{last}$"))
    settled()
    later, _ = days()
    assert 2 <= (later - first).days <= 6, "what lay to the right comes in"
    x, y = middle()
    fingers.move(((x - 120, y), (x - 40, y)), ((x + 120, y), (x + 40, y)))
    expect(page).not_to_have_url(re.compile(f"{later}/"))
    settled()
    wide, end = days()
    assert (end - wide).days + 1 >= 26, "as wide as before"
    x, y = middle()
    before = page.evaluate("scrollY")
    fingers.move(((x, y), (x, y - 200)))
    page.wait_for_function("(before) => scrollY > before + 50", arg=before)
    expect(page).to_have_url(re.compile(f"{wide}/{end}$"))


def test_a_tap_reads_a_day_and_opens_it_on_a_phone(phone: Page) -> None:
    page, plot = phone, phone.get_by_test_id("trend-plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    fingers = Fingers(page)
    fingers.down((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    day = plot.get_by_test_id("chart-tip").locator(".tip-time")
    expect(day).to_contain_text("October")
    fingers.up()
    expect(page).to_have_url(re.compile(r"#/day/2026-10-1\d$"))


@pytest.mark.parametrize(
    ("values", "scale", "limits"),
    [
        ([12.3, 12.9, 13.5], 3600, [12.5, 13.0, 13.5, 14.0]),
        ([6.1, 8.9], 3600, [7.0, 8.0, 9.0, 10.0]),
        ([0.0, 2.4, 9.9], 3600, [2.0, 4.0, 6.0, 8.0]),
        ([5.0, 38.0], 1, [10, 20, 30, 40]),
        ([100.0, 118.0], 1, [105, 110, 115, 120]),
        ([], 3600, [0.5, 1.0, 1.5, 2.0]),
    ],
)
def test_days_that_are_much_alike_differ_in_colour(
    made_up: MadeUp,
    look: Callable[..., Any],
    values: list[float],
    scale: int,
    limits: list[float],
) -> None:
    page = look().page
    page.goto(made_up.url)
    given = [each * scale for each in values]
    found = page.evaluate(
        "([values, scale]) => import('/js/history/grid.js').then((it) => it.limitsOf(values, { scale }))",
        [given, scale],
    )
    assert [it / scale for it in found] == limits
