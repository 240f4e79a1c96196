"""`sitwell scan`: what is in range, as it is heard."""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import JustifyMethod
from rich.live import Live
from rich.table import Table
from rich.text import Text

from collector.discovery import Discovery, FoundDevice
from collector.drivers.registry import Drivers
from collector.radio import Radio
from service.air import open_air
from service.config import Config, load_config
from service.tables import aligned

HEAD = ("ADDRESS", "NAME", "DRIVER", "SIGNAL", "MEASURES")
#: The table on a terminal is drawn anew so often; what was not heard for so long is told to be fading.
LOOK_S = 0.5
FADING_S = 10.0


def run_scan(
    seconds: float, *, everything: bool, simulated: bool, config_path: Path | None
) -> None:
    """Listen and show a table, live on a terminal. Raises ConfigError, LinkError without a radio."""
    config = load_config(config_path)
    print(f"Listening for {seconds:g} s ...", flush=True)
    found = asyncio.run(_scan(seconds, config, everything=everything, simulated=simulated))
    known = [device for device in found if device.driver is not None]
    others = len(found) - len(known)
    shown = found if everything else known
    if shown and not sys.stdout.isatty():
        print(aligned(HEAD, rows(shown)))
    if known:
        print("`sitwell pair` pairs one of them.")
    else:
        print(
            "No sensor that Sitwell can read was heard. Is it switched on, near, and not connected to "
            "a phone? `sitwell drivers` lists what can be read."
        )
    if others and not everything:
        what = "another device was" if others == 1 else f"{others} other devices were"
        print(f"{what[0].upper()}{what[1:]} heard; --all lists what no driver knows.")


def rows(devices: Sequence[FoundDevice]) -> list[tuple[str, ...]]:
    """One row of HEAD a device."""
    return [
        (
            device.address,
            device.name or "-",
            device.driver or "-",
            "-" if device.rssi_dbm is None else f"{device.rssi_dbm} dBm",
            ", ".join(device.measures) or "-",
        )
        for device in devices
    ]


async def listen(
    radio: Radio,
    seconds: float,
    drivers: Drivers,
    *,
    until: str | None = None,
    everything: bool = False,
    passing: bool = False,
) -> list[FoundDevice]:
    """What is heard within `seconds`, drawn live on a terminal; at most until the device at `until`
    is known with its driver and its name. passing: the drawing goes when the time is over.

    Raises LinkError when there is no radio.
    """
    discovery = Discovery(drivers.all)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    with radio.listening(discovery.hear), Live(transient=passing, auto_refresh=False) as live:
        await radio.start()
        try:
            while loop.time() < deadline and not _whole(discovery, until):
                await asyncio.sleep(min(LOOK_S, max(0.0, deadline - loop.time())))
                if sys.stdout.isatty() and until is None:
                    live.update(drawn(discovery.devices(), everything=everything), refresh=True)
        finally:
            await radio.stop()
    return discovery.devices()


def _whole(discovery: Discovery, address: str | None) -> bool:
    return any(
        device.address.upper() == address and device.driver is not None and bool(device.name)
        for device in discovery.devices()
    )


def drawn(devices: Sequence[FoundDevice], *, everything: bool) -> Table:
    """The table as it is drawn on a terminal; without `everything` those that can be read."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in HEAD:
        # Where the terminal is narrow these two wrap: an address that is cut cannot be typed.
        wraps = head in ("NAME", "MEASURES")
        justify: JustifyMethod = "right" if head == "SIGNAL" else "left"
        table.add_column(head, justify=justify, no_wrap=not wraps)
    shown = [device for device in devices if everything or device.driver is not None]
    for device, row in zip(shown, rows(shown), strict=True):
        fading = time.time() - device.heard_at > FADING_S
        table.add_row(*map(Text, row), style="dim" if fading or device.driver is None else "")
    return table


async def _scan(
    seconds: float, config: Config, *, everything: bool, simulated: bool
) -> list[FoundDevice]:
    async with open_air(config.bluetooth.adapters, simulated=simulated) as air:
        return await listen(air.radio, seconds, config.drivers, everything=everything)
