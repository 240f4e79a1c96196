"""The axis of walking: minutes of a walk are learnt together as they are second by second."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.alignment import WalkingAxis


def directions(angles_deg, seed):
    """(3, n) unit vectors about so far from z each, none like another."""
    angles = np.radians(np.array(angles_deg))
    ups = np.array([np.sin(angles), np.zeros(len(angles)), np.cos(angles)])
    ups += np.random.default_rng(seed).normal(0.0, 0.05, ups.shape)
    return ups / np.sqrt((ups * ups).sum(axis=0))


@given(
    walks=st.lists(
        st.tuples(st.integers(1, 300), st.sampled_from([0.0, 20.0, 40.0, 90.0, 180.0])),
        min_size=1,
        max_size=4,
    ),
    cuts=st.lists(st.integers(1, 1000), max_size=4),
    signed=st.booleans(),
    seed=st.integers(0, 9),
)
def test_minutes_of_walking_are_learnt_together_as_second_by_second(walks, cuts, signed, seed):
    ups = directions([angle for n, angle in walks for _ in range(n)], seed)
    n = ups.shape[1]
    alone, together = (WalkingAxis(signed=signed) for _ in range(2))
    expected = []
    for up in ups.T.tolist():
        expected.append(alone.axis or (math.nan,) * 3)
        alone.feed(tuple(up), walking=True)
    edges = [0, *sorted({cut for cut in cuts if cut < n}), n]
    walking = np.ones(n, dtype=np.bool_)
    found = [together.over(ups[:, a:b], walking[a:b]) for a, b in pairwise(edges)]
    assert np.array_equal(np.concatenate(found, axis=1).T, np.array(expected), equal_nan=True)
    for what in ("known", "strays"):
        assert together.save()[what] == alone.save()[what]


@pytest.mark.parametrize("signed", [True, False])
def test_a_sensor_worn_the_other_way_round_is_learnt_anew_only_where_the_axis_has_a_sign(signed):
    axis = WalkingAxis(signed=signed)
    ups = directions([0.0] * 200 + [180.0] * 100, 1)
    axis.over(ups, np.ones(300, dtype=np.bool_))
    assert axis.axis is not None and (axis.axis[2] < -0.9) is signed
