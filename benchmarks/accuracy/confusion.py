"""Seconds by what is true and by what was said."""

import math
from collections.abc import Iterable, Mapping
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.accuracy.section import Table, percent
from domain.posture import Activity

_ORDER = (Activity.LYING, Activity.SITTING, Activity.STANDING, Activity.MOVING)
_SAID = (*_ORDER, Activity.UNKNOWN, Activity.NOT_WORN)


class Confusion:
    """Counts [true, said] over Activity; unknown and not_worn are wrong answers."""

    def __init__(self) -> None:
        self.counts = np.zeros((len(Activity), len(Activity)), dtype=np.int64)

    def add(self, truth: ArrayLike, said: ArrayLike) -> Self:
        """Count seconds, two columns of Activity numbers."""
        np.add.at(self.counts, (np.asarray(truth, np.intp), np.asarray(said, np.intp)), 1)
        return self

    @classmethod
    def of(cls, others: Iterable["Confusion"]) -> "Confusion":
        """All of them together."""
        out = cls()
        for other in others:
            out.counts += other.counts
        return out

    @property
    def n(self) -> int:
        """Seconds."""
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float:
        """Share of seconds that are right."""
        return float(np.trace(self.counts)) / self.n if self.n else math.nan

    @property
    def balanced(self) -> float:
        """Mean over the true classes of the share that is right."""
        recalls = [self.recall(a) for a in _ORDER if self.counts[a].sum()]
        return float(np.mean(recalls)) if recalls else math.nan

    @property
    def unknown(self) -> float:
        """Share of seconds that are called unknown."""
        return float(self.counts[:, Activity.UNKNOWN].sum()) / self.n if self.n else math.nan

    def recall(self, activity: Activity) -> float:
        """Share of the seconds of `activity` that are called so."""
        total = int(self.counts[activity].sum())
        return float(self.counts[activity, activity]) / total if total else math.nan

    def table(self, title: str, note: str = "") -> Table:
        """Rows what is true, columns what was said, seconds."""
        rows = [
            [a.word, *(str(self.counts[a, said]) for said in _SAID), percent(self.recall(a))]
            for a in _ORDER
            if self.counts[a].sum()
        ]
        return Table(title, ["true \\ said, s", *(a.word for a in _SAID), "right"], rows, note)


def people_table(title: str, by_person: Mapping[str, Confusion], note: str = "") -> Table:
    """A row a person, the worst by balanced accuracy first and marked."""
    order = sorted(by_person, key=lambda who: by_person[who].balanced)
    rows = []
    for place, who in enumerate(order):
        one = by_person[who]
        name = f"**{who}**" if place == 0 else who
        rows.append(
            [name, str(one.n), percent(one.accuracy), percent(one.balanced), percent(one.unknown)]
        )
    return Table(title, ["who", "s", "right", "balanced", "unknown"], rows, note)
