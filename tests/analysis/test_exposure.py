"""Time, count and longest hold beyond angles, from frames."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.exposure import FORWARD_DEG, exposure
from domain.posture import COLUMNS, Activity, FrameBlock

T0 = 1_700_000_000


def frames(lean_deg, side_deg=None, activity=Activity.STANDING, times=None) -> FrameBlock:
    n = len(lean_deg)
    columns = {name: np.full(n, np.nan) for name in COLUMNS} | {
        "times": np.arange(T0, T0 + n) if times is None else np.asarray(times),
        "activity": np.full(n, int(activity)), "quality": np.zeros(n), "source": np.zeros(n),
        "lean_deg": np.asarray(lean_deg, dtype=np.float64),
        "side_deg": np.zeros(n) if side_deg is None else np.asarray(side_deg, dtype=np.float64),
    }  # fmt: skip
    return FrameBlock(wearer="ada", **columns)


def test_time_count_and_hold_are_those_of_the_angles() -> None:
    lean = [0] * 10 + [35] * 20 + [0] * 10 + [70] * 8 + [0] * 5
    found = {one.deg: one for one in exposure(frames(lean)).forward}
    assert [found[deg].seconds for deg in FORWARD_DEG] == [28, 28, 8, 8, 0]
    assert [found[deg].count for deg in FORWARD_DEG] == [2, 2, 1, 1, 0]
    assert [found[deg].longest_s for deg in FORWARD_DEG] == [20, 20, 8, 8, 0]


def test_a_glitch_of_two_seconds_does_not_break_a_hold_and_is_none_by_itself() -> None:
    lean = [40] * 10 + [0] * 2 + [40] * 10 + [0] * 10 + [40] * 2 + [0] * 10
    found = exposure(frames(lean)).forward[1]
    assert (found.seconds, found.count, found.longest_s) == (22, 3, 22)


def test_lying_leaning_back_and_unknown_are_no_exposure() -> None:
    assert exposure(frames([80] * 20, activity=Activity.LYING)).forward_known_s == 0
    assert exposure(frames([-50] * 20)).forward[0].seconds == 0
    assert exposure(frames([np.nan] * 20)).forward_known_s == 0


def test_either_side_counts() -> None:
    found = exposure(frames([0] * 30, [15] * 10 + [0] * 10 + [-25] * 10))
    assert [(one.seconds, one.count) for one in found.side] == [(20, 2), (10, 1)]


def test_a_hole_ends_a_hold() -> None:
    times = [*range(T0, T0 + 10), *range(T0 + 100, T0 + 110)]
    assert exposure(frames([40] * 20, times=times)).forward[0].longest_s == 10


@given(st.lists(st.one_of(st.just(np.nan), st.floats(-40, 120)), max_size=60))
def test_further_forward_is_never_longer_nor_held_longer(lean: list[float]) -> None:
    found = exposure(frames(lean)).forward
    seconds = [one.seconds for one in found]
    holds = [one.longest_s for one in found]
    assert seconds == sorted(seconds, reverse=True)
    assert holds == sorted(holds, reverse=True)
    assert all((one.count > 0) == (one.seconds > 0) for one in found)
