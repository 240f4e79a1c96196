"""History for the demo: days of a scripted person, through the same pipeline and policy as live."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from alerts.settings import AlertSettings
from analysis.settings import AnalysisSettings
from collector.drivers.registry import encoder_named
from domain.alerts import Alert
from domain.context import AnalysisContext
from domain.episodes import Episode
from domain.people import Calibration, Wearer
from domain.posture import FrameBlock
from domain.samples import SampleBlock
from service.desk import Desk
from service.mounting import in_force, mounted
from service.simulation import SimulatedSensor
from simulators.body import Body, ScriptedBody
from simulators.days import day_script, nights_off
from simulators.sensor import SensorModel
from storage.days import day_bounds

#: Enough for one-second features, and half the work of the live rate.
SEED_RATE_HZ = 25.0
#: The policy looks once per block: announcements in made-up history are up to so late.
SEED_BLOCK_S = 60
_STRETCH_S = 1800


@dataclass(frozen=True, slots=True)
class SeededDay:
    """What one stretch of made-up life brought, and the state to go on from."""

    frames: FrameBlock
    episodes: tuple[Episode, ...]
    alerts: tuple[Alert, ...]
    states: Mapping[str, bytes | None]
    contexts: tuple[AnalysisContext, ...] = ()


@dataclass(frozen=True, slots=True)
class SeedPlan:
    """Who is seeded and how it is measured; picklable, so that another process can do the work."""

    wearer: Wearer
    worn: tuple[SimulatedSensor, ...]
    calibrations: Mapping[str, Calibration]
    analysis: AnalysisSettings
    alerts: AlertSettings
    seed: int


def days_before(today: date, count: int) -> list[date]:
    """The `count` days before `today`, newest first."""
    return [today - timedelta(days=n) for n in range(1, count + 1)]


def seed_past_day(plan: SeedPlan, day: date) -> SeededDay:
    """One whole local day of the person's office life."""
    start, end = day_bounds(day, plan.wearer.timezone)
    script = nights_off(day_script(plan.seed * 1000 + day.toordinal() % 1000, start))
    body = ScriptedBody.of(plan.seed, script)
    return seed_stretch(plan, body, start, end, ends=True)


def seed_stretch(plan: SeedPlan, body: Body, start: int, end: int, *, ends: bool) -> SeededDay:
    """`body` worn from `start` to `end`; `ends` closes what is open, else the state goes on live."""
    desk = Desk(
        plan.wearer,
        [
            mounted(
                s.address,
                encoder_named(s.kind).driver,
                s.placement,
                plan.calibrations.get(s.address),
            )
            for s in plan.worn
        ],
        analysis=plan.analysis,
        alerts=plan.alerts,
        speed=SEED_BLOCK_S,
    )
    frames: list[FrameBlock] = []
    episodes: dict[str, Episode] = {}
    alerts: dict[str, Alert] = {}
    for blocks in _samples(plan, body, start, end):
        found = desk.push_together(blocks, float(blocks[0].times[-1]))
        frames.append(found.frames)
        episodes.update((episode.id, episode) for episode in found.episodes)
        alerts.update((alert.id, alert) for alert in found.alerts)
    if ends:
        last = desk.finish(float(end))
        frames.append(last.frames)
        episodes.update((episode.id, episode) for episode in last.episodes)
        alerts.update((alert.id, alert) for alert in last.alerts)
    return SeededDay(
        FrameBlock.join(plan.wearer.id, frames),
        tuple(episodes.values()),
        tuple(alerts.values()),
        {} if ends else desk.states(),
        (_context(plan, start),),
    )


def _context(plan: SeedPlan, since: int) -> AnalysisContext:
    sensors = [sensor.paired(plan.wearer.id, float(since)) for sensor in plan.worn]
    return in_force(plan.wearer.id, since, sensors, plan.calibrations, plan.analysis)


def _samples(plan: SeedPlan, body: Body, start: int, end: int) -> Iterator[list[SampleBlock]]:
    """All sensors' blocks of the same minute, minute by minute."""
    models = {s.address: _slow_twin(s, body, start) for s in plan.worn}
    rows = round(SEED_BLOCK_S * SEED_RATE_HZ)
    for begin in range(start, end, _STRETCH_S):
        n = round((min(begin + _STRETCH_S, end) - begin) * SEED_RATE_HZ)
        first = round((begin - start) * SEED_RATE_HZ)
        times = start + np.arange(first, first + n) / SEED_RATE_HZ
        felt = [(address, model.samples(first, n)[1]) for address, model in models.items()]
        for row in range(0, n, rows):
            part = slice(row, row + rows)
            yield [
                SampleBlock(address, times[part], acc_g[part], None, SEED_RATE_HZ)
                for address, acc_g in felt
            ]


def _slow_twin(sensor: SimulatedSensor, body: Body, start: int) -> SensorModel:
    """The sensor as it is worn live, flaws and all, but slower, without a gyro and on time."""
    model = sensor.model(body, float(start))
    return replace(model, rate_hz=SEED_RATE_HZ, gyro_full_scale_dps=None, clock_drift=0.0, loss=0.0)
