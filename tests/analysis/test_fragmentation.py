"""Bouts, breaks and what describes how sitting is broken up, from frames alone."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.fragmentation import Bout, breaks, fragmentation, sitting_bouts
from domain.posture import COLUMNS, Activity, FrameBlock

T0 = 1_700_000_000
WORDS = {
    "s": Activity.SITTING, "u": Activity.STANDING, "m": Activity.MOVING, "l": Activity.LYING,
    "x": Activity.UNKNOWN, "o": Activity.NOT_WORN,
}  # fmt: skip


def day(*acts: tuple[str, int]) -> FrameBlock:
    """Frames of acts (letter, seconds); `-` is a hole without frames."""
    times, activity, now = [], [], T0
    for letter, seconds in acts:
        if letter != "-":
            times += range(now, now + seconds)
            activity += [int(WORDS[letter])] * seconds
        now += seconds
    nothing = {name: np.full(len(times), np.nan) for name in COLUMNS}
    columns = nothing | {
        "times": np.array(times, dtype=np.int64), "activity": np.array(activity),
        "quality": np.zeros(len(times)), "source": np.zeros(len(times)),
    }  # fmt: skip
    return FrameBlock(wearer="ada", **columns)


def told(frames: FrameBlock, gap_s: int = 0) -> list[tuple[int, int, bool]]:
    return [(b.start - T0, b.end - T0, b.censored) for b in sitting_bouts(frames, gap_s)]


def test_two_seconds_upright_end_a_bout_of_research_and_one_second_does_not() -> None:
    frames = day(("u", 9), ("s", 100), ("u", 1), ("s", 50), ("u", 2), ("s", 30), ("m", 9))
    assert told(frames) == [(9, 160, False), (162, 192, False)]


def test_sitting_of_less_than_five_seconds_is_no_bout() -> None:
    assert told(day(("u", 9), ("s", 4), ("u", 9), ("s", 5), ("u", 9))) == [(22, 27, False)]


@pytest.mark.parametrize(("gap_s", "bouts"), [(0, 3), (20, 2), (60, 1)])
def test_presets_leave_interruptions_out_up_to_their_length(gap_s: int, bouts: int) -> None:
    frames = day(("u", 9), ("s", 100), ("u", 20), ("s", 100), ("u", 60), ("s", 100), ("u", 9))
    found = sitting_bouts(frames, gap_s)
    assert len(found) == bouts
    assert sum(b.inside_s for b in found) == 300, "what is left out is not counted as sitting"


def test_lying_between_is_never_left_out() -> None:
    assert len(sitting_bouts(day(("s", 100), ("l", 10), ("s", 100)), 60)) == 2


def test_a_minute_of_nothing_is_bridged_and_more_cuts_both_bouts_off() -> None:
    assert told(day(("u", 9), ("s", 100), ("x", 60), ("s", 100), ("u", 9))) == [(9, 269, False)]
    assert told(day(("u", 9), ("s", 100), ("-", 61), ("s", 100), ("u", 9))) == [
        (9, 109, True),
        (170, 270, True),
    ]


def test_the_ends_of_the_data_and_taking_it_off_cut_bouts_off() -> None:
    assert [cut for *_, cut in told(day(("s", 50), ("u", 9), ("s", 50), ("o", 9)))] == [True, True]


def test_breaks_follow_sitting_and_are_counted_by_how_long_they_are() -> None:
    frames = day(
        ("u", 50), ("s", 50), ("u", 2), ("s", 50), ("m", 59), ("s", 50), ("u", 60), ("s", 50), ("u", 300),
        ("s", 50), ("x", 90), ("u", 400), ("s", 50),
    )  # fmt: skip
    assert [len(breaks(frames, least)) for least in (2, 60, 300)] == [4, 2, 1]


def bouts_of(*lengths: int, censored: bool = False) -> list[Bout]:
    return [Bout(T0, T0 + n, n, censored) for n in lengths]


def test_the_figures_of_a_known_set_of_bouts() -> None:
    found = fragmentation(bouts_of(*[60] * 8, 1800, 3720))
    assert (found.bouts, found.total_s, found.longest_s) == (10, 6000, 3720)
    assert found.at_least == ((2, 5520), (2, 5520), (1, 3720))
    assert found.w50_s == 3720, "3,720 of 6,000 s were sat in one"
    assert found.mean_s == 600
    # Gini by its definition: mean absolute difference over twice the mean.
    lengths = np.array([60.0] * 8 + [1800.0, 3720.0])
    by_definition = np.abs(lengths[:, None] - lengths).mean() / (2 * lengths.mean())
    assert found.gini == pytest.approx(by_definition)
    assert found.alpha == pytest.approx(1 + 10 / (np.log(30) + np.log(62)))


def test_below_ten_bouts_the_distribution_is_not_described() -> None:
    found = fragmentation(bouts_of(*range(60, 69)))
    assert (found.w50_s, found.gini, found.alpha) == (None, None, None)
    assert found.mean_s == 64


def test_bouts_of_one_length_have_no_power_law() -> None:
    found = fragmentation(bouts_of(*[60] * 12))
    assert (found.gini, found.alpha) == (pytest.approx(0.0), None)


def test_a_bout_that_is_cut_off_stays_out_of_lengths_but_counts_for_what_was_seen() -> None:
    found = fragmentation([*bouts_of(60, 90), *bouts_of(2000, censored=True)])
    assert (found.longest_s, found.mean_s, found.censored) == (90, 75, 1)
    assert (found.total_s, found.at_least[1]) == (2150, (1, 2000))


def test_no_frames_have_no_bouts() -> None:
    assert sitting_bouts(day()) == ()
    assert fragmentation([]).longest_s is None


ACTS = st.lists(
    st.tuples(st.sampled_from("ssuumlxo-"), st.integers(1, 90)), min_size=1, max_size=30
)


@given(ACTS)
def test_bouts_do_not_touch_and_a_wider_gap_never_makes_more_of_them(
    acts: list[tuple[str, int]],
) -> None:
    frames = day(*acts)
    counts = []
    for gap_s in (0, 20, 60):
        bouts = sitting_bouts(frames, gap_s)
        counts.append(len(bouts))
        assert all(a.end <= b.start for a, b in itertools.pairwise(bouts))
        assert all(0 < b.inside_s <= b.lasted_s for b in bouts)
    assert counts == sorted(counts, reverse=True)
