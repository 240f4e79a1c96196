"""`sitwell config`: what the service would run with."""

from dataclasses import asdict
from pathlib import Path

import tomli_w

from service.config import Config, default_config_path, load_config


def effective_toml(config: Config) -> str:
    """The configuration as TOML that `load_config` reads back to the same value, but for keys of
    sensors and addresses of calendars."""
    table = {
        "service": {**config.service.model_dump(), "data_dir": str(config.data_dir)},
        "api": config.api.model_dump(),
        "bluetooth": config.bluetooth.model_dump(),
        "storage": config.storage.model_dump(),
        "analysis": asdict(config.analysis),
        "alerts": asdict(config.alerts),
        "channels": config.channels.model_dump(exclude_none=True),
        "drivers": [section.model_dump(exclude_defaults=True) for section in config.own_sensors],
        "wearers": [
            {"id": wearer.id, "name": wearer.name, "timezone": wearer.timezone}
            for wearer in config.wearers
        ],
        "sensors": [
            {
                "address": sensor.id,
                "driver": sensor.driver,
                "placement": sensor.placement.value,
                "wearer": sensor.wearer,
                "name": sensor.name,
            }
            for sensor in config.sensors
        ],
    }
    return tomli_w.dumps(table)


def run_config(path: Path | None) -> None:
    """Print the effective configuration. Raises ConfigError."""
    config = load_config(path)
    source = path or default_config_path()
    print(
        f"# {source}" if source.exists() else f"# {source} does not exist: these are the defaults"
    )
    if any(sensor.key_hex for sensor in config.sensors):
        print("# The keys of sensors are left out.")
    if config.calendars:
        print("# The addresses of calendars are left out.")
    print(effective_toml(config), end="")
