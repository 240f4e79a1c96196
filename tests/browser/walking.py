"""From page to page, over all that there are."""

from playwright.sync_api import Page, expect


def names(page: Page) -> list[str]:
    """All pages there are, as router.js has them."""
    found: list[str] = page.evaluate(
        "import('/js/router.js').then((it) => it.PAGES.map((each) => each.name))"
    )
    return found


def go(page: Page, name: str) -> None:
    """Opens a page through its address, and waits until it is there and nothing is being asked for."""
    page.evaluate("(name) => { location.hash = name === 'now' ? '#/' : `#/${name}`; }", name)
    expect(page.locator("html")).to_have_attribute("data-page", name)
    if name != "now":
        expect(page.get_by_test_id(f"page-{name}")).not_to_be_empty()
        expect(page.get_by_test_id("page-broken")).to_have_count(0)
        expect(page.locator("#view .chart[aria-busy]:visible")).to_have_count(0)
