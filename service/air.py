"""The radio a command uses: this machine's Bluetooth, or the simulated air with the demo's sensors."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from collector.radio import Radio
from domain.people import Sensor
from service.simulation import DEMO_SENSORS, PosingBody, Simulation
from simulators.body import ScriptedBody
from simulators.client import BumbleClient
from simulators.days import demo_script
from simulators.radio import BumbleScanner

SIMULATED_PERSON = 1


@dataclass(frozen=True, slots=True)
class Air:
    """A radio, and who is in the air when it is simulated. posing: the simulated person, who takes
    poses when told; None over real Bluetooth."""

    radio: Radio
    sensors: tuple[Sensor, ...]
    posing: PosingBody | None


@asynccontextmanager
async def open_air(
    adapters: Sequence[str] = (), *, simulated: bool, posing: bool = False
) -> AsyncIterator[Air]:
    """The air for one command. adapters: those to use, all there are without. posing: the simulated
    person holds poses instead of living a day."""
    if not simulated:
        yield Air(Radio(clock=time.time, adapters=adapters), (), None)
        return
    now = time.time()
    person = ScriptedBody.of(
        SIMULATED_PERSON, demo_script(SIMULATED_PERSON, now, midnight_s=now, lead_s=3600)
    )
    poser = PosingBody(person)
    body = poser if posing else person
    worn = [(sensor, sensor.model(body, now)) for sensor in DEMO_SENSORS]
    async with Simulation(worn, clock=time.time) as simulation:
        radio = simulated_radio(simulation, time.time)
        sensors = tuple(sensor.paired("me", now) for sensor in DEMO_SENSORS)
        yield Air(radio, sensors, poser if posing else None)


def simulated_radio(simulation: Simulation, clock: Callable[[], float]) -> Radio:
    """A radio whose bleak backend is the simulation's air."""
    return Radio(
        clock=clock,
        scanner_kwargs={"backend": BumbleScanner, "world": simulation.world},
        client_kwargs={"backend": BumbleClient},
    )
