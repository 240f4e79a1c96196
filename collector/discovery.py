"""What is on the air, and what of it can be worn."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from collector.drivers.contract import Advertisement, Driver, TellsApart
from collector.drivers.registry import all_drivers
from collector.radio import KNOWN_DEVICES, Radio
from domain.placement import Placement

#: Longer ones are cut when they are shown; Bluetooth allows 248 bytes.
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """An advertiser as it was last heard. driver, title: None when no driver serves it.

    name: as a person may be shown it: whoever advertises may put anything into one.
    measures: what it can deliver, as far as that is known before a connection; placements: where its
    sensor can be worn, best first.
    times_heard: advertisements so far. heard_at: Unix s of the last one.
    """

    address: str
    name: str | None
    rssi_dbm: int | None
    driver: str | None
    title: str | None
    measures: tuple[str, ...]
    times_heard: int
    placements: tuple[Placement, ...] = ()
    heard_at: float = 0.0


class Discovery:
    """Gathers advertisements; names and data of one device come in several of them."""

    def __init__(self, drivers: Sequence[type[Driver]] | None = None) -> None:
        self._drivers = all_drivers() if drivers is None else tuple(drivers)
        self._heard: OrderedDict[str, tuple[Advertisement, int]] = OrderedDict()

    def hear(self, advertisement: Advertisement) -> None:
        """Take in one advertisement; of too many devices the one unheard for longest is forgotten."""
        before, times = self._heard.get(advertisement.address, (None, 0))
        merged = advertisement if before is None else _merged(before, advertisement)
        self._heard[advertisement.address] = (merged, times + 1)
        self._heard.move_to_end(advertisement.address)
        if len(self._heard) > KNOWN_DEVICES:
            self._heard.popitem(last=False)

    def devices(self, since: float = 0.0) -> list[FoundDevice]:
        """What was heard at or after `since`, Unix s: those with a driver first, then by strength."""
        found = [
            self._found(heard, times)
            for heard, times in self._heard.values()
            if heard.received_at >= since
        ]
        return sorted(found, key=lambda d: (d.driver is None, -(d.rssi_dbm or -999), d.address))

    def _found(self, heard: Advertisement, times: int) -> FoundDevice:
        driver = next((d for d in self._drivers if d.matches(heard)), None)
        return FoundDevice(
            address=heard.address,
            name=_shown(heard.name),
            rssi_dbm=heard.rssi_dbm,
            driver=None if driver is None else driver.name,
            title=None if driver is None else driver.title,
            measures=_measures(driver, heard),
            times_heard=times,
            placements=() if driver is None else driver.guide.placements,
            heard_at=heard.received_at,
        )


async def discover(
    radio: Radio, seconds: float, drivers: Sequence[type[Driver]] | None = None
) -> list[FoundDevice]:
    """Listen for `seconds` of wall time; starts the radio when it is not running, and then stops it.

    drivers: those to look for, all that are known by default. Raises RadioUnavailableError or
    another LinkError when there is no radio.
    """
    discovery = Discovery(drivers)
    started_here = not radio.scanning
    with radio.listening(discovery.hear):
        await radio.start()
        try:
            await asyncio.sleep(seconds)
        finally:
            if started_here:
                await radio.stop()
    return discovery.devices()


def _measures(driver: type[Driver] | None, heard: Advertisement) -> tuple[str, ...]:
    if driver is None:
        return ()
    return driver.measures_of(heard) if isinstance(driver, TellsApart) else driver.measures


def _shown(name: str | None) -> str | None:
    """The name without what would steer a terminal or reorder a line; None when nothing is left."""
    visible = "".join(letter for letter in name or "" if letter.isprintable())
    return visible[:LONGEST_NAME].strip() or None


def _merged(before: Advertisement, now: Advertisement) -> Advertisement:
    return Advertisement(
        address=now.address,
        name=now.name or before.name,
        rssi_dbm=now.rssi_dbm if now.rssi_dbm is not None else before.rssi_dbm,
        received_at=now.received_at,
        manufacturer_data={**before.manufacturer_data, **now.manufacturer_data},
        service_data={**before.service_data, **now.service_data},
        service_uuids=tuple(dict.fromkeys((*before.service_uuids, *now.service_uuids))),
    )
