"""Plays a recording through the very objects that a live session feeds."""

import asyncio
from collections.abc import Callable, Iterator
from typing import TypeAlias

from collector.drivers.contract import Halted, Information, Read, Started, Write
from collector.drivers.registry import driver_factory, driver_named
from collector.recording import LinkEvent, RecordedSensor, RecordingFile, SensorAdded
from collector.stream import DriverFactory, SensorStream, StreamCounters
from domain.errors import HandshakeError
from domain.samples import BatteryReading, Notification, SampleBlock

Played: TypeAlias = SampleBlock | BatteryReading | Started | Halted


class Player:
    """The samples of a recording, bit for bit those that the live session passed on.

    start: Unix s at which the recording is to begin; None leaves its own times. drivers: finds a
    driver by its stored name, raises NotFoundError. refused: handshakes that the sensor refused.
    sensors: those that were there so far, by id.
    """

    def __init__(
        self,
        recording: RecordingFile,
        *,
        start: float | None = None,
        drivers: Callable[[str], DriverFactory] = driver_named,
    ) -> None:
        self.recording = recording
        self.refused = 0
        self.sensors: dict[str, RecordedSensor] = {}
        self._drivers = drivers
        self._shift_s = 0.0 if start is None else start - recording.started
        self._streams: dict[str, SensorStream] = {}
        for sensor in recording.sensors:
            self._add(sensor)

    @property
    def counters(self) -> dict[str, StreamCounters]:
        """The counts so far by sensor."""
        return {sensor: stream.counters for sensor, stream in self._streams.items()}

    def replay(self) -> Iterator[tuple[str, float, Played]]:
        """Everything there is, as fast as it is taken: (sensor, Unix s of arrival, what)."""
        for entry in self.recording.entries():
            match entry:
                case SensorAdded():
                    self._add(entry.sensor)
                case LinkEvent(sensor, "connected"):
                    self._streams[sensor].reconnected()
                case LinkEvent(sensor, _, at):
                    for block in self._streams[sensor].disconnected():
                        yield sensor, at + self._shift_s, block
                case Notification():
                    at = entry.received_at + self._shift_s
                    for output in self._feed(entry, at):
                        yield entry.sensor, at, output
        for sensor, stream in self._streams.items():
            for block in stream.disconnected():
                yield sensor, float(block.times[-1]), block

    async def play(
        self,
        on_output: Callable[[str, float, Played], None],
        *,
        speed: float | None = 1.0,
    ) -> None:
        """Hand everything to `on_output(sensor, at, what)`, `speed` times as fast as it came, None: at once.

        Raises ValueError for a speed that is not positive.
        """
        if speed is not None and not speed > 0:
            raise ValueError(f"speed {speed}")
        loop = asyncio.get_running_loop()
        began, zero = loop.time(), self.recording.started + self._shift_s
        rested = began
        for sensor, at, output in self.replay():
            wait_s = 0.0 if speed is None else began + (at - zero) / speed - loop.time()
            if wait_s > 0.0 or loop.time() - rested > 0.02:  # others want the loop too
                await asyncio.sleep(max(wait_s, 0.0))
                rested = loop.time()
            on_output(sensor, at, output)

    def _add(self, sensor: RecordedSensor) -> None:
        driver = driver_factory(self._drivers(sensor.driver), sensor.id)
        self._streams[sensor.id] = SensorStream(sensor.id, driver)
        self.sensors[sensor.id] = sensor

    def _feed(self, entry: Notification, at: float) -> Iterator[Played]:
        shifted = Notification(entry.sensor, entry.characteristic, entry.payload, at)
        try:
            outputs = self._streams[entry.sensor].feed(shifted)
        except HandshakeError:  # the live session disconnected; the recording says so next
            self.refused += 1
            return
        for output in outputs:
            if not isinstance(output, Write | Read | Information):
                yield output
