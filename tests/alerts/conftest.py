"""Fixtures of the alert tests."""

from collections.abc import Callable

import pytest

from alerts.settings import AlertSettings
from tests.alerts.scripted_day import Day


@pytest.fixture
def day_of() -> Callable[..., Day]:
    """A new wearer with these settings."""

    def make(**settings: object) -> Day:
        return Day(AlertSettings(**settings))  # type: ignore[arg-type]  # a test's shorthand

    return make
