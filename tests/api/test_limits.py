"""Buckets and slots: as much as is said, for each by itself, in bounded memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import limits
from api.limits import Buckets, Slots, client_key


@given(
    burst=st.integers(1, 50),
    refill_s=st.floats(1.0, 600.0),
    steps_s=st.lists(st.floats(0.0, 30.0), max_size=200),
)
def test_no_more_than_the_burst_and_what_has_come_since_is_let_through(burst, refill_s, steps_s):
    buckets, now, taken = Buckets(burst, refill_s), 0.0, 0
    for step_s in steps_s:
        now += step_s
        taken += buckets.wait_s("a", now) <= 0
        assert taken <= burst + now * burst / refill_s + 1e-6


@given(wait_of=st.integers(1, 20))
def test_after_the_time_that_was_said_there_is_one_again(wait_of):
    buckets = Buckets(wait_of, 60.0)
    while not (wait_s := buckets.wait_s("a", 0.0)):
        pass
    assert buckets.wait_s("a", wait_s + 1e-6) == 0.0


def test_one_does_not_take_from_another_and_the_oldest_are_forgotten(monkeypatch):
    monkeypatch.setattr(limits, "MOST_KEYS", 3)
    buckets = Buckets(1, 60.0)
    assert buckets.wait_s("a", 0.0) == 0.0
    assert buckets.wait_s("a", 0.0) > 0.0
    for other in "bcd":
        assert buckets.wait_s(other, 0.0) == 0.0
    assert len(buckets) == 3


def test_slots_are_given_back_whatever_happens():
    slots = Slots(3, 2)
    with slots.held(["a"]), slots.held(["a", "token"]):
        assert slots.full_for(["a"])
        assert not slots.full_for(["token"])
        with slots.held(["b"]):
            assert slots.full()
        with pytest.raises(ZeroDivisionError), slots.held(["b"]):
            raise ZeroDivisionError
    assert not slots.full() and not slots.full_for(["a"])
    assert len(slots._held) == 0


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::1", "::"),
        ("testclient", "testclient"),
        (None, "unknown"),
    ],
)
def test_a_client_is_its_address_or_its_household(address, key):
    assert client_key(address) == key
