"""State is saved and loaded in the middle of every kind of episode, and nothing shows it.

A machine that is added adds a line to SCRIPTS: acts in which its episode opens, lasts and closes.
"""

import numpy as np
import pytest

from analysis import Pipeline
from domain.episodes import EpisodeKind
from domain.placement import Placement
from domain.posture import FrameBlock

#: Kind of episode: placement, and acts as (seconds, lean_deg, side_deg, bounce_g).
SCRIPTS = {
    "sitting": (
        Placement.THIGH,
        [(10, 2, 0, 0.3), (40, 85, 0, 0), (70, 2, 0, 0.3), (10, 85, 0, 0)],
    ),
    "break": (Placement.THIGH, [(30, 85, 0, 0), (90, 2, 0, 0.3), (30, 85, 0, 0)]),
    "slouch": (Placement.UPPER_BACK, [(10, 3, 0, 0), (45, 18, 0, 0), (10, 3, 0, 0)]),
    "not_worn": (
        Placement.UPPER_BACK,
        [(20, 5, 0, 0), (5, 40, 0, 0.4), (640, 170, 0, 0), (40, 5, 0, 0.3)],
    ),
    "shift": (Placement.UPPER_BACK, [(40, 3, 0, 0), (40, 12, 0, 0), (40, 3, 0, 0)]),
    "bend": (Placement.UPPER_BACK, [(20, 3, 0, 0), (3, 55, 0, 0), (20, 3, 0, 0)]),
    "held_bend": (Placement.UPPER_BACK, [(20, 3, 0, 0), (40, 45, 0, 0), (20, 3, 0, 0)]),
    "side_bend": (Placement.UPPER_BACK, [(20, 3, 0, 0), (70, 3, 16, 0), (20, 3, 0, 0)]),
    "turn": (Placement.UPPER_BACK, [(130, 0, 0, 0)]),
    "twist": (Placement.UPPER_BACK, [(190, 0, 0, 0)]),
}
#: Of those that only gyros tell: (second, deg to the left that it turns by within a second) of the trunk, and
#: where a second sensor is worn.
TURNED = {
    "turn": ([(70, 40.0), (82, -40.0)], None),
    "twist": ([(70, 30.0), (112, -30.0)], Placement.WAIST),
}
RATE_HZ = 10.0


def test_every_kind_of_episode_has_a_script():
    assert set(SCRIPTS) == {kind.value for kind in EpisodeKind}


def played(people, kind, *, gyro):
    placement, acts = SCRIPTS[kind]
    turned, second = TURNED.get(kind, ([], None))
    worn, samples = [], []
    for number, place in enumerate([placement] if second is None else [placement, second]):
        doing = [people.Act(*act) for act in acts]
        one = people.perform(doing, RATE_HZ, gyro=gyro, noise_g=0.002, seed=number)
        t = one.times - people.START
        for at, deg in [] if number else turned:
            one.gyro_dps[:, 2] += ((t >= at) & (t < at + 1)) * deg
        worn.append(people.mounted(place, f"s{number}"))
        samples.append(one)
    return worn, samples


@pytest.mark.parametrize(
    ("kind", "gyro"),
    [(kind, gyro) for kind in SCRIPTS for gyro in (False, True) if gyro or kind not in TURNED],
)
def test_saving_in_the_middle_of_an_episode_changes_no_bit(people, kind, gyro):
    worn, samples = played(people, kind, gyro=gyro)

    def push(pipeline, start, end=None):
        blocks = [one.block(start, end, f"s{i}") for i, one in enumerate(samples)]
        return pipeline.push_together(blocks)

    pipeline = Pipeline("w", worn)
    outputs = [push(pipeline, 0), pipeline.finish()]
    frames = FrameBlock.join("w", [out.frames for out in outputs])
    whole = people.Result(frames, [e for out in outputs for e in out.episodes])
    closed = whole.closed(kind)[0]
    assert closed.end > closed.start  # some kinds are told when they end, and are pending till then
    ends = {float(people.START), float(closed.start), float(closed.end)}
    saves = sorted(at + by for at in ends for by in (-3.25, 0.0, 2.05) if at + by > people.START)
    saves += [closed.start + (closed.end - closed.start) * share for share in (0.3, 0.6, 0.9)]
    pipeline, outputs, done = Pipeline("w", worn), [], 0
    for at in sorted(saves):
        end = int(np.searchsorted(samples[0].times, at))
        outputs.append(push(pipeline, done, end))
        pipeline = Pipeline.load(pipeline.save(), "w", worn)
        done = end
    outputs += [push(pipeline, done), pipeline.finish()]
    frames = FrameBlock.join("w", [out.frames for out in outputs])
    assert people.Result(frames, [e for out in outputs for e in out.episodes]) == whole


@pytest.mark.parametrize("rate_hz", [12.5, 20.0, 25.0, 31.25, 50.0, 100.0, 200.0])
def test_a_slouch_is_the_same_at_any_rate_with_jitter_and_repeated_samples(people, rate_hz):
    act = people.Act
    samples = people.perform([act(20, 3), act(50, 18), act(20, 3)], rate_hz, noise_g=0.002)
    draw = np.random.default_rng(4)
    times = samples.times + draw.uniform(0.0, 0.4 / rate_hz, len(samples.times))
    jittered = type(samples)(times, samples.acc_g, None, rate_hz)
    pipeline, outputs, step = Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), [], 37
    for at in range(0, len(times), step):
        outputs.append(pipeline.push(jittered.block(max(0, at - 5), at + step)))  # five come twice
    outputs.append(pipeline.finish())
    assert pipeline.late == 5 * (len(range(0, len(times), step)) - 1)
    (episode,) = [e for out in outputs for e in out.episodes if e.kind == "slouch" and e.end]
    assert episode.start == pytest.approx(people.START + 20, abs=1)
    assert episode.end == pytest.approx(people.START + 70, abs=1)
    assert episode.mean == pytest.approx(18.0, abs=0.3)


@pytest.mark.parametrize("step_s", [-3.0, -0.4, 0.5, 5.0, 3600.0, -3600.0])
def test_a_stepped_clock_gives_each_second_once_and_in_order(people, step_s):
    samples = people.perform([people.Act(60, 85)], 25.0)
    times = samples.times.copy()
    times[750:] += step_s
    pipeline = Pipeline("w", [people.mounted(Placement.THIGH)])
    outputs = []
    for at in range(0, 1500, 25):
        block = type(samples)(times[at : at + 25], samples.acc_g[at : at + 25], None, 25.0).block()
        outputs.append(pipeline.push(block))
    outputs.append(pipeline.finish())
    seconds = FrameBlock.join("w", [out.frames for out in outputs]).times
    assert (np.diff(seconds) > 0).all()
    assert pipeline.late == sum(times[750:] <= times[749]) if step_s < 0 else pipeline.late == 0


def test_a_smeared_leap_second_leaves_no_second_out(people):
    samples = people.perform([people.Act(120, 85)], 25.0)
    at = samples.times - people.START
    times = people.START + at - np.clip(at - 20.0, 0.0, 80.0) / 80.0  # one second lost in eighty
    smeared = type(samples)(times, samples.acc_g, None, 25.0)
    frames = people.run(Pipeline("w", [people.mounted(Placement.THIGH)]), smeared.block()).frames
    assert np.array_equal(frames.times, people.START + np.arange(119))
    assert (frames.quality == 0).all()
