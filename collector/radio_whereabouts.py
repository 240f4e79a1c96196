"""Where sensors are heard: by which of several adapters, how strongly, and when."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

from bleak.backends.device import BLEDevice

KNOWN_DEVICES = (
    1024  # phones change their address every quarter of an hour; the oldest are forgotten
)
#: An adapter that has not heard a sensor for so much longer than another one has lost it.
STALE_S = 10.0
#: So long after one adapter first heard a sensor the others in reach have heard it too: it advertises at
#: least every 1.2 s (Core 5.4, Vol 3, Part C, appendix A, TGAP(adv_slow_interval)).
SECOND_EAR_S = 1.2
POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Heard:
    """The last advertisement of a device as `adapter` heard it; `at` in seconds of the event loop."""

    adapter: str | None
    device: BLEDevice
    rssi_dbm: int
    at: float


class Whereabouts:
    """The devices on the air, the newest of them, and over which adapter each is best reached."""

    def __init__(self) -> None:
        self._heard: OrderedDict[str, dict[str | None, Heard]] = OrderedDict()
        self._since: dict[str, float] = {}

    def hear(self, heard: Heard) -> bool:
        """Take in an advertisement; whether it is to be told.

        Of several adapters that hear the same device the first tells of it, until it has not heard
        it for STALE_S: an advertisement told twice would be a sample counted twice.
        """
        address = heard.device.address
        known = self._heard.setdefault(address, {})
        self._heard.move_to_end(address)
        if len(self._heard) > KNOWN_DEVICES:
            self._since.pop(self._heard.popitem(last=False)[0], None)
        if all(heard.at - one.at >= STALE_S for one in known.values()):
            self._since[address] = heard.at
        teller = next(iter(known.values()), heard)
        if teller.adapter != heard.adapter and heard.at - teller.at >= STALE_S:
            del known[teller.adapter]
            teller = next(iter(known.values()), heard)
        known[heard.adapter] = heard
        return teller.adapter == heard.adapter

    def ways_to(self, address: str) -> list[Heard]:
        """Where a device was heard, the adapter that hears it best first."""
        heard = self._heard.get(address, {}).values()
        newest = max((one.at for one in heard), default=0.0)
        fresh = [one for one in heard if newest - one.at < STALE_S]
        return sorted(fresh, key=lambda one: -one.rssi_dbm)

    async def heard_by_all(self, address: str, adapters: Collection[str | None]) -> None:
        """Return when each of `adapters` has heard a device, or has had SECOND_EAR_S to hear it.

        Which of them hears it first says nothing: one of them was only sooner to begin its scan.
        """
        now = asyncio.get_running_loop().time
        while now() - self._since.get(address, 0.0) < SECOND_EAR_S:
            if {way.adapter for way in self.ways_to(address)} >= set(adapters):
                return
            await asyncio.sleep(POLL_S)

    def forget(self, adapter: str | None) -> None:
        """`adapter` hears nothing any more."""
        for address, known in list(self._heard.items()):
            known.pop(adapter, None)
            if not known:
                del self._heard[address]
                self._since.pop(address, None)
