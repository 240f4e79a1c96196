"""Side tables: what a rule wants of a second's samples beside analysis/features.py.

A reducer looks at the samples of whole seconds and at nothing else, keeps no memory and sums in an order
that the second alone decides (see features.py), so any chunking gives the same bits, and seconds of
several wearers may lie side by side. Memory belongs to rules and machines, which read columns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.cut import SUB_BLOCKS, Cut
from analysis.steps import reduce_radius
from analysis.yaw import YAW_WIDTH, reduce_yaw
from domain.placement import KNOWLEDGE, Knowledge, Placement
from domain.samples import Floats

#: Names of the side tables: turns about the vertical, and what steps are told from.
YAW, STEPS = "yaw", "steps"


@dataclass(frozen=True, slots=True)
class SideTable:
    """reduce: (width, m) of the m seconds of a cut; ten tenths of a second are ten rows."""

    width: int
    reduce: Callable[[Cut], Floats]


def sides_of(placement: Placement) -> Mapping[str, SideTable]:
    """The side tables of a sensor worn at `placement`, by the name they have in Columns.sides."""
    out: dict[str, SideTable] = {}
    if KNOWLEDGE[placement].trunk or placement is Placement.SEAT:
        out[YAW] = SideTable(YAW_WIDTH, reduce_yaw)
    if KNOWLEDGE[placement].steps is not Knowledge.NO:
        out[STEPS] = SideTable(SUB_BLOCKS, reduce_radius)
    return out
