"""A paired sensor as the analysis sees it: where it is worn, and what its driver can tell of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from analysis.pipeline import Mounted
from analysis.settings import AnalysisSettings
from analysis.version import ALGORITHM_VERSION
from collector.drivers.registry import driver_named
from domain.context import AnalysisContext, ReferenceInForce, SensorInForce
from domain.errors import NotFoundError
from domain.people import Calibration, Sensor
from domain.placement import Placement


def mounted(
    sensor: str, driver: str, placement: Placement, calibration: Calibration | None
) -> Mounted:
    """The sensor with id `sensor` on a body; `driver` says whether it has a scale or directions alone.

    A driver that is not among Sitwell's and other packages' has one: whoever describes a sensor in the
    configuration gives its scale.
    """
    return Mounted(sensor, placement, calibration, scaled="direction" not in _measures(driver))


def in_force(
    wearer: str,
    since: int,
    sensors: Sequence[Sensor],
    calibrations: Mapping[str, Calibration],
    settings: AnalysisSettings,
) -> AnalysisContext:
    """What the analysis of `wearer` goes by from second `since` on, with these sensors in this order."""
    return AnalysisContext(
        wearer=wearer,
        since=since,
        algorithm_version=ALGORITHM_VERSION,
        settings=asdict(settings),
        sensors=tuple(
            SensorInForce(
                sensor.id,
                sensor.name,
                sensor.driver,
                sensor.placement,
                ReferenceInForce.of(calibrations.get(sensor.id)),
                _measures(sensor.driver),
            )
            for sensor in sensors
        ),
    )


def _measures(driver: str) -> tuple[str, ...]:
    try:
        return driver_named(driver).measures
    except NotFoundError:
        return ()
