"""What a data set's module hands to the page: tables, and bars that are met or missed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure that has to be reached. published: the best known figure, with its source.

    why: what the figures say of a miss; shown only then. A measured NaN is "not measured yet".
    """

    what: str
    measured: float
    limit: float
    unit: str
    published: str
    at_least: bool = False
    why: str = ""

    @property
    def missed_by(self) -> float:
        """How far beyond the limit, in the unit; 0 when it is met, NaN when nothing was measured."""
        if math.isnan(self.measured):
            return math.nan
        over = self.limit - self.measured if self.at_least else self.measured - self.limit
        return max(0.0, over)


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text; note: what stands below."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One data set. folder: its name under the data, empty for what is made here."""

    title: str
    folder: str
    how: str
    tables: Sequence[Table]
    bars: Sequence[Bar] = field(default_factory=tuple)

    def bar(self, what: str) -> Bar:
        """The bar whose name begins so."""
        return next(bar for bar in self.bars if bar.what.startswith(what))


def number(value: float, digits: int = 1) -> str:
    """A figure, or a dash where there is none."""
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def percent(share: float, digits: int = 1) -> str:
    """A share in percent, or a dash."""
    return "-" if math.isnan(share) else f"{100.0 * share:.{digits}f} %"
