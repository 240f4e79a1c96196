"""A simulated sensor's radio: it advertises while it is free and in range, serves GATT, and sends."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Protocol

from bumble import gatt
from bumble.device import (
    AdvertisingEventProperties,
    AdvertisingParameters,
    AdvertisingSet,
    AdvertisingType,
    Connection,
    Device,
)

from simulators.airspace import ANSWER_S, BumbleWorld, finish, lose_link

_NOTIFY = 1  # bits of the client characteristic configuration: Core 5.4, vol 3 G 3.3.3.3
_DORMANT_S = 10.0  # repeats of an advertiser whose every message is sent as it comes


class Owner(Protocol):
    """Whom a station tells about its link."""

    def link_up(self) -> None:
        """A host connected."""
        ...

    def link_down(self) -> None:
        """The link ended, however it ended."""
        ...


class Station:
    """One address on the air. After `start`, `connected`, `audible` and `send` are for its owner.

    services: empty for a station that only advertises; then it cannot be connected to.
    """

    def __init__(
        self,
        world: BumbleWorld,
        address: str,
        owner: Owner,
        *,
        advertising_interval_s: float,
        rssi_dbm: int,
    ) -> None:
        self.address = address.upper()
        self._world = world
        self._owner = owner
        self._interval_s = advertising_interval_s
        self._rssi_dbm = rssi_dbm
        self._device: Device | None = None
        self._advertising: AdvertisingSet | None = None
        self._advertising_switch = asyncio.Lock()
        self._characteristics: Mapping[str, gatt.Characteristic[bytes]] = {}
        self._connection: Connection | None = None
        self._link_ended = asyncio.Event()
        self._hidden = False

    @property
    def connected(self) -> bool:
        """Whether a host holds a link."""
        return self._connection is not None

    async def start(
        self,
        name: str,
        advertisement: bytes,
        services: Sequence[gatt.Service],
        characteristics: Mapping[str, gatt.Characteristic[bytes]],
    ) -> None:
        """Go on the air with these services and advertise."""
        connectable = bool(services)
        device = await self._world.add_device(
            self.address, name, connectable=connectable, rssi_dbm=self._rssi_dbm
        )
        device.add_services(services)
        device.on(Device.EVENT_CONNECTION, self._on_connection)
        interval_ms = 1000 * (self._interval_s if connectable else _DORMANT_S)
        kind = (
            AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE
            if connectable
            else AdvertisingType.UNDIRECTED
        )
        parameters = AdvertisingParameters(
            AdvertisingEventProperties.from_advertising_type(kind),
            primary_advertising_interval_min=interval_ms,
            primary_advertising_interval_max=interval_ms,
        )
        self._advertising = await finish(
            device.create_advertising_set(
                parameters, advertising_data=advertisement, auto_start=False
            )
        )
        self._device, self._characteristics = device, characteristics
        await self.tend()

    async def stop(self) -> None:
        """Leave the air for good."""
        self._device = self._advertising = None
        await self._world.remove_device(self.address)

    async def tend(self) -> None:
        """Advertise exactly while in range and free: to be called after every change."""
        async with self._advertising_switch:
            advertising = self._advertising
            if advertising is not None:
                wanted = not self._hidden and self._connection is None
                if wanted and not advertising.enabled:
                    await finish(advertising.start())
                elif not wanted and advertising.enabled:
                    await finish(advertising.stop())

    async def drop(self) -> None:
        """Lose the link without warning."""
        if self._connection is not None:
            await lose_link(self._connection)

    async def hide(self) -> None:
        """Leave the range until `show`."""
        self._hidden = True
        await self.drop()
        await self.tend()

    async def show(self) -> None:
        """Come back into range."""
        self._hidden = False
        await self.tend()

    def audible(self, characteristic: str) -> bool:
        """Whether the host has subscribed to `characteristic`."""
        return self._subscription(characteristic) != 0

    async def send(self, characteristic: str, payload: bytes) -> bool:
        """Notify or indicate, as the host subscribed; whether it went out.

        Raises ValueError for a payload that the MTU does not carry, which would be cut off in silence.
        """
        connection, device = self._connection, self._device
        subscription = self._subscription(characteristic)
        if connection is None or device is None or not subscription:
            return False
        if len(payload) > connection.att_mtu - 3:
            raise ValueError(f"{len(payload)} octets in an MTU of {connection.att_mtu}")
        attribute = self._characteristics[characteristic]
        if subscription & _NOTIFY:
            await device.notify_subscriber(connection, attribute, payload)
            return True
        return await self._indicate(device, connection, attribute, payload)

    async def advertise(self, advertisement: bytes) -> bool:
        """Advertise this from now on, and once at once; whether it went out."""
        if self._advertising is None:
            return False
        await finish(self._advertising.set_advertising_data(advertisement))
        self._world.advertise_now(self.address)
        return not self._hidden

    async def drain(self) -> None:
        """Let the link carry what was sent."""
        await asyncio.sleep(0)
        if self._connection is not None and self._device is not None:
            handle = self._connection.handle
            queue = self._device.host.get_data_packet_queue(handle)
            if queue is not None and queue.pending:
                # ValueError: the link has just gone
                with contextlib.suppress(TimeoutError, ValueError):
                    async with asyncio.timeout(ANSWER_S):
                        await queue.drain(handle)

    def _subscription(self, characteristic: str) -> int:
        attribute = self._characteristics.get(characteristic)
        if attribute is None or self._device is None or self._connection is None:
            return 0
        configurations = self._device.gatt_server.subscribers.get(self._connection, {})
        return configurations.get(attribute.handle, b"\0")[0]

    async def _indicate(
        self,
        device: Device,
        connection: Connection,
        attribute: gatt.Characteristic[bytes],
        payload: bytes,
    ) -> bool:
        # Bumble waits half a minute for the confirmation of a host that is gone, so it waits apart.
        sending = asyncio.create_task(device.indicate_subscriber(connection, attribute, payload))
        ended = asyncio.create_task(self._link_ended.wait())
        try:
            await asyncio.wait(
                {sending, ended}, timeout=ANSWER_S, return_when=asyncio.FIRST_COMPLETED
            )
            return sending.done() and sending.exception() is None
        finally:
            sending.cancel()
            ended.cancel()
            await asyncio.gather(sending, ended, return_exceptions=True)
            if self._connection is not connection:
                device.gatt_server.on_disconnection(connection)  # it would keep the dead link

    def _on_connection(self, connection: Connection) -> None:
        self._connection = connection
        self._link_ended.clear()
        connection.once(Connection.EVENT_DISCONNECTION, self._on_disconnection)
        self._owner.link_up()

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = None
        self._link_ended.set()
        self._owner.link_down()
