"""Makes the PNG icons of the installed page from its drawn sign: `python docs/icons.py`.

Needs the test extra and a Chromium (its path in SITWELL_CHROMIUM, or on the PATH). A maskable icon is cut
to any shape by the system: its ground reaches the edge, its sign stays in the middle four fifths.
"""

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).resolve().parents[1] / "api" / "static"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
#: name: size in px, and whether the ground reaches the edge
ICONS = {
    "icon-192.png": (192, False),
    "icon-512.png": (512, False),
    "icon-maskable-512.png": (512, True),
    "icon-apple-180.png": (180, True),
}
_SAFE = 0.8


def main() -> None:
    """Draw each from icon.svg."""
    chromium = os.environ.get("SITWELL_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        raise SystemExit("no Chromium: set SITWELL_CHROMIUM")
    drawn = (STATIC / "icon.svg").read_text()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for name, (size, whole) in ICONS.items():
            svg = drawn
            if whole:
                edge = 16 * (1 / _SAFE - 1)
                box = f"{-edge} {-edge} {32 + 2 * edge} {32 + 2 * edge}"
                svg = svg.replace('viewBox="0 0 32 32"', f'viewBox="{box}"')
                svg = svg.replace(
                    '<rect width="32" height="32" rx="7"',
                    '<rect x="-9" y="-9" width="50" height="50"',
                )
                assert svg.count("-9") == 2
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(
                f"<style>body{{margin:0}}svg{{display:block;width:100vw}}</style>{svg}"
            )
            page.screenshot(path=STATIC / name, omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
