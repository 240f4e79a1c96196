"""Whether the sensor is on a body: by evidence, never by a short stillness alone.

Motionless for an hour is off the body (van Hees et al. 2011, PLoS ONE 6:e22922: standard deviation and
range below limits on two axes; on all three where breath is felt, on the trunk). Ten minutes are
enough when gravity is where no worn sensor has it, or when the case was handled and then lies so
still that not even breath moves it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from analysis.columns import Columns
from analysis.features import Grid
from analysis.settings import AnalysisSettings
from domain.people import Calibration
from domain.placement import KNOWLEDGE, Placement
from domain.samples import Floats

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

#: What one second shows: nothing, motion, no motion, or neither.
_NOT_FRESH, _MOVED, _QUIET, _OTHER = range(4)
#: Second, what it shows, the mean along each axis, g, and how long a run has to last: see _needed_s.
Rows: TypeAlias = Iterable[tuple[int, int, float, float, float, float, float]]
#: From so many seconds on it is worth while to look for those that matter.
_WORTH = 64


@dataclass(frozen=True, slots=True, eq=False)
class Wear:
    """(k,) Unix s or 0. off_since: since when it is not worn. put_on_at: when it was put on, where
    that has just shown. idle_since: since when it lies as if laid down, which by itself may be a
    leg at rest, and is believed when another sensor is off the body."""

    off_since: Grid
    put_on_at: Grid
    idle_since: Grid


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
        moved = columns.sd_total_g > _HANDLED_SD_G
        axes = np.add.reduce(columns.sd_second_g < settings.not_worn_sd_g, axis=0)
        quiet = (axes >= self._axes_needed) & ~moved
        x, y, z = columns.mean_g
        worn_s, laid_s = self._needed_s(x, y, z)
        k = len(columns.seconds)
        state = np.where(quiet, _QUIET, np.where(moved, _MOVED, _OTHER))
        state[~columns.fresh] = _NOT_FRESH
        table = np.zeros((3, k), dtype=np.int64)
        done = 0
        for start, end in [*self._spans(columns.seconds, state), (k, k)]:
            if done < start and not self._off:
                self._pass(columns.seconds[done:start], state[done:start])
                done = start
            if done < end:
                part = slice(done, end)
                columns_of = (columns.seconds, state, x, y, z, worn_s, laid_s)
                rows = zip(*(column[part].tolist() for column in columns_of), strict=True)
                table[:, part] = self._weigh(rows, end - done)
            done = end
        return Wear(*table)

    def _spans(self, seconds: Grid, state: Grid) -> list[tuple[int, int]]:
        """Rows [start, end) to be looked at one by one: those of runs that may last long enough to be off the
        body, that have begun before, or that the next seconds may go on with."""
        k = len(seconds)
        if k < _WORTH or self._off:
            return [(0, k)]
        heard = (state != _NOT_FRESH).nonzero()[0]
        quiet = state[heard] == _QUIET
        edges = np.empty(len(heard) + 1, dtype=np.bool_)
        edges[1:-1] = quiet[1:] != quiet[:-1]
        edges[0], edges[-1] = quiet[:1].any(), quiet[-1:].any()
        cuts = edges.nonzero()[0]
        begins, ends = heard[cuts[::2]], heard[cuts[1::2] - 1]
        soonest = min(self._settings.not_worn_flat_s, self._settings.not_worn_s)
        matters = seconds[ends] + 1 - seconds[begins] >= soonest
        if len(begins):
            matters[0] |= self._start != 0 and begins[0] == heard[0]
            matters[-1] |= ends[-1] == heard[-1]
        return list(zip(begins[matters].tolist(), (ends[matters] + 1).tolist(), strict=True))

    def _pass(self, seconds: Grid, state: Grid) -> None:
        """Seconds at whose end, and before which, there is no run, and in which none can matter."""
        heard, moved = (state != _NOT_FRESH).nonzero()[0], (state == _MOVED).nonzero()[0]
        if len(heard):
            self._start, self._heard = 0, int(seconds[heard[-1]])
        if len(moved):
            self._last_motion = int(seconds[moved[-1]])

    def _needed_s(self, x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats]:
        """How long a run has to last in each second to be off the body: of any, and of a case laid down."""
        settings = self._settings
        worn_s = np.full(len(x), settings.not_worn_s)
        if self._up is None:
            return worn_s, worn_s
        ux, uy, uz = self._up
        along = (x * ux + y * uy + z * uz) / np.maximum(np.sqrt(x * x + y * y + z * z), 1e-9)
        upside_down = along < _UPSIDE_DOWN_COS
        worn_s[upside_down] = settings.not_worn_flat_s
        if not self._may_lie_flat:
            return worn_s, worn_s
        flat = upside_down | (along < _LAID_COS)
        return worn_s, np.where(flat, settings.not_worn_flat_s, settings.not_worn_s)

    def _weigh(self, rows: Rows, n: int) -> tuple[list[int], list[int], list[int]]:
        """n seconds one by one; the columns of Wear. One loop, since many nights go through it."""
        off, ends, idle = [0] * n, [0] * n, [0] * n
        bridge_s, limit, needed = self._settings.bridge_s, self._range_g, self._axes_needed
        soonest = min(self._settings.not_worn_flat_s, self._settings.not_worn_s)
        start, run_s, heard = self._start, self._run_s, self._heard
        (lx, ly, lz), (hx, hy, hz) = self._low, self._high
        for i, (second, state, x, y, z, worn_s, laid_s) in enumerate(rows):
            if state == _NOT_FRESH:
                off[i] = self._off
                continue
            if second - heard > bridge_s:
                start = 0
            heard = second
            still = state == _QUIET
            if not still:
                start = 0
                if state == _MOVED:
                    self._last_motion = second
            elif not start:
                start, run_s = second, 0
                self._handled = second - self._last_motion <= _HANDLED_S
                lx, ly, lz = hx, hy, hz = x, y, z
            else:
                run_s += 1
                if run_s == _SETTLED_S:
                    lx, ly, lz = hx, hy, hz = x, y, z
                elif not (lx <= x <= hx and ly <= y <= hy and lz <= z <= hz):
                    lx, ly, lz = min(x, lx), min(y, ly), min(z, lz)
                    hx, hy, hz = max(x, hx), max(y, hy), max(z, hz)
                    within = (hx - lx < limit) + (hy - ly < limit) + (hz - lz < limit)
                    if within < needed:
                        still, start = False, 0
            if self._off:
                self._watch_for_motion(second, still)
                if not self._off:
                    ends[i] = self._motion_start
            elif still and second + 1 - start >= soonest:
                laid = self._handled and max(hx - lx, hy - ly, hz - lz) < _DEAD_RANGE_G
                idle[i] = start if laid else 0
                if second + 1 - start >= (laid_s if laid else worn_s):
                    self._off = start
                    self._motion_start = self._motion_s = 0
            off[i] = self._off
        self._start, self._run_s, self._heard = start, run_s, heard
        self._low, self._high = [lx, ly, lz], [hx, hy, hz]
        return off, ends, idle

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
