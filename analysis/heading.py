"""The heading of a sensor with a gyro: bias off, integrated, once a second and at its own rate.

Left is positive. A heading has no zero: only its changes mean something, and it drifts while the bias
is not known. Aims while sitting, from analysis.md, section 6: 0.3 / 0.8 / 3.3 deg over 10 / 60 / 600 s.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.columns import Bools
from analysis.cut import IMPOSSIBLE_G, Grid, Rows, cut, with_up
from analysis.features import Col, reduce_seconds
from analysis.gyro_bias import GyroBias
from analysis.upright import UprightAxis
from analysis.yaw import YawCol, holes, reduce_yaw, solid_angle_deg, vertical
from domain.samples import Floats

#: A rate is told from at least this much of a second.
_LEAST_SPAN_S = 0.5
#: The mean time of a whole second's samples is at most this far from its middle, at 12.5 Hz with a jitter;
#: half a second of samples says nothing of the other half.
_OFF_CENTRE_S = 0.06
#: A first bias learnt within this is made up for, as if it had been known from the first sample [J].
_SOON_S = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Headings:
    """One sensor's turning on a grid of k seconds.

    known: the second has a gyro. rate_dps: mean rate about the vertical, NaN where it is not known.
    heading_deg: at the middle of the second, NaN where it is not known. epoch: grows by one where a turn
    is lost, in a hole or in a saturated second, and where another bias is learnt; headings of one epoch
    can be compared. upright_cos: cosine of the angle between up and what up is when upright, NaN
    where it is not known.
    """

    known: Bools
    rate_dps: Floats
    heading_deg: Floats
    epoch: Grid
    upright_cos: Floats

    def only(self, where: Bools) -> "Headings":
        """The same, unknown where not `where` (k,)."""
        known = self.known & where
        rate, heading, cosine = (
            np.where(where, column, np.nan)
            for column in (self.rate_dps, self.heading_deg, self.upright_cos)
        )
        return Headings(known, rate, heading, self.epoch, cosine)


class HeadingRule:
    """One sensor's bias, upright axis and heading so far."""

    def __init__(self, gap_s: float, upright: tuple[float, float, float] | None) -> None:
        """upright: up in the sensor's axes when the body is upright, or None to learn it."""
        self._gap_s = gap_s
        self._bias = GyroBias()
        self._upright = UprightAxis(upright)
        self._heading_deg = 0.0
        self._epoch = 0
        self._last: list[float] | None = None  # Unix s, omega.u, up of the last sample
        self._begun: float | None = None  # the first second with a gyro
        self._corrected = False  # the first bias has been learnt

    @property
    def heard(self) -> bool:
        """Whether there ever was a sample of a gyro."""
        return self._last is not None

    def judge(self, seconds: Grid, yaw: Floats, acc_sd_g: Floats) -> Headings | None:
        """The headings on the grid, None as long as there was no gyro.

        yaw: (YAW_WIDTH, k) table, NaN without a gyro. acc_sd_g: (k,) largest standard deviation over the
        axes of the 100-ms means of the second.
        """
        known = np.isfinite(yaw[YawCol.TURN])
        k, n = len(seconds), np.count_nonzero(known)
        if n == 0 and self._last is None:
            return None
        if n == k:
            return self._judge(known, seconds.astype(np.float64), yaw, acc_sd_g)
        unknown = np.full((3, k), np.nan)
        if n == 0:
            return Headings(known, unknown[0], unknown[1], np.full(k, self._epoch), unknown[2])
        before = self._epoch
        some = self._judge(
            known[known], seconds[known].astype(np.float64), yaw[:, known], acc_sd_g[known]
        )
        unknown[:, known] = some.rate_dps, some.heading_deg, some.upright_cos
        epochs = np.concatenate(([before], some.epoch))[np.add.accumulate(known, dtype=np.int64)]
        return Headings(known, unknown[0], unknown[1], epochs, unknown[2])

    def _judge(self, known: Bools, seconds: Floats, yaw: Floats, acc_sd_g: Floats) -> Headings:
        up, span = yaw[YawCol.UP], yaw[YawCol.SPAN]
        first, last = yaw[YawCol.FIRST], yaw[YawCol.LAST]
        upright = self._upright.follow(seconds, up)
        bias, jumped = self._bias.learn(yaw[YawCol.GYRO], yaw[YawCol.SD], acc_sd_g)
        drift = vertical(bias, up)
        late = self._make_up_for(seconds, bias, jumped, up)
        saturated = yaw[YawCol.SATURATED] > 0.0

        # From the last sample of the second before to the first of this one.
        ends = np.empty((5, len(seconds) + 1))
        ends[:, 1:] = last
        ends[0, 1:] += seconds
        start = first[0] + seconds
        ends[:, 0] = self._last or [start[0], *first[1:, 0]]
        self._last = ends[:, -1].tolist()
        step, before = start - ends[0, :-1], ends[:, :-1]
        hole = holes(step, before[1], first[1], self._gap_s)
        whole = 1.0 - hole
        joint = 0.5 * (before[1] + first[1]) - drift
        joint *= step
        joint -= solid_angle_deg(upright, before[2:], first[2:])
        joint *= whole

        within = yaw[YawCol.TURN] - drift * span
        within -= solid_angle_deg(upright, first[2:], last[2:])
        mean = yaw[YawCol.MEAN_TURN] - drift * yaw[YawCol.MEAN_SPAN]
        mean -= solid_angle_deg(upright, first[2:], _unit(up))
        turned = joint + within
        made_up = turned.copy() if late is not None else turned
        if late is not None:
            made_up[late[0]] -= late[1]
            jumped = [row for row in jumped if row != late[0]]
        span = span + step * whole
        rate = turned / np.where((span < _LEAST_SPAN_S) | saturated, np.nan, span)

        # np.add.accumulate adds in order, so that any chunks give the same bits.
        heading = np.add.accumulate(np.concatenate(([self._heading_deg], made_up)))
        lost = (yaw[YawCol.BROKEN] + hole > 0.0) | saturated
        lost[jumped] = True
        epoch = np.add.accumulate(np.concatenate(([self._epoch], lost)), dtype=np.int64)
        self._heading_deg, self._epoch = float(heading[-1]), int(epoch[-1])
        middle = heading[1:] - within + mean
        off_s = np.minimum(np.maximum(0.5 - yaw[YawCol.AT], -_OFF_CENTRE_S), _OFF_CENTRE_S)
        middle += np.where(np.isfinite(rate), rate, 0.0) * off_s
        middle[saturated] = np.nan
        return Headings(known, rate, middle, epoch[1:], vertical(upright, up))

    def _make_up_for(
        self, seconds: Floats, bias: Floats, jumped: list[int], up: Floats
    ) -> tuple[int, float] | None:
        """Where the first bias is learnt soon, and the degrees that its want has turned the heading by.

        What has been taken for zero since the first sample then holds on; later, a zero has to be found
        anew (see Headings.epoch).
        """
        if self._begun is None:
            self._begun = float(seconds[0])
        if not jumped or self._corrected:
            return None
        self._corrected = True
        row = jumped[0]
        since_s = float(seconds[row]) - self._begun
        if since_s > _SOON_S:
            return None
        return row, float(vertical(bias[:, row], up[:, row])) * since_s

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "bias": self._bias.save(),
            "upright": self._upright.save(),
            "heading_deg": self._heading_deg,
            "epoch": self._epoch,
            "last": self._last,
            "begun": self._begun,
            "corrected": self._corrected,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave of a rule made alike."""
        self._bias.load(saved["bias"])
        self._upright.load(saved["upright"])
        self._heading_deg = float(saved["heading_deg"])
        self._epoch = int(saved["epoch"])
        self._begun = None if saved["begun"] is None else float(saved["begun"])
        self._corrected = bool(saved["corrected"])
        last = saved["last"]
        self._last = None if last is None else [float(value) for value in last]


def _unit(vectors: Floats) -> Floats:
    length = np.sqrt(vertical(vectors, vectors))
    out: Floats = vectors / np.maximum(length, 1e-9)
    return out


def heading_deg(
    times: Floats, acc_g: Floats, gyro_dps: Floats, up: Floats, *, gap_s: float = 2.0
) -> Floats:
    """The heading (n,) at every sample of a recording, deg, left positive, unwrapped, 0 at the first.

    times: (n,) s, increasing; acc_g, gyro_dps: (n, 3) in the sensor's axes; up: (n, 3) unit, up in the
    sensor's axes, as the fusion gives it. NaN where one of them is. Over a hole in which the turn is
    lost (analysis/yaw.py), or longer than gap_s, the heading goes on as if nothing had turned.

    The bias is the one that the stream has learnt up to each second, and the first that was learnt for
    the seconds before it. What up is when upright is the mean direction of up over the recording.
    """
    out = np.full(len(times), np.nan)
    heard = np.isfinite(up).all(axis=1) & np.isfinite(gyro_dps).all(axis=1)
    heard &= np.square(acc_g).sum(axis=1) < IMPOSSIBLE_G**2  # false for NaN too
    if np.count_nonzero(heard) < 2:
        out[heard] = 0.0
        return out
    t = np.asarray(times, dtype=np.float64)[heard]
    a, g, u = (
        np.ascontiguousarray(np.asarray(x, dtype=np.float64)[heard].T)
        for x in (acc_g, gyro_dps, up)
    )
    whole = with_up(cut(Rows(t, a, g, np.full(len(t), 1.0))), u)
    yaw, table = reduce_yaw(whole), reduce_seconds(whole)
    mean, square = (
        table[Col.SUM] / table[Col.SUB_COUNT],
        table[Col.OUTER][:3] / table[Col.SUB_COUNT],
    )
    sd = np.sqrt(np.maximum((square - mean * mean).max(axis=0), 0.0))
    bias = GyroBias()
    learnt, jumped = bias.learn(yaw[YawCol.GYRO], yaw[YawCol.SD], sd)
    if jumped:
        learnt[:, : jumped[0]] = learnt[:, jumped[0] : jumped[0] + 1]
    rate = vertical(g - learnt.repeat(whole.count, axis=1), u)
    upright = _unit(u.mean(axis=1)[:, None])
    steps = np.diff(t)
    turn = 0.5 * (rate[1:] + rate[:-1]) * steps - solid_angle_deg(upright, u[:, :-1], u[:, 1:])
    turn *= 1.0 - holes(steps, rate[:-1], rate[1:], gap_s)
    out[heard] = np.concatenate(([0.0], np.add.accumulate(turn)))
    return out
