"""The session with one sensor: a state machine that keeps its samples coming.

idle -> scanning -> connecting -> starting -> streaming -> (silent) -> backing_off -> scanning ...
A sensor that only advertises goes scanning -> streaming <-> silent. A session ends by cancellation, in
any state: what was started is stopped and disconnected, within bounds, and the state is stopped.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from collector.backoff import CAP_S, FIRST_S, delay_s
from collector.drivers.contract import (
    BATTERY_LEVEL,
    Advertisement,
    Command,
    Halted,
    Read,
    Started,
    Write,
    manufacturer_channel,
    service_data_channel,
)
from collector.radio import Connection, Radio
from collector.stream import SensorStream
from domain.errors import (
    DeviceError,
    HandshakeError,
    LinkError,
    LinkTimeoutError,
    PeerLostError,
    first_line,
)
from domain.link import LinkState, SensorStatus
from domain.people import Sensor
from domain.samples import BatteryReading, Notification, SampleBlock

INBOX = (
    4096  # notifications; 20 s of a 200 Hz sensor. When full the oldest go: the ledger counts them
)
LOOK_S = 1.0  # how often a waiting session looks whether there is a radio

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timings:
    """How long a session waits, wall seconds.

    silent_after_s: without samples for so long the link is taken for dead; None is 10 s or the sensor's
    longest three frames, whichever is more. handshake_s: from the connection to the first samples.
    stop_s: for the commands of a polite stop. absent_after_s: not heard for so long is said to be out
    of range. stable_s: streaming for so long, the next back-off starts from the first delay again.
    """

    silent_after_s: float | None = None
    handshake_s: float = 15.0
    stop_s: float = 3.0
    absent_after_s: float = 10.0
    stable_s: float = 10.0
    backoff_first_s: float = FIRST_S
    backoff_cap_s: float = CAP_S


class Tape(Protocol):
    """What records a session: see collector.recording.Recorder."""

    def notification(self, notification: Notification) -> None:
        """A notification that is about to be fed."""
        ...

    def link(self, sensor: str, event: str, now: float) -> None:
        """`connected` before the first notification of a connection, `disconnected` after the last."""
        ...


class Session:
    """One sensor's link. `run` until cancelled; `status` at any time.

    clock: host Unix time, s. on_block: called with every block, in order. on_status: called when
    state, reason, battery or rate change. uniform: a draw from [0, 1) for the back-off.
    """

    def __init__(
        self,
        sensor: Sensor,
        stream: SensorStream,
        radio: Radio,
        *,
        clock: Callable[[], float],
        on_block: Callable[[SampleBlock], None],
        on_status: Callable[[SensorStatus], None] | None = None,
        tape: Tape | None = None,
        timings: Timings | None = None,
        uniform: Callable[[], float] = random.random,
    ) -> None:
        self.sensor = sensor
        self.overruns = 0
        self._stream = stream
        self._radio = radio
        self._clock = clock
        self._on_block = on_block
        self._on_status = on_status
        self._tape = tape
        self._timings = timings or Timings()
        self._uniform = uniform
        self._inbox: deque[Notification] = deque()
        self._wake = asyncio.Event()
        self._lost = False
        self._attempt = 0
        self._streamed = False
        self._down: str | None = None
        self._block_at = 0.0
        self._streaming_since: float | None = None
        self._frame_s = 0.0
        self._status = SensorStatus(sensor.id, LinkState.IDLE, clock())

    @property
    def status(self) -> SensorStatus:
        """What is known of the sensor now."""
        counters = self._stream.counters
        return replace(
            self._status,
            received=counters.received,
            lost=counters.lost,
            bad_payloads=counters.bad_payloads,
            last_sample_at=self._stream.last_sample_at,
        )

    async def run(self) -> None:
        """Keep the samples coming until cancelled."""
        self._become(LinkState.SCANNING)
        try:
            while True:
                try:
                    if self._stream.driver.connects:
                        await self._converse()
                    else:
                        await self._overhear()
                except (LinkError, DeviceError) as error:
                    await self._back_off(first_line(error))
        finally:
            self._become(LinkState.STOPPED)

    # --- a connection ------------------------------------------------------------------------

    async def _converse(self) -> None:
        """One connection, from being heard to its end; the end is always a LinkError or a DeviceError."""
        await self._until_heard()
        self._become(LinkState.CONNECTING)
        self._lost = False
        self._inbox.clear()
        connection = await self._radio.connect(self.sensor.id, self._on_lost)
        polite = False
        try:
            await self._serve(connection)
        except asyncio.CancelledError:
            polite = True
            raise
        finally:
            if polite and not connection.lost:
                await self._say_goodbye(connection)
            await connection.close()
            self._record_link("disconnected")

    async def _until_heard(self) -> None:
        heard = asyncio.Event()

        def listener(advertisement: Advertisement) -> None:
            if advertisement.address == self.sensor.id:
                self._note(rssi_dbm=advertisement.rssi_dbm)
                heard.set()

        waited_s = 0.0
        self._become(LinkState.SCANNING, self._why_unheard(waited_s))
        with self._radio.listening(listener):
            while not heard.is_set():
                try:
                    async with asyncio.timeout(LOOK_S):
                        await heard.wait()
                except TimeoutError:
                    waited_s += LOOK_S
                    self._become(LinkState.SCANNING, self._why_unheard(waited_s))

    def _why_unheard(self, waited_s: float) -> str:
        if self._radio.problem is not None:
            return first_line(self._radio.problem)
        if waited_s < self._timings.absent_after_s:
            return self._down or ""
        return "not heard: out of range, asleep, switched off, or connected to something else"

    async def _serve(self, connection: Connection) -> None:
        commands = self._stream.reconnected()
        self._record_link("connected")
        loop = asyncio.get_running_loop()
        self._expect_samples(loop.time())
        self._become(LinkState.STARTING)
        await self._subscribe(connection)
        await self._perform(connection, commands)
        while True:
            await self._attend(connection)
            deadline = self._block_at + self._patience_s()
            if self._lost:
                raise PeerLostError("the link was lost")
            if loop.time() >= deadline:
                self._raise_silence()
            self._wake.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _expect_samples(self, loop_time: float) -> None:
        self._streaming_since, self._block_at = None, loop_time

    def _patience_s(self) -> float:
        if self._streaming_since is None:
            return self._timings.handshake_s
        if self._timings.silent_after_s is not None:
            return self._timings.silent_after_s
        frames = 3 if self._stream.driver.connects else 10  # advertisements are missed more often
        return max(10.0, frames * self._frame_s)

    def _raise_silence(self) -> None:
        waited = f"{self._patience_s():g} s"
        if self._streaming_since is None:
            raise LinkTimeoutError(f"connected, but no samples within {waited}")
        self._become(LinkState.SILENT, f"connected, but silent for {waited}")
        raise LinkTimeoutError(f"connected, but silent for {waited}")

    async def _subscribe(self, connection: Connection) -> None:
        wanted = self._stream.driver.subscriptions()
        for characteristic in wanted:
            if connection.has(characteristic):
                await connection.subscribe(characteristic, partial(self._arrived, characteristic))
            elif characteristic != BATTERY_LEVEL:
                name = self._stream.driver.name
                raise HandshakeError(name, f"the sensor has no characteristic {characteristic}")
        if "battery" in self._stream.driver.measures or not connection.has(BATTERY_LEVEL):
            return  # the driver sees to it, or nobody can
        try:
            await connection.subscribe(BATTERY_LEVEL, partial(self._arrived, BATTERY_LEVEL))
        except HandshakeError as error:
            _log.debug(
                "%s: battery: %s", self.sensor.id, error
            )  # readable on all, notified by some
        await self._perform(connection, (Read(BATTERY_LEVEL),))

    async def _perform(self, connection: Connection, commands: tuple[Command, ...]) -> None:
        for command in commands:
            if command.characteristic == BATTERY_LEVEL and not connection.has(BATTERY_LEVEL):
                continue
            match command:
                case Write():
                    await connection.write(
                        command.characteristic, command.payload, response=command.response
                    )
                case Read():
                    payload = await connection.read(command.characteristic)
                    self._arrived(command.characteristic, payload)

    async def _attend(self, connection: Connection | None) -> None:
        """Feed what has arrived, and do what the driver asks for."""
        while self._inbox:
            notification = self._inbox.popleft()
            if self._tape is not None:
                self._tape.notification(notification)
            for output in self._stream.feed(notification):
                match output:
                    case SampleBlock():
                        self._take(output)
                    case BatteryReading(percent):
                        self._note(battery_percent=percent)
                    case Started(rate_hz):
                        self._note(rate_hz=rate_hz)
                    case Halted(reason):
                        raise PeerLostError(f"the sensor stopped its stream: {reason}")
                    case Write() | Read():
                        if connection is not None and not self._lost:
                            await self._perform(connection, (output,))

    def _take(self, block: SampleBlock) -> None:
        loop_time = asyncio.get_running_loop().time()
        self._block_at = loop_time
        self._frame_s = max(self._frame_s, len(block) / block.rate_hz)
        if self._streaming_since is None:
            self._streaming_since = loop_time
            again = self._streamed and self._stream.driver.connects
            reconnects = self._status.reconnects + again
            self._status = replace(self._status, reconnects=reconnects)
            self._streamed = True
        if self._status.state is not LinkState.STREAMING:
            self._become(LinkState.STREAMING)
        self._note(rate_hz=block.rate_hz)
        self._on_block(block)

    async def _say_goodbye(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(self._timings.stop_s):
                await self._perform(connection, self._stream.driver.stop())
        except (LinkError, DeviceError, TimeoutError) as error:
            _log.debug("%s: stopping: %s", self.sensor.id, error)

    # --- advertisements ----------------------------------------------------------------------

    async def _overhear(self) -> None:
        """Take what the sensor advertises; ends by cancellation only."""
        loop = asyncio.get_running_loop()
        self._stream.reconnected()
        self._record_link("connected")
        self._expect_samples(loop.time())
        self._become(LinkState.SCANNING, self._why_unheard(0.0))
        with self._radio.listening(self._on_advertisement):
            while True:
                await self._attend(None)
                quiet_s = loop.time() - self._block_at
                if self._streaming_since is None:
                    self._become(LinkState.SCANNING, self._why_unheard(quiet_s))
                elif quiet_s >= self._patience_s():
                    problem = self._radio.problem
                    reason = f"not heard for {self._patience_s():g} s"
                    self._become(LinkState.SILENT, first_line(problem) if problem else reason)
                self._wake.clear()
                patience_s = LOOK_S if self._streaming_since is None else self._patience_s()
                try:
                    async with asyncio.timeout(min(LOOK_S, patience_s)):
                        await self._wake.wait()
                except TimeoutError:
                    continue

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        if advertisement.address != self.sensor.id:
            return
        self._note(rssi_dbm=advertisement.rssi_dbm)
        channels = {
            **{manufacturer_channel(c): p for c, p in advertisement.manufacturer_data.items()},
            **{service_data_channel(u): p for u, p in advertisement.service_data.items()},
        }
        for channel in self._stream.driver.subscriptions():
            if channel in channels:
                self._arrived(channel, bytes(channels[channel]), advertisement.received_at)

    # --- what comes from the radio's callbacks -----------------------------------------------

    def _arrived(self, characteristic: str, payload: bytes, at: float | None = None) -> None:
        now = self._clock() if at is None else at
        if len(self._inbox) >= INBOX:
            self._inbox.popleft()
            self.overruns += 1
        self._inbox.append(Notification(self.sensor.id, characteristic, payload, now))
        self._wake.set()

    def _on_lost(self) -> None:
        self._lost = True
        self._wake.set()

    # --- states ------------------------------------------------------------------------------

    async def _back_off(self, reason: str) -> None:
        now = asyncio.get_running_loop().time()
        since = self._streaming_since
        stable = since is not None and now - since >= self._timings.stable_s
        self._attempt = 1 if stable else self._attempt + 1
        self._streaming_since = None
        if self._down is None:
            _log.warning("%s (%s): %s", self.sensor.name, self.sensor.id, reason)
        self._down = reason
        wait_s = delay_s(
            self._attempt,
            self._uniform(),
            first_s=self._timings.backoff_first_s,
            cap_s=self._timings.backoff_cap_s,
        )
        self._become(LinkState.BACKING_OFF, reason)
        await asyncio.sleep(wait_s)

    def _become(self, state: LinkState, reason: str = "") -> None:
        if (state, reason) == (self._status.state, self._status.reason):
            return
        since = self._status.since if state is self._status.state else self._clock()
        if state is LinkState.STREAMING and self._down is not None:
            _log.info("%s (%s): streaming again", self.sensor.name, self.sensor.id)
            self._down = None
        if state is LinkState.SILENT and self._down is None:
            _log.warning("%s (%s): %s", self.sensor.name, self.sensor.id, reason)
            self._down = reason
        self._status = replace(self._status, state=state, since=since, reason=reason)
        self._tell()

    def _note(
        self,
        *,
        rssi_dbm: int | None = None,
        battery_percent: float | None = None,
        rate_hz: float | None = None,
    ) -> None:
        """Keep what is told of the sensor; the strength of the signal changes too often to tell on."""
        before = self._status
        self._status = replace(
            before,
            rssi_dbm=before.rssi_dbm if rssi_dbm is None else rssi_dbm,
            battery_percent=before.battery_percent if battery_percent is None else battery_percent,
            rate_hz=before.rate_hz if rate_hz is None else rate_hz,
        )
        after = self._status
        if (after.battery_percent, after.rate_hz) != (before.battery_percent, before.rate_hz):
            self._tell()

    def _tell(self) -> None:
        if self._on_status is not None:
            self._on_status(self.status)

    def _record_link(self, event: str) -> None:
        if self._tape is not None:
            self._tape.link(self.sensor.id, event, self._clock())
