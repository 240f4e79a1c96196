"""Lying, moving and a probability of sitting from a sensor on the trunk.

Tilt cannot tell sitting from standing there (2-9 deg apart, forth_trace). What can is what happens: walking
means standing; getting up or down bends the trunk forward and moves it up or down; and nobody stands
motionless for long. A two-state filter weighs these; where it is not sure it says so.
"""

import math
from typing import Any

import numpy as np

from analysis.dwell import DWELL, DWELLS, TABLE_S
from analysis.features import Grid
from analysis.rises import RISE_M, Rises, density
from domain.samples import Floats

#: Log odds are kept within these: no evidence is ever final, and walking is nearly so.
LOGIT_MAX = 5.0
_WALKED_LOGIT = -4.0
#: What each further second of moving in a row takes from the log odds of sitting [J]: a fidget is
#: short, steps go on.
_MOVING_COST = (0.7, 1.0, 1.5, 2.5)
#: Share of sit-downs after walking that no excursion shows [J].
_UNSEEN_SIT_DOWN = 0.07
#: Chance that an excursion is a stand-up while sitting, a sit-down while upright [J].
_RISES, _SITS_DOWN = 0.4, 0.5
#: An excursion: forward by this over what was before, back below a share of it, within a time.
_EXCURSION_DEG, _EXCURSION_BACK, _EXCURSION_MAX_S = 12.0, 0.5, 8
#: Steps prove a stand-up: it is dated to the latest excursion that went up, or to any just before the steps.
_ROSE_WITHIN_S, _RECENT_S = 900, 15
#: Seconds that are looked at together for whether an excursion may begin among them.
_GLANCE_S = 128
#: More than rounding can lift the running mean of tilts above the largest, or sink it below the least.
_ROUNDING_DEG = 1e-6


def sigmoid(logit: float) -> float:
    """Probability of log odds."""
    return 1.0 / (1.0 + math.exp(-logit))


def log_odds(p: float) -> float:
    """The inverse of `sigmoid`."""
    return math.log(p / (1.0 - p))


class SitFilter:
    """Log odds of sitting, second by second; times are whole Unix s."""

    def __init__(self) -> None:
        self._logit = 0.0
        self._quiet_s = 0
        self._moving_s = 0
        self._walked = False
        self._walk_end = 0  # end of the last steps
        self._since = 0  # when the more probable posture began, 0 when not known
        self._base_deg = math.nan
        self._exc_start = 0
        self._exc_peak_deg = 0.0
        self._exc_end = 0
        self._rose_at = 0  # start of the latest excursion that speaks for a stand-up
        self._sank_at = 0  # end of the latest one that speaks for a sit-down
        self.was_up: tuple[int, int] | None = None  # this second shows that one stood then
        self._settle_at = 0  # the second after which a finished excursion is weighed
        self._rises = Rises()

    @property
    def logit(self) -> float:
        """Log odds of sitting."""
        return self._logit

    @property
    def since(self) -> int:
        """When the more probable of sitting and standing began; 0 when that is not known."""
        return self._since

    def start(self, p: float, second: int) -> None:
        """Begin with probability `p` of sitting since `second`."""
        self._logit = log_odds(p)
        self._since = second

    def told(self, sitting: bool, second: int) -> None:
        """A better placed sensor knows."""
        before = self._logit
        self._logit = -_WALKED_LOGIT if sitting else _WALKED_LOGIT
        self._walked = False
        self._quiet_s = 0
        self._moving_s = 0
        if (before > 0.0) != (self._logit > 0.0):
            self._since = second

    def feed(
        self,
        second: int,
        moving: bool,
        peak_deg: float,
        tilt_deg: float,
        rise: float,
        moment: float,
    ) -> float:
        """Weigh one second; returns the log odds of sitting after it.

        peak_deg, tilt_deg: largest and mean forward lean, NaN without a reference. rise, moment: see
        features.Col.
        """
        before = self._logit
        self.was_up = None
        if not self._since:
            self._since = second
        self._rises.see(second, rise, moment)
        if moving:
            cost = _MOVING_COST[min(self._moving_s, len(_MOVING_COST) - 1)]
            self._moving_s += 1
            if self._moving_s >= len(_MOVING_COST):
                self._walked = True
                self._walk_end = second + 1
            self._logit = max(self._logit - cost, min(self._logit, _WALKED_LOGIT))
            self._quiet_s = 0
        else:
            self._moving_s = 0
            if self._walked:
                self._walked = False
                p = sigmoid(self._logit)
                self._logit = log_odds(p + (1.0 - p) * _UNSEEN_SIT_DOWN)
            if self._quiet_s < TABLE_S:
                logit = self._logit + DWELL[self._quiet_s]
                self._logit = min(LOGIT_MAX, logit)
                self._quiet_s += 1
        if tilt_deg == tilt_deg:  # not NaN
            self._follow(second, peak_deg, tilt_deg)
        if self._settle_at and second >= self._settle_at:
            self._weigh()
        after = self._logit
        if before <= 0.0 < after:
            self._since = max(self._walk_end, self._sank_at, self._since)
        elif after <= 0.0 < before:
            self._since = self._stood_up_at(second)
        return after

    def rest(
        self, seconds: Grid, peak_deg: Floats, tilt_deg: Floats, rise: Floats,
        moment: Floats, told: int,
    ) -> tuple[Floats, Grid]:  # fmt: skip
        """Weigh motionless seconds together, bit for bit as `feed` and `told` would one by one.

        told: what a better placed sensor says of all of them: 1 sitting, -1 upright, 0 nothing.
        Returns log odds and since of as many as are without an event: none when something is under way.
        """
        settled = -_WALKED_LOGIT * told
        busy = self._exc_peak_deg != 0.0 or self._settle_at or not self._since
        if busy or (told and (self._logit != settled or self._quiet_s or self._walked)):
            return _NO_LOGITS, _NO_SECONDS
        n = self._follow_rest(peak_deg, tilt_deg)
        if n == 0:
            return _NO_LOGITS, _NO_SECONDS
        self.was_up = None
        self._moving_s = 0
        self._rises.see_all(seconds[:n], rise[:n], moment[:n])
        if told:
            return np.full(n, settled), np.full(n, self._since)
        before = self._logit
        if self._walked:
            self._walked = False
            p = sigmoid(before)
            self._logit = log_odds(p + (1.0 - p) * _UNSEEN_SIT_DOWN)
        logits = np.empty(n + 1)
        logits[0] = self._logit
        added = DWELLS[self._quiet_s : self._quiet_s + n]
        logits[1 : len(added) + 1] = added
        logits[len(added) + 1 :] = 0.0
        self._quiet_s += len(added)
        logits = np.minimum(np.add.accumulate(logits)[1:], LOGIT_MAX)
        self._logit = float(logits[-1])
        since = np.full(n, self._since)
        if before <= 0.0 < self._logit:
            self._since = max(self._walk_end, self._sank_at, self._since)
            since[logits > 0.0] = self._since
        return logits, since

    def walk(
        self, seconds: Grid, peak_deg: Floats, tilt_deg: Floats, rise: Floats,
        moment: Floats, told: int,
    ) -> int:  # fmt: skip
        """Weigh seconds of a walk that goes on together, bit for bit as `feed` and `told` one by one.

        told: as for `rest`. Returns how many were weighed: none unless it is known for certain that one
        is up, and no excursion is under way; log odds and since then stay as they are.
        """
        if self._exc_peak_deg != 0.0 or self._settle_at or not self._since or told > 0:
            return 0
        if told:
            steady = self._logit == _WALKED_LOGIT and not self._moving_s and not self._walked
        else:
            steady = self._logit <= _WALKED_LOGIT and self._moving_s >= len(_MOVING_COST)
        n = self._follow_rest(peak_deg, tilt_deg) if steady else 0
        if n == 0:
            return 0
        self.was_up = None
        self._quiet_s = 0
        self._rises.see_all(seconds[:n], rise[:n], moment[:n])
        if not told:
            self._moving_s += n
            self._walked = True
            self._walk_end = int(seconds[n - 1]) + 1
        return n

    def _follow_rest(self, peak_deg: Floats, tilt_deg: Floats) -> int:
        """`_follow` up to the second in which an excursion begins; returns its number."""
        base, n = self._base_deg, 0
        while n < len(tilt_deg):
            tilts, peaks = tilt_deg[n : n + _GLANCE_S], peak_deg[n : n + _GLANCE_S]
            lowest = float(np.minimum.reduce(tilts))
            over = float(np.maximum.reduce(peaks)) - min(base, lowest)  # at most, by a mean of them
            if lowest == lowest and over < _EXCURSION_DEG - _ROUNDING_DEG:  # no NaN
                for tilt in tilts.tolist():
                    base += 0.2 * (tilt - base)
                n += len(tilts)
                continue
            for tilt, peak in zip(tilts.tolist(), peaks.tolist(), strict=True):
                if tilt == tilt:  # not NaN
                    if base != base:
                        base = tilt
                    if peak - base > _EXCURSION_DEG:
                        self._base_deg = base
                        return n
                    base += 0.2 * (tilt - base)
                n += 1
        self._base_deg = base
        return n

    def _stood_up_at(self, second: int) -> int:
        if self._rose_at and second - self._rose_at <= _ROSE_WITHIN_S:
            return self._rose_at
        steps_start = second + 1 - max(self._moving_s, 1)
        if self._exc_start and steps_start - self._exc_end <= _RECENT_S:
            return self._exc_start
        return steps_start

    def _follow(self, second: int, peak_deg: float, tilt_deg: float) -> None:
        """Watch for a forward excursion of the trunk."""
        if self._base_deg != self._base_deg:
            self._base_deg = tilt_deg
        over = peak_deg - self._base_deg
        if self._exc_peak_deg == 0.0:
            if over > _EXCURSION_DEG:
                self._exc_start, self._exc_peak_deg = second, over
            else:
                self._base_deg += 0.2 * (tilt_deg - self._base_deg)
            return
        self._exc_peak_deg = max(self._exc_peak_deg, over)
        if over < _EXCURSION_BACK * self._exc_peak_deg:
            self._exc_end, self._settle_at = second, second + 1
            self._exc_peak_deg = 0.0
            self._base_deg = tilt_deg
        elif second - self._exc_start >= _EXCURSION_MAX_S:
            self._exc_peak_deg = 0.0
            self._exc_start = 0
            self._base_deg = tilt_deg

    def _weigh(self) -> None:
        """Move the odds by the excursion that has just ended."""
        rise_m = self._rises.over_m(self._exc_start, self._settle_at)
        self._settle_at = 0
        p = sigmoid(self._logit)
        stays, sinks, rises = (density(rise_m, at) for at in (0.0, -RISE_M, RISE_M))
        was_sitting = p * ((1.0 - _RISES) * stays + _RISES * rises)
        was_up = (1.0 - p) * ((1.0 - _SITS_DOWN) * stays + _SITS_DOWN * sinks)
        sit = p * (1.0 - _RISES) * stays + (1.0 - p) * _SITS_DOWN * sinks
        up = (1.0 - p) * (1.0 - _SITS_DOWN) * stays + p * _RISES * rises
        self._logit = max(-LOGIT_MAX, min(LOGIT_MAX, math.log(sit / up)))
        if rise_m > 0.5 * RISE_M:
            self._rose_at, self._sank_at = self._exc_start, 0
        elif rise_m < -0.5 * RISE_M:
            recent = self._exc_start - self._rose_at <= _ROSE_WITHIN_S
            if was_up > was_sitting:
                self._since = self._exc_end
                if self._rose_at and recent:
                    self.was_up = (self._rose_at, self._exc_end)
            self._rose_at, self._sank_at = 0, self._exc_end

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {name: getattr(self, name) for name in _REMEMBERED} | {"rises": self._rises.save()}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        for name in _REMEMBERED:
            setattr(self, name, type(getattr(self, name))(saved[name]))
        self._rises.load(saved["rises"])


_NO_LOGITS: Floats = np.empty(0)
_NO_SECONDS: Grid = np.empty(0, dtype=np.int64)
_REMEMBERED = (
    "_logit", "_quiet_s", "_moving_s", "_walked", "_walk_end", "_since", "_base_deg", "_rose_at", "_sank_at",
    "_exc_start", "_exc_peak_deg", "_exc_end", "_settle_at",
)  # fmt: skip
