"""The service's clock at real speed and faster."""

import time

import pytest

from service.timebase import Timebase


class Clocks:
    """time.time and time.monotonic, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.steady = 1_000_000.0, 50.0
        monkeypatch.setattr(time, "time", lambda: self.wall)
        monkeypatch.setattr(time, "monotonic", lambda: self.steady)

    def pass_(self, seconds: float) -> None:
        """Both move on."""
        self.wall += seconds
        self.steady += seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


def test_at_real_speed_it_is_the_wall_clock_with_its_steps(clocks: Clocks) -> None:
    timebase = Timebase()
    clocks.wall -= 3600  # somebody sets the clock back
    assert timebase.now() == clocks.wall


def test_faster_it_starts_at_the_wall_clock_and_runs_ahead(clocks: Clocks) -> None:
    timebase = Timebase(speed=8.0)
    assert timebase.now() == 1_000_000.0
    clocks.pass_(10.0)
    assert timebase.now() == 1_000_080.0


def test_a_start_of_its_own_is_kept_whatever_the_wall_clock_does(clocks: Clocks) -> None:
    timebase = Timebase(start=5_000.0)
    clocks.pass_(2.0)
    clocks.wall += 999.0
    assert timebase.now() == 5_002.0


@pytest.mark.parametrize("speed", [0.0, 0.5, -1.0, float("nan")])
def test_time_never_stands_still_or_runs_backwards(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        Timebase(speed=speed)
