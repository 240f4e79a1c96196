"""Somebody who is not let in is told what to do; a link, or a token, lets them in and the day appears."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.access import kept_token
from tests.browser.made_up import MadeUp

pytestmark = pytest.mark.browser


@pytest.fixture
def page(closed: MadeUp, look: Callable[..., Any]) -> Page:
    opened: Page = look(390, 800).page
    return opened


def test_one_is_told_how_to_log_in_and_a_token_lets_in(closed: MadeUp, page: Page) -> None:
    token, secret = kept_token(closed.store, "read", wearer="ada")
    page.goto(closed.url)
    expect(page.get_by_test_id("login")).to_contain_text("sitwell login")
    expect(page.get_by_test_id("now")).to_be_hidden()
    page.get_by_test_id("login-secret").fill(secret[:-1] + "!")
    page.get_by_test_id("login-button").click()
    expect(page.get_by_test_id("login-refused")).to_contain_text("does not let you in")
    page.get_by_test_id("login-secret").fill(secret)
    page.get_by_test_id("login-button").click()
    expect(page.get_by_test_id("alert-card")).to_have_count(1)  # the stream has the cookie too
    expect(page.get_by_test_id("login")).to_have_count(0)
    page.reload()
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    closed.store.put_token(replace(token, revoked_at=1.0))
    closed.end_streams()
    expect(page.get_by_test_id("login")).to_be_visible(timeout=60_000)


def test_a_login_link_opens_the_day_and_leaves_no_secret_in_the_address(
    closed: MadeUp, page: Page
) -> None:
    _, secret = kept_token(closed.store, "admin", kind="login")
    page.goto(f"{closed.url}#login={secret}")
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    assert secret not in page.url
    assert page.evaluate("document.cookie") == ""
    page.context.clear_cookies()
    page.goto(f"{closed.url}#login={secret}")  # only the part behind # is new: the page sees to it
    expect(page.get_by_test_id("login")).to_be_visible()
