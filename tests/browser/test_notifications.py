"""Notifications of the browser, with its real permission: given, not given, and refused when asked."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from api.views import alert_model
from tests.api.service_fake import ALERT, T0
from tests.browser.made_up import MadeUp
from tests.browser.walking import hears, until

pytestmark = pytest.mark.browser

#: Every notification that is made is remembered; and whether anybody looks is for the test to say.
SPY = """
window.made = [];
const Real = window.Notification;
window.Notification = class extends Real {
  constructor(title, options) { super(title, options); made.push({ title, ...options }); }
};
const shown = ServiceWorkerRegistration.prototype.showNotification;
ServiceWorkerRegistration.prototype.showNotification = function (title, options) {
  made.push({ title, ...options });
  return (window.showing = (window.first ?? Promise.resolve()).then(() => shown.call(this, title, options)));
};
Object.defineProperty(document, "hidden", { get: () => window.away === true });
"""
#: Asked once, somebody says no, as the browser then remembers.
REFUSING = """
let answer = "default";
Object.defineProperty(Notification, "permission", { get: () => answer });
window.asked = 0;
Notification.requestPermission = async () => {
  asked += 1;
  return (answer = "denied");
};
"""
FRESH = replace(ALERT, id="n1", message="You leaned 14 deg forward of your upright for 46 s.")


def opened(made_up: MadeUp, watched: Any, *scripts: str) -> Page:
    """The settings of the browser."""
    page: Page = watched.page
    for script in (SPY, *scripts):
        page.add_init_script(script)
    page.goto(f"{made_up.url}#/settings")
    expect(page.get_by_test_id("notifying-words")).not_to_be_empty()
    return page


def tell(made_up: MadeUp, page: Page, **other: Any) -> None:
    """An alert that opens while nobody looks."""
    hears(page)
    page.evaluate("window.away = true")
    made_up.tell("alert", alert_model(replace(FRESH, **other)))


def allowed(context: BrowserContext, made_up: MadeUp) -> None:
    context.grant_permissions(["notifications"], origin=made_up.url.split("/?")[0])


def test_an_alert_is_shown_by_a_browser_that_allows_it(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    allowed(watched.page.context, made_up)
    page = opened(made_up, watched)
    assert page.evaluate("Notification.permission") == "granted"
    switch = page.get_by_test_id("notifying")
    expect(switch).not_to_be_checked()
    expect(page.get_by_test_id("notifying-words")).to_have_text(
        "Alerts are shown on the page only."
    )
    switch.check()
    expect(page.get_by_test_id("notifying-words")).to_contain_text("shows new alerts")
    tell(made_up, page)
    page.wait_for_function("() => made.length === 1")
    (said,) = page.evaluate("made")
    assert (said["title"], said["body"], said["tag"]) == ("Sitwell", FRESH.message, "n1")
    page.evaluate("window.away = false")
    page.reload()
    expect(page.get_by_test_id("notifying")).to_be_checked()
    page.get_by_test_id("notifying").uncheck()
    expect(page.get_by_test_id("notifying-words")).to_have_text(
        "Alerts are shown on the page only."
    )
    tell(made_up, page, id="n2")
    expect(page.get_by_test_id("announce")).to_have_text(FRESH.message)
    assert page.evaluate("made") == []
    assert watched.said == []


def test_with_a_service_worker_it_carries_the_answers_and_goes_with_the_alert(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look(service_workers="allow")
    allowed(watched.page.context, made_up)
    page = opened(made_up, watched)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.get_by_test_id("notifying").check()
    tell(made_up, page)
    page.wait_for_function("() => made.length === 1")
    (said,) = page.evaluate("made")
    assert [it["action"] for it in said["actions"]] == ["snooze", "fine"]
    there = """() => navigator.serviceWorker.getRegistration()
      .then((it) => it.getNotifications()).then((all) => all.map((it) => it.tag))"""
    until(page, there, lambda it: it == ["n1"])  # the browser itself has it
    over = replace(FRESH, closed_at=T0 + 1.0, revision=2)
    made_up.tell("alert", alert_model(over))
    until(page, there, lambda it: it == [])
    brief = replace(FRESH, id="n2")  # over before the browser has shown it
    page.evaluate("() => { window.first = new Promise((then) => { window.goOn = then; }); }")
    made_up.tell("alert", alert_model(brief))
    page.wait_for_function("() => made.length === 2")
    made_up.tell("alert", alert_model(replace(brief, closed_at=T0 + 1.0, revision=2)))
    made_up.tell("alert", alert_model(replace(ALERT, id="n3", message="Another.")))
    expect(page.get_by_test_id("announce")).to_have_text("Another.")  # it has heard of the end
    page.evaluate("() => { goOn(); return showing; }")
    until(page, there, lambda it: "n2" not in it, 10_000)  # later, the next news would close it
    assert watched.said == []


def test_a_browser_that_does_not_allow_it_is_left_alone_and_settings_say_so(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    watched.page.context.grant_permissions([])  # of everything else nothing
    page = opened(made_up, watched)
    assert page.evaluate("Notification.permission") == "denied"
    expect(page.get_by_test_id("notifying")).to_be_disabled()
    expect(page.get_by_test_id("notifying-words")).to_contain_text("You have forbidden")
    page.evaluate("localStorage.setItem('sitwell.notifications', 'on')")  # as it was before
    tell(made_up, page)
    expect(page.get_by_test_id("announce")).to_have_text(FRESH.message)
    assert page.evaluate("made") == []
    assert watched.said == []


def test_who_refuses_when_asked_is_not_asked_again_and_hears_nothing_more_of_it(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look(locale="de-DE")
    page = opened(made_up, watched, REFUSING)
    page.get_by_test_id("notifying").click()
    expect(page.get_by_test_id("notifying-words")).to_contain_text("verboten")
    expect(page.get_by_test_id("notifying")).not_to_be_checked()
    expect(page.get_by_test_id("notifying")).to_be_disabled()
    tell(made_up, page)
    expect(page.get_by_test_id("announce")).to_have_text(FRESH.message)
    assert page.evaluate("[made.length, asked]") == [0, 1]
    assert watched.said == []
