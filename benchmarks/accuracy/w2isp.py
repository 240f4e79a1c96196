"""Lying, sitting and walking of older people at the sternum, sparse and irregular (w2isp_chest)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet

from analysis import Activity, Calibration, Placement, Recording, analyse
from benchmarks.accuracy.confusion import Confusion
from benchmarks.accuracy.section import Bar, Section, Table, percent
from domain.people import ReferenceMethod
from domain.posture import FrameBlock
from domain.samples import Floats

FOLDER = "w2isp_chest"
_TRUTH = {1: Activity.SITTING, 2: Activity.SITTING, 3: Activity.LYING, 4: Activity.MOVING}
_UPRIGHT = Calibration(
    "sternum", Placement.STERNUM, 0.0, ReferenceMethod.ONE_POSE,
    ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)), None, 3.0,
)  # fmt: skip


def trials(data: Path) -> dict[str, tuple[Recording, Floats]]:
    """Recording and label of each reading, by trial; axes front, up, left, as in the file."""
    table = pyarrow.parquet.read_table(data / FOLDER / "w2isp_chest.parquet")
    column = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    out = {}
    for trial in np.unique(column["trial"]).tolist():
        rows = np.flatnonzero(column["trial"] == trial)
        rows = rows[np.argsort(column["t"][rows], kind="stable")]
        if len(rows) < 10:
            continue
        axes = ("frontal", "vertical", "lateral")
        acc_g = np.column_stack([column[f"acc_{axis}"][rows] for axis in axes])
        out[f"{column['room'][rows[0]]}/{trial}"] = (
            Recording(column["t"][rows], acc_g),
            column["label"][rows].astype(float),
        )
    return out


def measure(data: Path, people: Sequence[str] | None = None) -> Section:
    """The sensor's axes taken as upright; and by the name of the placement alone."""
    given, bare = {}, {}
    for who, (recording, label) in trials(data).items():
        if people is not None and who not in people:
            continue
        known = analyse({"sternum": recording}, calibration=_UPRIGHT).frames
        alone = analyse({"sternum": recording}).frames
        given[who] = _confusion(known, recording, label)
        bare[who] = _confusion(alone, recording, label)
    together, without = Confusion.of(given.values()), Confusion.of(bare.values())
    shares = {who: _lying(one) for who, one in given.items()}
    worst = min(shares, key=lambda who: shares[who])
    return Section(
        "Lying, sitting and walking: older people, a sensor on the breastbone",
        FOLDER,
        (
            "Readings come every 0.13 s on average, with holes of seconds, and no wearer is named: a "
            "trial stands for a person. Seconds with readings of one label are counted."
        ),
        (
            together.table(
                "The sensor's axes taken as upright",
                "From the breastbone sitting and standing are a probability, shown from 0.9 on.",
            ),
            without.table("By the name of the placement alone, nothing calibrated"),
            Table(
                "Lying or not",
                ["", "seconds", "right", f"worst trial ({worst})"],
                [
                    ["axes taken as upright", str(together.n), percent(_lying(together)),
                     percent(shares[worst])],
                    ["nothing calibrated", str(without.n), percent(_lying(without)),
                     percent(min(_lying(one) for one in bare.values()))],
                ],
                "An unknown second counts as not lying.",
            ),
        ),
        (
            Bar(
                "sternum, lying or not: seconds right", 100.0 * _lying(together), 99.4, "%",
                "99.4 %, the rule on this data", at_least=True,
                why=f"lying is called so in {percent(together.recall(Activity.LYING))}",
            ),
        ),
    )  # fmt: skip


def _confusion(frames: FrameBlock, recording: Recording, label: Floats) -> Confusion:
    second = np.floor(recording.times).astype(np.int64)
    low, high = np.full(second.max() + 1, 9.0), np.zeros(second.max() + 1)
    np.minimum.at(low, second, label)
    np.maximum.at(high, second, label)
    rows = low[frames.time] == high[frames.time]
    truth = [_TRUTH[int(one)] for one in low[frames.time[rows]]]
    return Confusion().add(truth, frames.activity[rows])


def _lying(one: Confusion) -> float:
    wrong = one.counts[Activity.LYING].sum() - one.counts[Activity.LYING, Activity.LYING]
    wrong += one.counts[:, Activity.LYING].sum() - one.counts[Activity.LYING, Activity.LYING]
    return 1.0 - float(wrong) / one.n
