"""The stream: gaps, late samples, broken values, rates, advance, finish, status."""

import numpy as np
import pytest

from analysis import AnalysisSettings, Mounted, Pipeline, analyse
from domain.errors import ConfigError, InputError
from domain.placement import Placement
from domain.posture import Activity, Quality
from domain.samples import Recording, SampleBlock


def sitting_thigh(people, seconds=120, rate_hz=25.0):
    return people.perform([people.Act(seconds, 85)], rate_hz)


def thigh(people):
    return [people.mounted(Placement.THIGH)]


def test_a_second_is_judged_as_soon_as_a_sample_after_it_has_come(people):
    samples = sitting_thigh(people)
    pipeline = Pipeline("w", thigh(people))
    assert len(pipeline.push(samples.block(0, 25)).frames) == 0
    frames = pipeline.push(samples.block(25, 26)).frames
    assert frames.times.tolist() == [people.START]
    assert frames.activity.tolist() == [Activity.SITTING]


def test_advance_closes_seconds_as_unknown_when_nothing_comes(people):
    samples = sitting_thigh(people, 10)
    pipeline = Pipeline("w", thigh(people))
    pipeline.push(samples.block())
    frames = pipeline.advance(people.START + 20.5).frames
    assert frames.times[-1] == people.START + 19
    assert frames.activity[-1] == Activity.UNKNOWN
    assert frames.quality[-1] == Quality.GAP
    assert len(pipeline.advance(people.START + 20.9).frames) == 0


def test_advance_ends_the_bout_when_a_minute_has_gone_by_and_then_gives_no_more_frames(people):
    pipeline = Pipeline("w", thigh(people))
    pipeline.push(sitting_thigh(people, 100).block())
    out = pipeline.advance(people.START + 100 + 500)
    ended = [(e.end, e.censored) for e in out.episodes if e.kind == "sitting"]
    assert ended == [(people.START + 101, True)]  # a second longer: the last one was held
    assert out.frames.times[-1] == people.START + 99 + 60
    assert len(pipeline.advance(people.START + 900).frames) == 0


def test_samples_that_come_after_their_second_was_closed_are_late_and_counted(people):
    samples = sitting_thigh(people, 20)
    pipeline = Pipeline("w", thigh(people))
    pipeline.push(samples.block(0, 250))
    pipeline.advance(people.START + 12)
    pipeline.push(samples.block(250, 500))
    assert pipeline.late == 50


def test_repeated_samples_are_counted_and_change_nothing(people):
    samples = sitting_thigh(people, 30)
    once = people.run(Pipeline("w", thigh(people)), samples.block())
    pipeline = Pipeline("w", thigh(people))
    twice = people.run(
        pipeline,
        samples.block(0, 400),
        samples.block(200, 400),
        samples.block(300),
        samples.block(),
    )
    assert twice == once
    assert pipeline.late == 200 + 100 + len(samples.times)


def test_a_gap_gives_at_most_a_minute_of_unknown_frames(people):
    samples = sitting_thigh(people, 60)
    samples.times[25 * 30 :] += 86400.0
    frames = people.run(Pipeline("w", thigh(people)), samples.block()).frames
    assert len(frames) == 30 + 60 + 30
    assert np.sum(frames.activity == Activity.UNKNOWN) == 60 - 1  # the first is held for its age


def test_a_gap_beyond_all_reason_costs_nothing(people):
    samples = sitting_thigh(people, 4)
    samples.times[50:] += 1e11
    assert len(people.run(Pipeline("w", thigh(people)), samples.block()).frames) == 64


def test_a_hole_under_two_seconds_is_held_and_flagged(people):
    samples = sitting_thigh(people, 30)
    keep = (samples.times < people.START + 10.0) | (samples.times > people.START + 11.4)
    frames = people.run(Pipeline("w", thigh(people)), samples.without(keep).block()).frames
    assert set(frames.activity) == {Activity.SITTING}
    assert frames.quality[10] & Quality.GAP


@pytest.mark.parametrize("rate_hz", [12.5, 25.0, 52.0, 100.0, 200.0])
@pytest.mark.parametrize("gyro", [False, True])
def test_any_rate_gives_the_same_posture(people, rate_hz, gyro):
    act = people.Act
    samples = people.perform([act(20, 10), act(20, 30), act(20, -80)], rate_hz, gyro=gyro)
    frames = people.run(Pipeline("w", [people.mounted(Placement.STERNUM)]), samples.block()).frames
    assert len(frames) == 60
    assert frames.lean_deg[10] == pytest.approx(10, abs=0.3)
    assert frames.lean_deg[30] == pytest.approx(30, abs=0.3)
    assert frames.activity[50] == Activity.LYING


def test_a_sensor_of_one_sample_a_second_is_followed(people):
    samples = people.perform([people.Act(120, 85)], 0.8, noise_g=0.001)
    frames = people.run(Pipeline("w", thigh(people)), samples.block()).frames
    assert set(frames.activity) == {Activity.SITTING}


def test_broken_values_are_left_out_and_flagged(people):
    samples = sitting_thigh(people, 30)
    samples.acc_g[250:260] = np.nan
    samples.acc_g[400, 1] = np.inf
    samples.acc_g[500] = 900.0
    frames = people.run(Pipeline("w", thigh(people)), samples.block()).frames
    assert set(frames.activity) == {Activity.SITTING}
    flagged = np.flatnonzero(frames.quality & int(Quality.INVALID))
    assert flagged.tolist() == [10, 16, 20]


def test_nothing_but_broken_values_gives_no_frames(people):
    samples = sitting_thigh(people, 10)
    samples.acc_g[:] = np.nan
    assert len(people.run(Pipeline("w", thigh(people)), samples.block()).frames) == 0


def test_the_end_of_the_range_is_flagged(people):
    samples = sitting_thigh(people, 30)
    samples.acc_g[250:255, 2] = 2.0
    frames = people.run(Pipeline("w", thigh(people)), samples.block()).frames
    assert np.flatnonzero(frames.quality & int(Quality.SATURATED)).tolist() == [10]


@pytest.mark.parametrize("placement", [Placement.THIGH, Placement.UPPER_BACK])
def test_the_end_of_the_range_of_a_gyro_is_flagged_too_and_is_no_fault(people, placement):
    samples = people.perform([people.Act(30, 5)], 25.0)
    gyro = np.random.default_rng(0).normal(0.0, 0.1, (len(samples.times), 3))
    gyro[250:253, 1] = -245.0
    gyro[400:402, 1] = 245.0  # twice alike is chance
    gyro[500, 2] = np.nan
    block = SampleBlock("s", samples.times, samples.acc_g, gyro, 25.0)
    pipeline = Pipeline("w", [people.mounted(placement)])
    frames = people.run(pipeline, block).frames
    assert np.flatnonzero(frames.quality & int(Quality.SATURATED)).tolist() == [10]
    assert not np.any(frames.quality & int(Quality.FAULT))


def test_lost_samples_are_flagged_in_their_second(people):
    samples = sitting_thigh(people, 30)
    late = samples.block(300)
    lost = SampleBlock("s", late.times, late.acc_g, None, 25.0, lost_before=7)
    frames = people.run(Pipeline("w", thigh(people)), samples.block(0, 290), lost).frames
    assert np.flatnonzero(frames.quality & int(Quality.LOST)).tolist() == [12]


def test_a_sensor_far_behind_is_gone_and_the_others_do_not_wait(people):
    a, b = sitting_thigh(people, 30), people.perform([people.Act(30, 12)])
    worn = [people.mounted(Placement.THIGH, "a"), people.mounted(Placement.UPPER_BACK, "b")]
    pipeline = Pipeline("w", worn)
    shown = []
    for second in range(8):
        rows = (25 * second, 25 * second + 25)
        if second < 3:
            pipeline.push(a.block(*rows, "a"))
        shown.append(len(pipeline.push(b.block(*rows, "b")).frames))
    # The last sample of a is at 2.96 s: it is waited for until b has passed 4.96 s.
    assert shown == [0, 1, 1, 0, 0, 3, 1, 1]


def test_movement_intensity_is_in_milli_g(people):
    still = people.run(Pipeline("w", thigh(people)), sitting_thigh(people, 20).block()).frames
    assert np.all(still.mad_mg < 10)
    assert np.all(still.enmo_mg < 10)
    samples = people.perform([people.Act(20, 0, bounce_g=0.5)], 50.0, noise_g=1e-6)
    moving = people.run(Pipeline("w", thigh(people)), samples.block()).frames
    # Mean of |sin| is 2 / pi; half of it is above 1 g.
    assert moving.mad_mg[5] == pytest.approx(500 * 2 / np.pi, rel=0.02)
    assert moving.enmo_mg[5] == pytest.approx(500 / np.pi, rel=0.02)


def test_status_tells_what_is_so_now(people):
    act = people.Act
    samples = people.perform([act(100, 85), act(30, 2)])
    pipeline = Pipeline("w", thigh(people))
    pipeline.push(samples.block())
    status = pipeline.status()
    assert status is not None
    assert status.activity is Activity.STANDING
    assert status.activity_since == pytest.approx(people.START + 100, abs=1)
    assert status.time == people.START + 128
    assert status.bout_start == people.START
    assert status.upright_s == pytest.approx(29, abs=1)
    assert status.sitting_clock_s == pytest.approx(100, abs=1)
    assert any("trunk" in reason for reason in status.reasons)


def test_finish_closes_what_is_open_as_censored(people):
    result = people.run(Pipeline("w", thigh(people)), sitting_thigh(people, 100).block())
    (episode,) = result.closed("sitting")
    assert (episode.start, episode.end, episode.censored) == (
        people.START,
        people.START + 100,
        True,
    )
    assert episode.dose == 100
    assert episode.placement == "thigh"


def test_a_sensor_that_is_not_worn_here_is_refused(people):
    pipeline = Pipeline("w", thigh(people))
    with pytest.raises(InputError, match="other"):
        pipeline.push(sitting_thigh(people).block(sensor="other"))


@pytest.mark.parametrize("ids", [[], ["a", "a"]])
def test_a_pipeline_needs_sensors_with_different_ids(ids):
    with pytest.raises(InputError):
        Pipeline("w", [Mounted(name, Placement.THIGH, None) for name in ids])


def test_offline_gives_every_episode_once_in_its_final_form(people):
    act = people.Act
    thigh_ = people.perform([act(300, 85), act(100, 2), act(300, 85)])
    trunk = people.perform([act(300, 5), act(100, 2), act(300, 18)])
    out = analyse(
        {
            "thigh": Recording(thigh_.times, thigh_.acc_g),
            "upper_back": Recording(trunk.times, trunk.acc_g),
        },
        calibration={
            "thigh": people.calibration(Placement.THIGH),
            "upper_back": people.calibration(Placement.UPPER_BACK),
        },
    )
    assert len(out.frames) == 700
    kinds = [e.kind.value for e in out.episodes]
    assert kinds == ["sitting", "break", "shift", "sitting", "slouch"]
    assert all(e.end is not None for e in out.episodes)


def test_offline_is_the_stream(people):
    act = people.Act
    samples = people.perform([act(100, 85), act(100, 2), act(300, 85)])
    offline = analyse({"thigh": Recording(samples.times, samples.acc_g)})
    worn = [Mounted("thigh", Placement.THIGH, offline.calibration["thigh"])]
    blocks = [samples.block(i, i + 40, "thigh") for i in range(0, len(samples.times), 40)]
    live = people.run(Pipeline("recording", worn), *blocks)
    assert live.frames.activity.tobytes() == offline.frames.activity.tobytes()


def test_offline_refuses_an_unknown_placement(people):
    with pytest.raises(InputError, match="knee"):
        analyse({"knee": Recording(np.arange(3.0), np.zeros((3, 3)))})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gap_s", 0.0), ("slouch_delay_s", float("nan")), ("thigh_sit_deg", "45"), ("bridge_s", True),
        ("lying_leave_deg", 75.0), ("full_break_s", 60.0), ("running_sd_g", 3.0),
    ],
)  # fmt: skip
def test_a_setting_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(ConfigError) as refused:
        AnalysisSettings(**{name: value})
    assert refused.value.path == name
