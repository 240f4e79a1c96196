"""The page of a day: one time axis and one cursor for all rows, and why each thing says what it says."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from analysis.languages import WORDINGS
from analysis.settings import AnalysisSettings
from analysis.version import ALGORITHM_VERSION
from api.views import alert_model, episode_model
from domain.alerts import AlertKind, Explanation, Outcome
from domain.context import AnalysisContext, ReferenceInForce, SensorInForce
from domain.episodes import Episode, EpisodeKind
from storage.contract import Batch
from tests.api.service_fake import ALERT, CALIBRATION, EPISODES, NAN, SENSOR, T0
from tests.browser.filled_day import DAY, ROWS, SLOUCH, fill_day
from tests.browser.made_up import MadeUp
from tests.browser.test_languages import left_in_english
from tests.browser.walking import at_rest, hears

pytestmark = pytest.mark.browser

IN_FORCE = AnalysisContext(
    "ada", T0 - 86_400, ALGORITHM_VERSION, asdict(AnalysisSettings(slouch_fallback_deg=9.0)),
    (SensorInForce(SENSOR.id, "Clip", SENSOR.driver, SENSOR.placement, ReferenceInForce.of(
        replace(CALIBRATION, slouch_deg=None)), ("acc",)),),
)  # fmt: skip


@pytest.fixture
def filled(made_up: MadeUp) -> MadeUp:
    fill_day(made_up)
    return made_up


@pytest.fixture
def page(filled: MadeUp, look: Callable[..., Any]) -> Iterator[Page]:
    watched = look()
    watched.page.goto(f"{filled.url}#/day/{DAY}")
    expect(watched.page.get_by_test_id("day-strip")).to_be_visible()
    expect(watched.page.get_by_test_id("day-lean-plot").locator("svg")).to_be_visible()
    yield watched.page
    assert watched.said == []


def middle(page: Page, selector: str) -> tuple[float, float]:
    """Where the middle of a mark is, which may be drawn anew at any time."""
    at_rest(page)
    expect(page.locator(selector).first).to_be_attached()
    x, y = page.evaluate(
        """(selector) => {
          const mark = document.querySelector(selector);
          mark.scrollIntoView({ block: "center" });
          const box = mark.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        }""",
        selector,
    )
    return x, y


def test_every_row_says_what_it_shows_and_has_its_table_and_its_files(page: Page) -> None:
    for name in [*ROWS, "day-bouts"]:
        row = page.get_by_test_id(f"chart-{name}")
        expect(row.get_by_test_id(f"{name}-sentence")).not_to_be_empty()
        row.get_by_test_id(f"{name}-table").click()
        expect(row.locator("tbody tr").first, name).to_be_visible()
    says = page.get_by_test_id("day-states-sentence")
    expect(says).to_contain_text(
        "From 00:00 to 11:10: 1 h 00 sitting, 10 min standing and 10 h 00 without data."
    )
    expect(page.get_by_test_id("day-shifts-sentence")).to_contain_text(
        "23 changes of posture in 1 h 00 of sitting, 23 an hour. The band is 20 to 30"
    )
    expect(page.get_by_test_id("day-loads-sentence")).to_contain_text(
        "Held bend: 1, 8 min in all. Twists cannot be measured with what was worn."
    )
    expect(page.get_by_test_id("day-bouts-sentence")).to_contain_text("for 55 min at the longest")
    expect(page.get_by_test_id("day-bouts-sentence")).to_contain_text(
        "You took 1 break, 1 of 5 min"
    )
    with page.expect_download() as saved:
        page.get_by_test_id("day-hours-csv").click()
    assert saved.value.suggested_filename == f"sitwell-day-hours-{DAY}-simulated.csv"
    text = saved.value.path().read_text()
    assert text.splitlines()[0].startswith("Hour,")
    with page.expect_download() as saved:
        page.get_by_test_id("day-states-svg").click()
    assert "fill" in saved.value.path().read_text()


def test_what_is_missing_is_drawn_as_missing_and_never_as_sitting(page: Page) -> None:
    def seconds(hour: str) -> dict[str, float]:
        found: dict[str, float] = page.evaluate(
            """(hour) => Object.fromEntries(
              [...document.querySelectorAll(`[data-hour="${hour}"][data-state]`)]
                .map((it) => [it.dataset.state, Math.round(it.getAttribute("height") / 2)]))""",
            hour,
        )
        return found

    strip = page.get_by_test_id("day-strip")
    for row in (strip, page.get_by_test_id("day-hours-plot")):
        expect(row.locator('[data-state="nodata"]').first).to_be_attached()
        expect(row.locator('[data-state="sitting"]').first).to_be_attached()
    assert seconds("09:00") == {"standing": 10, "nodata": 50}
    assert seconds("03:00") == {"nodata": 60}
    width = strip.locator('[data-state="sitting"]').evaluate_all(
        "(all) => all.reduce((sum, it) => sum + Number(it.getAttribute('width')), 0)"
    )
    whole = page.get_by_test_id("day-states-plot").evaluate("(it) => it.clientWidth - 60")
    assert width == pytest.approx(whole / 24, rel=0.03)


def test_one_cursor_reads_all_rows(page: Page) -> None:
    page.mouse.move(*middle(page, ".slouch-mark"))
    tip = page.get_by_test_id("day-states-plot").get_by_test_id("day-tip")
    expect(tip).to_contain_text("Sitting")
    expect(tip).to_contain_text("Slouch of 10 min")
    lines = page.locator(".day-rows .cursor:not([hidden])")
    expect(lines).to_have_count(len(ROWS))
    places = lines.evaluate_all("(all) => all.map((it) => it.getBoundingClientRect().x)")
    assert max(places) - min(places) < 1
    expect(page.locator(".day-rows .tip:not([hidden])")).to_have_count(1)
    page.mouse.move(*middle(page, '[data-testid="day-loads-plot"] .load-mark'))
    expect(page.get_by_test_id("day-loads-plot").get_by_test_id("day-tip")).to_contain_text(
        "Held bend"
    )


def test_a_click_explains_a_mark_beside_it_and_escape_goes_back(page: Page) -> None:
    page.mouse.click(*middle(page, ".slouch-mark"))
    why = page.get_by_test_id("day-why")
    expect(why.get_by_role("heading", level=3)).to_have_text("Slouch at 10:45")
    expect(why).to_contain_text("You leaned 14 deg forward of your upright for 10 min")
    expect(why).to_contain_text("over 9 deg")
    expect(why).to_contain_text("The limits of then were not kept")
    expect(page).to_have_url(re.compile(f"#/day/{DAY}/episode/{SLOUCH.id}$"))
    page.keyboard.press("Escape")
    expect(why).to_be_hidden()
    expect(page).to_have_url(re.compile(f"#/day/{DAY}$"))
    page.mouse.click(*middle(page, '[data-testid="day-loads-plot"] .load-mark'))
    expect(why.get_by_role("heading", level=3)).to_have_text("Held bend at 10:30")
    page.get_by_test_id("day-why-close").click()
    page.mouse.click(*middle(page, '[data-alert="a0"]'))
    expect(why).to_contain_text("You have sat for 30 min.")
    expect(why.get_by_test_id("explanation")).to_be_visible()


def test_why_is_said_in_german(filled: MadeUp, look: Callable[..., Any]) -> None:
    """All of it, as the service says it; not a sentence of its English."""
    filled.store.write(Batch(contexts=(IN_FORCE,)), now=float(T0))
    watched = look(locale="de-DE")
    page = watched.page
    page.goto(f"{filled.url}#/day/{DAY}/episode/{SLOUCH.id}")
    why = page.get_by_test_id("day-why")
    expect(why.get_by_role("heading", level=3)).to_have_text("Vorgeneigt um 10:45")
    expect(why).to_contain_text("Du warst 10 min lang 14 Grad weiter vorn")
    expect(why).to_contain_text("die allgemeine Grenze")
    expect(why).to_contain_text("Grad·min")
    for mark, said in (
        ('[data-testid="day-strip"] [data-state="standing"]', "Du hast gestanden."),
        ('[data-testid="day-loads-plot"] .load-mark', "Du hast 8 min 20 s lang eine Beugung von"),
        ('[data-testid="day-strip"] [data-state="sitting"]', "Du hast gesessen."),
    ):
        page.mouse.click(*middle(page, mark))
        expect(why).to_contain_text(said)
        assert left_in_english(page, "de") == [], said
        english = [key for key in WORDINGS["de"].templates if "{" not in key and len(key) > 12]
        text = why.inner_text()
        assert [it for it in english if it in text] == [], said
    assert watched.said == []


def test_the_keyboard_reads_zooms_and_asks_why(page: Page) -> None:
    slider = page.get_by_test_id("day-slider")
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^11:10, "))
    for _ in range(4):
        page.keyboard.press("PageDown")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^\d\d:\d\d, "))
    expect(page.locator('input[name="day-range"][value="day"]')).to_be_checked()
    page.keyboard.press("+")
    expect(page.locator('input[name="day-range"][value="day"]')).not_to_be_checked()
    expect(page.get_by_test_id("day-states-sentence")).not_to_contain_text("From 00:00")
    page.keyboard.press("0")
    expect(page.get_by_test_id("day-states-sentence")).to_contain_text("From 00:00")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    why = page.get_by_test_id("day-why")
    expect(why).to_be_visible()
    expect(why.get_by_role("heading", level=3)).to_be_focused()
    page.keyboard.press("Escape")
    expect(slider).to_be_focused()


def test_a_second_of_the_strip_is_explained_and_one_that_was_not_measured_says_so(
    page: Page,
) -> None:
    why = page.get_by_test_id("day-why")
    x, y = middle(page, '[data-testid="day-strip"] [data-state="standing"]')
    page.mouse.click(x, y)
    expect(why).to_contain_text("You were standing.")
    page.mouse.click(x - 100, y)
    expect(why).to_contain_text("Nothing was measured in this second")


def test_the_wheel_zooms_where_it_points_and_dragging_moves(page: Page) -> None:
    says = page.get_by_test_id("day-states-sentence")
    x, y = middle(page, ".slouch-mark")
    page.mouse.move(x, y + 20)
    page.keyboard.down("Control")
    for _ in range(8):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    expect(says).to_have_text(re.compile(r"From (09|10):\d\d to 11:10"))
    assert abs(middle(page, ".slouch-mark")[0] - x) < 40, "what is pointed at stays"
    said = says.text_content()
    page.mouse.move(x, y + 20)
    page.mouse.down()
    page.mouse.move(x + 120, y + 20, steps=4)
    page.mouse.up()
    expect(says).not_to_have_text(said or "")
    expect(page.get_by_test_id("day-why")).to_be_hidden()
    page.locator('input[name="day-range"][value="1h"]').check()
    expect(page.locator('input[name="day-range"][value="1h"]')).to_be_checked()


def test_one_goes_from_day_to_day_by_button_arrow_and_date(filled: MadeUp, page: Page) -> None:
    title = page.get_by_test_id("day-title")
    expect(title).to_have_text("Sunday 22 November")
    page.get_by_test_id("day-before").click()
    expect(title).to_have_text("Saturday 21 November")
    expect(page.get_by_test_id("day-empty")).to_contain_text("Nothing was measured on this day.")
    expect(page.get_by_test_id("day-strip")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    expect(title).to_have_text("Friday 20 November")
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text("Saturday 21 November")
    page.get_by_test_id("day-input").fill(DAY)
    page.get_by_test_id("day-input").dispatch_event("change")
    expect(title).to_have_text("Sunday 22 November")
    expect(page.get_by_test_id("day-strip")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text("Sunday 22 November")  # there is no tomorrow yet
    page.go_back()
    expect(title).to_have_text("Saturday 21 November")


def test_a_link_to_an_alert_opens_its_explanation(filled: MadeUp, look: Callable[..., Any]) -> None:
    watched = look(390, 844)
    page = watched.page
    page.goto(f"{filled.url}#/day/{DAY}/alert/a1")
    why = page.get_by_test_id("day-why")
    expect(why).to_contain_text("You have sat for 30 min.")
    expect(why.get_by_test_id("snooze")).to_be_visible()
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wider) <= 0
    assert watched.said == []


def test_alerts_of_the_day_are_listed_with_what_came_of_them_and_what_was_kept_back(
    filled: MadeUp, page: Page
) -> None:
    expect(page.get_by_test_id("alerts-count")).to_have_text("1 open, 1 closed")
    item = page.locator('[data-testid="alert-item"][data-alert="a0"]')
    expect(item.get_by_test_id("alert-item-outcome")).to_have_text("break taken after 2 min")
    kept = page.get_by_test_id("day-kept")
    kept.locator("summary").click()
    expect(kept.locator("li")).to_have_text("10:46 Slouch: You paused alerts.")
    battery = Explanation("battery_percent", 12.0, 15.0, "%", 0, "upper_back", NAN)
    silent = Explanation("silent_s", 2700.0, 1800.0, "s", 900, "thigh", 1.0)
    low = replace(ALERT, id="b1", episode="C0:01", kind=AlertKind.LOW_BATTERY, explanation=battery)
    lost = replace(ALERT, id="b2", episode="C0:02", kind=AlertKind.SENSOR_LOST, explanation=silent)
    ended = {"closed_at": T0 + 5.0, "outcome": Outcome.ENDED, "revision": 2}
    hears(page)
    for alert, word in ((low, "charged"), (lost, "heard again")):
        filled.tell("alert", alert_model(alert))
        filled.tell("alert", alert_model(replace(alert, **ended)))
        told = page.locator(f'[data-testid="alert-item"][data-alert="{alert.id}"]')
        expect(told.get_by_test_id("alert-item-outcome")).to_have_text(word)


def test_today_goes_on_by_itself_also_over_a_break_of_the_link(
    filled: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    page.goto(f"{filled.url}#/day")
    expect(page.get_by_test_id("alerts-count")).to_have_text("1 open, 1 closed")
    hears(page)
    page.context.set_offline(True)  # for as long as this machine takes
    filled.cut()
    expect(page.get_by_test_id("announce")).to_have_text("The service does not answer.")
    taken = replace(ALERT, closed_at=T0 + 5.0, outcome=Outcome.TAKEN, revision=2)
    filled.tell("alert", alert_model(taken), missed=True)
    stretch = Episode(EpisodeKind.BREAK, "ada", T0 - 90, None, NAN, NAN, 0.0, 0.9, 60.0, "thigh")
    filled.tell("episode", episode_model(stretch, float(T0), filled.service), missed=True)
    page.context.set_offline(False)
    expect(page.get_by_test_id("alerts-count")).to_have_text("0 open, 2 closed")
    breaks = page.get_by_test_id("day-strip").locator(".break-mark")
    expect(breaks).to_have_count(sum(it.kind is EpisodeKind.BREAK for it in EPISODES) + 1)
    assert [it for it in watched.said if "ERR_" not in it] == []


@pytest.mark.parametrize(
    ("status", "says"),
    [(403, "You may not see this page."), (503, "This day could not be loaded.")],
)
def test_a_day_that_cannot_be_had_says_so(
    filled: MadeUp, look: Callable[..., Any], status: int, says: str
) -> None:
    watched = look()
    page = watched.page
    page.goto(f"{filled.url}#/day/{DAY}")
    expect(page.get_by_test_id("day-strip")).to_be_visible()
    problem = {"type": "about:blank", "title": "No", "status": status, "detail": "Because."}

    def refuse(route: Route) -> None:
        route.fulfill(
            status=status, content_type="application/problem+json", body=json.dumps(problem)
        )

    page.route("**/days/2026-11-21", refuse)
    page.get_by_test_id("day-before").click()
    broken = page.get_by_test_id("day-broken")
    expect(broken).to_contain_text(says)
    expect(broken).to_contain_text("Because.")
    again = broken.get_by_role("button", name="Try again")
    expect(again).to_have_count(0 if status == 403 else 1)
    page.unroute("**/days/2026-11-21")
    if status == 503:
        again.click()
        expect(page.get_by_test_id("day-title")).to_have_text("Saturday 21 November")
    assert [it for it in watched.said if str(status) not in it] == []
