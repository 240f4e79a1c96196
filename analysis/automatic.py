"""How a sensor sits on the body, learnt from wearing it: the vertical from walking, forward from bends.

People walk upright or a little forward, and bend further forward than to any other side (analysis.md,
section 2). What is remembered are counts and medians, so that the same seconds give the same
reference in whatever chunks they come. Nothing here knows an axis of the sensor by name.
"""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from analysis.columns import Bools, Columns
from analysis.features import Grid
from domain.placement import Placement
from domain.samples import Floats

#: Seconds in a row that make walking of moving, and the walking seconds of a median.
_RUN_S, _WALK_S = 4, 60
#: The walking seconds of a median agree when this share of them is within 30 deg of it [J].
_AGREE, _NEAR_COS = 0.7, math.cos(math.radians(30.0))
#: A tilt beyond this says where forward is; beyond the second one lies down, as far as is known [J].
_TILT_DEG, _LAID_DEG = 12.0, 70.0
#: A sitting thigh is level; seconds of sitting that show where back is, for a thigh and a belt [J].
_LEVEL_DEG, _SAT_S = 120.0, 120
_BELT = (Placement.WAIST, Placement.LOWER_BACK)
#: Seconds of such tilts, and of deep ones in motion, that are enough [J]; ratio of the eigenvalues.
_TILTED_S, _DEEP_S, _DEEP_DEG = 30, 8, 25.0
_RATIO = 3.0
#: Forward is where there are so many times more deep tilts in motion than backward [J].
_SIDES = 2.0
_RESTLESS_SD_G = 0.03
#: Directions are counted on a lattice of this many steps from the centre (7 deg).
_STEPS = 8
#: Of longer wear the counts are halved: the last hours count.
_MEMORY_S = 4 * 3600
#: Forward lean of the segment while walking, deg: analysis.md for the upper back; for the thigh, whose
#: knee is 11 deg ahead (Skotte 2014), its upper end leans back; the pelvis is taken as it is carried [J].
WALKING_LEAN_DEG: Final = {
    Placement.UPPER_BACK: 6.0,
    Placement.STERNUM: 6.0,
    Placement.WAIST: 0.0,
    Placement.LOWER_BACK: 0.0,
    Placement.THIGH: -11.0,
}
#: What it varies by between people, which is what such a reference is uncertain by.
WALKING_SIGMA_DEG: Final = dict.fromkeys(WALKING_LEAN_DEG, 6.0) | {Placement.THIGH: 3.0}


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """walking: up while walking, in the sensor's axes, unit (3,). forward: horizontal against it,
    unit (3,), or None while tilts do not tell."""

    walking: Floats
    forward: Floats | None


class Wearing:
    """What wearing one sensor shows of how it sits, since it was put on."""

    def __init__(self, placement: Placement) -> None:
        self._placement = placement
        self._run = 0
        self._moved_at = 0  # the last moving second
        self._walk: list[list[float]] = []
        self._walking: list[float] | None = None  # the latest median
        self._before: list[float] | None = None  # the one before it
        self._first: list[float] | None = None  # the first since there is this reference
        self._cells: dict[int, list[int]] = {}  # lattice cell: seconds, restless seconds
        self._total = 0

    def feed(
        self, columns: Columns, moving: Bools, worn: Bools, lying: Bools, put_on: Grid
    ) -> None:
        """Take seconds (k,). moving: like walking, which nobody does lying, whatever the reference
        makes of it; put_on: not 0 where it has just been put on, which begins all anew."""
        start = 0
        if np.count_nonzero(put_on):
            start = int(put_on.nonzero()[0][-1]) + 1
            self._put_on()
        fresh = columns.fresh & worn
        walked = (moving & fresh).nonzero()[0]
        if start:
            walked = walked[walked >= start]
        if len(walked):
            self._follow(columns.seconds[walked], columns.up_2s[:, walked])
        # A sensor that says nothing but zeros has no direction.
        counted = (fresh & ~lying & np.isfinite(columns.up[0])).nonzero()[0]
        if start:
            counted = counted[counted >= start]
        if not len(counted):
            return
        ups, sd_g = columns.up, columns.sd_total_g
        if len(counted) < len(sd_g):
            ups, sd_g = ups.take(counted, axis=1), sd_g[counted]
        for (cell, restless), n in _tally(_cells(ups), sd_g >= _RESTLESS_SD_G):
            counts = self._cells.setdefault(cell, [0, 0])
            counts[0] += n
            counts[1] += n * restless
        self._total += len(counted)

    def _put_on(self) -> None:
        self._run, self._walk = 0, []
        self._walking = self._before = None
        self._cells, self._total = {}, 0

    def _follow(self, seconds: Grid, ups: Floats) -> None:
        """Take moving seconds (k,) and (3, k), of which the first few of each run are no walk yet."""
        begins = np.empty(len(seconds), dtype=np.bool_)
        begins[0], begins[1:] = seconds[0] != self._moved_at + 1, seconds[1:] != seconds[:-1] + 1
        numbers = np.arange(1, len(seconds) + 1)
        before = np.maximum.accumulate(np.where(begins, numbers - 1, -self._run))
        run = numbers - before  # seconds in a row up to each
        self._run, self._moved_at = int(run[-1]), int(seconds[-1])
        walk = ups[:, run >= _RUN_S].T
        if self._walk:
            walk = np.concatenate((self._walk, walk))
        whole = len(walk) - len(walk) % _WALK_S
        for first in range(0, whole, _WALK_S):
            self._learn(walk[first : first + _WALK_S])
        self._walk = walk[whole:].tolist()

    def _learn(self, ups: Floats) -> None:
        """Take _WALK_S seconds of walking, (_WALK_S, 3)."""
        ranked = np.sort(ups, axis=0)
        middle = (ranked[_WALK_S // 2 - 1] + ranked[_WALK_S // 2]) / 2.0  # the median
        middle /= _length(middle)
        near = ups[:, 0] * middle[0] + ups[:, 1] * middle[1] + ups[:, 2] * middle[2]
        if np.count_nonzero(near >= _NEAR_COS) < _AGREE * _WALK_S:
            return
        self._before, self._walking = self._walking, middle.tolist()
        if self._first is None:
            self._first = self._walking

    def forget(self) -> None:
        """Between hours: forget half of what is long ago."""
        if self._total > _MEMORY_S:
            self._cells = {k: [n // 2, m // 2] for k, (n, m) in self._cells.items() if n > 1}
            self._total //= 2

    @property
    def learnt(self) -> Learnt | None:
        """What is known by now; None before a minute of walking."""
        if self._walking is None:
            return None
        walking = np.array(self._walking)
        return Learnt(walking, self.forward(walking))

    @property
    def jump_deg(self) -> float:
        """How far walking is from where it was first, by the last two minutes of it; 0 before them."""
        if self._first is None or self._before is None or self._walking is None:
            return 0.0
        cosines = [
            sum(a * b for a, b in zip(self._first, up, strict=True))
            for up in (self._before, self._walking)
        ]
        return math.degrees(math.acos(min(1.0, max(*cosines))))

    def forward(self, z: Floats) -> Floats | None:
        """Where bends (on a belt and a thigh: where sitting does not) show forward, against the unit vector
        `z` of walking; None while they do not."""
        keys = sorted(self._cells)
        if not keys:
            return None
        centres = _centres(np.array(keys))
        seconds, restless = np.array([self._cells[key] for key in keys], dtype=np.float64).T
        cosine = centres[:, 0] * z[0] + centres[:, 1] * z[1] + centres[:, 2] * z[2]
        thigh, belt = self._placement is Placement.THIGH, self._placement in _BELT
        steep = cosine > math.cos(math.radians(_LEVEL_DEG if thigh else _LAID_DEG))
        tilted = steep & (cosine < math.cos(math.radians(_TILT_DEG)))
        if float(np.sum(seconds[tilted])) < _TILTED_S:
            return None
        # Tilting forward, up moves backward in the sensor.
        across = cosine[:, None] * z - centres
        weight = np.where(tilted, seconds, 0.0)
        scatter = np.add.reduce(
            weight[:, None, None] * across[:, :, None] * across[:, None, :], axis=0
        )
        values, vectors = np.linalg.eigh(scatter)
        if not values[2] > _RATIO * max(values[1], 1e-12):
            return None
        axis = vectors[:, 2]
        along = across[:, 0] * axis[0] + across[:, 1] * axis[1] + across[:, 2] * axis[2]
        deep, enough_s = steep & (cosine < math.cos(math.radians(_DEEP_DEG))), _DEEP_S
        if thigh or belt:  # sitting leans both back, for longer than anything leans them forward
            deep, restless, enough_s = tilted, seconds - restless, _SAT_S
        ahead = float(np.sum(restless[deep & (along > 0.0)]))
        behind = float(np.sum(restless[deep & (along < 0.0)]))
        if thigh or belt:
            ahead, behind = behind, ahead
        if max(ahead, behind) < enough_s or max(ahead, behind) < _SIDES * min(ahead, behind):
            return None
        forward: Floats = axis if ahead > behind else -axis
        forward = forward - _dot(forward, z) * z
        return forward / _length(forward)

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "run": self._run,
            "moved_at": self._moved_at,
            "walk": self._walk,
            "walking": self._walking,
            "before": self._before,
            "first": self._first,
            "cells": [[key, *counts] for key, counts in sorted(self._cells.items())],
            "total": self._total,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._run, self._moved_at = int(saved["run"]), int(saved["moved_at"])
        self._walk = [[float(x) for x in up] for up in saved["walk"]]
        self._walking, self._before = _vector(saved["walking"]), _vector(saved["before"])
        self._first = _vector(saved["first"])
        self._cells = {int(key): [int(n), int(m)] for key, n, m in saved["cells"]}
        self._total = int(saved["total"])


_WIDE = 2 * _STEPS + 1
#: Fewer cells than this are counted faster without numpy.
_FEW = 200


def _cells(ups: Floats) -> Floats:
    """(n,) whole numbers of the lattice cells of unit vectors (3, n)."""
    x, y, z = np.rint(ups * _STEPS) + _STEPS
    out: Floats = (x * _WIDE + y) * _WIDE + z
    return out


def _centres(keys: Grid) -> Floats:
    """(n, 3) the directions in the middle of cells."""
    parts = np.stack([keys // _WIDE // _WIDE, keys // _WIDE % _WIDE, keys % _WIDE]) - float(_STEPS)
    x, y, z = parts
    length = np.sqrt(x * x + y * y + z * z)
    out: Floats = (parts / np.where(length > 0.0, length, 1.0)).T
    return out


def _tally(cells: Floats, restless: Bools) -> list[tuple[tuple[int, int], int]]:
    """Each cell, at rest (0) and restless (1), and how often it comes."""
    keys = 2.0 * cells + restless
    if len(keys) < _FEW:
        found = [(int(key), n) for key, n in Counter(keys.tolist()).items()]
    else:
        counts = np.bincount(keys.astype(np.int64))
        which = counts.nonzero()[0]
        found = list(zip(which.tolist(), counts[which].tolist(), strict=True))
    return [(divmod(key, 2), n) for key, n in found]


def _vector(saved: Any) -> list[float] | None:
    return None if saved is None else [float(part) for part in saved]


def _dot(a: Floats, b: Floats) -> float:
    return float(a[0] * b[0] + a[1] * b[1] + a[2] * b[2])


def _length(a: Floats) -> float:
    return math.sqrt(_dot(a, a))
