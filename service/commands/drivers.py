"""`sitwell drivers`: what can be read."""

from collector.drivers.registry import all_drivers
from service.tables import aligned


def run_drivers() -> None:
    """Print a table of the drivers."""
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
                for driver in all_drivers()
            ],
        )
    )
