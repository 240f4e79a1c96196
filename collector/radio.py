"""The Bluetooth radio: with its parts in `radio_*` the one door to bleak, where its exceptions become ours.

One scanner per adapter for as long as the radio is open, one connection attempt at a time on each, a
fresh client for every connection, and `disconnect()` after every end of one: a client that lost its
peer and is not disconnected keeps its D-Bus connection, and the next one receives every notification
twice.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from bleak.backends import BleakBackend, get_default_backend
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak_retry_connector import NO_RSSI_VALUE, close_stale_connections_by_address

from collector.drivers.contract import Advertisement
from collector.radio_connection import ANSWER_S, Connection, establish
from collector.radio_errors import no_adapter, no_service, no_slots, translated
from collector.radio_scanner import AdapterScanner
from collector.radio_whereabouts import KNOWN_DEVICES, Heard, Whereabouts
from domain.errors import HandshakeError, LinkError, LinkTimeoutError, PeerNotFoundError
from domain.link import LinkReason

if TYPE_CHECKING:
    from collector.radio_bluez import BluezWatch

RETRY_S = 5.0  # between attempts to start the scanner
#: No advertisement of anybody for so long: the scanner is started anew.
QUIET_S = 30.0
#: So many links on one adapter, and a sensor that is heard and does not answer: likely its last slot is
#: taken, which BlueZ does not always say. ESP32 carry 3, CSR 5, Broadcom 7 (bleak-retry-connector).
SUSPECT_LINKS = 3

__all__ = ["KNOWN_DEVICES", "Connection", "Radio"]

_log = logging.getLogger(__name__)

Listener = Callable[[Advertisement], None]


class Radio:
    """Scanners and connections. `async with`; or `run` in a TaskGroup, which does the same for good.

    clock: host Unix time, s, stamped on advertisements. adapters: those to use, by BlueZ's names
    (`hci0`); none named is all there are, or the one that other systems have. scanner_kwargs,
    client_kwargs: passed on to bleak (`backend=` and what it needs for a simulated radio).
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        adapters: Sequence[str] = (),
        scanner_kwargs: Mapping[str, Any] | None = None,
        client_kwargs: Mapping[str, Any] | None = None,
        retry_s: float = RETRY_S,
        quiet_s: float = QUIET_S,
    ) -> None:
        self._clock = clock
        self._scanner_kwargs = dict(scanner_kwargs or {})
        self._client_kwargs = dict(client_kwargs or {})
        named = self._scanner_kwargs.get("bluez", {}).get("adapter")
        self._named = tuple(adapters) or ((named,) if named else ())
        self._retry_s = retry_s
        self._quiet_s = quiet_s
        self._watch: BluezWatch | None = None
        self._scanners: dict[str | None, AdapterScanner] = {}
        self._tending = asyncio.Lock()
        self._listeners: dict[object, Listener] = {}
        self._whereabouts = Whereabouts()
        self._connecting: dict[str | None, asyncio.Lock] = {}
        self._links: dict[str | None, list[asyncio.Event]] = {}
        self._no_bluez: LinkError | None = None

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
        """Whether a scanner runs."""
        return any(scanner.scanning for scanner in self._scanners.values())

    @property
    def problem(self) -> LinkError | None:
        """Why there is no radio; None when there is one, and before anybody looked."""
        if self._no_bluez is not None:
            return self._no_bluez
        problems = [scanner.problem for scanner in self._scanners.values()]
        return problems[0] if problems and all(problems) else None

    @property
    def problems(self) -> Mapping[str | None, LinkError]:
        """Why adapters do not scan, by name; those that do are left out."""
        found = {name: scanner.problem for name, scanner in self._scanners.items()}
        return {name: problem for name, problem in found.items() if problem is not None}

    async def start(self) -> None:
        """Start the scanners. Raises RadioUnavailableError or another LinkError; then try again later."""
        async with self._tending:
            await self._tend()
        if self.problem is not None:
            raise self.problem

    async def stop(self) -> None:
        """Stop the scanners; never raises."""
        async with self._tending:
            await self._drop_scanners()
            watch, self._watch = self._watch, None
            if watch is not None:
                await watch.close()

    async def run(self) -> None:
        """Keep the scanners running until cancelled: started when the radio comes back, anew when quiet.

        `problem` says why there is no radio, None when there is one; its edges are logged.
        """
        told = False
        try:
            while True:
                async with self._tending:
                    await self._tend()
                if (self._no_bluez is not None) is not told:
                    told = not told
                    _log.warning("no radio: %s", self._no_bluez) if told else _log.info(
                        "BlueZ is back"
                    )
                await self._until_due()
        finally:
            await self.stop()

    async def _until_due(self) -> None:
        """Wait until something may have to be done: something changed, or it is time to look."""
        wait_s = min(self._retry_s, self._quiet_s)
        if self._watch is None or not self._watch.alive:
            await asyncio.sleep(wait_s)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._watch.changed.wait()

    async def _tend(self) -> None:
        """Look what adapters there are, and have a scanner run on each."""
        try:
            adapters = await self._present()
            self._no_bluez = None
        except LinkError as error:
            self._no_bluez = error
            await self._drop_scanners()
            return
        for name in [name for name in self._scanners if name not in adapters]:
            await self._drop_scanner(name)
        for name in adapters:
            if name not in self._scanners:
                self._scanners[name] = AdapterScanner(
                    name, self._on_advertisement, quiet_s=self._quiet_s, retry_s=self._retry_s
                )
        async with asyncio.TaskGroup() as group:
            for name, on in adapters.items():
                group.create_task(self._tend_scanner(self._scanners[name], on=on))

    async def _tend_scanner(self, scanner: AdapterScanner, *, on: bool) -> None:
        await scanner.tend(self._scanner_kwargs, on=on, listened=bool(self._listeners))
        if not scanner.scanning:
            self._whereabouts.forget(scanner.adapter)

    async def _drop_scanners(self) -> None:
        for name in list(self._scanners):
            await self._drop_scanner(name)

    async def _drop_scanner(self, name: str | None) -> None:
        await self._scanners.pop(name).stop()
        self._whereabouts.forget(name)

    async def _present(self) -> Mapping[str | None, bool]:
        """The adapters to use, and whether they are on. Raises a LinkError when there are none."""
        if (
            "backend" in self._scanner_kwargs
            or get_default_backend() is not BleakBackend.BLUEZ_DBUS
        ):
            return {None: True}
        watch = await self._bluez()
        present = watch.adapters
        used = [name for name in self._named or sorted(present) if name in present]
        if not used:
            raise no_adapter(self._named)
        return {name: present[name] for name in used}

    async def _bluez(self) -> "BluezWatch":
        from collector.radio_bluez import BluezWatch  # there is no D-Bus on other systems

        if self._watch is not None and not self._watch.alive:
            await self._watch.close()
            self._watch = None
            await self._drop_scanners()  # they belong to the bus that is gone
        if self._watch is None:
            self._watch = await BluezWatch.open()
        self._watch.changed.clear()
        if self._watch.restarted:
            self._no_bluez = no_service()  # the sessions that lose their links now are told why
            self._watch.end_connections()
            await self._drop_scanners()
        await self._watch.renew()
        return self._watch

    @contextlib.contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Have `listener` called with every advertisement inside the `with`; it must not raise.

        What several adapters hear is told once, as the first of them hears it.
        """
        token = object()
        self._listeners[token] = listener
        try:
            yield
        finally:
            del self._listeners[token]

    def _on_advertisement(
        self, adapter: str | None, device: BLEDevice, data: AdvertisementData
    ) -> None:
        now = asyncio.get_running_loop().time()
        if not self._whereabouts.hear(Heard(adapter, device, data.rssi, now)):
            return
        advertisement = Advertisement(
            address=device.address,
            name=data.local_name or device.name,
            rssi_dbm=None if data.rssi == NO_RSSI_VALUE else data.rssi,
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

        They may be those of other firmware. A paired sensor keeps them: it would have to be paired
        anew. Not for a sensor that is connected.
        """
        if "backend" in self._client_kwargs or self._watch is None:
            return
        from collector.radio_bluez import forget_services

        paths = [str(heard.device.details["path"]) for heard in self._whereabouts.ways_to(address)]
        try:
            with translated(address, "forgetting"):
                async with asyncio.timeout(ANSWER_S):
                    await forget_services(address, paths)
        except (LinkError, HandshakeError) as error:
            _log.debug("forgetting %s: %s", address, error)

    async def connect(self, address: str, on_lost: Callable[[], None]) -> Connection:
        """Connect to a sensor that has been heard; `on_lost` is called once when the link ends by itself.

        The adapter that hears it best is taken, once each has had its chance to hear it, and the next
        one when its slots are used up. Attempts on one adapter wait for each other. Raises
        PeerNotFoundError, LinkTimeoutError, RadioUnavailableError or PeerLostError.
        """
        if self.problem is not None:
            raise self.problem
        await self._whereabouts.heard_by_all(address, self._scanners)
        ways = self._whereabouts.ways_to(address)
        for heard in ways[:-1]:
            try:
                return await self._connect_over(heard, on_lost)
            except LinkTimeoutError as error:
                if error.link_reason is not LinkReason.NO_SLOTS:
                    raise
        if not ways:
            raise PeerNotFoundError(f"{address} was not heard by the scanner")
        return await self._connect_over(ways[-1], on_lost)

    async def _connect_over(self, heard: Heard, on_lost: Callable[[], None]) -> Connection:
        address = heard.device.address
        links = self._links.setdefault(heard.adapter, [])
        async with self._connecting.setdefault(heard.adapter, asyncio.Lock()):
            try:
                connection, lost = await establish(heard.device, on_lost, self._client_kwargs)
            except (LinkTimeoutError, PeerNotFoundError) as error:
                links[:] = [link for link in links if not link.is_set()]
                if len(links) >= SUSPECT_LINKS and error.link_reason is not LinkReason.ADAPTER_BUSY:
                    raise no_slots(address, links=len(links)) from error
                raise
        links[:] = [link for link in links if not link.is_set()] + [lost]
        return connection
