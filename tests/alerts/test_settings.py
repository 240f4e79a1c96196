"""Defaults and ranges of the alert settings."""

import math
from dataclasses import fields

import pytest

from alerts.settings import AlertSettings
from domain.errors import ConfigError


def test_the_defaults_are_those_of_the_evidence():
    settings = AlertSettings()
    assert (settings.sitting_limit_s, settings.repeat_after_s, settings.repeats) == (1800, 600, 2)
    assert (settings.break_partial_s, settings.break_full_s, settings.alerts_per_day) == (
        60,
        300,
        12,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sitting_after_min", 14.9),
        ("sitting_after_min", 121),
        ("sitting_after_min", math.nan),
        ("sitting_after_min", "30"),
        ("break_partial_min", 0.4),
        ("break_full_min", 15.1),
        ("repeat_after_min", 4),
        ("repeats", 3),
        ("repeats", 1.5),
        ("repeats", True),
        ("alerts_per_day", -1),
        ("alerts_per_day", 61),
        ("break_partial_min", 5),
    ],
)
def test_a_value_outside_its_range_is_refused_with_its_key(name, value):
    with pytest.raises(ConfigError) as refused:
        AlertSettings(**{name: value})
    assert refused.value.path == f"alerts.{name}"


def test_every_setting_has_a_range():
    for setting in fields(AlertSettings):
        with pytest.raises(ConfigError):
            AlertSettings(**{setting.name: 1e9})
