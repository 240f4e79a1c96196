"""`sitwell sensors`, `unpair` and `identify`: the sensors that are paired."""

import asyncio
import time
from pathlib import Path

from domain.errors import ConflictError
from service.air import open_air
from service.auditing import about_sensor
from service.beside import COMMAND_LINE
from service.capture import capturing
from service.commands.calibrate import sensor_called
from service.commands.run import all_sensors, overridden, sensor_store
from service.config import Config, load_config
from service.plan import calibrations_in_force
from service.tables import aligned

HEAD = ("ADDRESS", "NAME", "DRIVER", "WORN AT", "BY", "CALIBRATED")


def run_sensors(config_path: Path | None, data_dir: Path | None) -> None:
    """Print the paired sensors. Raises ConfigError, StoreError."""
    config = overridden(load_config(config_path), data_dir=data_dir)
    with sensor_store(config) as store:
        sensors = all_sensors(config, store, made_up=True)
        calibrations = calibrations_in_force(store, sensors)
    if not sensors:
        print("No sensor is paired yet; `sitwell pair` pairs one.")
        return
    rows = []
    for sensor in sensors:
        made = calibrations.get(sensor.id)
        when = "-" if made is None else time.strftime("%Y-%m-%d", time.localtime(made.made_at))
        rows.append(
            (sensor.id, sensor.name, sensor.driver, sensor.placement.words, sensor.wearer, when)
        )
    print(aligned(HEAD, rows))


def run_unpair(said: str, config_path: Path | None, data_dir: Path | None) -> None:
    """Unpair a sensor by address or name. Raises ConfigError, NotFoundError, ConflictError, StoreError."""
    config = overridden(load_config(config_path), data_dir=data_dir)
    with sensor_store(config) as store:
        stored = {sensor.id: sensor for sensor in store.sensors()}
        listed = {sensor.id: sensor for sensor in config.sensors}
        sensor = sensor_called(said, tuple({**stored, **listed}.values()))
        if sensor.id in listed:
            raise ConflictError(f"{sensor.name} is in the configuration file: take it out there")
        store.remove_sensor(sensor.id, now=time.time())
        store.add_audit(about_sensor(time.time(), COMMAND_LINE, "unpair", sensor))
    print(f"{sensor.name} is unpaired. What it measured is kept.")


def run_identify(
    said: str, config_path: Path | None, data_dir: Path | None, *, simulated: bool
) -> None:
    """Have a paired sensor blink or buzz. Raises ConfigError, NotFoundError, LinkError, ConflictError."""
    config = overridden(load_config(config_path), data_dir=data_dir)
    asyncio.run(_identify(said, config, simulated=simulated))


async def _identify(said: str, config: Config, *, simulated: bool) -> None:
    with sensor_store(config) as store:
        sensor = sensor_called(said, all_sensors(config, store, simulated=simulated))
    async with (
        open_air(config.bluetooth.adapters, simulated=simulated) as air,
        capturing(air.radio, sensor, time.time, drivers=config.drivers) as capture,
    ):
        print(f"Connecting to {sensor.name} ...", flush=True)
        await capture.reached()
        await capture.identify()
        print("Look and listen: it shows itself now.", flush=True)
        await asyncio.sleep(4.0)  # a sign that lasts is ended by the sensor's driver
