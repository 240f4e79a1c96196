"""What CONTRIBUTING.md shows is what is in the tree."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from collector.drivers import WEARABLES
from collector.drivers.minew import MinewDriver
from tests.docs.markdown import blocks, linked_files, section, table


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_driver_it_shows_is_the_whole_file(root: Path, page: str) -> None:
    (shown,) = blocks(page, "python")
    assert shown == (root / "collector/drivers/minew.py").read_text(encoding="utf-8")


def test_the_lines_of_the_registry_are_there(root: Path, page: str) -> None:
    lines = (root / "collector/drivers/__init__.py").read_text(encoding="utf-8").splitlines()
    (shown,) = blocks(page, "py")
    assert all(line in lines for line in shown.splitlines())
    assert any(driver is MinewDriver for driver, _ in WEARABLES)


def test_the_vectors_it_shows_are_vectors(root: Path, page: str) -> None:
    facts = json.loads((root / "tests/vectors/minew.json").read_text(encoding="utf-8"))
    (shown,) = blocks(page, "json")
    excerpt = json.loads(shown)
    assert excerpt["source"] == facts["source"]
    assert len(excerpt["frames"]) >= 2
    assert all(frame in facts["frames"] for frame in excerpt["frames"])


def test_the_tests_that_come_free_exist_and_run_over_the_registry(root: Path, page: str) -> None:
    files = [row[0].strip("`") for row in table(section(page, "### What comes free"))]
    assert len(files) >= 4
    for file in files:
        words = (root / file).read_text(encoding="utf-8")
        assert re.search(r"\b(WEARABLES|DRIVERS|ENCODERS|FILES)\b", words), file


def test_the_entry_point_is_that_of_the_sample_package(root: Path, page: str) -> None:
    project = tomllib.loads((root / "docs/sample-driver/pyproject.toml").read_text())["project"]
    (shown,) = blocks(section(page, "### In a package of your own"), "toml")
    assert tomllib.loads(shown)["project"]["entry-points"] == project["entry-points"]


def test_it_links_to_what_exists(root: Path, page: str) -> None:
    assert all((root / link).exists() for link in linked_files(page))
