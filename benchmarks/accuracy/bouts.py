"""Sitting bouts found against bouts that are true, whatever the day is made of."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis import Analysis
from benchmarks.accuracy.section import Table, number, percent

Bout = tuple[int, int]
#: Interruptions up to this belong to the bout (docs/decisions/0004).
_BRIDGED_S = 60
LONG_S = 1800


@dataclass
class Days:
    """What was found on some days. off_s: |start or end error| of every true bout that was found."""

    true: int = 0
    found: int = 0
    extra: int = 0
    long: int = 0
    long_found: int = 0
    off_s: list[float] = field(default_factory=list)
    start_s: list[float] = field(default_factory=list)
    end_s: list[float] = field(default_factory=list)
    totals: list[float] = field(default_factory=list)  # found over true sitting, by day

    def add(self, truth: Sequence[Bout], said: Sequence[Bout], within_s: float) -> "Days":
        """One day; a bout is found when one that was said overlaps it by more than half of both."""
        left = list(said)
        for start, end in truth:
            match = next((one for one in left if _agree((start, end), one)), None)
            self.true += 1
            is_long = end - start >= LONG_S
            self.long += is_long
            if match is None:
                continue
            left.remove(match)
            self.found += 1
            self.start_s.append(match[0] - start)
            self.end_s.append(match[1] - end)
            off = max(abs(self.start_s[-1]), abs(self.end_s[-1]))
            self.off_s.append(off)
            self.long_found += is_long and off <= within_s
        self.extra += len(left)
        total = sum(end - start for start, end in truth)
        self.totals.append(sum(end - start for start, end in said) / total if total else math.nan)
        return self

    @property
    def worst_total(self) -> float:
        """The largest |error| of a day's total, as a share."""
        return float(np.max(np.abs(np.array(self.totals) - 1.0))) if self.totals else math.nan

    @property
    def long_share(self) -> float:
        """Share of the true bouts of LONG_S or more that were found with both ends in time."""
        return self.long_found / self.long if self.long else math.nan


def bridged(starts_ends: Sequence[Bout]) -> list[Bout]:
    """True bouts with the interruptions that do not end one taken in."""
    out: list[Bout] = []
    for start, end in starts_ends:
        if out and start - out[-1][1] < _BRIDGED_S:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def runs(sits: NDArray[np.bool_], first: int) -> list[Bout]:
    """Where `sits` is true, second by second from `first`."""
    edges = np.diff(np.concatenate([[0], sits.astype(int), [0]]))
    starts, ends = np.flatnonzero(edges == 1) + first, np.flatnonzero(edges == -1) + first
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def said(result: Analysis) -> list[Bout]:
    """The sitting episodes."""
    return [(e.start, e.end) for e in result.episodes if e.kind == "sitting" and e.end is not None]


def days_table(title: str, by: dict[str, Days], within_s: float, note: str = "") -> Table:
    """A row each, the worst by the day's total first and marked."""
    order = sorted(by, key=lambda who: -by[who].worst_total)
    rows = []
    for place, who in enumerate(order):
        one = by[who]
        rows.append(
            [
                f"**{who}**" if place == 0 else who, str(len(one.totals)),
                f"{one.found} of {one.true}", str(one.extra), f"{one.long_found} of {one.long}",
                _spread(one.start_s), _spread(one.end_s),
                percent(float(np.mean(one.totals)) - 1.0, 2), percent(one.worst_total, 2),
            ]
        )  # fmt: skip
    head = [
        "who", "days", "bouts found", "not true", f"of 30 min and more within {within_s:g} s",
        "start late s: median, worst", "end late s: median, worst", "total: bias", "total: worst day",
    ]  # fmt: skip
    return Table(title, head, rows, note)


def _agree(a: Bout, b: Bout) -> bool:
    common = min(a[1], b[1]) - max(a[0], b[0])
    return common > 0.5 * max(a[1] - a[0], b[1] - b[0])


def _spread(errors: Sequence[float]) -> str:
    if not errors:
        return "-"
    worst = max(errors, key=abs)
    return f"{number(float(np.median(errors)), 0)}, {worst:+.0f}"
