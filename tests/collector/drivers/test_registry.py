import logging
from importlib.metadata import EntryPoint

import pytest

from collector.drivers import DRIVERS, registry
from collector.drivers.contract import Advertisement
from collector.drivers.polar_encoder import PolarH10Encoder
from collector.drivers.ruuvitag import RuuviTagDriver
from domain.errors import NotFoundError


class StrangeDriver(RuuviTagDriver):
    """A driver of another package: it serves what advertises as Strange."""

    name = "strange"
    title = "A strange sensor"

    @classmethod
    def matches(cls, advertisement):
        return advertisement.name == "Strange"


class NamelessDriver(RuuviTagDriver):
    name = ""


class SilentDriver(StrangeDriver):
    name = "silent"
    guide = None


class TakenDriver(RuuviTagDriver):
    pass


class HalfDriver:
    name = "half"
    title = "Half a driver"
    connects = True
    measures = ("acc",)

    def start(self):
        return ()


class FakePoint(EntryPoint):
    def load(self):
        found = globals().get(self.attr)
        if found is None:
            raise RuntimeError("it broke at import")
        return found


@pytest.fixture
def install(monkeypatch):
    """Pretend that packages with these entry points are installed."""

    def pretend(*attributes):
        points = tuple(FakePoint(a.lower(), f"stranger:{a}", registry.GROUP) for a in attributes)
        monkeypatch.setattr(registry, "entry_points", lambda group: points)
        registry.outsiders.cache_clear()

    yield pretend
    registry.outsiders.cache_clear()


def heard(name):
    return Advertisement("a", name, None, 0.0)


def test_an_outsider_is_found_behind_our_own(install):
    install("StrangeDriver")
    assert registry.all_drivers() == (*DRIVERS, StrangeDriver)
    assert registry.driver_for(heard("Strange")) is StrangeDriver
    assert registry.driver_named("strange") is StrangeDriver


@pytest.mark.parametrize(
    ("attribute", "problem"),
    [
        ("NoSuchDriver", "it broke at import"),
        ("heard", "is no class"),
        ("NamelessDriver", "no name"),
        ("SilentDriver", "no guide for people"),
        ("TakenDriver", "'ruuvitag' is taken"),
        ("HalfDriver", "lacks matches, subscriptions, stop, feed"),
    ],
)
def test_a_broken_outsider_is_left_out_with_its_reason_and_costs_nobody_else(
    install, caplog, attribute, problem
):
    install(attribute, "StrangeDriver")
    with caplog.at_level(logging.WARNING):
        assert registry.all_drivers() == (*DRIVERS, StrangeDriver)
        registry.all_drivers()
    (broken,) = registry.outsiders().broken
    assert problem in broken.problem
    assert attribute in broken.entry_point
    assert len(caplog.records) == 1  # the edge is logged, not every look


def test_of_two_outsiders_with_one_name_the_first_stays(install):
    install("StrangeDriver", "StrangeDriver")
    assert registry.all_drivers() == (*DRIVERS, StrangeDriver)
    assert "taken" in registry.outsiders().broken[0].problem


def test_an_advertiser_that_nobody_knows_has_no_driver(install):
    install()
    assert registry.driver_for(heard("Toaster")) is None
    assert registry.driver_for(heard(None)) is None


def test_an_unknown_name_is_not_found(install):
    install()
    with pytest.raises(NotFoundError, match="no driver 'toaster'"):
        registry.driver_named("toaster")
    with pytest.raises(NotFoundError, match="no simulated sensor 'toaster'"):
        registry.encoder_named("toaster")


def test_a_simulated_sensor_is_found_by_its_own_word_or_by_its_driver():
    assert registry.encoder_named("polar-h10") is PolarH10Encoder
    assert registry.encoder_named("polar") is PolarH10Encoder
