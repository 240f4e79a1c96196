"""Data are taken along and erased, the latter after a second look; and what Sitwell says of itself."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from api.exporting import ExportState
from domain import __version__
from domain.samples import SampleBlock
from storage.contract import Batch
from tests.api.service_fake import EPISODES, SENSOR, T0
from tests.browser.made_up import MadeUp

pytestmark = pytest.mark.browser


def test_an_export_is_begun_watched_and_taken_along(
    made_up: MadeUp, look: Callable[..., Any], tmp_path: Path
) -> None:
    exporter = made_up.app.state.parts.exporter
    watched = look(390, 800)
    page = watched.page
    page.goto(f"{made_up.url}#/data")
    page.get_by_test_id("export-part").check()
    page.get_by_test_id("export-begin").click()
    expect(page.get_by_text("Choose a day.").first).to_be_visible()
    page.get_by_test_id("export-first").fill("2026-11-21")
    page.get_by_test_id("export-last").fill("2026-11-22")
    page.get_by_test_id("export-begin").click()
    row = page.get_by_test_id("export")
    expect(row).to_contain_text("21 Nov 2026 \u2013 22 Nov 2026")
    (job,) = exporter.jobs.values()
    assert (job.start, job.end) == (1_795_215_600, 1_795_388_400)  # days of Berlin
    exporter.jobs[job.id] = replace(job, state=ExportState.RUNNING, done_days=1, total_days=2)
    expect(row).to_contain_text("1 of 2 days")
    made = tmp_path / "made.zip"
    made.write_bytes(b"PK all of it")
    exporter.files[job.id] = made
    exporter.jobs[job.id] = replace(
        job, state=ExportState.DONE, size_bytes=12, kept_until=T0 + 86_400.0
    )
    expect(row.get_by_test_id("export-download")).to_contain_text("Download (12 byte")
    with page.expect_download() as download:
        row.get_by_test_id("export-download").click()
    assert Path(download.value.path()).read_bytes() == b"PK all of it"
    row.get_by_test_id("export-remove").click()
    expect(row).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert watched.said == []


def raw(count: int) -> SampleBlock:
    """Samples of Ada's sensor."""
    times = T0 - 1800 + np.arange(count) / 50.0
    return SampleBlock(SENSOR.id, times, np.ones((count, 3)), None, 50.0)


def test_erasing_some_days_counts_what_is_of_them(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    made_up.app.state.parts.keeper.paired.clear()
    made_up.store.write(Batch(samples=(raw(3000),)), now=float(T0))
    watched = look()
    page = watched.page
    page.goto(f"{made_up.url}#/data")
    page.get_by_test_id("erase-part").check()
    for day, said in (("2026-11-22", "3,000 raw samples"), ("2026-11-21", "nothing measured")):
        page.get_by_test_id("erase-first").fill(day)
        page.get_by_test_id("erase-last").fill(day)
        page.get_by_test_id("erase-look").click()
        expect(page.get_by_test_id("erase-figures")).to_contain_text(said)
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("erase-look")).to_be_focused()
    assert watched.said == []


def test_erasing_says_what_goes_and_wants_the_name_typed(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look()
    page = watched.page
    page.goto(f"{made_up.url}#/data")
    expect(page.get_by_test_id("erase-worn")).to_contain_text("Ada wears a sensor")
    expect(page.get_by_test_id("erase-look")).to_be_disabled()
    made_up.app.state.parts.keeper.paired.clear()
    made_up.store.write(Batch(samples=(raw(3000),)), now=float(T0))
    page.reload()
    page.get_by_test_id("erase-look").click()
    figures = page.get_by_test_id("erase-figures").locator("li")
    expect(figures).to_have_text(
        [
            re.compile("^1 h that were measured"),
            "one day with what was summed up of it",
            f"{len(EPISODES)} episodes",
            "2 alerts",
            "3,000 raw samples",
            "one calibration",
            re.compile("^settings, the diary, tokens of Ada"),
        ]
    )
    expect(page.get_by_test_id("ask")).to_contain_text("backups, and exports that you took along")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("erase-look")).to_be_focused()
    page.get_by_test_id("erase-look").click()
    expect(page.get_by_test_id("ask-word")).to_be_focused()
    page.get_by_test_id("ask-word").fill("ada")
    page.get_by_test_id("ask-yes").click()
    expect(page.get_by_test_id("ask-hint")).to_have_text("This is not “Ada”.")
    assert made_up.service.done == []
    page.get_by_test_id("ask-word").fill("Ada")
    page.get_by_test_id("ask-yes").click()
    expect(page.get_by_test_id("erased")).to_contain_text("3,600 seconds, one sensor")
    assert made_up.service.done == [("erase", "ada", None, None)]
    assert watched.said == []


def test_who_may_only_look_takes_nothing_and_erases_nothing_and_the_machine_is_not_told_of(
    look_only: Callable[[str], Any],
) -> None:
    watched = look_only("data")
    page = watched.page
    expect(page.get_by_test_id("only-looking")).to_be_visible()
    expect(page.get_by_test_id("erase-forbidden")).to_be_visible()
    expect(page.get_by_test_id("export-begin")).to_have_count(0)
    expect(page.get_by_test_id("store-facts")).not_to_contain_text("Folder")
    assert watched.said == []


def test_about_says_version_and_licences_and_what_sitwell_is_not(
    made_up: MadeUp, look: Callable[..., Any]
) -> None:
    watched = look(320, 700)
    page = watched.page
    page.goto(f"{made_up.url}#/about")
    expect(page.get_by_test_id("version")).to_have_text(f"Version {__version__}")
    expect(page.get_by_test_id("about-not")).to_contain_text("is not a medical device")
    expect(page.get_by_test_id("about-flags")).to_contain_text("based on public NHS guidance")
    expect(page.get_by_test_id("about-licences")).to_contain_text("numpy")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert watched.said == []
