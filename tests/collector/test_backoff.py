"""The back-off: doubling, capped, spread."""

from hypothesis import given
from hypothesis import strategies as st

from collector.backoff import CAP_S, FIRST_S, delay_s


def test_the_longest_delays_double_up_to_the_cap():
    longest = [delay_s(attempt, 1.0) for attempt in range(1, 9)]
    assert longest == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


@given(attempt=st.integers(1, 10_000), uniform=st.floats(0.0, 1.0, exclude_max=True))
def test_every_delay_is_between_half_the_first_and_the_cap(attempt, uniform):
    assert FIRST_S / 2 <= delay_s(attempt, uniform) <= CAP_S


def test_there_is_no_delay_before_the_first_attempt():
    assert delay_s(0, 0.9) == 0.0
