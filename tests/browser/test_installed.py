"""The page as an application: it can be installed, and its shell is there while the service is not."""

import json
import struct
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.made_up import MadeUp
from tests.browser.texts import LANGUAGES, STATIC, reached_from
from tests.browser.walking import until

SHELL_KEPT = """async () => {
  const names = (await caches.keys()).filter((it) => it.startsWith('sitwell-shell-'));
  if (names.length !== 1) return [];
  return (await (await caches.open(names[0])).keys()).map((it) => new URL(it.url).pathname);
}"""


def kept(page: Page) -> list[str]:
    """The paths that are kept, once they are whole."""
    return until(page, SHELL_KEPT, lambda it: "/" in it)


def test_icons_are_as_large_as_the_manifest_says() -> None:
    manifest = json.loads((STATIC / "manifest.webmanifest").read_text())
    assert [it for it in manifest["icons"] if it.get("purpose") == "maskable"]
    for icon in manifest["icons"]:
        path = STATIC / icon["src"]
        if path.suffix == ".png":
            width, height = struct.unpack(">II", path.read_bytes()[16:24])
            assert icon["sizes"] == f"{width}x{height}"
        assert path.stat().st_size < 20_000


@pytest.mark.browser
def test_it_can_be_installed_and_keeps_all_that_it_is_made_of_and_nothing_that_it_tells(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look(service_workers="allow")
    page = watched.page
    page.goto(made_up.url)
    paths = kept(page)
    session = page.context.new_cdp_session(page)
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [it["errorId"] for it in errors] == ["in-incognito"]  # as every context of a test is
    assert not [it for it in paths if it.startswith("/api") or "docs" in it]
    modules = [STATIC / "js" / "main.js", *(STATIC / "js" / "pages").glob("*.js")]
    own = {each for it in modules for each in reached_from(it)}
    own |= {*STATIC.glob("style/*.css"), *LANGUAGES.rglob("*.js"), STATIC / "manifest.webmanifest"}
    wanted = {f"/{it.relative_to(STATIC).as_posix()}" for it in own}
    assert sorted(wanted - set(paths)) == []
    assert watched.said == []


@pytest.mark.browser
@pytest.mark.slow
def test_while_the_service_is_away_its_shell_says_so_and_comes_back_in_both_tabs(
    demo: Callable[..., Any], look: Callable[..., Any]
) -> None:
    process = demo("--days", "0")
    url = process.start()
    watched = look(service_workers="allow")
    page = watched.page
    page.goto(url)
    expect(page.get_by_test_id("state")).to_have_text("Sitting", timeout=60_000)
    kept(page)
    other = page.context.new_page()
    other.goto(url)
    expect(other.get_by_test_id("state")).to_have_text("Sitting", timeout=60_000)
    process.kill()
    expect(other.get_by_test_id("stale-notice")).to_contain_text("has not answered since")
    page.reload()  # nothing but what is kept
    expect(page.get_by_test_id("stale-notice")).to_contain_text("The service is not answering yet")
    expect(page.get_by_test_id("state")).to_have_text("Connecting")
    expect(page.get_by_test_id("sum-sitting")).to_be_hidden()
    process.start(process.port)
    for each in (page, other):
        expect(each.get_by_test_id("state")).to_have_text("Sitting", timeout=60_000)
        expect(each.get_by_test_id("stale-notice")).to_be_hidden(timeout=60_000)


@pytest.mark.browser
def test_the_buttons_of_a_notification_answer_its_alert(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look(service_workers="allow")
    page = watched.page
    page.goto(made_up.url)
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    kept(page)
    (worker,) = page.context.service_workers
    worker.evaluate("answered({ alert: 'a1', minutes: 10 }, 'snooze')")
    assert made_up.service.done == [("snooze", "a1", 10)]
    page.reload()  # the made-up service tells nobody
    expect(page.get_by_test_id("alert-card")).to_contain_text("Quiet until")
    worker.evaluate("answered({ alert: 'a1' }, 'fine')")
    assert made_up.service.done == [("snooze", "a1", 10), ("acknowledge", "a1", True)]
    page.evaluate("location.hash = '#/more'")
    worker.evaluate("answered({ alert: 'a1' }, '')")
    expect(page.get_by_test_id("now")).to_be_visible()
    assert watched.said == []


@pytest.mark.browser
def test_another_service_at_its_address_is_left_alone(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look(service_workers="allow")
    page = watched.page
    page.goto(made_up.url)
    kept(page)
    page.context.route("**/sw.js", lambda route: route.fulfill(status=404))
    page.context.route("**/js/main.js", lambda route: route.fulfill(status=404))  # not our page
    page.reload()
    found = "navigator.serviceWorker.getRegistrations().then((it) => it.length)"
    until(page, found, lambda it: it == 0)
    until(page, "caches.keys()", lambda it: it == [])


@pytest.mark.browser
def test_nothing_is_kept_where_a_browser_does_not_hold_the_address_for_safe(
    look: Callable[..., Any], made_up: MadeUp
) -> None:
    watched = look(service_workers="allow")
    page = watched.page
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.goto(made_up.url)
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((it) => it.length)") == 0
    assert watched.said == []
