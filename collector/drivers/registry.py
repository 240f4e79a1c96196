"""Finds the driver for an advertiser, ours first, then those of other packages.

Another package brings drivers through the entry point group `sitwell.drivers`; each entry point names a
class that satisfies `collector.drivers.contract.Driver`. One that cannot be used is left out, with
its reason, and costs nobody else their sensors.
"""

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Final

from collector.drivers import DRIVERS, WEARABLES
from collector.drivers.contract import (
    Advertisement,
    Driver,
    Encoder,
    Encrypts,
    Guide,
    Keyed,
)
from domain.errors import InputError, NotFoundError

GROUP: Final = "sitwell.drivers"

#: Simulated sensors by the word a person chooses them with; `driver` of each names its driver.
ENCODERS: Final[Mapping[str, type[Encoder]]] = MappingProxyType(
    {word: encoder for _, twins in WEARABLES for word, encoder in twins.items()}
)

_WORDS = ("name", "title")
_METHODS = ("matches", "subscriptions", "start", "stop", "feed")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BrokenDriver:
    """A driver of another package that was left out; `entry_point` is `name = module:object`."""

    entry_point: str
    problem: str


@dataclass(frozen=True, slots=True)
class Outsiders:
    """What the installed packages bring: drivers that can be used, and those that cannot."""

    drivers: tuple[type[Driver], ...]
    broken: tuple[BrokenDriver, ...]


@cache
def outsiders() -> Outsiders:
    """The drivers of other packages, looked up once; every one left out is logged once."""
    drivers: list[type[Driver]] = []
    broken: list[BrokenDriver] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        taken = {driver.name for driver in (*DRIVERS, *drivers)}
        found = _load(point, taken)
        if isinstance(found, BrokenDriver):
            _log.warning("driver %s is left out: %s", found.entry_point, found.problem)
            broken.append(found)
        else:
            drivers.append(found)
    return Outsiders(tuple(drivers), tuple(broken))


@dataclass(frozen=True, slots=True)
class Drivers:
    """The drivers of one service, in the order in which they are asked."""

    all: tuple[type[Driver], ...]

    def serving(self, advertisement: Advertisement) -> type[Driver] | None:
        """The first driver that serves the advertiser, or None."""
        return next((driver for driver in self.all if driver.matches(advertisement)), None)

    def named(self, name: str) -> type[Driver]:
        """The driver with this stored name; raises NotFoundError."""
        for driver in self.all:
            if driver.name == name:
                return driver
        raise NotFoundError("driver", name)


def all_drivers() -> tuple[type[Driver], ...]:
    """Our own drivers in their order, then those of other packages."""
    return (*DRIVERS, *outsiders().drivers)


def known_drivers(described: Iterable[type[Driver]] = ()) -> Drivers:
    """All there are; those described by the user are asked first, for they were meant."""
    return Drivers((*described, *all_drivers()))


def driver_for(advertisement: Advertisement) -> type[Driver] | None:
    """The first driver that serves the advertiser, or None."""
    return known_drivers().serving(advertisement)


def driver_named(name: str) -> type[Driver]:
    """The driver with this stored name; raises NotFoundError."""
    return known_drivers().named(name)


def driver_factory(
    driver: Callable[[], Driver], address: str, key_hex: str = ""
) -> Callable[[], Driver]:
    """What makes the drivers of the sensor at `address`, one a connection; `driver` is its class.

    key_hex: the key of a sensor that encrypts, hexadecimal. Raises InputError when the driver takes no
    key, or not this one.
    """
    if not key_hex:
        return driver
    try:
        key = bytes.fromhex(key_hex)
    except ValueError as error:
        raise InputError("a key is written in hexadecimal digits, two a byte") from error
    if not isinstance(driver, type) or not issubclass(driver, Keyed):
        raise InputError("this kind of sensor takes no key")
    keyed: type[Keyed] = driver

    def with_key() -> Driver:
        made = keyed.with_key(address, key)
        assert isinstance(made, Driver)
        return made

    with_key()
    return with_key


def driver_of(encoder: Encoder) -> Driver:
    """The driver that hears a simulated sensor, with its key when it encrypts. Raises NotFoundError."""
    driver = driver_named(encoder.driver)
    if isinstance(encoder, Encrypts):
        return driver_factory(driver, encoder.address, encoder.key_hex)()
    return driver()


def encoder_named(name: str) -> type[Encoder]:
    """The encoder of a simulated sensor, or the first one of a driver; raises NotFoundError."""
    if name in ENCODERS:
        return ENCODERS[name]
    for encoder in ENCODERS.values():
        if encoder.driver == name:
            return encoder
    raise NotFoundError("simulated sensor", name)


def _load(point: EntryPoint, taken: set[str]) -> type[Driver] | BrokenDriver:
    label = f"{point.name} = {point.value}"
    try:
        found = point.load()
    except Exception as error:  # noqa: BLE001 - importing a stranger's module can raise anything
        return BrokenDriver(label, f"cannot be imported ({type(error).__name__}: {error})")
    problem = _problem(found, taken)
    if problem is not None:
        return BrokenDriver(label, problem)
    driver: type[Driver] = found
    return driver


def _problem(found: object, taken: set[str]) -> str | None:
    """Why `found` is no driver, as far as can be told without a sensor; None when it is one."""
    if not inspect.isclass(found):
        return "is no class"
    words = [getattr(found, attribute, None) for attribute in _WORDS]
    if not all(isinstance(word, str) and word for word in words):
        return "has no name or no title"
    if not isinstance(getattr(found, "connects", None), bool):
        return "does not say whether it connects"
    measures = getattr(found, "measures", None)
    if not isinstance(measures, tuple) or not all(isinstance(word, str) for word in measures):
        return "does not say what it measures"
    missing = [name for name in _METHODS if not callable(getattr(found, name, None))]
    if missing:
        return f"lacks {', '.join(missing)}"
    if not isinstance(getattr(found, "guide", None), Guide):
        return "has no guide for people"
    if words[0] in taken:
        return f"its name {words[0]!r} is taken"
    return None
