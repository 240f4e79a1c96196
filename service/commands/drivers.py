"""`sitwell drivers`: what can be read."""

from collector.drivers.registry import all_drivers


def run_drivers() -> None:
    """Print a table of the drivers."""
    rows = [
        (
            driver.name,
            driver.title,
            "connects" if driver.connects else "listens",
            ", ".join(driver.measures),
        )
        for driver in all_drivers()
    ]
    head = ("DRIVER", "SENSOR", "HOW", "MEASURES")
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    for row in [head, *rows]:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
