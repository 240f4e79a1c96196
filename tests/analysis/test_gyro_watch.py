"""A gyro whose numbers do not fit the accelerometer's: found, said, and not used."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Pipeline, analyse
from domain.faults import FaultKind
from domain.placement import Placement
from domain.posture import FrameBlock, Quality
from domain.samples import Recording
from simulators.body import ScriptedBody
from simulators.days import day_script
from simulators.sensor import typical_sensor


def bowing(people, rate_hz=25.0, *, bias_dps=0.0, seed=0, times=3):
    """Upright and bowed in turn, resting in either; a little to the side too."""
    act = people.Act
    bows = [act(8, 5), act(6, 45, 8)] * times
    samples = people.perform([*bows, act(10, 5)], rate_hz, gyro=True, seed=seed)
    samples.gyro_dps[:] += bias_dps
    return samples


WRONG = {
    "radians": (lambda g: np.radians(g), FaultKind.GYRO_UNIT),
    "coarse radians": (lambda g: np.round(np.radians(g), 2), FaultKind.GYRO_UNIT),
    "columns moved on": (lambda g: g[:, [1, 2, 0]], FaultKind.GYRO_AXES),
    "two columns exchanged": (lambda g: g[:, [1, 0, 2]], FaultKind.GYRO_AXES),
    "other signs": (lambda g: -g, FaultKind.GYRO_AXES),
    "a half turn": (lambda g: g * [-1, -1, 1], FaultKind.GYRO_AXES),
}


@pytest.mark.parametrize("rate_hz", [12.5, 50.0])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_gyro_that_does_not_fit_is_found_and_not_used(people, wrong, rate_hz):
    change, kind = WRONG[wrong]
    samples = bowing(people, rate_hz)
    worn = [people.mounted(Placement.UPPER_BACK)]
    bare = type(samples)(samples.times, samples.acc_g, None, rate_hz)
    without = people.run(Pipeline("w", worn), bare.block()).frames
    samples.gyro_dps[:] = change(samples.gyro_dps)
    pipeline = Pipeline("w", worn)
    frames = people.run(pipeline, samples.block()).frames
    (fault,) = pipeline.faults
    assert (fault.kind, fault.until) == (kind, None)
    assert fault.since in range(people.START + 6, people.START + 9)
    late = frames.times >= people.START + (16 if kind is FaultKind.GYRO_UNIT else 30)
    np.testing.assert_array_equal(frames.lean_deg[late], without.lean_deg[late])
    np.testing.assert_array_equal(frames.activity[late], without.activity[late])
    assert np.all(np.isnan(frames.turn_dps[late]))
    assert pipeline.status().faults == (fault,)
    assert fault.sentence in pipeline.status().reasons
    assert "gyroscope" in fault.sentence


@pytest.mark.parametrize("rate_hz", [12.5, 25.0, 100.0])
@pytest.mark.parametrize("bias_dps", [0.0, 1.5, 15.0])
@pytest.mark.parametrize("factor", [1.0, 0.97, 1.03])
def test_a_sound_gyro_is_let_be_with_any_bias(people, rate_hz, bias_dps, factor):
    samples = bowing(people, rate_hz, bias_dps=bias_dps)
    samples.gyro_dps[:] *= factor
    pipeline = Pipeline("w", [people.mounted(Placement.UPPER_BACK)])
    people.run(pipeline, samples.block())
    assert pipeline.faults == ()


def test_who_does_not_go_over_shows_nothing_of_the_gyro(people):
    """A turn about the vertical moves no gravity."""
    samples = people.perform([people.Act(60, 5)], 25.0, gyro=True)
    samples.gyro_dps[400:450, 2] += 40.0
    samples.gyro_dps[:] = np.radians(samples.gyro_dps)
    pipeline = Pipeline("w", [people.mounted(Placement.UPPER_BACK)])
    people.run(pipeline, samples.block())
    assert pipeline.faults == ()


def test_radians_of_a_recording_are_the_reason_why_there_is_no_twist(people):
    samples = bowing(people)
    other = people.perform([people.Act(52, 2)], 25.0, gyro=True, seed=1)
    result = analyse(
        {
            "upper_back": Recording(samples.times, samples.acc_g, np.radians(samples.gyro_dps)),
            "waist": Recording(other.times, other.acc_g, other.gyro_dps),
        }
    )
    assert [fault.kind for fault in result.faults] == [FaultKind.GYRO_UNIT]
    assert "radians per second" in result.faults[0].sentence
    assert np.all(np.isnan(result.frames.twist_deg))
    assert "radians per second" in result.reasons["twist_deg"]
    assert np.all(result.frames.quality & int(Quality.FAULT) == 0)  # the accelerometer is believed
    assert result.gyro == (Placement.WAIST,)
    bare = {"upper_back": Recording(samples.times, samples.acc_g)}
    np.testing.assert_array_equal(result.frames.lean_deg, analyse(bare).frames.lean_deg)


def test_a_gyro_that_fits_again_is_used_again(people):
    samples = bowing(people, times=8)
    samples.gyro_dps[: 25 * 50] = np.radians(samples.gyro_dps[: 25 * 50])
    pipeline = Pipeline("w", [people.mounted(Placement.UPPER_BACK)])
    frames = people.run(pipeline, samples.block()).frames
    (fault,) = pipeline.faults
    assert fault.until - people.START in range(60, 76)
    assert np.all(np.isfinite(frames.turn_dps[85:]))


@pytest.mark.parametrize("placement", [Placement.UPPER_BACK, Placement.WAIST])
@pytest.mark.parametrize("seed", [1, 2])
def test_days_of_sound_gyros_are_without_a_fault_and_radians_are_found_in_them(placement, seed):
    midnight, rate_hz = 1_763_769_600.0, 12.5
    body = ScriptedBody.of(seed, day_script(seed, midnight))
    day = typical_sensor(
        seed, body, placement, rate_hz=rate_hz, power_on=midnight + 8 * 3600.0,
        gyro_full_scale_dps=1000.0, gyro_resolution_dps=0.06,
    ).recording(0, round(6 * 3600 * rate_hz))  # fmt: skip
    assert analyse({placement.value: day}).faults == ()
    radians = Recording(day.times, day.acc_g, np.radians(day.gyro_dps))
    assert [f.kind for f in analyse({placement.value: radians}).faults] == [FaultKind.GYRO_UNIT]


def test_no_gyro_of_a_real_trunk_is_called_wrong(shared_data):
    n = 0
    for folder, rate_hz, places in (
        ("umafall_adl", 20.0, {"chest": "sternum", "waist": "waist"}),
        ("trunk_optical", 50.0, {"back": "upper_back", "low_back": "lower_back", "chair": "seat"}),
    ):
        with np.load(shared_data / folder / f"{folder}.npz") as data:
            for key in data.files:
                trial, _, name = key.partition("/")
                place = places.get(name.removeprefix("acc_"))
                if place is None or not name.startswith("acc_"):
                    continue
                gyro = f"{trial}/{name.replace('acc', 'gyr')}"
                if gyro not in data or n % 3:  # each third is many
                    n += 1
                    continue
                acc_g, gyro_dps = data[key].astype(float), data[gyro].astype(float)
                times = 1000 + np.arange(len(acc_g)) / rate_hz
                found = analyse({place: Recording(times, acc_g, gyro_dps[: len(acc_g)])})
                assert not any(f.kind.of_gyro for f in found.faults), key
                n += 1
    assert n > 300


@settings(max_examples=10, deadline=None)
@given(
    wrong=st.sampled_from(sorted(WRONG)),
    sizes=st.lists(st.integers(5, 400), min_size=1, max_size=4),
    saves=st.sets(st.integers(0, 60), max_size=4),
)
def test_it_is_found_alike_in_any_chunks_and_over_saves(people, wrong, sizes, saves):
    samples, worn = bowing(people, 12.5), [people.mounted(Placement.UPPER_BACK)]
    samples.gyro_dps[:] = WRONG[wrong][0](samples.gyro_dps)
    whole = Pipeline("w", worn)
    expected, faults = people.run(whole, samples.block()), whole.faults
    pipeline, outputs, at, turn = Pipeline("w", worn), [], 0, 0
    while at < len(samples.times):
        size = sizes[turn % len(sizes)]
        outputs.append(pipeline.push(samples.block(at, at + size)))
        if turn in saves:
            pipeline = Pipeline.load(pipeline.save(), "w", worn)
        at, turn = at + size, turn + 1
    outputs.append(pipeline.finish())
    frames = FrameBlock.join("w", [out.frames for out in outputs])
    assert people.Result(frames, [e for out in outputs for e in out.episodes]) == expected
    assert pipeline.faults == faults and faults
