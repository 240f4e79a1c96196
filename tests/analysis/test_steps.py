"""Steps: as many as were made, at any rate and mounting, and none where nobody walks."""

import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Pipeline, analyse
from analysis.steps import UNSEEN_S, steps_made
from analysis.track import Mounted
from domain.placement import Placement
from domain.samples import Recording, SampleBlock

START = 1_700_000_000


def walker(rate_hz, *walks, seconds=120, seed=0, bounce_g=0.3, matrix=None):
    """Upright with steps: each walk is (start, end, steps a second). A harmonic, a stride, noise."""
    draw = np.random.default_rng(seed)
    t = np.arange(round(rate_hz * seconds)) / rate_hz
    acc = np.tile([0.05, 0.02, 1.0], (len(t), 1)) + draw.normal(0, 0.01, (len(t), 3))
    for start, end, hz in walks:
        on = (t >= start) & (t < end)
        phase = 2 * np.pi * hz * (t - start)
        acc[:, 2] += (
            on * bounce_g * (-np.cos(phase) + 0.3 * np.cos(2 * phase) + 0.15 * np.sin(phase / 2))
        )
        acc[:, 0] += on * 0.3 * bounce_g * np.sin(phase)
    if matrix is not None:
        acc = acc @ matrix.T
    return Recording(START + t, acc)


def cadence(recording, place="waist"):
    return analyse({place: recording}).frames.cadence_spm


def steps(recording, place="waist"):
    frames = analyse({place: recording}).frames
    return steps_made(frames.times, frames.cadence_spm)


@pytest.mark.parametrize("rate_hz", [12.5, 25.0, 50.0, 100.0, 200.0])
@pytest.mark.parametrize("hz", [1.3, 1.8, 2.7])
def test_steps_are_counted_at_any_rate_and_pace(rate_hz, hz):
    frames = analyse({"waist": walker(rate_hz, (20, 60, hz))}).frames
    spm = frames.cadence_spm
    coarse = rate_hz * 0.2 < hz  # fewer than five samples a step
    made = steps_made(frames.times, spm)
    assert made == pytest.approx(40 * hz, abs=14.0 if coarse else 0.05 * 40 * hz)
    assert spm.max() == pytest.approx(60 * hz, rel=0.4 if coarse else 0.2)
    assert np.median(spm[26:58]) == pytest.approx(60 * hz, rel=0.1 if coarse else 0.03)
    assert np.all(spm[:20] == 0.0) and np.all(spm[64:] == 0.0)


@pytest.mark.parametrize(
    "place", ["waist", "lower_back", "upper_back", "sternum", "thigh", "head", "wrist"]
)
def test_they_are_counted_wherever_on_the_body_it_is_worn(place):
    assert steps(walker(50.0, (20, 60, 1.9)), place) == pytest.approx(76, abs=2.5)


def test_the_seat_makes_no_steps():
    assert np.isnan(cadence(walker(50.0, (20, 60, 1.9)), "seat")).all()


def test_all_walks_of_an_hour_add_up():
    walks = [(60 * i + 5, 60 * i + 5 + 6 * (i % 8 + 1), 1.5 + 0.1 * (i % 7)) for i in range(20)]
    made = sum((end - start) * hz for start, end, hz in walks)
    assert steps(walker(25.0, *walks, seconds=1230)) == pytest.approx(made, rel=0.03)


@given(
    st.floats(1.2, 3.0), st.floats(4.0, 20.0), st.floats(0.15, 0.5), st.integers(0, 99),
    st.sampled_from([25.0, 50.0]),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_no_second_reads_more_steps_than_anyone_makes(hz, length_s, bounce_g, seed, rate_hz):
    ends = 10.3 + length_s
    walks = ((10.3, ends, hz), (ends + 0.4, ends + 9.0, 1.3 * hz))
    spm = cadence(walker(rate_hz, *walks, seconds=45, seed=seed, bounce_g=bounce_g))
    assert np.nanmax(spm) <= 215.0
    assert np.all(spm[:10] == 0.0)


def test_the_first_seconds_of_a_walk_are_counted_at_its_first_cadence():
    spm = np.array([0, 0, 0, 0, 0, 120, 120, 60, 0, 0, 90, 90], dtype=float)
    times = START + np.arange(len(spm))
    seen = np.nansum(spm) / 60.0
    assert steps_made(times, spm) == pytest.approx(seen + UNSEEN_S * 2.0 + 2 * 1.5)


def test_they_are_not_counted_where_nothing_is_known():
    spm = np.array([0, 0, math.nan, 0, 120, math.nan, 120, 0, 0, 60], dtype=float)
    times = START + np.array([0, 1, 2, 3, 4, 5, 6, 7, 100, 101])
    assert steps_made(times, spm) == pytest.approx(5.0 + 1 * 2.0 + 0.0 + 1 * 1.0)
    apart = np.array([0.0, 0.0, 60.0])
    assert steps_made(START + np.array([0, 1, 50]), apart) == pytest.approx(1.0)
    assert steps_made(times[:0], spm[:0]) == 0.0


def test_a_few_steps_are_no_walk():
    spm = cadence(walker(50.0, (20, 22.8, 1.9), (40, 43, 1.9)))
    assert np.nansum(spm) == 0.0


def test_shaking_that_is_no_rhythm_is_no_walk():
    quiet = walker(50.0)
    acc = quiet.acc_g.copy()
    draw = np.random.default_rng(4)
    for at in draw.uniform(10, 110, 40):
        here = np.abs(quiet.times - START - at) < 0.12
        acc[here, 2] += draw.uniform(0.2, 0.8)
    assert steps(Recording(quiet.times, acc)) < 25.0


def test_how_it_is_mounted_does_not_change_a_step(flips):
    tilt = math.radians(30.0)
    off = np.array(
        [[1, 0, 0], [0, math.cos(tilt), -math.sin(tilt)], [0, math.sin(tilt), math.cos(tilt)]]
    )
    plain = cadence(walker(25.0, (20, 60, 1.9)), "wrist")
    for flip in flips:
        turned = cadence(walker(25.0, (20, 60, 1.9), matrix=flip @ off), "wrist")
        np.testing.assert_allclose(turned, plain, atol=1e-6)


def test_a_sitter_who_rocks_makes_no_steps(people):
    samples = people.perform([people.Act(60, 88)], 25.0)
    t = samples.times - START
    samples.acc_g[:, 2] += 0.06 * np.sin(2 * np.pi * 1.5 * t)
    pipeline = Pipeline("w", [people.mounted(Placement.THIGH)])
    assert np.nansum(people.run(pipeline, samples.block()).frames.cadence_spm) == 0.0


def test_holes_in_the_samples_end_a_walk_and_lone_lost_ones_do_not():
    whole = walker(25.0, (10, 100, 1.9))
    lone = np.arange(len(whole.times)) % 23 != 0
    made = steps(Recording(whole.times[lone], whole.acc_g[lone]))
    assert made == pytest.approx(90 * 1.9, rel=0.03)
    hole = (whole.times < START + 50) | (whole.times > START + 60)
    torn = Recording(whole.times[hole], whole.acc_g[hole])
    spm = cadence(torn)
    assert steps(torn) == pytest.approx(80 * 1.9, rel=0.04)
    assert np.isnan(spm[52:58]).all()


def test_three_samples_a_second_are_too_few_to_count_steps():
    result = analyse({"waist": walker(3.0, (10, 100, 1.9))})
    assert np.isnan(result.frames.cadence_spm).all()
    assert "ten samples a second" in result.reasons["cadence_spm"]


def test_a_sensor_of_directions_counts_no_steps(people):
    worn = [Mounted("s", Placement.WAIST, None, scaled=False)]
    recording = walker(25.0, (10, 100, 1.9))
    acc = recording.acc_g / np.linalg.norm(recording.acc_g, axis=1, keepdims=True)
    pipeline = Pipeline("w", worn)
    frames = people.run(pipeline, SampleBlock("s", recording.times, acc, None, 25.0)).frames
    assert np.isnan(frames.cadence_spm).all()
    assert any("Steps cannot be counted" in reason for reason in pipeline.status().reasons)


def test_the_belt_counts_when_it_is_heard_and_the_thigh_when_it_is_not():
    belt, thigh = walker(25.0, (10, 100, 1.9)), walker(25.0, (10, 100, 1.9), seed=1)
    heard = belt.times < START + 55
    frames = analyse(
        {"thigh": thigh, "waist": Recording(belt.times[heard], belt.acc_g[heard])}
    ).frames
    assert steps_made(frames.times, frames.cadence_spm) == pytest.approx(90 * 1.9, abs=8.0)


@pytest.mark.parametrize("sizes", [[1], [7, 40, 3], [333], [25]])
def test_any_chunks_and_saves_in_the_middle_of_a_walk_give_the_same_bits(people, sizes):
    recording = walker(12.5, (5, 15, 1.9), (20, 25, 2.1), (28, 40, 1.6), seconds=45)
    worn = [people.mounted(Placement.WAIST, calibrated=False)]
    block = SampleBlock("s", recording.times, recording.acc_g, None, 12.5)
    expected = people.run(Pipeline("w", worn), block)
    pipeline, outputs, at, turn = Pipeline("w", worn), [], 0, 0
    while at < len(block):
        end = at + sizes[turn % len(sizes)]
        outputs.append(
            pipeline.push(SampleBlock("s", block.times[at:end], block.acc_g[at:end], None, 12.5))
        )
        if turn % 9 == 0:
            pipeline = Pipeline.load(pipeline.save(), "w", worn)
        at, turn = end, turn + 1
    outputs.append(pipeline.finish())
    got = b"".join(out.frames.cadence_spm.tobytes() for out in outputs)
    assert got == expected.frames.cadence_spm.tobytes()
    assert np.nansum(expected.frames.cadence_spm) > 0


def rhythm_spm(acc_g, rate_hz):
    """The strongest rhythm of |a| between 0.9 and 3.2 Hz, steps a minute: no code of the analysis."""
    radius = np.sqrt((acc_g**2).sum(axis=1))
    radius = (radius - radius.mean()) * np.hanning(len(radius))
    power = np.abs(np.fft.rfft(radius, 16 * len(radius))) ** 2
    hz = np.fft.rfftfreq(16 * len(radius), 1.0 / rate_hz)
    band = (hz >= 0.9) & (hz <= 3.2)
    return 60.0 * hz[band][power[band].argmax()]


@pytest.fixture(scope="module")
def pockets(shared_data):
    """By activity: seconds, steps counted, median cadence and the independent rhythm of each trial."""
    folder = shared_data / "motionsense_thigh"
    out = {}
    with (
        (folder / "trials.csv").open(newline="") as file,
        np.load(folder / "motionsense_thigh.npz") as data,
    ):
        for row in csv.DictReader(file):
            acc = data[f"{row['key']}/acc_mg"].astype(float) / 1000.0
            times = START + np.arange(len(acc)) / 50.0
            frames = analyse({"thigh": Recording(times, acc)}).frames
            spm = frames.cadence_spm
            walked = spm[np.isfinite(spm) & (spm > 0)]
            middle = float(np.median(walked)) if len(walked) else 0.0
            one = (len(acc) / 50.0, steps_made(frames.times, spm), middle, rhythm_spm(acc, 50.0))
            out.setdefault(row["activity"], []).append(one)
    return {activity: np.array(trials) for activity, trials in out.items()}


def test_cadence_in_a_pocket_is_the_rhythm_that_a_spectrum_shows(pockets):
    seconds, steps, middle, rhythm = pockets["walk"].T
    assert np.median(np.abs(middle - rhythm)) < 3.0
    assert np.median(steps / (seconds * rhythm / 60.0)) == pytest.approx(1.0, abs=0.05)


def test_sitting_and_standing_people_make_no_steps(pockets):
    for activity in ("sit", "stand"):
        seconds, steps, _, _ = pockets[activity].T
        assert steps.sum() / seconds.sum() < 0.01
