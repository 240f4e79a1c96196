"""The Bluetooth radio: the one door to bleak, where its exceptions become ours.

One scanner for as long as the radio is open, one connection attempt at a time, a fresh client for
every connection, and `disconnect()` after every end of one: a client that lost its peer and is not
disconnected keeps its D-Bus connection, and the next one receives every notification twice.
"""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, cast

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError
from bleak_retry_connector import (
    clear_cache,
    close_stale_connections_by_address,
    establish_connection,
)

from collector.drivers.contract import Advertisement
from collector.radio_connection import ANSWER_S, Connection, dispose
from collector.radio_errors import FOREIGN, translated
from domain.errors import HandshakeError, LinkError, PeerNotFoundError

CONNECT_S = 45.0  # establish_connection tries twice for 20 s each
SCANNER_S = 15.0  # start and stop of the scanner
RETRY_S = 5.0  # between attempts to start the scanner
#: No advertisement of anybody for so long: the scanner is started anew. BlueZ does not resume a scan
#: after the adapter was switched off, and tells nobody.
QUIET_S = 30.0
KNOWN_DEVICES = (
    1024  # phones change their address every quarter of an hour; the oldest are forgotten
)

__all__ = ["Connection", "Radio"]

_log = logging.getLogger(__name__)

Listener = Callable[[Advertisement], None]


class Radio:
    """A scanner and connections. `async with`; or `run` in a TaskGroup, which does the same for good.

    clock: host Unix time, s, stamped on advertisements. scanner_kwargs, client_kwargs: passed on to
    bleak (`bluez={"adapter": "hci1"}`, or `backend=` and what it needs for a simulated radio).
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        scanner_kwargs: Mapping[str, Any] | None = None,
        client_kwargs: Mapping[str, Any] | None = None,
        retry_s: float = RETRY_S,
        quiet_s: float = QUIET_S,
    ) -> None:
        self._clock = clock
        self._scanner_kwargs = dict(scanner_kwargs or {})
        self._client_kwargs = dict(client_kwargs or {})
        self._retry_s = retry_s
        self._quiet_s = quiet_s
        self._scanner: BleakScanner | None = None
        self._listeners: dict[object, Listener] = {}
        self._devices: OrderedDict[str, BLEDevice] = OrderedDict()
        self._connecting = asyncio.Lock()
        self._heard = False
        self.problem: LinkError | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def scanning(self) -> bool:
        """Whether the scanner runs."""
        return self._scanner is not None

    async def start(self) -> None:
        """Start the scanner. Raises RadioUnavailableError or another LinkError; then try again later."""
        if self._scanner is not None:
            return
        try:
            with translated("the adapter", "starting to scan"):
                scanner = BleakScanner(self._on_advertisement, **self._scanner_kwargs)
                async with asyncio.timeout(SCANNER_S):
                    await scanner.start()
        except LinkError as error:
            self.problem = error
            raise
        self._scanner, self.problem, self._heard = scanner, None, False

    async def stop(self) -> None:
        """Stop the scanner; never raises."""
        scanner, self._scanner = self._scanner, None
        if scanner is None:
            return
        try:
            async with asyncio.timeout(SCANNER_S):
                await scanner.stop()
        except FOREIGN as error:
            _log.info("the scanner did not stop cleanly: %s", error)

    async def run(self) -> None:
        """Keep the scanner running until cancelled: started when the radio comes back, anew when it is quiet.

        `problem` says why there is no radio, None when there is one; its edges are logged.
        """
        told: str | None = None
        try:
            while True:
                try:
                    await self.start()
                except LinkError as error:
                    if str(error) != told:
                        told = str(error)
                        _log.warning("no radio: %s", told)
                    await asyncio.sleep(self._retry_s)
                    continue
                if told is not None:
                    told = None
                    _log.info("the radio is back")
                await self._until_quiet()
        finally:
            await self.stop()

    async def _until_quiet(self) -> None:
        while True:
            self._heard = False
            await asyncio.sleep(self._quiet_s)
            if not self._heard and self._listeners:
                _log.debug("no advertisement for %s s: starting the scanner anew", self._quiet_s)
                await self.stop()
                return

    @contextlib.contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Have `listener` called with every advertisement inside the `with`; it must not raise."""
        token = object()
        self._listeners[token] = listener
        try:
            yield
        finally:
            del self._listeners[token]

    def _on_advertisement(self, device: BLEDevice, data: AdvertisementData) -> None:
        self._heard = True
        self._devices[device.address] = device
        self._devices.move_to_end(device.address)
        if len(self._devices) > KNOWN_DEVICES:
            self._devices.popitem(last=False)
        advertisement = Advertisement(
            address=device.address,
            name=data.local_name or device.name,
            rssi_dbm=data.rssi,
            received_at=self._clock(),
            manufacturer_data=dict(data.manufacturer_data),
            service_data={uuid.lower(): value for uuid, value in data.service_data.items()},
            service_uuids=tuple(uuid.lower() for uuid in data.service_uuids),
        )
        for listener in tuple(self._listeners.values()):
            listener(advertisement)

    async def free(self, address: str) -> None:
        """End a link that a killed process left behind on BlueZ: the sensor would never be heard again.

        Never raises. Not for a sensor that this program is connected to.
        """
        if "backend" in self._client_kwargs:
            return  # a radio of its own, which BlueZ knows nothing of
        try:
            with translated(address, "freeing"):
                async with asyncio.timeout(ANSWER_S):
                    await close_stale_connections_by_address(address)
        except (LinkError, HandshakeError) as error:
            _log.debug("freeing %s: %s", address, error)

    async def forget(self, address: str) -> None:
        """Have BlueZ forget the services it remembers of a sensor; never raises.

        They may be those of other firmware. Not for a sensor that is connected.
        """
        if "backend" in self._client_kwargs:
            return
        try:
            with translated(address, "forgetting"):
                async with asyncio.timeout(ANSWER_S):
                    await clear_cache(address)
        except (LinkError, HandshakeError) as error:
            _log.debug("forgetting %s: %s", address, error)

    async def connect(self, address: str, on_lost: Callable[[], None]) -> Connection:
        """Connect to a sensor that has been heard; `on_lost` is called once when the link ends by itself.

        Attempts wait for each other. Raises PeerNotFoundError, LinkTimeoutError, RadioUnavailableError
        or PeerLostError.
        """
        if self.problem is not None:
            raise self.problem
        device = self._devices.get(address)
        if device is None:
            raise PeerNotFoundError(f"{address} was not heard by the scanner")
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

        async with self._connecting:
            try:
                with translated(address, "connecting"):
                    async with asyncio.timeout(CONNECT_S):
                        client = await establish_connection(
                            cast("type[BleakClient]", make),
                            device,
                            device.name or address,
                            on_disconnect,
                            max_attempts=2,
                            use_services_cache=False,  # handles change with the firmware
                            **self._client_kwargs,
                        )
                    if not client.is_connected:
                        raise BleakError("disconnected at once")
                connected = True
            finally:
                if not connected:
                    lost.set()
                    for failed in made:
                        await dispose(failed, address)
        return Connection(address, client, lost)
