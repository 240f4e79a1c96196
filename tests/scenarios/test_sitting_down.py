"""Sitting down, seen by a sensor on the trunk alone."""

import numpy as np
import pytest

from analysis import Placement, Recording, analyse, calibrate
from simulators.body import Pose, ScriptedBody
from simulators.script import Act, ActKind, Script

START = 1_763_769_600.0
RATE_HZ = 25.0


def recorded(body: ScriptedBody, place: Placement, start: float, seconds: float) -> Recording:
    times = np.arange(start, start + seconds, 1.0 / RATE_HZ)
    acc_g, _ = body.motion(place, times, gyro=False)
    noise_g = np.random.default_rng(body.anatomy.seed).normal(0.0, 0.004, acc_g.shape)
    return Recording(times, acc_g + noise_g)


@pytest.mark.parametrize("place", [Placement.UPPER_BACK, Placement.STERNUM])
@pytest.mark.parametrize("part_s", [0.0, 0.3, 0.6, 0.9])
def test_who_sits_down_after_a_walk_sits_whatever_part_of_a_second_it_begins_in(place, part_s):
    sits_at = START + 90.0 + part_s
    acts = (
        Act(ActKind.STANDING, START, START + 30.0),
        Act(ActKind.WALKING, START + 30.0, sits_at),
        Act(ActKind.SITTING, sits_at, START + 240.0),
    )
    for seed in range(1, 9):
        body = ScriptedBody.of(seed, Script(acts))
        known = calibrate(
            recorded(body.held(Pose.UPRIGHT), place, 100.0, 9.0),
            recorded(body.held(Pose.SLOUCH), place, 100.0, 9.0),
            sensor="s", placement=place, made_at=0.0,
        )  # fmt: skip
        worn = recorded(body, place, START, 240.0)
        p_sitting = analyse({place.value: worn}, calibration=known).frames.p_sitting
        assert p_sitting[60:85].max() < 0.1
        assert p_sitting[160:].min() > 0.7
