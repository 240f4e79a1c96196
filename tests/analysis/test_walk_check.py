"""Whether walking goes with a pose, and where seconds are alike."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.alignment import WalkingAxis
from analysis.runs import RunEnds
from analysis.walk_check import WalkCheck
from domain.placement import Placement


class Without(WalkCheck):
    """Takes nothing for certain."""

    def refer(self, calibration):
        super().refer(calibration)
        self._upright = (math.nan, math.nan, math.nan)


@given(
    limit=st.floats(3.0, 60.0),
    walks=st.lists(
        st.tuples(st.floats(-80.0, 80.0), st.floats(-80.0, 80.0)), min_size=1, max_size=12
    ),
)
def test_what_is_surely_straight_is_straight_by_the_full_reckoning_too(people, limit, walks):
    calibration = people.calibration(Placement.UPPER_BACK)
    checks = [kind(WalkingAxis(signed=True), calibration, limit) for kind in (WalkCheck, Without)]
    for lean_deg, side_deg in walks:
        lean, side = math.radians(lean_deg), math.radians(side_deg)
        up = (
            -math.sin(lean) * math.cos(side),
            math.sin(side),
            math.cos(lean) * math.cos(side),
        )
        for _ in range(14):
            for check in checks:
                check.feed(up, moving=True)
            assert checks[0].shifted == checks[1].shifted


@pytest.mark.parametrize(("lean_deg", "shifted"), [(6.0, False), (20.0, False), (60.0, True)])
def test_a_walk_far_from_the_pose_shows_that_the_sensor_has_slipped(people, lean_deg, shifted):
    check = WalkCheck(WalkingAxis(signed=True), people.calibration(Placement.UPPER_BACK), 20.0)
    lean = math.radians(lean_deg)
    for _ in range(30):
        check.feed((-math.sin(lean), 0.0, math.cos(lean)), moving=True)
    assert check.shifted is shifted


@given(
    walks=st.lists(
        st.tuples(st.integers(1, 14), st.booleans(), st.floats(-80.0, 80.0)),
        min_size=1,
        max_size=12,
    ),
    cuts=st.lists(st.integers(0, 150), max_size=4),
    signed=st.booleans(),
)
def test_walks_are_weighed_together_as_second_by_second(people, walks, cuts, signed):
    seconds = [(moving, math.radians(lean)) for n, moving, lean in walks for _ in range(n)]
    moving = np.array([moves for moves, _ in seconds])
    ups = np.array([(-math.sin(lean), 0.0, math.cos(lean)) for _, lean in seconds]).T
    calibration = people.calibration(Placement.UPPER_BACK)
    axes = [WalkingAxis(signed=signed) for _ in range(2)]
    alone, together = (WalkCheck(axis, calibration, 20.0) for axis in axes)
    expected = []
    for up, moves in zip(ups.T.tolist(), moving.tolist(), strict=True):
        expected.append(alone.shifted)
        alone.feed(tuple(up), moves)
    edges = [0, *sorted(cut for cut in cuts if cut < len(moving)), len(moving)]
    parts = [together.over(ups[:, a:b], moving[a:b]) for a, b in pairwise(edges)]
    assert np.concatenate(parts).tolist() == expected
    assert together.shifted == alone.shifted and axes[0].axis == axes[1].axis


@given(
    mask=st.lists(st.booleans(), min_size=1, max_size=30),
    same=st.none() | st.lists(st.integers(0, 1), min_size=30, max_size=30),
)
def test_a_run_ends_where_the_mask_or_the_column_changes(mask, same):
    column = None if same is None else np.array(same[: len(mask)])
    ends = RunEnds(np.array(mask), column)
    for row, is_in in enumerate(mask):
        end = row
        while is_in and end < len(mask) and mask[end] and (same is None or same[end] == same[row]):
            end += 1
        assert ends[row] == end
