"""Sit, stand and move from a telephone in the trouser pocket (motionsense_thigh)."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from analysis import Activity, Recording, analyse
from benchmarks.accuracy.confusion import Confusion, people_table
from benchmarks.accuracy.section import Bar, Section
from domain.samples import Floats

FOLDER = "motionsense_thigh"
RATE_HZ = 50
_TRUTH = {"sit": Activity.SITTING, "stand": Activity.STANDING}
_PAUSE_S = 5


class Pocket:
    """Every trial of one person, in the order of the protocol."""

    def __init__(self, folder: Path) -> None:
        with (folder / FOLDER / "trials.csv").open(newline="") as file:
            self._rows = list(csv.DictReader(file))
        self._data = np.load(folder / FOLDER / "motionsense_thigh.npz")

    @property
    def people(self) -> list[str]:
        """Their names."""
        return sorted({row["key"].split("_")[0] for row in self._rows})

    def trials(self, who: str) -> list[tuple[Activity, Floats]]:
        """What is done, and acc_g of whole seconds."""
        mine = [row for row in self._rows if row["key"].startswith(f"{who}_")]
        out = []
        for row in sorted(mine, key=lambda row: int(row["trial"])):
            acc_g = self._data[f"{row['key']}/acc_mg"] / 1000.0
            whole = len(acc_g) // RATE_HZ * RATE_HZ
            out.append((_TRUTH.get(row["activity"], Activity.MOVING), acc_g[:whole]))
        return out


def measure(data: Path, people: Sequence[str] | None = None) -> Section:
    """Each person's trials in one recording, 5 s apart; and each trial as a recording of its own."""
    pocket = Pocket(data)
    together, apart = {}, {}
    for who in pocket.people if people is None else people:
        trials = pocket.trials(who)
        together[who] = _together(trials)
        apart[who] = Confusion.of(_alone(truth, acc_g) for truth, acc_g in trials)
    everybody, alone = Confusion.of(together.values()), Confusion.of(apart.values())
    worst = min(together, key=lambda who: together[who].accuracy)
    return Section(
        "Sit, stand, move: a telephone in the trouser pocket",
        FOLDER,
        (
            "Nothing is calibrated. The telephone is taken out between trials and put back another way. "
            "A trial's first second is left out: its window reaches into what was before."
        ),
        (
            everybody.table("All trials of a person in one recording"),
            people_table("By person", together),
            alone.table(
                "Each trial as a recording of its own",
                "In a trial without walking only the convention tells how the telephone sits in the pocket.",
            ),
        ),
        (
            Bar(
                "thigh, sit / stand / move without calibration: seconds right",
                100.0 * everybody.accuracy, 99.0, "%", "98.9 %, Acti4's rule on this data", at_least=True,
                why=f"sitting {100.0 * everybody.recall(Activity.SITTING):.1f} %, standing "
                f"{100.0 * everybody.recall(Activity.STANDING):.1f} %, moving "
                f"{100.0 * everybody.recall(Activity.MOVING):.1f} % right",
            ),
            Bar(
                f"thigh, the worst person ({worst}): seconds right",
                100.0 * together[worst].accuracy, 95.0, "%", "-", at_least=True,
                why=f"of {worst}'s sitting {100.0 * together[worst].recall(Activity.SITTING):.1f} % is "
                "called sitting",
            ),
        ),
    )  # fmt: skip


def _together(trials: Sequence[tuple[Activity, Floats]]) -> Confusion:
    times, start, truth = [], 1000, {}
    for activity, acc_g in trials:
        seconds = len(acc_g) // RATE_HZ
        times.append(start + np.arange(len(acc_g)) / RATE_HZ)
        truth |= dict.fromkeys(range(start + 1, start + seconds), activity)
        start += seconds + _PAUSE_S
    acc_g = np.concatenate([acc_g for _, acc_g in trials])
    frames = analyse({"thigh": Recording(np.concatenate(times), acc_g)}).frames
    rows = np.isin(frames.time, list(truth))
    return Confusion().add([truth[t] for t in frames.time[rows].tolist()], frames.activity[rows])


def _alone(truth: Activity, acc_g: Floats) -> Confusion:
    frames = analyse({"thigh": Recording(np.arange(len(acc_g)) / RATE_HZ, acc_g)}).frames
    return Confusion().add(np.full(len(frames) - 1, truth), frames.activity[1:])
