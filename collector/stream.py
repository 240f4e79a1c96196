"""From bytes to samples in host time, for one sensor: driver, joining, unwrapping, ledger and clock fit.

A live session and the player of a recording drive the same object, so that a recording gives the
samples that were there.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from collector.clock import ClockFit
from collector.drivers.contract import (
    BATTERY_LEVEL,
    INFORMATION,
    Command,
    Driver,
    Halted,
    Information,
    Read,
    Started,
    Write,
)
from collector.joining import Arrived, BlockJoiner
from collector.loss import LossLedger
from collector.unwrapping import ClockUnwrapping
from domain.errors import PayloadError
from domain.samples import BatteryReading, DeviceBlock, Notification, SampleBlock

Output: TypeAlias = SampleBlock | BatteryReading | Information | Write | Read | Started | Halted
DriverFactory: TypeAlias = Callable[[], Driver]


@dataclass(frozen=True, slots=True)
class StreamCounters:
    """What went through so far: samples received, lost and repeated; notifications of no use."""

    received: int = 0
    lost: int = 0
    duplicates: int = 0
    bad_payloads: int = 0


@dataclass(slots=True)
class SensorStream:
    """One sensor's notifications in, blocks of samples in host time out.

    The ledger, the unwrapped clock and its fit last as long as the stream; the driver as long as a
    connection: call `reconnected` at the start of every connection, the first one included, and
    `disconnected` at its end. not_before: no sample is as early as this, Unix s (`ClockFit`).
    """

    sensor: str
    driver_factory: DriverFactory
    not_before: float | None = None
    driver: Driver = field(init=False)
    battery_percent: float | None = field(init=False, default=None)
    charging: bool | None = field(init=False, default=None)
    rate_hz: float | None = field(init=False, default=None)
    last_bad_payload: str = field(init=False, default="")
    _joiner: BlockJoiner = field(init=False, default_factory=BlockJoiner)
    _ledger: LossLedger = field(init=False, default_factory=LossLedger)
    _clock: ClockFit = field(init=False)
    _unwrapping: ClockUnwrapping = field(init=False, default_factory=ClockUnwrapping)
    _bad_payloads: int = field(init=False, default=0)
    _asked: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._clock = ClockFit(not_before=self.not_before)
        self.driver = self.driver_factory()

    @property
    def counters(self) -> StreamCounters:
        """The counts so far."""
        ledger = self._ledger
        return StreamCounters(ledger.received, ledger.lost, ledger.duplicates, self._bad_payloads)

    @property
    def last_sample_at(self) -> float | None:
        """Unix s of the last sample, None before the first."""
        return self._clock.last

    def reconnected(self) -> tuple[Command, ...]:
        """Begin a connection with a fresh driver; returns the first commands of its handshake."""
        self._joiner = BlockJoiner()
        self.driver = self.driver_factory()
        self.charging = None  # it may have been put on meanwhile
        self._ledger.reconnected()
        self._unwrapping.reconnected()
        commands = self.driver.start()
        self._asked = {command.characteristic for command in commands if isinstance(command, Read)}
        return commands

    def disconnected(self) -> tuple[SampleBlock, ...]:
        """The connection has ended: the samples that waited for more of them."""
        return tuple(self._timed(self._joiner.flush()))

    def feed(self, notification: Notification) -> tuple[Output, ...]:
        """What `notification` brings, in order.

        Bytes that are no valid frame are counted and bring nothing. Raises HandshakeError when the
        sensor refuses to start, nothing else.
        """
        now = notification.received_at
        outputs: list[Output] = []
        if notification.characteristic in INFORMATION:
            outputs += _information(notification)
            if notification.characteristic not in self._asked:
                return tuple(outputs)
        try:
            if self._is_plain_battery(notification.characteristic):
                return (self._battery(_battery_level(notification.payload)),)
            events = self.driver.feed(notification.characteristic, notification.payload, now)
        except PayloadError as error:
            self._bad(error.problem)
            return tuple(outputs)
        for event in events:
            match event:
                case DeviceBlock():
                    outputs += self._timed(self._joiner.add(event, now))
                case BatteryReading():
                    outputs.append(self._battery(event))
                case Started():
                    self.rate_hz = event.rate_hz
                    outputs.append(event)
                case _:
                    outputs.append(event)
        return tuple(outputs)

    def _is_plain_battery(self, characteristic: str) -> bool:
        """The standard battery level, of which the driver itself takes no notice."""
        return characteristic == BATTERY_LEVEL and BATTERY_LEVEL not in self.driver.subscriptions()

    def _battery(self, reading: BatteryReading) -> BatteryReading:
        self.battery_percent = reading.percent
        if reading.charging is not None:
            self.charging = reading.charging
        return reading

    def _bad(self, problem: str) -> None:
        self._bad_payloads += 1
        self.last_bad_payload = problem

    def _timed(self, arrived: Iterable[Arrived]) -> Iterator[SampleBlock]:
        for one in arrived:
            block = self._block(one.block, one.at)
            if block is not None:
                yield block

    def _block(self, block: DeviceBlock, now: float) -> SampleBlock | None:
        ledger, clock = self._ledger, self._clock
        block, another_clock = self._unwrapping.unwrap(
            block, now, slope=clock.slope, learnt=clock.learnt
        )
        late_s = clock.late_s(ledger.expected_end_s(block), now)
        since_s = None if clock.last is None else now - clock.last
        try:
            entry = ledger.enter(
                block, now, late_s, since_s, another_clock=another_clock, slope=clock.slope
            )
        except ValueError as error:
            self._bad(str(error))
            return None
        if entry is None:
            return None
        if entry.restarted:
            clock.restart()
        self._unwrapping.taken(float(entry.device_times[-1]), now)
        self.rate_hz = block.rate_hz
        times = clock.push(entry.device_times, now)
        return SampleBlock(
            sensor=self.sensor,
            times=times,
            acc_g=block.acc_g[entry.skip :],
            gyro_dps=None if block.gyro_dps is None else block.gyro_dps[entry.skip :],
            rate_hz=block.rate_hz,
            lost_before=entry.lost,
            charging=None if self.charging is None else np.full(len(times), self.charging),
        )


def _information(notification: Notification) -> tuple[Information, ...]:
    """A UTF-8 string (Device Information Service 1.1, section 3); some end it with NULs or spaces."""
    text = notification.payload.decode("utf-8", "replace").strip("\0 ")
    text = "".join(c for c in text if c.isprintable())[:64]
    return (Information(INFORMATION[notification.characteristic], text),) if text else ()


def _battery_level(payload: bytes) -> BatteryReading:
    """Battery Level, one octet of percent (Battery Service 1.1, section 3.1)."""
    if len(payload) != 1 or payload[0] > 100:
        raise PayloadError("battery", "no level between 0 and 100", payload)
    return BatteryReading(float(payload[0]))
