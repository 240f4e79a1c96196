"""docs/measurement.md names everything that is measured, and what it was held against."""

import re
from dataclasses import fields

import pytest

from analysis.exposure import Exposure
from analysis.fragmentation import Fragmentation
from analysis.settings import AnalysisSettings
from analysis.summary import METRICS
from domain.episodes import EpisodeKind
from domain.people import ReferenceMethod
from domain.posture import NAMES, Quality
from tests.docs.markdown import linked_files, section

PARTS = ("## For the wearer", "## For the physiotherapist", "## For the programmer")


@pytest.fixture(scope="module")
def page(root) -> str:
    return (root / "docs" / "measurement.md").read_text(encoding="utf-8")


def named(text: str) -> set[str]:
    """Every name in code marks."""
    return {word for marks in re.findall(r"`([^`]+)`", text) for word in re.findall(r"\w+", marks)}


def test_it_comes_in_three_parts_and_the_wearers_is_first(page: str) -> None:
    assert re.findall(r"^## .*", page, re.MULTILINE) == list(PARTS)


def test_every_column_and_every_kind_of_episode_is_defined_for_the_programmer(page: str) -> None:
    part = named(section(page, PARTS[2]))
    assert set(NAMES) <= part
    assert {kind.value for kind in EpisodeKind} <= part


def test_every_remark_on_a_second_is_told_to_the_wearer(page: str) -> None:
    words = {(flag.name or "").lower() for flag in Quality if flag}
    assert words <= named(section(page, PARTS[0]))


def test_every_setting_is_named_with_its_rule(page: str) -> None:
    told = named(section(page, "### Settings"))
    assert {knob.name for knob in fields(AnalysisSettings)} <= told


def test_every_way_to_find_a_reference_is_told(page: str) -> None:
    assert {method.value for method in ReferenceMethod} <= named(section(page, PARTS[1]))


def test_every_figure_of_a_stretch_is_named(page: str) -> None:
    part = named(section(page, PARTS[2]))
    assert {figure.name for figure in fields(Fragmentation)} <= part
    known = {figure.name for figure in fields(Exposure) if not figure.name.endswith("_known_s")}
    assert known <= part


def test_a_wearer_reads_of_no_judgement_and_no_promise(page: str) -> None:
    text = section(page, PARTS[0]).lower()
    said = [
        w for w in ("bad posture", "damage", "correct yourself", "failed", "prevent") if w in text
    ]
    assert not said


def test_every_page_it_leads_to_is_there(page: str, root) -> None:
    for link in linked_files(page):
        assert (root / "docs" / link).is_file(), link


def test_every_metric_of_a_stretch_is_named(page: str) -> None:
    assert set(METRICS) <= named(section(page, "### Figures of a stretch"))
