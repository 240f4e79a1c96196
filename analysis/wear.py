"""Whether the sensor is on a body: by evidence, never by a short stillness alone.

Motionless for an hour is off the body (van Hees et al. 2011, PLoS ONE 6:e22922: standard deviation and
range below limits on two axes; on all three where breath is felt, on the trunk). Ten minutes are
enough when gravity is where no worn sensor has it, or when the case was handled and then lies so
still that not even breath moves it.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.columns import Columns
from analysis.settings import AnalysisSettings
from domain.people import Calibration
from domain.placement import KNOWLEDGE, Placement

#: Breath alone moves a worn trunk sensor by more than this, g: second means over ten minutes [J].
_DEAD_RANGE_G = 0.008
#: Where breath is felt; a pelvis or a thigh at rest can be as still as a table.
_BREATHING = (Placement.UPPER_BACK, Placement.STERNUM)
#: Only a pose this far from the worn upright can be a case laid down.
_LAID_COS = math.cos(math.radians(45.0))
#: No trunk and no thigh is worn with its up axis this far beyond horizontal for ten minutes.
_UPSIDE_DOWN_COS = math.cos(math.radians(115.0))
#: It was handled when it moved like this within so many seconds of coming to rest.
_HANDLED_SD_G, _HANDLED_S = 0.05, 20
#: A case laid down still rocks for this long.
_SETTLED_S = 5
#: On again after this many seconds of motion within this time.
_ON_S, _ON_WITHIN_S = 5, 30


@dataclass(frozen=True, slots=True)
class Wear:
    """Per second, Unix s or 0. off_since: since when it is not worn. put_on_at: when it was put on, where
    that has just shown. idle_since: since when it lies as if laid down, which by itself may be a
    leg at rest, and is believed when another sensor is off the body."""

    off_since: list[int]
    put_on_at: list[int]
    idle_since: list[int]


class WearRule:
    """One sensor's state; times are whole Unix s."""

    def __init__(
        self, placement: Placement, calibration: Calibration | None, settings: AnalysisSettings
    ) -> None:
        self._settings = settings
        self._range_g = settings.not_worn_range_g
        posed = calibration is not None and calibration.method.posed
        self._up = calibration.rotation[2] if calibration is not None and posed else None
        self._may_lie_flat = placement in _BREATHING
        self._axes_needed = 3 if KNOWLEDGE[placement].trunk else 2
        self._start = 0  # of the motionless run, 0 when there is none
        self._run_s = 0
        self._low = [0.0, 0.0, 0.0]
        self._high = [0.0, 0.0, 0.0]
        self._handled = False
        self._last_motion = -math.inf
        self._off = 0  # since when it is not worn
        self._heard = 0  # the last second with samples
        self._motion_start = 0  # of the motion that may end being off
        self._motion_s = 0

    def refer(self, calibration: Calibration) -> None:
        """Go by `calibration` from now on: the same poses, seen a little better."""
        self._up = calibration.rotation[2]

    def judge(self, columns: Columns) -> Wear:
        """What is so in each second."""
        settings = self._settings
        bridge_s = settings.bridge_s
        k = len(columns.seconds)
        off, ends, idle = [0] * k, [0] * k, [0] * k
        soonest = min(settings.not_worn_flat_s, settings.not_worn_s)
        moved = columns.sd_total_g > _HANDLED_SD_G
        axes = np.add.reduce(columns.sd_second_g < settings.not_worn_sd_g, axis=0)
        quiet = (axes >= self._axes_needed) & ~moved
        means = columns.mean_g.T.tolist()
        rows = zip(
            columns.seconds.tolist(), columns.fresh.tolist(), moved.tolist(), quiet.tolist(),
            means, strict=True,
        )  # fmt: skip
        for i, (second, is_fresh, is_handled, is_quiet, mean) in enumerate(rows):
            if not is_fresh:
                off[i] = self._off
                continue
            if second - self._heard > bridge_s:
                self._start = 0
            self._heard = second
            if is_handled:
                self._last_motion = second
            still = is_quiet and self._in_range(second, mean)
            if not still:
                self._start = 0
            if self._off:
                self._watch_for_motion(second, still)
                if not self._off:
                    ends[i] = self._motion_start
            elif still and second + 1 - self._start >= soonest:
                laid = self._handled and self._dead()
                idle[i] = self._start if laid else 0
                if second + 1 - self._start >= self._needed_s(mean, laid=laid):
                    self._off = self._start
                    self._motion_start = self._motion_s = 0
            off[i] = self._off
        return Wear(off, ends, idle)

    def _in_range(self, second: int, mean: list[float]) -> bool:
        """Whether the run goes on: second means within the range. Starts one if there is none."""
        low, high = self._low, self._high
        self._run_s += 1
        if self._run_s == _SETTLED_S:
            low[:], high[:] = mean, mean
            return True
        if not self._start:
            self._start = second
            self._run_s = 0
            self._handled = second - self._last_motion <= _HANDLED_S
            low[:], high[:] = mean, mean
            return True
        x, y, z = mean
        if x < low[0]:
            low[0] = x
        elif x > high[0]:
            high[0] = x
        if y < low[1]:
            low[1] = y
        elif y > high[1]:
            high[1] = y
        if z < low[2]:
            low[2] = z
        elif z > high[2]:
            high[2] = z
        limit = self._range_g
        within = (
            (high[0] - low[0] < limit) + (high[1] - low[1] < limit) + (high[2] - low[2] < limit)
        )
        return within >= self._axes_needed

    def _dead(self) -> bool:
        (x0, y0, z0), (x1, y1, z1) = self._low, self._high
        return max(x1 - x0, y1 - y0, z1 - z0) < _DEAD_RANGE_G

    def _needed_s(self, mean: list[float], *, laid: bool) -> float:
        """How long this run has to last to be off the body."""
        if self._up is None:
            return self._settings.not_worn_s
        (x, y, z), (ux, uy, uz) = mean, self._up
        along = (x * ux + y * uy + z * uz) / max(math.sqrt(x * x + y * y + z * z), 1e-9)
        if along < _UPSIDE_DOWN_COS or (laid and self._may_lie_flat and along < _LAID_COS):
            return self._settings.not_worn_flat_s
        return self._settings.not_worn_s

    def _watch_for_motion(self, second: int, still: bool) -> None:
        if self._motion_start and second - self._motion_start >= _ON_WITHIN_S:
            self._motion_start = self._motion_s = 0
        if still:
            return
        if not self._motion_start:
            self._motion_start = second
        self._motion_s += 1
        if self._motion_s >= _ON_S:
            self._off = 0

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        for name in _REMEMBERED:
            value = saved[name]
            old = getattr(self, name)
            setattr(
                self, name, list(map(float, value)) if isinstance(old, list) else type(old)(value)
            )


_REMEMBERED = (
    "_start", "_run_s", "_low", "_high", "_handled", "_last_motion", "_off", "_heard",
    "_motion_start", "_motion_s",
)  # fmt: skip
