"""One connection over bleak: what is asked of a sensor, and how it is let go."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError
from bleak_retry_connector import establish_connection

from collector.radio_errors import FOREIGN, translated
from domain.errors import HandshakeError, LinkError
from domain.link import LinkReason

CONNECT_S = 25.0  # one attempt that is not answered takes 20 s; several that fail at once fit in
ANSWER_S = 10.0  # a GATT answer takes milliseconds; ATT itself gives up after 30 s
DISCONNECT_S = 5.0  # disconnect() can hang with the stack; what it holds is lost then
PAIR_S = 35.0  # the Security Manager gives up after 30 s: Core 5.4, vol 3 H 3.4

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Connection:
    """One connection to one sensor. Every method may raise a LinkError; `close` never does.

    A sensor that wants to be paired is paired once, and asked again; what cannot be paired without
    a person raises HandshakeError with `link_reason` needs_pairing.
    """

    address: str
    _client: BleakClient
    _lost: asyncio.Event
    _paired: bool = field(init=False, default=False)

    @property
    def lost(self) -> bool:
        """Whether the link is gone."""
        return self._lost.is_set()

    def has(self, characteristic: str, service: str | None = None) -> bool:
        """Whether the sensor offers `characteristic`, in `service` if that is given."""
        return self._find(characteristic, service) is not None

    async def subscribe(self, characteristic: str, on_payload: Callable[[bytes], None]) -> None:
        """Have `on_payload` called with every notification or indication.

        Raises HandshakeError when the sensor has no such characteristic or refuses.
        """

        def deliver(_sender: BleakGATTCharacteristic, payload: bytearray) -> None:
            if not self._lost.is_set():  # a client that did not disconnect in time may go on
                on_payload(bytes(payload))

        async def ask() -> None:
            await self._client.start_notify(self._known(characteristic), deliver)

        await self._ask(ask, "subscribing")

    async def write(
        self, characteristic: str, payload: bytes, *, response: bool, service: str | None = None
    ) -> None:
        """Write; with `response` until the sensor acknowledges. Raises HandshakeError when it refuses."""

        async def ask() -> None:
            known = self._known(characteristic, service)
            await self._client.write_gatt_char(known, payload, response=response)

        await self._ask(ask, "writing")

    async def read(self, characteristic: str) -> bytes:
        """Read a value. Raises HandshakeError when the sensor refuses."""
        values: list[bytes] = []

        async def ask() -> None:
            values.append(bytes(await self._client.read_gatt_char(self._known(characteristic))))

        await self._ask(ask, "reading")
        return values[-1]

    async def close(self) -> None:
        """End the connection and free what the client holds, within DISCONNECT_S."""
        self._lost.set()
        await dispose(self._client, self.address)

    def _find(self, characteristic: str, service: str | None) -> BleakGATTCharacteristic | None:
        """The one with the lowest handle: some sensors have several of the same UUID."""
        try:
            found = [
                one
                for one in self._client.services.characteristics.values()
                if one.uuid == characteristic and service in (None, one.service_uuid)
            ]
        except BleakError:  # the link is gone, and what was discovered with it
            return None
        return min(found, key=lambda one: one.handle, default=None)

    def _known(self, characteristic: str, service: str | None = None) -> BleakGATTCharacteristic:
        found = self._find(characteristic, service)
        if found is None:
            if self.lost or not self._client.is_connected:
                raise BleakError("not connected")
            problem = f"has no characteristic {characteristic}"
            raise HandshakeError(self.address, problem, link_reason=LinkReason.MISSING)
        return found

    async def _ask(self, ask: Callable[[], Awaitable[None]], what: str) -> None:
        try:
            async with self._asking(what, ANSWER_S):
                await ask()
        except HandshakeError as error:
            if error.link_reason is not LinkReason.NEEDS_PAIRING or self._paired:
                raise
            await self._pair()
            try:
                async with self._asking(what, ANSWER_S):
                    await ask()
            except HandshakeError as again:
                if again.link_reason is LinkReason.NEEDS_PAIRING:  # the sensor has lost its key
                    raise _unpaired(self.address) from again
                raise

    async def _pair(self) -> None:
        self._paired = True
        _log.info("%s wants to be paired", self.address)
        try:
            async with self._asking("pairing", PAIR_S):
                await self._client.pair()
        except (LinkError, HandshakeError) as error:
            if self.lost:
                raise
            raise _unpaired(self.address) from error
        except NotImplementedError as error:
            # macOS pairs by itself, and asks the person, when a protected value is asked for
            raise _unpaired(self.address) from error

    @contextlib.asynccontextmanager
    async def _asking(self, what: str, seconds: float) -> AsyncIterator[None]:
        with translated(self.address, what):
            async with asyncio.timeout(seconds):
                yield


def _unpaired(address: str) -> HandshakeError:
    return HandshakeError(
        address,
        "the sensor wants to be paired, and the pairing was refused. Remove it from the computer's "
        "Bluetooth settings if it is there, switch its pairing mode on, and pair it there "
        f"(on Linux: bluetoothctl pair {address})",
        link_reason=LinkReason.NEEDS_PAIRING,
    )


async def dispose(client: BleakClient, address: str) -> None:
    """Disconnect, and free what the client holds, within DISCONNECT_S; never raises.

    To be called after every end of a connection: a client that lost its peer and is not disconnected
    keeps its D-Bus connection, and the next one receives every notification twice.
    """
    try:
        async with asyncio.timeout(DISCONNECT_S):
            await client.disconnect()
    except FOREIGN as error:
        _log.debug("disconnecting %s: %s", address, error)


async def establish(
    device: BLEDevice, on_lost: Callable[[], None], client_kwargs: Mapping[str, Any]
) -> tuple[Connection, asyncio.Event]:
    """A new connection, and the event that is set when it is lost or closed.

    on_lost: called once when the link ends by itself. Raises a LinkError.
    """
    lost = asyncio.Event()
    connected = False

    def on_disconnect(_client: BleakClient) -> None:
        # also called for attempts that break off, before the one that succeeds
        if connected and not lost.is_set():
            lost.set()
            on_lost()

    made: list[BleakClient] = []

    def make(peer: BLEDevice, **kwargs: Any) -> BleakClient:
        kwargs.pop("_is_retry_client", None)
        made.append(BleakClient(peer, **kwargs))
        return made[-1]

    try:
        with translated(device.address, "connecting"):
            async with asyncio.timeout(CONNECT_S):
                client = await establish_connection(
                    cast("type[BleakClient]", make),
                    device,
                    device.name or device.address,
                    on_disconnect,
                    max_attempts=2,
                    use_services_cache=False,  # handles change with the firmware
                    **client_kwargs,
                )
            if not client.is_connected:
                raise BleakError("disconnected at once")
        connected = True
    finally:
        if not connected:
            lost.set()
            for failed in made:
                await dispose(failed, device.address)
    return Connection(device.address, client, lost), lost
