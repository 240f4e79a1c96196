"""Fixtures of the alert tests."""

from collections.abc import Callable

import pytest

from alerts.settings import AlertSettings
from tests.alerts.scripted_day import Day


@pytest.fixture
def day_of() -> Callable[..., Day]:
    """A new wearer with these settings, to whom everything is said as soon as it may be."""

    def make(**settings: object) -> Day:
        at_once = {"wait_for_pause_s": 0, "slouch_after_s": 0, "shift": False}
        return Day(AlertSettings(**(at_once | settings)))  # type: ignore[arg-type]  # a test's shorthand

    return make
