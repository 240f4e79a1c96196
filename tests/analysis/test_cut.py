"""Samples are cut into seconds and tenths, and summed to the same bits whatever they came with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import Pipeline, features, intake, sums
from analysis.cut import SUB_BLOCKS, Rows, cut
from analysis.features import reduce_seconds
from analysis.sums import halves_of
from domain.gains import Gains
from domain.placement import Placement
from domain.posture import FrameBlock

START = 1_767_225_600


def rows_at(times, rate_hz=50.0, seed=1):
    times = np.asarray(times, dtype=float)
    acc = np.random.default_rng(seed).normal(0.0, 0.5, (len(times), 3))
    return Rows(times, acc.T, None, np.full(len(times), rate_hz))


def part(rows, where):
    return Rows(rows.times[where], rows.acc_g[:, where], None, rows.rate_hz[where])


@given(
    each=st.integers(1, 14),
    second=st.integers(0, 5),
    dropped=st.integers(0, 20),
    seed=st.integers(0, 2**32),
)
def test_a_second_is_summed_alike_beside_even_seconds_and_beside_uneven_ones(
    each, second, dropped, seed
):
    rate_hz = SUB_BLOCKS * each
    rows = rows_at(START + np.arange(6 * rate_hz) / rate_hz, rate_hz, seed)
    even = cut(rows)
    missing = second * rate_hz + dropped % rate_hz
    uneven = cut(part(rows, np.arange(len(rows)) != missing))
    other = [i for i in range(6) if i != second]
    assert even.full and np.all(even.samples == each)
    known = even.second.searchsorted(uneven.second)
    keep = [i for i, at in enumerate(known) if at in other]
    assert np.array_equal(even.sums[:, :, other], uneven.sums[:, :, keep])
    both = (reduce_seconds(even)[:, other], reduce_seconds(uneven)[:, keep])
    assert np.array_equal(*both, equal_nan=True)


@pytest.mark.parametrize("start", [0, START, START + 86400 * 3650])
def test_a_clock_that_ticks_evenly_has_as_many_samples_in_every_tenth(start):
    for rate_hz in (10, 20, 50, 100, 200):
        whole = cut(rows_at(start + np.arange(600 * rate_hz) / rate_hz, rate_hz))
        assert np.all(whole.samples == rate_hz / SUB_BLOCKS)
        assert np.array_equal(whole.second, start + np.arange(600))


def test_a_tenth_without_samples_sums_to_nothing_and_a_second_without_is_left_out():
    rows = rows_at(START + np.array([0.05, 0.06, 0.31, 3.95]))
    whole = cut(rows)
    assert whole.second.tolist() == [START, START + 3]
    assert whole.samples[:, 0].tolist() == [2, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert whole.samples[:, 1].tolist() == [0] * 9 + [1]
    assert np.array_equal(whole.sums[:3, 9, 1], rows.acc_g[:, 3])
    assert not whole.full and np.all(whole.sums[:, 4:, 0] == 0.0)


def test_an_axis_that_is_not_well_known_keeps_its_factory_gain_for_intensity():
    gains = Gains(
        1, START, (1.1, 1.0, 0.9), (0.0, 0.1, 0.0), (0.001, 0.001, 0.05), (0.001,) * 3,
        (False, False, True), 0.001, 0.002, 20,
    )  # fmt: skip
    rows = rows_at(START + np.arange(50) / 50.0)
    x, y, z = rows.acc_g
    found = cut(rows, gains)
    *axes, length = found.signals_g()
    assert np.allclose(axes, [1.1 * x, y + 0.1, 0.9 * z])
    assert np.allclose(length, np.sqrt((1.1 * x) ** 2 + (y + 0.1) ** 2 + z**2))
    assert found.peak_g == length.max()
    assert np.allclose(found.sums[:, :, 0].sum(axis=1), found.signals_g().sum(axis=1))


def test_a_broken_value_costs_its_sample_and_marks_its_second():
    rows = rows_at(START + np.arange(100) / 50.0)
    rows.acc_g[1, 60], rows.acc_g[2, 70] = np.nan, 65.0
    found = cut(rows)
    assert len(found) == 98
    assert found.broken.tolist() == [START + 1]
    assert np.isfinite(found.signals_g()).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -1e200])
def test_of_nothing_but_broken_values_there_is_no_second(value):
    rows = rows_at(START + np.arange(100) / 50.0)
    rows.acc_g[:] = value
    with np.errstate(over="ignore"):
        found = cut(rows)
    assert len(found) == 0 and found.second.size == 0 and found.peak_g == 0.0
    assert found.broken.tolist() == [START, START + 1]
    assert found.beyond(1.0).size == 0


def test_samples_are_found_where_the_acceleration_goes_beyond_a_limit():
    rows = rows_at(START + np.arange(5000) / 50.0)
    far = np.array([17, 2600, 2601, 4999])
    rows.acc_g[:, far] *= 10.0
    length = np.sqrt((rows.acc_g**2).sum(axis=0))
    assert cut(rows).beyond(3.5).tolist() == np.flatnonzero(length >= 3.5).tolist()


@given(
    stretch=st.integers(1, 700),
    dropped=st.lists(st.integers(0, 2999), max_size=40),
    holes=st.lists(st.tuples(st.integers(0, 2999), st.sampled_from([0.02, 0.5, 3.0])), max_size=3),
    seed=st.integers(0, 2**32),
)
def test_how_long_a_stretch_is_that_is_summed_at_once_changes_no_bit(stretch, dropped, holes, seed):
    times = START + np.arange(3000) / 50.0
    for at, hole_s in holes:
        times[at:] += hole_s
    keep = np.ones(3000, dtype=bool)
    keep[dropped] = False
    rows = part(rows_at(times, 50.0, seed), keep)
    whole = cut(rows)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sums, "_STRETCH", stretch)
        parts = cut(rows)
    assert len(parts.peaks) > 1 or stretch > 600
    for name in ("second", "starts", "count", "samples", "full", "sums", "length_g", "intensity_g"):
        assert np.array_equal(getattr(parts, name), getattr(whole, name)), name
    assert parts.peak_g == whole.peak_g


@given(
    lead=st.sampled_from([(), (1,), (3,), (11,)]), m=st.integers(1, 40), seed=st.integers(0, 2**32)
)
def test_tenths_are_added_to_halves_in_turn_however_many_seconds_there_are(lead, m, seed):
    draw = np.random.default_rng(seed)
    planes = draw.normal(0.0, 1.0, (*lead, SUB_BLOCKS, m)) * 10.0 ** draw.uniform(-3, 3, m)
    early, late = planes[..., 0, :], planes[..., 5, :]
    for tenth in range(1, 5):
        early, late = early + planes[..., tenth, :], late + planes[..., 5 + tenth, :]
    found = halves_of(planes)
    assert np.array_equal(found[..., 0, :], early) and np.array_equal(found[..., 1, :], late)


@pytest.mark.parametrize("together", [1, 7, 60])
def test_how_many_seconds_are_reduced_at_once_changes_no_bit(monkeypatch, together):
    rows = part(rows_at(START + np.arange(3000) / 50.0), np.arange(3000) % 97 < 80)
    whole = reduce_seconds(cut(rows))
    monkeypatch.setattr(features, "_TOGETHER", together)
    assert np.array_equal(reduce_seconds(cut(rows)), whole, equal_nan=True)


@pytest.mark.parametrize("portion", [3, 40, 1000])
def test_taking_samples_in_small_portions_gives_the_same_bits(people, monkeypatch, portion):
    act = people.Act
    acts = [act(40, 5), act(30, 60), act(25, bounce_g=0.3), act(40, 18)]
    samples = people.perform(acts, 25.0, gyro=True, noise_g=0.01)
    samples.acc_g[700:720] = np.nan
    blocks = [samples.block(i, i + 333) for i in range(0, len(samples.times), 333)]
    worn = [people.mounted(Placement.UPPER_BACK)]
    expected = people.run(Pipeline("w", worn), samples.block())
    monkeypatch.setattr(intake, "_PORTION", portion)
    assert people.run(Pipeline("w", worn), samples.block()) == expected
    together = Pipeline("w", worn)
    outputs = [together.push_together(blocks), together.finish()]
    frames = FrameBlock.join("w", [out.frames for out in outputs])
    assert type(expected)(frames, [e for out in outputs for e in out.episodes]) == expected
