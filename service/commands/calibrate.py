"""`sitwell calibrate`: learn the upright and the slouch of a paired sensor's wearer anew."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from domain.errors import NotFoundError
from domain.people import Sensor
from service.air import open_air
from service.capture import capturing
from service.commands.posing import Posing, posed, tell_calibrated
from service.commands.run import all_sensors, overridden
from service.config import Config, load_config
from service.serve import open_store


@dataclass(frozen=True, slots=True)
class CalibrateOptions:
    """What the command line said. sensor: an address or a name."""

    sensor: str
    posing: Posing
    simulated: bool = False
    config: Path | None = None
    data_dir: Path | None = None


def run_calibrate(options: CalibrateOptions) -> None:
    """Calibrate. Raises InputError (CalibrationRefused included), LinkError, StoreError."""
    config = overridden(load_config(options.config), data_dir=options.data_dir)
    asyncio.run(_calibrate(options, config))


def sensor_called(said: str, sensors: tuple[Sensor, ...]) -> Sensor:
    """The sensor with this address or name, whatever the case. Raises NotFoundError."""
    for sensor in sensors:
        if said.casefold() in (sensor.id.casefold(), sensor.name.casefold()):
            return sensor
    paired = ", ".join(f"{sensor.name} ({sensor.id})" for sensor in sensors)
    raise NotFoundError("paired sensor", f"{said}; paired: {paired or 'none, see `sitwell pair`'}")


async def _calibrate(options: CalibrateOptions, config: Config) -> None:
    store = open_store(config.data_dir)
    try:
        sensors = all_sensors(config, store, simulated=options.simulated)
        sensor = sensor_called(options.sensor, sensors)
        async with (
            open_air(config.bluetooth.adapters, simulated=options.simulated, posing=True) as air,
            capturing(air.radio, sensor, time.time, drivers=config.drivers) as capture,
        ):
            print(f"Connecting to {sensor.name} ...", flush=True)
            await capture.reached()
            calibration = await posed(options.posing, air, capture, sensor)
        store.put_sensor(sensor, since=sensor.paired_at)
        store.add_calibration(calibration)
    finally:
        store.close()
    tell_calibrated(sensor, calibration)
