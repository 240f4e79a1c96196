"""What was in force at a time, as the explanations ask for it."""

import math

from analysis.phrases import duration, plain
from analysis.version import ALGORITHM_VERSION
from domain.context import AnalysisContext, ReferenceInForce, SensorInForce
from domain.explanation import Comparison, Row
from domain.placement import KNOWLEDGE, Placement
from domain.said import NOTHING, Said

#: Units that names of settings end in.
_UNITS = ("deg", "g", "s")
#: Half the step in which probabilities are kept (docs/storage.md).
_HALF_STEP = 0.0005


class Facts:
    """A context, or its absence; remembers in `used` which settings were asked for.

    Nothing here ever stands in for what is not known: no default, and no setting of today.
    """

    def __init__(self, context: AnalysisContext | None) -> None:
        self.context = context
        self.used: dict[str, float] = {}

    def setting(self, name: str) -> float:
        """Its value then; NaN when it is not known, or there was none of this name."""
        if self.context is None or name not in self.context.settings:
            return math.nan
        value = self.used[name] = float(self.context.settings[name])
        return value

    def words(self, name: str) -> Said:
        """The same for people: `45 deg`; a time as a duration."""
        value, unit = self.setting(name), name.rpartition("_")[2]
        if unit == "s" and value >= 60.0:
            return duration(value)
        return plain(value, unit if unit in _UNITS else "")

    @property
    def sensors(self) -> tuple[SensorInForce, ...]:
        """What was worn, as far as it is known."""
        return () if self.context is None else self.context.sensors

    def worn(self, *placements: Placement) -> SensorInForce | None:
        """The first of these places that held a sensor."""
        found = (
            sensor for place in placements for sensor in self.sensors if sensor.placement is place
        )
        return next(found, None)

    def trunk(self) -> tuple[SensorInForce, ...]:
        """The sensors on the trunk, belt included."""
        return tuple(sensor for sensor in self.sensors if KNOWLEDGE[sensor.placement].trunk)

    def reference(self, placement: Placement | None) -> ReferenceInForce | None:
        """The calibration of the sensor at a place."""
        sensor = None if placement is None else self.worn(placement)
        return None if sensor is None else sensor.reference

    @property
    def same_rules(self) -> bool:
        """Whether it was decided by the rules of this version, so that its figures can be worked back."""
        return self.context is not None and self.context.algorithm_version == ALGORITHM_VERSION


def row(
    name: str,
    words: Said,
    value: float,
    unit: str,
    limit: float = math.nan,
    note: Said = NOTHING,
) -> Row:
    """A row, compared."""
    if not math.isfinite(value - limit):
        comparison = Comparison.NONE
    else:
        comparison = Comparison.OVER if value >= limit else Comparison.UNDER
    return Row(name, words, value, unit, limit, comparison, note)


def distance(probability: float, width: float) -> tuple[float, float]:
    """How far a value was from its limit, at least and at most, when a logistic curve of `width` made
    `probability` of it. At most is infinite where the kept digits no longer tell."""
    least, most = probability - _HALF_STEP, probability + _HALF_STEP
    return _logit(least) * width, _logit(most) * width


def _logit(p: float) -> float:
    if p <= 0.0:
        return -math.inf
    return math.inf if p >= 1.0 else math.log(p / (1.0 - p))
