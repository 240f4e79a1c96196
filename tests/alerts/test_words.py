"""What the wearer reads."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.languages import LANGUAGES
from alerts.sentences import Sentence, fields_of
from alerts.settings import AlertSettings
from alerts.words import (
    low_battery_message,
    sensor_lost_message,
    sitting_message,
    sitting_since_break_message,
    slouch_message,
    slouching_message,
)
from domain.alerts import AlertKind
from domain.errors import ConfigError
from domain.placement import Placement

ENGLISH = LANGUAGES["en"]
NEVER = {
    "en": ("bad", "damage", "correct", "fail", "!", "should", "must"),
    "de": ("schlecht", "schad", "schäd", "falsch", "korrekt", "!", "sollt", "musst", "versag"),
}
CODES = pytest.mark.parametrize("code", list(LANGUAGES))


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
    said = ENGLISH.say(Sentence("slouch.unknown", {"lasted": seconds}))
    assert said == f"You leaned beyond your limit for {words}."


def test_leans_have_a_direction_and_no_false_digits():
    for sentence, words in (
        (slouch_message(14.37, 46), "You leaned 14 deg forward of your upright for 46 s."),
        (slouch_message(-12.6, 90), "You leaned 13 deg back of your upright for 1 min."),
        (slouching_message(math.nan, 480), "You have leaned beyond your limit for 8 min."),
    ):
        assert ENGLISH.say(sentence) == words


def test_the_break_that_is_asked_for_is_the_one_that_counts():
    assert "A minute on your feet" in ENGLISH.say(sitting_message(1920, break_s=60))
    assert "3 min on your feet" in ENGLISH.say(sitting_message(1920, break_s=180))
    assert "90 s on your feet" in ENGLISH.say(sitting_message(1920, break_s=90))
    german = LANGUAGES["de"]
    assert german.say(sitting_message(1920, break_s=60)) == (
        "Du sitzt seit 32 min. Mit einer Minute auf den Beinen beginnt eine Pause."
    )
    assert "Mit 3 min auf den Beinen" in german.say(sitting_message(1920, break_s=180))


@CODES
@given(
    sat_s=st.integers(0, 86400),
    lean_deg=st.floats(-90, 90) | st.just(math.nan),
    lasted_s=st.integers(0, 86400),
)
def test_no_sentence_scolds(code, sat_s, lean_deg, lasted_s):
    for sentence in (
        sitting_message(sat_s, break_s=60),
        sitting_since_break_message(sat_s, full_break_s=300),
        slouch_message(lean_deg, lasted_s),
        slouching_message(lean_deg, lasted_s),
    ):
        said = LANGUAGES[code].say(sentence)
        assert said.startswith({"en": "You ", "de": "Du "}[code])
        assert said.endswith(".")
        assert "nan" not in said


@given(st.floats(0, 50), st.floats(0, 1e6))
def test_what_is_said_of_a_sensor_names_it_and_blames_nobody(
    percent: float, silent_s: float
) -> None:
    low = ENGLISH.say(low_battery_message("Clip", Placement.UPPER_BACK, percent))
    lost = ENGLISH.say(sensor_lost_message("Clip", Placement.UPPER_BACK, silent_s))
    for message in (low, lost):
        assert message.startswith("Clip, at your upper back, has ")
    assert int(low.split(" has ")[1].split(" %")[0]) <= percent, "never more than is left"


@CODES
def test_no_word_of_a_language_scolds(code):
    for key, template in LANGUAGES[code].templates.items():
        texts = [template] if isinstance(template, str) else [*template.values()]
        for text in texts:
            assert not any(word in text.lower() for word in NEVER[code]), key


@CODES
def test_every_sentence_is_there_in_every_language_with_the_same_values(code):
    said = {key: fields_of(template) for key, template in LANGUAGES[code].templates.items()}
    assert said == {key: fields_of(template) for key, template in ENGLISH.templates.items()}


@CODES
def test_every_count_has_the_plural_forms_of_its_language(code):
    language = LANGUAGES[code]
    wanted = {language.plural(n) for n in range(1000)} | {"other"}
    for key, template in language.templates.items():
        plural = not isinstance(ENGLISH.templates[key], str)
        assert isinstance(template, str) is not plural, key
        if not isinstance(template, str):
            assert set(template) == wanted, key


@CODES
def test_every_form_is_one_that_can_be_said_and_no_brace_is_left(code):
    language = LANGUAGES[code]
    for key, template in language.templates.items():
        values = {
            name: "thigh" if form == "place" else 2.0 for name, form in fields_of(template)
        } | {"n": 2.0}
        said = language.say(Sentence(key, values))
        assert not re.search(r"[{}]", said), key


@CODES
@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_of_alert_has_a_title(code, kind):
    assert LANGUAGES[code].knows(f"title.{kind}")


@CODES
@pytest.mark.parametrize("place", Placement)
def test_every_place_has_a_word(code, place):
    said = LANGUAGES[code].say(low_battery_message("Clip", place, 9.0))
    assert LANGUAGES[code].templates[f"place.{place}"] in said


def test_a_language_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(ConfigError, match=r"alerts\.language: no language 'xx'; there are en, de"):
        AlertSettings(language="xx")
