"""Twists from two gyros: their angle, their sign, their zero, and when they are a load."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import AnalysisSettings, Mounted, Pipeline, analyse
from analysis.twist import seconds_twisted
from domain.errors import ConfigError
from domain.placement import Placement
from domain.posture import COLUMNS, FrameBlock
from domain.samples import Recording, SampleBlock
from simulators.body import ScriptedBody
from simulators.days import day_script
from simulators.script import Act, ActKind, Script
from simulators.sensor import SensorModel, random_mounting, typical_sensor

START = 1_700_000_000


def held(rate_hz, seconds, *turns, bias=0.0, seed=0, off_s=0.0):
    """A recording upright that goes by each (second, change in deg) to the left within a second."""
    draw = np.random.default_rng(seed)
    n = round(rate_hz * seconds)
    t = np.arange(n) / rate_hz
    rate = np.zeros(n)
    for at, change in turns:
        x = t - at
        rate += np.where((x >= 0) & (x < 1), 6 * change * x * (1 - x), 0.0)
    acc = np.tile([0.02, 0.01, 1.0], (n, 1)) + draw.normal(0, 0.002, (n, 3))
    gyro = draw.normal(0, 0.05, (n, 3)) + bias
    gyro[:, 2] += rate
    return Recording(START + t + off_s, acc, gyro)


def twists(result, kind="twist"):
    return [episode for episode in result.episodes if episode.kind == kind]


def test_a_trunk_turned_to_its_left_is_positive_and_to_its_right_negative():
    trunk = held(50.0, 200, (80, 25.0), (100, -50.0), (120, 25.0))
    for base in ("waist", "lower_back", "seat"):
        twist = analyse({"sternum": trunk, base: held(50.0, 200, seed=1)}).frames.twist_deg
        assert np.median(twist[85:95]) == pytest.approx(25.0, abs=1.0)
        assert np.median(twist[105:115]) == pytest.approx(-25.0, abs=1.0)
        assert np.median(twist[130:]) == pytest.approx(0.0, abs=1.0)


def test_a_chair_that_turns_with_the_whole_body_is_no_twist():
    spun = ((70, 120.0), (90, 170.0), (120, -60.0))
    result = analyse({"upper_back": held(50.0, 200, *spun), "seat": held(50.0, 200, *spun, seed=1)})
    assert np.abs(result.frames.twist_deg).max() < 2.0
    assert np.abs(result.frames.turn_dps).max() > 100.0
    assert not twists(result) and not twists(result, "turn")


def test_rates_of_their_own_clocks_20_ms_apart_and_lost_samples_do_not_matter():
    spun = ((70, 120.0), (90, -80.0))
    trunk, seat = held(100.0, 200, *spun, (130, 30.0), off_s=0.02), held(12.5, 200, *spun, seed=1)
    keep = np.arange(len(trunk.times)) % 37 != 5
    holed = Recording(trunk.times[keep], trunk.acc_g[keep], trunk.gyro_dps[keep])
    twist = analyse({"upper_back": holed, "seat": seat}).frames.twist_deg
    assert np.abs(twist[100:129]).max() < 1.5
    assert twist[140:180] == pytest.approx(30.0, abs=1.5)
    assert np.abs(twist[60:100]).max() < 4.0  # while the chair spins at 180 deg/s


@pytest.mark.parametrize("base", ["waist", "seat"])
def test_how_the_sensors_are_mounted_changes_nothing(flips, base):
    """All 24 ways, the one on the trunk turned by 30 deg to either side about one of its axes besides."""
    trunk, below = held(25.0, 160, (80, 30.0)), held(25.0, 160, (60, 20.0), seed=1)
    plain = analyse({"upper_back": trunk, base: below})
    for i, flip in enumerate(flips):
        tilt = math.radians(30.0 if i % 2 else -30.0)
        off, (j, k) = np.eye(3), ((i // 2 + 1) % 3, (i // 2 + 2) % 3)
        off[j, j] = off[k, k] = math.cos(tilt)
        off[j, k], off[k, j] = -math.sin(tilt), math.sin(tilt)
        matrix, other = flip @ off, flips[-1 - i]
        turned = analyse(
            {
                "upper_back": Recording(
                    trunk.times, trunk.acc_g @ matrix.T, trunk.gyro_dps @ matrix.T
                ),
                base: Recording(below.times, below.acc_g @ other.T, below.gyro_dps @ other.T),
            }
        )
        np.testing.assert_allclose(turned.frames.twist_deg, plain.frames.twist_deg, atol=0.1)
        np.testing.assert_allclose(turned.frames.turn_dps, plain.frames.turn_dps, atol=0.1)


def test_the_zero_forgets_a_drift_and_not_a_twist():
    """0.02 deg/s that no bias explains; a twist of two minutes in the middle of it."""
    seconds = 1500
    trunk = held(12.5, seconds, (900, 30.0), (1020, -30.0))
    gyro = trunk.gyro_dps.copy()
    gyro[:, 2] += 0.02 + 0.5 * np.sin(2 * np.pi * np.arange(len(gyro)) / 12.5)  # never at rest
    result = analyse(
        {
            "upper_back": Recording(trunk.times, trunk.acc_g, gyro),
            "seat": held(12.5, seconds, seed=1),
        }
    )
    twist = result.frames.twist_deg
    assert np.abs(twist[700:880]).max() < 8.0
    assert np.median(twist[910:1010]) - np.median(twist[860:890]) == pytest.approx(30.0, abs=4.0)
    (episode,) = [e for e in twists(result) if e.limit == 20.0]
    assert episode.start in range(START + 899, START + 903)


def test_a_twist_held_for_half_a_minute_is_a_load():
    trunk = held(25.0, 200, (80, -28.0), (125, 28.0))
    result = analyse({"upper_back": trunk, "waist": held(25.0, 200, seed=1)})
    (episode,) = twists(result)
    assert episode.start == START + 80
    assert episode.end in (START + 125, START + 126)
    assert episode.limit == 20.0
    assert episode.peak == pytest.approx(-28.0, abs=1.0)
    assert episode.mean == pytest.approx(27.0, abs=2.0)
    assert episode.dose == pytest.approx(45 * 27 / 60, abs=1.5)
    assert episode.placement == "upper_back" and not episode.censored
    assert 0.9 < episode.confidence <= 1.0
    assert seconds_twisted(result.frames.twist_deg)[2] == 0


def test_a_twist_held_for_less_and_once_is_none():
    trunk = held(25.0, 200, (80, -28.0), (100, 28.0))
    assert not twists(analyse({"upper_back": trunk, "waist": held(25.0, 200, seed=1)}))


def test_two_twists_in_a_minute_are_a_load_and_two_in_two_minutes_are_none():
    def at(second):
        trunk = held(25.0, 330, (80, 15.0), (85, -15.0), (second, -15.0), (second + 5, 15.0))
        return twists(analyse({"upper_back": trunk, "waist": held(25.0, 330, seed=1)}))

    (episode,) = at(110)
    assert episode.start in (START + 80, START + 81)
    assert episode.limit == 10.0
    assert episode.end in range(START + 114, START + 117)
    assert not at(200)


def test_nothing_is_called_a_twist_before_the_zero_is_settled():
    trunk = held(25.0, 59, (10, 30.0))
    assert not twists(analyse({"upper_back": trunk, "waist": held(25.0, 59, seed=1)}))


def test_a_trunk_that_lies_is_not_twisted():
    trunk = held(25.0, 200)
    acc, down = trunk.acc_g.copy(), trunk.times >= START + 120
    acc[down] = acc[down][:, [2, 1, 0]]
    frames = analyse(
        {"upper_back": Recording(trunk.times, acc, trunk.gyro_dps), "seat": held(25.0, 200, seed=1)}
    ).frames
    assert np.isfinite(frames.twist_deg[:119]).all()
    assert np.isnan(frames.twist_deg[140:]).all()


@pytest.mark.parametrize(
    ("worn", "said"),
    [
        ({"upper_back": True}, "One gyroscope cannot tell a twist"),
        ({"upper_back": False, "waist": False}, "No gyroscope on the trunk"),
        ({"upper_back": True, "waist": False}, "at the belt or on the seat"),
        ({"seat": True, "thigh": False}, "No gyroscope on the trunk"),
        ({"upper_back": True, "seat": True}, None),
    ],
)
def test_what_is_missing_for_a_twist_is_said(worn, said):
    sensors = [Mounted(name, Placement(name), None) for name in worn]
    pipeline = Pipeline("w", sensors)
    blocks = []
    for name, gyro in worn.items():
        one = held(25.0, 20)
        blocks.append(SampleBlock(name, one.times, one.acc_g, one.gyro_dps if gyro else None, 25.0))
    frames = pipeline.push_together(blocks).frames
    reasons = [
        reason
        for reason in pipeline.status().reasons
        if "gyroscope" in reason and "twist" in reason
    ]
    assert bool(reasons) == (said is not None)
    if said is None:
        assert np.isfinite(frames.twist_deg).all()
    else:
        assert said in reasons[0]
        assert np.isnan(frames.twist_deg).all()


@pytest.fixture(scope="module")
def busy():
    """Twists of both kinds, turns, a hole, broken values; and the whole of it in one push."""
    spun = ((150, 90.0),)
    trunk = held(
        25.0, 420, (70, 25.0), (110, -25.0), (180, 15.0), (190, -15.0), (200, -15.0), (206, 15.0),
        (300, 40.0), (330, -40.0), *spun, bias=0.4,
    )  # fmt: skip
    waist = held(12.5, 420, *spun, bias=-0.3, seed=1)
    gyro = trunk.gyro_dps.copy()
    gyro[np.random.default_rng(2).integers(0, len(gyro), 30)] = np.nan
    keep = (trunk.times < START + 240) | (trunk.times > START + 246)
    worn = [Mounted("a", Placement.UPPER_BACK, None), Mounted("b", Placement.WAIST, None)]
    a = (trunk.times[keep], trunk.acc_g[keep], gyro[keep], 25.0)
    b = (waist.times, waist.acc_g, waist.gyro_dps, 12.5)
    return worn, a, b, play(worn, a, b, [(420.0, False)])


def play(worn, a, b, steps):
    """Bits of the frames, and the episodes, of a pipeline fed in steps (seconds, saved and loaded after)."""
    pipeline, outputs, now, turn = Pipeline("w", worn), [], START, 0
    while now < START + 420:
        step, saved = steps[turn % len(steps)]
        blocks = []
        for sensor, (times, acc, gyro, rate_hz) in (("a", a), ("b", b)):
            rows = slice(*np.searchsorted(times, (now, now + step)))
            blocks.append(SampleBlock(sensor, times[rows], acc[rows], gyro[rows], rate_hz))
        outputs.append(pipeline.push_together(blocks))
        if saved:
            pipeline = Pipeline.load(pipeline.save(), "w", worn)
        now, turn = now + step, turn + 1
    outputs.append(pipeline.finish())
    frames = FrameBlock.join("w", [out.frames for out in outputs])
    bits = [getattr(frames, name).tobytes() for name in COLUMNS]
    return bits, [repr(episode) for out in outputs for episode in out.episodes]


def test_the_busy_recording_has_both_kinds_of_loads(busy):
    found = [text for text in busy[-1][1] if "TWIST" in text]
    assert any("limit=20.0" in text for text in found)
    assert any("limit=10.0" in text for text in found)


@settings(max_examples=4, deadline=None)
@given(
    steps=st.lists(st.tuples(st.floats(0.6, 1.9), st.booleans()), min_size=1, max_size=5),
)
def test_any_chunks_and_saves_in_the_middle_of_a_twist_give_the_same_bits(busy, steps):
    worn, a, b, expected = busy
    assert (
        play(worn, a, b, [(step, saved and i == 0) for i, (step, saved) in enumerate(steps)])
        == expected
    )


@pytest.fixture(scope="module")
def silenced():
    """A trunk that is not heard for half a minute; and the whole of it in one push."""
    trunk = held(25.0, 420, (70, 25.0), (110, -25.0))
    waist = held(25.0, 420, (210, 60.0), (216, -60.0), seed=1)
    heard = (trunk.times < START + 200) | (trunk.times > START + 230)
    worn = [Mounted("a", Placement.UPPER_BACK, None), Mounted("b", Placement.WAIST, None)]
    a = (trunk.times[heard], trunk.acc_g[heard], trunk.gyro_dps[heard], 25.0)
    b = (waist.times, waist.acc_g, waist.gyro_dps, 25.0)
    return worn, a, b, play(worn, a, b, [(420.0, False)])


@pytest.mark.parametrize("step_s", [0.7, 1.0, 3.0, 61.0])
def test_a_turn_while_the_other_sensor_is_silent_is_told_alike_in_any_chunks(silenced, step_s):
    worn, a, b, whole = silenced
    assert any("TURN" in text for text in whole[1])
    assert play(worn, a, b, [(step_s, False)]) == whole


def test_state_is_small_in_the_middle_of_a_twist(busy):
    worn, a, b, _ = busy
    pipeline = Pipeline("w", worn)
    for sensor, (times, acc, gyro, rate_hz) in (("a", a), ("b", b)):
        end = int(np.searchsorted(times, START + 310.5))
        pipeline.push(SampleBlock(sensor, times[:end], acc[:end], gyro[:end], rate_hz))
    assert len(pipeline.save()) < 20_000


def test_a_limit_of_short_twists_above_that_of_held_ones_is_refused():
    with pytest.raises(ConfigError, match="twist_often_deg"):
        AnalysisSettings(twist_deg=10.0, twist_often_deg=15.0)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_simulated_wearer_is_followed_within_two_degrees(seed):
    """Two biased sensors at different rates, mounted anyhow, 2 % of the samples lost, half an hour."""
    at, acts = START, []
    for kind, lasts_s in (
        (ActKind.SITTING, 90), (ActKind.TWISTING, 600), (ActKind.WALKING, 60), (ActKind.TWISTING, 300),
    ):  # fmt: skip
        acts.append(Act(kind, at, at + lasts_s))
        at += lasts_s
    body = ScriptedBody.of(seed, Script(tuple(acts)))
    recordings = {}
    for place, rate_hz, bias, off_s in (
        (Placement.STERNUM, 50.0, (0.7, -0.4, 0.9), 0.02),
        (Placement.LOWER_BACK, 25.0, (-0.3, 0.5, -0.8), 0.0),
    ):  # fmt: skip
        sensor = SensorModel(
            body, place, rate_hz, START, random_mounting(seed), noise_g=0.004, gyro_bias_dps=bias,
            gyro_noise_dps=0.08, clock_start_s=START + off_s, seed=seed,
        )  # fmt: skip
        times, acc, gyro = sensor.samples(0, round((at - START) * rate_hz))
        keep = np.random.default_rng(seed).random(len(times)) > 0.02
        recordings[place.value] = Recording(times[keep], acc[keep], gyro[keep])
    frames = analyse(recordings).frames
    truth = body.truth(START, at)
    n = min(len(frames), len(truth.times))
    error = (frames.twist_deg[:n] - truth.twist_deg[:n])[10:]
    assert np.sqrt(np.nanmean(error**2)) < 2.0
    assert np.isfinite(error).mean() > 0.99


@pytest.mark.parametrize("seed", [2, 3])
def test_hours_at_a_desk_hold_a_few_loads_and_no_more_than_twisting_explains(seed):
    """Two a minute, taken literally, is not met by those who sit and fidget."""
    midnight, rate_hz = 1_763_769_600.0, 12.5
    body, begin = ScriptedBody.of(seed, day_script(seed, midnight)), midnight + 8 * 3600.0
    recordings = {}
    for i, place in enumerate((Placement.UPPER_BACK, Placement.WAIST)):
        sensor = typical_sensor(
            10 * seed + i, body, place, rate_hz=rate_hz, power_on=begin, gyro_full_scale_dps=1000.0,
            gyro_resolution_dps=0.06,
        )  # fmt: skip
        sensor = replace(sensor, clock_drift=0.0, clock_start_s=begin)  # clocks that were compared
        recordings[place.value] = sensor.recording(0, round(4 * 3600 * rate_hz))
    result = analyse(recordings)
    truth = body.truth(int(begin), int(begin) + 4 * 3600)
    n = min(len(result.frames), len(truth.times))
    error = result.frames.twist_deg[:n] - truth.twist_deg[:n]
    assert np.sqrt(np.nanmean(error**2)) < 2.0
    assert len(twists(result)) <= 4
    share = np.mean(np.abs(result.frames.twist_deg) >= 10.0)
    assert share == pytest.approx(np.mean(np.abs(truth.twist_deg) >= 10.0), abs=0.002)
    assert result.faults == ()
