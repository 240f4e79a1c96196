"""`sitwell calibrate`: learn the upright and the slouch of a paired sensor's wearer anew."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from domain.errors import ConflictError, InputError
from domain.people import Calibration, Sensor
from service.air import open_air
from service.auditing import about_sensor
from service.beside import COMMAND_LINE
from service.capture import capturing
from service.commands.posing import Posing, posed, tell_calibrated
from service.commands.run import all_sensors, overridden, sensor_store
from service.config import Config, load_config
from service.people import wearers_in_force
from storage.contract import Store


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
    """The sensor with this address or else name, whatever the case. Raises InputError, ConflictError
    when several have the name."""
    word = said.strip().casefold()
    found = [sensor for sensor in sensors if sensor.id.casefold() == word]
    found = found or [sensor for sensor in sensors if sensor.name.casefold() == word]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{sensor.name} ({sensor.id})" for sensor in found or sensors)
    if found:
        raise ConflictError(f"{said} is the name of several sensors, give the address: {listed}")
    raise InputError(
        f"no sensor {said!r} is paired; "
        + (f"there are {listed}" if sensors else "`sitwell pair` pairs one")
    )


async def _calibrate(options: CalibrateOptions, config: Config) -> None:
    with sensor_store(config) as store:
        sensors = all_sensors(config, store, simulated=options.simulated)
        sensor = sensor_called(options.sensor, sensors)
        async with (
            open_air(config.bluetooth.adapters, simulated=options.simulated, posing=True) as air,
            capturing(air.radio, sensor, time.time, drivers=config.drivers) as capture,
        ):
            print(f"Connecting to {sensor.name} ...", flush=True)
            await capture.reached()
            began = time.time()
            calibration = await posed(options.posing, air, capture, sensor)
        keep_calibration(store, config, sensor, calibration, began=began)
    tell_calibrated(sensor, calibration)


def keep_calibration(
    store: Store, config: Config, sensor: Sensor, calibration: Calibration, *, began: float
) -> None:
    """Store what was learnt from Unix `began` on, so that it is in force. Raises StoreError."""
    # A sensor of the file may never have been read as it is worn now: then it is so since the poses.
    for wearer in wearers_in_force(config.wearers, store):
        store.put_wearer(wearer)
    store.put_sensor(sensor, since=began)
    store.add_calibration(calibration)
    store.add_audit(about_sensor(time.time(), COMMAND_LINE, "calibrate", sensor))
