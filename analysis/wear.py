"""Whether the sensor is on a body: by evidence, never by a short stillness alone.

Motionless for an hour is off the body (van Hees et al. 2011, PLoS ONE 6:e22922: standard deviation and range
below limits on two axes). Ten minutes are enough when gravity is where no worn sensor has it, or
when the case was handled and then lies so still that not even breath moves it.
"""

import math
from typing import Any

from analysis.columns import Columns
from analysis.settings import AnalysisSettings
from domain.people import Calibration
from domain.placement import KNOWLEDGE, Placement

#: Breath alone moves a worn trunk sensor by more than this, g: second means over ten minutes [J].
_DEAD_RANGE_G = 0.008
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


class WearRule:
    """One sensor's state; times are whole Unix s."""

    def __init__(
        self, placement: Placement, calibration: Calibration | None, settings: AnalysisSettings
    ) -> None:
        self._settings = settings
        self._up = None if calibration is None else calibration.rotation[2]
        self._may_lie_flat = KNOWLEDGE[placement].trunk
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

    def judge(self, columns: Columns) -> tuple[list[int], list[int]]:
        """Per second: since when it is not worn, 0 while it is worn; and, where it has just been put
        on, when that was, else 0."""
        settings = self._settings
        k = len(columns.seconds)
        off, ends = [0] * k, [0] * k
        fresh = columns.fresh.tolist()
        sx, sy, sz = columns.sd_second_g
        limit = settings.not_worn_sd_g
        soonest = min(settings.not_worn_flat_s, settings.not_worn_s)
        quiet = ((sx < limit).astype(int) + (sy < limit) + (sz < limit) >= 2).tolist()
        handled = (columns.sd_total_g > _HANDLED_SD_G).tolist()
        means = columns.mean_g.T.tolist()
        seconds = columns.seconds.tolist()
        for i in range(k):
            if not fresh[i]:
                off[i] = self._off
                continue
            second = seconds[i]
            if second - self._heard > settings.bridge_s:
                self._start = 0
            self._heard = second
            if handled[i]:
                self._last_motion = second
            still = quiet[i] and self._in_range(second, means[i])
            if not still:
                self._start = 0
            if self._off:
                self._watch_for_motion(second, still)
                if not self._off:
                    ends[i] = self._motion_start
            elif still and second + 1 - self._start >= soonest and self._is_off(second, means[i]):
                self._off = self._start
                self._motion_start = self._motion_s = 0
            off[i] = self._off
        return off, ends

    def _in_range(self, second: int, mean: list[float]) -> bool:
        """Whether the run goes on: second means within the range on two axes. Starts one if none."""
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
        within = 0
        for axis in (0, 1, 2):
            value = mean[axis]
            if value < low[axis]:
                low[axis] = value
            elif value > high[axis]:
                high[axis] = value
            within += high[axis] - low[axis] < self._settings.not_worn_range_g
        return within >= 2

    def _is_off(self, second: int, mean: list[float]) -> bool:
        return second + 1 - self._start >= self._needed_s(mean)

    def _needed_s(self, mean: list[float]) -> float:
        """How long this run has to last to be off the body."""
        if self._up is None:
            return self._settings.not_worn_s
        length = math.sqrt(mean[0] ** 2 + mean[1] ** 2 + mean[2] ** 2)
        along = sum(u * m for u, m in zip(self._up, mean, strict=True)) / max(length, 1e-9)
        if along < _UPSIDE_DOWN_COS:
            return self._settings.not_worn_flat_s
        dead = all(h - low < _DEAD_RANGE_G for h, low in zip(self._high, self._low, strict=True))
        if self._may_lie_flat and self._handled and dead and along < _LAID_COS:
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
