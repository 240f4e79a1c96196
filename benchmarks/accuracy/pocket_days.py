"""Days joined from labelled segments of real people, their change points known (motionsense_thigh)."""

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis import Activity, Recording, analyse
from benchmarks.accuracy.bouts import Days, bridged, days_table, runs, said
from benchmarks.accuracy.motionsense import FOLDER, RATE_HZ, Pocket
from benchmarks.accuracy.section import Bar, Section, Table, number, percent
from domain.samples import Floats

DAYS_EACH = 2
_START = 1_000_000
_WITHIN_S = 60.0
#: A day's plan in minutes, drawn anew for each day: bouts of sitting, what lies between them.
_BOUTS, _SIT_MIN, _UP_MIN = 6, (8.0, 50.0), (0.4, 9.0)
_LABEL = {Activity.SITTING: "sit", Activity.STANDING: "stand", Activity.MOVING: "move"}


def measure(data: Path, people: Sequence[str] | None = None) -> Section:
    """Bouts, and how late a changed label shows, of days that begin with sitting and have no calibration."""
    pocket = Pocket(data)
    days: dict[str, Days] = {}
    late: list[float] = []
    for who in pocket.people if people is None else people:
        days[who] = Days()
        for day in range(DAYS_EACH):
            acc_g, truth = _day(pocket, who, day)
            result = analyse({"thigh": Recording(_START + np.arange(len(acc_g)) / RATE_HZ, acc_g)})
            sits = bridged(runs(truth == Activity.SITTING, _START))
            days[who].add(sits, said(result), _WITHIN_S)
            late += _latencies(truth, result.frames.activity, result.frames.time - _START)
    n = sum(len(one.totals) for one in days.values())
    everybody = [one for one in days.values() if one.long]
    share = sum(one.long_found for one in everybody) / max(1, sum(one.long for one in everybody))
    worst = max(days, key=lambda who: days[who].worst_total)
    return Section(
        f"Bouts: {n} days joined from segments of real people",
        FOLDER,
        (
            "**Joined, not lived**: a day repeats one person's trials of sitting, standing, walking and "
            "stairs, the next beginning where the last ends, so that every change is known to the "
            f"second. {_BOUTS} bouts of {_SIT_MIN[0]:g} to {_SIT_MIN[1]:g} min, begun by sitting, with up "
            f"to {_UP_MIN[1]:g} min on the feet between. Where two trials meet the telephone jumps to "
            "where it was in the next: a change is found, how people get up is not tested."
        ),
        (
            days_table("By person, thigh, nothing calibrated", days, _WITHIN_S),
            Table(
                "From the change of label to the frame that says so, s",
                ["changes", "found", "median", "95 %", "worst"],
                [_row(late)],
                "The frame's own second included. A change is found when the frame says the new label "
                "within 10 s.",
            ),
        ),
        (
            Bar(
                "thigh, joined days: bouts of 30 min and more within 60 s", 100.0 * share, 100.0, "%",
                "sedentary bias 0.8 min in 10 h (-2.9..4.5), activPAL", at_least=True,
                why="not: " + ", ".join(
                    f"{who} {one.long - one.long_found} of {one.long}"
                    for who, one in days.items()
                    if one.long_found < one.long
                ),
            ),
            Bar(
                "thigh, joined days: error of the day's total sitting, worst day",
                100.0 * days[worst].worst_total, 5.0, "%", "0.8 min in 10 h, activPAL (0.13 %)",
                why=f"{worst}: {days[worst].found} of {days[worst].true} bouts found",
            ),
            Bar(
                "thigh: label to frame, 95 %", float(np.percentile(late, 95)) if late else np.nan, 2.0,
                "s", "-", why="the window is 2 s long and ends with the frame",
            ),
        ),
    )  # fmt: skip


def _day(pocket: Pocket, who: str, day: int) -> tuple[Floats, NDArray[np.int64]]:
    """acc_g, and what is true of each second."""
    draw = np.random.default_rng([int(who[1:]), day])
    trials = pocket.trials(who)
    kinds = {
        kind: cycle(
            [acc_g for activity, acc_g in trials if activity is kind and len(acc_g) > 10 * RATE_HZ]
        )
        for kind in _LABEL
    }
    pieces: list[Floats] = []
    truth: list[NDArray[np.int64]] = []

    def act(kind: Activity, seconds: int) -> None:
        while seconds > 0:
            piece = next(kinds[kind])[: seconds * RATE_HZ]
            pieces.append(piece)
            truth.append(np.full(len(piece) // RATE_HZ, int(kind)))
            seconds -= len(piece) // RATE_HZ

    for _ in range(_BOUTS):
        act(Activity.SITTING, round(60 * draw.uniform(*_SIT_MIN)))
        up_s = round(60 * draw.uniform(*_UP_MIN))
        first = draw.random() < 0.5
        act(Activity.STANDING if first else Activity.MOVING, up_s // 2)
        act(Activity.MOVING if first else Activity.STANDING, up_s - up_s // 2)
    return np.concatenate(pieces), np.concatenate(truth)


def _latencies(
    truth: NDArray[np.int64], activity: NDArray[np.uint8], times: NDArray[np.int64]
) -> list[float]:
    """Seconds from each change of label to the end of the first frame that says the new one; NaN unseen."""
    said_at = np.zeros(len(truth), dtype=np.int64)
    said_at[times] = activity
    out = []
    for change in np.flatnonzero(np.diff(truth)) + 1:
        after = said_at[change : change + 10] == truth[change]
        out.append(float(np.argmax(after)) + 1.0 if after.any() else np.inf)
    return out


def _row(late: Sequence[float]) -> list[str]:
    seen = [one for one in late if np.isfinite(one)]
    if not seen:
        return [str(len(late)), "0", "-", "-", "-"]
    return [
        str(len(late)), percent(len(seen) / len(late)), number(float(np.median(seen)), 0),
        number(float(np.percentile(seen, 95)), 0), number(max(seen), 0),
    ]  # fmt: skip
