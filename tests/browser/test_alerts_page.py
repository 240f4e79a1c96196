"""The page of alerts: what is open, what was said and kept back before, silence, and what was fine."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from domain.alerts import AlertKind, Outcome
from domain.decisions import Decision, Reason
from domain.deliveries import Delivery, DeliveryState
from storage.contract import Batch
from tests.api.service_fake import ALERT, CLOSED, EPISODES, T0
from tests.browser.made_up import MadeUp

pytestmark = pytest.mark.browser


def decision(n: int, reason: Reason, kind: AlertKind = AlertKind.SITTING) -> Decision:
    return Decision(
        f"d{n}", "ada", T0 - 3000.0 + n, kind, "e", reason, "sitting_s", 1800.0, 1800.0, "s"
    )


def page_of(made_up: MadeUp, page: Page, words: str = "") -> Any:
    page.goto(f"{made_up.url}#/alerts{words}")
    return page.get_by_test_id("page-alerts")


def test_the_past_says_what_came_of_it_how_it_arrived_and_what_was_kept_back(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    sent = Delivery(
        "a0-1", "phone", "ada", "a0", "sitting", T0 - 3999.0, T0, T0, T0, DeliveryState.FAILED, 3,
        "no answer within 15 s",
    )  # fmt: skip
    kept = [
        decision(1, Reason.IN_MEETING),
        decision(2, Reason.IN_MEETING, AlertKind.SLOUCH),
        decision(3, Reason.JUST_SAID),
    ]
    told = replace(CLOSED, episode=EPISODES[0].id, revision=4)
    made_up.store.write(Batch(alerts=(told,), decisions=tuple(kept), deliveries=(sent,)), now=T0)
    watched = look()
    page = page_of(made_up, watched.page)
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    day = page.get_by_test_id("past-day")
    expect(day).to_have_count(1)
    expect(day.locator("h4")).to_contain_text("Today")
    expect(day.get_by_test_id("alert-item")).to_have_count(1)
    expect(day.get_by_test_id("alert-item-outcome")).to_have_text("break taken after 2 min")
    day.get_by_test_id("alert-item-why").click()
    expect(day.get_by_test_id("explanation")).to_contain_text("Your limit30 min")
    expect(day.get_by_test_id("alert-deliveries")).to_contain_text(
        "Phone, 10:03: did not arrive after 3 tries (no answer within 15 s)"
    )
    day.get_by_test_id("kept-back").locator("summary").click()
    expect(day.get_by_test_id("kept-back")).to_contain_text(
        "3 kept back, most of them so: You are in a meeting."
    )
    expect(day.get_by_test_id("kept-back").locator("li").first).to_have_text(
        "2You are in a meeting. Slouch, Sitting for long"
    )
    expect(day.get_by_test_id("alert-more")).to_contain_text(
        "Which sensors measured it is not kept."
    )
    assert watched.said == []


def test_it_is_narrowed_by_kind_and_outcome_and_goes_on_to_older_ones(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    many = tuple(
        replace(CLOSED, id=f"s{n}", kind=AlertKind.SLOUCH, opened_at=T0 - 5000.0 - 60 * n)
        for n in range(45)
    )
    let_pass = replace(CLOSED, id="i", kind=AlertKind.SLOUCH, outcome=Outcome.IGNORED)
    made_up.store.write(Batch(alerts=(*many, let_pass)), now=T0)
    watched = look()
    page = page_of(made_up, watched.page)
    items = page.get_by_test_id("alert-item")
    expect(items).to_have_count(39)  # of forty the newest is still open
    page.get_by_test_id("past-older").click()
    expect(items).to_have_count(47)
    expect(page.get_by_test_id("past-older")).to_be_hidden()
    page.get_by_test_id("past-kind").select_option("slouch")
    page.get_by_test_id("past-outcome").select_option("ignored")
    expect(items).to_have_count(1)
    assert watched.page.url.endswith("#/alerts/slouch/ignored")
    page.get_by_test_id("past-kind").select_option("twist")
    expect(page.get_by_test_id("past-state")).to_have_text("Nothing of this kind.")
    assert watched.said == []


def test_silence_is_asked_for_with_the_keyboard_and_what_was_fine_is_taken_back(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    made_up.wait_for(made_up.app.state.parts.wishes.fine(ALERT))
    watched = look(390, 800, "dark")
    page = page_of(made_up, watched.page)
    page.get_by_test_id("silence-meeting-60").focus()
    watched.page.keyboard.press("Enter")
    expect(page.get_by_test_id("silence-now")).to_contain_text("in a meeting until 12:10")
    page.get_by_test_id("silence-meeting-end").click()
    expect(page.get_by_test_id("silence-now")).to_have_text("Nothing keeps alerts back now.")
    expect(page.get_by_test_id("adjustment")).to_contain_text("+5 min until sitting is said")
    page.get_by_test_id("adjustment-undo").click()
    expect(page.get_by_test_id("adjustment")).to_contain_text("taken back")
    expect(page.get_by_test_id("adjustment-undo")).to_have_count(0)
    expect(page.get_by_test_id("adjustment")).to_be_focused()
    assert watched.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert watched.said == []


def test_who_may_only_look_sees_alerts_and_no_button_that_would_be_refused(
    look_only: Callable[[str], Any],
) -> None:
    watched = look_only("alerts")
    page = watched.page.get_by_test_id("page-alerts")
    expect(page.get_by_test_id("only-looking")).to_contain_text("the right to write")
    expect(page.get_by_test_id("acknowledge")).to_be_disabled()
    expect(page.get_by_test_id("alert-item")).to_have_count(1)
    expect(page.get_by_test_id("silence")).not_to_contain_text("Pause for")
    assert watched.said == []
