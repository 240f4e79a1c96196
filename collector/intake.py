"""What arrives from one sensor, on its way to whoever wants the samples."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from collector.drivers.contract import Halted, Information, Read, Started, Write
from collector.standing import Standing
from collector.stream import SensorStream
from collector.timings import Timings
from domain.errors import PeerLostError
from domain.link import LinkReason, LinkState
from domain.samples import BatteryReading, Notification, SampleBlock

INBOX = (
    4096  # notifications; 20 s of a 200 Hz sensor. When full the oldest go: the ledger counts them
)
#: What comes within this of the last taking is taken together, s, up to so many: waking up costs more
#: than a notification does. A twentieth of what a frame waits for its second.
TOGETHER_S, TOGETHER = 0.05, 32


class Tape(Protocol):
    """What records a session: see collector.recording.Recorder."""

    def notification(self, notification: Notification) -> None:
        """A notification that is about to be fed."""
        ...

    def link(self, sensor: str, event: str, now: float) -> None:
        """`connected` before the first notification of a connection, `disconnected` after the last."""
        ...


class Intake:
    """A bounded inbox in front of the stream, and the watch on when the last samples came.

    clock: host Unix time, s. wake: set when there is something to do. overruns: notifications that
    the inbox had no room for.
    """

    def __init__(
        self,
        stream: SensorStream,
        standing: Standing,
        *,
        clock: Callable[[], float],
        on_block: Callable[[SampleBlock], None],
        tape: Tape | None,
        timings: Timings,
    ) -> None:
        self.wake = asyncio.Event()
        self.overruns = 0
        self.streaming_since: float | None = None
        self.block_at = 0.0
        self.stream = stream
        self._standing = standing
        self._clock = clock
        self._on_block = on_block
        self._tape = tape
        self._timings = timings
        self._inbox: deque[Notification] = deque()
        self._taken_at = -TOGETHER_S  # loop time
        self._waking: asyncio.TimerHandle | None = None
        self._streamed = False
        self._frame_s = 0.0

    @property
    def patience_s(self) -> float:
        """How long to wait for the first, or for the next samples."""
        if self.streaming_since is None:
            return self._timings.handshake_s
        if self._timings.silent_after_s is not None:
            return self._timings.silent_after_s
        frames = 3 if self.stream.driver.connects else 10  # advertisements are missed more often
        return max(10.0, frames * self._frame_s)

    def expect_samples(self) -> None:
        """A connection begins: what is left of the last one is not fed to it."""
        self._inbox.clear()
        self.streaming_since, self.block_at = None, asyncio.get_running_loop().time()

    def arrived(self, characteristic: str, payload: bytes, at: float | None = None) -> None:
        """Put a notification into the inbox; it came `at`, or now."""
        now = self._clock() if at is None else at
        if len(self._inbox) >= INBOX:
            self._inbox.popleft()
            self.overruns += 1
        self._inbox.append(Notification(self.stream.sensor, characteristic, payload, now))
        loop, due = asyncio.get_running_loop(), self._taken_at + TOGETHER_S
        if self.streaming_since is None or len(self._inbox) >= TOGETHER or loop.time() >= due:
            self.wake.set()
        elif self._waking is None:
            self._waking = loop.call_at(due, self.wake.set)

    def take(self) -> Iterator[Write | Read]:
        """Feed what has arrived; yields what the driver asks for, to be done before the next is fed.

        Raises HandshakeError when the sensor refuses, PeerLostError when it stopped its stream.
        """
        self._taken_at = asyncio.get_running_loop().time()
        self._wake_no_more()
        while self._inbox:
            notification = self._inbox.popleft()
            if self._tape is not None:
                self._tape.notification(notification)
            for output in self.stream.feed(notification):
                match output:
                    case SampleBlock():
                        self._pass_on(output)
                    case BatteryReading(percent, charging):
                        self._standing.note(battery_percent=percent, charging=charging)
                    case Information(what, text):
                        self._standing.inform(what, text)
                    case Started(rate_hz):
                        self._standing.note(rate_hz=rate_hz)
                    case Halted(reason):
                        raise PeerLostError(
                            f"the sensor stopped its stream: {reason}",
                            link_reason=LinkReason.HALTED,
                        )
                    case Write() | Read():
                        yield output

    def end(self) -> None:
        """The connection is over: pass on what waited for more, and put its end on the tape."""
        self._wake_no_more()
        for block in self.stream.disconnected():
            self._on_block(block)
        self.record_link("disconnected")

    def _wake_no_more(self) -> None:
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None

    def record_link(self, event: str) -> None:
        """Put an event of the link on the tape."""
        if self._tape is not None:
            self._tape.link(self.stream.sensor, event, self._clock())

    def _pass_on(self, block: SampleBlock) -> None:
        loop_time = asyncio.get_running_loop().time()
        self.block_at = loop_time
        self._frame_s = max(self._frame_s, len(block) / block.rate_hz)
        if self.streaming_since is None:
            self.streaming_since = loop_time
            if self._streamed and self.stream.driver.connects:
                self._standing.reconnected()
            self._streamed = True
        self._standing.become(LinkState.STREAMING)
        self._standing.note(rate_hz=block.rate_hz)
        self._on_block(block)
