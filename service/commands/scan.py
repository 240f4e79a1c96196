"""`sitwell scan`: what is in range."""

import asyncio
from collections.abc import Sequence

from collector.discovery import FoundDevice, discover
from service.air import open_air
from service.tables import aligned


def run_scan(seconds: float, *, everything: bool, simulated: bool) -> None:
    """Listen and print a table. Raises LinkError when there is no radio."""
    print(f"Listening for {seconds:g} s ...", flush=True)
    found = asyncio.run(_scan(seconds, simulated))
    known = [device for device in found if device.driver is not None]
    shown = found if everything else known
    if shown:
        print(table(shown))
    others = len(found) - len(known)
    if not known:
        print(
            "No sensor that Sitwell can read was heard. Is it switched on, near, and not connected to "
            "a phone? `sitwell drivers` lists what can be read."
        )
    if others and not everything:
        what = "another device was" if others == 1 else f"{others} other devices were"
        print(f"{what[0].upper()}{what[1:]} heard; --all lists what no driver knows.")


def table(devices: Sequence[FoundDevice]) -> str:
    """One line a device under a headline, columns aligned."""
    rows = [
        (
            device.address,
            device.name or "-",
            device.driver or "-",
            "-" if device.rssi_dbm is None else f"{device.rssi_dbm} dBm",
            ", ".join(device.measures) or "-",
        )
        for device in devices
    ]
    return aligned(("ADDRESS", "NAME", "DRIVER", "SIGNAL", "MEASURES"), rows)


async def _scan(seconds: float, simulated: bool) -> list[FoundDevice]:
    async with open_air(simulated=simulated) as air:
        return await discover(air.radio, seconds)
