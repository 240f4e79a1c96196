"""The page over the whole service, in a real Chromium: what a person sees and presses."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.walking import go, names

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIVE_MS = 60_000
ALERT_MS = 90_000


def _live(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_test_id("state")).to_have_text(re.compile("Sitting"), timeout=LIVE_MS)


def test_a_live_person_is_there_within_a_minute_of_the_command(
    demo: Callable, look: Callable
) -> None:
    began = time.monotonic()
    url = demo("--days", "0").start()
    watched = look()
    _live(watched.page, url)
    page = watched.page
    expect(page.get_by_test_id("lean")).to_contain_text("deg", timeout=LIVE_MS)
    assert time.monotonic() - began < 60
    expect(page.get_by_test_id("simulated")).to_be_visible()
    expect(page.get_by_test_id("sensors-row")).to_contain_text("Upper back")
    expect(page.get_by_test_id("sensors-row")).to_contain_text("%")
    expect(page.get_by_test_id("strip")).to_be_visible()
    expect(page.get_by_test_id("sum-sitting")).not_to_have_text("0 min")
    assert watched.said == []


def test_a_slouch_raises_its_alert_on_the_page_and_a_snooze_silences_it(
    demo: Callable, look: Callable
) -> None:
    # The slouch lasts 75 s to 100 s, its alert the last 30 s to 55 s of them, of the demo's time.
    url = demo("--days", "0", "--speed", "2").start()
    watched = look()
    page = watched.page
    _live(page, url)
    cards = page.get_by_test_id("alert-card").filter(has_text="forward of your upright")
    expect(cards.first).to_be_visible(timeout=ALERT_MS)
    alert = cards.first.get_attribute("data-alert")  # there may be another before long
    card = page.locator(f'[data-testid="alert-card"][data-alert="{alert}"]')
    card.get_by_test_id("why").click()
    expect(card).to_contain_text("limit")
    card.get_by_test_id("snooze").click()
    expect(card).to_contain_text("Quiet until")
    # It is told before it is stored, and stored before it is answered.
    expect(card.get_by_test_id("snooze")).to_be_enabled()
    items = page.evaluate("async () => (await (await fetch('/api/v1/alerts')).json()).items")
    (answer,) = [it for it in items if it["id"] == alert]
    assert answer["snoozed_until"] is not None
    assert watched.said == []


def test_a_killed_service_comes_back_with_the_same_sit_and_the_page_with_it(
    demo: Callable, look: Callable
) -> None:
    process = demo("--days", "0")
    url = process.start()
    watched = look()
    page = watched.page
    _live(page, url)
    now = "async () => (await (await fetch('/api/v1/wearers/me/now')).json())"
    page.wait_for_timeout(3000)
    before = page.evaluate(now)
    process.kill()
    expect(page.get_by_test_id("stale-notice")).to_be_visible(timeout=10_000)
    process.start(process.port)
    expect(page.get_by_test_id("stale-notice")).to_be_hidden(timeout=LIVE_MS)
    expect(page.get_by_test_id("state")).to_have_text(re.compile("Sitting"), timeout=LIVE_MS)
    after = page.evaluate(now)
    assert after["bout_start"] == before["bout_start"]
    assert after["sitting_clock_s"] >= before["sitting_clock_s"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_every_page_is_pictured_in_both_themes_and_sizes(
    demo_with_a_past: str, look: Callable, artefacts: Path, scheme: str, width: int, height: int
) -> None:
    """To be looked at; what a machine can tell of them is in test_everyone.py."""
    watched = look(width, height, scheme)
    page = watched.page
    _live(page, demo_with_a_past)
    expect(page.get_by_test_id("lean")).to_contain_text("deg", timeout=LIVE_MS)
    expect(page.locator("#lean-chart canvas, [data-testid=strip] svg").first).to_be_visible()
    shade = page.evaluate("getComputedStyle(document.body).backgroundColor")
    channels = [int(value) for value in re.findall(r"\d+", shade)[:3]]
    assert (sum(channels) / 3 < 80) is (scheme == "dark")
    for name in names(page):
        go(page, name)
        page.screenshot(path=artefacts / f"{name}-{width}-{scheme}.png", full_page=True)
    assert watched.said == []
