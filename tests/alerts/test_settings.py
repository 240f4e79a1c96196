"""Defaults and ranges of the alert settings."""

import math
from dataclasses import fields

import pytest

from alerts.settings import BREAKS, AlertSettings, knobs
from domain.errors import ConfigError


def test_the_defaults_are_those_of_the_evidence():
    settings = AlertSettings()
    assert (settings.sitting_limit_s, settings.repeat_after_s, settings.repeats) == (1800, 600, 2)
    assert settings.alerts_per_day == 12
    assert (settings.battery_low_percent, settings.sensor_lost_s) == (15, 1800)
    assert (BREAKS.partial_s, BREAKS.full_s) == (60, 300)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sitting_after_min", 14.9),
        ("sitting_after_min", 121),
        ("sitting_after_min", math.nan),
        ("sitting_after_min", "30"),
        ("repeat_after_min", 4),
        ("repeats", 3),
        ("repeats", 1.5),
        ("repeats", True),
        ("alerts_per_day", -1),
        ("alerts_per_day", 61),
        ("battery_low_percent", 51),
        ("battery_low_percent", -1),
        ("sensor_lost_after_min", 721),
    ],
)
def test_a_value_outside_its_range_is_refused_with_its_key(name, value):
    with pytest.raises(ConfigError) as refused:
        AlertSettings(**{name: value})
    assert refused.value.path == f"alerts.{name}"


def test_every_source_says_something_to_who_has_not_read_the_evidence():
    for name, knob in knobs().items():
        assert knob.source and "section" not in knob.source, name


def test_every_setting_has_a_range():
    for setting in fields(AlertSettings):
        with pytest.raises(ConfigError):
            AlertSettings(**{setting.name: 1e9})
