"""The client half of the bleak backend in `simulators/radio.py`: one GATT connection over Bumble."""

import asyncio
import contextlib
import errno
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bleak.args import SizedBuffer
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from bumble import core
from bumble.att import ATT_Error
from bumble.device import Connection, Peer

from simulators.airspace import ANSWER_S, ATT_MTU, BumbleWorld, finish

_LOGGER = logging.getLogger(__name__)

# Characteristic properties, Core 5.4, vol 3 G 3.3.1.1, under the names bleak gives them
_PROPERTIES: tuple[tuple[int, CharacteristicPropertyName], ...] = (
    (0x01, "broadcast"),
    (0x02, "read"),
    (0x04, "write-without-response"),
    (0x08, "write"),
    (0x10, "notify"),
    (0x20, "indicate"),
    (0x40, "authenticated-signed-writes"),
    (0x80, "extended-properties"),
)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`BLEDevice.details` of a simulated sensor. Not a dict, so that nobody takes it for a BlueZ path."""

    world: BumbleWorld


def require_radio(world: BumbleWorld) -> None:
    """Raise BleakBluetoothNotAvailableError while the world is off, FileNotFoundError without a bus."""
    if not world.running:
        raise BleakBluetoothNotAvailableError(
            "the simulated radio is off", BleakBluetoothNotAvailableReason.POWERED_OFF
        )
    if world.bus is None:
        raise FileNotFoundError(errno.ENOENT, "there is no bus")


class BumbleClient(BaseBleakClient):
    """bleak's client on a BumbleWorld.

    connect() raises BleakDeviceNotFoundError at once for an address that nobody has, and
    asyncio.TimeoutError for a sensor that does not answer. What is under way when the bus ends raises
    EOFError. Like BlueZ it calls the disconnected
    callback for every disconnect, asked for or not. Pairing is not simulated.
    """

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        services: set[str] | None = None,
        *,
        disconnected_callback: Callable[[], None] | None = None,
        timeout: float = 30.0,
        world: BumbleWorld | None = None,
        **_ignored: object,
    ) -> None:
        super().__init__(
            address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout
        )
        self._name: str | None = None
        if isinstance(address_or_ble_device, BLEDevice):
            self._name = address_or_ble_device.name
            if isinstance(address_or_ble_device.details, Whereabouts):
                world = address_or_ble_device.details.world
        if world is None:
            raise BleakError(f"{self.address} is of no BumbleWorld; pass world=")
        self._world = world
        self._wanted = services
        self._connection: Connection | None = None
        self._bus: int | None = None
        self._callbacks: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        """The advertised name, or the address with dashes."""
        return self._name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """The negotiated ATT MTU, 23 before it is negotiated."""
        return 23 if self._connection is None else int(self._connection.att_mtu)

    @property
    def is_connected(self) -> bool:
        """Whether the link is up."""
        return self._connection is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        """Connect, negotiate the MTU and discover the services."""
        if self.is_connected:
            raise BleakError("already connected")
        require_radio(self._world)
        if pair:
            _LOGGER.debug("%s: pairing is not simulated", self.address)
        timeout_s = float(kwargs.get("timeout", self._timeout))
        self._bus = self._world.bus
        if not self._world.knows(self.address):
            raise BleakDeviceNotFoundError(self.address, f"{self.address} was never heard")
        async with asyncio.timeout(timeout_s):
            with _translated():
                connection = await self._world.connect(self.address, timeout_s)
            if not self._world.holds(connection):
                raise BleakError("disconnected while connecting")
            connection.on(Connection.EVENT_DISCONNECTION, self._on_link_down)
            self._connection = connection
            try:
                async with self._request():
                    peer = Peer(connection)
                    await peer.request_mtu(ATT_MTU)
                    await peer.discover_all()  # type: ignore[no-untyped-call]  # Bumble's
                self.services = self._collect(peer)
            except BaseException:
                await self.disconnect()
                raise

    async def disconnect(self) -> None:
        """Disconnect; harmless when the link is down already."""
        connection = self._connection
        if connection is not None:
            async with self._request():
                await finish(connection.disconnect())

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        """Not simulated."""
        raise NotImplementedError("pairing is not simulated")

    async def unpair(self) -> None:
        """Not simulated."""
        raise NotImplementedError("pairing is not simulated")

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Read a characteristic, long values included."""
        async with self._request():
            return bytearray(await characteristic.obj.read_value())

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Read a descriptor."""
        async with self._request():
            return bytearray(await descriptor.obj.read_value())

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        """Write a characteristic."""
        async with self._request():
            await characteristic.obj.write_value(bytes(data), with_response=response)

    async def write_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, data: SizedBuffer
    ) -> None:
        """Write a descriptor."""
        async with self._request():
            await descriptor.obj.write_value(bytes(data), with_response=True)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        """Subscribe; notifications are preferred where a characteristic has both."""
        if characteristic.handle in self._callbacks:
            raise BleakError(f"notifications of {characteristic.uuid} are on already")

        def deliver(value: bytes) -> None:
            callback(bytearray(value))

        # before the subscription is written: the first value may come with its answer
        self._callbacks[characteristic.handle] = deliver
        try:
            async with self._request():
                await characteristic.obj.subscribe(deliver)
        except BaseException:
            self._callbacks.pop(characteristic.handle, None)
            raise

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe; harmless when not subscribed."""
        deliver = self._callbacks.pop(characteristic.handle, None)
        if deliver is not None:
            async with self._request():
                await characteristic.obj.unsubscribe(deliver)

    @contextlib.asynccontextmanager
    async def _request(self) -> AsyncIterator[None]:
        """One exchange with the sensor: bounded in time, its errors in bleak's words."""
        if self._connection is None:
            raise BleakError("not connected")
        try:
            async with asyncio.timeout(ANSWER_S):
                with _translated():
                    yield
        except asyncio.CancelledError:
            # Bumble cancels a pending request when the link goes down; nobody cancelled us.
            task = asyncio.current_task()
            if not self.is_connected and task is not None and not task.cancelling():
                self._world.require_bus(self._bus)
                raise BleakError("disconnected") from None
            raise

    def _collect(self, peer: Peer) -> BleakGATTServiceCollection:
        collection = BleakGATTServiceCollection()
        for proxy in peer.services:
            uuid = _uuid_text(proxy.uuid)
            if self._wanted and uuid not in self._wanted:
                continue
            service = BleakGATTService(proxy, proxy.handle, uuid)
            collection.add_service(service)
            for inner in proxy.characteristics:
                characteristic = BleakGATTCharacteristic(
                    inner,
                    inner.handle,
                    _uuid_text(inner.uuid),
                    [name for bit, name in _PROPERTIES if int(inner.properties) & bit],
                    lambda: self.mtu_size - 3,
                    service,
                )
                collection.add_characteristic(characteristic)
                for leaf in inner.descriptors:
                    collection.add_descriptor(
                        BleakGATTDescriptor(
                            leaf, leaf.handle, _uuid_text(leaf.type), characteristic
                        )
                    )
        return collection

    def _on_link_down(self, _reason: int) -> None:
        self._connection = None
        self.services = None
        self._callbacks.clear()
        if self._disconnected_callback is not None:
            self._disconnected_callback()


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ATT_Error as error:
        raise BleakGATTProtocolError(error.error_code) from error
    except core.TimeoutError as error:
        raise TimeoutError(str(error)) from error
    except core.BaseBumbleError as error:
        raise BleakError(str(error)) from error


def _uuid_text(uuid: core.UUID) -> str:
    return str(UUID(bytes=bytes(uuid.to_bytes(force_128=True))[::-1]))
