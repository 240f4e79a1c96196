"""Tokens and login links are made and taken back; a secret is shown once; others see why they may not."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.api.access import closed
from tests.browser.made_up import MadeUp

pytestmark = pytest.mark.browser


def test_a_secret_is_shown_once_and_what_it_lets_in_is_taken_back_after_a_second_look(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look(390, 800)
    page = watched.page
    page.goto(f"{made_up.url}#/tokens")
    page.get_by_test_id("make-token").locator("summary").click()
    page.get_by_test_id("token-make").click()
    expect(page.get_by_text("It wants a name.")).to_be_visible()
    expect(page.get_by_test_id("token-name")).to_be_focused()
    page.get_by_test_id("token-name").fill("grafana")
    page.get_by_test_id("token-wearer").select_option("ada")
    expect(page.get_by_test_id("token-admin")).to_be_disabled()
    page.get_by_test_id("token-days").select_option("30")
    page.get_by_test_id("token-make").click()
    secret = page.get_by_test_id("token-secret").text_content() or ""
    (token,) = [it for it in made_up.store.tokens() if it.name == "grafana"]
    assert secret.startswith(f"sitwell_{token.id}_")
    assert (token.rights, token.wearer) == (("read",), "ada")
    row = page.get_by_test_id("credential")
    expect(row).to_contain_text("grafana look")
    expect(row).to_contain_text("Ada")
    page.get_by_test_id("token-have").click()
    assert secret not in page.content()
    row.get_by_test_id("revoke").click()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("ask")).to_have_count(0)
    expect(row.get_by_test_id("revoke")).to_be_focused()
    row.get_by_test_id("revoke").click()
    page.get_by_test_id("ask-yes").click()
    expect(page.get_by_test_id("list-token")).to_contain_text("One that is over")
    expect(page.get_by_test_id("audit-entry").first).to_contain_text("Token revoked")
    expect(page.get_by_test_id("audit-entry").nth(1)).to_contain_text("Token made")
    page.reload()
    expect(page.get_by_test_id("list-token")).to_contain_text("One that is over")
    assert secret not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert watched.said == []


def test_a_login_link_lets_another_browser_in_until_it_logs_out(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    page = look().page
    page.goto(f"{made_up.url}#/tokens")
    page.get_by_test_id("make-link").locator("summary").click()
    page.get_by_test_id("link-make").click()
    link = page.get_by_test_id("link-secret").text_content() or ""
    expect(page.get_by_test_id("link-made")).to_contain_text("It works once, until ")
    expect(page.get_by_test_id("list-login")).to_contain_text("login link")
    closed(made_up.app)  # from here on everybody is asked
    watched = look()
    other = watched.page
    other.goto(link)
    expect(other.get_by_test_id("alert-card")).to_have_count(1)
    (session,) = [it for it in made_up.store.tokens() if it.kind == "session"]
    assert session.rights == ("write",)
    other.evaluate("location.hash = '#/tokens'")
    expect(other.get_by_test_id("forbidden")).to_contain_text("the right to administer")
    expect(other.get_by_test_id("you")).to_contain_text("you may make changes")
    assert watched.said == []
    other.get_by_test_id("log-out").click()
    expect(other.get_by_test_id("login")).to_be_visible()


def test_who_may_only_look_at_one_wearer_sees_that_tokens_are_not_for_them(
    look_only: Callable[[str], Any],
) -> None:
    watched = look_only("tokens")
    expect(watched.page.get_by_test_id("forbidden")).to_contain_text("sitwell login")
    expect(watched.page.get_by_test_id("make-token")).to_have_count(0)
    assert watched.said == []
