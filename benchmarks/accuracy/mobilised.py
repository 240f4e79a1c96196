"""Walking and cadence at the lower back (mobilised_lowback)."""

import csv
import math
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from analysis import Activity, Recording, analyse
from benchmarks.accuracy.confusion import Confusion, people_table
from benchmarks.accuracy.section import Section, Table, number
from domain.samples import Floats

FOLDER = "mobilised_lowback"
_RATE_HZ = 100.0
#: The file's unit: a rest reads 0.981.
_G = 0.981


def measure(data: Path, people: Sequence[str] | None = None) -> Section:
    """Whole recordings; walking as the optical system or INDIP, whichever the recording has."""
    bouts = defaultdict(list)
    with (data / FOLDER / "walking_bouts.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["level"] == "MicroWB":
                bouts[row["key"], row["system"]].append((float(row["start"]), float(row["end"])))
    walking: dict[str, Confusion] = defaultdict(Confusion)
    cadence: dict[str, list[float]] = defaultdict(list)
    with np.load(data / FOLDER / "mobilised_lowback.npz") as arrays:
        for key in sorted({name.split("/")[0] for name in arrays}):
            who = key.split("_")[0]
            if people is not None and who not in people:
                continue
            acc_g = arrays[f"{key}/acc"] / _G
            recording = Recording(np.arange(len(acc_g)) / _RATE_HZ, acc_g, arrays[f"{key}/gyr"])
            frames = analyse({"lower_back": recording}).frames
            known = bouts.get((key, "INDIP")) or bouts.get((key, "Stereophoto"), [])
            if not known:
                continue  # walked, and nobody wrote down when
            inside = np.array([_overlap(t, known) for t in frames.time.tolist()])
            sure = (inside < 0.1) | (inside > 0.9)
            truth = np.where(inside > 0.5, Activity.MOVING, Activity.STANDING)
            said = np.where(frames.activity == Activity.MOVING, Activity.MOVING, Activity.STANDING)
            walking[who].add(truth[sure], said[sure])
            cadence[who] += frames.cadence_spm[
                (inside > 0.9) & np.isfinite(frames.cadence_spm)
            ].tolist()
    return Section(
        "Walking: a sensor on the lower back",
        FOLDER,
        (
            "Seconds wholly inside or outside the reference's walking bouts; what is no walking may be "
            "shuffling, turning on the spot or work at a table, and is called standing here."
        ),
        (
            Confusion.of(walking.values()).table("Moving or not"),
            people_table("By person", walking),
            Table(
                "Cadence while walking, steps a minute",
                ["who", "median", "seconds with one"],
                [_cadence(who, np.array(each)) for who, each in cadence.items()],
                (
                    "There is no reference of steps. The first 3 to 4 s of a walk have no cadence, since it "
                    "is not yet known to be one: these bouts last a few seconds each."
                ),
            ),
        ),
    )


def _cadence(who: str, said_spm: Floats) -> list[str]:
    """said_spm: of the seconds that were walked, 0 where no step was counted."""
    walked = said_spm[said_spm > 0.0]
    median = float(np.median(walked)) if len(walked) else math.nan
    return [who, number(median, 0), f"{len(walked)} of {len(said_spm)}"]


def _overlap(second: int, bouts: Sequence[tuple[float, float]]) -> float:
    """Share of the second that is in one of `bouts`."""
    return sum(max(0.0, min(end, second + 1) - max(start, second)) for start, end in bouts)
