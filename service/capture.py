"""Taking a few seconds of samples from one sensor, for a calibration."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from collector.collector import Collector
from collector.drivers.registry import Drivers
from collector.radio import Radio
from domain.errors import CalibrationRefused, LinkTimeoutError, RefusalReason
from domain.link import LinkState
from domain.people import Sensor
from domain.samples import Recording, SampleBlock
from service.poses import joined, span_s
from service.signal_check import SignalCheck

#: Finding, connecting and the handshake together.
REACH_TIMEOUT_S = 45.0
_LOOK_S = 0.1


class Capture:
    """Samples of one sensor as they come; `blocks` is what the collector appends to."""

    def __init__(
        self,
        sensor: Sensor,
        collector: Collector,
        blocks: list[SampleBlock],
        clock: Callable[[], float],
    ) -> None:
        self._sensor = sensor
        self._clock = clock
        self._collector = collector
        self._blocks = blocks

    async def identify(self) -> None:
        """Have the sensor blink or buzz; raises as Collector.identify."""
        await self._collector.identify(self._sensor.id)

    async def checked(self, seconds: float) -> SignalCheck:
        """What the next `seconds` of wall time say about the link."""
        self._blocks.clear()
        await asyncio.sleep(seconds)
        blocks, status = list(self._blocks), self._collector.status(self._sensor.id)
        return SignalCheck(
            seconds=seconds,
            received=sum(map(len, blocks)),
            lost=sum(block.lost_before for block in blocks),
            rate_hz=status.rate_hz or 0.0,
            rssi_dbm=status.rssi_dbm,
            battery_percent=status.battery_percent,
        )

    async def reached(self) -> None:
        """Return once samples flow. Raises LinkTimeoutError with the reason of the link."""
        try:
            async with asyncio.timeout(REACH_TIMEOUT_S):
                while self._state() is not LinkState.STREAMING or not self._blocks:  # noqa: ASYNC110 - two conditions of two parts
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            reason = self._collector.problem or self._collector.status(self._sensor.id).reason
            raise LinkTimeoutError(
                f"{self._sensor.id} did not answer within {REACH_TIMEOUT_S:.0f} s"
                + (
                    f": {reason}"
                    if reason
                    else "; is it switched on, near and not in use elsewhere?"
                )
            ) from None

    async def take(self, seconds: float) -> Recording:
        """The next `seconds` of samples. Raises CalibrationRefused when the link does not last."""
        self._blocks.clear()
        began = self._clock()
        try:
            async with asyncio.timeout(3 * seconds + 5):
                while span_s(taken := self._since(began)) < seconds:  # noqa: ASYNC110 - counts samples, not events
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            raise CalibrationRefused(
                RefusalReason.LINK_LOST, "The samples stopped coming. Move nearer and try again."
            ) from None
        return joined(taken)

    def _state(self) -> LinkState:
        return self._collector.status(self._sensor.id).state

    def _since(self, began: float) -> list[SampleBlock]:
        # The first may have been under way: what it brings was measured before.
        return [block for block in self._blocks if block.times[0] >= began]


@asynccontextmanager
async def capturing(
    radio: Radio, sensor: Sensor, clock: Callable[[], float], *, drivers: Drivers
) -> AsyncIterator[Capture]:
    """A collector on this one sensor for as long as the context lasts."""
    blocks: list[SampleBlock] = []
    collector = Collector(
        radio, [sensor], clock=clock, on_block=blocks.append, drivers=drivers.named
    )
    capture = Capture(sensor, collector, blocks, clock)
    # No task group: it would wrap the refusals that the caller is to see.
    task = asyncio.create_task(collector.run(), name="collector")
    try:
        yield capture
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()
