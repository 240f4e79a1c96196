"""The samples of a recording, played again as they arrived, give the decisions and alerts that were live.

That a replay gives the same samples and frames to the last bit is tested in test_replay_exact.py.
"""

import numpy as np

from alerts.settings import AlertSettings
from analysis.calibration import calibrate
from analysis.settings import AnalysisSettings
from domain.alerts import AlertKind
from domain.decisions import Decision
from domain.people import Sensor, Wearer
from domain.placement import Placement
from domain.samples import Recording, SampleBlock
from service.desk import Desk, Findings
from service.mounting import mounted
from simulators.body import Pose, ScriptedBody
from simulators.days import day_script

MIDNIGHT = 1_763_769_600.0
RATE_HZ = 10.0
CLIP = Sensor("A0:01", "polar", "Clip", "me", Placement.UPPER_BACK, MIDNIGHT)
BAND = Sensor("A0:02", "polar", "Band", "me", Placement.THIGH, MIDNIGHT)
FIRST_S, LAST_S = 9 * 3600, 11 * 3600


def blocks():
    """A morning of an office worker, a block of each sensor every five seconds, with its arrival."""
    body = ScriptedBody.of(4, day_script(4, MIDNIGHT))
    draw = np.random.default_rng(4)
    for start in np.arange(MIDNIGHT + FIRST_S, MIDNIGHT + LAST_S, 5.0):
        times = start + np.arange(int(5 * RATE_HZ)) / RATE_HZ
        for sensor in (CLIP, BAND):
            acc_g, _ = body.motion(sensor.placement, times, gyro=False)
            acc_g = acc_g + draw.normal(0.0, 0.004, acc_g.shape)
            yield SampleBlock(sensor.id, times, acc_g, None, RATE_HZ), float(start) + 5.3


def calibrations():
    body = ScriptedBody.of(4, day_script(4, MIDNIGHT))
    times = np.arange(100.0, 109.0, 1 / RATE_HZ)
    found = {}
    for sensor in (CLIP, BAND):
        thigh = sensor.placement is Placement.THIGH
        held = Pose.STANDING if thigh else Pose.UPRIGHT
        poses = [
            Recording(times, body.held(pose).motion(sensor.placement, times, gyro=False)[0], None)
            for pose in ([held] if thigh else [held, Pose.SLOUCH])
        ]
        found[sensor.id] = calibrate(
            *poses, *([None] if thigh else []), sensor=sensor.id, placement=sensor.placement,
            made_at=0.0,
        )  # fmt: skip
    return found


def test_what_was_decided_live_is_decided_again() -> None:
    known = calibrations()
    alerts = AlertSettings(sitting_after_min=15)
    arrived_blocks = list(blocks())
    desk = Desk(
        Wearer("me", "Me", "UTC"),
        [mounted(s.id, s.driver, s.placement, known[s.id]) for s in (CLIP, BAND)],
        analysis=AnalysisSettings(),
        alerts=alerts,
    )
    live: list[Findings] = []
    for block, arrived in arrived_blocks:
        live.append(desk.push(block, arrived + 0.02))
        live.append(desk.advance(arrived - 12.0, arrived + 0.4))  # the tick between two blocks
        desk.look((CLIP, BAND), {}, arrived + 0.4)
    decided = [d for found in live for d in found.decisions]
    kinds = {d.kind for d in decided if d.spoken}
    assert {AlertKind.SITTING, AlertKind.SLOUCH} <= kinds
    assert any(not d.spoken for d in decided)
    again = Desk(
        Wearer("me", "Me", "UTC"),
        desk.sensors,
        analysis=AnalysisSettings(),
        alerts=alerts,
    )
    played = [again.push(block, arrived) for block, arrived in arrived_blocks]
    assert told(played) == told(live)


def told(findings: list[Findings]) -> list[tuple[object, ...]]:
    """What was said and was not, and what became of it."""
    decisions: list[Decision] = [d for found in findings for d in found.decisions]
    alerts = [a for found in findings for a in found.alerts]
    return [
        *((d.id, d.at, d.kind, d.reason, d.alert, repr(d.value)) for d in decisions),
        *((a.id, a.revision, a.opened_at, a.message, a.outcome, a.closed_at) for a in alerts),
    ]
