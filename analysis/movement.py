"""How a wearer moves, out of all their sensors: twist, turns, steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools
from analysis.features import Grid
from analysis.heading import Headings
from analysis.rotation import Rotation, RotationRule
from analysis.settings import AnalysisSettings
from analysis.sides import STEPS
from analysis.steps import STIR_MAD_MG, StepCounter
from analysis.track import Judged, Mounted
from domain.placement import Placement
from domain.posture import Activity
from domain.samples import Floats

#: Who is asked first for steps: the nearer to the middle of the body, the fewer other movements.
STEP_ORDER = (
    Placement.WAIST, Placement.LOWER_BACK, Placement.UPPER_BACK, Placement.STERNUM, Placement.THIGH,
    Placement.HEAD, Placement.WRIST,
)  # fmt: skip
_MOVING = int(Activity.MOVING)
#: Nobody who sits or lies, and no sensor on a table, makes steps.
_ON_FEET: Bools = np.array(
    [activity not in (Activity.SITTING, Activity.LYING, Activity.NOT_WORN) for activity in Activity]
)


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """Columns over the grid (k,): see Rotation and StepCounter.count."""

    rotation: Rotation
    cadence_spm: Floats


class MovementRule:
    """One wearer's twist, turns and steps."""

    def __init__(self, worn: Sequence[Mounted], settings: AnalysisSettings) -> None:
        self._worn = [(mounted.sensor, mounted.placement.value) for mounted in worn]
        self._rotation = RotationRule([mounted.placement for mounted in worn], settings)
        self._steps = StepCounter()
        self._step_order = [
            i
            for placement in STEP_ORDER
            for i, mounted in enumerate(worn)
            if mounted.placement is placement and mounted.scaled
        ]
        self._step_source = -1

    def judge(
        self, seconds: Grid, judged: Mapping[int, Judged], activity: NDArray[np.uint8]
    ) -> Movement:
        """What is so in each second, given what the wearer does."""
        cadence = self._cadence(seconds, judged, _ON_FEET[activity])
        headings: dict[int, Headings] = {}
        for i, one in judged.items():
            if one.headings is not None:
                headings[i] = one.headings
                if np.count_nonzero(one.worn) < len(seconds):
                    headings[i] = one.headings.only(one.worn)
        if not headings:
            return Movement(Rotation.unknown(len(seconds)), cadence)
        rotation = self._rotation.judge(seconds, headings, activity == _MOVING, cadence > 0.0)
        return Movement(rotation, cadence)

    def _cadence(self, seconds: Grid, judged: Mapping[int, Judged], on_feet: Bools) -> Floats:
        radius_g = stirs = None
        source: Grid | None = None
        for i in self._step_order:
            one = judged[i]
            mine = one.columns.sides.get(STEPS)
            if mine is None:
                continue
            if radius_g is None or stirs is None:
                radius_g, stirs = mine, one.worn & (one.columns.mad_mg >= STIR_MAD_MG)
                if len(self._step_order) > 1:
                    source = np.where(one.worn & np.isfinite(mine[0]), i, -1)
                    radius_g = np.where(source >= 0, mine, np.nan)
                continue
            assert source is not None  # there are several
            free = (source < 0) & one.worn & np.isfinite(mine[0])
            radius_g = np.where(free, mine, radius_g)
            stirs = np.where(free, one.columns.mad_mg >= STIR_MAD_MG, stirs)
            source = np.where(free, i, source)
        if radius_g is None or stirs is None:
            return np.full(len(seconds), np.nan)
        walking = stirs & on_feet
        if source is not None:  # a run is one sensor's
            changed = np.empty(len(source), dtype=np.bool_)
            changed[0], changed[1:] = source[0] != self._step_source, source[1:] != source[:-1]
            walking &= ~changed
            self._step_source = int(source[-1])
        return self._steps.count(seconds, radius_g, walking)

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "worn": [list(one) for one in self._worn],
            "rotation": self._rotation.save(),
            "steps": self._steps.save(),
            "step_source": self._step_source,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave; with other sensors it starts afresh."""
        if [tuple(one) for one in saved["worn"]] != self._worn:
            return
        self._rotation.load(saved["rotation"])
        self._steps.load(saved["steps"])
        self._step_source = int(saved["step_source"])
