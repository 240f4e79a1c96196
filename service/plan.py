"""What one run of the service is to do, and the calibrations it begins with."""

import math
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from alerts.settings import AlertSettings
from analysis.settings import AnalysisSettings
from api.exposure import Exposure
from collector.drivers.registry import Drivers, known_drivers
from collector.session import Timings
from domain.people import Calibration, Sensor, Wearer, calibration_in_force
from domain.retention import Retention
from service.channel_config import ChannelsSection
from storage.contract import Store


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """What is to run: everything is decided and checked before anything is touched.

    fixed: ids of those sensors that the configuration file describes; nothing else changes them.
    simulated: whether all that is on the air is made up.
    exports_dir: where exports are made and kept for a day, by default a folder of this run alone.
    data_dir, encrypted: of the store.
    calendars: addresses of iCalendar feeds by wearer. heeds_desktop: whether this machine's screen is theirs.
    """

    wearers: tuple[Wearer, ...]
    sensors: tuple[Sensor, ...]
    calibrations: Mapping[str, Calibration]
    fixed: frozenset[str] = frozenset()
    simulated: bool = False
    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    drivers: Drivers = field(default_factory=known_drivers)
    channels: ChannelsSection = field(default_factory=ChannelsSection)
    retention: Retention = field(default_factory=Retention)
    calendars: Mapping[str, str] = field(default_factory=dict, repr=False)
    heeds_desktop: bool = False
    exports_dir: Path | None = None
    data_dir: Path | None = None
    encrypted: bool = False
    exposure: Exposure = field(default_factory=Exposure)
    port: int = 0
    timings: Timings | None = None

    @property
    def exports_folder(self) -> Path:
        """Where exports are made; another one each time it is asked for when none was named."""
        if self.exports_dir is not None:
            return self.exports_dir
        return Path(tempfile.gettempdir()) / f"sitwell-exports-{secrets.token_hex(8)}"


def calibrations_in_force(
    store: Store, sensors: Sequence[Sensor], *, at: float | None = None
) -> dict[str, Calibration]:
    """The calibration in force of every sensor that has one: now, or when it was worn as it was `at`
    Unix s. Raises StoreError."""
    found = {}
    for sensor in sensors:
        worn = store.assignments(sensor.id)
        if at is not None:
            worn = [
                replace(each, until=None)
                for each in worn
                if each.since <= at < (math.inf if each.until is None else each.until)
            ]
        found[sensor.id] = calibration_in_force(store.calibrations(sensor.id), worn, sensor)
    return {sensor: calibration for sensor, calibration in found.items() if calibration}
