"""A gyro that does not fit the accelerometer beside it: in radians and called degrees, or with other axes.

Between two rests the trunk has gone over from one tilt to another. The accelerometer shows both, and the gyro
what has been turned between them: the first tilt, turned so, is the second. Where it is not, and would be if
the gyro's numbers were 57.3 times larger, they are radians; where nothing fits, though the gyro has turned as
far, its axes are others. What can be told neither way is let be. All limits are our own judgement [J].
"""

import math
from typing import Any

import numpy as np

from analysis.features import Col
from analysis.yaw import YawCol
from domain.faults import FaultKind
from domain.samples import Bools, Floats

Vector = list[float]

#: A second at rest: standard deviation of the 100-ms means, all axes together, and |a| from 1 g at most, g.
_REST_SD_G, _GRAVITY_G = 0.03, 0.15
#: What the gyro reads then is its bias, if it is the same before and after, deg/s.
_STEADY_DPS = 3.0
#: A change of tilt takes at most so many seconds and goes so far, deg: a quarter of it is what a gain that is
#: somewhat off and a mean over a second of an axis that wanders make of it.
_MOST_S, _LEAST_DEG = 8, 20.0
_LEAST_COS = math.cos(math.radians(_LEAST_DEG - 0.01))  # to be looked at more closely
#: Faster than this, mean over a second, the mean rate of a second is no rotation of a second, deg/s.
_FASTEST_DPS = 100.0
#: What fits: within this share of the change; what does not: from this on.
_FITS, _FAILS = 0.3, 0.6
#: So many in a row, without one that fits: radians, other axes; and so many that fit end either.
_RADIANS_N, _AXES_N, _SOUND_N = 2, 4, 2
_DEG = math.degrees(1.0)


class GyroWatch:
    """Of one sensor; fed whole seconds in order."""

    def __init__(self) -> None:
        self.kind: FaultKind | None = None  # what is wrong now
        self.since = 0
        self.ended: list[tuple[FaultKind, int, int]] = []
        self._rest: Vector | None = (
            None  # mean acceleration and mean gyro of the last second at rest
        )
        self._rest_at = 0  # that second
        self._turns: list[Vector] = []  # mean rates of the seconds since, deg/s
        self._radians, self._axes, self._sound = 0, 0, 0
        self._first = 0  # second of the first of them

    def judge(self, table: Floats, yaw: Floats) -> Bools | None:
        """(m,) the seconds in which the gyro is not to be used; None when there is none.

        table: (WIDTH, m) features, yaw: (YAW_WIDTH, m) of the same seconds, NaN without a gyro.
        """
        mean, gyro = table[Col.MEAN], yaw[YawCol.GYRO]
        count = table[Col.SUB_COUNT]
        means = table[Col.SUM] / count
        variance = table[Col.OUTER][:3] / count - means * means
        rest = variance[0] + variance[1] + variance[2] < _REST_SD_G * _REST_SD_G
        rest &= np.abs(table[Col.RADIUS_G] - 1.0) < _GRAVITY_G
        heard = np.isfinite(gyro[0])
        if not np.count_nonzero(heard):
            return self._all(len(heard)) if self.kind else None
        rest &= heard
        bad = [self.kind is not None] * len(rest)
        for row, since in self._candidates(rest, table[Col.SECOND], mean):
            if since < 0:  # from a rest before these seconds
                begin, turns = self._rest, self._turns + gyro[:, :row].T.tolist()
            else:
                begin = [*mean[:, since].tolist(), *gyro[:, since].tolist()]
                turns = gyro[:, since + 1 : row].T.tolist()
            assert begin is not None
            end = [*mean[:, row].tolist(), *gyro[:, row].tolist()]
            if self._weigh(int(table[Col.SECOND, row]), begin, turns, end):
                bad[row:] = [self.kind is not None] * (len(bad) - row)
        self._remember(rest, table[Col.SECOND], mean, gyro)
        mask = np.array(bad, dtype=np.bool_)
        return mask if np.count_nonzero(mask) else None

    def _candidates(self, rest: Bools, seconds: Floats, mean: Floats) -> list[tuple[int, int]]:
        """The seconds that come to rest elsewhere soon after another rest, and the last of that, -1 for one
        that is remembered."""
        rows = np.arange(len(rest))
        last = np.maximum.accumulate(np.where(rest, rows, -1))
        before = np.concatenate(([-1], last[:-1]))
        at = (rest & ((before < rows - 1) | (rows == 0))).nonzero()[0]
        out: list[tuple[int, int]] = []
        if not len(at):
            return out
        since = before[at]
        if since[0] < 0:
            between = int(at[0]) + len(self._turns)
            whole = self._rest is not None and seconds[at[0]] == self._rest_at + between + 1
            if whole and 0 < between <= _MOST_S:
                out.append((int(at[0]), -1))
            at, since = at[1:], since[1:]
        gap = at - since
        soon = (gap <= _MOST_S + 1) & (seconds[at] - seconds[since] == gap)
        at, since = at[soon], since[soon]
        a, b = mean[:, since], mean[:, at]
        along = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
        size = (a[0] * a[0] + a[1] * a[1] + a[2] * a[2]) * (b[0] * b[0] + b[1] * b[1] + b[2] * b[2])
        far = along < _LEAST_COS * np.sqrt(size)
        return out + list(zip(at[far].tolist(), since[far].tolist(), strict=True))

    def _remember(self, rest: Bools, seconds: Floats, mean: Floats, gyro: Floats) -> None:
        """The last second at rest, and what was turned since."""
        rests, start = rest.nonzero()[0], 0
        if len(rests):
            last = int(rests[-1])
            self._rest_at = int(seconds[last])
            self._rest = [*mean[:, last].tolist(), *gyro[:, last].tolist()]
            self._turns, start = [], last + 1
        if self._rest is not None:
            self._turns += gyro[:, start : start + _MOST_S + 1].T.tolist()
            del self._turns[_MOST_S + 1 :]

    @staticmethod
    def _all(m: int) -> Bools:
        return np.ones(m, dtype=np.bool_)

    def _weigh(self, second: int, begin: Vector, rates: list[Vector], end: Vector) -> bool:
        """Look at how it came to rest at `second`; whether that changed what is said of the gyro.

        begin, end: mean acceleration and mean gyro of the seconds at rest; rates: mean gyro between them."""
        start, first, to, rate = begin[:3], begin[3:], end[:3], end[3:]
        change_deg = _angle_deg(start, to)
        if not change_deg >= _LEAST_DEG or math.dist(first, rate) > _STEADY_DPS:
            return False
        bias = [0.5 * (a + b) for a, b in zip(first, rate, strict=True)]
        turns = [[w - b for w, b in zip(one, bias, strict=True)] for one in rates]
        turned = math.sqrt(sum(sum(one[axis] for one in turns) ** 2 for axis in range(3)))
        fastest = max(math.hypot(*one) for one in turns)
        if not (math.isfinite(turned) and fastest < _FASTEST_DPS):
            return False
        off = _angle_deg(_carried(start, turns, 1.0), to) / change_deg
        off_radians = _angle_deg(_carried(start, turns, _DEG), to) / change_deg
        was = self.kind
        if off <= _FITS:
            self._radians = self._axes = 0
            self._sound += 1
            if self.kind is not None and self._sound >= _SOUND_N:
                self.ended.append((self.kind, self.since, second))
                self.kind = None
            return self.kind is not was
        if off < _FAILS:
            return False
        self._first = self._first if self._radians + self._axes else second - len(rates) - 1
        if off_radians <= _FITS:
            self._radians, self._axes, self._sound = self._radians + 1, 0, 0
        elif turned >= _FAILS * change_deg and off_radians >= _FAILS:
            self._axes, self._radians, self._sound = self._axes + 1, 0, 0
        if self.kind is None:
            if self._radians >= _RADIANS_N:
                self.kind, self.since = FaultKind.GYRO_UNIT, self._first
            elif self._axes >= _AXES_N:
                self.kind, self.since = FaultKind.GYRO_AXES, self._first
        return self.kind is not was

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "kind": self.kind,
            "since": self.since,
            "ended": [[kind.value, since, until] for kind, since, until in self.ended],
            "rest": self._rest,
            "rest_at": self._rest_at,
            "turns": self._turns,
            "counts": [self._radians, self._axes, self._sound, self._first],
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self.kind = None if saved["kind"] is None else FaultKind(saved["kind"])
        self.since = int(saved["since"])
        self.ended = [(FaultKind(k), int(since), int(until)) for k, since, until in saved["ended"]]
        self._rest = None if saved["rest"] is None else [float(value) for value in saved["rest"]]
        self._rest_at = int(saved["rest_at"])
        self._turns = [[float(value) for value in one] for one in saved["turns"]]
        self._radians, self._axes, self._sound, self._first = (int(n) for n in saved["counts"])


def _angle_deg(a: Vector, b: Vector) -> float:
    x, y, z = _cross(a, b)
    along = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return math.degrees(math.atan2(math.sqrt(x * x + y * y + z * z), along))


def _carried(up: Vector, rates_dps: list[Vector], times: float) -> Vector:
    """`up` in the sensor's axes after a second of each rate: it turns the other way (Rodrigues)."""
    for rate in rates_dps:
        w = [-times * value for value in rate]
        angle_deg = math.sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2])
        if angle_deg < 1e-9:
            continue
        axis = [value / angle_deg for value in w]
        c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
        across = _cross(axis, up)
        along = (axis[0] * up[0] + axis[1] * up[1] + axis[2] * up[2]) * (1.0 - c)
        up = [up[i] * c + across[i] * s + axis[i] * along for i in range(3)]
    return up


def _cross(a: Vector, b: Vector) -> Vector:
    return [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
