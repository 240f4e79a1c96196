"""`python -m benchmarks.page`: what the dashboard costs the browser that shows it.

A real `sitwell demo` at the pace of life, a real headless Chromium. The share is `TaskDuration` of Chromium's
own Performance metrics, all that the page's main thread did, over the seconds that are waited for. How soon
the page is there, and its memory: benchmarks/page_loads.py and benchmarks/page_memory.py.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks import page_loads, page_memory

WATCHED_S = 30.0
SETTLED_S = 12.0
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@contextmanager
def demo(*options: str, prepare: Callable[[Path], None] | None = None) -> Iterator[str]:
    """A demo on a free port; its address. prepare: fills its folder before."""
    with tempfile.TemporaryDirectory() as folder:
        if prepare is not None:
            prepare(Path(folder))
        words = ["demo", "--no-browser", "--port", "0", "--data-dir", folder, *options]
        process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", *words], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            line = next(line for line in process.stdout if "http://" in line)
            yield line[line.index("http://") :].split()[0]
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium: the machine's, or Playwright's."""
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=["--headless=new", *ARGUMENTS])
        yield browser
        browser.close()


def metrics(session: CDPSession) -> dict[str, float]:
    """Chromium's own, by name."""
    return {it["name"]: it["value"] for it in session.send("Performance.getMetrics")["metrics"]}


def share(page: Page, session: CDPSession, seconds: float = WATCHED_S) -> float:
    """Per cent of the page's main thread over the next `seconds`."""
    before, began = metrics(session), time.monotonic()
    page.wait_for_timeout(seconds * 1000)
    after, lasted_s = metrics(session), time.monotonic() - began
    return 100 * (after["TaskDuration"] - before["TaskDuration"]) / lasted_s


def opened(browser: Browser, url: str, *, width: int, motion: str) -> tuple[Page, CDPSession]:
    """Now, once it has something to show and has settled."""
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 500 else 844},
        reduced_motion="reduce" if motion == "reduced" else "no-preference",
    )
    page = context.new_page()
    session = context.new_cdp_session(page)
    # CPU time of the thread: what else the machine does does not count.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(url)
    page.get_by_test_id("lean").get_by_text("deg").wait_for(timeout=60_000)
    page.wait_for_timeout(SETTLED_S * 1000)
    return page, session


def hide(page: Page) -> None:
    """Tell the page that it is in the background. A headless browser has none: what a real one does of its
    own there (fewer timers, nothing drawn) comes on top."""
    page.evaluate(
        """() => {
          for (const [name, value] of [["hidden", true], ["visibilityState", "hidden"]]) {
            Object.defineProperty(document, name, { configurable: true, get: () => value });
          }
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )


def rows(seconds: float = WATCHED_S) -> Iterator[tuple[str, str, str]]:
    """What, figure, bar."""
    with demo("--days", "0") as url, chromium() as browser:
        for width, motion in ((1280, "full"), (390, "full"), (1280, "reduced")):
            page, session = opened(browser, url, width=width, motion=motion)
            what = f"Now, {width} px wide" + (", reduced motion" if motion == "reduced" else "")
            yield what, f"{share(page, session, seconds):.1f} % of a main thread", "5 %"
            if width == 1280 and motion == "full":
                hide(page)
                page.wait_for_timeout(5000)
                yield "Now, in the background", f"{share(page, session, seconds):.2f} %", "about 0"
            page.context.close()


def all_rows(seconds: float, years: Path | None, hours: float) -> Iterator[tuple[str, str, str]]:
    """Everything; see the modules. years: a store made before, else it is made."""
    prepare = page_loads.five_years if years is None else partial(page_loads.brought, years)
    with demo("--days", "0", prepare=prepare) as url, chromium() as browser:
        yield from page_loads.rows(browser, url)
    yield from rows(seconds)
    if hours:
        with demo("--days", "0", "--speed", str(page_memory.SPEED)) as url, chromium() as browser:
            yield from page_memory.rows(browser, url, hours)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--seconds", type=float, default=WATCHED_S, help="watched for each share")
    parser.add_argument("--years", type=Path, help="a store of five years (default: make one)")
    parser.add_argument("--hours", type=float, default=page_memory.HOURS, help="simulated, 0: none")
    options = parser.parse_args()
    for what, figure, bar in all_rows(options.seconds, options.years, options.hours):
        print(f"| {what} | {figure} | {bar} |", flush=True)


if __name__ == "__main__":
    main()
