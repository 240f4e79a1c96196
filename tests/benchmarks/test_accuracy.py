"""The accuracy benchmark on one person of each data set: it runs, and the bars hold there with a margin."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("pyarrow", reason="pyarrow reads one of the recordings")

from benchmarks.accuracy import (
    mobilised,
    motionsense,
    pocket_days,
    scripted_days,
    trunk_optical,
    umafall,
    w2isp,
)
from benchmarks.accuracy.page import page
from benchmarks.accuracy.section import Bar, Section, Table

Measure = Callable[[ModuleType, str], Section]


@pytest.fixture(scope="module")
def measure(shared_data: Path) -> Measure:
    return lambda module, who: module.measure(shared_data, [who])


def test_a_pocket_is_right_without_calibration(measure):
    section = measure(motionsense, "M19")
    assert section.bar("thigh, sit / stand / move").measured > 98.5
    assert section.bar("thigh, the worst person (M19)").measured > 95.0


def test_joined_days_begin_and_end_their_bouts_in_time(measure):
    section = measure(pocket_days, "M13")
    assert section.bar("thigh, joined days: bouts").measured == 100.0
    assert section.bar("thigh, joined days: error").measured < 1.0
    assert section.bar("thigh: label to frame").measured <= 3.0


def test_a_scripted_day_has_its_long_bouts(measure):
    section = measure(scripted_days, "7")
    assert section.bar("trunk alone, scripted days: bouts").measured == 100.0
    assert section.bar("trunk alone, scripted days: error").measured < 2.0


def test_lean_is_near_the_markers(measure):
    section = measure(trunk_optical, "P07")
    assert section.bar("lean with gyro, static").measured < 1.0
    assert section.bar("lean with gyro, moving").measured < 1.2
    assert section.bar("lean, accelerometer alone").measured < 6.0
    assert section.bar("twist, two sensors, frames").measured < 1.5
    assert section.bar("twist, two sensors, at their rate").measured < 1.5


def test_lying_is_told_at_the_breastbone(measure):
    section = measure(w2isp, "S1/d1p01M")
    assert section.bar("sternum, lying or not").measured > 98.0


def test_short_acts_and_walks_are_counted(measure):
    acts = measure(umafall, "U05")
    assert [row[0] for row in acts.tables[0].rows] == ["sternum", "waist", "thigh"]
    walks = measure(mobilised, "MS001")
    assert float(walks.tables[0].rows[1][-1].removesuffix(" %")) > 60.0
    _, median, _ = walks.tables[2].rows[0]
    assert 80 < float(median) < 130, (
        "of the seconds that have a cadence, not of all that were walked"
    )


def test_a_miss_says_what_was_said_instead(measure):
    acts = measure(umafall, "U05")
    assert "U05 at the waist (moving " in acts.bar("trunk, lying down").why
    assert "hopping" in measure(umafall, "U11").bar("scale faults").why


def test_the_page_says_by_how_much_a_bar_is_missed_and_why():
    table = Table("By person", ["who", "s"], [["A", "1"]], "A note.")
    bars = (
        Bar("met", 99.5, 99.0, "%", "98 %", at_least=True),
        Bar("beyond", 3.0, 2.0, "deg", "-", why="one person alone"),
        Bar("absent", float("nan"), 2.0, "deg", "-"),
    )
    text = page(
        [Section("Lean", "somewhere", "How.", [table], bars)], date(2026, 1, 2), "Sitwell 1.0"
    )
    assert "| met | 99.50 % | >= 99 % | 98 % | met |" in text
    assert "**missed by 1.00 deg**: one person alone" in text
    assert "| absent | - | <= 2 deg | - | not measured yet |" in text
    assert "A note." in text
    assert "2026-01-02, Sitwell 1.0" in text


def test_the_committed_page_is_of_this_benchmark(root: Path):
    text = (root / "docs/accuracy.md").read_text(encoding="utf-8")
    assert "python -m benchmarks.accuracy --data ../shared/data" in text
    for module in (motionsense, trunk_optical, w2isp, umafall, mobilised):
        assert f"`{module.FOLDER}`" in text
