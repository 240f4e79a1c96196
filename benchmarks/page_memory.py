"""Whether the dashboard's memory stays flat over eight hours of a simulated day, shown all the time.

What the scripts of Now hold after a forced collection: soon after the start, in the middle, at the end, and
beside it what a page holds that was opened at the end: a day has more to show in the evening. The demo runs
many times as fast as life, and hours are those of its clock.
"""

from collections.abc import Iterator

from playwright.sync_api import Browser, CDPSession, Page

HOURS = 8.0
SPEED = 60
_NOW = "fetch('/api/v1/health').then((it) => it.json()).then((it) => Date.parse(it.now) / 3.6e6)"


def rows(browser: Browser, url: str, hours: float = HOURS) -> Iterator[tuple[str, str, str]]:
    """What, figure, bar. url: of a demo that runs SPEED times as fast."""
    page, session = _opened(browser, url)
    begun_h: float = page.evaluate(_NOW)
    held = [_held(session)]
    for part in (0.5, 1.0):
        _wait_until(page, begun_h + part * hours)
        held.append(_held(session))
    page.context.close()
    fresh, session = _opened(browser, url)
    held.append(_held(session))
    fresh.context.close()
    figures = ", ".join(f"{heap_mb:.1f} MB" for heap_mb, _, _ in held)
    others = ", ".join(f"{nodes:.0f}" for _, nodes, _ in held)
    when = "at the start, middle and end, and of a page opened then"
    yield (
        f"Now over {hours:g} simulated hours: scripts' memory {when}",
        f"{figures}; elements {others}; listeners {held[0][2]:.0f}, {held[-2][2]:.0f}, {held[-1][2]:.0f}",
        "flat",
    )


def _opened(browser: Browser, url: str) -> tuple[Page, CDPSession]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, service_workers="block")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    page.goto(url)
    page.get_by_test_id("lean").get_by_text("deg").wait_for(timeout=120_000)
    page.wait_for_timeout(10_000)
    return page, session


def _held(session: CDPSession) -> tuple[float, float, float]:
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    found = {it["name"]: it["value"] for it in session.send("Performance.getMetrics")["metrics"]}
    return found["JSHeapUsedSize"] / 1e6, found["Nodes"], found["JSEventListeners"]


def _wait_until(page: Page, hour: float) -> None:
    while page.evaluate(_NOW) < hour:
        page.wait_for_timeout(2000)
