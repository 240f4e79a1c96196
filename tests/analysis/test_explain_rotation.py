"""Why a twist or a turn is one: of a trunk that turns by known angles, with a gyro or two."""

from dataclasses import asdict

import numpy as np
import pytest

from analysis import AnalysisSettings, analyse
from analysis.explain import explain_episode, explain_frame
from analysis.version import ALGORITHM_VERSION
from domain.context import AnalysisContext, SensorInForce
from domain.explanation import Comparison, Explanation
from domain.placement import Placement
from domain.samples import Recording

START = 1_700_000_000


def turning(seconds: int, *turns: tuple[float, float], seed: int = 0) -> Recording:
    """Upright, turning by each (second, deg to the left) within a second, at 25 Hz."""
    draw = np.random.default_rng(seed)
    t = np.arange(25 * seconds) / 25.0
    rate = np.zeros(len(t))
    for at, change in turns:
        x = t - at
        rate += np.where((x >= 0) & (x < 1), 6 * change * x * (1 - x), 0.0)
    acc = np.tile([0.0, 0.0, 1.0], (len(t), 1)) + draw.normal(0, 0.002, (len(t), 3))
    gyro = draw.normal(0, 0.05, (len(t), 3))
    gyro[:, 2] += rate
    return Recording(START + t, acc, gyro)


def context(*places: str) -> AnalysisContext:
    sensors = tuple(
        SensorInForce(place, place, "polar", Placement(place), None, ("acc", "gyro"))
        for place in places
    )
    return AnalysisContext("recording", 0, ALGORITHM_VERSION, asdict(AnalysisSettings()), sensors)


def told(kind: str, **recordings: Recording) -> Explanation:
    (episode,) = [e for e in analyse(recordings).episodes if e.kind == kind]
    return explain_episode(episode, [context(*recordings)], now=episode.end or 0)


def test_a_twist_that_was_held() -> None:
    trunk = turning(200, (80, -28.0), (125, 28.0))
    why = told("twist", upper_back=trunk, waist=turning(200, seed=1))
    assert why.headline.startswith("Your trunk was turned to the right against the pelvis, 27 deg")
    rows = {row.name: row for row in why.rows}
    assert (rows["mean_deg"].limit, rows["mean_deg"].comparison) == (20.0, Comparison.OVER)
    assert rows["lasted_s"].value == pytest.approx(45, abs=2)
    assert "Over 20 deg for 30 s, or over 10 deg 2 times within a minute" in why.because
    assert "under 7 deg one is back" in why.because
    assert [sensor.decided for sensor in why.sensors] == [True, False]


def test_a_turn_that_may_have_been_the_chairs() -> None:
    why = told("turn", upper_back=turning(120, (60, 35.0), (70, -35.0)))
    assert why.headline.startswith("Your trunk turned 35 deg to the left")
    assert "cannot tell a twist of the trunk from turning with the chair" in why.because


def test_a_second_with_one_gyro_says_what_a_twist_would_take() -> None:
    frames = analyse({"upper_back": turning(120, (60, 35.0))}).frames
    why = explain_frame(frames.frame(60), context("upper_back"))
    assert {"turn_dps"} <= {row.name for row in why.rows}
    assert any("Twisting takes two sensors" in sentence for sentence in why.unknown)
