"""Whether the sensor is on a body: by evidence, never by a short stillness alone.

Motionless for an hour is off the body (van Hees et al. 2011, PLoS ONE 6:e22922: standard deviation and
range below limits on two axes; on all three where breath is felt, on the trunk). Ten minutes are
enough when gravity is where no worn sensor has it, or when the case was handled and then lies so
still that not even breath moves it. A sensor that says that it is being charged is off the body at
once, and until it has been moved after that.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from analysis.columns import Bools, Columns
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

#: Seconds of a quiet run that are looked at together.
_TOGETHER = 1024


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
        self._soonest_s = min(settings.not_worn_flat_s, settings.not_worn_s)
        posed = calibration is not None and calibration.method.posed
        self._up = calibration.rotation[2] if calibration is not None and posed else None
        self._may_lie_flat = placement in _BREATHING
        self._on_all_axes = KNOWLEDGE[placement].trunk
        self._start = 0  # of the motionless run, 0 when there is none
        self._run_s = 0  # its seconds
        self._low, self._high = np.zeros((3, 1)), np.zeros((3, 1))  # of its means
        self._handled = False
        self._last_motion = -math.inf
        self._off = 0  # since when it is not worn
        self._heard = 0  # the last second with samples
        self._motion_start = 0  # of the motion that may end being off
        self._motion_s = 0

    def refer(self, calibration: Calibration) -> None:
        """Go by `calibration` from now on: the same poses, seen a little better."""
        self._up = calibration.rotation[2]

    def judge(self, columns: Columns, charging: Bools | None = None) -> Wear:
        """What is so in each second. charging: (k,) whether the sensor says that it is being charged."""
        k = len(columns.seconds)
        seconds, sd_g, total_g, mean_g = (
            columns.seconds, columns.sd_second_g, columns.sd_total_g, columns.mean_g,
        )  # fmt: skip
        heard: Grid | None = None
        if np.count_nonzero(columns.fresh) < k:
            heard = columns.fresh.nonzero()[0]
            seconds, total_g = seconds[heard], total_g[heard]
            sd_g, mean_g = sd_g[:, heard], mean_g[:, heard]
        before = self._off
        table = np.zeros((3, len(seconds)), dtype=np.int64)
        if len(seconds):
            moved = total_g > _HANDLED_SD_G
            quiet = self._on_enough_axes(sd_g < self._settings.not_worn_sd_g)
            quiet &= ~moved
            if charging is None:
                self._weigh(seconds, quiet, moved, mean_g, table)
            else:
                docked = charging if heard is None else charging[heard]
                edges = (docked[1:] != docked[:-1]).nonzero()[0] + 1
                for begin, end in pairwise([0, *edges.tolist(), len(seconds)]):
                    rows = slice(begin, end)
                    if docked[begin]:
                        self._dock(seconds[rows], table[:, rows])
                    else:
                        self._weigh(
                            seconds[rows], quiet[rows], moved[rows], mean_g[:, rows], table[:, rows]
                        )
        if heard is None:
            return Wear(*table)
        spread = np.zeros((3, k), dtype=np.int64)
        spread[:, heard] = table
        # A second that was not heard is as the one before it.
        last = np.add.accumulate(columns.fresh, dtype=np.int64)
        return Wear(np.append(before, table[0])[last], *spread[1:])

    def _dock(self, seconds: Grid, table: Grid) -> None:
        """Seconds in a row in which it is being charged."""
        if not self._off:
            self._off = int(seconds[0])
        table[0] = self._off
        self._start = self._motion_start = self._motion_s = 0
        self._heard = int(seconds[-1])

    def _weigh(
        self, seconds: Grid, quiet: Bools, moved: Bools, mean_g: Floats, table: Grid
    ) -> None:
        """Seconds that were heard (k,), run by run; fills `table`, (3, k) as Wear."""
        k, settings = len(seconds), self._settings
        edges = quiet[1:] != quiet[:-1]
        if seconds[0] - self._heard > settings.bridge_s:
            self._start = 0
        if seconds[-1] - seconds[0] >= k:
            edges |= seconds[1:] - seconds[:-1] > settings.bridge_s
        moved_at = seconds[moved]
        for begin, end in pairwise([0, *(edges.nonzero()[0] + 1).tolist(), k]):
            rows = slice(begin, end)
            lies = bool(quiet[begin])
            if begin or not lies:
                self._start = 0
            if not lies:
                if self._off:
                    self._stir(seconds[rows], table[:, rows])
            elif (
                self._start or self._off or end == k
                or seconds[end - 1] + 1 - seconds[begin] >= self._soonest_s
            ):  # fmt: skip
                if len(moved_at):
                    self._note_motion(moved_at[: np.searchsorted(moved_at, seconds[begin])])
                self._lie(seconds[rows], mean_g[:, rows], table[:, rows])
        self._heard = int(seconds[-1])
        self._note_motion(moved_at)

    def _on_enough_axes(self, so: Bools) -> Bools:
        """(k,) where it is so, (3, k), on two axes, or on all three where breath is felt."""
        x, y, z = so
        enough: Bools = x & y & z if self._on_all_axes else (x & y) | ((x | y) & z)
        return enough

    def _note_motion(self, seconds: Grid) -> None:
        if len(seconds):
            self._last_motion = int(seconds[-1])

    def _lie(self, seconds: Grid, mean_g: Floats, table: Grid) -> None:
        """Quiet seconds in a row: it lies still for as long as its means stay within the range."""
        at, n = 0, len(seconds)
        while at < n:
            if not self._start:
                self._start, self._run_s = int(seconds[at]), 0
                self._handled = self._start - self._last_motion <= _HANDLED_S
            # The range begins with the run, and anew when it has settled.
            end = min(n, at + _TOGETHER)
            if self._run_s < _SETTLED_S:
                end = min(end, at + _SETTLED_S - self._run_s)
            low = np.minimum.accumulate(mean_g[:, at:end], axis=1)
            high = np.maximum.accumulate(mean_g[:, at:end], axis=1)
            if self._run_s not in (0, _SETTLED_S):
                low, high = np.minimum(low, self._low), np.maximum(high, self._high)
            span = high - low
            within = self._on_enough_axes(span < self._range_g)
            still = int(np.count_nonzero(within))  # ranges only grow
            if still:
                rows = slice(at, at + still)
                self._rest(seconds[rows], mean_g[:, rows], span[:, :still], table[:, rows])
                last = slice(still - 1, still)
                self._low, self._high = low[:, last].copy(), high[:, last].copy()
                self._run_s += still
                at += still
            if at < end:
                self._start = 0
                if self._off:
                    self._stir(seconds[at : at + 1], table[:, at : at + 1])
                at += 1

    def _rest(self, seconds: Grid, mean_g: Floats, span_g: Floats, table: Grid) -> None:
        """Seconds of lying still since `_start`."""
        off, _, idle = table
        if self._off:
            off[:] = self._off
            if self._motion_start and seconds[-1] - self._motion_start >= _ON_WITHIN_S:
                self._motion_start = self._motion_s = 0
            return
        if int(seconds[-1]) + 1 - self._start < self._soonest_s:
            return
        rested_s = seconds + 1 - self._start
        laid = self._handled & (np.maximum.reduce(span_g) < _DEAD_RANGE_G)
        idle[laid & (rested_s >= self._soonest_s)] = self._start
        due = (rested_s >= self._needed_s(mean_g, laid)).nonzero()[0]
        if len(due):
            off[due[0] :] = self._off = self._start
            idle[due[0] + 1 :] = 0
            self._motion_start = self._motion_s = 0

    def _needed_s(self, mean_g: Floats, laid: Bools) -> Floats:
        """How long it has to lie to be off the body, in each second; laid: as a case that was laid down."""
        settings = self._settings
        needed_s = np.full(len(laid), settings.not_worn_s)
        if self._up is not None:
            (x, y, z), (ux, uy, uz) = mean_g, self._up
            along = (x * ux + y * uy + z * uz) / np.maximum(np.sqrt(x * x + y * y + z * z), 1e-9)
            flat = along < _UPSIDE_DOWN_COS
            if self._may_lie_flat:
                flat |= laid & (along < _LAID_COS)
            needed_s[flat] = settings.not_worn_flat_s
        return needed_s

    def _stir(self, seconds: Grid, table: Grid) -> None:
        """Seconds of not lying still while it is off the body; enough of them end that."""
        off, ends, _ = table
        for row, second in enumerate(seconds.tolist()):
            if self._motion_start and second - self._motion_start >= _ON_WITHIN_S:
                self._motion_start = self._motion_s = 0
            if not self._motion_start:
                self._motion_start = second
            self._motion_s += 1
            if self._motion_s >= _ON_S:
                self._off, ends[row] = 0, self._motion_start
                return
            off[row] = self._off

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED} | {
            "_low": self._low[:, 0].tolist(),
            "_high": self._high[:, 0].tolist(),
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        for name in _REMEMBERED:
            setattr(self, name, type(getattr(self, name))(saved[name]))
        self._low = np.array(saved["_low"], dtype=np.float64).reshape(3, 1)
        self._high = np.array(saved["_high"], dtype=np.float64).reshape(3, 1)


_REMEMBERED = (
    "_start", "_run_s", "_handled", "_last_motion", "_off", "_heard", "_motion_start", "_motion_s",
)  # fmt: skip
