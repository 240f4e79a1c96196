"""Simulated sensors in the air of the double, and a collector that hears them through the real backend."""

import asyncio
import contextlib
import gc
import math
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import bleak_retry_connector.bleak_manager as retry_manager
from bleak.backends.bluezdbus.manager import get_global_bluez_manager
from bluez_bus import PrivateBus
from bluez_double import Bluez
from bluez_station import BluezStation
from over_bumble import EPOCH, Account, Bench, NumberedSource

from collector.collector import Collector
from collector.drivers.registry import encoder_named
from collector.radio import Radio
from collector.timings import Timings
from domain.link import LinkReason, SensorStatus
from domain.people import Sensor
from domain.placement import Placement
from simulators.airspace import BumbleWorld
from simulators.handshake import started
from simulators.peripheral import Peripheral

STALL_S = 1.0
#: The watchdog is none of most tests: it must not bark where this process itself stood still, nor be what
#: notices that a bus has died.
QUICK = Timings(
    silent_after_s=30.0,
    handshake_s=3.0,
    absent_after_s=1.0,
    backoff_first_s=0.05,
    backoff_cap_s=0.2,
    no_slots_s=0.3,
)


class BluezBench(Bench):
    """The bench of the tests over Bumble, with BlueZ's double where Bumble was, and real time.

    A busy machine holds this process up, which `speed` would multiply into minutes: so the time of the
    bench waits for the sensors, and is never more than STALL_S ahead of the slowest one.

    adapters: those of the machine. use: those that are configured.
    """

    def __init__(
        self,
        kinds: list[str],
        bus: PrivateBus,
        *,
        adapters: tuple[str, ...] = ("hci0",),
        use: tuple[str, ...] = (),
        timings: Timings = QUICK,
        retry_s: float = 0.1,
        quiet_s: float = 5.0,
        start: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(kinds, timings=timings, **options)
        self._now = EPOCH
        self._looked_at = time.monotonic()
        self.bus = bus
        self.bluez = Bluez(adapters)
        self.stations: dict[str, BluezStation] = {}
        self.arrivals: dict[str, Counter[str]] = {}
        self.task: asyncio.Task[None] | None = None
        self._start = start
        self._use = use
        self._retry_s = retry_s
        self._quiet_s = quiet_s

    def clock(self) -> float:
        """The present time of host and sensors, Unix seconds."""
        looked_at, self._looked_at = self._looked_at, time.monotonic()
        passed_s = min((self._looked_at - looked_at) * self.speed, STALL_S)
        self._now = max(self._now, min(self._now + passed_s, self._slowest_at() + STALL_S))
        return self._now

    def _slowest_at(self) -> float:
        """When the sensor that is furthest behind has its next packet ready."""
        ready = [
            self.sources[p.address].true_time(p.ledger.end_index)
            + p.encoder.chunk / p.encoder.rate_hz
            for p in self.peripherals.values()
            if p.ledger.end_index is not None
        ]
        return min(ready, default=math.inf)

    async def __aenter__(self) -> Self:
        # what bleak-retry-connector believes of the machine's bus for the rest of the process
        retry_manager._reset_dbus_socket_cache()
        await self.bluez.start(self.bus.address)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self.bluez.stop)
            self.sensors = [await self._place(stack, k, kind) for k, kind in enumerate(self.kinds)]
            self.radio = Radio(
                clock=self.clock, adapters=self._use, retry_s=self._retry_s, quiet_s=self._quiet_s
            )
            self.collector = Collector(
                self.radio,
                self.sensors,
                clock=self.clock,
                on_block=self._on_block,
                on_status=self.statuses.append,
                timings=self.timings,
            )
            self.stack = stack.pop_all()
        if self._start:
            self.begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.task is not None:
            await self.stop()
        await end_bleaks_bus()
        await self.stack.aclose()

    async def _place(self, stack: contextlib.AsyncExitStack, k: int, kind: str) -> Sensor:
        """A sensor of `kind` in the air; a kind that comes twice is the second time named `kind#2`."""
        address = f"C0:00:00:00:00:{k + 1:02X}"
        encoder = encoder_named(kind.partition("#")[0])()
        source = NumberedSource(
            started(encoder).rate_hz, EPOCH - 50.0, drift=self.drift, loss=self.loss, seed=k
        )
        peripheral = Peripheral(
            BumbleWorld(),  # never switched on: the sensor's radio is the double's
            address=address,
            encoder=encoder,
            source=source,
            clock=self.clock,
            speed=self.speed,
        )
        station = BluezStation(self.bluez, address, peripheral, rssi_dbm=-60)
        peripheral._station = station
        self.peripherals[kind] = await stack.enter_async_context(peripheral)
        self.stations[kind] = station
        self.sources[address] = source
        self.accounts[address] = self.accounts[kind] = Account()
        return Sensor(address, encoder.driver, kind, "w", Placement.UPPER_BACK, 0.0, True)

    def reasons(self, kind: str) -> list[LinkReason]:
        """The words of what went wrong with a sensor, in order, each once in a row."""
        codes = [s.reason_code for s in self._told(kind) if s.reason_code is not LinkReason.NONE]
        return [code for k, code in enumerate(codes) if k == 0 or code is not codes[k - 1]]

    def sentences(self, kind: str, code: LinkReason) -> list[str]:
        """What was said of a sensor under one word."""
        return [s.reason for s in self._told(kind) if s.reason_code is code]

    def status_sentence(self, kind: str, code: LinkReason) -> str:
        """What was last said of a sensor under one word."""
        return self.sentences(kind, code)[-1]

    def _told(self, kind: str) -> list[SensorStatus]:
        return [s for s in self.statuses if s.sensor == self.address(kind)]

    def begin(self) -> None:
        """Begin to collect."""
        for kind in self.kinds:
            intake, arrivals = self._intake(kind), Counter[str]()
            self.arrivals[kind] = arrivals
            intake.arrived = _counting(intake.arrived, arrivals)
        self.task = asyncio.create_task(self.collector.run())

    def _intake(self, kind: str) -> Any:
        return self.collector._session(self.address(kind))._intake

    def multiplied(self, kind: str) -> int:
        """How many notifications of samples came more often than the sensor had sent them."""
        station = self.stations[kind]
        # the answers to reads arrive the same way, so only what cannot be read is counted
        streams = [
            one.uuid for one in station.table if station.sent[one.uuid] and "read" not in one.flags
        ]
        assert streams
        return sum(max(0, self.arrivals[kind][s] - station.sent[s]) for s in streams)

    def duplicates(self, kind: str) -> int:
        """Samples of a sensor that came more than once, by their numbers."""
        return int(self._intake(kind).stream.counters.duplicates)

    def registrations(self, kind: str) -> int:
        """How many registrations there are for what a sensor has just sent."""
        station = self.stations[kind]
        assert station.link is not None
        counts = [len(station.link.registrations(attribute)) for attribute in station.table]
        return max(counts)

    def descriptors(self) -> int:
        """How many file descriptors this process holds, and nothing that waits to be collected."""
        gc.collect()
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    def accounted(self, kind: str) -> None:
        """Assert that every sample the sensor took is received or counted as lost, to the sample."""
        account, status = self.accounts[kind], self.status(kind)
        assert account.misses == []
        assert account.received + account.lost == account.taken
        assert (status.received, status.lost) == (account.received, account.lost)
        tally = self.peripherals[kind].ledger.between(account.first, account.last + 1)
        in_flight = tally.sent - account.received  # on the bus when the link broke
        assert in_flight >= 0
        assert account.lost == tally.dropped + tally.withheld + in_flight

    async def leave_a_link(self, kind: str) -> None:
        """Connect as another program would, and leave the link behind as if it was killed."""
        device = self.stations[kind]
        adapter = self.bluez.hci0
        adapter.hear(device, -60)
        await adapter.devices[device.address]._connect("a killed process")
        await asyncio.sleep(0.05)  # until its services are resolved

    def sleep(self, seconds: float) -> None:
        """The host sleeps: its clock has jumped when it wakes, and the sensors have gone on."""
        self._now += seconds

    async def until_heard(self, heard: list[Any], wall_s: float = 5.0) -> None:
        """Until a list is not empty."""
        async with asyncio.timeout(wall_s):
            while not heard:
                await asyncio.sleep(0.01)

    async def down(self, kind: str) -> None:
        """Until the sensor does not stream."""
        await self.until(lambda: self.status(kind).state.value != "streaming")

    async def calm(self, wall_s: float = 0.3) -> None:
        """Let the machinery settle."""
        end = time.monotonic() + wall_s
        while time.monotonic() < end:
            assert not self.task.done(), self.task.exception()
            await asyncio.sleep(0.02)


def _counting(arrived: Callable[..., None], arrivals: Counter[str]) -> Callable[..., None]:
    def counted(characteristic: str, payload: bytes, at: float | None = None) -> None:
        arrivals[characteristic] += 1
        arrived(characteristic, payload, at)

    return counted


async def end_bleaks_bus() -> None:
    """Have bleak let go of the bus, which it keeps for as long as the loop lives."""
    try:
        manager = await get_global_bluez_manager()
    except (OSError, EOFError):
        return
    bus, watcher = manager._bus, manager._bus_watcher_task
    if bus is not None:
        bus.disconnect()
    if watcher is not None:
        await asyncio.wait({watcher}, timeout=1.0)
