"""Sensors that are broken: found in the seconds they send, so that these are not taken for posture.

Gravity is the yardstick: a sensor at rest shows 1 g, and in motion the mean of |a| over some seconds is at
least about 1 g, because the mean of the acceleration itself is gravity. The other faults are values
that do not change where a body's would. A healthy second costs a few comparisons; only what stirs
is looked at one by one. All limits are our own judgement [J], set wide of what sound sensors show:
ordinary ones are within 10 % of 1 g, one without a battery was seen at 1.4; a wrong range is a factor of two
or more.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bools, Columns
from analysis.gyro_watch import GyroWatch
from analysis.held import SAME_G, HeldOutput
from analysis.placed import PlacementWatch
from analysis.resolution import Grains
from analysis.stuck import QUIET_SD_G, StuckAxis
from domain.faults import Fault, FaultKind
from domain.placement import KNOWLEDGE, Placement
from domain.posture import Quality
from domain.samples import Floats

#: At rest |a| beyond these is no gravity; within the inner ones it is, g.
LOW_G, HIGH_G = 0.7, 1.6
_SOUND_LOW_G, _SOUND_HIGH_G = 0.8, 1.45
#: No body keeps up a mean |a| beyond this, g.
_ABSURD_G = 4.0
#: A second is at rest below this standard deviation, all axes together, g.
_REST_SD_G = 0.05
#: Seconds in a row at rest, and in any motion, that make a scale fault; and that end any fault.
_SCALE_S, _SCALE_MOVING_S, _SOUND_S = 2, 10, 3
#: Seconds in a row at the end of the range, with a mean there, g.
_PINNED_S, _PINNED_G = 5, 1.5
#: Seconds in a row without usable values.
_FLOOD_S = 10

#: Faults that are kept until somebody asks.
_KEPT = 50

_SATURATED, _INVALID, _GAP = int(Quality.SATURATED), int(Quality.INVALID), int(Quality.GAP)
_LEFT = _SATURATED | _INVALID


class FaultWatch:
    """The faults of one sensor. scaled: whether the length of its acceleration is known. walking_sd_g: what
    moves like walking along the vertical, the setting `trunk_moving_sd_g`."""

    def __init__(
        self, sensor: str, placement: Placement, *, scaled: bool, walking_sd_g: float
    ) -> None:
        self._sensor = sensor
        self._placement = placement
        self._scaled = scaled
        self._walking_sd_g = walking_sd_g
        self._open: dict[str, int] = {}  # kind: since
        self._ended: list[Fault] = []
        self._run: dict[str, int] = dict.fromkeys(_RUNS, 0)  # seconds in a row of each evidence
        self._sound_s: dict[str, int] = {}  # of each open fault
        self.gyro = GyroWatch()
        self._stuck = StuckAxis()
        self._held = HeldOutput(scaled=scaled)
        self._mean: Floats = np.full(3, np.nan)
        upper = scaled and KNOWLEDGE[placement].trunk
        self._placed = PlacementWatch() if upper else None

    @property
    def idle(self) -> bool:
        """Whether nothing is open or suspected."""
        return not self._open and not any(self._run.values()) and not self._stuck.suspected

    @property
    def open(self) -> tuple[Fault, ...]:
        """What is wrong as of the last second."""
        kinds = [(FaultKind(kind), since) for kind, since in self._open.items()]
        if self.gyro.kind is not None:
            kinds.append((self.gyro.kind, self.gyro.since))
        return tuple(Fault(self._sensor, self._placement, kind, since) for kind, since in kinds)

    def take_ended(self) -> list[Fault]:
        """The faults that have passed since the last call."""
        ended, self._ended = self._ended, []
        gyro, self.gyro.ended = self.gyro.ended, []
        return ended + [Fault(self._sensor, self._placement, *one) for one in gyro]

    def judge(self, columns: Columns, grains: Grains = ()) -> Bools | None:
        """(k,) where the sensor is not to be believed; None when it is throughout. grains: what became known
        of its resolution."""
        k = len(columns.seconds)
        if k == 0:
            return None
        placed = self._look_where(columns)
        sd = columns.sd_second_g
        variance = sd[0] * sd[0] + sd[1] * sd[1] + sd[2] * sd[2]
        tilted = self._stuck.tilts(columns, self._about_gravity(columns, variance))
        if self.idle and not placed and tilted is None and not self._stirs(columns):
            self._held.see(columns, grains)
            self._mean = columns.mean_g[:, -1]
            return None
        before = np.empty((3, k))
        before[:, 0], before[:, 1:] = self._mean, columns.mean_g[:, :-1]
        self._mean = columns.mean_g[:, -1]
        change = np.abs(columns.mean_g - before)
        flat = (sd < SAME_G) & (change < SAME_G) & columns.fresh
        equal = flat[0] & flat[1] & flat[2]
        stays, alone = self._stuck.evidence(columns, flat, change)
        rest = variance < _REST_SD_G * _REST_SD_G
        tilts = np.zeros((3, k), dtype=np.bool_) if tilted is None else tilted
        radius = columns.radius_g
        known = columns.fresh & self._scaled
        off = known & ((radius < LOW_G) | (radius > HIGH_G))
        resting_off = off & rest
        absurd = known & ((radius < LOW_G) | (radius > _ABSURD_G))
        gravity = known & (radius >= _SOUND_LOW_G) & (radius <= _SOUND_HIGH_G)
        far = np.maximum.reduce(np.abs(columns.mean_g)) > _PINNED_G
        pinned = known & far & (columns.quality & _SATURATED != 0)
        flood = columns.quality & _INVALID != 0
        flood &= ~columns.fresh | (columns.quality & _GAP != 0)
        faulty = [False] * k
        rows = zip(
            columns.seconds.tolist(), columns.fresh.tolist(), resting_off.tolist(), absurd.tolist(),
            gravity.tolist(), equal.tolist(), flat.T.tolist(), stays.T.tolist(),
            alone.T.tolist(), tilts.T.tolist(), pinned.tolist(), flood.tolist(), strict=True,
        )  # fmt: skip
        held_s, frozen = self._held.judge(columns, equal, grains)
        for i, (
            second, fresh, at_rest, moving, sound, same, axes, still, swung, leant, at_end, broken
        ) in enumerate(rows):  # fmt: skip
            self._count("flood", on=broken)
            self._weigh(FaultKind.NO_NUMBERS, second, self._run["flood"] >= _FLOOD_S, not broken)
            if fresh:
                self._count("rest", on=at_rest)
                self._count("moving", on=moving)
                wrong = self._run["rest"] >= _SCALE_S or self._run["moving"] >= _SCALE_MOVING_S
                self._weigh(FaultKind.SCALE, second, wrong, sound)
                self._count("pinned", on=at_end)
                self._weigh(
                    FaultKind.SATURATED, second, self._run["pinned"] >= _PINNED_S, not at_end
                )
                self._stuck.feed(axes, still, swung, leant)
                self._count("stuck", on=self._stuck.suspected)
                self._weigh(
                    FaultKind.STUCK_AXIS, second, self._stuck.certain, not self._stuck.suspected
                )
                self._run["equal"] = held_s[i]
                self._weigh(FaultKind.FROZEN, second, frozen[i], not same)
            faulty[i] = at_rest or bool(self._open)
        mask: NDArray[np.bool_] = np.array(faulty, dtype=np.bool_)
        if placed:  # believed until it showed
            mask |= columns.seconds >= placed
            self._open[FaultKind.PLACEMENT] = placed
        return mask if np.count_nonzero(mask) else None

    def _look_where(self, columns: Columns) -> int:
        """The second in which it shows that it is worn elsewhere, or 0; from then on it stays so."""
        if self._placed is None or FaultKind.PLACEMENT in self._open:
            return 0
        walking = columns.fresh & (columns.sd_g >= self._walking_sd_g)
        return self._placed.judge(columns, walking)

    def _stirs(self, columns: Columns) -> bool:
        """Whether a second could begin a fault; of whole columns, in few operations."""
        if np.bitwise_or.reduce(columns.quality) & _LEFT:
            return True
        if np.minimum.reduce(columns.sd_second_g, axis=None) < SAME_G:
            return True
        if not self._scaled:
            return False
        radius = columns.radius_g
        return bool(np.minimum.reduce(radius) < LOW_G or np.maximum.reduce(radius) > HIGH_G)

    def _count(self, what: str, *, on: bool) -> None:
        self._run[what] = self._run[what] + 1 if on else 0

    def _weigh(self, kind: FaultKind, second: int, wrong: bool, sound: bool) -> None:
        """Open `kind` when it is wrong; end it when it has been sound for a while."""
        if kind not in self._open:
            if wrong:
                self._open[kind] = second + 1 - self._length(kind)
                self._sound_s[kind] = 0
            return
        self._sound_s[kind] = self._sound_s[kind] + 1 if sound and not wrong else 0
        if self._sound_s[kind] >= _SOUND_S:
            self._end(kind, second + 1 - _SOUND_S)

    def _length(self, kind: FaultKind) -> int:
        return max(self._run[name] for name in _EVIDENCE[kind])

    def _end(self, kind: FaultKind, until: int) -> None:
        since = self._open.pop(kind)
        del self._sound_s[kind]
        self._ended.append(Fault(self._sensor, self._placement, kind, since, max(until, since + 1)))
        del self._ended[:-_KEPT]

    def _about_gravity(self, columns: Columns, variance: Floats) -> Floats:
        """(k,) |a| of the seconds in which it could be gravity, NaN elsewhere."""
        radius = columns.radius_g
        quiet = columns.fresh & (variance < QUIET_SD_G * QUIET_SD_G) & self._scaled
        return np.where(quiet & (radius > LOW_G) & (radius < HIGH_G), radius, np.nan)

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "open": dict(self._open),
            "run": dict(self._run),
            "sound": dict(self._sound_s),
            "stuck": self._stuck.save(),
            "held": self._held.save(),
            "gyro": self.gyro.save(),
            "mean": self._mean.tolist(),
            "placed": None if self._placed is None else self._placed.save(),
            "ended": [[one.kind.value, one.since, one.until] for one in self._ended],
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self._open = {FaultKind(kind): int(since) for kind, since in saved["open"].items()}
        self._run = {name: int(saved["run"][name]) for name in _RUNS}
        self._sound_s = {FaultKind(kind): int(n) for kind, n in saved["sound"].items()}
        self._stuck.load(saved["stuck"])
        self._held.load(saved["held"])
        self.gyro.load(saved["gyro"])
        self._mean = np.array(saved["mean"], dtype=np.float64).reshape(3)
        if self._placed is not None:
            self._placed.load(saved["placed"])
        self._ended = [
            Fault(self._sensor, self._placement, FaultKind(kind), int(since), int(until))
            for kind, since, until in saved["ended"]
        ]


_RUNS = ("flood", "rest", "moving", "pinned", "stuck", "equal")
_EVIDENCE = {
    FaultKind.NO_NUMBERS: ("flood",),
    FaultKind.SCALE: ("rest", "moving"),
    FaultKind.SATURATED: ("pinned",),
    FaultKind.STUCK_AXIS: ("stuck",),
    FaultKind.FROZEN: ("equal",),
}
