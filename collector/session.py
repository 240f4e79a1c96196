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
from functools import partial
from typing import Protocol

from collector.backoff import delay_s
from collector.drivers.contract import (
    BATTERY_LEVEL,
    INFORMATION,
    Advertisement,
    Command,
    Halted,
    Information,
    Read,
    Repeat,
    Started,
    Write,
    manufacturer_channel,
    service_data_channel,
)
from collector.radio import Connection, Radio
from collector.standing import Standing
from collector.stream import SensorStream
from collector.timings import Timings
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

__all__ = ["Session", "Tape", "Timings"]

_log = logging.getLogger(__name__)


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
        self._tape = tape
        self._timings = timings or Timings()
        self._uniform = uniform
        self._inbox: deque[Notification] = deque()
        self._repeats: dict[Repeat, float] = {}
        self._wake = asyncio.Event()
        self._lost = False
        self._attempt = 0
        self._streamed = False
        self._block_at = 0.0
        self._streaming_since: float | None = None
        self._frame_s = 0.0
        self._standing = Standing(sensor, stream, clock=clock, on_status=on_status)

    @property
    def status(self) -> SensorStatus:
        """What is known of the sensor now."""
        return self._standing.status

    async def run(self) -> None:
        """Keep the samples coming until cancelled."""
        self._standing.become(LinkState.SCANNING)
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
            self._standing.become(LinkState.STOPPED)

    # --- a connection ------------------------------------------------------------------------

    async def _converse(self) -> None:
        """One connection, from being heard to its end; the end is always a LinkError or a DeviceError."""
        await self._until_heard()
        self._standing.become(LinkState.CONNECTING)
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
                self._standing.note(rssi_dbm=advertisement.rssi_dbm)
                heard.set()

        waited_s, freed = 0.0, False
        self._standing.become(LinkState.SCANNING, self._why_unheard(waited_s))
        with self._radio.listening(listener):
            while not heard.is_set():
                try:
                    async with asyncio.timeout(LOOK_S):
                        await heard.wait()
                except TimeoutError:
                    waited_s += LOOK_S
                    self._standing.become(LinkState.SCANNING, self._why_unheard(waited_s))
                    if not freed and waited_s >= self._timings.absent_after_s:
                        freed = True
                        await self._radio.free(self.sensor.id)

    def _why_unheard(self, waited_s: float) -> str:
        if self._radio.problem is not None:
            return first_line(self._radio.problem)
        if waited_s < self._timings.absent_after_s:
            return self._standing.down or ""
        return "not heard: out of range, asleep, switched off, or connected to something else"

    async def _serve(self, connection: Connection) -> None:
        commands = self._stream.reconnected()
        self._record_link("connected")
        loop = asyncio.get_running_loop()
        self._expect_samples(loop.time())
        self._standing.become(LinkState.STARTING)
        self._repeats.clear()
        await self._subscribe(connection)
        await self._inform(connection)
        await self._perform(connection, commands)
        while True:
            await self._attend(connection)
            await self._repeat(connection)
            deadline = self._block_at + self._patience_s()
            if self._lost:
                raise PeerLostError("the link was lost")
            if loop.time() >= deadline:
                self._raise_silence()
            self._wake.clear()
            try:
                async with asyncio.timeout_at(min([deadline, *self._repeats.values()])):
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
        self._standing.become(LinkState.SILENT, f"connected, but silent for {waited}")
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

    async def _inform(self, connection: Connection) -> None:
        """Read who made the sensor and what runs on it; one that refuses keeps it to itself."""
        for characteristic in INFORMATION:
            if connection.has(characteristic):
                try:
                    self._arrived(characteristic, await connection.read(characteristic))
                except HandshakeError as error:
                    _log.debug("%s: information: %s", self.sensor.id, error)

    async def _repeat(self, connection: Connection) -> None:
        """Perform what is due again."""
        now = asyncio.get_running_loop().time()
        for repeat in [repeat for repeat, due in self._repeats.items() if due <= now]:
            self._repeats[repeat] = now + repeat.every_s
            await self._perform(connection, (repeat.command,))

    async def _perform(self, connection: Connection, commands: tuple[Command, ...]) -> None:
        for command in commands:
            if isinstance(command, Repeat):
                due = asyncio.get_running_loop().time() + command.every_s
                self._repeats[command] = due
                await self._perform(connection, (command.command,))
                continue
            if not connection.has(command.characteristic):
                if command.characteristic == BATTERY_LEVEL:
                    continue
                if command.characteristic in INFORMATION:
                    self._arrived(command.characteristic, b"")
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
                        self._standing.note(battery_percent=percent)
                    case Information(what, text):
                        self._standing.inform(what, text)
                    case Started(rate_hz):
                        self._standing.note(rate_hz=rate_hz)
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
            if self._streamed and self._stream.driver.connects:
                self._standing.reconnected()
            self._streamed = True
        self._standing.become(LinkState.STREAMING)
        self._standing.note(rate_hz=block.rate_hz)
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
        self._standing.become(LinkState.SCANNING, self._why_unheard(0.0))
        with self._radio.listening(self._on_advertisement):
            while True:
                await self._attend(None)
                quiet_s = loop.time() - self._block_at
                if self._streaming_since is None:
                    self._standing.become(LinkState.SCANNING, self._why_unheard(quiet_s))
                elif quiet_s >= self._patience_s():
                    problem = self._radio.problem
                    reason = f"not heard for {self._patience_s():g} s"
                    self._standing.become(
                        LinkState.SILENT, first_line(problem) if problem else reason
                    )
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
        self._standing.note(rssi_dbm=advertisement.rssi_dbm)
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
        wait_s = delay_s(
            self._attempt,
            self._uniform(),
            first_s=self._timings.backoff_first_s,
            cap_s=self._timings.backoff_cap_s,
        )
        self._standing.become(LinkState.BACKING_OFF, reason)
        await asyncio.sleep(wait_s)

    def _record_link(self, event: str) -> None:
        if self._tape is not None:
            self._tape.link(self.sensor.id, event, self._clock())
