"""What axe-core finds wrong with a page as it is now."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: Everything that axe-core checks of WCAG 2.2 AA, and what it holds to be good practice.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What depends on the colours and the width alone.
OF_LOOKS = ["color-contrast", "target-size"]

_axe = Axe()


SIZES = {1280: 900, 390: 844}


def flaws_in_all_looks(page: Page, what: str) -> list[str]:
    """The same in both themes at both widths. What does not depend on colours is asked once a width."""
    found = []
    for width, first, second in ((1280, "light", "dark"), (390, "dark", "light")):
        page.set_viewport_size({"width": width, "height": SIZES[width]})
        for scheme in (first, second):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            found += [
                f"{what}, {scheme}, {width}: {it}"
                for it in flaws(page, looks_only=scheme == second)
            ]
    return found


def flaws(page: Page, *, looks_only: bool = False) -> list[str]:
    """One line for each: the rule, where, and why. looks_only: only what a theme or a width can change."""
    run: dict[str, Any] = (
        {"type": "rule", "values": OF_LOOKS} if looks_only else {"type": "tag", "values": TAGS}
    )
    # target-size is off in axe-core unless it is asked for
    options = {"resultTypes": ["violations"], "runOnly": run}
    if not looks_only:
        options["rules"] = {"target-size": {"enabled": True}}
    found = _axe.run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]
