"""What the analysis reaches on real, labelled recordings; the figures are in docs/measurement.md."""

import csv

import numpy as np
import pytest

from analysis import analyse
from analysis.cut import Rows
from analysis.fusion import GravityFusion
from domain.people import Calibration, ReferenceMethod
from domain.placement import Placement
from domain.posture import Activity
from domain.samples import Recording


def trials(folder):
    with (folder / "trials.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def upright(placement, rotation):
    return Calibration("s", placement, 0.0, ReferenceMethod.ONE_POSE, rotation, None, 1.0)


@pytest.fixture(scope="module")
def thigh_shares(shared_data):
    """Share of right seconds per subject: a trouser pocket, nothing calibrated, trials in order.

    Each trial's first second is left out: its 2-s window reaches into the trial before.
    """
    folder = shared_data / "motionsense_thigh"
    with np.load(folder / "motionsense_thigh.npz") as data:
        shares = {}
        rows = trials(folder)
        for subject in sorted({row["subject"] for row in rows}):
            times, acc, labels, start = [], [], {}, 1000
            mine = [row for row in rows if row["subject"] == subject]
            for row in sorted(mine, key=lambda row: int(row["trial"])):
                one = data[f"{row['key']}/acc_mg"].astype(float) / 1000.0
                seconds = len(one) // 50
                times.append(start + np.arange(seconds * 50) / 50.0)
                acc.append(one[: seconds * 50])
                truth = {"sit": Activity.SITTING, "stand": Activity.STANDING}
                for second in range(start + 1, start + seconds):
                    labels[second] = truth.get(row["activity"], Activity.MOVING)
                start += seconds + 5
            frames = analyse(
                {"thigh": Recording(np.concatenate(times), np.concatenate(acc))}
            ).frames
            right = [
                activity == labels[time]
                for time, activity in zip(
                    frames.times.tolist(), frames.activity.tolist(), strict=True
                )
                if time in labels
            ]
            shares[subject] = (sum(right), len(right))
    return shares


def test_a_pocket_without_calibration_is_right_in_99_percent_of_seconds(thigh_shares):
    right, n = (sum(column) for column in zip(*thigh_shares.values(), strict=True))
    assert n > 14_000
    assert right / n >= 0.99


def test_nobody_is_right_in_less_than_95_percent(thigh_shares):
    worst = min(
        thigh_shares, key=lambda subject: thigh_shares[subject][0] / thigh_shares[subject][1]
    )
    right, n = thigh_shares[worst]
    assert right / n >= 0.95, f"subject {worst}"


def test_lying_on_a_bed_is_told_from_upright_at_the_sternum(shared_data):
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow reads this recording")
    table = parquet.read_table(shared_data / "w2isp_chest" / "w2isp_chest.parquet")
    column = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    identity = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    right = n = 0
    for trial in np.unique(column["trial"]):
        rows = column["trial"] == trial
        times = column["t"][rows].astype(float) + 1000.0
        # Frontal is positive leaning back: the chest then looks up.
        acc = np.stack([column[f"acc_{a}"][rows] for a in ("frontal", "lateral", "vertical")], 1)
        label = column["label"][rows]
        order = np.argsort(times, kind="stable")
        times, acc, label = times[order], acc[order].astype(float), label[order]
        later = np.concatenate([[True], np.diff(times) > 0])
        times, acc, label = times[later], acc[later], label[later]
        if len(times) < 10:
            continue
        frames = analyse(
            {"sternum": Recording(times, acc)},
            calibration={"sternum": upright(Placement.STERNUM, identity)},
        ).frames
        for time, activity in zip(frames.times.tolist(), frames.activity.tolist(), strict=True):
            seen = set(label[np.floor(times) == time].tolist())
            if len(seen) == 1:  # a second of two labels has no one truth
                n += 1
                right += (activity == Activity.LYING) == (seen == {3})
    assert n > 10_000
    assert right / n >= 0.994


@pytest.fixture(scope="module")
def optical(shared_data):
    """Usable trials at the upper back: sensor, optical tilt, and where both are valid."""
    folder = shared_data / "trunk_optical"
    out = []
    with np.load(folder / "trunk_optical.npz") as data:
        for row in trials(folder):
            if row["tilt_usable"] != "True" or row["suspect_reference"] != "False":
                continue
            names = ("t", "acc_back", "gyr_back", "ref_tilt_back", "ref_valid_back")
            t, acc, gyro, tilt, valid = (data[f"{row['key']}/{name}"] for name in names)
            usable = valid.astype(bool) & np.isfinite(tilt)
            out.append(
                (
                    row["test"],
                    t.astype(float) + 1000.0,
                    acc.astype(float),
                    gyro.astype(float),
                    tilt,
                    usable,
                )
            )
    return out


def tilt_error(up, tilt, rows):
    """Errors in deg after the best constant reference: the optical zero is any pose of 0.3 s."""
    best = None
    first = up[:, :15].mean(axis=1)
    side = np.cross(first, [0.0, 1.0, 0.3])
    other = np.cross(first, side)
    for a in np.radians(np.arange(-12.0, 12.1, 1.0)):
        for b in np.radians(np.arange(-12.0, 12.1, 1.0)):
            zero = first + a * side + b * other
            zero = zero / np.linalg.norm(zero)
            error = np.degrees(np.arccos(np.clip(zero @ up[:, rows], -1, 1))) - tilt[rows]
            if best is None or np.mean(error**2) < np.mean(best**2):
                best = error
    return best


def rms(errors):
    return float(np.sqrt(np.mean(np.concatenate(errors) ** 2)))


def test_fused_inclination_against_optical_markers(optical):
    """Trunk movements on a spun wheelchair, and all tests: sprints, slaloms and pivots."""
    bends, everything = [], []
    for test, t, acc, gyro, tilt, usable in optical:
        rows = Rows(
            t, np.ascontiguousarray(acc.T), np.ascontiguousarray(gyro.T), np.full(len(t), 50.0)
        )
        error = tilt_error(GravityFusion(3.0, 2.0).up(rows), tilt, usable)
        everything.append(error)
        if test == "trunkmovement":
            bends.append(error)
    assert len(everything) >= 40
    assert rms(bends) < 1.1
    assert rms(everything) < 2.1


def test_plain_inclination_is_within_its_admitted_5_degrees(optical):
    """The accelerometer alone, as the mean of a second centred on each sample."""
    errors = []
    for test, _, acc, _, tilt, usable in optical:
        if test != "trunkmovement":
            continue
        mean = np.stack([np.convolve(axis, np.ones(51) / 51, "same") for axis in acc.T])
        up = mean / np.linalg.norm(mean, axis=0)
        inside = usable.copy()
        inside[:25] = inside[-25:] = False
        errors.append(tilt_error(up, tilt, inside))
    assert rms(errors) < 5.5
