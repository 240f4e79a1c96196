"""Where sensors are heard: by which of several adapters, how strongly, and when."""

from collections import OrderedDict
from dataclasses import dataclass

from bleak.backends.device import BLEDevice

KNOWN_DEVICES = (
    1024  # phones change their address every quarter of an hour; the oldest are forgotten
)
#: An adapter that has not heard a sensor for so much longer than another one has lost it.
STALE_S = 10.0


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

    def hear(self, heard: Heard) -> bool:
        """Take in an advertisement; whether it is to be told.

        Of several adapters that hear the same device the first tells of it, until it has not heard
        it for STALE_S: an advertisement told twice would be a sample counted twice.
        """
        address = heard.device.address
        known = self._heard.setdefault(address, {})
        self._heard.move_to_end(address)
        if len(self._heard) > KNOWN_DEVICES:
            self._heard.popitem(last=False)
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

    def forget(self, adapter: str | None) -> None:
        """`adapter` hears nothing any more."""
        for address, known in list(self._heard.items()):
            known.pop(adapter, None)
            if not known:
                del self._heard[address]
