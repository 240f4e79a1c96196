"""A driver outside Sitwell: install the package beside it, and `sitwell drivers` lists it.

The ChairTag notifies three 16-bit little-endian numbers, in mg, 25 times a second, to whoever
subscribes.
"""

from typing import ClassVar

from collector.drivers.contract import Advertisement, Command, Event, Guide, Started
from collector.drivers.counts import triplets
from domain.errors import PayloadError
from domain.placement import Placement
from domain.samples import DeviceBlock

SERVICE = "c4a10000-6d5e-4b7a-9f00-3a1b2c3d4e5f"
DATA = "c4a10001-6d5e-4b7a-9f00-3a1b2c3d4e5f"
RATE_HZ = 25.0


class ChairTagDriver:
    """The host's side of one connection; see collector.drivers.contract.Driver."""

    name: ClassVar[str] = "chairtag"
    title: ClassVar[str] = "ChairTag"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc",)
    guide: ClassVar[Guide] = Guide(
        models=("ChairTag",),
        placements=(Placement.SEAT,),
        wear="Under the seat, arrow forwards.",
        limits=("No clock and no counter: lost samples are estimated.",),
        source="this file",
    )

    def __init__(self) -> None:
        self._started = False

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the service that nothing else advertises."""
        return SERVICE in advertisement.service_uuids

    def subscriptions(self) -> tuple[str, ...]:
        """The one characteristic that carries samples."""
        return (DATA,)

    def start(self) -> tuple[Command, ...]:
        """Nothing: it streams to whoever subscribes."""
        return ()

    def stop(self) -> tuple[Command, ...]:
        """Nothing."""
        return ()

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """One sample a notification."""
        if characteristic != DATA or len(payload) != 6:
            raise PayloadError(self.name, "wants 6 bytes of its data characteristic", payload)
        block = DeviceBlock(None, triplets(payload, "<i2") / 1000, None, RATE_HZ)
        if self._started:
            return (block,)
        self._started = True
        return (Started(RATE_HZ), block)
