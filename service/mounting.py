"""A paired sensor as the analysis sees it: where it is worn, and what its driver can tell of it."""

from analysis.pipeline import Mounted
from collector.drivers.registry import driver_named
from domain.errors import NotFoundError
from domain.people import Calibration
from domain.placement import Placement


def mounted(
    sensor: str, driver: str, placement: Placement, calibration: Calibration | None
) -> Mounted:
    """The sensor with id `sensor` on a body; `driver` says whether it has a scale or directions alone.

    A driver that is not among Sitwell's and other packages' has one: whoever describes a sensor in the
    configuration gives its scale.
    """
    try:
        scaled = "direction" not in driver_named(driver).measures
    except NotFoundError:
        scaled = True
    return Mounted(sensor, placement, calibration, scaled=scaled)
