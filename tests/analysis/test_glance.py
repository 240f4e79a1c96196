"""Lean ten times a second: as the frames have it, only sooner."""

import numpy as np
import pytest

from analysis.glance import Angles, Glance, LeanBy
from analysis.pipeline import Mounted, Pipeline
from analysis.settings import AnalysisSettings
from domain.people import Calibration, ReferenceMethod
from domain.placement import Placement
from domain.samples import SampleBlock

RATE_HZ, BLOCK = 50, 26
CALIBRATION = Calibration(
    sensor="s",
    placement=Placement.UPPER_BACK,
    made_at=0.0,
    method=ReferenceMethod.TWO_POSES,
    rotation=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    slouch_deg=17.0,
    sigma_deg=0.4,
)
BY = LeanBy("s", CALIBRATION, None)


def leaning(
    lean_deg: np.ndarray, side_deg: float = 0.0, *, start: float = 1000.0, gyro: bool = True
):
    """Blocks of a trunk that is turned forward by `lean_deg`, one a sample, at rest otherwise."""
    lean, side = np.radians(lean_deg), np.radians(side_deg)
    up = np.column_stack(
        [
            -np.sin(lean) * np.cos(side),
            np.full(len(lean), np.sin(side)),
            np.cos(lean) * np.cos(side),
        ]
    )
    rate = np.zeros_like(up)
    rate[:, 1] = np.gradient(lean_deg) * RATE_HZ  # forward is a turn about left
    times = start + np.arange(len(lean)) / RATE_HZ
    return [
        SampleBlock(
            "s", times[i : i + BLOCK], up[i : i + BLOCK], rate[i : i + BLOCK] if gyro else None, RATE_HZ
        )
        for i in range(0, len(lean), BLOCK)
    ]  # fmt: skip


def seen(blocks: list[SampleBlock], by: LeanBy = BY) -> Angles:
    glance = Glance(AnalysisSettings())
    parts = [glance.see(block, by) for block in blocks]
    return Angles(
        *(np.concatenate([getattr(it, name) for it in parts]) for name in Angles.__slots__)
    )


@pytest.mark.parametrize("gyro", [True, False])
def test_the_first_tenth_is_as_good_as_any(gyro: bool) -> None:
    found = seen(leaning(np.full(200, 12.0), side_deg=-4.0, gyro=gyro))
    np.testing.assert_allclose(found.lean_deg, 12.0, atol=0.05)
    np.testing.assert_allclose(found.side_deg, -4.0, atol=0.05)


def test_there_are_ten_in_a_second_and_they_are_in_order() -> None:
    found = seen(leaning(np.zeros(500)))
    assert np.all(np.diff(found.times) > 0)
    # a block that ends within a tenth leaves it in two
    assert 100 <= len(found.times) <= 100 + 500 / BLOCK + 1


@pytest.mark.parametrize(("gyro", "late_s"), [(True, 0.05), (False, 0.2)])
def test_a_slow_bend_is_followed_as_it_happens(gyro: bool, late_s: float) -> None:
    lean = np.concatenate([np.zeros(100), np.linspace(0, 40, 200), np.full(100, 40.0)])
    found = seen(leaning(lean, gyro=gyro))
    truth = np.interp(found.times, 1000.0 + np.arange(400) / RATE_HZ, lean)
    fastest = 40 / 4.0
    assert np.max(np.abs(found.lean_deg - truth)) < fastest * late_s + 0.5


def test_at_rest_it_agrees_with_the_frames() -> None:
    blocks = leaning(np.full(1500, 9.0), side_deg=3.0)
    pipeline = Pipeline("ada", [Mounted("s", Placement.UPPER_BACK, CALIBRATION)])
    for block in blocks:
        pipeline.push(block)
    by, status = pipeline.lean_by, pipeline.status()
    assert by is not None
    assert status is not None
    assert by.sensor == "s"
    found = seen(blocks, by)
    assert found.lean_deg[-1] == pytest.approx(status.lean_deg, abs=0.05)
    assert found.side_deg[-1] == pytest.approx(status.side_deg, abs=0.05)


def test_a_pose_before_a_hole_does_not_count_after_it() -> None:
    before = leaning(np.full(52, 40.0), gyro=False)
    after = leaning(np.zeros(52), start=1010.0, gyro=False)
    found = seen([*before, *after])
    assert found.lean_deg[found.times > 1005.0][0] == pytest.approx(0.0, abs=0.01)


def test_a_block_of_broken_samples_shows_nothing() -> None:
    (block,) = leaning(np.zeros(BLOCK))
    broken = SampleBlock("s", block.times, np.full_like(block.acc_g, np.nan), None, RATE_HZ)
    assert len(seen([broken]).times) == 0


def test_without_a_trunk_there_is_nobody_to_ask() -> None:
    assert Pipeline("ada", [Mounted("s", Placement.THIGH, None)]).lean_by is None
