"""docs/bluetooth.md explains every reason that a link can give."""

import configparser
from pathlib import Path

import pytest

from domain.link import LinkReason
from tests.docs.markdown import linked_files, section, table


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/bluetooth.md").read_text(encoding="utf-8")


def test_every_reason_is_explained_once_in_the_order_of_the_code(page: str) -> None:
    rows = table(section(page, "## When a sensor does not come"))
    assert [row[0].strip("`") for row in rows] == [reason.value for reason in LinkReason]


def test_every_reason_says_what_it_means_and_what_to_do(page: str) -> None:
    for word, meaning, advice in table(section(page, "## When a sensor does not come")):
        assert meaning.endswith("."), word
        assert advice.endswith("."), word


def test_the_unit_for_systemd_is_one(page: str) -> None:
    lines = section(page, "## Linux").split("```ini\n")[1].split("```")[0].splitlines()
    unit = configparser.RawConfigParser()
    unit.read_string("\n".join(line.strip() for line in lines))
    assert unit["Service"]["ExecStart"].endswith("/sitwell run")
    assert unit["Install"]["WantedBy"] == "default.target"


def test_it_links_to_files_that_exist(root: Path, page: str) -> None:
    files = linked_files(page)
    assert files
    assert all((root / "docs" / file).exists() for file in files)
