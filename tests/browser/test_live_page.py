"""The page over a made-up service: what it keeps and says when things come in an odd order."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from api.views import alert_model, episode_model, now_model
from domain.alerts import AlertKind, Explanation
from domain.episodes import Episode, EpisodeKind
from storage.contract import Batch
from tests.api.service_fake import ALERT, NAN, STATUS, T0, frames
from tests.browser.made_up import MadeUp
from tests.browser.walking import stop_clock

pytestmark = pytest.mark.browser

REPEATED = replace(
    ALERT,
    said=2,
    last_said_at=T0 + 540.0,
    message="You have sat for 40 min. A minute on your feet starts a break.",
    explanation=replace(ALERT.explanation, value=2400.0, lasted_s=600),
    revision=2,
)


@pytest.fixture
def page(made_up: MadeUp, look: Callable[..., Any]) -> Iterator[Page]:
    """The page, once it has its day and its one open alert."""
    watched = look()
    watched.page.goto(made_up.url)
    expect(watched.page.get_by_test_id("alert-card")).to_have_count(1)
    expect(watched.page.get_by_test_id("seeding")).to_be_visible()
    expect(watched.page.get_by_test_id("sum-breaks")).to_have_text("1")
    yield watched.page
    assert watched.said == []


def test_an_alert_said_again_explains_what_it_says_now(made_up: MadeUp, page: Page) -> None:
    card = page.get_by_test_id("alert-card")
    card.get_by_test_id("why").click()
    expect(card.get_by_test_id("explanation")).to_contain_text("30 min")
    made_up.tell("alert", alert_model(REPEATED))
    expect(card).to_contain_text("You have sat for 40 min.")
    expect(card).to_contain_text("Said 2 times, last at 11:19.")
    expect(card.get_by_test_id("explanation")).to_be_visible()
    expect(card.get_by_test_id("explanation")).to_contain_text(
        re.compile(r"40 min.*10 min.*2 times", re.DOTALL)
    )


def test_an_older_revision_that_comes_late_changes_nothing(made_up: MadeUp, page: Page) -> None:
    card = page.get_by_test_id("alert-card")
    made_up.tell("alert", alert_model(REPEATED))
    expect(card).to_contain_text("You have sat for 40 min.")
    made_up.tell("alert", alert_model(ALERT))
    made_up.tell("alert", alert_model(replace(ALERT, id="later", episode="e9")))
    expect(card).to_have_count(2)
    expect(card.filter(has_text="40 min")).to_have_count(1)


def test_what_is_not_stored_yet_stays_when_the_day_is_loaded_anew(
    made_up: MadeUp, page: Page
) -> None:
    stretch = Episode(EpisodeKind.BREAK, "ada", T0 - 90, None, NAN, NAN, 0.0, 0.9, 60.0, "thigh")
    with page.expect_response("**/days/today"):
        made_up.tell("alert", alert_model(replace(ALERT, id="new", episode="e9")))
        made_up.tell("episode", episode_model(stretch, float(T0), made_up.service))
        made_up.tell_seeded()  # at once: a store has committed it within seconds
    expect(page.get_by_test_id("seeding")).to_be_hidden()
    page.wait_for_function("() => !window.asking")
    expect(page.get_by_test_id("alert-card")).to_have_count(2)
    expect(page.locator("#strip .break-mark")).to_have_count(2)


@pytest.mark.parametrize("kind", list(EpisodeKind))
def test_kinds_of_episodes_are_drawn_but_those_that_are_too_many_or_are_states(
    made_up: MadeUp, page: Page, kind: EpisodeKind
) -> None:
    drawn = page.locator("#strip .slouch-mark, #strip .break-mark, #strip .load-mark")
    expect(drawn).to_have_count(1)
    made = Episode(kind, "ada", T0 - 900, T0 - 600, NAN, NAN, 0.0, 0.9, 60.0, "thigh")
    made_up.tell("episode", episode_model(made, float(T0), made_up.service))
    quiet = {EpisodeKind.SITTING, EpisodeKind.NOT_WORN, EpisodeKind.SHIFT, EpisodeKind.TURN}
    expect(drawn).to_have_count(1 if kind in quiet else 2)


def test_the_cursor_tells_twist_and_cadence_where_they_are_known(
    made_up: MadeUp, page: Page
) -> None:
    minute = frames("ada", T0 - 3660, 60)
    known = replace(minute, twist_deg=np.full(60, 12.2), cadence_spm=np.full(60, 108.0))
    made_up.store.write(Batch(frames=(known,)), now=float(T0))
    page.reload()
    plot = page.locator("#plot")
    expect(plot).to_have_attribute("aria-valuetext", re.compile("No data"))
    plot.focus()
    page.keyboard.press("End")
    told = [plot.get_attribute("aria-valuetext") or ""]
    while len(told) < 90 and "Twist" not in told[-1]:
        page.keyboard.press("ArrowLeft")
        told.append(plot.get_attribute("aria-valuetext") or "")
    assert "Twist 12 deg to your left, 108 steps a minute" in told[-1]
    assert not any("twist" in each.lower() or "steps" in each for each in told[:-1])


def test_the_count_of_breaks_follows_a_break_once_it_is_stored(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    page.clock.install()
    page.goto(made_up.url)
    expect(page.get_by_test_id("sum-breaks")).to_have_text("1")
    stop_clock(page)
    stretch = Episode(EpisodeKind.BREAK, "ada", T0 - 90, None, NAN, NAN, 0.0, 0.9, 60.0, "thigh")
    made_up.tell("episode", episode_model(stretch, float(T0), made_up.service))
    made_up.tell("alert", alert_model(replace(ALERT, id="after", episode="e9")))
    expect(page.get_by_test_id("alert-card")).to_have_count(2)  # and so it has heard of the break
    page.clock.run_for(1000)  # the store commits once a second
    made_up.store.write(Batch(episodes=(stretch,)), now=float(T0))
    expect(page.get_by_test_id("sum-breaks")).to_have_text("1")
    page.clock.run_for(1000)
    expect(page.get_by_test_id("sum-breaks")).to_have_text("2")
    assert watched.said == []


def test_sitting_counts_from_its_bout_as_the_clock_and_the_alert_do(
    made_up: MadeUp, page: Page
) -> None:
    fidgeted = replace(STATUS, activity_since=T0 - 120, lean_deg=17.0)
    made_up.tell("now", now_model(made_up.service, "ada", fidgeted))
    expect(page.get_by_test_id("lean")).to_contain_text("17 deg")
    page.wait_for_timeout(1000)  # the headline is told at the page's next tick
    expect(page.get_by_test_id("since")).to_have_text("since 10:39")
    expect(page.get_by_test_id("time-in-state")).to_have_text(re.compile(r"^31\s+min"))


def test_a_figure_that_is_not_known_is_said_to_be_unknown(made_up: MadeUp, page: Page) -> None:
    lean = Explanation("lean_deg", NAN, NAN, "deg", 31, "", NAN)
    slouch = replace(ALERT, id="s1", episode="e9", kind=AlertKind.SLOUCH, explanation=lean)
    made_up.tell("alert", alert_model(slouch))
    card = page.locator('[data-testid="alert-card"][data-alert="s1"]')
    card.get_by_test_id("why").click()
    expect(card.get_by_test_id("explanation").locator("dd")).to_have_text(
        ["unknown", "unknown", "31 s", "unknown", "unknown", "once"]
    )


def test_alerts_about_sensors_are_shown_and_answered_in_their_own_words(
    made_up: MadeUp, page: Page
) -> None:
    battery = Explanation("battery_percent", 12.0, 15.0, "%", 0, "upper_back", NAN)
    silent = Explanation("silent_s", 2700.0, 1800.0, "s", 900, "thigh", 1.0)
    low = replace(ALERT, id="b1", episode="C0:01", kind=AlertKind.LOW_BATTERY, explanation=battery)
    lost = replace(ALERT, id="b2", episode="C0:02", kind=AlertKind.SENSOR_LOST, explanation=silent)
    for alert, answer, figures in (
        (low, "I'll charge it", ["12 %", "15 %", "just reached", "upper back", "once"]),
        (lost, "I'll look for it", ["45 min", "30 min", "15 min", "thigh", "once"]),
    ):
        made_up.tell("alert", alert_model(alert))
        card = page.locator(f'[data-testid="alert-card"][data-alert="{alert.id}"]')
        expect(card.get_by_test_id("acknowledge")).to_have_text(answer)
        expect(card.get_by_test_id("snooze")).to_have_text("In 60 min")
        card.get_by_test_id("why").click()
        expect(card.get_by_test_id("explanation").locator("dd")).to_have_text(figures)


def test_the_questions_do_not_wait_for_the_rest_of_the_page(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    held: list[Any] = []
    asked: list[str] = []
    page.route("**/js/main.js", lambda route: held.append(route))
    page.on("request", lambda it: asked.append(it.url))
    page.goto(made_up.url, wait_until="commit")
    until = time.monotonic() + 20
    while not (held and any("/series?" in it for it in asked)):
        assert time.monotonic() < until, asked
        page.wait_for_timeout(50)
    expect(page.get_by_test_id("state")).to_have_text("Connecting")
    for each in held:
        each.continue_()
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    expect(page.locator("[data-testid=strip-svg] [data-state]").first).to_be_attached()
    assert sum(it.endswith("/api/v1/wearers") for it in asked) == 1
    assert sum("/api/v1/live" in it for it in asked) == 1
    assert watched.said == []
