"""Trunk turns from one gyro: what counts, which way, and that a walk has none."""

import numpy as np
import pytest

from analysis import Pipeline, analyse
from domain.placement import Placement
from domain.samples import Recording, SampleBlock

START = 1_700_000_000


def seated(seconds, *turns, rate_hz=25.0, walk=(0, 0), seed=0):
    """Upright, turning by each (second, deg to the left) within a second; steps at 1.9 Hz within `walk`."""
    draw = np.random.default_rng(seed)
    n = round(rate_hz * seconds)
    t = np.arange(n) / rate_hz
    rate = np.zeros(n)
    for at, change in turns:
        x = t - at
        rate += np.where((x >= 0) & (x < 1), 6 * change * x * (1 - x), 0.0)
    acc = np.tile([0.0, 0.0, 1.0], (n, 1)) + draw.normal(0, 0.002, (n, 3))
    stepping = (t >= walk[0]) & (t < walk[1])
    acc[:, 2] += stepping * 0.3 * np.sin(2 * np.pi * 1.9 * t)
    gyro = draw.normal(0, 0.05, (n, 3))
    gyro[:, 2] += rate
    return Recording(START + t, acc, gyro)


def turns(recording, place="upper_back"):
    return [e for e in analyse({place: recording}).episodes if e.kind == "turn"]


@pytest.mark.parametrize("change", [35.0, -35.0])
def test_a_turn_there_and_back_is_one_turn_with_its_side(change):
    (turn,) = turns(seated(120, (60, change), (70, -change)))
    assert turn.start == START + 60
    assert turn.end in (START + 70, START + 71)
    assert turn.peak == pytest.approx(change, abs=1.0)
    assert turn.dose == pytest.approx(55.0, abs=16.0)  # there, and most of the way back
    assert turn.mean == pytest.approx(turn.dose / (turn.end - turn.start))
    assert turn.limit == 20.0 and turn.placement == "upper_back"


def test_a_smaller_turn_is_none():
    assert not turns(seated(120, (60, 15.0), (70, -15.0)))


def test_whoever_stays_turned_faces_there_after_a_minute():
    found = turns(seated(300, (60, 60.0)))
    assert len(found) == 1
    assert 20 < found[0].end - found[0].start <= 65


def test_turns_while_walking_are_not_counted():
    recording = seated(200, (90, 90.0), (100, -90.0), (110, 90.0), walk=(80, 150))
    assert not turns(recording)
    rate = analyse({"upper_back": recording}).frames.turn_dps
    assert rate[90] > 60.0  # the rate is known all the same


def test_a_brisk_turn_that_shakes_the_sensor_for_a_second_is_still_a_turn():
    recording = seated(120, (60, 60.0), (70, -60.0), walk=(60, 61.5))
    assert len(turns(recording)) == 1


def test_with_a_second_gyro_at_the_seat_twists_are_told_instead():
    found = analyse(
        {"upper_back": seated(150, (80, 35.0), (90, -35.0)), "seat": seated(150, seed=1)}
    ).episodes
    assert not [e for e in found if e.kind == "turn"]


def test_a_belt_with_a_gyro_tells_turns_too():
    assert len(turns(seated(120, (60, 35.0), (70, -35.0)), "waist")) == 1


def test_a_turn_that_is_saved_in_its_middle_goes_on(people):
    recording = seated(120, (60, 35.0), (70, -35.0))
    worn = [people.mounted(Placement.UPPER_BACK)]
    block = SampleBlock("s", recording.times, recording.acc_g, recording.gyro_dps, 25.0)
    whole = people.run(Pipeline("w", worn), block)
    end = 25 * 65 + 7
    pipeline = Pipeline("w", worn)
    first = pipeline.push(
        SampleBlock("s", block.times[:end], block.acc_g[:end], block.gyro_dps[:end], 25.0)
    )
    pipeline = Pipeline.load(pipeline.save(), "w", worn)
    rest = people.run(
        pipeline, SampleBlock("s", block.times[end:], block.acc_g[end:], block.gyro_dps[end:], 25.0)
    )
    assert not [e for e in first.episodes if e.kind == "turn"]
    assert rest.closed("turn") == whole.closed("turn") != []


@pytest.mark.parametrize("change", [35.0, -35.0])
def test_a_trial_of_seconds_with_two_gyros_tells_turns_since_it_can_judge_no_twist(change):
    trunk, seat = seated(40, (20, change), (27, -change)), seated(40, seed=1)
    result = analyse({"upper_back": trunk, "seat": seat})
    (turn,) = [e for e in result.episodes if e.kind in ("turn", "twist")]
    assert (turn.kind, turn.start) == ("turn", START + 20)
    assert turn.peak == pytest.approx(change, abs=1.5)
    assert np.median(result.frames.twist_deg[22:26]) == pytest.approx(change, abs=1.5)


def test_a_turn_that_goes_on_when_twists_can_be_judged_ends_there():
    trunk, seat = seated(120, (50, 35.0), (90, -35.0)), seated(120, seed=1)
    result = analyse({"upper_back": trunk, "seat": seat})
    (turn,) = [e for e in result.episodes if e.kind == "turn"]
    assert turn.censored
    assert turn.end == START + 60
    (twist,) = [e for e in result.episodes if e.kind == "twist"]
    assert (twist.start, twist.limit) == (START + 60, 20.0)
