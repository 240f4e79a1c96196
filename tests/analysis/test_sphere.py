"""Gain and offset of a sensor, from its rests: how well they are found, and when they come into force."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis import Mounted, Pipeline, sphere
from analysis.calibration import calibrate, with_gains
from analysis.features import WIDTH, Col
from analysis.rests import Rests
from domain.errors import CalibrationRefused
from domain.gains import Gains
from domain.placement import Placement
from domain.posture import FrameBlock
from domain.samples import Recording, SampleBlock
from simulators.body import ScriptedBody
from simulators.days import day_script
from simulators.sensor import typical_sensor

MIDNIGHT = 1_763_769_600.0
EDGE = 1_700_000_000 // 3600 * 3600 + 3600  # a full hour


def directions(n, seed=0, *, cone_deg=180.0):
    """n unit vectors, of which the angle to z is at most cone_deg."""
    draw = np.random.default_rng(seed)
    z = draw.uniform(np.cos(np.radians(cone_deg)), 1, n)
    turn = draw.uniform(0, 2 * np.pi, n)
    flat = np.sqrt(1 - z * z)
    return np.stack([flat * np.cos(turn), flat * np.sin(turn), z], 1)


def wrong(seed):
    draw = np.random.default_rng((seed, 77))
    return draw.normal(0, 0.02, 3), draw.normal(0, 0.03, 3)


def sent(ups, seed, *, noise_g=0.001):
    """What a sensor sends that reads gain and offset of `seed` at rest in directions `ups`."""
    gain, offset = wrong(seed)
    noise = np.random.default_rng((seed, 1)).normal(0, noise_g, ups.shape)
    return ups * (1 + gain) + offset + noise


def tilt_error_deg(ups, seed, gain, offset):
    seen = sent(ups, seed, noise_g=0.0) * gain + offset
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    return np.degrees(2 * np.arcsin(np.linalg.norm(seen - ups, axis=1) / 2))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_rests_in_all_directions_give_gain_and_offset_within_their_errors(seed):
    found = sphere.fit(sent(directions(60, seed), seed))
    gain, offset = wrong(seed)
    assert found.accepted
    assert np.all(np.abs(found.gain * (1 + gain) - 1) < 5 * found.gain_se)
    assert np.all(np.abs(found.offset_g + offset * found.gain) < 5 * found.offset_se_g)
    assert np.all(found.gain_se < sphere.WEAK_SE)
    assert tilt_error_deg(directions(200), seed, found.gain, found.offset_g).max() < 0.25


def test_the_standard_errors_are_what_the_errors_are():
    """Over 60 sensors, with noise of the size the fit supposes."""
    off = []
    for seed in range(60):
        found = sphere.fit(sent(directions(40, seed), seed, noise_g=sphere.SIGMA_G))
        off.append((found.gain * (1 + wrong(seed)[0]) - 1) / found.gain_se)
    assert 0.75 < np.sqrt(np.mean(np.square(off))) < 1.35


@settings(max_examples=30, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), cone_deg=st.floats(15, 90))
def test_where_directions_are_missing_the_fit_is_no_worse_than_the_factory(seed, cone_deg):
    """In what was seen it is far better; what was not seen stays near the prior, and says so."""
    ups = directions(30, seed, cone_deg=cone_deg)
    found = sphere.fit(sent(ups, seed))
    before = tilt_error_deg(ups, seed, 1.0, 0.0).mean()
    assert tilt_error_deg(ups, seed, found.gain, found.offset_g).mean() < max(0.6 * before, 0.3)
    if cone_deg < 30:
        assert np.any(found.gain_se > sphere.WEAK_SE)


def test_a_few_rests_that_were_none_are_outvoted():
    points = sent(directions(40, 3), 3)
    points[:4] *= 1.03
    with_them, without = sphere.fit(points), sphere.fit(points[4:])
    assert np.abs(with_them.gain - without.gain).max() < 0.005
    assert np.abs(with_them.offset_g - without.offset_g).max() < 0.005


def test_rests_that_no_gain_explains_are_not_accepted():
    points = directions(40, 1) * np.random.default_rng(9).uniform(0.9, 1.1, (40, 1))
    assert not sphere.fit(points).accepted


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_a_day_without_lying_leaves_little_of_a_tilt_error_of_a_degree_and_more(seed):
    """On the upper back from 7 to 23 h: in the directions of its rests, mean tilt error in deg."""
    body = ScriptedBody.of(seed, day_script(seed, MIDNIGHT))
    draw = np.random.default_rng(seed)
    model = replace(
        typical_sensor(seed, body, Placement.UPPER_BACK, rate_hz=12.5, power_on=MIDNIGHT + 25200.0),
        gain=tuple(1 + draw.uniform(-0.02, 0.02, 3)), offset_g=tuple(draw.uniform(-0.03, 0.03, 3)),
    )  # fmt: skip
    n = round(16 * 3600 * 12.5)
    _, acc, _ = model.samples(0, n)
    pipeline = Pipeline("w", [Mounted("s", Placement.UPPER_BACK, None)])
    pipeline.push(SampleBlock("s", MIDNIGHT + 25200.0 + np.arange(n) / 12.5, acc, None, 12.5))
    gains = pipeline.gains["s"]
    raw = np.array([kept for _, kept in pipeline._tracks[0].anchor._rests._rests.values()], float)
    ups = (raw - model.offset_g) / model.gain
    ups /= np.linalg.norm(ups, axis=1, keepdims=True)

    def error_deg(seen):
        seen = seen / np.linalg.norm(seen, axis=1, keepdims=True)
        return np.degrees(2 * np.arcsin(np.linalg.norm(seen - ups, axis=1) / 2)).mean()

    assert error_deg(raw) > 0.7
    assert error_deg(raw * gains.gain + gains.offset_g) < 0.2
    assert gains.residual_g < 0.001 < gains.residual_before_g


def play(people, *, at=EDGE, seed=5, acts=None):
    """A trunk at rest in eight directions of 20 s each before a full hour, then at 0 and 30 deg."""
    act = people.Act
    acts = acts or [
        act(30, 40), act(30, 18, 8), act(30, 12), act(30, -10), act(30, 25), act(30, 5, 12),
        act(30, 5, -12), act(30, 0), act(60, 0), act(60, 30), act(60, 0, 20),
    ]  # fmt: skip
    samples = people.perform(acts, 12.5, noise_g=0.002, start=at - 241.0)
    gain, offset = wrong(seed)
    samples.acc_g[:] = samples.acc_g * (1 + gain) + offset
    return samples


def poses(people, seed=5, slouch_deg=18.0):
    def held(lean_deg):
        samples = play(people, seed=seed, acts=[people.Act(10, lean_deg)])
        return Recording(samples.times, samples.acc_g)

    return calibrate(
        held(0.0), held(slouch_deg), sensor="s", placement=Placement.UPPER_BACK, made_at=0.0
    )


def test_angles_are_righted_at_a_full_hour_and_the_zero_stays_where_it_was_held(people):
    samples, calibration = play(people), poses(people)
    pipeline = Pipeline("w", [Mounted("s", Placement.UPPER_BACK, calibration)])
    frames = people.run(pipeline, samples.block()).frames
    gains = pipeline.gains["s"]
    assert (gains.version, gains.since) == (1, EDGE)
    plain = Pipeline("w", [Mounted("s", Placement.UPPER_BACK, calibration)])
    plain._tracks[0].settle = lambda second, steady: None
    factory = people.run(plain, samples.block()).frames
    before = frames.times < EDGE
    np.testing.assert_array_equal(frames.lean_deg[before], factory.lean_deg[before])
    at = {name: frames.times == EDGE + second for name, second in (("0", 30), ("30", 90))}
    assert frames.lean_deg[at["0"]] == pytest.approx(0, abs=0.25)
    assert frames.lean_deg[at["30"]] == pytest.approx(30, abs=0.35)
    assert abs(factory.lean_deg[at["30"]] - 30) > abs(frames.lean_deg[at["30"]] - 30)
    assert frames.enmo_mg[at["0"]][0] < factory.enmo_mg[at["0"]][0] + 1.0


def test_nothing_comes_into_force_while_a_slouch_goes_on(people):
    act = people.Act
    quiet = play(people)
    slouching = play(
        people,
        acts=[
            act(30, 0), act(30, 12), act(30, -10), act(30, 30), act(30, 5, 12), act(30, 5, -12),
            act(10, 0), act(2000, 40),
        ],
    )  # fmt: skip
    worn = [Mounted("s", Placement.UPPER_BACK, poses(people))]
    first, second = Pipeline("w", worn), Pipeline("w", worn)
    first.push(quiet.block())
    opened = people.run(second, slouching.block(), finish=False).opened("slouch")
    assert first.gains["s"].since == EDGE
    assert len(opened) == 1 and second.gains == {}


@pytest.mark.parametrize("calibrated", [True, False])
def test_gains_come_into_force_alike_in_any_chunks_and_over_saves(people, calibrated):
    samples = play(people)
    hole = (samples.times > EDGE - 20) & (samples.times < EDGE + 10)
    for kept in (samples, samples.without(~hole)):
        known = poses(people) if calibrated else None
        worn = [Mounted("s", Placement.UPPER_BACK, known)]
        together = Pipeline("w", worn)
        expected = people.run(together, kept.block())
        assert together.gains["s"].version >= 1
        for size in (3, 100, 700):
            pipeline, results = Pipeline("w", worn), []
            for number, start in enumerate(range(0, len(kept.times), size)):
                results.append(pipeline.push(kept.block(start, start + size)))
                if number % 23 == 5:
                    pipeline = Pipeline.load(pipeline.save(), "w", worn)
            results.append(pipeline.finish())
            frames = FrameBlock.join("w", [out.frames for out in results])
            got = type(expected)(frames, [e for out in results for e in out.episodes])
            assert got == expected
            assert pipeline.gains == together.gains


def test_gains_outlive_a_new_calibration_for_they_belong_to_the_sensor(people):
    samples = play(people)
    pipeline = Pipeline("w", [Mounted("s", Placement.UPPER_BACK, None)])
    pipeline.push(samples.block())
    after = Pipeline.load(pipeline.save(), "w", [Mounted("s", Placement.UPPER_BACK, poses(people))])
    assert after.gains == pipeline.gains


def test_a_sensor_that_tells_directions_alone_has_no_gains(people):
    samples = play(people)
    samples.acc_g[:] /= np.linalg.norm(samples.acc_g, axis=1, keepdims=True)
    pipeline = Pipeline("w", [Mounted("s", Placement.UPPER_BACK, None, scaled=False)])
    pipeline.push(samples.block())
    assert pipeline.gains == {}


def test_what_the_sensor_knows_of_itself_is_small(people):
    """Rests in every direction there is."""
    rests = Rests()
    rests._keep(np.arange(600) * 10, directions(600).T)
    assert len(rests._rests) <= 96
    assert len(str(rests.save())) < 4000


@pytest.mark.parametrize("together_s", [1, 7, 60, 181])
def test_when_rests_are_looked_at_changes_nothing_of_what_is_kept(together_s):
    m = 400
    table = np.zeros((WIDTH, m))
    table[Col.SECOND] = 1_700_000_003 + np.arange(m)
    table[Col.SUB_COUNT] = 10.0
    up = directions(m // 25).repeat(25, axis=0).T
    table[Col.SUM], table[Col.OUTER][:3] = 10.0 * up, 10.0 * up * up
    whole, parts = Rests(), Rests()
    whole.feed(table)
    for start in range(0, m, together_s):
        parts.feed(table[:, start : start + together_s])
    assert parts.save() == whole.save()
    assert len(whole._rests) > 5 and whole.save()["waiting"]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), slouch_deg=st.floats(9, 60), lean_deg=st.floats(-20, 60))
def test_poses_held_before_the_gains_were_known_are_righted_with_them(seed, slouch_deg, lean_deg):
    """Calibrated with a wrong sensor, then corrected: as if it had been right all along."""
    gain, offset = wrong(seed)

    def held(lean):
        a = np.radians(lean)
        up = np.array([-np.sin(a), 0.0, np.cos(a)])
        return Recording(np.arange(200) / 20.0, np.tile(up * (1 + gain) + offset, (200, 1)))

    try:
        raw = calibrate(
            held(0.0), held(slouch_deg), sensor="s", placement=Placement.STERNUM, made_at=0.0
        )
    except CalibrationRefused:  # as a sensor this wrong may be: then there is nothing to be righted
        assume(False)
    right = 1 / (1 + gain)
    none = (0.0, 0.0, 0.0)
    gains = Gains(1, 0, tuple(right), tuple(-offset * right), none, none, (False,) * 3, 0.0, 0.0, 9)
    corrected = with_gains(raw, gains)
    assert corrected.slouch_deg == pytest.approx(slouch_deg, abs=0.01)
    a = np.radians(lean_deg)
    x, y, z = corrected.matrix() @ np.array([-np.sin(a), 0.0, np.cos(a)])
    assert np.degrees(np.arctan2(-x, z)) == pytest.approx(lean_deg, abs=0.01)
    assert y == pytest.approx(0, abs=1e-3)
