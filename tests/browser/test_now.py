"""Now: the figure that moves with its wearer, changes of posture, sensors, and what is not so any more."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from api.views import alert_model, episode_model, now_model, sensor_model
from domain.alerts import Outcome
from domain.episodes import Episode, EpisodeKind
from domain.link import LinkReason, LinkState
from domain.posture import Quality
from tests.api.service_fake import ALERT, SENSOR, STATUS, T0
from tests.browser.made_up import MadeUp
from tests.browser.walking import hears, stop_clock

pytestmark = pytest.mark.browser

#: How far the trunk leans forward as it is drawn, deg.
DRAWN = """() => {
  const path = document.querySelector(".figure .side .trunk").getAttribute("d");
  const [a, b] = path.match(/-?[\\d.]+ -?[\\d.]+/g).map((it) => it.split(" ").map(Number));
  return Math.atan2(b[0] - a[0], a[1] - b[1]) * 180 / Math.PI;
}"""
#: What a page in the background is told.
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
PATIENCE_S = 30.0


@pytest.fixture
def page(made_up: MadeUp, look: Callable[..., Any]) -> Iterator[Page]:
    watched = look()
    watched.page.goto(made_up.url)
    expect(watched.page.get_by_test_id("alert-card")).to_have_count(1)
    expect(watched.page.get_by_test_id("sum-breaks")).to_have_text("1")
    yield watched.page
    assert watched.said == []


def wait_for(page: Page, so: Callable[[], bool]) -> None:
    for _ in range(int(PATIENCE_S * 20)):
        if so():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came to be so")


def watched_by(made_up: MadeUp, page: Page, n: int) -> None:
    wait_for(page, lambda: made_up.leans.clients == n)


def test_the_figure_leans_as_the_wearer_does_and_the_figures_with_it(
    made_up: MadeUp, page: Page
) -> None:
    watched_by(made_up, page, 1)
    made_up.tell_leans(12.0, 15.0, 18.0, 20.0, 22.0, side_deg=6.0)
    wait_for(page, lambda: abs(page.evaluate(DRAWN) - 22) < 0.5)
    expect(page.get_by_test_id("lean")).to_contain_text("17 deg")
    expect(page.get_by_test_id("side")).to_have_text("6 deg to your right")
    later = replace(STATUS, lean_deg=3.0, confidence=0.5)
    made_up.tell("now", now_model(made_up.service, "ada", later))
    expect(page.get_by_test_id("confidence")).to_contain_text("50 %")
    made_up.tell_leans(-5.0, -5.0)
    wait_for(page, lambda: abs(page.evaluate(DRAWN) + 5) < 0.5)
    expect(page.get_by_test_id("lean")).to_contain_text("5 deg behind your upright")


def test_nothing_is_streamed_or_drawn_while_nobody_looks(made_up: MadeUp, page: Page) -> None:
    watched_by(made_up, page, 1)
    wait_for(page, lambda: abs(page.evaluate(DRAWN) - 12.4) < 0.1)
    page.evaluate(HIDE, True)
    watched_by(made_up, page, 0)
    before = page.evaluate(DRAWN)
    made_up.tell("now", now_model(made_up.service, "ada", replace(STATUS, lean_deg=31.0)))
    made_up.tell("alert", alert_model(replace(ALERT, id="a7", episode="e7")))
    page.wait_for_timeout(300)
    assert page.evaluate(DRAWN) == before
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    expect(page.get_by_test_id("lean")).not_to_contain_text("31 deg")
    page.evaluate(HIDE, False)
    expect(page.get_by_test_id("alert-card")).to_have_count(2)
    expect(page.get_by_test_id("lean")).to_contain_text("31 deg")
    watched_by(made_up, page, 1)


def test_who_looks_away_while_the_stream_is_being_opened_leaves_no_error(
    made_up: MadeUp, page: Page
) -> None:
    watched_by(made_up, page, 1)
    page.evaluate(HIDE, True)
    watched_by(made_up, page, 0)
    with page.expect_websocket() as opened:
        page.evaluate(f"() => {{ const hide = {HIDE}; hide(false); hide(true); }}")
    wait_for(page, opened.value.is_closed)
    watched_by(made_up, page, 0)


def test_another_page_needs_no_lean(made_up: MadeUp, page: Page) -> None:
    watched_by(made_up, page, 1)
    page.get_by_test_id("to-more").click()
    watched_by(made_up, page, 0)
    page.get_by_test_id("to-now").click()
    watched_by(made_up, page, 1)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_reduced_motion_stops_the_figure_at_each_reading(
    made_up: MadeUp, look: Callable[..., Any], motion: str
) -> None:
    watched = look(reduced_motion=motion)
    page = watched.page
    page.goto(made_up.url)
    expect(page.get_by_test_id("lean")).to_contain_text("12 deg")
    wait_for(page, lambda: abs((page.evaluate(DRAWN) or 0) - 12.4) < 0.1)
    page.evaluate(
        f"""() => {{
          window.drawn = [];
          new MutationObserver(() => drawn.push(({DRAWN})())).observe(
            document.querySelector("#figure"), {{ subtree: true, attributes: true, childList: true }});
        }}"""
    )
    made_up.tell("now", now_model(made_up.service, "ada", replace(STATUS, lean_deg=25.0)))
    wait_for(page, lambda: abs(page.evaluate(DRAWN) - 25) < 0.1)
    between = [it for it in page.evaluate("drawn") if 12.6 < it < 24.8]
    if motion == "reduce":
        assert between == [], "at once"
        assert made_up.leans.clients == 0, "and not ten times a second"
    else:
        assert between
    assert watched.said == []


def test_changes_of_posture_are_counted_against_the_sitting_in_which_they_can_be_seen(
    made_up: MadeUp, page: Page
) -> None:
    words = page.get_by_test_id("shift-words")
    expect(words).to_have_text("0 changes of posture in 1 h 00 of sitting")
    expect(page.locator("#shift-dots .on")).to_have_count(0)
    for n in range(14):
        start = T0 - 3300 + 200 * n
        shift = Episode(
            EpisodeKind.SHIFT, "ada", start, start + 5, 9.0, 9.0, 0.0, 0.9, 5.0, "upper_back"
        )
        made_up.tell("episode", episode_model(shift, float(T0), made_up.service))
    expect(words).to_have_text("14 changes of posture in 1 h 00 of sitting")
    expect(page.locator("#shift-dots .on")).to_have_count(3)
    expect(page.get_by_test_id("shifts")).to_contain_text("20 to 30 an hour")


def test_the_sensors_stand_in_a_line_with_battery_and_link(made_up: MadeUp, page: Page) -> None:
    sensor = page.get_by_test_id("sensor")
    expect(sensor).to_have_text(re.compile(r"Upper back.*84 %.*signal \u221261 dBm"))
    docked = replace(made_up.service.links["C0:01"], charging=True)
    made_up.tell("sensor", sensor_model(made_up.service, SENSOR, None, docked))
    expect(sensor).to_have_text(re.compile(r"84 %, charging"))
    silent = replace(
        docked,
        state=LinkState.BACKING_OFF, since=T0 - 180.0, reason=LinkReason.NOT_HEARD,
    )  # fmt: skip
    made_up.tell("sensor", sensor_model(made_up.service, SENSOR, None, silent))
    expect(sensor).to_contain_text("Trying again soon 3 min")
    expect(sensor).not_to_contain_text("charging")
    expect(sensor).to_have_attribute("data-state", "backing_off")


def test_what_is_grave_is_told_unasked_and_the_rest_when_asked(made_up: MadeUp, page: Page) -> None:
    unknown = page.get_by_test_id("unknown")
    expect(unknown).to_be_hidden()
    page.get_by_test_id("unknown-toggle").click()
    expect(unknown).to_contain_text(STATUS.reasons[0])
    page.get_by_test_id("unknown-toggle").click()
    expect(unknown).to_be_hidden()
    slipped = replace(STATUS, quality=Quality.REFERENCE_SHIFTED, reasons=("It has slipped.",))
    made_up.tell("now", now_model(made_up.service, "ada", slipped))
    expect(unknown).to_be_visible()
    expect(unknown).to_have_text("It has slipped.")


def test_an_old_reading_is_grey_within_three_seconds_and_says_why(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    page.clock.install()
    page.goto(made_up.url)
    expect(page.get_by_test_id("lean")).to_contain_text("12 deg")
    hears(page)
    stop_clock(page)
    made_up.tell("now", now_model(made_up.service, "ada", replace(STATUS, lean_deg=13.0)))
    expect(page.get_by_test_id("lean")).to_contain_text("13 deg")
    page.clock.run_for(500)
    expect(page.get_by_test_id("now")).not_to_have_class(re.compile(r"\bstale\b"))
    page.clock.run_for(2500)
    expect(page.get_by_test_id("now")).to_have_class(re.compile(r"\bstale\b"))
    expect(page.get_by_test_id("stale-notice")).to_contain_text("No data from upper back for")
    made_up.tell("now", now_model(made_up.service, "ada", replace(STATUS, lean_deg=14.0)))
    expect(page.get_by_test_id("lean")).to_contain_text("14 deg")
    page.clock.run_for(500)
    expect(page.get_by_test_id("stale-notice")).to_be_hidden()
    expect(page.get_by_test_id("now")).not_to_have_class(re.compile(r"\bstale\b"))
    assert watched.said == []


def test_what_was_missed_is_caught_up_with_after_a_break_of_the_link(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    seen: list[str | None] = []
    page.on(
        "response",
        lambda it: (
            seen.append(it.request.all_headers().get("last-event-id"))
            if "/live?" in it.url
            else None
        ),
    )
    page.goto(made_up.url)
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    watched_by(made_up, page, 1)
    made_up.tell("now", now_model(made_up.service, "ada", replace(STATUS, lean_deg=13.0)))
    expect(page.get_by_test_id("lean")).to_contain_text("13 deg")
    page.context.set_offline(True)  # for as long as this machine takes
    made_up.cut()
    wait_for(page, lambda: made_up.hub.clients == 0)
    expect(page.get_by_test_id("announce")).to_have_text("The service does not answer.")
    closed = replace(ALERT, closed_at=T0 + 5.0, outcome=Outcome.TAKEN, revision=2)
    another = replace(ALERT, id="a9", episode="e9", message="Another one.")
    made_up.tell("alert", alert_model(closed), missed=True)
    made_up.tell("alert", alert_model(another), missed=True)
    page.context.set_offline(False)
    expect(page.get_by_test_id("announce")).to_have_text("Another one.")
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    expect(page.get_by_test_id("alert-card")).to_contain_text("Another one.")
    assert seen == [None, "1000"], "the event that it saw last"
    assert [it for it in watched.said if "ERR_" not in it] == []


def test_what_rounds_to_nothing_has_no_sign(page: Page) -> None:
    said = page.evaluate(
        "import('/js/words.js').then((it) => [-0.4, -0, 0.2, -1.6].map((n) => it.degrees(n)))"
    )
    assert said == ["0 deg", "0 deg", "0 deg", "\u22122 deg"]
