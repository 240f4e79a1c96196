"""Pausing alerts on the page, and what the page says of how they are answered."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from api.views import alert_model
from domain.alerts import AlertKind
from tests.api.service_fake import ALERT
from tests.browser.made_up import MadeUp

pytestmark = pytest.mark.browser


def test_alerts_are_paused_and_resumed_with_the_keyboard(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    page.goto(made_up.url)
    expect(page.get_by_test_id("quiet-words")).to_have_text("Pause alerts")
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
    assert watched.said == []


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
