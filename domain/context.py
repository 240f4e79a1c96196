"""What the analysis of a wearer went by from some time on: settings, sensors, references, version.

Kept with the frames and episodes, so that what was measured can be explained as it was decided, also
after everything was set otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.people import Calibration, ReferenceMethod
from domain.placement import Placement


@dataclass(frozen=True, slots=True)
class ReferenceInForce:
    """A calibration as an explanation needs it; `sensor` and `made_at` (Unix s) name its version.

    sigma_deg: standard error of the reference, NaN when nobody said. slouch_deg: the wearer's own
    slouch from upright, None with one pose alone.
    """

    made_at: float
    method: ReferenceMethod
    sigma_deg: float
    slouch_deg: float | None

    @classmethod
    def of(cls, calibration: Calibration | None) -> "ReferenceInForce | None":
        """The same of a calibration; None of none."""
        if calibration is None:
            return None
        c = calibration
        return cls(c.made_at, c.method, c.sigma_deg, c.slouch_deg)


@dataclass(frozen=True, slots=True)
class SensorInForce:
    """One sensor that was worn: its id, its name then, its driver, where, and its reference.

    measures: what its driver delivers, as `acc`, `direction`, `gyro`; empty when nobody knows.
    """

    sensor: str
    name: str
    driver: str
    placement: Placement
    reference: ReferenceInForce | None
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnalysisContext:
    """What holds for the frames of `wearer` from second `since` on, Unix s, until the next one.

    settings: every analysis setting by name. sensors: in the order in which the analysis has them.
    """

    wearer: str
    since: int
    algorithm_version: str
    settings: Mapping[str, float]
    sensors: tuple[SensorInForce, ...]

    def goes_on(self, before: "AnalysisContext | None") -> bool:
        """Whether it says the same as `before`, apart from the time."""
        return before is not None and replace(before, since=self.since) == self

    def learnt_since(self, before: "AnalysisContext") -> bool:
        """Whether nothing but references that no pose was held for differ from `before`."""
        pairs = [*zip(self.sensors, before.sensors, strict=False)]
        same = [replace(now, reference=then.reference) == then for now, then in pairs]
        changed = [now.reference for now, then in pairs if now.reference != then.reference]
        return (
            len(self.sensors) == len(before.sensors)
            and all(same)
            and all(r is not None and not r.method.posed for r in changed)
            and replace(self, since=before.since, sensors=before.sensors) == before
        )

    def at(self, placement: Placement) -> SensorInForce | None:
        """The sensor that was worn there."""
        return next((each for each in self.sensors if each.placement is placement), None)
