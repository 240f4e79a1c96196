"""The collector: every paired sensor's session, one radio, one consumer."""

import asyncio
import contextlib
import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence

from collector.drivers.registry import driver_factory, driver_named
from collector.handover import BlockQueue
from collector.radio import Radio
from collector.recording import Recorder
from collector.session import Session
from collector.stream import DriverFactory, SensorStream
from collector.timings import Timings
from domain.errors import ConflictError, LinkError, NotFoundError, RecordingError, first_line
from domain.link import SensorStatus
from domain.people import Sensor
from domain.samples import Notification, SampleBlock

FLUSH_S = 1.0
TURN_S = 0.005  # how long blocks are handed over before others get the loop

_log = logging.getLogger(__name__)

BlockSink = Callable[[SampleBlock], Awaitable[None] | None]
StatusSink = Callable[[SensorStatus], None]


class Collector:
    """Collects from `sensors` while `run` runs; sensors may be added and removed at any time.

    clock: host Unix time, s, stamped on arrivals; best one that is never set back. on_block: called
    (or awaited) with every block, one at a time; blocks that wait for it stay in a queue that keeps
    the newest `queue_blocks`. on_status: called at every change of a sensor's state, reason, battery
    or rate. drivers: finds the driver of a sensor by its stored name, raises NotFoundError.
    not_before: until when (Unix s) a sensor's samples are known already: after a start with the host's clock
    behind what is stored, new ones follow that. None: nothing is known. recorder: takes the raw
    notifications; when it cannot write any more, `recording_problem` says why, and collecting goes
    on without.
    """

    def __init__(
        self,
        radio: Radio,
        sensors: Sequence[Sensor],
        *,
        clock: Callable[[], float],
        on_block: BlockSink,
        on_status: StatusSink | None = None,
        recorder: Recorder | None = None,
        drivers: Callable[[str], DriverFactory] = driver_named,
        timings: Timings | None = None,
        queue_blocks: int = 1024,
        not_before: Callable[[Sensor], float | None] = lambda sensor: None,
    ) -> None:
        self._not_before = not_before
        self._radio = radio
        self._clock = clock
        self._on_block = on_block
        self._on_status = on_status
        self._recorder = recorder
        self.recording_problem: RecordingError | None = None
        self._drivers = drivers
        self._timings = timings
        self._queue = BlockQueue(queue_blocks)
        self._sessions: dict[str, Session] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None
        for sensor in sensors:
            self._enrol(sensor)

    @property
    def dropped(self) -> int:
        """Samples received that the consumer was too slow for."""
        return self._queue.dropped

    @property
    def waiting(self) -> int:
        """Blocks that wait for the consumer."""
        return len(self._queue)

    @property
    def problem(self) -> str | None:
        """Why there is no radio, one sentence; None when there is one."""
        return None if self._radio.problem is None else first_line(self._radio.problem)

    @property
    def radio_error(self) -> LinkError | None:
        """The same as it was raised."""
        return self._radio.problem

    def statuses(self) -> tuple[SensorStatus, ...]:
        """Every sensor's status now, in the order they were added."""
        return tuple(session.status for session in self._sessions.values())

    def status(self, sensor_id: str) -> SensorStatus:
        """One sensor's status now. Raises NotFoundError."""
        return self._session(sensor_id).status

    async def run(self) -> None:
        """Collect until cancelled; then sensors are stopped politely and the queue is handed over."""
        if self._group is not None:
            raise ConflictError("the collector runs already")
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                group.create_task(self._radio.run(), name="radio")
                group.create_task(self._consume(), name="blocks")
                if self._recorder is not None:
                    group.create_task(self._flush(), name="recorder")
                for session in self._sessions.values():
                    self._launch(session)
        finally:
            self._group = None
            self._tasks.clear()
            while (block := self._queue.get_nowait()) is not None:
                await self._hand_over(block)
            self._close_recorder()

    def add(self, sensor: Sensor) -> None:
        """Collect from one more sensor. Raises ConflictError when it is there, NotFoundError for
        its driver, InputError for its key."""
        session = self._enrol(sensor)
        if self._recorder is not None:
            self._on_tape(lambda tape: tape.add(sensor, self._clock()))
        if self._group is not None:
            self._launch(session)

    async def remove(self, sensor_id: str) -> None:
        """Stop collecting from a sensor; returns when its link is closed. Raises NotFoundError."""
        self._session(sensor_id)
        task = self._tasks.pop(sensor_id, None)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        self._sessions.pop(sensor_id, None)

    async def identify(self, sensor_id: str) -> None:
        """Make a sensor show which one it is: blink, beep or buzz.

        Raises NotFoundError, ConflictError while it is not connected, UnsupportedError when it has
        nothing to show itself with, HandshakeError when it refuses, a LinkError when it does not answer.
        """
        await self._session(sensor_id).identify()

    def _session(self, sensor_id: str) -> Session:
        if sensor_id not in self._sessions:
            raise NotFoundError("sensor", sensor_id)
        return self._sessions[sensor_id]

    def _enrol(self, sensor: Sensor) -> Session:
        if sensor.id in self._sessions:
            raise ConflictError(f"sensor {sensor.id} is there already")
        session = Session(
            sensor,
            SensorStream(sensor.id, self._driver_of(sensor), self._not_before(sensor)),
            self._radio,
            clock=self._clock,
            on_block=self._queue.put,
            on_status=self._on_status,
            tape=self if self._recorder is not None else None,
            timings=self._timings,
        )
        self._sessions[sensor.id] = session
        return session

    def _driver_of(self, sensor: Sensor) -> DriverFactory:
        return driver_factory(self._drivers(sensor.driver), sensor.id, sensor.key_hex)

    def _launch(self, session: Session) -> None:
        assert self._group is not None
        name = session.sensor.id
        self._tasks[name] = self._group.create_task(session.run(), name=f"sensor {name}")

    async def _consume(self) -> None:
        loop = asyncio.get_running_loop()
        rested = loop.time()
        while True:
            await self._hand_over(await self._queue.get())
            # A sink that never waits must not keep the radio waiting; a rest after every block would
            # leave the queue to overflow when sensors catch up faster than one block a turn.
            if loop.time() - rested > TURN_S:
                await asyncio.sleep(0)
                rested = loop.time()

    async def _hand_over(self, block: SampleBlock) -> None:
        pending = self._on_block(block)
        if inspect.isawaitable(pending):
            await pending

    # --- the recorder ------------------------------------------------------------------------

    def notification(self, notification: Notification) -> None:
        """Record a notification (Tape)."""
        self._on_tape(lambda tape: tape.notification(notification))

    def link(self, sensor: str, event: str, now: float) -> None:
        """Record an event of a link (Tape)."""
        self._on_tape(lambda tape: tape.link(sensor, event, now))

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            self._on_tape(lambda tape: tape.flush())

    def _close_recorder(self) -> None:
        self._on_tape(lambda tape: tape.close())

    def _on_tape(self, use: Callable[[Recorder], None]) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        try:
            use(recorder)
        except RecordingError as error:
            self._recorder, self.recording_problem = None, error
            _log.warning("recording ends here: %s", error)
            with contextlib.suppress(RecordingError):  # the same disk
                recorder.close()
