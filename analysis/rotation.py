"""Twist and turn of a wearer out of the headings of their sensors.

Two gyros, on the trunk and on the pelvis or the seat, tell the twist: the difference of their headings, left
positive, the trunk turned to its left. Its zero is what it has been for most of the last minutes, and in
the first minute what it was in its first second; a gyro knows no other. One gyro tells how fast the
trunk turns, and how far from where it faced; whether the wearer or the chair turned it cannot tell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.columns import Bools
from analysis.features import Grid
from analysis.heading import Headings
from analysis.rotation_settings import RotationSettings
from analysis.zero import RunningZero
from domain.placement import Placement
from domain.samples import Floats

#: Who is asked first for the turn of the trunk, its twist, and what it twists against.
TURN_ORDER = (
    Placement.UPPER_BACK, Placement.STERNUM, Placement.LOWER_BACK, Placement.WAIST,
)  # fmt: skip
TWIST_ORDER = (Placement.UPPER_BACK, Placement.STERNUM)
BASE_ORDER = (Placement.LOWER_BACK, Placement.WAIST, Placement.SEAT)

#: A body further from upright twists about no vertical axis: as for the side, 60 deg.
_UPRIGHT_COS = 0.5
_TWIST_BLOCK_S, _TURN_BLOCK_S = 10, 5
#: The zero of a twist is a guess until it is this old; that of a turn is a matter of seconds [J].
SETTLED_S = 60
#: Moving for longer than this is walking, not a brisk turn on the spot [J].
_BRISK_S = 3


def where_worn(order: Sequence[Placement], worn: Sequence[Placement]) -> str:
    """The first placement of `order` that is worn; empty when none is."""
    return next((want.value for want in order if want in worn), "")


@dataclass(frozen=True, slots=True, eq=False)
class Rotation:
    """Columns over the grid (k,), NaN where they are not known.

    twist_deg: trunk against pelvis or seat. twist_s: for how long its zero is known. turn_dps: rate of the
    trunk about the vertical. turned_deg: how far it faces from where it has faced, unknown while walking.
    All are positive to the left.
    """

    twist_deg: Floats
    twist_s: Grid
    turn_dps: Floats
    turned_deg: Floats

    @classmethod
    def unknown(cls, k: int) -> "Rotation":
        """Of `k` seconds without a gyro."""
        nothing = np.full(k, np.nan)
        return cls(nothing, np.zeros(k, dtype=np.int64), nothing, nothing)


class RotationRule:
    """One wearer's zeros."""

    def __init__(self, placements: Sequence[Placement], settings: RotationSettings) -> None:
        """placements: where the sensors are worn, by their numbers."""

        def numbers(order: tuple[Placement, ...]) -> tuple[int, ...]:
            return tuple(i for want in order for i, p in enumerate(placements) if p is want)

        self._turners, self._twisters = numbers(TURN_ORDER), numbers(TWIST_ORDER)
        self._bases = numbers(BASE_ORDER)
        blocks = max(2, round(settings.twist_zero_s / _TWIST_BLOCK_S))
        first = SETTLED_S // _TWIST_BLOCK_S
        self._twist_zero = RunningZero(_TWIST_BLOCK_S, blocks, min(first, blocks))
        turn_blocks = max(2, round(settings.turn_baseline_s / _TURN_BLOCK_S))
        self._turn_zero = RunningZero(_TURN_BLOCK_S, turn_blocks, 2)
        self._twist_key: list[int] | None = None
        self._turn_key: list[int] | None = None
        self._moving_s = 0
        self._walked = False

    def judge(
        self, seconds: Grid, headings: Mapping[int, Headings], moving: Bools, walking: Bools
    ) -> Rotation:
        """The rotation on the grid. headings: by the numbers of the sensors with a gyro, at least one;
        moving, walking: (k,) the wearer is moving, is making steps."""
        k = len(seconds)
        nothing = np.full(k, np.nan)
        faced = _first(self._turners, headings, k)
        heard = np.logical_or.reduce([one.known for one in headings.values()])
        walks = self._walks(moving & heard, walking & heard)
        turn = np.where(walks, np.nan, faced.heading_deg)
        turn_again, self._turn_key = _restarts(
            faced, np.isfinite(faced.heading_deg), self._turn_key
        )
        turn_again |= np.concatenate(([self._walked], walks[:-1])) & ~walks
        self._walked = bool(walks[-1])
        turn_zero, _ = self._turn_zero.follow(seconds, turn, turn_again)
        trunk, base = _first(self._twisters, headings, k), _first(self._bases, headings, k)
        twist, since = nothing, np.zeros(k, dtype=np.int64)
        both = np.isfinite(trunk.heading_deg) & np.isfinite(base.heading_deg)
        if np.count_nonzero(both):
            apart = trunk.heading_deg - base.heading_deg
            again, self._twist_key = _restarts(_joined(trunk, base), both, self._twist_key)
            upright = np.minimum(trunk.upright_cos, base.upright_cos) >= _UPRIGHT_COS
            apart[~upright] = np.nan
            zero, since = self._twist_zero.follow(seconds, apart, again)
            twist = apart - zero
            # Without both sensors nothing is known, also where others of the same chunk have both.
            since = np.where(both, since, 0)
        return Rotation(twist, since, faced.rate_dps, turn - turn_zero)

    def _walks(self, moving: Bools, walking: Bools) -> Bools:
        """(k,) making steps, or moving for longer than a brisk turn takes."""
        if not self._moving_s and not np.count_nonzero(moving) and not np.count_nonzero(walking):
            return np.zeros(len(moving), dtype=np.bool_)
        at = np.arange(len(moving))
        still = np.maximum.accumulate(np.where(moving, -1 - self._moving_s, at))
        for_s = np.minimum(at - still, 1 << 20)
        self._moving_s = int(for_s[-1])
        out: Bools = walking | (for_s > _BRISK_S)
        return out

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "twist_zero": self._twist_zero.save(),
            "turn_zero": self._turn_zero.save(),
            "twist_key": self._twist_key,
            "turn_key": self._turn_key,
            "moving_s": self._moving_s,
            "walked": self._walked,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave, of the same sensors."""
        self._twist_zero.load(saved["twist_zero"])
        self._turn_zero.load(saved["turn_zero"])
        self._twist_key, self._turn_key = _key(saved["twist_key"]), _key(saved["turn_key"])
        self._moving_s = int(saved["moving_s"])
        self._walked = bool(saved["walked"])


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """Of each second the first sensor that knows; key: (r, k) what must not change for a zero to hold."""

    rate_dps: Floats
    heading_deg: Floats
    upright_cos: Floats
    key: Grid


def _first(order: Sequence[int], headings: Mapping[int, Headings], k: int) -> _Choice:
    numbers = [i for i in order if i in headings]
    nothing = np.full(k, np.nan)
    out = _Choice(nothing, nothing, nothing, np.zeros((2, k), dtype=np.int64))
    for place, i in enumerate(numbers):
        one = headings[i]
        new = _Choice(
            one.rate_dps,
            one.heading_deg,
            one.upright_cos,
            np.stack([np.full(k, i), one.epoch]),
        )
        if place == 0:
            out = new
            continue
        free = np.isnan(out.heading_deg)
        out = _Choice(
            np.where(free, new.rate_dps, out.rate_dps),
            np.where(free, new.heading_deg, out.heading_deg),
            np.where(free, new.upright_cos, out.upright_cos),
            np.where(free, new.key, out.key),
        )
    return out


def _joined(trunk: _Choice, base: _Choice) -> _Choice:
    return _Choice(
        trunk.rate_dps, trunk.heading_deg, trunk.upright_cos, np.concatenate([trunk.key, base.key])
    )


def _restarts(
    choice: _Choice, known: Bools, before: list[int] | None
) -> tuple[Bools, list[int] | None]:
    """Where the key is another than in the last known second, and the last known key."""
    out = np.zeros(len(known), dtype=np.bool_)
    at = known.nonzero()[0]
    if not len(at):
        return out, before
    keys = choice.key[:, at]
    out[at[1:]] = np.logical_or.reduce(keys[:, 1:] != keys[:, :-1], axis=0)
    out[at[0]] = before is not None and keys[:, 0].tolist() != before
    return out, keys[:, -1].tolist()


def _key(saved: Any) -> list[int] | None:
    return None if saved is None else [int(number) for number in saved]
