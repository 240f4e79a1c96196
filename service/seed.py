"""History for the demo: days of a scripted person, through the same pipeline and policy as live."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from alerts.settings import AlertSettings
from analysis.pipeline import Mounted
from analysis.settings import AnalysisSettings
from domain.alerts import Alert
from domain.episodes import Episode
from domain.people import Calibration, Sensor, Wearer
from domain.posture import FrameBlock
from domain.samples import Floats, SampleBlock
from service.desk import Desk
from simulators.body import Body, ScriptedBody
from simulators.days import day_script

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


@dataclass(frozen=True, slots=True)
class SeedPlan:
    """Who is seeded and how it is measured; picklable, so that another process can do the work."""

    wearer: Wearer
    sensors: tuple[Sensor, ...]
    calibrations: Mapping[str, Calibration]
    analysis: AnalysisSettings
    alerts: AlertSettings
    seed: int


def days_before(today: date, count: int) -> list[date]:
    """The `count` days before `today`, newest first."""
    return [today - timedelta(days=n) for n in range(1, count + 1)]


def midnight(day: date, timezone: str) -> int:
    """Unix seconds of the local midnight that begins `day`."""
    return int(datetime.combine(day, time(), tzinfo=ZoneInfo(timezone)).timestamp())


def seed_past_day(plan: SeedPlan, day: date) -> SeededDay:
    """One whole local day of the person's office life."""
    start = midnight(day, plan.wearer.timezone)
    end = midnight(day + timedelta(days=1), plan.wearer.timezone)
    body = ScriptedBody.of(plan.seed, day_script(plan.seed * 1000 + day.toordinal() % 1000, start))
    return seed_stretch(plan, body, start, end, ends=True)


def seed_stretch(plan: SeedPlan, body: Body, start: int, end: int, *, ends: bool) -> SeededDay:
    """`body` worn from `start` to `end`; `ends` closes what is open, else the state goes on live."""
    desk = Desk(
        plan.wearer,
        [Mounted(s.id, s.placement, plan.calibrations.get(s.id)) for s in plan.sensors],
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
    )


def _samples(plan: SeedPlan, body: Body, start: int, end: int) -> Iterator[list[SampleBlock]]:
    """All sensors' blocks of the same minute, minute by minute."""
    for begin in range(start, end, _STRETCH_S):
        until = min(begin + _STRETCH_S, end)
        times = begin + np.arange(round((until - begin) * SEED_RATE_HZ)) / SEED_RATE_HZ
        worn = [(s.id, _felt(plan, body, s, times)) for s in plan.sensors]
        rows = round(SEED_BLOCK_S * SEED_RATE_HZ)
        for first in range(0, len(times), rows):
            part = slice(first, first + rows)
            yield [
                SampleBlock(sensor, times[part], acc_g[part], None, SEED_RATE_HZ)
                for sensor, acc_g in worn
            ]


def _felt(plan: SeedPlan, body: Body, sensor: Sensor, times: Floats) -> Floats:
    """What an ideal sensor, mounted as the calibration found it, feels at `times`."""
    acc_g, _ = body.motion(sensor.placement, times, gyro=False)
    calibration = plan.calibrations.get(sensor.id)
    return acc_g if calibration is None else acc_g @ calibration.matrix()
