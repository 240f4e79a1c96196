"""`sitwell drivers`: what can be read."""

from pathlib import Path

from service.config import load_config
from service.tables import aligned


def run_drivers(config: Path | None) -> None:
    """Print a table of the drivers, those of the configuration first. Raises ConfigError."""
    print(
        aligned(
            ("DRIVER", "SENSOR", "HOW", "MEASURES"),
            [
                (
                    driver.name,
                    driver.title,
                    "connects" if driver.connects else "listens",
                    ", ".join(driver.measures),
                )
                for driver in load_config(config).drivers.all
            ],
        )
    )
