"""Sensor clock to host clock: a line under the arrivals, followed without jumps back.

A sample cannot arrive before it is taken and every delay is positive, so the arrivals lie above the
true line and touch it now and then. The line that lies under all arrivals of the window and is
nearest to them is the edge of their lower convex hull over the middle (Moon, Skelly & Towsley,
INFOCOM 1999; Zhang, Liu & Xia, INFOCOM 2002). What it cannot know is the smallest delay itself:
times are late by that constant.
"""

from collections import deque
from itertools import islice

import numpy as np

from domain.samples import Floats

WINDOW_S = 120.0  # arrivals that count; at least 60 s (design, section 3)
BIN_S = 0.5  # the earliest arrival of each half second stands for it
SLOPE_LIMIT = 0.05  # crystals are within 1 %, nominal rates of cheap sensors within 5 %
TRUST_S = 10.0  # span over which a fitted slope gains half of its weight
SURE_S = 30.0  # span from which a slope is remembered, and the line trusted to 0.1 s
SLEW = 0.05  # corrections of the output, s per s
FAST_SLEW = (
    0.5  # the same for what is beyond FAST_ABOVE_S: a clock was set back, or a guess was bad
)
FAST_ABOVE_S = 1.0
LATE_S = 0.25  # later than this for LATE_FOR_S on end: the host clock stepped
LATE_FOR_S = 10.0
LATE_POINTS = 8


class ArrivalLine:
    """The line under (device time, arrival) points of the last WINDOW_S; device times must grow."""

    def __init__(self) -> None:
        self._bins: deque[tuple[float, float]] = deque()
        self._open: tuple[float, float] | None = None
        self._open_bin = 0
        self._prior = 1.0
        self._anchor = (0.0, 0.0)
        self.slope = 1.0
        self.known = False

    @property
    def span_s(self) -> float:
        """Device seconds between the oldest and the newest point."""
        if self._open is None:
            return 0.0
        return self._open[0] - (self._bins[0][0] if self._bins else self._open[0])

    def at(self, device_times: Floats) -> Floats:
        """Host times on the line, (n,) for (n,)."""
        return self._anchor[1] + self.slope * (device_times - self._anchor[0])

    def late_s(self, device_time: float, arrival: float) -> float:
        """How much after the line the arrival is; negative is before."""
        return arrival - self._anchor[1] - self.slope * (device_time - self._anchor[0])

    def forget(self, before: float = float("inf")) -> None:
        """Drop the points before device time `before`; the slope stays as what is expected."""
        self._prior = self.slope
        while self._bins and self._bins[0][0] < before:
            self._bins.popleft()
        if self._open is not None and self._open[0] < before:
            self._open = None
        self.known = self._open is not None
        if self.known:
            self._refit()

    def add(self, device_time: float, arrival: float) -> None:
        """Take in one arrival."""
        point = (device_time, arrival)
        index = int(device_time // BIN_S)
        if self._open is None:
            self._open, self._open_bin, self._anchor, self.known = point, index, point, True
            return
        below = self.late_s(*point) < 0.0
        if index != self._open_bin:
            self._bins.append(self._open)
            while self._bins and self._bins[0][0] < device_time - WINDOW_S:
                self._bins.popleft()
            self._open, self._open_bin = point, index
            self._refit()
        elif self.late_s(*point) < self.late_s(*self._open):
            self._open = point
            if below:
                self._refit()

    def _refit(self) -> None:
        assert self._open is not None
        points = [*self._bins, self._open]
        fitted = _slope_under(points)
        span = points[-1][0] - points[0][0]
        weight = span**4 / (span**4 + TRUST_S**4)
        slope = self._prior + weight * (fitted - self._prior)
        self.slope = min(max(slope, 1.0 - SLOPE_LIMIT), 1.0 + SLOPE_LIMIT)
        if span >= SURE_S:
            self._prior = self.slope
        zero_d, zero_h = points[0]
        offset = min(h - zero_h - self.slope * (d - zero_d) for d, h in points)
        self._anchor = (zero_d, zero_h + offset)


def _slope_under(points: list[tuple[float, float]]) -> float:
    """Slope of the lower hull's edge over the mean device time; 1 for fewer than two points."""
    if len(points) < 2:
        return 1.0
    hull: list[tuple[float, float]] = []
    for d, h in points:
        while len(hull) > 1:
            (d0, h0), (d1, h1) = hull[-2], hull[-1]
            if (h1 - h0) * (d - d0) < (h - h0) * (d1 - d0):
                break
            hull.pop()
        hull.append((d, h))
    middle = sum(d for d, _ in points) / len(points)
    for (d0, h0), (d1, h1) in zip(hull, islice(hull, 1, None), strict=False):
        if d1 >= middle:
            return (h1 - h0) / (d1 - d0)
    (d0, h0), (d1, h1) = hull[-2], hull[-1]
    return (h1 - h0) / (d1 - d0)


class ClockFit:
    """Maps the device times of one sensor to host Unix times, block by block.

    Output times are strictly increasing over all calls, whatever the two clocks do. The first block
    is mapped at once (its last sample at its arrival). Later the output follows the line under the
    arrivals with corrections of at most SLEW (FAST_SLEW while it is off by more than FAST_ABOVE_S); it
    jumps forward only where a clock was set or the sensor restarted, and never back.
    not_before: the first output is later than this, Unix s; a host clock that was set back is worked off
    from there.
    Limits: the smallest transport delay stays in the times; 0.25 s and less of a host clock's step
    is taken for delay until the window has passed.
    """

    def __init__(self, *, not_before: float | None = None) -> None:
        self._not_before = not_before
        self._line = ArrivalLine()
        self._out: tuple[float, float] | None = None  # last device time and the output for it
        self._late: tuple[float, float, int] | None = (
            None  # first late device time, arrival; points
        )
        self._fresh = True

    @property
    def last(self) -> float | None:
        """The last output time, Unix s."""
        return None if self._out is None else self._out[1]

    @property
    def slope(self) -> float:
        """Host seconds per device second, as far as is known."""
        return self._line.slope

    @property
    def learnt(self) -> bool:
        """Whether the arrivals span enough time for `slope` to be more than a guess."""
        return self._line.span_s >= SURE_S

    def late_s(self, device_time: float, arrival: float) -> float | None:
        """How much later than expected a sample arrives; None before the first block and after a restart."""
        return self._line.late_s(device_time, arrival) if self._line.known else None

    def restart(self) -> None:
        """The sensor's clock starts anew: what was learnt is its speed."""
        self._line.forget()
        self._late = None
        self._fresh = True

    def push(self, device_times: Floats, arrival: float) -> Floats:
        """Host times of a block's samples, (n,) Unix s; device_times (n,) s strictly increasing, n > 0.

        `arrival` is the host's Unix time at which the block came in.
        """
        first, end = float(device_times[0]), float(device_times[-1])
        if self._out is not None and not self._fresh and first <= self._out[0]:
            self.restart()
        jumped = self._fresh
        if self._line.known and self._line.late_s(end, arrival) < -self._early_limit_s(end):
            self.restart()
            jumped = True
        self._line.add(end, arrival)
        if self._stepped(end, arrival):
            self._line.forget(end - LATE_FOR_S)
            self._late = None
            jumped = True
        times = self._follow(device_times, jumped)
        self._out = (end, float(times[-1]))
        self._fresh = False
        return times

    def _early_limit_s(self, device_time: float) -> float:
        """How early an arrival can be by an error of the line alone."""
        away = device_time - self._out[0] if self._out is not None else 0.0
        if self._line.span_s >= SURE_S:
            return 0.1 + 0.005 * away
        return 0.5 + 0.02 * away

    def _stepped(self, device_time: float, arrival: float) -> bool:
        """Whether arrivals were late by more than LATE_S for LATE_FOR_S of both clocks: a burst that
        catches up is late over much device time and little host time."""
        if self._line.late_s(device_time, arrival) <= LATE_S:
            self._late = None
            return False
        since_device, since_arrival, points = self._late or (device_time, arrival, 0)
        self._late = (since_device, since_arrival, points + 1)
        lasted_s = min(device_time - since_device, arrival - since_arrival)
        return lasted_s >= LATE_FOR_S and points + 1 >= LATE_POINTS

    def _follow(self, device_times: Floats, jumped: bool) -> Floats:
        target = self._line.at(device_times)
        if self._out is None:
            if self._not_before is None or target[0] > self._not_before:
                return target
            last_device, last_out = 0.0, self._not_before
        else:
            last_device, last_out = self._out
        if self._fresh:  # the device clock is another one: only the order of the outputs binds
            last_device = float(device_times[0]) - _step_s(device_times)
        slope_target = float(self._line.at(np.array([last_device]))[0])
        error = last_out - slope_target
        if error < 0.0 and jumped:
            return target
        passed = device_times - last_device
        return target + np.copysign(_left(abs(error), passed), error)


def _left(error_s: float, passed_s: Floats) -> Floats:
    """What is left of a positive error after `passed_s`, (n,) s."""
    fast_s = max(0.0, (error_s - FAST_ABOVE_S) / FAST_SLEW)
    quickly = error_s - FAST_SLEW * np.minimum(passed_s, fast_s)
    slowly = SLEW * np.maximum(passed_s - fast_s, 0.0)
    left: Floats = np.maximum(quickly - slowly, 0.0)
    return left


def _step_s(device_times: Floats) -> float:
    """Spacing of a block's samples; 10 ms for a single one."""
    n = len(device_times)
    return float(device_times[-1] - device_times[0]) / (n - 1) if n > 1 else 0.01
