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


def main() -> None:
    """Start a demo, wait for its slouch alert, and take the page in both themes."""
    chromium = os.environ.get("SITWELL_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        raise SystemExit("no Chromium: set SITWELL_CHROMIUM")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "service.cli", "demo", "--no-browser", "--port", "0"]
        command += ["--days", "0", "--data-dir", folder]
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
            for name, (width, height) in SIZES.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if scheme == "dark" else "light",
                )
                pages[f"now-{scheme}{name}.png"] = context.new_page()
        for page in pages.values():
            page.goto(url)
        for page in pages.values():
            expect(page.get_by_test_id("alert-card").first).to_be_visible(timeout=150_000)
        for name, page in pages.items():
            page.wait_for_timeout(500)
            page.screenshot(path=IMAGES / name)
        browser.close()


if __name__ == "__main__":
    main()
