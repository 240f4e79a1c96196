"""`sitwell run`: real sensors, real radio, the page."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from collector.radio import Radio
from domain.errors import ConfigError, StoreHeldError
from domain.people import Sensor
from service.config import Config, check_address, load_config
from service.export_jobs import exports_folder
from service.exposing import base_url, exposure_of
from service.made_up import is_made_up
from service.people import wearers_in_force
from service.plan import ServicePlan, calibrations_in_force
from service.serve import Service, stop_on_signals
from service.stores import forwarding, open_configured
from service.timebase import Timebase
from service.whereabouts import told
from storage.contract import Store
from storage.encryption import store_key


def run_service(
    config_path: Path | None, *, host: str | None, port: int | None, data_dir: Path | None
) -> None:
    """Serve until Ctrl-C. Raises ConfigError and StoreError before anything is started."""
    config = overridden(load_config(config_path), host=host, port=port, data_dir=data_dir)
    asyncio.run(_serve(config))


def overridden(
    config: Config,
    *,
    host: str | None = None,
    port: int | None = None,
    data_dir: Path | None = None,
) -> Config:
    """`config` with what the command line says instead. Raises ConfigError."""
    changed: dict[str, object] = {}
    if host is not None:
        try:
            check_address(host)
        except ValueError as error:
            raise ConfigError("--host", str(error)) from error
        changed["host"] = host
    if port is not None:
        changed["port"] = port
    if data_dir is not None:
        changed["data_dir"] = str(data_dir)
    return replace(config, service=config.service.model_copy(update=changed))


def all_sensors(
    config: Config, store: Store, *, simulated: bool = False, made_up: bool = False
) -> tuple[Sensor, ...]:
    """Sensors of the file and those paired before; the file has the last word on one in both, but
    takes away neither its key nor its time of pairing. One that was only in the file is read no longer
    when it is there no more. simulated: those of trials instead of real ones; made_up: also those that
    were started over the API."""
    stored = {
        sensor.id: sensor
        for sensor in store.sensors()
        if sensor.simulated is simulated or (made_up and is_made_up(sensor.id))
    }
    paired = {sensor.id: sensor for sensor in stored.values() if sensor.paired_at}
    known = {wearer.id for wearer in wearers_in_force(config.wearers, store)}
    for sensor in () if simulated else config.sensors:
        before = stored.get(sensor.id, sensor)
        paired[sensor.id] = replace(
            sensor, key_hex=sensor.key_hex or before.key_hex, paired_at=before.paired_at
        )
    return tuple(sensor for sensor in paired.values() if sensor.wearer in known)


@contextmanager
def sensor_store(config: Config) -> Iterator[Store]:
    """The store, for a command about sensors. Raises StoreError; while the service runs, with where it
    takes the same wishes."""
    try:
        store = open_configured(config)
    except StoreHeldError as error:
        raise StoreHeldError(
            f"{error}. While the service runs it lists, pairs, calibrates and unpairs sensors over "
            "its API, /api/v1/sensors"
        ) from error
    with store:
        yield store


def forget_unlisted(config: Config, store: Store, *, now: float) -> None:
    """Sensors that only the file named and that are there no more are worn no longer. Raises StoreError."""
    listed = {sensor.id for sensor in config.sensors}
    for sensor in store.sensors():
        if not sensor.paired_at and sensor.id not in listed:
            store.remove_sensor(sensor.id, now=now)


async def _serve(config: Config) -> None:
    store = open_configured(config, serving=True)
    try:
        forget_unlisted(config, store, now=time.time())
        sensors = all_sensors(config, store, made_up=True)
        plan = ServicePlan(
            wearers=config.wearers,
            sensors=sensors,
            calibrations=calibrations_in_force(store, sensors),
            fixed=frozenset(sensor.id for sensor in config.sensors),
            analysis=config.analysis,
            alerts=config.alerts,
            drivers=config.drivers,
            channels=config.channels,
            retention=config.retention,
            calendars=config.calendars,
            heeds_desktop=True,
            exports_dir=exports_folder(config.data_dir),
            data_dir=config.data_dir,
            encrypted=store_key() is not None,
            exposure=exposure_of(config),
            port=config.service.port,
        )
        service = Service(
            plan,
            store=store,
            radio=Radio(clock=time.time, adapters=config.bluetooth.adapters),
            timebase=Timebase(),
        )
        stop_on_signals(service)
        with told(config.data_dir, service.url):
            await service.serve(
                on_ready=lambda url: _greet(url, config, sensors), beside=forwarding(config, store)
            )
        print("Stopped. Everything is kept.")
    finally:
        store.close()


def _tell_exposure(config: Config) -> None:
    exposure = exposure_of(config)
    if exposure.open:
        return
    print(
        f"Who wants in needs a token or a login: `sitwell login` prints a link to {base_url(config)}"
    )
    if not exposure.loopback and exposure.certificate is None:
        print(
            "It is reached without TLS: whoever is on the network reads along. See docs/security.md."
        )


def _greet(url: str, config: Config, sensors: tuple[Sensor, ...]) -> None:
    print(f"Sitwell is at {url}")
    _tell_exposure(config)
    print(f"It keeps its data in {config.data_dir}")
    if config.storage.metrics == "influx":
        print(f"What is measured also goes to InfluxDB at {config.storage.influx.url}")
    for sensor in sensors:
        print(f"Reading {sensor.name} ({sensor.driver}, {sensor.placement.words})")
    if not sensors:
        print("No sensor is paired yet: the page finds, places and calibrates one.")
    print("Ctrl-C stops it.", flush=True)
