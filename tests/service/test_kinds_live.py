"""Alerts of several kinds, from samples of simulated sensors through everything to the decision."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from alerts.settings import AlertSettings
from analysis.calibration import calibrate
from analysis.settings import AnalysisSettings
from domain.alerts import AlertKind
from domain.decisions import Reason
from domain.link import LinkState, SensorStatus
from domain.people import Sensor, Wearer
from domain.placement import Placement
from domain.samples import Recording, SampleBlock
from domain.surroundings import Surroundings
from service.desk import Desk
from service.mounting import mounted

T0 = datetime(2026, 11, 30, 9, tzinfo=UTC).timestamp()
RATE_HZ = 10.0
CLIP = Sensor("A0:01", "polar", "Clip", "me", Placement.UPPER_BACK, T0)
BAND = Sensor("A0:02", "polar", "Band", "me", Placement.THIGH, T0)
UP, LEVEL = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])


def leant(forward_deg, right_deg=0.0):
    """Gravity as a trunk feels it."""
    a, b = np.radians([forward_deg, right_deg])
    return np.array([-np.sin(a) * np.cos(b), np.sin(b), np.cos(a) * np.cos(b)])


class Worn:
    """A clip and a band, worn by somebody who does as they are told."""

    def __init__(self, **knobs):
        self.draw, self.now = np.random.default_rng(5), T0
        known = {}
        for sensor in (CLIP, BAND):
            trunk = sensor is CLIP
            known[sensor.id] = calibrate(
                self.recording(UP), self.recording(leant(20)) if trunk else None,
                sensor=sensor.id, placement=sensor.placement, made_at=0.0,
            )  # fmt: skip
        self.desk = Desk(
            Wearer("me", "Me", "UTC"),
            [mounted(s.id, s.driver, s.placement, known[s.id]) for s in (CLIP, BAND)],
            analysis=AnalysisSettings(),
            alerts=AlertSettings(**({"wait_for_pause_s": 0, "alerts_per_hour": 20} | knobs)),
        )
        self.decisions, self.alerts = [], []

    def recording(self, gravity):
        times = np.arange(0.0, 9.0, 1 / RATE_HZ)
        return Recording(times, gravity + self.draw.normal(0.0, 0.004, (len(times), 3)), None)

    def sit(self, seconds, trunk=UP):
        for _ in range(int(seconds // 5)):
            times = self.now + np.arange(int(5 * RATE_HZ)) / RATE_HZ
            self.now += 5
            blocks = [
                SampleBlock(
                    sensor.id, times, gravity + self.draw.normal(0.0, 0.004, (len(times), 3)),
                    None, RATE_HZ,
                )
                for sensor, gravity in ((CLIP, trunk), (BAND, LEVEL))
            ]  # fmt: skip
            found = self.desk.push_together(blocks, self.now + 0.3)
            self.decisions += found.decisions
            self.alerts += found.alerts

    def reasons(self, kind):
        return [each.reason for each in self.decisions if each.kind is kind]


@pytest.mark.parametrize(
    ("kind", "trunk", "seconds"),
    [
        (AlertKind.SLOUCH, leant(18), 60),
        (AlertKind.HELD_BEND, leant(45), 200),
        (AlertKind.SIDE_BEND, leant(0, 20), 90),
    ],
)
def test_a_load_is_said_while_it_lasts_and_closes_when_it_ends(kind, trunk, seconds):
    worn = Worn()
    worn.sit(60)
    worn.sit(seconds, trunk)
    assert Reason.SAID in worn.reasons(kind)
    said = next(a for a in worn.alerts if a.kind is kind)
    worn.sit(90)
    assert [a.open for a in worn.alerts if a.id == said.id][-1] is False


def test_stillness_is_nudged_and_a_change_of_posture_answers_it():
    worn = Worn(shift_after_min=10)
    worn.sit(660)
    assert worn.reasons(AlertKind.SHIFT) == [Reason.SAID]
    worn.sit(60, leant(7))
    closed = [a for a in worn.alerts if a.kind is AlertKind.SHIFT][-1]
    assert closed.outcome == "taken"


def test_sitting_on_is_held_back_in_a_meeting_and_said_after_it():
    worn = Worn(sitting_after_min=15)
    worn.desk.around = replace(Surroundings(), busy_until=T0 + 1000)
    worn.sit(1100)
    assert worn.reasons(AlertKind.SITTING) == [Reason.IN_MEETING, Reason.SAID]


def test_what_a_setting_changes_is_heeded_without_a_restart():
    worn = Worn(sitting_after_min=15, shift=False)
    worn.sit(600)
    worn.desk.adopt(replace(worn.desk.alerts, sitting_after_min=30.0))
    worn.sit(600)
    assert worn.reasons(AlertKind.SITTING) == []
    worn.desk.adopt(replace(worn.desk.alerts, sitting_after_min=15.0))
    worn.sit(10)
    assert worn.reasons(AlertKind.SITTING) == [Reason.SAID]


def test_posture_and_sensors_are_spoken_of_a_minute_apart_and_both_are_told():
    worn = Worn()
    worn.sit(60, leant(18))
    (slouch,) = [each for each in worn.alerts if each.kind is AlertKind.SLOUCH]
    low = SensorStatus(CLIP.id, LinkState.STREAMING, T0, battery_percent=5.0, rate_hz=RATE_HZ)
    said = []
    for _ in range(24):
        worn.sit(5)
        found = worn.desk.look((CLIP, BAND), {CLIP.id: low}, worn.now + 0.3)
        said += found.decisions
    assert [each.reason for each in said] == [Reason.JUST_SPOKE, Reason.SAID]
    assert said[1].at - slouch.opened_at >= 60

    worn = Worn()
    worn.sit(5)
    worn.desk.look((CLIP, BAND), {CLIP.id: low}, worn.now + 0.3)
    told_at = worn.desk.watch.said_at
    worn.sit(120, leant(18))
    assert worn.reasons(AlertKind.SLOUCH)[-2:] == [Reason.JUST_SPOKE, Reason.SAID]
    assert worn.desk.policy.said_at - told_at >= 60
