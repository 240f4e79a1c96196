"""How soon the dashboard shows something over five years, what it weighs, and how soon a range is there.

A real demo at the pace of life over a store of five years that ends today (see `benchmarks/years.py`), once
it has summed up its days, which it does once in its life, and a fresh browser context for each load, in a
window that is there. Useful is the state in words, and the chart is the first one of the page, both in the
frame in which they are drawn first; first and largest contentful paint are the browser's own.
"""

import shutil
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import apsw
from playwright.sync_api import Browser, Page

from benchmarks.days import DAY_S
from benchmarks.years import FRAMES_DAYS, PRUNED_DAYS, generate
from storage.sqlite import SqliteStore

LOADS = 7
PATIENCE_S = 60.0
#: A new window draws its own frame and buttons first, with as much of the CPU as the page takes.
OPENED_MS = 2000
SUMMED_S, QUICK_S, SETTLE_S = 300.0, 0.5, 3.0
YEARS = 5
#: Which of the pages draw a chart, and where the first of it is.
CHART = {
    "now": "[data-testid=strip-svg] [data-state]",
    "day": "#view [data-testid=day-strip] [data-state]",
    "history": "#view canvas, #view .chart-drawn svg",
}
RANGES = ("week", "month", "year", "all")
WATCH = """(chart) => {
  window.seen = {};
  const look = () => {
    const state = document.getElementById('state');
    const useful = state?.checkVisibility() && !['', 'Connecting', 'Waiting'].includes(state.textContent);
    if (useful) window.seen.useful ??= performance.now();
    if (document.querySelector(chart)) window.seen.chart ??= performance.now();
    if (!window.seen.chart || !window.seen.useful) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  for (const type of ['paint', 'largest-contentful-paint']) {
    new PerformanceObserver((list) => {
      for (const it of list.getEntries()) window.seen[it.name || type] = it.startTime;
    }).observe({ type, buffered: true });
  }
}"""
PAGES = "import('/js/router.js').then((it) => it.PAGES.map((each) => each.name))"
WEIGHT = r"""() => ['navigation', 'resource'].flatMap((it) => performance.getEntriesByType(it))
  .filter((it) => !/\/api\/|echarts/.test(it.name))
  .map((it) => [it.name, it.encodedBodySize, it.decodedBodySize])"""
ASKED = r"""() => performance.getEntriesByType('resource')
  .filter((it) => /\/api\/v1\/wearers\//.test(it.name))
  .map((it) => it.responseEnd - it.requestStart)"""


def five_years(folder: Path) -> None:
    """Makes the store of the demo in `folder`; about five minutes."""
    days = 365 * YEARS
    end = int(time.time()) // DAY_S * DAY_S
    path = folder / "sitwell.db"
    with SqliteStore(path) as store:
        generate(store, days, start=end - days * DAY_S)
        store.prune(frames_before=end - FRAMES_DAYS * DAY_S)
    connection = apsw.Connection(str(path))
    connection.execute(
        "UPDATE wearer_keys SET wearer = 'me' WHERE wearer = 'ada'"
    )  # as in the demo
    connection.close()
    assert PRUNED_DAYS > 0


def brought(made: Path, folder: Path) -> None:
    """Copies a store that was made before."""
    shutil.copyfile(made, folder / "sitwell.db")


def rows(browser: Browser, url: str) -> Iterator[tuple[str, str, str]]:
    """What, figure, bar."""
    _settle(url)
    there = _pages(browser, url)
    for name in (it for it in CHART if it in there):
        address = url if name == "now" else f"{url}#/{name}"
        loads = [_load(browser, address, CHART[name]) for _ in range(LOADS)]
        what = f"{name.capitalize()}, five years stored, 1280 px, {LOADS} cold loads"
        if name == "now":
            yield f"{what}: the state in words", _said(loads, "useful"), "0.5 s"
        yield f"{what}: the first chart", _said(loads, "chart"), "1 s"
        yield f"{what}: first contentful paint", _said(loads, "first-contentful-paint"), "(1.8 s)"
        lcp = "largest-contentful-paint"
        yield f"{what}: largest contentful paint", _said(loads, lcp), "(2.5 s)"
    yield from _weights(browser, url, there)
    if "history" in there:
        yield from _ranges(browser, url)


def _settle(url: str) -> None:
    """Waits until the days of all years are summed up: until two answers about them in a row come at once."""
    last = datetime.now(UTC).date() + timedelta(days=1)
    first = last - timedelta(days=365 * YEARS)
    quick = 0
    until_s = time.monotonic() + SUMMED_S
    while quick < 2:
        assert time.monotonic() < until_s, "the days of five years are not summed up"
        asked = time.monotonic()
        with urlopen(
            f"{url}api/v1/wearers/me/days?start={first}&end={last}", timeout=SUMMED_S
        ) as it:
            it.read()
        quick = quick + 1 if time.monotonic() - asked < QUICK_S else 0
        time.sleep(SETTLE_S)


def _load(browser: Browser, address: str, chart: str) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.add_init_script(f"({WATCH})({chart!r})")
    page.wait_for_timeout(OPENED_MS)
    page.goto(address)
    wanted = "seen.chart" if "#/" in address else "seen.chart && seen.useful"
    until_s = time.monotonic() + PATIENCE_S
    while not page.evaluate(wanted):
        assert time.monotonic() < until_s, f"{address} draws nothing"
        page.wait_for_timeout(50)
    page.wait_for_timeout(1500)  # the largest paint may come later
    seen: dict[str, float] = page.evaluate("window.seen")
    context.close()
    return seen


def _said(loads: list[dict[str, float]], name: str) -> str:
    values = sorted(it[name] / 1000 for it in loads if name in it)
    if not values:
        return "not seen"
    return f"{statistics.median(values):.2f} s median, {values[-1]:.2f} s at most"


def _pages(browser: Browser, url: str) -> list[str]:
    page = browser.new_page()
    page.goto(url)
    found: list[str] = page.evaluate(PAGES)
    page.close()
    return found


def _weights(browser: Browser, url: str, names: list[str]) -> Iterator[tuple[str, str, str]]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, service_workers="block")
    page = context.new_page()
    page.goto(url)
    page.locator(CHART["now"]).first.wait_for(state="attached")
    page.wait_for_timeout(1000)
    yield "Now without ECharts, as it travels", _weight(page), "150 kB"
    for name in names:
        page.evaluate("(it) => { location.hash = it === 'now' ? '#/' : `#/${it}`; }", name)
        page.wait_for_timeout(1000)
    yield "all pages without ECharts, as they travel", _weight(page), "-"
    context.close()


def _weight(page: Page) -> str:
    files: list[Any] = page.evaluate(WEIGHT)
    travelled, unpacked = (sum(it[i] for it in files) / 1000 for i in (1, 2))
    return f"{travelled:.0f} kB in {len(files)} files ({unpacked:.0f} kB unpacked)"


def _ranges(browser: Browser, url: str) -> Iterator[tuple[str, str, str]]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, service_workers="block")
    page = context.new_page()
    page.goto(url)
    page.locator(CHART["now"]).first.wait_for(state="attached")
    for name in RANGES:
        page.evaluate("performance.clearResourceTimings()")
        page.evaluate("(it) => { location.hash = `#/history/${it}`; }", name)
        page.wait_for_timeout(4000)
        taken: list[float] = page.evaluate(ASKED)
        if taken:
            figure = f"{max(taken):.0f} ms the slowest of {len(taken)} answers"
            yield f"History, {name}, as the browser waits", figure, "100 ms"
    context.close()
