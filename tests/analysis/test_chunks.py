"""Any chunking of the same samples gives the same bits, and state goes on where it was saved."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis import Mounted, Pipeline
from domain.errors import StateError
from domain.placement import Placement
from domain.posture import FrameBlock
from domain.samples import SampleBlock
from simulators.body import ScriptedBody
from simulators.days import day_script
from simulators.sensor import typical_sensor

PLACEMENTS = [Placement.UPPER_BACK, Placement.THIGH, Placement.LOWER_BACK, Placement.WRIST]


def eventful(people, *, gyro):
    """Everything that can happen: sitting, slouching, walking, lying, holes, NaN, saturation, jitter."""
    act = people.Act
    samples = people.perform(
        [
            act(40), act(3, 35), act(50, 18), act(25, bounce_g=0.3), act(3, 40), act(30, 4),
            act(20, -85), act(15, 2), act(30, bounce_g=0.4), act(20, 95), act(15, 0, 12),
        ],
        12.5, gyro=gyro, noise_g=0.01,
    )  # fmt: skip
    draw = np.random.default_rng(7)
    n = len(samples.times)
    samples.times[:] += draw.uniform(-0.02, 0.02, n)
    samples.times[n // 3 :] += 1.5
    samples.times[n // 2 :] += 30.0
    samples.times[3 * n // 4 :] += 75.0
    samples.acc_g[draw.integers(0, n, 20)] = np.nan
    samples.acc_g[500:530] = 4.0
    if samples.gyro_dps is not None:
        samples.gyro_dps[draw.integers(0, n, 5)] = np.nan
        charging = np.zeros(n, dtype=np.bool_)
        charging[8 * n // 10 : 9 * n // 10] = True
        charging[8 * n // 10 + 40] = False  # within a second
        samples = replace(samples, charging=charging)
    return samples


@pytest.fixture(scope="module")
def whole(people):
    """Samples and the result of one push, for every placement, with and without gyro and calibration."""
    out = {}
    for gyro in (False, True):
        samples = eventful(people, gyro=gyro)
        for placement in PLACEMENTS:
            for calibrated in (False, True):
                worn = [people.mounted(placement, calibrated=calibrated)]
                result = people.run(Pipeline("w", worn), samples.block())
                out[placement, gyro, calibrated] = (worn, samples, result)
    return out


cases = st.tuples(st.sampled_from(PLACEMENTS), st.booleans(), st.booleans())


@settings(max_examples=40, deadline=None)
@given(case=cases, sizes=st.lists(st.integers(1, 900), min_size=1, max_size=6), data=st.data())
def test_any_chunking_and_any_saves_give_the_same_bits(people, whole, case, sizes, data):
    worn, samples, expected = whole[case]
    n = len(samples.times)
    saves = data.draw(st.sets(st.integers(0, 200), max_size=4))
    pipeline, outputs, at, turn = Pipeline("w", worn), [], 0, 0
    while at < n:
        end = min(n, at + sizes[turn % len(sizes)])
        outputs.append(pipeline.push(samples.block(at, end)))
        if turn in saves:
            pipeline = Pipeline.load(pipeline.save(), "w", worn)
        at, turn = end, turn + 1
    outputs.append(pipeline.finish())
    frames = FrameBlock.join("w", [out.frames for out in outputs])
    got = type(expected)(frames, [e for out in outputs for e in out.episodes])
    assert got == expected


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize(("gyro", "calibrated"), [(True, True), (False, False)])
def test_one_sample_at_a_time_gives_the_same_bits(people, whole, placement, gyro, calibrated):
    worn, samples, expected = whole[placement, gyro, calibrated]
    blocks = [samples.block(i, i + 1) for i in range(len(samples.times))]
    assert people.run(Pipeline("w", worn), *blocks) == expected


def test_a_whole_day_in_one_push_gives_the_same_bits_as_in_minutes(people):
    """One person's day, thigh and upper back with a gyro, neither calibrated: all that is learnt in a day is
    learnt, most kinds of episodes happen, and the state is saved and loaded every so often."""
    midnight, rate_hz = 1_763_769_600.0, 12.5
    body = ScriptedBody.of(5, day_script(5, midnight))
    n = round(20.5 * 3600 * rate_hz)
    worn, recordings = [], []
    for seed, placement in enumerate((Placement.THIGH, Placement.UPPER_BACK)):
        model = typical_sensor(
            seed, body, placement, rate_hz=rate_hz, power_on=midnight + 3 * 3600.0,
            gyro_full_scale_dps=1000.0 if seed else None,
        )  # fmt: skip
        recordings.append(model.recording(0, n))
        worn.append(people.mounted(placement, placement.value, calibrated=False))

    first = min(r.times[0] for r in recordings)
    last = max(r.times[-1] for r in recordings)

    def play(step_s, saves):
        pipeline, outputs = Pipeline("w", worn), []
        edges = np.arange(first, last + step_s + 1.0, step_s).tolist()
        for number, edge in enumerate(pairwise(edges)):
            blocks = []
            for one, r in zip(worn, recordings, strict=True):
                rows = slice(*np.searchsorted(r.times, edge).tolist())
                gyro = None if r.gyro_dps is None else r.gyro_dps[rows]
                blocks.append(SampleBlock(one.sensor, r.times[rows], r.acc_g[rows], gyro, rate_hz))
            outputs.append(pipeline.push_together(blocks))
            if number % 100 in saves:
                pipeline = Pipeline.load(pipeline.save(), "w", worn)
        outputs.append(pipeline.finish())
        assert pipeline.late == 0
        frames = FrameBlock.join("w", [out.frames for out in outputs])
        return people.Result(frames, [e for out in outputs for e in out.episodes])

    day = play(86_400.0, ())
    assert len(day.frames) > 73_000
    assert {"sitting", "break", "shift", "bend", "turn"} <= {e.kind for e in day.episodes}
    assert play(60.6, {13, 60}) == day


class Pair:
    """A thigh and a trunk sensor of one person, half as fast the one as the other."""

    def __init__(self, people):
        act = people.Act
        self.start = people.START
        self.thigh = people.perform([act(30, 85), act(20, bounce_g=0.3), act(40, 86)], 12.5)
        self.trunk = people.perform(
            [act(30, 5), act(20, 3, bounce_g=0.2), act(40, 18)], 25.0, gyro=True
        )
        self.worn = [
            people.mounted(Placement.THIGH, "thigh", calibrated=False),
            people.mounted(Placement.UPPER_BACK, "trunk"),
        ]

    def play(self, step: list[int], saved: int) -> tuple[bytes, list[str]]:
        """Bits and episodes, of steps in 25ths of a second and saved and loaded after one of them."""
        pipeline, outputs, turn, now = Pipeline("w", self.worn), [], 0, self.start
        while now < self.start + 90:
            now += step[turn % len(step)] / 25.0  # at most 1 s: within the lag
            for sensor, samples in (("thigh", self.thigh), ("trunk", self.trunk)):
                done = int(np.searchsorted(samples.times, now - step[turn % len(step)] / 25.0))
                end = int(np.searchsorted(samples.times, now))
                outputs.append(pipeline.push(samples.block(done, end, sensor)))
            turn += 1
            if turn == saved:
                pipeline = Pipeline.load(pipeline.save(), "w", self.worn)
        outputs.append(pipeline.finish())
        frames = FrameBlock.join("w", [out.frames for out in outputs])
        episodes = [repr(e) for out in outputs for e in out.episodes]
        bits = b"".join(
            getattr(frames, name).tobytes() for name in ("times", "activity", "lean_deg")
        )
        return bits, episodes


@pytest.fixture(scope="module")
def pair(people):
    made = Pair(people)
    return made, made.play([25], 0)


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(1, 25), min_size=2, max_size=7), save=st.integers(0, 150))
def test_two_sensors_in_any_interleaving_within_the_lag_give_the_same_bits(pair, sizes, save):
    played, by_the_second = pair
    assert played.play(sizes, save) == by_the_second


@pytest.mark.parametrize("end", [0, 1, 700, 1300, 2500])
def test_saved_state_is_small_wherever_it_is_saved(people, whole, end):
    worn, samples, _ = whole[Placement.UPPER_BACK, True, True]
    pipeline = Pipeline("w", worn)
    pipeline.push(samples.block(0, end))
    assert len(pipeline.save()) < 20_000


def test_saved_state_of_two_fast_sensors_is_small(people):
    samples = people.perform([people.Act(20.9, 3)], 100.0, gyro=True)
    worn = [people.mounted(Placement.THIGH, "a"), people.mounted(Placement.UPPER_BACK, "b")]
    pipeline = Pipeline("w", worn)
    pipeline.push_together([samples.block(sensor="a"), samples.block(sensor="b")])
    assert len(pipeline.save()) < 20_000


@settings(max_examples=60, deadline=None)
@example(damage=(24, 70))  # of zlib's header, which its own check would let pass
@given(
    damage=st.one_of(st.binary(max_size=200), st.tuples(st.integers(0, 10**6), st.integers(0, 255)))
)
def test_damaged_state_is_a_state_error_and_nothing_else(people, whole, damage):
    worn, samples, _ = whole[Placement.THIGH, False, False]
    pipeline = Pipeline("w", worn)
    pipeline.push(samples.block(0, 700))
    good = bytearray(pipeline.save())
    if isinstance(damage, bytes):
        bad = damage
    else:
        at, value = damage[0] % len(good), damage[1]
        good[at] ^= value or 1
        bad = bytes(good)
    with pytest.raises(StateError):
        Pipeline.load(bad, "w", worn)


def test_state_of_another_wearer_is_refused(people):
    worn = [people.mounted(Placement.THIGH)]
    state = Pipeline("anna", worn).save()
    with pytest.raises(StateError, match="anna"):
        Pipeline.load(state, "ben", worn)


def test_a_new_calibration_restarts_the_sensor_and_keeps_the_bout(people):
    act = people.Act
    samples = people.perform([act(20, bounce_g=0.3), act(400, 88)])
    before = [people.mounted(Placement.THIGH, calibrated=False)]
    pipeline = Pipeline("w", before)
    pipeline.push(samples.block(0, 25 * 220))
    sat = pipeline.status()
    assert sat is not None and sat.bout_start == people.START + 20
    after = [people.mounted(Placement.THIGH)]
    loaded = Pipeline.load(pipeline.save(), "w", after)
    loaded.push(samples.block(25 * 220, 25 * 400))
    status = loaded.status()
    assert status is not None
    assert status.bout_start == people.START + 20
    assert status.sitting_clock_s == pytest.approx(380, abs=3)


def test_a_new_reference_closes_the_slouch_that_the_old_one_opened(people):
    samples = people.perform([people.Act(60, 20)])
    pipeline = Pipeline("w", [people.mounted(Placement.UPPER_BACK)])
    opened = people.run(pipeline, samples.block(0, 25 * 50), finish=False).opened("slouch")
    assert len(opened) == 1
    loaded = Pipeline.load(
        pipeline.save(), "w", [people.mounted(Placement.UPPER_BACK, slouch_deg=30.0)]
    )
    closed = people.run(loaded, samples.block(25 * 50)).closed("slouch")
    assert [(e.id, e.censored) for e in closed] == [(opened[0].id, True)]


def test_a_long_push_is_the_same_as_many_short_ones(people):
    samples = people.perform([people.Act(2000, 10), people.Act(700, 80)], 50.0)
    worn = [people.mounted(Placement.UPPER_BACK)]
    assert len(samples.times) > 1 << 16
    blocks = [samples.block(i, i + 777) for i in range(0, len(samples.times), 777)]
    assert people.run(Pipeline("w", worn), samples.block()) == people.run(
        Pipeline("w", worn), *blocks
    )


def test_blocks_of_no_samples_change_nothing(people):
    worn = [Mounted("s", Placement.THIGH, None)]
    pipeline = Pipeline("w", worn)
    empty = SampleBlock("s", np.empty(0), np.empty((0, 3)), None, 25.0, lost_before=3)
    out = pipeline.push(empty)
    assert len(out.frames) == 0 and out.episodes == ()
    assert pipeline.status() is None


def test_a_second_that_is_held_over_a_short_hole_does_not_depend_on_what_was_seen_with_it(people):
    samples = people.perform([people.Act(20, 85), people.Act(20, 88)], 12.5, noise_g=0.01)
    at = samples.times - people.START
    samples = samples.without((at < 19.3) | (at > 21.35))
    worn = [people.mounted(Placement.THIGH)]
    whole = people.run(Pipeline("w", worn), samples.block())
    blocks = [samples.block(i, i + 1) for i in range(len(samples.times))]
    assert people.run(Pipeline("w", worn), *blocks) == whole
