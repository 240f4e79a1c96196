"""The air between simulated sensors and the host: Bumble's in-process link with one central on it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from bumble import hci
from bumble.core import BaseBumbleError
from bumble.core import TimeoutError as BumbleTimeoutError
from bumble.device import Advertisement, Connection, Device
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

from simulators.chips import RadioController, RadioHost

ATT_MTU = 247  # the largest that fits one 251-octet link-layer payload: Core 5.4, vol 6 B 4.5.10
ANSWER_S = 5.0  # nothing in this process takes longer unless it is broken

_CENTRAL = "F0:00:00:00:00:01"

_LOGGER = logging.getLogger(__name__)

_T = TypeVar("_T")


async def finish(command: Coroutine[Any, Any, _T]) -> _T:
    """Await something that Bumble sends to its controller, at most ANSWER_S.

    It runs on to its end when the caller is cancelled: a host of Bumble's takes the answer to a
    command that was cancelled for an error. Raises asyncio.TimeoutError.
    """
    async with asyncio.timeout(ANSWER_S):
        return await asyncio.shield(command)


@dataclass(slots=True)
class _Station:
    controller: RadioController
    device: Device
    connectable: bool
    rssi_dbm: int | None


class BumbleWorld:
    """One air with one central on it; sensors come and go. `async with`, or start() and stop().

    absent_after_s: how long a connection attempt waits for a sensor that exists and does not answer.
    """

    def __init__(self, *, central_address: str = _CENTRAL, absent_after_s: float = 2.0) -> None:
        self._central_address = central_address.upper()
        self._absent_after_s = absent_after_s
        self._link: LocalLink | None = None
        self._central: Device | None = None
        self._stations: dict[str, _Station] = {}
        self._connecting = asyncio.Lock()
        self._scan_switch = asyncio.Lock()
        self._listeners: set[Callable[[Advertisement], None]] = set()
        self._buses = 1
        self._buses_down = 0

    @property
    def bus(self) -> int | None:
        """Which bus the host's programs and its radio talk over, by number; None while there is none."""
        return None if self._buses_down else self._buses

    @property
    def running(self) -> bool:
        """Whether the central is on."""
        return self._central is not None

    @property
    def link(self) -> LocalLink:
        """The air itself, for a controller whose host is elsewhere. Raises RuntimeError when it is off."""
        if self._link is None:
            raise RuntimeError("the world is not started")
        return self._link

    @property
    def listeners(self) -> int:
        """How many scanners are listening."""
        return len(self._listeners)

    @property
    def links(self) -> int:
        """How many connections the central holds."""
        return 0 if self._central is None else len(self._central.connections)

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

    async def start(self) -> None:
        """Switch the central on; does nothing when it is on."""
        if self._central is None:
            self._link = LocalLink()  # type: ignore[no-untyped-call]  # Bumble's
            central = await self.add_device(self._central_address, "central", connectable=False)
            central.on(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
            self._central = central

    async def stop(self) -> None:
        """Take every device off the air; the links go down as if they were out of range."""
        for address in list(self._stations):
            await self.remove_device(address)
        self._central = self._link = None
        self._listeners.clear()

    async def restart_bus(self, down_s: float) -> None:
        """End the bus under every program of the host, and have another one after `down_s` wall seconds.

        As when a D-Bus daemon is killed: every link ends, and what is under way over it in EOFError;
        scanners hear nothing more and are not told; until it is back, which is when this returns,
        nothing can be begun (FileNotFoundError: the socket is gone). Raises RuntimeError when the
        world is not started.
        """
        central = self._central
        if central is None:
            raise RuntimeError("the world is not started")
        self._buses += 1
        self._buses_down += 1
        try:
            async with asyncio.timeout(ANSWER_S), self._scan_switch:
                if self._listeners:
                    self._listeners.clear()
                    await finish(central.stop_scanning())
            for connection in list(central.connections.values()):
                await lose_link(connection)
            await asyncio.sleep(down_s)
        finally:
            self._buses_down -= 1

    async def add_device(
        self,
        address: str,
        name: str,
        *,
        connectable: bool = True,
        rssi_dbm: int | None = None,
    ) -> Device:
        """A powered Bumble device on this air, not yet advertising.

        Raises ValueError when the address is taken, RuntimeError when the world is not started.
        """
        address = address.upper()
        if self._link is None:
            raise RuntimeError("the world is not started")
        if address in self._stations:
            raise ValueError(f"address {address} is taken")
        own = hci.Address(address)
        controller = RadioController(name, link=self._link, public_address=own)
        device = Device(
            name=name, address=own, host=RadioHost(controller, AsyncPipeSink(controller))
        )
        self._stations[address] = _Station(controller, device, connectable, rssi_dbm)
        await finish(device.power_on())
        return device

    async def remove_device(self, address: str) -> None:
        """Take a device off the air, its links and advertisements with it; harmless when it is gone."""
        station = self._stations.pop(address.upper(), None)
        if station is None:
            return
        for advertising in station.controller.advertising_sets.values():
            advertising.stop()
        for connection in list(station.device.connections.values()):
            await lose_link(connection)
        await finish(station.device.power_off())
        if self._link is not None:
            self._link.remove_controller(station.controller)

    def advertise_now(self, address: str) -> None:
        """Send the device's present advertisement once, at once."""
        for advertising in self._stations[address.upper()].controller.advertising_sets.values():
            if advertising.enabled:
                advertising.send_extended_advertising_data()

    def knows(self, address: str) -> bool:
        """Whether there is such a device, in range or not."""
        return address.upper() in self._stations

    def rssi_dbm(self, address: str) -> int | None:
        """The signal strength the device was given, None for Bumble's own figure."""
        station = self._stations.get(address.upper())
        return None if station is None else station.rssi_dbm

    async def listen(self, listener: Callable[[Advertisement], None]) -> None:
        """Have `listener` called with every advertisement until `unlisten`; the world must run."""
        async with self._scan_switch:
            if not self._listeners and self._central is not None:
                await finish(self._central.start_scanning(filter_duplicates=False))
            self._listeners.add(listener)

    async def unlisten(self, listener: Callable[[Advertisement], None]) -> None:
        """End what `listen` began; harmless when it has ended."""
        async with self._scan_switch:
            if listener in self._listeners:
                self._listeners.remove(listener)
                if not self._listeners and self._central is not None:
                    await finish(self._central.stop_scanning())

    async def connect(self, address: str, timeout_s: float) -> Connection:
        """The central's connection to a device.

        Attempts queue up, as a controller takes one at a time. Raises asyncio.TimeoutError when the
        device does not answer within `timeout_s` or `absent_after_s`, whichever is shorter, and
        EOFError when the bus ends meanwhile.
        """
        central, bus = self._central, self.bus
        if central is None:
            raise RuntimeError("the world is not started")
        wait_s = min(timeout_s, self._absent_after_s)
        async with self._connecting:
            self.require_bus(bus)
            station = self._stations.get(address.upper())
            if station is None or not station.connectable:
                await asyncio.sleep(wait_s)
                raise TimeoutError
            # A task of its own: an attempt that is merely cancelled would stay pending for ever.
            attempt = asyncio.create_task(
                central.connect(hci.Address(address), timeout=wait_s), name=f"connect {address}"
            )
            try:
                connection = await asyncio.shield(attempt)
            except BumbleTimeoutError:
                raise TimeoutError from None
            except asyncio.CancelledError:
                await _abandon(central, attempt)
                raise
            if bus != self.bus:
                await lose_link(connection)
            self.require_bus(bus)
            return connection

    def require_bus(self, bus: int | None) -> None:
        """Raise EOFError when this bus is no more."""
        if bus is None or bus != self.bus:
            raise EOFError("the bus has ended")

    def holds(self, connection: Connection) -> bool:
        """Whether the central's link is still up."""
        central = self._central
        return central is not None and central.connections.get(connection.handle) is connection

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        # Bumble's link reports every advertisement a second time as its own scan response.
        if not advertisement.is_scan_response:
            for listener in tuple(self._listeners):
                listener(advertisement)


async def lose_link(connection: Connection) -> None:
    """Break a link without warning: both ends see a supervision timeout."""
    try:
        await finish(connection.disconnect(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR))
    except (BaseBumbleError, TimeoutError) as error:
        _LOGGER.debug("link to %s was down already: %s", connection.peer_address, error)


async def _abandon(central: Device, attempt: asyncio.Task[Connection]) -> None:
    await finish(central.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command()))
    await asyncio.wait({attempt}, timeout=ANSWER_S)
    if attempt.done() and not attempt.cancelled() and attempt.exception() is None:
        await lose_link(attempt.result())
