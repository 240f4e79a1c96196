"""Recorded real people, cut into stretches worth living through, with what is true of them.

A thigh: trials of one person, each labelled with one activity, laid end to end; where the person did not
sit for long enough the same trials come again. A trunk: a person's own seconds, played as they were,
and held where the plan says so by playing a fraction of a second to and fro. That is exact: in a
movement run backwards the specific force is the same and the angular velocity changes its sign.
"""

import csv
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.posture import Activity
from domain.samples import Floats, Recording
from simulators.recorded import Joined, Trial, join

RATE_HZ = 50
THIGH_PEOPLE = (1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23)
MEANS = {"sit": Activity.SITTING, "stand": Activity.STANDING, "walk": Activity.MOVING}
POSE_S = 6.0  # a calibration asks for 5 to 10 s
STILL_G = 0.018  # on every axis; it refuses more than 0.020


class ThighData:
    """motionsense_thigh: a phone in the front trouser pocket, one labelled activity a trial."""

    def __init__(self, shared_data: Path) -> None:
        folder = shared_data / "motionsense_thigh"
        with (folder / "trials.csv").open(newline="", encoding="utf-8") as file:
            self._keys = {
                (int(row["subject"]), row["activity"], int(row["trial"])): row["key"]
                for row in csv.DictReader(file)
            }
        with np.load(folder / "motionsense_thigh.npz") as arrays:
            self._arrays = {name: arrays[name] for name in arrays.files}

    def trial(
        self, person: int, activity: str, trial: int, begin_s: float = 0, end_s: float = 1e9
    ) -> Trial:
        """Seconds `begin_s` to `end_s` of a trial, or what there is of them."""
        key = self._keys[(person, activity, trial)]
        rows = slice(int(begin_s * RATE_HZ), int(min(end_s, 1e6) * RATE_HZ))
        acc_g = self._arrays[f"{key}/acc_mg"][rows] / 1000.0
        gyro_dps = self._arrays[f"{key}/gyr_dps10"][rows] / 10.0
        recording = Recording(np.arange(len(acc_g)) / RATE_HZ, acc_g, gyro_dps)
        return Trial(MEANS[activity], recording)


def desk_day(data: ThighData, person: int, *, sitting_s: float, at_once_s: float = 1e9) -> Joined:
    """Trials of one person, laid end to end: up, a bout with an interruption of 30 s in it, a break
    of two minutes, sitting until `sitting_s` in all, a full break, a third bout, and up.

    `sit` trials are whole, or their first `at_once_s`, and alternate until the time is reached: who
    did not sit for so long does it again.
    """
    plan = [
        data.trial(person, "stand", 14, 0, 40),
        data.trial(person, "walk", 15, 0, 25),
        data.trial(person, "sit", 5, 0, at_once_s),
        data.trial(person, "stand", 6, 0, 30),
        data.trial(person, "sit", 13, 0, at_once_s),
        data.trial(person, "walk", 7, 0, 60),
        data.trial(person, "stand", 6, 30, 90),
    ]
    sat_s = sum(_lasts_s(trial) for trial in plan if trial.activity is Activity.SITTING)
    for number in cycle((13, 5)):
        plan.append(data.trial(person, "sit", number, 0, at_once_s))
        sat_s += _lasts_s(plan[-1])
        if sat_s > sitting_s:
            break
    plan += [
        data.trial(person, "walk", 8, 0, 70),
        data.trial(person, "stand", 6, 0, 120),
        data.trial(person, "walk", 7, 0, 90),
        data.trial(person, "stand", 6, 40, 120),
        data.trial(person, "sit", 5, 0, 100),
        data.trial(person, "walk", 8, 0, 70),
        data.trial(person, "stand", 14, 0, 30),
    ]
    return join(plan)


def still_span(recording: Recording, within_s: float) -> tuple[float, float]:
    """The first POSE_S of the first `within_s` in which the person keeps still, as one who calibrates
    is asked to: from and to, s. Raises ValueError where they never do."""
    n = int(POSE_S * RATE_HZ)
    for first in range(0, int(within_s * RATE_HZ) - n, RATE_HZ // 2):
        if recording.acc_g[first : first + n].std(axis=0).max() < STILL_G:
            return first / RATE_HZ, (first + n) / RATE_HZ
    raise ValueError(f"never still for {POSE_S:g} s in the first {within_s:g} s")


def _lasts_s(trial: Trial) -> float:
    return len(trial.recording.times) / RATE_HZ


@dataclass(frozen=True, slots=True, eq=False)
class TrunkStretch:
    """A trunk's samples and what the cameras saw.

    flexion_deg, lateral_deg: (n,), forward and to the right positive, from the pose in which the
    sample's trial begins. begins_g: (n, 3), what the sensor shows in that pose. spans: from and to, s,
    of each named part.
    """

    recording: Recording
    flexion_deg: Floats
    lateral_deg: Floats
    begins_g: Floats
    spans: dict[str, tuple[float, float]]

    @property
    def slumps_s(self) -> float:
        """How long the part lasts in which the person slumps or could; the trials follow."""
        return self.spans.get("at last", self.spans["at first"])[1]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Rows of a trial in the order in which they are played; `way` is -1 where they run backwards."""

    name: str
    trial: str
    rows: NDArray[np.int64]
    way: NDArray[np.int64]


def as_it_was(name: str, trial: str, begin: int, end: int) -> Piece:
    """Rows `begin` to `end`, once."""
    return Piece(name, trial, np.arange(begin, end), np.ones(end - begin, dtype=np.int64))


def backwards(name: str, trial: str, begin: int, end: int) -> Piece:
    """Rows `begin` to `end`, the last first."""
    return Piece(name, trial, np.arange(begin, end)[::-1], np.full(end - begin, -1))


def held(name: str, trial: str, begin: int, end: int, seconds: float) -> Piece:
    """Rows `begin` to `end` to and fro for about `seconds`, from the middle row to the middle row."""
    there = np.arange(begin, end)
    round_trip = np.concatenate([there, there[-2:0:-1]])
    way = np.repeat([1, -1], [len(there), len(there) - 2])
    n = int(seconds * RATE_HZ) // len(round_trip) * len(round_trip)
    order = (len(there) // 2 + np.arange(n)) % len(round_trip)
    return Piece(name, trial, round_trip[order], way[order])


class TrunkData:
    """trunk_optical: a sensor on the upper back under an optical reference."""

    def __init__(self, shared_data: Path) -> None:
        folder = shared_data / "trunk_optical"
        wanted = ("acc_back", "gyr_back", "ref_flex_back", "ref_lat_back")
        with np.load(folder / "trunk_optical.npz") as arrays:
            self._arrays = {
                name: arrays[name].astype(np.float64)
                for name in arrays.files
                if name.endswith(wanted)
            }
        with (folder / "trials.csv").open(newline="", encoding="utf-8") as file:
            self._usable = [
                row["key"]
                for row in csv.DictReader(file)
                if row["tilt_usable"] == "True" and row["suspect_reference"] == "False"
            ]

    def trials(self, person: str) -> list[str]:
        """The person's trials whose reference can be used."""
        return [trial for trial in self._usable if trial.startswith(person)]

    def flexion_deg(self, trial: str) -> Floats:
        """What the cameras saw of the upper back, (n,), from the pose in which the trial begins."""
        return self._arrays[f"{trial}/ref_flex_back"]

    def quietest_start(self, person: str) -> str:
        """The trial in whose first rows the person sits stillest."""

        def spread_g(trial: str) -> float:
            return float(self._arrays[f"{trial}/acc_back"][:UPRIGHT_ROWS].std(axis=0).max())

        return min(self.trials(person), key=spread_g)

    def stretch(self, pieces: list[Piece]) -> TrunkStretch:
        """The pieces one after the other, at 50 Hz."""
        acc_g, gyro_dps, flexion_deg, lateral_deg, begins_g = [], [], [], [], []
        spans: dict[str, tuple[float, float]] = {}
        n = 0
        for piece in pieces:
            acc = self._arrays[f"{piece.trial}/acc_back"]
            gyro = self._arrays[f"{piece.trial}/gyr_back"]
            acc_g.append(acc[piece.rows])
            gyro_dps.append(gyro[piece.rows] * piece.way[:, None])
            flexion_deg.append(self.flexion_deg(piece.trial)[piece.rows])
            lateral_deg.append(self._arrays[f"{piece.trial}/ref_lat_back"][piece.rows])
            # 0.3 s: over so much the reference was set to zero (the data's README)
            begins_g.append(np.tile(acc[:UPRIGHT_ROWS].mean(axis=0), (len(piece.rows), 1)))
            spans[piece.name] = (n / RATE_HZ, (n + len(piece.rows)) / RATE_HZ)
            n += len(piece.rows)
        recording = Recording(
            np.arange(n) / RATE_HZ, np.concatenate(acc_g), np.concatenate(gyro_dps)
        )
        return TrunkStretch(
            recording,
            np.concatenate(flexion_deg),
            np.concatenate(lateral_deg),
            np.concatenate(begins_g),
            spans,
        )


@dataclass(frozen=True, slots=True)
class Slump:
    """Rows of a trial in which a person who began it upright sits still and bent forward, by the
    cameras, with 1 g on the sensor."""

    trial: str
    begin: int
    end: int


#: The people who do so; all others only pass through their bends.
SLUMPS = {
    "P13": Slump("P13_trunkmovement_ls", 158, 170),
    "P15": Slump("P15_pivot_ls", 360, 368),
}
TRUNK_PEOPLE = ("P01", "P03", "P07", "P13", "P15")
#: Rows from the start of a trial in which people sit still: the reference is zero there.
UPRIGHT_ROWS = 15
#: The pose that calibrates.
UPRIGHT_S = (30.0, 38.0)


def trunk_sit(data: TrunkData, person: str) -> TrunkStretch:
    """Up to seven minutes of a trunk in a chair.

    Who slumps does so for 50 s, 15 s and 80 s, with upright seconds between; how they get there is
    the trial as it was, and how they come back is the same backwards, so that nothing jumps. Then
    come the person's bends, turns and pivots as they were, each after 10 s in the pose it begins in.
    """
    slump = SLUMPS.get(person)
    start = data.quietest_start(person) if slump is None else slump.trial

    def upright(name: str, seconds: float) -> Piece:
        return held(name, start, 0, UPRIGHT_ROWS, seconds)

    def slumped(name: str, seconds: float, slump: Slump) -> list[Piece]:
        ends = UPRIGHT_ROWS // 2, (slump.begin + slump.end) // 2
        return [
            as_it_was(f"into {name}", slump.trial, *ends),
            held(name, slump.trial, slump.begin, slump.end, seconds),
            backwards(f"out of {name}", slump.trial, *ends),
        ]

    pieces = [upright("at first", 60.0)]
    if slump is not None:
        pieces += [
            *slumped("slump", 50.0, slump),
            upright("again", 30.0),
            *slumped("short slump", 15.0, slump),
            upright("for a moment", 20.0),
            *slumped("long slump", 80.0, slump),
            upright("at last", 20.0),
        ]
    for trial in data.trials(person):
        if "trunkmovement" in trial or "pivot" in trial:
            pieces.append(held(f"before {trial}", trial, 0, UPRIGHT_ROWS, 10.0))
            pieces.append(as_it_was(trial, trial, 0, len(data.flexion_deg(trial))))
    return data.stretch(pieces)
