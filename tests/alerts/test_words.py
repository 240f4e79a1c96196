"""What the wearer reads."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.words import (
    duration_words,
    low_battery_message,
    sensor_lost_message,
    sitting_message,
    sitting_since_break_message,
    slouch_message,
    slouching_message,
)

NEVER = ("bad", "damage", "correct", "fail", "!", "should", "must")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (46.9, "46 s"),
        (60, "1 min"),
        (52 * 60 + 59, "52 min"),
        (3600, "1 h"),
        (4 * 3600 + 600, "4 h 10"),
        (3600 + 5 * 60, "1 h 05"),
        (-3, "0 s"),
    ],
)
def test_durations_read_as_people_say_them_and_never_claim_more_than_was_measured(seconds, words):
    assert duration_words(seconds) == words


def test_leans_have_a_direction_and_no_false_digits():
    assert slouch_message(14.37, 46) == "You leaned 14 deg forward of your upright for 46 s."
    assert slouch_message(-12.6, 90) == "You leaned 13 deg back of your upright for 1 min."
    assert slouching_message(math.nan, 480) == "You have leaned beyond your limit for 8 min."


def test_the_break_that_is_asked_for_is_the_one_that_counts():
    assert "A minute on your feet" in sitting_message(1920, break_s=60)
    assert "3 min on your feet" in sitting_message(1920, break_s=180)
    assert "90 s on your feet" in sitting_message(1920, break_s=90)


@given(
    sat_s=st.integers(0, 86400),
    lean_deg=st.floats(-90, 90) | st.just(math.nan),
    lasted_s=st.integers(0, 86400),
)
def test_no_sentence_scolds(sat_s, lean_deg, lasted_s):
    for sentence in (
        sitting_message(sat_s, break_s=60),
        sitting_since_break_message(sat_s, full_break_s=300),
        slouch_message(lean_deg, lasted_s),
        slouching_message(lean_deg, lasted_s),
    ):
        assert sentence.startswith("You ")
        assert sentence.endswith(".")
        assert not any(word in sentence.lower() for word in NEVER)
        assert "nan" not in sentence


@given(st.floats(0, 50), st.floats(0, 1e6))
def test_what_is_said_of_a_sensor_names_it_and_blames_nobody(
    percent: float, silent_s: float
) -> None:
    low = low_battery_message("Clip", "upper back", percent)
    lost = sensor_lost_message("Clip", "upper back", silent_s)
    for message in (low, lost):
        assert message.startswith("Clip, at your upper back, has ")
        assert not any(word in message.lower() for word in NEVER)
    assert int(low.split(" has ")[1].split(" %")[0]) <= percent, "never more than is left"
