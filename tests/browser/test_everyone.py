"""Everybody can use every page: by keyboard, on a narrow screen, in other colours (axe: test_axe.py)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from domain.people import Wearer
from tests.browser.made_up import MadeUp
from tests.browser.walking import at_rest, go, names

pytestmark = pytest.mark.browser

LOOKING = (Path(__file__).parent / "looking.js").read_text().partition("\n")[2]


def ready(page: Page, url: str) -> None:
    """Now, with its day and its open alert."""
    page.goto(url)
    expect(page.get_by_test_id("alert-card")).to_have_count(1)
    expect(page.get_by_test_id("sum-breaks")).to_have_text("1")


def seen(page: Page, what: str) -> Any:
    """What looking.js sees on the page."""
    return page.evaluate(f"{LOOKING.rstrip()}.{what}()")


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
    at_rest(page)
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


def test_nothing_moves_by_itself_for_who_wants_no_motion(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look(reduced_motion="reduce")
    page = watched.page
    ready(page, made_up.url)
    page.evaluate("document.styleSheets[0].insertRule('main button { transition: all 1s; }')")
    for name in names(page):
        go(page, name)
        page.locator("#theme").click()  # every colour is another one
        assert seen(page, "moves") == [], name
    page.emulate_media(reduced_motion="no-preference")
    page.locator("#theme").click()
    assert seen(page, "moves") != [], "else there is nothing to be seen"
    assert watched.said == []


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_the_header_of_a_phone_is_one_row(
    made_up: MadeUp, look: Callable[..., Any], locale: str
) -> None:
    """With two wearers, one of a long name, and a mark of what the data are; and without either."""
    made_up.store.put_wearer(Wearer("ada", "Ada Augusta of Lovelace", "Europe/Berlin"))
    page = look(390, 844, locale=locale).page
    rows = """new Set([...document.querySelectorAll('.top > :not(nav)')].filter((it) => it.checkVisibility())
      .map((it) => Math.round((it.getBoundingClientRect().top + it.getBoundingClientRect().bottom) / 16)))"""
    for simulated in (True, False):
        made_up.service.simulated = simulated
        ready(page, made_up.url)
        expect(page.get_by_test_id("wearer")).to_be_visible()
        expect(page.get_by_test_id("simulated")).to_be_visible(visible=simulated)
        expect(page.get_by_role("heading", level=1)).to_have_accessible_name("Sitwell")
        assert page.evaluate(f"{rows}.size") == 1
        assert page.evaluate("document.querySelector('.top').clientHeight") <= 70
