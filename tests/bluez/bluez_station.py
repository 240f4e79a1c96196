"""A simulated sensor's radio in the air that the double of BlueZ hears.

Takes the place of `simulators.station.Station`: the peripheral behind it, with its encoder, its clock
and its ledger, is the same as over Bumble.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bluez_gatt import AttError, Attribute, AttributeTable, table_of
from bumble import att, gatt
from bumble.core import AdvertisingData

from simulators.advertising import AdvertisedFields, parse
from simulators.station import Owner

if TYPE_CHECKING:
    from bluez_device import Device
    from bluez_double import Bluez

ATT_MTU = 247
FIRST_HANDLE = 0x0010


class BluezStation:
    """One sensor's radio. The attributes are what a test may set while it runs.

    audible_on: adapters that hear it, by their names, with the strength in dBm; empty is all of them.
    connect_script: what the next Connect calls meet, in order: (D-Bus error, words) or "hang".
    wants_pairing: what must be written or subscribed only by who is paired is refused so.
    pair_refusal: (D-Bus error, words) that Pair answers with. forgot_pairing: the key is gone.
    """

    def __init__(self, bluez: "Bluez", address: str, owner: Owner, *, rssi_dbm: int) -> None:
        self.address = address.upper()
        self.audible_on: dict[str, int] = {}
        self.connect_script: deque[tuple[str, str] | str] = deque()
        self.disconnect_hangs = False
        self.wants_pairing = False
        self.pair_refusal: tuple[str, str] | None = None
        self.forgot_pairing = False
        self.pairings = 0
        self.connects = 0
        self.sent: Counter[str] = Counter()
        self.hidden = False
        self.link: Device | None = None
        self.table = AttributeTable(())
        self.fields = AdvertisedFields()
        self._bluez = bluez
        self._owner = owner
        self._rssi_dbm = rssi_dbm
        self._services: Sequence[gatt.Service] = ()
        self._on = False

    @property
    def connected(self) -> bool:
        """Whether a host holds a link."""
        return self.link is not None

    @property
    def on_the_air(self) -> bool:
        """Whether it advertises."""
        return self._on and not self.hidden and self.link is None

    @property
    def connectable(self) -> bool:
        """Whether it has anything to connect to."""
        return bool(self.table.services)

    def strength_at(self, adapter: str) -> int | None:
        """How strongly an adapter hears it, None for not at all."""
        return self.audible_on.get(adapter) if self.audible_on else self._rssi_dbm

    # --- what the peripheral asks of its station -----------------------------------------------

    async def start(
        self,
        name: str,
        advertisement: bytes,
        services: Sequence[gatt.Service],
        characteristics: Mapping[str, gatt.Characteristic[bytes]],
    ) -> None:
        """Go on the air."""
        self._services = services
        self.new_firmware(FIRST_HANDLE)
        self.fields = _fields(advertisement)
        self._on = True
        self._bluez.stations[self.address] = self

    async def stop(self) -> None:
        """Leave the air for good."""
        self._on = False
        self.lose_link()
        self._bluez.stations.pop(self.address, None)

    async def tend(self) -> None:
        """Nothing: it advertises whenever it is free."""

    async def drop(self) -> None:
        """Lose the link without warning."""
        self.lose_link()

    async def hide(self) -> None:
        """Leave the range until `show`."""
        self.hidden = True
        self.lose_link()

    async def show(self) -> None:
        """Come back into range."""
        self.hidden = False

    def audible(self, characteristic: str) -> bool:
        """Whether the host has subscribed to `characteristic`."""
        attribute = self._attribute(characteristic)
        return (
            self.link is not None
            and attribute is not None
            and bool(self.link.registrations(attribute))
        )

    async def send(self, characteristic: str, payload: bytes) -> bool:
        """Notify; whether it went out."""
        attribute, link = self._attribute(characteristic), self.link
        if attribute is None or link is None or not link.registrations(attribute):
            return False
        if len(payload) > ATT_MTU - 3:
            raise ValueError(f"{len(payload)} octets in an MTU of {ATT_MTU}")
        self.sent[characteristic] += 1
        link.notified(attribute, payload)
        return True

    async def advertise(self, advertisement: bytes) -> bool:
        """Advertise this from now on, and once at once."""
        self.fields = _fields(advertisement)
        if self.on_the_air:
            self._bluez.hear(self)
        return not self.hidden

    async def drain(self) -> None:
        """Let the bus carry what was sent."""
        await asyncio.sleep(0)

    # --- what the double asks of it ------------------------------------------------------------

    def new_firmware(self, first_handle: int, *, without: str | None = None) -> None:
        """Lay out the services anew from `first_handle` on, one of them left out."""
        kept = [
            one for one in table_of(self._services, first_handle).services if one.uuid != without
        ]
        self.table = AttributeTable(tuple(kept))

    def linked(self, link: "Device") -> None:
        """A host has connected."""
        self.link = link
        self.connects += 1
        self._owner.link_up()

    def lose_link(self) -> None:
        """Both ends see the link end."""
        link, self.link = self.link, None
        if link is not None:
            link.ended()
            self._owner.link_down()

    def checked(self, attribute: Attribute, *, paired: bool, change: bool) -> Attribute:
        """The attribute that a host means. Raises AttError."""
        own = self.table.at(attribute)
        if self.wants_pairing and change and (self.forgot_pairing or not paired):
            raise AttError(att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR)
        return own

    def _attribute(self, characteristic: str) -> Attribute | None:
        return next((one for one in self.table if one.uuid == characteristic), None)


def _fields(advertisement: bytes) -> AdvertisedFields:
    structures = AdvertisingData.from_bytes(advertisement).ad_structures
    return parse((int(kind), bytes(payload)) for kind, payload in structures)
