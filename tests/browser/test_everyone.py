"""Everybody can use every page: what axe-core, a keyboard, a narrow screen and other colours find."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from api.views import now_model
from storage.sqlite import SqliteStore
from tests.api.access import kept_token
from tests.api.service_fake import STATUS, T0
from tests.browser.flawless import flaws
from tests.browser.made_up import MadeUp
from tests.browser.walking import go, names

pytestmark = pytest.mark.browser

SIZES = {1280: 900, 390: 844}
LOOKING = (Path(__file__).parent / "looking.js").read_text().partition("\n")[2]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[MadeUp]:
    """A service that knows a person and nothing else."""
    with SqliteStore(tmp_path / "empty.db") as store:
        made_up = MadeUp(store)
        yield made_up
        made_up.stop()


def ready(page: Page, url: str) -> None:
    """Now, with its day and its open alert."""
    page.goto(url)
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    expect(page.get_by_test_id("sum-breaks")).to_have_text("1")


def seen(page: Page, what: str) -> Any:
    """What looking.js sees on the page."""
    return page.evaluate(f"{LOOKING.rstrip()}.{what}()")


def test_axe_finds_nothing_on_any_page_in_both_themes_and_sizes(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    ready(page, made_up.url)
    found = []
    for name in names(page):
        go(page, name)
        for scheme, width in (("light", 1280), ("dark", 390)):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.set_viewport_size({"width": width, "height": SIZES[width]})
            found += [f"{name}, {scheme}, {width}: {it}" for it in flaws(page)]
    assert found == []
    assert watched.said == []


def test_axe_finds_nothing_in_any_state_of_now(made_up: MadeUp, look: Callable[..., Any]) -> None:
    watched = look(390, 844, "dark")
    page = watched.page
    ready(page, made_up.url)
    for why in page.get_by_role("button", name="why?").all():
        why.click()
    page.get_by_test_id("table-toggle").click()
    assert flaws(page) == [], "with everything unfolded"
    stale = replace(STATUS, slouching_since=T0 - 60)
    made_up.service.statuses = {}
    made_up.tell("now", now_model(made_up.service, "ada", stale))
    made_up.stop()
    expect(page.get_by_test_id("stale-notice")).to_be_visible()
    assert flaws(page) == [], "while the service is away"
    page.emulate_media(color_scheme="light")
    assert flaws(page, looks_only=True) == [], "the same in light"


def test_axe_finds_nothing_where_nothing_is_or_nobody_is_let_in(
    closed: MadeUp, empty: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look(390, 844)
    page = watched.page
    page.goto(empty.url)
    expect(page.get_by_test_id("stale-notice")).to_be_visible()
    assert flaws(page) == [], "no sensor"
    page.goto(closed.url)
    expect(page.get_by_test_id("login")).to_be_visible()
    assert flaws(page) == [], "nobody is logged in"
    _, secret = kept_token(closed.store, "read", wearer="ada")
    page.get_by_test_id("login-secret").fill(secret)
    page.get_by_test_id("login-button").click()
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    for name in names(page):
        go(page, name)
        assert flaws(page) == [], f"{name}, for somebody who may only read"


@pytest.mark.parametrize(("width", "density"), [(320, 1), (640, 2)], ids=["320 px", "200 %"])
def test_every_page_fits_a_narrow_window(
    made_up: MadeUp, look: Callable[..., Any], width: int, density: int
) -> None:
    """640 px with two dots each are what a window of 1280 has at 200 %."""
    for locale in ("en-GB", "de-DE"):  # whose words are longer
        watched = look(width, 640, locale=locale, device_scale_factor=density)
        page = watched.page
        ready(page, made_up.url)
        for name in names(page):
            go(page, name)
            assert seen(page, "sticksOut") == [], f"{name}, {locale}"
            assert seen(page, "cut") == [], f"{name}, {locale}"
        assert watched.said == []


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_walked_through_with_the_keyboard(
    made_up: MadeUp, look: Callable[..., Any], width: int
) -> None:
    watched = look(width, 700, reduced_motion="reduce")
    page = watched.page
    ready(page, made_up.url)
    for name in names(page):
        go(page, name)
        page.evaluate(
            "document.querySelectorAll('[data-stop]').forEach((it) => it.removeAttribute('data-stop'));"
            "document.querySelector('.skip').focus()"
        )
        wanted = seen(page, "stops")
        reached: dict[str, str] = {}
        last = ""
        for _ in range(4 * wanted):
            at = seen(page, "focus")
            if at is not None and at["stop"] == last:  # the parts of a date are stops of one field
                page.keyboard.press("Tab")
                continue
            if at is None or at["stop"] in reached:
                break
            last = at["stop"]
            reached[at["stop"]] = at["what"]
            assert at["outlined"], f"{name}: where is the focus? {at['what']}"
            assert not at["covered"], f"{name}: something lies over {at['what']}"
            page.keyboard.press("Tab")
            for _ in range(4):  # day, month, year and picker of a date are stops within one
                if page.evaluate("document.activeElement.type") != "date":
                    break
                if seen(page, "focus")["stop"] == at["stop"]:
                    page.keyboard.press("Tab")
        assert len(reached) >= wanted, f"{name}: {wanted} stops, reached {list(reached.values())}"
    assert watched.said == []


def test_the_first_stop_skips_to_the_page_and_stays_on_it(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    ready(page, made_up.url)
    go(page, "more")
    page.reload()
    expect(page.get_by_test_id("page-more")).not_to_be_empty()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    expect(page.get_by_test_id("page-more")).to_be_visible()
    page.locator("#navigation a").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("now")).to_be_visible()
    expect(page.locator("#main")).to_be_focused()
    assert watched.said == []


def test_what_is_chosen_shows_in_forced_colours(made_up: MadeUp, look: Callable[..., Any]) -> None:
    watched = look(forced_colors="active")
    page = watched.page
    ready(page, made_up.url)
    chosen = page.locator(".navigation a[aria-current]").first
    assert chosen.evaluate("(it) => getComputedStyle(it).outlineStyle") == "solid"
    pressed = page.locator("#theme")
    pressed.evaluate("(it) => it.setAttribute('aria-pressed', 'true')")
    assert pressed.evaluate("(it) => getComputedStyle(it).outlineStyle") == "solid"
    assert watched.said == []
