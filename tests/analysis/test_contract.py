"""The contract for whoever measures the analysis on data of their own (docs/evaluation.md)."""

import inspect
import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import Activity, AnalysisSettings, Mounted, Pipeline, Recording, analyse, calibrate
from domain.errors import CalibrationRefused, ConfigError, InputError
from domain.placement import Placement
from domain.posture import COLUMNS
from tests.docs.markdown import blocks, section, table

PROMISED = (
    "time", "activity", "p_sitting", "lean_deg", "side_deg", "twist_deg", "turn_dps", "mad_mg", "enmo_mg",
    "cadence_spm", "confidence", "quality",
)  # fmt: skip


@pytest.fixture
def walker(people):
    """A thigh that stands, walks, sits: 40, 40 and 60 s at 25 Hz."""
    act = people.Act
    samples = people.perform([act(40), act(40, bounce_g=0.4), act(60, 85)], gyro=True)
    return Recording(samples.times, samples.acc_g, samples.gyro_dps)


def test_the_columns_are_had_by_name_in_both_ways(walker):
    frames = analyse({"thigh": walker}).frames
    for name in PROMISED:
        assert frames[name] is getattr(frames, name)
        assert len(frames[name]) == len(frames) == 140
        assert name in frames
    assert set(dict(frames)) == set(frames.keys()) >= set(PROMISED)
    with pytest.raises(KeyError, match="lean_deg"):
        frames["lean"]


def test_activities_have_numbers_and_words(walker):
    frames = analyse({"thigh": walker}).frames
    assert [str(word) for word in frames.activity_names] == [
        Activity(int(number)).word for number in frames.activity
    ]
    assert {"moving", "sitting"} <= set(frames.activity_names.tolist())


@pytest.mark.parametrize("place", list(Placement))
def test_every_placement_gives_frames_without_a_calibration(walker, place):
    result = analyse({place.value: walker}, detail=True)
    assert len(result.frames) == 140
    assert np.isfinite(result.frames.mad_mg).all()
    assert all(m.value is not None or m.reason for m in result.metrics.values())
    assert len(result.detail[place.value].time) == len(walker.times)


@given(
    st.sampled_from(list(Placement)),
    st.integers(1, 40),
    st.sampled_from([1.0, 7.0, 25.0, 100.0]),
    st.booleans(),
)
def test_the_shortest_trials_give_frames(place, n, rate_hz, gyro):
    acc = np.tile([0.1, 0.2, 0.97], (n, 1))
    times = 5.3 + np.arange(n) / rate_hz
    result = analyse({place.value: Recording(times, acc, acc * 0 if gyro else None)}, detail=True)
    wanted = np.unique(np.floor(times)).tolist()
    assert result.frames.time.tolist() == wanted


def test_what_could_not_be_measured_has_a_reason_and_what_could_has_none(walker):
    result = analyse({"thigh": walker})
    for name in PROMISED[2:10]:
        assert (name in result.reasons) == bool(np.isnan(result.frames[name]).all()), name
    assert "two sensors" in result.reasons["twist_deg"]
    assert all(reason.endswith(".") for reason in result.reasons.values())
    bare = analyse({"wrist": Recording(walker.times, walker.acc_g)}).reasons
    assert "thigh" in bare["activity"]
    assert "gyroscope" in bare["turn_dps"]


def test_metrics_are_had_by_name_and_have_a_value_or_a_reason(people, walker):
    result = analyse({"thigh": walker})
    sat = result.metrics["sitting_s"]
    assert sat.value == pytest.approx(60, abs=2)
    assert sat.sensors == ("thigh",)
    for name, metric in result.metrics.items():
        assert metric.name == name
        assert (metric.value is None) == (name in result.reasons), name
    act = people.Act
    trunk = people.perform([act(120, 5.0), act(60, 25.0)])
    bare = analyse({"sternum": Recording(trunk.times, trunk.acc_g)})
    assert bare.metrics["slouches"].value is None
    assert "calibrate" in bare.reasons["slouches"]


def test_a_calibration_may_be_one_or_by_placement(people):
    act = people.Act
    samples = people.perform([act(60, 12.0)])
    recording = Recording(samples.times, samples.acc_g)
    known = people.calibration(Placement.STERNUM)
    alone = analyse({"sternum": recording}, calibration=known)
    named = analyse({"sternum": recording}, calibration={"sternum": known})
    assert np.median(alone.frames.lean_deg) == pytest.approx(12.0, abs=0.1)
    assert alone.frames.lean_deg.tobytes() == named.frames.lean_deg.tobytes()
    assert alone.calibration["sternum"] is known
    with pytest.raises(InputError, match="recordings of thigh"):
        analyse({"thigh": recording}, calibration=known)
    with pytest.raises(InputError, match="made for 'sternum'"):
        analyse({"upper_back": recording}, calibration={"upper_back": known})


def test_walking_that_comes_late_in_a_recording_counts_from_its_start(people):
    act = people.Act
    samples = people.perform([act(60, 85), act(30, 2), act(40, bounce_g=0.4), act(60, 85)])
    result = analyse({"thigh": Recording(samples.times, samples.acc_g)})
    assert result.calibration["thigh"].method == "automatic"
    assert set(result.frames.activity_names[2:58]) == {"sitting"}
    assert set(result.frames.activity_names[63:88]) == {"standing"}
    first = result.episodes[0]
    assert (first.kind, first.start) == ("sitting", people.START)


@pytest.mark.parametrize("place", [Placement.UPPER_BACK, Placement.STERNUM, Placement.LOWER_BACK])
def test_walking_gives_a_reference_however_the_sensor_is_mounted(people, flips, place):
    act = people.Act
    lean = 6.0 if place is not Placement.LOWER_BACK else 0.0
    acts = [act(60, 30.0), act(30), act(40, lean, bounce_g=0.3), act(60, 40.0), act(60, -80.0)]
    samples = people.perform(acts)
    for matrix in flips:
        turned = samples.turned(matrix)
        result = analyse({place.value: Recording(turned.times, turned.acc_g)})
        known = result.calibration[place.value]
        assert known.method == "automatic"
        up = np.array(known.rotation) @ matrix @ [0.0, 0.0, 1.0]
        assert np.degrees(np.arccos(up[2])) < 13.0
        assert set(result.frames.activity_names[-50:]) == {"lying"}


def test_bends_show_where_forward_is_against_the_convention(people):
    act = people.Act
    acts = [act(30), act(40, 6.0, bounce_g=0.3), act(30), act(8, 55.0), act(30), act(8, 50.0)]
    turned = people.perform([*acts, act(60, 12.0)]).turned(np.diag([-1.0, -1.0, 1.0]))
    face = turned.turned(np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]]))
    frames = analyse({"sternum": Recording(face.times, face.acc_g)}).frames
    assert np.median(frames.lean_deg[103:106]) == pytest.approx(55.0, abs=9.0)
    assert np.median(frames.lean_deg[-50:]) == pytest.approx(12.0, abs=9.0)


def test_nobody_walks_then_the_convention_is_assumed_and_said_so(people):
    act = people.Act
    flat = people.perform([act(120, 85.0)])  # z up when standing; here x carries the face
    face = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    turned = flat.turned(face)
    result = analyse({"thigh": Recording(turned.times, turned.acc_g)})
    assert result.calibration["thigh"].method == "assumed"
    assert set(result.frames.activity_names) == {"sitting"}
    assert (result.frames.confidence <= 0.7).all()
    assert "assumed" in result.reasons["calibration"]
    live = Pipeline("w", [Mounted("thigh", Placement.THIGH, None)])
    assert set(people.run(live, turned.block(sensor="thigh")).activities()) == {"unknown"}


def test_a_trunk_that_begins_upright_and_lies_down_is_told_without_walking(people, flips):
    act = people.Act
    samples = people.perform([act(60, 5.0), act(120, -85.0), act(60, 5.0)])
    for matrix in flips:
        turned = samples.turned(matrix)
        result = analyse({"waist": Recording(turned.times, turned.acc_g)})
        assert result.calibration["waist"].method == "assumed"
        lies = result.frames.activity == Activity.LYING
        assert lies[66:178].all()
        assert not lies[:60].any()
        assert not lies[185:].any()
        assert result.frames.confidence[lies].max() <= 0.7
        assert (result.frames.quality & 16 > 0).all()


def test_a_trunk_that_begins_in_bed_is_told_by_sitting_this_way_and_that(people, flips):
    act = people.Act
    sits = [act(20, -30.0), act(20, -10.0), act(20, 5.0), act(20, -20.0)]
    samples = people.perform([act(120, -85.0), *sits, act(60, -85.0, 60.0), act(60, -85.0)])
    for matrix in flips:
        turned = samples.turned(matrix)
        result = analyse({"sternum": Recording(turned.times, turned.acc_g)})
        assert result.calibration["sternum"].method == "assumed"
        lies = result.frames.activity == Activity.LYING
        assert lies[6:118].all()
        assert not lies[124:199].any()
        assert lies[206:].all()


def test_the_noise_of_a_radio_with_holes_is_no_walk_though_it_is_as_strong(people):
    whole = people.perform([people.Act(120, -85.0)], 20.0, noise_g=0.15)
    samples = whole.without(np.random.default_rng(2).random(len(whole.times)) < 0.4)
    result = analyse({"sternum": Recording(samples.times, samples.acc_g)})
    assert result.calibration["sternum"].method == "assumed"


@pytest.mark.parametrize("face", [1.0, -1.0])
def test_a_box_whose_face_looks_up_on_the_belt_of_a_walker_is_not_lying(people, face):
    act = people.Act
    samples = people.perform([act(2), act(7, bounce_g=0.4), act(2)], 50.0)
    acc = samples.acc_g * [1.0, face, face]
    for place in ("waist", "lower_back", "upper_back"):
        result = analyse({place: Recording(samples.times, acc)})
        assert "lying" not in result.frames.activity_names, place
        assert np.count_nonzero(result.frames.activity == Activity.MOVING) >= 5
    still = people.perform([act(11)], 50.0)
    lies = analyse({"upper_back": Recording(still.times, still.acc_g * [1.0, face, face])})
    assert "lying" in lies.frames.activity_names


def test_a_clip_of_a_second_may_be_the_upright_pose(people):
    act = people.Act
    tilt = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    upright = people.perform([act(1, 4.0)], noise_g=0.05).turned(tilt)
    slouched = people.perform([act(3, 22.0)]).turned(tilt)
    clip = Recording(upright.times, upright.acc_g * 1.06)
    with pytest.raises(CalibrationRefused, match="upright"):
        calibrate(clip, placement="upper_back")
    known = calibrate(clip, placement="upper_back", forward_hint=tuple(tilt[:, 0]), clips=True)
    assert known.sensor == "upper_back"
    assert known.made_at == upright.times[-1]
    assert 3.0 < known.sigma_deg < 10.0
    frames = analyse(
        {"upper_back": Recording(slouched.times, slouched.acc_g)}, calibration=known
    ).frames
    assert frames.lean_deg == pytest.approx(18.0, abs=1.5)
    with pytest.raises(InputError, match="there are"):
        calibrate(clip, placement="back")


def test_settings_may_be_values_by_name(walker):
    ours = analyse({"thigh": walker}, settings={"thigh_sit_deg": 50.0})
    same = analyse({"thigh": walker}, settings=AnalysisSettings(thigh_sit_deg=50.0))
    assert ours.frames.activity.tobytes() == same.frames.activity.tobytes()
    with pytest.raises(ConfigError, match=r"there are .*thigh_sit_deg") as refused:
        analyse({"thigh": walker}, settings={"thigh_sits_deg": 50.0})
    assert refused.value.path == "thigh_sits_deg"


def test_detail_is_at_the_sensors_own_rate_and_only_when_asked_for(people):
    act = people.Act
    samples = people.perform([act(20), act(20, 30.0)], gyro=True)
    recording = Recording(samples.times, samples.acc_g, samples.gyro_dps)
    known = people.calibration(Placement.UPPER_BACK)
    assert analyse({"upper_back": recording}, calibration=known).detail is None
    detail = analyse({"upper_back": recording}, calibration=known, detail=True).detail["upper_back"]
    assert detail.time.tobytes() == recording.times.tobytes()
    assert detail["lean_deg"] is detail.lean_deg
    assert detail.lean_deg[-200:] == pytest.approx(30.0, abs=0.5)
    assert detail.inclination_deg[-200:] == pytest.approx(30.0, abs=0.5)
    assert np.abs(detail.heading_deg).max() < 2.0
    assert set(dict(detail)) == {"time", "lean_deg", "side_deg", "inclination_deg", "heading_deg"}


def test_detail_without_a_gyro_is_not_late(people):
    """A ramp: a filter whose delay is not made good for would lag behind it."""
    lean = np.clip(np.arange(1000) / 25.0 - 10.0, 0.0, 20.0)
    acc = np.column_stack([-np.sin(np.radians(lean)), np.zeros(1000), np.cos(np.radians(lean))])
    known = people.calibration(Placement.UPPER_BACK)
    detail = analyse(
        {"upper_back": Recording(np.arange(1000) / 25.0, acc)}, calibration=known, detail=True
    ).detail["upper_back"]
    assert detail.lean_deg[300:700] == pytest.approx(lean[300:700], abs=0.2)
    assert np.isnan(detail.heading_deg).all()


def test_a_clock_from_any_zero_gives_the_same_frames_and_episodes(people):
    act = people.Act
    samples = people.perform([act(60), act(400, 85), act(120)])
    known = people.calibration(Placement.THIGH)
    results = [
        analyse({"thigh": Recording(samples.times - people.START + zero, samples.acc_g)}, calibration=known)
        for zero in (-1000.0, 0.0, 3.0, 2.0**17)
    ]  # fmt: skip
    for result, zero in zip(results, (-1000, 0, 3, 2**17), strict=True):
        assert result.frames.time[0] == zero
        assert result.frames.activity.tobytes() == results[0].frames.activity.tobytes()
        assert [(e.kind, e.start - zero, e.end - zero) for e in result.episodes] == [
            (e.kind, e.start + 1000, e.end + 1000) for e in results[0].episodes
        ]
        assert len({e.id for e in result.episodes}) == len(result.episodes) > 1


def test_samples_a_little_out_of_order_or_repeated_are_put_right(walker):
    swapped = np.arange(len(walker.times))
    swapped[100:104] = [103, 101, 102, 100]
    twice = np.insert(swapped, 50, swapped[50])
    mixed = Recording(walker.times[twice], walker.acc_g[twice], walker.gyro_dps[twice])
    ours, clean = analyse({"thigh": mixed}).frames, analyse({"thigh": walker}).frames
    assert all(ours[name].tobytes() == clean[name].tobytes() for name in PROMISED)


def test_lists_and_single_precision_are_taken(walker):
    lists = Recording(walker.times.tolist(), walker.acc_g.tolist(), walker.gyro_dps.tolist())
    assert (
        analyse({"thigh": lists}).frames.mad_mg.tobytes()
        == analyse({"thigh": walker}).frames.mad_mg.tobytes()
    )
    single = Recording((walker.times - walker.times[0]).astype("f4"), walker.acc_g.astype("f4"))
    assert len(analyse({"thigh": single}).frames) in (140, 141)


GOOD = np.tile([0.0, 0.0, 1.0], (100, 1))
SECONDS = np.arange(100) / 25.0


@pytest.mark.parametrize(
    ("times", "acc", "says"),
    [
        (SECONDS[:0], GOOD[:0], "leave it out"),
        (np.where(np.arange(100) == 7, math.nan, SECONDS), GOOD, "row 7"),
        (np.where(np.arange(100) >= 60, SECONDS - 60.0, SECONDS), GOOD, "row 60"),
        (np.floor(SECONDS), GOOD, "too coarse"),
        (SECONDS * 1000.0, GOOD, "milliseconds"),
        (SECONDS, GOOD * 9.81, "9.80665"),
        (SECONDS, GOOD * 1000.0, "mg"),
        (SECONDS, GOOD * 0.02, "gravity"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_to_do(times, acc, says):
    with pytest.raises(InputError, match=says) as refused:
        analyse({"waist": Recording(times, acc)})
    assert "waist" in str(refused.value)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match=r"wanted \(n, 3\)"):
        Recording(SECONDS, GOOD[:, :2])
    with pytest.raises(InputError, match="one row a sample"):
        Recording(SECONDS[:-1], GOOD)
    with pytest.raises(InputError, match="gyro_dps"):
        Recording(SECONDS, GOOD, GOOD[:10])
    with pytest.raises(InputError, match="times"):
        Recording(["yesterday"], [[0.0, 0.0, 1.0]])


def test_an_unknown_placement_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="knee") as refused:
        analyse({"knee": Recording(SECONDS, GOOD)})
    assert all(place.value in str(refused.value) for place in Placement)
    with pytest.raises(InputError, match="no recordings"):
        analyse({})
    with pytest.raises(InputError, match="Recording"):
        analyse({"waist": (SECONDS, GOOD)})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"recordings": Recording(SECONDS, GOOD)}, "by placement"),
        ({"calibration": "upright"}, "analysis.calibrate"),
        ({"calibration": {"waist": "upright"}}, "analysis.calibrate"),
        ({"settings": 5}, "AnalysisSettings"),
    ],
)
def test_an_argument_of_another_kind_is_refused_with_what_is_wanted(given, says):
    with pytest.raises(InputError, match=says):
        analyse(**({"recordings": {"waist": Recording(SECONDS, GOOD)}} | given))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("place", ["thigh", "waist", "upper_back", "seat"])
@pytest.mark.parametrize("value", [0.0, math.nan])
def test_a_sensor_that_never_says_anything_is_no_crash_and_has_reasons(place, value):
    result = analyse({place: Recording(np.arange(750) / 25.0, np.full((750, 3), value))})
    assert {"activity", "p_sitting", "lean_deg"} <= set(result.reasons)
    assert ("confidence" in result.reasons) == bool(np.isnan(result.frames.confidence).all())
    assert all(result.reasons.values())
    assert all((one.value is None) == bool(one.reason) for one in result.metrics.values())


def test_values_that_are_not_numbers_are_left_out(walker):
    acc = walker.acc_g.copy()
    acc[::10] = math.nan
    result = analyse({"thigh": Recording(walker.times, acc)}, detail=True)
    assert len(result.frames) == 140
    assert "sitting" in result.frames.activity_names
    assert len(result.detail["thigh"]) == len(acc) - len(acc[::10])


def test_offline_is_the_stream_in_every_column(people, walker):
    result = analyse({"thigh": walker})
    pipeline = Pipeline(
        "recording", [Mounted("thigh", Placement.THIGH, result.calibration.get("thigh"))]
    )
    samples = people.perform(
        [people.Act(40), people.Act(40, bounce_g=0.4), people.Act(60, 85)], gyro=True
    )
    step = [samples.block(i, i + 40, "thigh") for i in range(0, len(samples.times), 40)]
    live = people.run(pipeline, *step)
    for name in COLUMNS:
        assert getattr(live.frames, name).tobytes() == getattr(result.frames, name).tobytes(), name


def test_the_example_of_the_page_runs_and_says_what_it_shows(root, capsys):
    page = (root / "docs/evaluation.md").read_text(encoding="utf-8")
    (example,) = blocks(page, "python")
    exec(compile(example, "docs/evaluation.md", "exec"), {})
    said = capsys.readouterr().out
    assert "s sitting of 180" in said
    sitting = int(said.split()[0])
    assert 58 <= sitting <= 61
    assert "twist_deg - " in said


def test_the_page_names_every_placement_and_every_column(root):
    page = (root / "docs/evaluation.md").read_text(encoding="utf-8")
    goes_in, comes_out = section(page, "## What goes in"), section(page, "## What comes out")
    assert all(f"`{place.value}`" in goes_in for place in Placement)
    assert all(f"`{name}`" in comes_out for name in PROMISED)
    assert all(f"{a.value} {a.word}" in comes_out for a in Activity)
    named = {row[0].strip("`") for row in table(goes_in)}
    assert named == {
        *(field.name for field in fields(Recording)),
        *inspect.signature(analyse).parameters,
    }
