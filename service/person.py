"""Who the demo shows: a scripted person with a past, or a recorded one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.settings import AlertSettings
from analysis.calibration import calibrate
from analysis.settings import AnalysisSettings
from collector.drivers.registry import encoder_named
from domain.errors import ConfigError
from domain.people import Calibration, Sensor, Wearer
from domain.placement import Placement
from domain.samples import Recording
from service.seed import SeedPlan, midnight
from service.serve import Service
from service.simulation import DEMO_SENSORS, SimulatedSensor
from simulators.body import Body, ScriptedBody
from simulators.days import demo_script
from simulators.loading import load_recording
from simulators.recorded import RecordedBody
from simulators.sensor import SensorModel

#: So much of today is made up at the most; nights are dull.
LONGEST_LEAD_S = 10 * 3600
#: A recording begins this long after the start, when its sensor is connected.
CURTAIN_S = 6.0
#: More than a person would want: whoever looks at a demo wants to see them.
DEMO_ALERTS = AlertSettings(alerts_per_day=60)


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
            self.wearer, self.sensors, self.calibrations, AnalysisSettings(), DEMO_ALERTS, seed
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
    start = midnight(today, timezone)
    lead_s = min(anchor - start, LONGEST_LEAD_S)
    script = demo_script(seed, anchor, midnight_s=start, lead_s=lead_s)
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


def recorded_person(
    path: Path, placement: str, standing: str | None, anchor: int, timezone: str
) -> DemoPerson:
    """The person of the recording in `path`, worn at `placement`.

    standing: "from-to" in seconds of the recording, in which they are upright and still; it
    calibrates the sensor. Raises ConfigError, RecordingError, CalibrationRefused.
    """
    if placement not in list(Placement):
        raise ConfigError("--placement", f"no placement {placement!r}: {', '.join(Placement)}")
    place = Placement(placement)
    recording = load_recording(path)
    start = anchor + CURTAIN_S
    body = RecordedBody({place: recording}, start=start)
    kind = "polar-h10" if recording.gyro_dps is None else "polar-verity"
    simulated = SimulatedSensor(kind, "A0:9E:1A:51:77:02", "Recorded sensor", place, seed=0)
    sensor = simulated.paired("me", float(anchor))
    calibrations = {}
    if standing is not None:
        upright = _part(recording, standing)
        calibrations[sensor.id] = calibrate(
            upright, sensor=sensor.id, placement=place, made_at=float(anchor)
        )
    encoder = encoder_named(kind)()
    model = SensorModel(
        body=body,
        placement=place,
        rate_hz=encoder.rate_hz,
        power_on=float(anchor),
        full_scale_g=encoder.full_scale_g,
        gyro_full_scale_dps=encoder.gyro_full_scale_dps,
    )
    return DemoPerson(
        wearer=Wearer("me", "Recorded person", timezone),
        body=body,
        sensors=(sensor,),
        worn=((simulated, model),),
        calibrations=calibrations,
        lead=None,
        ends_at=body.end,
    )


def _part(recording: Recording, span: str) -> Recording:
    try:
        begin, end = (float(part) for part in span.split("-"))
    except ValueError:
        raise ConfigError("--standing", f"{span!r} is no span; write it as 3-11") from None
    times = recording.times - recording.times[0]
    rows = (times >= begin) & (times < end)
    gyro = recording.gyro_dps
    return Recording(
        recording.times[rows], recording.acc_g[rows], None if gyro is None else gyro[rows]
    )
