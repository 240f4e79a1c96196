"""From page to page, over all that there are."""

from playwright.sync_api import Page, expect


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


def go(page: Page, name: str) -> None:
    """Opens a page through its address, and waits until it is there and nothing is being asked for."""
    follow(page, "#/" if name == "now" else f"#/{name}")
    expect(page.locator("html")).to_have_attribute("data-page", name)
    if name != "now":
        expect(page.get_by_test_id(f"page-{name}")).not_to_be_empty()
        expect(page.get_by_test_id("page-broken")).to_have_count(0)
        expect(page.locator("#view [aria-busy]:visible")).to_have_count(0)
        page.wait_for_function("() => !window.asking")
