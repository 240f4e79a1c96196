"""Real sensors and simulated ones, read as one: what is asked of a collector goes to the one that has it."""

import asyncio
import importlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from collector.collector import Collector
from collector.radio import Radio
from domain.errors import ConflictError, LinkError
from domain.link import SensorStatus
from domain.people import Calibration, Sensor
from domain.placement import Placement
from service.made_up import is_made_up

if TYPE_CHECKING:
    from service.made_up_air import MadeUpAir

#: For the import and the first device on the air; much longer than it takes.
START_S = 30.0


class Airs:
    """Two airs, the second of which is there once a simulated sensor is wanted.

    make: a collector over a radio, without sensors. made_up: those to be put on at the start.
    """

    def __init__(
        self,
        real: Collector,
        *,
        make: Callable[[Radio], Collector],
        clock: Callable[[], float],
        made_up: Sequence[Sensor] = (),
    ) -> None:
        self._real = real
        self._make = make
        self._clock = clock
        self._made_up = tuple(made_up)
        self._other: MadeUpAir | None = None
        self._wanted, self._ready = asyncio.Event(), asyncio.Event()
        if made_up:
            self._wanted.set()

    @property
    def waiting(self) -> int:
        """Blocks that wait to be measured."""
        return self._real.waiting + (0 if self._other is None else self._other.collector.waiting)

    @property
    def dropped(self) -> int:
        """Samples that measuring was too slow for."""
        return self._real.dropped + (0 if self._other is None else self._other.collector.dropped)

    @property
    def problem(self) -> str | None:
        """Why there is no radio."""
        return self._real.problem

    @property
    def radio_error(self) -> LinkError | None:
        """The same as it was raised."""
        return self._real.radio_error

    def statuses(self) -> tuple[SensorStatus, ...]:
        """Of every sensor."""
        other = () if self._other is None else self._other.collector.statuses()
        return (*self._real.statuses(), *other)

    async def run(self) -> None:
        """Collect until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._real.run(), name="real sensors")
            group.create_task(self._run_other(), name="simulated sensors")

    def add(self, sensor: Sensor) -> None:
        """See Collector.add; of real ones."""
        self._real.add(sensor)

    async def remove(self, sensor_id: str) -> None:
        """See Collector.remove."""
        if is_made_up(sensor_id):
            await (await self._there()).take_off(sensor_id)
        else:
            await self._real.remove(sensor_id)

    async def identify(self, sensor_id: str) -> None:
        """See Collector.identify."""
        if is_made_up(sensor_id):
            await (await self._there()).collector.identify(sensor_id)
        else:
            await self._real.identify(sensor_id)

    async def made_up(self, wearer: str, placement: Placement) -> tuple[Sensor, Calibration]:
        """A simulated sensor as the wearer would wear it, with its calibration; nothing is read yet."""
        return await (await self._there()).calibrated(wearer, placement)

    async def put_on(self, sensor: Sensor) -> None:
        """Read a simulated sensor from now on."""
        await (await self._there()).put_on(sensor)

    async def _there(self) -> "MadeUpAir":
        self._wanted.set()
        try:
            async with asyncio.timeout(START_S):
                await self._ready.wait()
        except TimeoutError as error:
            raise ConflictError("the simulated sensors do not start; try again") from error
        assert self._other is not None
        return self._other

    async def _run_other(self) -> None:
        await self._wanted.wait()
        module = await asyncio.to_thread(importlib.import_module, "service.made_up_air")
        self._other = module.MadeUpAir(self._clock, self._make)
        async with asyncio.TaskGroup() as group:
            running = asyncio.Event()
            group.create_task(self._other.run(running.set), name="simulated air")
            await running.wait()
            for sensor in self._made_up:
                await self._other.put_on(sensor)
            self._ready.set()
