"""Makes the README's pictures from the demo, so that they stay true: `python docs/pictures.py`.

Needs the test extra and a Chromium (its path in SITWELL_CHROMIUM, or on the PATH).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
SIZES = {"": (1280, 980), "-phone": (390, 980)}
PAGES = "import('/js/router.js').then((it) => it.PAGES.map((each) => each.name))"
#: So that there is something to look back at.
DAYS = "35"


def main() -> None:
    """Start a demo, wait for its slouch alert, and take every page in both themes and sizes."""
    chromium = os.environ.get("SITWELL_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        raise SystemExit("no Chromium: set SITWELL_CHROMIUM")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "service.cli", "demo", "--no-browser", "--port", "0"]
        command += ["--days", DAYS, "--data-dir", folder]
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
        pages = {}
        for scheme in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if scheme == "dark" else "light",
                    locale="en-GB",
                )
                pages[f"{scheme}{size}.png"] = context.new_page()
        for page in pages.values():
            page.goto(url)
        for page in pages.values():
            expect(page.get_by_test_id("seeding")).to_be_hidden(timeout=900_000)
            expect(page.get_by_test_id("alert-card").first).to_be_visible(timeout=150_000)
        for look, page in pages.items():
            for name in page.evaluate(PAGES):
                page.evaluate("(it) => { location.hash = it === 'now' ? '#/' : `#/${it}`; }", name)
                page.wait_for_timeout(1500)  # drawn, and the figure at rest
                page.screenshot(path=IMAGES / f"{name}-{look}")
        browser.close()


if __name__ == "__main__":
    main()
