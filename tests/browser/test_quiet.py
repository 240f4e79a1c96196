"""Pausing alerts on the page, and what the page says of how they are answered."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from api.views import alert_model
from domain.alerts import AlertKind
from tests.api.service_fake import ALERT
from tests.browser.made_up import MadeUp
from tests.browser.walking import hears

pytestmark = pytest.mark.browser


@pytest.fixture
def page(made_up: MadeUp, look: Callable[..., Any]) -> Iterator[Page]:
    """Now, with nothing paused; its console says nothing to the end."""
    watched = look()
    watched.page.goto(made_up.url)
    expect(watched.page.get_by_test_id("quiet-words")).to_have_text("Pause alerts")
    yield watched.page
    assert watched.said == []


def test_alerts_are_paused_and_resumed_with_the_keyboard(page: Page) -> None:
    expect(page.get_by_test_id("pause-60")).to_be_hidden()
    page.get_by_test_id("quiet-words").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("pause-30")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("quiet-words")).to_be_focused()
    expect(page.get_by_test_id("pause-60")).to_be_hidden()
    page.keyboard.press("Enter")
    page.get_by_test_id("pause-60").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("quiet-words")).to_have_text("Alerts are paused until 12:10.")
    expect(page.get_by_test_id("resume")).to_be_focused()
    expect(page.get_by_test_id("announce")).to_have_text("Alerts are paused until 12:10.")
    page.reload()
    expect(page.get_by_test_id("quiet-words")).to_have_text("Alerts are paused until 12:10.")
    page.get_by_test_id("resume").click()
    expect(page.get_by_test_id("quiet-words")).to_have_text("Pause alerts")
    expect(page.get_by_test_id("pause-30")).to_be_focused()


def test_an_answer_from_before_a_pause_does_not_take_it_back(made_up: MadeUp, page: Page) -> None:
    hears(page)
    late: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        late.append((route, route.fetch())) if not late else route.continue_()

    page.route("**/quiet", hold)
    with page.expect_request("**/quiet"):
        made_up.tell_seeded()
    page.get_by_test_id("quiet-words").click()
    page.get_by_test_id("pause-60").click()
    expect(page.get_by_test_id("quiet-words")).to_have_text("Alerts are paused until 12:10.")
    route, answer = late[0]
    route.fulfill(response=answer)
    page.wait_for_function("() => !window.asking")
    words = page.get_by_test_id("quiet-words").text_content()  # before it asks anew
    assert words == "Alerts are paused until 12:10."


def test_every_kind_of_alert_has_its_sign_and_its_words(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    page.goto(made_up.url)
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    for kind in AlertKind:
        alert = replace(ALERT, id=kind.value, kind=kind, message=f"It is {kind.value}.")
        made_up.tell("alert", alert_model(alert))
    cards = page.get_by_test_id("alert-card")
    expect(cards).to_have_count(1 + len(AlertKind))
    signs = page.evaluate(
        "[...document.querySelectorAll('[data-testid=alert-card] svg.sign path')]"
        ".map((it) => it.getAttribute('d'))"
    )
    assert len(set(signs)) == len(AlertKind)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert watched.said == []
