"""docs/sensors.md is what its generator makes of the drivers, and leaves none of them out."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from collector.drivers import DRIVERS
from collector.drivers.registry import ENCODERS, driver_named
from domain.placement import KNOWLEDGE, Placement
from tests.docs.markdown import linked_files, section, slug, table


@pytest.fixture(scope="module")
def generator(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("sensors_page", root / "docs/sensors_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/sensors.md").read_text(encoding="utf-8")


def test_the_page_is_what_is_made_today(generator: ModuleType, page: str) -> None:
    assert page == generator.page(), "run: python docs/sensors_page.py"


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_every_driver_has_a_section_with_all_its_guide_says(page: str, driver) -> None:
    told = section(page, f"### {driver.title}")
    for words in (*driver.guide.models, driver.guide.wear, *driver.guide.limits):
        assert words in told
    assert driver.guide.source in told
    assert f"`{driver.name}`" in told


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_every_driver_is_ranked_wherever_it_may_be_worn(
    generator: ModuleType, page: str, driver
) -> None:
    reason = generator.REASONS.get(driver.name, "")
    for place in Placement:
        ranking = section(page, f"### {place.words.capitalize()}")
        assert (f"[{driver.title}]" in ranking) == (place in driver.guide.placements)
        assert (reason in ranking) or (place not in driver.guide.placements)


def test_no_reason_is_given_for_a_sensor_that_is_not_read(generator: ModuleType) -> None:
    names = {driver.name for driver in DRIVERS}
    assert set(generator.REASONS) <= names
    assert {name for first in generator.MADE_FOR.values() for name in first} <= names
    assert set(generator.LAST) <= names


def test_every_twin_has_its_numbers(page: str) -> None:
    rows = {row[0].strip("`"): row for row in table(section(page, "## The numbers"))}
    assert set(rows) == set(ENCODERS)
    for word, row in rows.items():
        measures = driver_named(ENCODERS[word].driver).measures
        assert (row[3] == "unknown") == ("direction" in measures)
        assert "gyro" in measures or row[4] == "-"


def test_the_numbers_are_those_that_the_sensors_are_known_for(page: str) -> None:
    rows = {row[0].strip("`"): row[2:] for row in table(section(page, "## The numbers"))}
    assert rows["polar-h10"] == ["50", "±8 g", "-", "2", "exactly: stamped"]
    assert rows["witmotion"][:3] == ["50", "±16 g", "±2000 °/s"]
    assert rows["witmotion"][-1] == "estimated"
    assert rows["ruuvitag"][-1] == "exactly: numbered"
    assert rows["bthome-encrypted"][-1] == "exactly: numbered"
    assert rows["ruuvitag-df3"][-1] == "by the length of the gaps"
    assert rows["posture-profile"][-1] == "exactly: numbered and stamped"


def test_what_a_place_can_know_is_told_of_every_place(page: str) -> None:
    rows = {row[0]: row[1:] for row in table(section(page, "## What a place can know"))}
    assert set(rows) == {place.words for place in KNOWLEDGE}
    assert rows["upper back"] == ["yes", "a probability", "yes"]
    assert rows["thigh"] == ["no", "yes", "no"]
    assert rows["head"] == ["no", "no", "not yet"]


def test_how_a_driver_was_checked_is_told_from_its_vectors(generator: ModuleType) -> None:
    assert re.match(r"\d+ frames, published: Polar's BLE SDK", generator.checked("polar"))
    assert ", some of them published: " in generator.checked("minew")
    assert ", none of them published: " in generator.checked("thingy52")


def test_a_sensor_that_shows_itself_by_the_standard_alert_is_told_so(page: str) -> None:
    assert "Immediate Alert." in section(page, "### PineTime with InfiniTime")
    assert "`sitwell identify` makes it" in section(page, "### Movella DOT (Xsens DOT)")
    assert "nothing can be asked of it" in section(page, "### RuuviTag")


def test_what_is_told_of_losses_is_seen_in_what_the_driver_gives(generator: ModuleType) -> None:
    encoder = ENCODERS["posture-profile"]()
    heard = generator.hear("posture-profile", encoder)
    assert heard.packets_hz == pytest.approx(heard.rate_hz / encoder.chunk)
    assert heard.losses == "exactly: numbered and stamped"
    assert generator.hear("upright-go2", ENCODERS["upright-go2"]()).losses == "estimated"


def test_every_link_of_the_page_leads_somewhere(root: Path, page: str) -> None:
    headings = {slug(line.lstrip("#").strip()) for line in page.splitlines() if line[:1] == "#"}
    inside = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert inside
    assert inside <= headings
    assert all((root / "docs" / file).exists() for file in linked_files(page))


def test_it_says_plainly_that_no_real_sensor_was_at_hand(page: str) -> None:
    assert "None of these sensors was at hand" in page
