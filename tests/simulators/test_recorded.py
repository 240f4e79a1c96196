import csv
from pathlib import Path

import numpy as np
import pytest

from domain.errors import NotFoundError, RecordingError
from domain.placement import Placement
from domain.posture import Activity
from domain.samples import Recording
from simulators.loading import load_recording
from simulators.recorded import Label, RecordedBody, Trial, join
from simulators.sensor import SensorModel

START = 1_795_305_600.0
MOTIONSENSE = {
    "sit": Activity.SITTING,
    "stand": Activity.STANDING,
    "walk": Activity.MOVING,
    "jog": Activity.MOVING,
    "stairs_up": Activity.MOVING,
    "stairs_down": Activity.MOVING,
}


def ramp(n: int, *, start_s: float = 0.0, gyro: bool = True) -> Recording:
    times = start_s + np.arange(n) / 50.0
    acc = np.column_stack([np.arange(n), np.zeros(n), np.ones(n)]).astype(float)
    return Recording(times, acc, acc * 10.0 if gyro else None)


def test_a_recorded_body_gives_its_samples_at_their_times_and_interpolates_between():
    body = RecordedBody({Placement.THIGH: ramp(100, start_s=7.0)}, start=START)
    acc, gyro = body.motion(Placement.THIGH, START + np.array([0.0, 0.02, 0.03, 1.0]))
    assert acc[:, 0] == pytest.approx([0.0, 1.0, 1.5, 50.0], abs=1e-4)
    assert gyro[:, 0] == pytest.approx([0.0, 10.0, 15.0, 500.0], abs=1e-3)


def test_before_the_start_the_first_and_after_the_end_the_last_sample_is_held():
    body = RecordedBody({Placement.THIGH: ramp(100)}, start=START)
    acc, _ = body.motion(Placement.THIGH, START + np.array([-5.0, 50.0]))
    assert acc[:, 0].tolist() == [0.0, 99.0]
    assert not body.finished(START + 1.9)
    assert body.finished(START + 2.0)
    assert body.end == pytest.approx(START + 1.98)


def test_what_is_held_does_not_turn():
    times = np.concatenate((np.arange(50) / 50.0, 5.0 + np.arange(50) / 50.0))
    turning = np.full((100, 3), 30.0)
    body = RecordedBody({Placement.THIGH: Recording(times, turning, turning)}, start=START)
    _, gyro = body.motion(Placement.THIGH, START + np.array([-9.0, 0.0, 0.5, 2.0, 5.5, 5.98, 9.0]))
    assert gyro[:, 0] == pytest.approx([0.0, 30.0, 30.0, 0.0, 30.0, 30.0, 0.0])


def test_a_gap_is_held_and_not_bridged():
    times = np.concatenate((np.arange(50) / 50.0, 5.0 + np.arange(50) / 50.0))
    acc = np.column_stack([np.arange(100.0)] * 3)
    body = RecordedBody({Placement.WAIST: Recording(times, acc)}, start=START)
    held, none = body.motion(Placement.WAIST, START + np.array([2.0, 4.9, 5.01]))
    assert held[:, 0] == pytest.approx([49.0, 49.0, 50.5], abs=1e-4)
    assert none is None


def test_placements_share_one_zero():
    body = RecordedBody(
        {Placement.THIGH: ramp(100, start_s=10.0), Placement.WAIST: ramp(100, start_s=10.5)},
        start=START,
    )
    thigh, _ = body.motion(Placement.THIGH, np.array([START + 1.0]))
    waist, _ = body.motion(Placement.WAIST, np.array([START + 1.0]))
    assert thigh[0, 0] - waist[0, 0] == pytest.approx(25.0, abs=1e-3)


def test_a_placement_that_was_not_recorded_is_not_found():
    body = RecordedBody({Placement.THIGH: ramp(10)}, start=START)
    with pytest.raises(NotFoundError, match="head"):
        body.motion(Placement.HEAD, np.array([START]))


def test_labels_become_truth_and_the_rest_is_unknown():
    labels = [Label(1.0, 3.0, Activity.SITTING), Label(3.0, 4.5, Activity.MOVING)]
    body = RecordedBody({Placement.THIGH: ramp(300)}, start=START, labels=labels)
    truth = body.truth(START, START + 6)
    assert truth.activity.tolist() == [0, 2, 2, 4, 0, 0]
    assert np.all(np.isnan(truth.lean_deg)) and not truth.slouching.any()


def test_joining_leaves_no_gap_and_knows_the_changes():
    joined = join(
        [
            Trial(Activity.SITTING, ramp(100, start_s=3.0)),
            Trial(Activity.STANDING, ramp(50, start_s=1.0)),
            Trial(Activity.MOVING, ramp(25)),
        ]
    )
    assert np.diff(joined.recording.times) == pytest.approx(np.full(174, 0.02))
    assert joined.changes_s == pytest.approx((2.0, 3.0))
    assert joined.labels[-1].end_s == pytest.approx(3.5)
    assert joined.recording.gyro_dps is not None


def test_joining_drops_the_gyro_when_a_trial_has_none():
    joined = join([Trial(Activity.SITTING, ramp(9)), Trial(Activity.SITTING, ramp(9, gyro=False))])
    assert joined.recording.gyro_dps is None and len(joined.recording.times) == 18


def test_nothing_cannot_be_joined():
    with pytest.raises(ValueError, match="nothing"):
        join([])
    with pytest.raises(ValueError, match="two samples"):
        join([Trial(Activity.SITTING, ramp(1))])


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_recording_is_read_by_the_names_of_its_columns(tmp_path):
    path = write(tmp_path / "a.csv", "az,t,note,ax,ay\n1000,0.0,x,1,2\n990,0.02,y,,4\n")
    recording = load_recording(path, acc_unit="mg")
    assert recording.times.tolist() == [0.0, 0.02]
    assert recording.acc_g[0] == pytest.approx([0.001, 0.002, 1.0])
    assert np.isnan(recording.acc_g[1, 0])
    assert recording.gyro_dps is None


def test_units_are_converted(tmp_path):
    header = "t,ax,ay,az,gx,gy,gz\n"
    path = write(tmp_path / "a.csv", header + "0,9.80665,0,0,3.141592653589793,0,0\n")
    recording = load_recording(path, acc_unit="m/s2", gyro_unit="rad/s")
    assert recording.acc_g[0, 0] == pytest.approx(1.0)
    assert recording.gyro_dps[0, 0] == pytest.approx(180.0)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "no column t, ax, ay, az"),
        ("t,ax,ay\n", 1, "no column az"),
        ("t,ax,ay,az,gx\n", 1, "no column gy, gz"),
        ("t,ax,ax,ay,az\n", 1, "more than one column ax"),
        ("t,ax,ay,az\n", None, "no samples"),
        ("t,ax,ay,az\n0,1,2,3\n1,1,2\n", 3, "3 cells under 4"),
        ("t,ax,ay,az\n0,1,2,3\n1,1,2,up\n", 3, "'up' is no number"),
        ("t,ax,ay,az\n0,1,2,3\n\n0,1,2,3\n", 4, "does not follow"),
        ("t,ax,ay,az\nnan,1,2,3\n", 2, "does not follow"),
        ('t,ax,ay,az\n0,1,2,"3"4\n', 2, "expected"),
    ],
)
def test_bad_csv_is_refused_with_its_line(tmp_path, text, line, problem):
    path = write(tmp_path / "bad.csv", text)
    with pytest.raises(RecordingError, match=problem) as caught:
        load_recording(path)
    assert caught.value.line == line


def test_an_npz_recording_is_read(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, t=np.arange(5) / 50.0, ax=np.zeros(5), ay=np.zeros(5), az=np.ones(5, "i2"))
    assert load_recording(path).acc_g[:, 2].tolist() == [1.0] * 5


def test_bad_npz_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, t=np.arange(5), ax=np.zeros(4), ay=np.zeros(5), az=np.zeros(5))
    with pytest.raises(RecordingError, match="shape"):
        load_recording(path)
    path.write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(RecordingError, match="NPZ"):
        load_recording(path)
    np.savez(path, t=np.array([object()]), ax=np.zeros(1), ay=np.zeros(1), az=np.zeros(1))
    with pytest.raises(RecordingError, match="NPZ"):
        load_recording(path)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    with pytest.raises(RecordingError, match="cannot be read"):
        load_recording(tmp_path / "none.csv")
    (tmp_path / "bytes.csv").write_bytes(b"t,ax\xff\n")
    with pytest.raises(RecordingError, match="cannot be read"):
        load_recording(tmp_path / "bytes.csv")


def motionsense_trials(folder: Path, subject: str) -> list[Trial]:
    with (folder / "trials.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["subject"] == subject]
    with np.load(folder / "motionsense_thigh.npz") as arrays:
        return [
            Trial(
                MOTIONSENSE[row["activity"]],
                Recording(
                    np.arange(int(row["n"])) / 50.0,
                    arrays[f"{row['key']}/acc_mg"] / 1000.0,
                    arrays[f"{row['key']}/gyr_dps10"] / 10.0,
                ),
            )
            for row in rows
        ]


def test_a_real_persons_day_can_be_worn_by_a_simulated_sensor(shared_data):
    trials = motionsense_trials(shared_data / "motionsense_thigh", "1")
    joined = join(trials)
    body = RecordedBody({Placement.THIGH: joined.recording}, start=START, labels=joined.labels)
    model = SensorModel(body, Placement.THIGH, rate_hz=50.0, power_on=START)
    n = len(joined.recording.times)
    _, acc, gyro = model.samples(0, n)
    # identity mounting at the recorded rate: the very samples, but for rounding of Unix times
    assert acc == pytest.approx(joined.recording.acc_g, abs=1e-3)
    assert gyro == pytest.approx(joined.recording.gyro_dps, abs=0.5)
    truth = body.truth(START, START + n / 50.0)
    assert set(truth.activity.tolist()) == {Activity.SITTING, Activity.STANDING, Activity.MOVING}
    still = np.isin(truth.activity, (Activity.SITTING, Activity.STANDING))
    sd = acc[: len(truth.times) * 50].reshape(-1, 50, 3).std(axis=1).max(axis=1)
    assert np.mean(sd[still] < 0.1) > 0.97 and np.mean(sd[~still] > 0.1) > 0.97


def test_a_real_upper_back_in_trunk_movement_can_be_played(shared_data):
    folder = shared_data / "trunk_optical"
    with np.load(folder / "trunk_optical.npz") as arrays:
        trial = "P01_trunkmovement_ls"
        t = arrays[f"{trial}/t"]
        recordings = {
            Placement.UPPER_BACK: Recording(
                t, arrays[f"{trial}/acc_back"], arrays[f"{trial}/gyr_back"]
            ),
            Placement.SEAT: Recording(
                t, arrays[f"{trial}/acc_chair"], arrays[f"{trial}/gyr_chair"]
            ),
        }
    body = RecordedBody(recordings, start=START)
    for placement, recording in recordings.items():
        acc, _ = body.motion(placement, START + recording.times - t[0])
        assert np.nanmax(np.abs(acc - recording.acc_g)) < 0.01
