"""A simulated sensor: a real GATT server on Bumble that speaks a driver's protocol through its encoder.

The sensor never rests: its clock and its counters run whether or not anybody listens. What it
measures comes from a source by sample index; what it says comes from the encoder; what becomes of
every sample stands in its ledger.
"""

import asyncio
import contextlib
import copy
import logging
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from collector.drivers.contract import (
    BATTERY_LEVEL,
    BATTERY_SERVICE,
    Encoder,
    Encrypts,
    Sent,
)
from simulators.advertising import carrying, compose
from simulators.airspace import ANSWER_S, BumbleWorld
from simulators.battery import H10_BATTERY_LIFE_S, Battery
from simulators.faults import Fault, FaultKind, FaultPlan
from simulators.gatt import BATTERY, build
from simulators.ledger import Fate, Ledger
from simulators.source import Source
from simulators.station import Station

_LOGGER = logging.getLogger(__name__)

_OUTBOX = 256  # answers waiting for the air; a host that asks faster loses the oldest
_BURST = 32  # packets sent before the link is given time to carry them
_TICK_S = 0.002  # shortest sleep: what falls due meanwhile goes out together
_NAP_S = 0.25  # longest sleep: after it the clock is looked at again, for it may have been set
_RATE_TOLERANCE = 0.03  # between a source and the encoder it feeds: clocks drift by 1 %
_NO_FAULTS = FaultPlan()


class Peripheral:
    """One simulated sensor. `async with`, or start() and stop(), or run() in a TaskGroup.

    clock: virtual Unix time, s, running `speed` times as fast as the wall's. advertising_interval_s:
    wall seconds. battery_life_s: sensor seconds from full to empty. The first sample is the first
    one after the start; what is overdue is sent at once, so nothing drifts.

    The source has the rate at which the sensor streams (`simulators.handshake.started`). While the
    encoder is set to a lower one, a whole part of it, the samples between are withheld; any other
    rate ends the sensor with ValueError. The fault methods may be called while the sensor is on.
    """

    def __init__(
        self,
        world: BumbleWorld,
        *,
        address: str,
        encoder: Encoder,
        source: Source,
        clock: Callable[[], float],
        speed: float = 1.0,
        faults: FaultPlan = _NO_FAULTS,
        battery_percent: float = 90.0,
        battery_life_s: float = H10_BATTERY_LIFE_S,
        advertising_interval_s: float = 0.1,
        rssi_dbm: int = -60,
    ) -> None:
        if not speed > 0:
            raise ValueError(f"speed {speed}")
        self.ledger = Ledger()
        self._station = Station(
            world,
            address,
            self,
            advertising_interval_s=advertising_interval_s,
            rssi_dbm=rssi_dbm,
        )
        if isinstance(encoder, Encrypts):
            encoder.address = self._station.address
        self._as_delivered = copy.deepcopy(encoder)
        self._encoder = encoder
        self._source = source
        self._clock = clock
        self._speed = speed
        self._faults = deque(faults.faults)
        self._plain_faults = {
            FaultKind.DROP: self.drop,
            FaultKind.VANISH: self.vanish,
            FaultKind.APPEAR: self.appear,
            FaultKind.REBOOT: self.reboot,
        }
        self._battery = Battery(battery_percent, battery_life_s)
        self._told_percent = self._battery.percent_at(0.0)
        self._outbox: deque[Sent] = deque(maxlen=_OUTBOX)
        self._wake = asyncio.Event()
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._started_at = 0.0
        self._next_index = 0
        self._source_hz = 0.0
        self._packets = 0
        self._power_on_s = 0.0
        self._silence: tuple[float, float] | None = None
        self._stream_channel: str | None = None

    @property
    def address(self) -> str:
        """The sensor's Bluetooth address, upper case."""
        return self._station.address

    @property
    def encoder(self) -> Encoder:
        """The sensor's side of the protocol; another one after every reboot."""
        return self._encoder

    @property
    def connected(self) -> bool:
        """Whether a host holds a link."""
        return self._station.connected

    @property
    def battery_percent(self) -> int:
        """State of charge, whole per cent."""
        return self._battery.percent_at(self._clock() - self._started_at)

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
        """Switch the sensor on in a task of its own; returns when it advertises. Once only."""
        if self._task is not None:
            raise RuntimeError(f"{self.address} was switched on before")
        self._task = asyncio.create_task(self.run(), name=f"peripheral {self.address}")
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._task.done():
            self._task.result()
        self._task.add_done_callback(self._report)

    async def stop(self) -> None:
        """Switch the sensor off; raises what had ended it, if anything had."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            async with asyncio.timeout(2 * ANSWER_S):
                await self._task

    async def run(self) -> None:
        """Be a sensor until stopped or cancelled."""
        try:
            await self._switch_on()
            self._ready.set()
            while not self._stopping:
                await self._station.tend()
                await self._carry_out_faults()
                await self._send_answers()
                await self._send_samples()
                await self._tell_battery()
                await self._sleep()
        finally:
            await self._station.stop()

    async def drop(self) -> None:
        """Lose the link without warning; the sensor advertises again."""
        await self._station.drop()

    async def silence(self, seconds: float) -> None:
        """Stay connected and say nothing for some sensor seconds, or until the link ends."""
        if self.connected:
            now = self._clock()
            self._silence = (now, now + seconds)

    async def garbage(self, payload: bytes, characteristic: str | None = None) -> None:
        """Send bytes that mean nothing, unless told otherwise where the last samples were sent."""
        channel = characteristic or self._stream_channel
        if channel is not None:
            self._post((Sent(channel, payload),))

    async def vanish(self) -> None:
        """Leave the range: the link is lost, and nothing is advertised until `appear`."""
        await self._station.hide()

    async def appear(self) -> None:
        """Come back into range."""
        await self._station.show()

    async def reboot(self) -> None:
        """Restart: the link is lost, the encoder forgets, the device clock begins at zero again."""
        await self.drop()
        self._encoder = copy.deepcopy(self._as_delivered)
        device_times, _, _ = self._source.samples(self._next_index, 1)
        self._power_on_s = float(device_times[0])

    def link_up(self) -> None:
        """Called by the station."""
        self._wake.set()

    def link_down(self) -> None:
        """Called by the station."""
        self._silence = None
        self._outbox.clear()
        self._encoder.disconnected()
        self._wake.set()

    def _report(self, task: asyncio.Task[None]) -> None:
        # Nobody awaits a sensor that runs by itself until it is stopped.
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOGGER.error("simulated sensor %s ended: %s", self.address, error)

    async def _switch_on(self) -> None:
        services = self._encoder.gatt() if self._encoder.connects else ()
        if services and all(service.uuid != BATTERY_SERVICE for service in services):
            services = (*services, BATTERY)
        built, characteristics = build(services, self._on_read, self._on_write)
        advertisement = self._encoder.advertisement()
        self._started_at = self._clock()
        self._next_index = max(0, self._source.index_at(self._started_at))
        while self._source.true_time(self._next_index) < self._started_at:
            self._next_index += 1
        span = self._source.true_time(self._next_index + 100) - self._source.true_time(
            self._next_index
        )
        self._source_hz = 100 / span
        name = advertisement.name or self.address
        await self._station.start(name, compose(advertisement), built, characteristics)

    def _on_read(self, characteristic: str) -> bytes:
        if characteristic == BATTERY_LEVEL:
            return bytes([self.battery_percent])
        return self._encoder.read(characteristic)

    def _on_write(self, characteristic: str, payload: bytes) -> None:
        self._post(self._encoder.written(characteristic, payload))

    def _post(self, messages: tuple[Sent, ...]) -> None:
        self._outbox.extend(messages)
        self._wake.set()

    async def _send_answers(self) -> None:
        while self._outbox:
            await self._send(self._outbox.popleft())

    async def _send_samples(self) -> None:
        packets = 0
        while not self._stopping and self._chunk_due_at() <= self._clock():
            stride, n = self._stride(), self._encoder.chunk
            first, taken_at = self._next_index, self._chunk_due_at()
            self._next_index += n * stride
            device_times, acc_g, gyro_dps = self._source.samples(first, n * stride)
            kept = slice(stride - 1, None, stride)
            streaming = self._encoder.streaming
            messages = self._encoder.samples(
                device_times[kept] - self._power_on_s,
                acc_g[kept],
                None if gyro_dps is None else gyro_dps[kept],
            )
            # an answer given meanwhile comes before the samples that it announces
            await self._send_answers()
            fate = Fate.WITHHELD
            if streaming and messages and not self._silent_at(taken_at):
                fate = await self._dispatch(messages)
            self._book(first, n, stride, fate)
            self._packets += 1
            packets += 1
            if packets % _BURST == 0:
                await self._station.drain()

    def _book(self, first: int, n: int, stride: int, fate: Fate) -> None:
        if stride == 1:
            self.ledger.book(first, n, fate)
            return
        for index in range(first, first + n * stride, stride):
            self.ledger.book(index, stride - 1, Fate.WITHHELD)
            self.ledger.book(index + stride - 1, 1, fate)

    def _stride(self) -> int:
        """How many samples of the source make one of the encoder."""
        ratio = self._source_hz / self._encoder.rate_hz
        stride = max(1, round(ratio))
        if abs(ratio / stride - 1) > _RATE_TOLERANCE:
            raise ValueError(
                f"{self.address} is set to {self._encoder.rate_hz:g} Hz, "
                f"its source gives {self._source_hz:g}"
            )
        return stride

    async def _dispatch(self, messages: tuple[Sent, ...]) -> Fate:
        if not all(self._audible(one.characteristic) for one in messages):
            return Fate.WITHHELD
        if self._source.is_lost(self._packets):
            return Fate.DROPPED
        self._stream_channel = messages[-1].characteristic
        for message in messages:
            if not await self._send(message):
                return Fate.WITHHELD
        return Fate.SENT

    def _audible(self, channel: str) -> bool:
        return not self._encoder.connects or self._station.audible(channel)

    async def _send(self, message: Sent) -> bool:
        if self._encoder.connects:
            return await self._station.send(message.characteristic, message.payload)
        data = carrying(self._encoder.advertisement(), message.characteristic, message.payload)
        return await self._station.advertise(compose(data))

    async def _tell_battery(self) -> None:
        percent = self.battery_percent
        if (
            self._encoder.connects
            and percent != self._told_percent
            and not self._silent_at(self._clock())
        ):
            self._told_percent = percent
            await self._send(Sent(BATTERY_LEVEL, bytes([percent])))

    def _silent_at(self, time: float) -> bool:
        return self._silence is not None and self._silence[0] <= time < self._silence[1]

    async def _carry_out_faults(self) -> None:
        while self._faults and self._faults[0].at_s <= self._clock() - self._started_at:
            await self._carry_out(self._faults.popleft())

    async def _carry_out(self, fault: Fault) -> None:
        if fault.kind is FaultKind.SILENCE:
            await self.silence(fault.seconds)
        elif fault.kind is FaultKind.GARBAGE:
            await self.garbage(fault.payload)
        else:
            await self._plain_faults[fault.kind]()

    def _chunk_due_at(self) -> float:
        return self._source.true_time(self._next_index + self._encoder.chunk * self._stride() - 1)

    async def _sleep(self) -> None:
        due = self._chunk_due_at()
        if self._faults:
            due = min(due, self._started_at + self._faults[0].at_s)
        delay_s = min(max((due - self._clock()) / self._speed, _TICK_S), _NAP_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await self._wake.wait()
        self._wake.clear()
