"""Bends of real people: trials with one bend, and trials with none (umafall, a chest sensor of 20 Hz)."""

import csv
from collections import defaultdict

import numpy as np
import pytest

from analysis import analyse
from domain.people import Calibration, ReferenceMethod
from domain.placement import Placement
from domain.samples import Recording

#: What people do on their feet without a bend; on chairs and beds the trunk bows too.
UPRIGHT = {
    "Aplausing",
    "HandsUp",
    "MakingACall",
    "OpeningDoor",
    "Walking",
    "GoUpstairs",
    "GoDownstairs",
}
SHAKEN = {"Hopping", "Jogging"}


def reference(placement, first_second, forward):
    """From standing still for a second, and which way the sensor faces."""
    up = first_second.mean(axis=0)
    up /= np.linalg.norm(up)
    x = forward - (forward @ up) * up
    x /= np.linalg.norm(x)
    rotation = tuple(tuple(row.tolist()) for row in (x, np.cross(up, x), up))
    return Calibration("s", placement, 0.0, ReferenceMethod.ONE_POSE, rotation, None, 2.0)


@pytest.fixture(scope="module", params=[False, True], ids=["accelerometer", "gyro"])
def found(request, shared_data):
    """By activity: (person, number of bends, with a pocket sensor too) of each trial."""
    folder = shared_data / "umafall_adl"
    out = defaultdict(list)
    with np.load(folder / "umafall_adl.npz") as data, (folder / "trials.csv").open() as file:
        for row in csv.DictReader(file):
            if row["chest_ok"] != "True" or "chest" not in row["sensors"]:
                continue
            key = row["key"]
            acc = data[f"{key}/acc_chest"].astype(float)
            gyro = data[f"{key}/gyr_chest"].astype(float) if request.param else None
            chest = Recording(data[f"{key}/t"].astype(float), acc, gyro)
            known = {"sternum": reference(Placement.STERNUM, acc[:20], np.array([0.0, 0.0, 1.0]))}
            episodes = analyse({"sternum": chest}, calibration=known).episodes
            bends = sum(e.kind == "bend" for e in episodes)
            out[row["activity"]].append((row["subject"], bends))
    return out


def with_one(trials):
    return sum(bends > 0 for _, bends in trials)


def test_most_trials_with_a_bend_show_one_and_none_shows_two(found):
    trials = found["Bending"]
    assert len(trials) == 16
    assert with_one(trials) >= 11
    assert max(bends for _, bends in trials) == 1


def test_nobody_bends_while_standing_walking_or_reaching(found):
    trials = [trial for name in UPRIGHT for trial in found[name]]
    assert len(trials) > 90
    assert with_one(trials) <= 0.04 * len(trials)
    worst = max(
        np.mean([bends > 0 for who, bends in trials if who == person])
        for person in {who for who, _ in trials}
    )
    assert worst <= 0.2


def test_running_and_hopping_are_seldom_taken_for_bends(found):
    trials = [trial for name in SHAKEN for trial in found[name]]
    assert with_one(trials) <= 0.25 * len(trials)


def test_with_a_sensor_in_the_pocket_too_few_bows_for_a_chair_are_taken_for_bends(shared_data):
    folder = shared_data / "umafall_adl"
    shown = {"Sitting_GettingUpOnAChair": [], "Bending": []}
    with np.load(folder / "umafall_adl.npz") as data, (folder / "trials.csv").open() as file:
        for row in csv.DictReader(file):
            whole = row["chest_ok"] == row["thighpocket_ok"] == "True"
            if row["activity"] not in shown or not whole:
                continue
            key = row["key"]
            times, acc = data[f"{key}/t"].astype(float), data[f"{key}/acc_chest"].astype(float)
            pocket = data[f"{key}/acc_thighpocket50"].astype(float)
            faces = np.eye(3)[np.argmin(np.abs(pocket[:50].mean(axis=0)))]
            recordings = {
                "sternum": Recording(times, acc),
                "thigh": Recording(times[0] + np.arange(len(pocket)) / 50.0, pocket),
            }
            known = {
                "sternum": reference(Placement.STERNUM, acc[:20], np.array([0.0, 0.0, 1.0])),
                "thigh": reference(Placement.THIGH, pocket[:50], faces),
            }
            episodes = analyse(recordings, calibration=known).episodes
            shown[row["activity"]].append(any(e.kind == "bend" for e in episodes))
    assert np.mean(shown["Bending"]) >= 0.65
    assert np.mean(shown["Sitting_GettingUpOnAChair"]) <= 0.25
