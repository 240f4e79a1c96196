"""What labels and cameras say should come out, by the plainest rules that give it.

Written from the definitions in docs/api.md and the evidence, not from the analysis: whole stretches are
weighed here, where the service goes second by second.
"""

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from domain.posture import Activity
from domain.samples import Floats
from simulators.recorded import Label

Span = tuple[float, float]
Bools = NDArray[np.bool_]

PARTIAL_S, FULL_S = 60.0, 300.0


@dataclass(frozen=True, slots=True)
class Expected:
    """Spans from the start, s. over_s: when the seconds sat since the last full break reach the limit,
    None when they never do; up_s: when the person next stands up."""

    bouts: list[Span]
    breaks: list[Span]
    over_s: float | None
    up_s: float | None


def expected(labels: tuple[Label, ...], limit_s: float) -> Expected:
    """Bouts, breaks and the alert that these labels stand for."""
    runs: list[tuple[bool, Span]] = []
    for sits, group in groupby(labels, key=lambda label: label.activity is Activity.SITTING):
        members = list(group)
        runs.append((sits, (members[0].start_s, members[-1].end_s)))
    bouts: list[Span] = []
    breaks: list[Span] = []
    sat_s = 0.0
    over_s = up_s = None
    for sits, (start, end) in runs:
        if sits:
            if over_s is None and sat_s + end - start >= limit_s:
                over_s, up_s = start + limit_s - sat_s, end
            sat_s += end - start
            if bouts and not (breaks and breaks[-1][1] > bouts[-1][1]):
                bouts[-1] = (bouts[-1][0], end)  # the interruption was too short for a break
            else:
                bouts.append((start, end))
        elif bouts and end - start >= PARTIAL_S:
            breaks.append((start, end))
            sat_s = 0.0 if end - start >= FULL_S else sat_s
    return Expected(bouts, breaks, over_s, up_s)


def slouches(lean_deg: Floats, entry_deg: float, *, delay_s: int = 30) -> list[Span]:
    """Stretches of seconds from the entry until 2 s below 0.7 of it, of those that last the delay."""
    found: list[Span] = []
    start: int | None = None
    for second in range(len(lean_deg)):
        if start is None:
            if lean_deg[second] >= entry_deg:
                start = second
        elif np.all(lean_deg[second : second + 2] < 0.7 * entry_deg):
            if second - start >= delay_s:
                found.append((float(start), float(second)))
            start = None
    return found


def second_means(values: Floats, rate_hz: int) -> Floats:
    """Means of whole seconds of (n,) samples."""
    n = len(values) // rate_hz
    means: Floats = values[: n * rate_hz].reshape(n, rate_hz).mean(axis=1)
    return means


def away_from(changes_s: tuple[float, ...], seconds: Floats, within_s: float) -> Bools:
    """Which seconds, by their middles, lie further than `within_s` from every change."""
    far = np.ones(len(seconds), dtype=np.bool_)
    for change_s in changes_s:
        far &= np.abs(seconds + 0.5 - change_s) > within_s
    return far
