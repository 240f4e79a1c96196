"""The limit between sitting and standing at the belt, and how it becomes the wearer's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import Activity, Mounted, Pipeline, Recording, analyse
from analysis.waist import valley_deg
from domain.placement import Placement


def counted(*heaps):
    """Seconds by degree: (middle, width, seconds) each."""
    angles = np.arange(45) + 0.5
    total = np.zeros(45)
    for middle, width, seconds in heaps:
        heap = np.exp(-0.5 * ((angles - middle) / width) ** 2)
        total += seconds * heap / heap.sum()
    return total.tolist()


def test_the_limit_is_the_valley_between_the_wearers_own_angles():
    assert valley_deg(counted((3.0, 1.5, 900), (22.0, 2.0, 1800))) == pytest.approx(12.0, abs=2.0)
    assert valley_deg(counted((2.0, 1.0, 900), (13.0, 1.5, 1800))) == pytest.approx(8.5, abs=1.0)
    assert valley_deg(counted((8.0, 1.5, 900), (22.0, 2.0, 1800))) == pytest.approx(14.5, abs=1.6)


@pytest.mark.parametrize(
    "heaps",
    [
        [(20.0, 2.0, 3000)],  # only ever sat
        [(3.0, 1.5, 3000)],  # only ever stood
        [(3.0, 1.5, 30), (22.0, 2.0, 3000)],  # too little standing
        [(9.0, 4.0, 1500), (13.0, 4.0, 1500)],  # one heap
    ],
)
def test_without_two_heaps_there_is_no_limit_of_the_wearers_own(heaps):
    assert valley_deg(counted(*heaps)) is None


@given(st.lists(st.floats(0, 1e5), min_size=45, max_size=45))
def test_the_limit_stays_between_8_and_16(seconds):
    own = valley_deg(seconds)
    assert own is None or 8.0 <= own <= 16.0


def test_a_wearer_who_hardly_tips_the_pelvis_is_seen_sitting_after_a_while(people):
    act = people.Act
    acts = [
        act(40, bounce_g=0.3),
        act(180, 1.0),
        act(600, -11.2),
        act(40, bounce_g=0.3),
        act(300, 1.0),
    ]
    samples = people.perform([*acts, act(600, -11.3)])
    result = analyse({"waist": Recording(samples.times, samples.acc_g)})
    end = result.frames.activity[-500:]
    assert np.mean(end == Activity.SITTING) > 0.99
    standing = result.frames.activity[-880:-610]
    assert np.mean(standing == Activity.STANDING) > 0.99


def test_what_was_counted_survives_a_restart(people):
    act = people.Act
    acts = [act(40, bounce_g=0.3), act(180, 1.0), act(300, -11.2), act(300, 1.0), act(300, -11.3)]
    samples = people.perform(acts)
    worn = [Mounted("waist", Placement.WAIST, None)]
    whole = people.run(Pipeline("w", worn), samples.block(sensor="waist"))
    cut = 25 * 700
    first = Pipeline("w", worn)
    begun = first.push(samples.block(0, cut, "waist"))
    saved = first.save()
    assert len(saved) < 20_000
    rest = people.run(Pipeline.load(saved, "w", worn), samples.block(cut, None, "waist"))
    assert (
        np.concatenate([begun.frames.p_sitting, rest.frames.p_sitting]).tobytes()
        == whole.frames.p_sitting.tobytes()
    )
