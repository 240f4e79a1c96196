"""The front page leads where it says, with commands that there are."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from service.cli import app
from tests.docs.markdown import linked_files, section, table


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def test_every_command_it_names_exists(page: str) -> None:
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]  # it is a group
    named = set(re.findall(r"(?:`|bin/)sitwell ([a-z]+)", page))
    assert {"pair", "scan", "run"} <= named
    assert named <= commands


def test_what_a_place_can_know_is_still_told(page: str) -> None:
    text = section(page, "## Use it with your own sensor")
    rows = table(text[text.index("| worn at") :])
    assert [row[0] for row in rows] == ["upper back, sternum", "thigh", "both"]


def test_it_links_to_what_exists(root: Path, page: str) -> None:
    assert all((root / link).exists() for link in linked_files(page))
