"""Whole scripted days with known truth: with a thigh and a trunk sensor, and with a trunk sensor alone."""

import numpy as np
import pytest

from analysis import analyse
from analysis.calibration import calibrate
from domain.placement import Placement
from domain.posture import Activity
from domain.samples import Recording
from simulators.body import Pose, ScriptedBody
from simulators.days import day_script

MIDNIGHT = 1_763_769_600.0
RATE_HZ = 25.0
SEEDS = (1, 2, 3)


def record(body, placement, times, seed, *, gyro):
    draw = np.random.default_rng((seed, 5))
    acc, rate = body.motion(placement, times, gyro=gyro)
    acc = acc + draw.normal(0.0, 0.004, acc.shape)
    if rate is not None:
        rate = rate + draw.normal(0.0, 0.05, rate.shape) + [0.3, -0.2, 0.1]
    return Recording(times, acc, rate)


class Day:
    """Seed's day from 6 to 23 h, analysed from sensors at `placements`."""

    def __init__(self, seed, placements, *, gyro):
        body = ScriptedBody.of(seed, day_script(seed, MIDNIGHT))
        times = np.arange(MIDNIGHT + 6 * 3600, MIDNIGHT + 23 * 3600, 1 / RATE_HZ)
        pose_times = np.arange(100.0, 109.0, 1 / RATE_HZ)
        recordings, calibrations = {}, {}
        for placement in placements:

            def pose(which, placement=placement):
                return record(body.held(which), placement, pose_times, seed, gyro=False)

            thigh = placement is Placement.THIGH
            calibrations[placement.value] = calibrate(
                pose(Pose.STANDING if thigh else Pose.UPRIGHT),
                None if thigh else pose(Pose.SLOUCH),
                sensor=placement.value, placement=placement, made_at=0.0,
            )  # fmt: skip
            recordings[placement.value] = record(body, placement, times, seed, gyro=gyro)
        self.result = analyse(recordings, calibration=calibrations)
        self.truth = body.truth(times[0], times[-1] + 1 / RATE_HZ)

    def episodes(self, kind):
        return [(e.start, e.end) for e in self.result.episodes if e.kind == kind]

    @property
    def bouts(self):
        """True sitting, interruptions under a minute bridged."""
        sits = np.concatenate([[0], self.truth.activity == Activity.SITTING, [0]]).astype(int)
        starts, ends = np.flatnonzero(np.diff(sits) == 1), np.flatnonzero(np.diff(sits) == -1)
        out = []
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            if out and start - out[-1][1] < 60:
                out[-1][1] = end
            else:
                out.append([start, end])
        first = int(self.truth.times[0])
        return [(first + start, first + end) for start, end in out]

    def missed(self, within_s):
        """True bouts of 30 min or more without a found one whose both ends are within `within_s`."""
        found = self.episodes("sitting")
        return [
            (start, end)
            for start, end in self.bouts
            if end - start >= 1800
            and not any(abs(s - start) <= within_s and abs(e - end) <= within_s for s, e in found)
        ]

    def sitting_ratio(self):
        return sum(e - s for s, e in self.episodes("sitting")) / sum(e - s for s, e in self.bouts)


@pytest.fixture(scope="module", params=SEEDS)
def alone(request):
    return Day(request.param, [Placement.UPPER_BACK], gyro=False)


@pytest.fixture(scope="module", params=SEEDS)
def both(request):
    return Day(request.param, [Placement.UPPER_BACK, Placement.THIGH], gyro=True)


def test_a_trunk_alone_finds_every_long_bout_within_a_minute(alone):
    assert len([b for b in alone.bouts if b[1] - b[0] >= 1800]) > 8
    assert alone.missed(60) == []


def test_a_trunk_alone_finds_the_total_of_sitting_within_5_percent(alone):
    assert alone.sitting_ratio() == pytest.approx(1.0, abs=0.05)


def test_a_trunk_alone_is_right_where_it_is_sure(alone):
    """Nine in ten of the seconds it shows as sitting or standing are."""
    frames, truth = alone.result.frames, alone.truth
    n = min(len(frames), len(truth.times))
    shown = np.isin(frames.activity[:n], (Activity.SITTING, Activity.STANDING))
    assert np.mean(frames.activity[:n][shown] == truth.activity[:n][shown]) > 0.98
    assert np.mean(shown) > 0.7


def test_thigh_and_trunk_find_every_long_bout_within_five_seconds(both):
    assert both.missed(5) == []
    assert both.sitting_ratio() == pytest.approx(1.0, abs=0.005)


def test_thigh_and_trunk_know_what_is_done_in_98_percent_of_seconds(both):
    frames, truth = both.result.frames, both.truth
    n = min(len(frames), len(truth.times))
    worn = truth.activity[:n] != Activity.NOT_WORN
    assert np.mean(frames.activity[:n][worn] == truth.activity[:n][worn]) > 0.98


def test_lean_is_true_within_a_degree_while_sitting(both):
    frames, truth = both.result.frames, both.truth
    n = min(len(frames), len(truth.times))
    error = (frames.lean_deg[:n] - truth.lean_deg[:n])[truth.activity[:n] == Activity.SITTING]
    assert np.sqrt(np.nanmean(error**2)) < 1.0


def test_slouched_time_is_found_within_a_tenth(both):
    found = sum(end - start for start, end in both.episodes("slouch"))
    assert found == pytest.approx(int(both.truth.slouching.sum()), rel=0.1)


def test_a_shower_is_not_worn(both):
    off = both.truth.times[both.truth.activity == Activity.NOT_WORN]
    found = both.episodes("not_worn")
    if len(off) == 0:
        assert found == []
    else:
        ((start, end),) = found
        assert start == pytest.approx(off[0], abs=15)
        assert end == pytest.approx(off[-1] + 1, abs=15)
