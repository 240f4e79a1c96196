"""What comes from a replayed recording is marked where it is shown, and nothing else is."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from storage.contract import Batch
from tests.api.service_fake import T0, frames
from tests.browser.made_up import MadeUp
from tests.browser.walking import follow, go

pytestmark = pytest.mark.browser

#: The day before that of the made-up service, and one hour of it.
DAY, AT = "2026-11-21", T0 - 86_400


@pytest.fixture
def page(made_up: MadeUp, look: Callable[..., Any]) -> Iterator[Page]:
    made_up.service.simulated = False
    made_up.service.replayed = ((AT - 3600, AT),)
    made_up.store.write(Batch(frames=(frames("ada", AT - 3600, 3600),)), now=float(T0))
    watched = look()
    watched.page.goto(made_up.url)
    expect(watched.page.get_by_test_id("sum-breaks")).to_have_text("1")
    yield watched.page
    assert watched.said == []


def marks(page: Page) -> set[str]:
    """What the tags say that can be seen, but for those of the made-up sensors, which are simulated."""
    tags = page.locator(".tag:visible:not(.sensor-line .tag)")
    return {it for it in tags.all_inner_texts() if it}


def test_a_day_that_was_replayed_is_marked_and_today_is_not(page: Page) -> None:
    expect(page.get_by_test_id("simulated")).to_be_hidden()
    assert marks(page) == set()
    follow(page, f"#/day/{DAY}")
    expect(page.get_by_test_id("day-strip")).to_be_visible()
    expect(page.get_by_test_id("simulated")).to_have_text("Replayed data")
    assert marks(page) == {"Replayed data", "replayed"}
    expect(page.get_by_test_id("day-states-sentence")).to_contain_text("Replayed data.")
    with page.expect_download() as saved:
        page.get_by_test_id("day-hours-csv").click()
    assert saved.value.suggested_filename == f"sitwell-day-hours-{DAY}-replayed.csv"
    lines = saved.value.path().read_text().splitlines()
    assert lines[0].endswith(",data") and lines[1].endswith(",replayed")
    with page.expect_download() as saved:
        page.get_by_test_id("day-states-svg").click()
    assert "Replayed data" in saved.value.path().read_text()
    page.get_by_test_id("day-after").click()
    expect(page.get_by_test_id("day-title")).to_have_text("Sunday 22 November")
    expect(page.get_by_test_id("simulated")).to_be_hidden()


def test_a_look_back_is_marked_where_it_holds_something_replayed(page: Page) -> None:
    go(page, "history")
    expect(page.get_by_test_id("simulated")).to_have_text("Replayed data")
    expect(page.get_by_test_id("days-sentence")).to_contain_text("Replayed data.")
    follow(page, "#/history/week/2026-11-10")
    expect(page.get_by_test_id("simulated")).to_be_hidden()
    go(page, "alerts")  # of any time
    expect(page.get_by_test_id("simulated")).to_have_text("Replayed data")
    go(page, "now")
    expect(page.get_by_test_id("simulated")).to_be_hidden()


def test_today_is_marked_when_it_holds_something_replayed_and_simulated_wins(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    made_up.service.simulated = False
    made_up.service.replayed = ((T0 - 600, T0 - 300),)
    german = look(locale="de-DE").page
    german.goto(made_up.url)
    expect(german.get_by_test_id("simulated")).to_have_text("Abgespielte Daten")
    expect(german.get_by_test_id("today-sentence")).to_contain_text("Abgespielte Daten.")
    made_up.service.simulated = True
    german.reload()
    expect(german.get_by_test_id("simulated")).to_have_text("Simulierte Daten")
