import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulators.wander import hashed_uniform, wander

START = 1_795_305_600.0


def test_wander_has_zero_mean_and_unit_deviation():
    times = START + np.arange(0.0, 50_000.0, 0.3)
    value, _ = wander(times, 1, 2, 1.3, rate=False)
    assert abs(value.mean()) < 0.03
    assert abs(value.std() - 1.0) < 0.03


def test_the_rate_is_the_derivative():
    times = START + np.arange(0.0, 60.0, 0.01)
    value, rate = wander(times, 1, 2, 1.3)
    assert np.abs(np.diff(value) / 0.01 - (rate[1:] + rate[:-1]) / 2).max() < 0.01


@given(st.lists(st.floats(0.0, 2e9), min_size=1, max_size=30))
def test_scattered_times_give_what_neighbouring_times_give(times):
    array = np.array(times)
    together, rates = wander(array, 5, 1, 0.9)
    for time, value, rate in zip(array, together, rates, strict=True):
        alone, alone_rate = wander(np.array([time]), 5, 1, 0.9)
        assert alone[0] == value and alone_rate[0] == rate


def test_streams_and_seeds_are_unrelated():
    counters = np.arange(10_000)
    streams = [hashed_uniform(seed, stream, counters) for seed in (0, 1) for stream in (0, 1)]
    for row, one in enumerate(streams):
        assert one.min() >= 0.0 and one.max() < 1.0 and abs(one.mean() - 0.5) < 0.02
        for other in streams[row + 1 :]:
            assert abs(np.corrcoef(one, other)[0, 1]) < 0.05
