"""The air of simulated sensors beside the real one, and the simulated people who wear them.

The same sensors, bodies and in-process Bluetooth as those of the demo, read by a collector of its own.
Importing this takes a second or two: it is done in a thread, when the first of them is wanted.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from collector.collector import Collector
from collector.drivers.registry import encoder_named
from collector.radio import Radio
from domain.people import Calibration, Sensor
from domain.placement import Placement
from service.air import simulated_radio
from service.made_up import address_of, seed_of
from service.simulation import DEMO_SENSORS, SimulatedSensor, Simulation
from simulators.body import ScriptedBody
from simulators.days import demo_script
from simulators.peripheral import Peripheral

_BY_PLACEMENT = {each.placement: each for each in DEMO_SENSORS}
#: So much of their day lies behind a person when they begin, s.
LEAD_S = 3600.0


class MadeUpAir:
    """clock: Unix s. make: the collector of a radio, whose blocks go where those of real sensors go."""

    def __init__(self, clock: Callable[[], float], make: Callable[[Radio], Collector]) -> None:
        self._clock = clock
        self._simulation = Simulation((), clock=clock)
        self.collector = make(simulated_radio(self._simulation, clock))
        self._bodies: dict[str, ScriptedBody] = {}
        self._peripherals: dict[str, Peripheral] = {}

    async def run(self, ready: Callable[[], None]) -> None:
        """Until cancelled; `ready` is called when sensors can be put on."""
        async with self._simulation:
            ready()
            try:
                await self.collector.run()
            finally:
                for peripheral in self._peripherals.values():
                    await peripheral.stop()

    async def calibrated(self, wearer: str, placement: Placement) -> tuple[Sensor, Calibration]:
        """One as it would be worn, and what a calibration of it finds. Nothing is on the air yet."""
        now, body = self._clock(), await self._body(wearer)
        worn = _worn(wearer, placement)
        calibration = await asyncio.to_thread(worn.calibration, body, now)
        return worn.paired(wearer, now), calibration

    async def put_on(self, sensor: Sensor) -> None:
        """Switch it on, and read it."""
        body = await self._body(sensor.wearer)
        worn = _worn(sensor.wearer, sensor.placement)
        peripheral = Peripheral(
            self._simulation.world,
            address=sensor.id,
            encoder=encoder_named(worn.kind)(),
            source=worn.model(body, self._clock()),
            clock=self._clock,
            battery_percent=worn.battery_percent,
        )
        await peripheral.start()
        self._peripherals[sensor.id] = peripheral
        self.collector.add(sensor)

    async def take_off(self, sensor_id: str) -> None:
        """Read it no longer, and switch it off. Raises NotFoundError."""
        await self.collector.remove(sensor_id)
        await self._peripherals.pop(sensor_id).stop()

    async def _body(self, wearer: str) -> ScriptedBody:
        if wearer not in self._bodies:
            seed, now = seed_of(wearer), self._clock()

            def born() -> ScriptedBody:
                script = demo_script(seed, now, midnight_s=now, lead_s=LEAD_S)
                return ScriptedBody.of(seed, script)

            body = await asyncio.to_thread(born)
            self._bodies.setdefault(wearer, body)
        return self._bodies[wearer]


def _worn(wearer: str, placement: Placement) -> SimulatedSensor:
    demo = _BY_PLACEMENT[placement]
    return replace(
        demo,
        address=address_of(wearer, placement),
        name=f"Simulated {demo.name.lower()}",
        seed=demo.seed + seed_of(wearer),
    )
