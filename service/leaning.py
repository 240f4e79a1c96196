"""The lean ten times a second, for whoever watches, and worked out for nobody else."""

import math

import numpy as np

from analysis.glance import Angles, Glance
from analysis.settings import AnalysisSettings
from api.leans import LeanHub, Leans
from domain.samples import Floats, SampleBlock
from service.engine import Engine

#: No sensor is good to more than this.
_DIGITS = 1


class Leaning:
    """Sees the samples of every sensor, looks at those that give a lean which somebody watches."""

    def __init__(self, hub: LeanHub, engine: Engine, settings: AnalysisSettings) -> None:
        self._hub = hub
        self._engine = engine
        self._settings = settings
        self._glances: dict[str, Glance] = {}

    def take(self, block: SampleBlock) -> None:
        """Samples of a sensor, after the engine had them."""
        watched = self._hub.watched()
        if not watched:
            self._glances.clear()
        for wearer in watched:
            by = self._engine.lean_by(wearer)
            if by is not None and by.sensor == block.sensor:
                glance = self._glances.setdefault(block.sensor, Glance(self._settings))
                self._publish(wearer, glance.see(block, by))

    def _publish(self, wearer: str, seen: Angles) -> None:
        if len(seen.times):
            times = [round(float(time), 2) for time in seen.times]
            lean, side = _known(seen.lean_deg), _known(seen.side_deg)
            self._hub.publish(Leans(wearer=wearer, times=times, lean_deg=lean, side_deg=side))


def _known(values: Floats) -> list[float | None]:
    return [None if math.isnan(value) else value for value in np.round(values, _DIGITS).tolist()]
