"""From page to page, over all that there are."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

#: What a test says of time it measures itself; until then a busy machine may take its time.
PATIENCE_MS = 30_000
#: What html[data-fresh] says of a page that hears the service; else it is `opening` or `away`.
HEARS = re.compile("^(live|stale|waiting|empty)$")


def names(page: Page) -> list[str]:
    """All pages there are, as router.js has them."""
    found: list[str] = page.evaluate(
        "import('/js/router.js').then((it) => it.PAGES.map((each) => each.name))"
    )
    return found


def follow(page: Page, address: str) -> None:
    """Changes what stands behind #, and waits until the page was told of it, not until it has followed."""
    page.evaluate(
        """(address) => new Promise((told) => {
          if (location.hash === address) return told(null);
          addEventListener("hashchange", () => told(null), { once: true });
          location.hash = address;
        })""",
        address,
    )


def hears(page: Page) -> None:
    """Waits until the page hears the service and has its day: what is told before is no news to it."""
    expect(page.locator("html")).to_have_attribute("data-fresh", HEARS)
    expect(page.locator("#today-date")).not_to_be_empty()


def stop_clock(page: Page) -> None:
    """From now on, `page.clock.run_for` lets time pass; the clock was installed before the page came."""
    page.clock.pause_at(page.evaluate("Date.now() / 1000 + 10"))


def at_rest(page: Page) -> None:
    """Waits for the lines above everything, which move all that is below them.

    The made-up service is preparing its past, and measures nothing any more: one line each.
    """
    expect(page.get_by_test_id("seeding")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-fresh", "stale")
    expect(page.get_by_test_id("stale-notice")).to_be_visible()


def until(
    page: Page, asked: str, enough: Callable[[Any], bool], patience_ms: int = PATIENCE_MS
) -> Any:
    """What a promise of the page gives, once it is enough."""
    for _ in range(patience_ms // 100):
        found = page.evaluate(asked)
        if enough(found):
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"still {found}")


def go(page: Page, name: str) -> None:
    """Opens a page through its address, and waits until it is there and nothing is being asked for."""
    follow(page, "#/" if name == "now" else f"#/{name}")
    expect(page.locator("html")).to_have_attribute("data-page", name)
    if name != "now":
        expect(page.get_by_test_id(f"page-{name}")).not_to_be_empty()
        expect(page.get_by_test_id("page-broken")).to_have_count(0)
        expect(page.locator("#view [aria-busy]:visible")).to_have_count(0)
        page.wait_for_function("() => !window.asking")
