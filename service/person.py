"""Who the demo shows, and the scripted person with a past; the recorded one is in recorded.py."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.settings import AlertSettings
from analysis.settings import AnalysisSettings
from domain.people import Calibration, Sensor, Wearer
from service.seed import SeedPlan
from service.serve import Service
from service.simulation import DEMO_SENSORS, SimulatedSensor
from simulators.body import Body, ScriptedBody
from simulators.days import demo_script, nights_off
from simulators.sensor import SensorModel
from storage.days import day_bounds

#: Today is made up from here on, unless it is earlier still: nights are dull.
DAYBREAK_S = 6 * 3600 + 1800
#: More than a person would want: whoever looks at a demo wants to see them.
DEMO_ALERTS = AlertSettings(alerts_per_day=60, alerts_per_hour=20)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A simulated wearer from `anchor` (Unix s) on: body, sensors as worn, calibrations.

    lead: the part of today before the anchor that is to be made up, None without one. ends_at: when
    a recording is over, None for a scripted life.
    """

    wearer: Wearer
    body: Body
    sensors: tuple[Sensor, ...]
    worn: tuple[tuple[SimulatedSensor, SensorModel], ...]
    calibrations: Mapping[str, Calibration]
    lead: tuple[int, int] | None
    ends_at: float | None

    def seed_plan(self, seed: int) -> SeedPlan:
        """How this person's past is made up and measured."""
        return SeedPlan(
            wearer=self.wearer,
            worn=tuple(simulated for simulated, _ in self.worn),
            calibrations=self.calibrations,
            analysis=AnalysisSettings(),
            alerts=DEMO_ALERTS,
            seed=seed,
        )

    async def announce_end(self, service: Service) -> None:
        """Say so when the recording is over; for a scripted life, never."""
        if self.ends_at is None:
            return
        await asyncio.sleep(max(0.0, self.ends_at - service.view.now()) / service.view.speed)
        service.view.trouble["recording"] = (
            "The recording has ended. What you see from here on is its last moment, held."
        )


def scripted_person(seed: int, anchor: int, timezone: str) -> DemoPerson:
    """The office worker of `seed`, whose life before and after `anchor` is scripted."""
    today = datetime.fromtimestamp(anchor, ZoneInfo(timezone)).date()
    start, _ = day_bounds(today, timezone)
    lead_s = anchor - start
    if lead_s > DAYBREAK_S:
        lead_s -= DAYBREAK_S
    script = nights_off(demo_script(seed, anchor, midnight_s=start, lead_s=lead_s))
    body = ScriptedBody.of(seed, script)
    wearer = Wearer("me", "Simulated person", timezone)
    first = int(script.acts[0].start_s)
    return DemoPerson(
        wearer=wearer,
        body=body,
        sensors=tuple(sensor.paired(wearer.id, float(first)) for sensor in DEMO_SENSORS),
        worn=tuple((sensor, sensor.model(body, float(first))) for sensor in DEMO_SENSORS),
        calibrations={s.address: s.calibration(body, float(first)) for s in DEMO_SENSORS},
        lead=(first, anchor),
        ends_at=None,
    )
