"""Simulated sensors on simulated bodies, in the air of an in-process Bluetooth link."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from analysis.calibration import calibrate
from collector.drivers.contract import Encrypts
from collector.drivers.registry import encoder_named
from domain.people import Calibration, Sensor
from domain.placement import Placement
from domain.samples import Floats
from simulators.airspace import BumbleWorld
from simulators.body import Body, Pose, ScriptedBody, Truth
from simulators.handshake import started
from simulators.peripheral import Peripheral
from simulators.sensor import SensorModel, calibration_poses, typical_sensor

START_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class SimulatedSensor:
    """One simulated sensor: what it is (`kind` of collector.drivers.registry.ENCODERS), where it is
    worn, and its address, battery and packet loss. `seed` draws its mounting and its flaws. A kind
    that tells its battery in its own protocol instead of the battery service has its encoder's."""

    kind: str
    address: str
    name: str
    placement: Placement
    seed: int
    battery_percent: float = 84.0
    loss: float = 0.002

    def paired(self, wearer: str, paired_at: float) -> Sensor:
        """The record of it as a paired sensor."""
        encoder = encoder_named(self.kind)()
        return Sensor(
            self.address,
            encoder.driver,
            self.name,
            wearer,
            self.placement,
            paired_at,
            simulated=True,
            key_hex=encoder.key_hex if isinstance(encoder, Encrypts) else "",
        )

    def model(self, body: Body, power_on: float) -> SensorModel:
        """The sensor on `body`, switched on at Unix `power_on`."""
        encoder = started(encoder_named(self.kind)())
        return typical_sensor(
            self.seed,
            body,
            self.placement,
            rate_hz=encoder.rate_hz,
            power_on=power_on,
            full_scale_g=encoder.full_scale_g,
            resolution_g=encoder.resolution_g,
            gyro_full_scale_dps=encoder.gyro_full_scale_dps,
            loss=self.loss,
        )

    def calibration(self, body: ScriptedBody, made_at: float) -> Calibration:
        """What the calibration of the worn sensor finds, from poses the body really holds."""
        upright, slouch = calibration_poses(self.model(body, made_at), body)
        return calibrate(
            upright, slouch, sensor=self.address, placement=self.placement, made_at=made_at
        )


#: What the demo's person wears: a collar clip with a gyro, and a band on the thigh. Both have clocks of
#: their own, which time that runs faster needs: to arrivals alone its jitter is many times as large.
DEMO_SENSORS: tuple[SimulatedSensor, ...] = (
    SimulatedSensor(
        "polar-verity", "A0:9E:1A:51:77:01", "Collar clip", Placement.UPPER_BACK, seed=11
    ),
    SimulatedSensor(
        "polar-oh1",
        "A0:9E:1A:51:77:04",
        "Thigh band",
        Placement.THIGH,
        seed=23,
        battery_percent=61.0,
    ),
)


class Simulation:
    """An airspace with a peripheral for every sensor of `worn`; an async context manager."""

    def __init__(
        self,
        worn: Sequence[tuple[SimulatedSensor, SensorModel]],
        *,
        clock: Callable[[], float],
        speed: float = 1.0,
    ) -> None:
        self.world = BumbleWorld()
        self.peripherals = {
            sensor.address: Peripheral(
                self.world,
                address=sensor.address,
                encoder=encoder_named(sensor.kind)(),
                source=model,
                clock=clock,
                speed=speed,
                battery_percent=sensor.battery_percent,
            )
            for sensor, model in worn
        }
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack, asyncio.timeout(START_TIMEOUT_S):
            await stack.enter_async_context(self.world)
            for peripheral in self.peripherals.values():
                await stack.enter_async_context(peripheral)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)


class PosingBody:
    """A simulated person who takes the pose they are told to, for trying a calibration."""

    def __init__(self, body: ScriptedBody) -> None:
        self._body = body
        self._held = body.held(Pose.UPRIGHT)

    def take(self, pose: Pose) -> None:
        """Hold `pose` from now on."""
        self._held = self._body.held(pose)

    @property
    def slouch_deg(self) -> float | None:
        """See Body."""
        return self._body.slouch_deg

    def motion(
        self, placement: Placement, times: Floats, *, gyro: bool = True
    ) -> tuple[Floats, Floats | None]:
        """See Body."""
        return self._held.motion(placement, times, gyro=gyro)

    def worn(self, times: Floats) -> tuple[Floats, Floats]:
        """See Body."""
        return self._held.worn(times)

    def truth(self, start: float, end: float) -> Truth:
        """See Body."""
        return self._held.truth(start, end)

    def finished(self, time: float) -> bool:
        """Never."""
        return False
