"""Sensors whose numbers are no measurement: held, clipped, spiked, an axis that does not take part."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Pipeline, analyse
from domain.faults import FaultKind
from domain.placement import Placement
from domain.posture import FrameBlock, Quality
from domain.samples import Recording, SampleBlock

START = 1_700_000_000
FAULT, SATURATED, INVALID = int(Quality.FAULT), int(Quality.SATURATED), int(Quality.INVALID)


def walker(rate_hz, seconds=40.0, *, step_g=0.001, noise_g=0.002, seed=0, until_s=None):
    """A trunk that walks: all axes move, with a rhythm and a strength that vary. until_s: then it stands."""
    draw = np.random.default_rng(seed)
    n = round(seconds * rate_hz)
    t = np.arange(n) / rate_hz
    lean, side = np.radians(8 + 3 * np.sin(t / 1.7)), np.radians(3 * np.sin(t + 1))
    acc = np.stack(
        [-np.sin(lean) * np.cos(side), np.sin(side), np.cos(lean) * np.cos(side)], axis=1
    )
    phase = 2 * np.pi * np.cumsum(1.9 + 0.1 * np.sin(t)) / rate_hz
    strength = (1 + 0.2 * np.sin(1.9 * t)) * (1.0 if until_s is None else t < until_s)
    acc[:, 0] += strength * 0.15 * np.sin(phase + 0.3)
    acc[:, 1] += strength * 0.1 * np.sin(phase / 2)
    acc[:, 2] += strength * (0.3 * np.sin(phase) + 0.12 * np.sin(2 * phase + 1))
    acc += draw.normal(0.0, noise_g, acc.shape)
    return Recording(START + t, np.round(acc / step_g) * step_g)


def leaner(rate_hz, deg, *, seed=0, noise_g=0.002):
    """Quiet but for two bows, of seven and three seconds, with a trunk that sways a little to both sides."""
    draw = np.random.default_rng(seed)
    t = np.arange(round(60 * rate_hz)) / rate_hz
    want = np.where(((t > 15) & (t < 22)) | ((t > 35) & (t < 38)), float(deg), 6.0)
    width = round(0.8 * rate_hz)
    soft = np.convolve(np.pad(want, width, "edge"), np.ones(width) / width, "same")[width:-width]
    lean = np.radians(soft + 1.5 * np.sin(t / 2))
    side = np.radians(np.interp(t, [0, 20, 40, 60], [-2, 2, 0, 1]))
    up = [-np.sin(lean) * np.cos(side), np.sin(side), np.cos(lean) * np.cos(side)]
    return Recording(START + t, np.stack(up, 1) + draw.normal(0.0, noise_g, (len(t), 3)))


def held(recording, from_s, for_s):
    """It sends the value of from_s for that long."""
    acc = recording.acc_g.copy()
    at = recording.times - START
    rows = (at >= from_s) & (at < from_s + for_s)
    acc[rows] = acc[np.flatnonzero(rows)[0]]
    return Recording(recording.times, acc)


def found(recording, place="sternum"):
    result = analyse({place: recording})
    return result, [(f.kind, f.since - START, f.until and f.until - START) for f in result.faults]


@pytest.mark.parametrize("rate_hz", [12.5, 20.0, 50.0, 100.0])
@pytest.mark.parametrize("step_g", [0.0005, 0.001, 0.0039])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_ten_seconds_held_in_the_middle_of_a_walk_of_forty_are_found(rate_hz, step_g, seed):
    whole = walker(rate_hz, step_g=step_g, noise_g=max(0.002, step_g), seed=seed)
    assert found(whole)[1] == []
    result, [(kind, since, until)] = found(held(whole, 15.3 + 0.2 * seed, 12.0))
    assert kind is FaultKind.FROZEN
    assert (since, until) == (17, 27)  # the second whole second that is held, and the last
    assert np.count_nonzero(result.frames.quality[21:27] & FAULT) >= 1


def test_a_rest_shows_the_noise_and_ten_equal_seconds_after_it_are_enough():
    """At rest, and not from a movement into it, as some loggers sleep while nothing moves."""
    whole = walker(25.0, 60.0, until_s=20.0)
    assert found(whole)[1] == []
    _, [(kind, since, _)] = found(held(whole, 35.0, 20.0))
    assert (kind, since) == (FaultKind.FROZEN, 36)
    assert found(held(whole, 35.0, 9.0))[1] == []


@pytest.mark.parametrize("rate_hz", [12.5, 50.0])
def test_a_sensor_of_any_grain_that_stops_in_the_air_is_found(rate_hz):
    """|a| is no gravity there, and nobody stays like that."""
    coarse = walker(rate_hz, step_g=1 / 64)
    length = np.linalg.norm(coarse.acc_g, axis=1)
    at = coarse.times - START
    far = at[np.argmax(np.abs(length - 1.0) * ((at > 12) & (at < 20)))]
    assert FaultKind.FROZEN in {kind for kind, *_ in found(held(coarse, far, 10.0))[1]}


@pytest.mark.parametrize("step_g", [0.01, 1 / 64, 1 / 32])
@pytest.mark.parametrize("rate_hz", [12.5, 100.0])
def test_a_coarse_quiet_sensor_or_a_rounded_export_laid_down_from_a_walk_is_no_fault(
    step_g, rate_hz
):
    """Its noise is a tenth of its step: on a table it sends one value, from the moment it lies there."""
    walk = walker(rate_hz, 300.0, step_g=step_g, noise_g=step_g / 10, until_s=250.0)
    acc = walk.acc_g.copy()
    acc[walk.times - START >= 255] = np.round(np.array([0.02, -0.09, 0.98]) / step_g) * step_g
    assert found(Recording(walk.times, acc))[1] == []


@pytest.mark.parametrize("step_g", [0.001, 0.0039])
def test_a_fine_sensor_with_less_noise_than_its_step_is_let_be_once_it_was_seen_at_rest(step_g):
    walk = walker(25.0, 120.0, step_g=step_g, noise_g=step_g / 8, until_s=40.0)
    acc = walk.acc_g.copy()
    acc[walk.times - START >= 90] = np.round(np.array([0.02, -0.09, 0.98]) / step_g) * step_g
    assert found(Recording(walk.times, acc))[1] == []


@pytest.mark.parametrize("rate_hz", [12.5, 50.0])
@pytest.mark.parametrize("noise_g", [0.0, 0.002, 0.005])
@pytest.mark.parametrize("axis", [0, 2])
@pytest.mark.parametrize("deg", [40, 43])
def test_an_axis_that_stays_but_for_noise_while_one_bows_is_found(deg, axis, noise_g, rate_hz):
    whole = leaner(rate_hz, deg)
    assert found(whole)[1] == []
    acc = whole.acc_g.copy()
    noise = np.random.default_rng(3).normal(0.0, noise_g, len(acc))
    acc[:, axis] = acc[0, axis] + noise
    result, faults = found(Recording(whole.times, acc))
    assert (FaultKind.STUCK_AXIS, faults[0][1]) == faults[0][:2]
    assert faults[0][1] in range(15, 24)
    assert np.all(result.frames.quality[24:34] & FAULT)


@pytest.mark.parametrize("deg", [30, 60, 85])
def test_a_trunk_that_only_moves_forward_and_back_has_no_stuck_axis(deg):
    whole = leaner(25.0, deg)
    acc = whole.acc_g.copy()
    acc[:, 1] = np.random.default_rng(4).normal(0.0, 0.002, len(acc))
    acc[:, [0, 2]] /= np.linalg.norm(acc[:, [0, 2]], axis=1, keepdims=True)
    assert found(Recording(whole.times, acc))[1] == []


@pytest.mark.parametrize("rate_hz", [12.5, 50.0, 100.0])
@pytest.mark.parametrize("end_g", [1.2, 1.25])
def test_a_range_that_ends_below_two_g_is_seen_by_extremes_that_repeat(rate_hz, end_g):
    whole = walker(rate_hz)
    assert not np.any(analyse({"sternum": whole}).frames.quality & SATURATED)
    cut = Recording(whole.times, np.clip(whole.acc_g, -end_g, end_g))
    flagged = analyse({"sternum": cut}).frames.quality & SATURATED > 0
    second = np.floor(cut.times - START).astype(int)
    clipped = np.zeros(40, dtype=bool)
    clipped[second[np.any(np.abs(cut.acc_g) >= end_g, axis=1)]] = True
    assert not np.any(flagged & ~clipped)
    assert np.count_nonzero(flagged) >= np.count_nonzero(clipped) - 6


@pytest.mark.parametrize("step_g", [0.001, 1 / 64])
@pytest.mark.parametrize("seed", range(4))
def test_a_walk_within_the_range_is_never_called_clipped(step_g, seed):
    for rate_hz in (12.5, 50.0, 100.0):
        whole = walker(rate_hz, 120.0, step_g=step_g, seed=seed)
        assert not np.any(analyse({"sternum": whole}).frames.quality & SATURATED)


@pytest.mark.parametrize("rate_hz", [12.5, 25.0, 50.0, 100.0])
@pytest.mark.parametrize("gyro", [False, True])
@pytest.mark.parametrize("spike_g", [8.0, -16.0, 2.5])
def test_one_broken_sample_in_a_still_second_is_flagged_and_tilts_nothing(
    people, rate_hz, gyro, spike_g
):
    samples = people.perform([people.Act(40, 10)], rate_hz, gyro=gyro)
    worn = [people.mounted(Placement.UPPER_BACK)]
    whole = people.run(Pipeline("w", worn), samples.block()).frames
    samples.acc_g[round(20.5 * rate_hz), 0] = spike_g
    frames = people.run(Pipeline("w", worn), samples.block()).frames
    assert np.flatnonzero(frames.quality & INVALID).tolist() == [20]
    assert np.abs(frames.lean_deg - whole.lean_deg).max() < 0.1
    assert np.abs(frames.mad_mg - whole.mad_mg).max() < 1.0
    assert np.all(frames.quality & FAULT == 0)


def test_what_a_step_or_a_knock_that_rings_does_is_kept(people):
    samples = people.perform([people.Act(40, 10)], 50.0)
    samples.acc_g[1000:1006, 2] = (4.0, -2.0, 3.0, -1.0, 2.2, 0.4)
    frames = people.run(
        Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), samples.block()
    ).frames
    assert not np.any(frames.quality & INVALID)
    assert frames.mad_mg[20] > 100.0


def broken(kind, rate_hz):
    if kind == "held":
        return held(walker(rate_hz, 60.0), 20.3, 25.0)
    if kind == "stuck":
        one = leaner(rate_hz, 50)
        acc = one.acc_g.copy()
        acc[:, 0] = acc[0, 0] + np.random.default_rng(3).normal(0.0, 0.003, len(acc))
        acc[round(45 * rate_hz) :] = one.acc_g[round(45 * rate_hz) :]
        return Recording(one.times, acc)
    one = walker(rate_hz, 60.0, until_s=40.0)
    acc = np.clip(one.acc_g, -1.2, 1.2)
    acc[round(50.3 * rate_hz), 1] = 5.0
    return Recording(one.times, acc)


@settings(max_examples=12, deadline=None)
@given(
    kind=st.sampled_from(["held", "stuck", "clipped"]),
    sizes=st.lists(st.integers(5, 400), min_size=1, max_size=4),
    saves=st.sets(st.integers(0, 60), max_size=4),
)
def test_what_is_found_is_the_same_in_any_chunks_and_over_saves(people, kind, sizes, saves):
    recording, worn = broken(kind, 12.5), [people.mounted(Placement.UPPER_BACK)]

    def block(start, end):
        return SampleBlock("s", recording.times[start:end], recording.acc_g[start:end], None, 12.5)

    whole = Pipeline("w", worn)
    expected = people.run(whole, block(0, None))
    pipeline, outputs, at, turn = Pipeline("w", worn), [], 0, 0
    while at < len(recording.times):
        size = sizes[turn % len(sizes)]
        outputs.append(pipeline.push(block(at, at + size)))
        if turn in saves:
            pipeline = Pipeline.load(pipeline.save(), "w", worn)
        at, turn = at + size, turn + 1
    outputs.append(pipeline.finish())
    frames = FrameBlock.join("w", [out.frames for out in outputs])
    assert people.Result(frames, [e for out in outputs for e in out.episodes]) == expected
    faults = whole.faults
    assert pipeline.faults == faults
    assert faults or np.any(expected.frames.quality & (SATURATED | INVALID))
