"""axe-core finds nothing on any page in any of its states, in both themes at both widths."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from api.views import now_model
from storage.sqlite import SqliteStore
from tests.api.access import kept_token
from tests.api.service_fake import ADA, STATUS, T0
from tests.browser.flawless import flaws_in_all_looks
from tests.browser.made_up import MadeUp
from tests.browser.walking import follow, go, names

pytestmark = pytest.mark.browser

#: Everything that pages ask for; the stream of events is open before it is held or refused.
CALLS = "**/api/v1/**"
#: Leaves three rows of each table.
SHORT = "document.querySelectorAll('tbody tr:nth-child(n+4)').forEach((it) => it.remove())"


#: Every page in four looks is much for one test: a third of them in each.
OF = 3
PARTS = pytest.mark.parametrize("part", range(OF))


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[MadeUp]:
    """A service that knows a person and nothing else."""
    with SqliteStore(tmp_path / "empty.db") as store:
        store.put_wearer(ADA)
        made_up = MadeUp(store)
        made_up.empty()
        yield made_up
        made_up.stop()


@pytest.fixture
def page(made_up: MadeUp, look: Callable[..., Any]) -> Iterator[Page]:
    """Now, with its day and its open alert."""
    watched = look(reduced_motion="reduce")
    watched.page.goto(made_up.url)
    expect(watched.page.get_by_test_id("alert-card")).to_have_count(1)
    expect(watched.page.get_by_test_id("sum-breaks")).to_have_text("1")
    yield watched.page
    assert [it for it in watched.said if "Failed to load resource" not in it] == []


@PARTS
def test_every_page_with_everything_unfolded(page: Page, part: int) -> None:
    found = []
    for name in names(page)[part::OF]:
        go(page, name)
        for why in page.get_by_role("button", name="why?").all():
            why.click()
        page.evaluate("document.querySelectorAll('details').forEach((it) => { it.open = true; })")
        page.wait_for_function("() => !window.asking")
        page.evaluate(SHORT)  # all rows are alike, and axe-core looks at each
        found += flaws_in_all_looks(page, name)
    assert found == []


@PARTS
def test_every_page_while_it_waits_for_the_service(page: Page, part: int) -> None:
    held: list[Route] = []
    page.route(CALLS, lambda route: held.append(route))
    found = []
    for name in names(page)[part::OF]:
        follow(page, "#/" if name == "now" else f"#/{name}")
        expect(page.locator("html")).to_have_attribute("data-page", name)
        if name != "now":
            expect(page.locator("#view")).to_contain_text("a")  # whatever it says meanwhile
        found += flaws_in_all_looks(page, f"{name}, waiting")
    assert found == []
    assert held
    for route in held:
        with contextlib.suppress(Error):  # of a page that was left, which has given it up
            route.abort()


@PARTS
@pytest.mark.parametrize("status", [403, 503])
def test_every_page_that_is_refused(page: Page, status: int, part: int) -> None:
    problem = {"type": "about:blank", "title": "No", "status": status, "detail": "Because."}
    page.route(
        CALLS,
        lambda route: route.fulfill(
            status=status, content_type="application/problem+json", body=json.dumps(problem)
        ),
    )
    found = []
    for name in names(page)[part::OF]:
        follow(page, "#/" if name == "now" else f"#/{name}")
        expect(page.locator("html")).to_have_attribute("data-page", name)
        if name != "now":
            expect(page.locator("#view")).to_contain_text("a")
        page.wait_for_function("() => !window.asking")
        found += flaws_in_all_looks(page, f"{name}, {status}")
    assert found == []


def test_every_page_of_somebody_of_whom_nothing_is_known(
    empty: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look(reduced_motion="reduce")
    page = watched.page
    page.goto(empty.url)
    expect(page.get_by_test_id("page-welcome")).not_to_be_empty()
    page.evaluate("import('/js/sensing/look-around.js').then((it) => it.lookAround())")
    go(page, "now")
    expect(page.get_by_test_id("stale-notice")).to_be_visible()
    found = []
    for name in names(page):
        go(page, name)
        found += flaws_in_all_looks(page, f"{name}, nothing known")
    assert found == []
    assert watched.said == []


def test_whoever_is_not_logged_in_or_may_only_look(
    closed: MadeUp, look: Callable[..., Any]
) -> None:
    page = look(reduced_motion="reduce").page
    page.goto(closed.url)
    expect(page.get_by_test_id("login")).to_be_visible()
    found = flaws_in_all_looks(page, "nobody is logged in")
    page.get_by_test_id("login-secret").fill("nonsense")
    page.get_by_test_id("login-button").click()
    expect(page.get_by_test_id("login-refused")).to_be_visible()
    found += flaws_in_all_looks(page, "not let in")
    _, secret = kept_token(closed.store, "read", wearer="ada")
    page.get_by_test_id("login-secret").fill(secret)
    page.get_by_test_id("login-button").click()
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    for name in names(page):
        go(page, name)
        found += flaws_in_all_looks(page, f"{name}, for somebody who may only read")
    assert found == []


def test_every_dialog_and_what_changes_leave_behind(made_up: MadeUp, page: Page) -> None:
    found = []

    def asked(what: str) -> None:
        nonlocal found
        expect(page.get_by_test_id("ask")).to_be_visible()
        found += flaws_in_all_looks(page, what)
        if page.get_by_test_id("ask-word").count():
            page.get_by_test_id("ask-yes").click()
            expect(page.get_by_test_id("ask-hint")).not_to_be_empty()
            found += flaws_in_all_looks(page, f"{what}, another name typed")
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("ask")).to_have_count(0)

    go(page, "sensors")
    page.get_by_test_id("card-unpair").first.click()
    asked("unpairing")
    go(page, "tokens")
    page.get_by_test_id("make-token").locator("summary").click()
    page.get_by_test_id("token-make").click()
    found += flaws_in_all_looks(page, "a field that wants something")
    page.get_by_test_id("token-name").fill("grafana")
    page.get_by_test_id("token-make").click()
    expect(page.get_by_test_id("token-secret")).to_be_visible()
    found += flaws_in_all_looks(page, "a secret")
    page.get_by_test_id("revoke").first.click()
    asked("revoking")
    go(page, "settings")
    row = page.get_by_test_id("setting-sitting_after_min")
    row.get_by_test_id("number").fill("40")
    row.get_by_test_id("number").press("Enter")
    expect(page.get_by_test_id("toast")).to_be_visible()
    found += flaws_in_all_looks(page, "a way back")
    row.get_by_test_id("number").fill("4000")
    row.get_by_test_id("number").press("Enter")
    expect(row.get_by_test_id("setting-error")).not_to_be_empty()
    found += flaws_in_all_looks(page, "a value that cannot be")
    made_up.keeper.paired.clear()
    go(page, "data")
    page.reload()
    page.get_by_test_id("erase-look").click()
    asked("erasing")
    assert found == []


def test_now_while_the_service_is_away(made_up: MadeUp, page: Page) -> None:
    page.get_by_test_id("table-toggle").click()
    made_up.service.statuses = {}
    slouching = replace(STATUS, slouching_since=T0 - 60)
    made_up.tell("now", now_model(made_up.service, "ada", slouching))
    expect(page.get_by_test_id("slouch")).to_be_visible()
    found = flaws_in_all_looks(page, "slouching")
    made_up.stop()
    expect(page.get_by_test_id("stale-notice")).to_be_visible()
    assert found + flaws_in_all_looks(page, "away") == []
