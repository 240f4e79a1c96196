"""Brings the gyroscope of a sensor onto the timeline of its accelerometer.

For sensors that send the two as separate frames, each with its own times in the one clock of
the sensor. The accelerometer leads: every one of its samples comes out once, in order.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from domain.samples import DeviceBlock, Floats

#: Neighbours further apart than this many periods have lost samples between them.
_JOINED_PERIODS = 1.5
#: A sample this share of a period beyond the last gyroscope sample takes its value: waiting
#: for the next frame, up to a second, would cost more than a hold of 5 ms at 50 Hz.
_HOLD_PERIODS = 0.25
#: Accelerometer frames wait no longer for a gyroscope that has fallen silent.
_WAIT_S = 1.5
_KEEP_S = 6.0  # of gyroscope samples; frames come about every second
#: Frames and samples that wait, whatever their times say: a clock that creeps must not fill the memory.
_MOST_WAITING, _MOST_KEPT = 64, 2048


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    times: Floats
    acc_g: Floats


class GyroPairing:
    """Pairs frames of both kinds; `rate_hz` is the nominal rate of each."""

    def __init__(self, acc_rate_hz: float, gyro_rate_hz: float) -> None:
        self._rate_hz = acc_rate_hz
        self._period_s = 1 / gyro_rate_hz
        self._newest: float | None = None
        self._waiting: deque[_Waiting] = deque()
        self._gyro_times: Floats = np.empty(0)
        self._gyro_dps: Floats = np.empty((0, 3))

    def push_acc(self, times: Floats, acc_g: Floats) -> list[DeviceBlock]:
        """Take an accelerometer frame; answers the blocks that are ready, oldest first."""
        ready: list[DeviceBlock] = []
        if self._newest is not None and times[0] <= self._newest:  # the clock was set back
            ready += self.flush()
            if len(self._gyro_times) and self._gyro_times[-1] > times[-1] + _WAIT_S:
                self._gyro_times, self._gyro_dps = np.empty(0), np.empty((0, 3))
        self._newest = float(times[-1])
        if len(self._waiting) >= _MOST_WAITING:
            ready += self.flush()
        self._waiting.append(_Waiting(times, acc_g))
        return ready + self._ready()

    def push_gyro(self, times: Floats, gyro_dps: Floats) -> list[DeviceBlock]:
        """Take a gyroscope frame; answers the blocks that are ready, oldest first."""
        if len(self._gyro_times) and times[0] <= self._gyro_times[-1]:
            self._gyro_times, self._gyro_dps = times, gyro_dps  # the clock was set back
        else:
            kept = (self._gyro_times >= times[-1] - _KEEP_S)[-_MOST_KEPT:]
            self._gyro_times = np.concatenate((self._gyro_times[-_MOST_KEPT:][kept], times))
            self._gyro_dps = np.concatenate((self._gyro_dps[-_MOST_KEPT:][kept], gyro_dps))
        return self._ready()

    def flush(self) -> list[DeviceBlock]:
        """Everything that still waits, paired as far as it can be."""
        blocks = [block for frame in self._waiting for block in self._blocks(frame)]
        self._waiting.clear()
        return blocks

    def _ready(self) -> list[DeviceBlock]:
        blocks: list[DeviceBlock] = []
        while self._waiting and self._settled(self._waiting[0]):
            blocks += self._blocks(self._waiting.popleft())
        return blocks

    def _settled(self, frame: _Waiting) -> bool:
        """Whether no later gyroscope frame will say more about `frame`, or none can be hoped for."""
        newest = self._waiting[-1].times[-1]
        if not len(self._gyro_times):
            return bool(newest - frame.times[0] > _WAIT_S)
        covered = self._gyro_times[-1] >= frame.times[-1] - _HOLD_PERIODS * self._period_s
        return bool(covered or newest - self._gyro_times[-1] > _WAIT_S)

    def _blocks(self, frame: _Waiting) -> Iterator[DeviceBlock]:
        """The frame, cut where its samples begin or cease to have a gyroscope value."""
        gyro_dps, known = self._at(frame.times)
        edges = [0, *(np.flatnonzero(np.diff(known)) + 1).tolist(), len(known)]
        for start, end in pairwise(edges):
            yield DeviceBlock(
                device_times=frame.times[start:end],
                acc_g=frame.acc_g[start:end],
                gyro_dps=gyro_dps[start:end] if known[start] else None,
                rate_hz=self._rate_hz,
            )

    def _at(self, times: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Gyroscope values at `times` (n, 3), and where they are known (n,).

        Linear between two neighbours that follow each other, the neighbour itself within the
        hold; nothing is drawn across a gap.
        """
        have = self._gyro_times
        if not len(have):
            return np.zeros((len(times), 3)), np.zeros(len(times), np.bool_)
        right = np.clip(np.searchsorted(have, times), 0, len(have) - 1)
        left = np.where(have[right] > times, np.maximum(right - 1, 0), right)
        span = have[right] - have[left]
        inside = (have[left] <= times) & (times <= have[right])
        joined = inside & (span <= _JOINED_PERIODS * self._period_s)
        share = np.where(joined & (span > 0), (times - have[left]) / np.where(span > 0, span, 1), 0)
        nearest = np.where(times - have[left] <= have[right] - times, left, right)
        held = np.abs(times - have[nearest]) <= _HOLD_PERIODS * self._period_s
        value = np.where(
            joined[:, None],
            self._gyro_dps[left] * (1 - share[:, None]) + self._gyro_dps[right] * share[:, None],
            self._gyro_dps[nearest],
        )
        return value, joined | held
