"""Makes the README's pictures from the demo, so that they stay true: `python docs/pictures.py`.

The clock is this machine's: best in the afternoon (or with TZ of where it is), when there is a day to see.
Needs the test extra and a Chromium (its path in SITWELL_CHROMIUM, or on the PATH).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
WIDE, PHONE = (1280, 980), (390, 844)
#: So that there is something to look back at.
DAYS = 28
#: Name of the picture, address, colours, size. The tests picture all pages in both themes and sizes.
PICTURES = (
    ("now-light", "", "light", WIDE),
    ("day-light", "day", "light", WIDE),
    ("history-light", "history/month/{month}", "light", WIDE),
    ("now-dark-phone", "", "dark", PHONE),
)


def main() -> None:
    """Start a demo, wait until its past is made and an alert is open, and take the pictures."""
    chromium = os.environ.get("SITWELL_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        raise SystemExit("no Chromium: set SITWELL_CHROMIUM")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "service.cli", "demo", "--no-browser", "--port", "0"]
        command += ["--days", str(DAYS), "--data-dir", folder]
        demo = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert demo.stdout is not None
        try:
            line = next(line for line in demo.stdout if line.startswith("Sitwell is at "))
            _take(chromium, line.removeprefix("Sitwell is at ").strip())
        finally:
            demo.terminate()
            demo.wait(15)


def _take(chromium: str, url: str) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        month = (datetime.now().astimezone() - timedelta(days=DAYS // 2)).strftime("%Y-%m")
        pages = {}
        for name, address, scheme, (width, height) in PICTURES:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                locale="en-GB",
            )
            pages[name] = context.new_page()
            pages[name].goto(f"{url}#/{address.format(month=month)}")
        for page in pages.values():
            expect(page.get_by_test_id("seeding")).to_be_hidden(timeout=1_800_000)
        for name, page in pages.items():
            page.reload()
            if name.startswith("history"):
                drawn = page.locator("#view canvas, #view .chart-drawn svg").first
                expect(drawn).to_be_visible(timeout=60_000)
                expect(page.get_by_test_id("pending")).to_be_hidden(timeout=300_000)
            taken = False
            while not taken:
                if name.startswith("now"):
                    expect(page.get_by_test_id("alert-card").first).to_be_visible(timeout=1_200_000)
                page.wait_for_timeout(4000)  # drawn, and the figure at rest
                page.screenshot(path=IMAGES / f"{name}.png")
                taken = not name.startswith("now") or page.get_by_test_id("alert-card").count() > 0
        browser.close()


if __name__ == "__main__":
    main()
