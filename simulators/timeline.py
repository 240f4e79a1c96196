"""Keyframes as columns, and the smooth way between them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.samples import Floats
from simulators.keyframes import Keyframe
from simulators.postures import Posture

_COLUMN = {name: column for column, name in enumerate(Posture._fields)}


@dataclass(slots=True)
class Eased:
    """Where times lie between keyframes: row of the one before, and the ease curve with its first
    and second derivative by time."""

    row: NDArray[np.intp]
    ease: Floats
    ease_rate: Floats
    ease_acc: Floats


class Timeline:
    """Keyframes as columns, over some acts."""

    def __init__(self, frames: list[Keyframe]) -> None:
        self.times = np.array([frame.time for frame in frames])
        values = np.array([frame.posture for frame in frames], dtype=np.float64).T
        self.before = np.ascontiguousarray(values[:, :-1])
        self.change = np.ascontiguousarray(np.diff(values, axis=1))
        self.spans = np.diff(self.times)
        self.activity = np.array([int(frame.activity) for frame in frames], dtype=np.uint8)
        self.cadence_hz = np.array([frame.cadence_hz for frame in frames])
        walking = self.cadence_hz > 0.0
        starts = walking & ~np.concatenate(([False], walking[:-1]))
        # Where each walk began: the phase of its steps counts from there.
        self.began = self.times[np.maximum.accumulate(np.where(starts, np.arange(len(starts)), 0))]

    def ease(self, times: Floats) -> Eased:
        """Locate `times`; before the first and after the last keyframe those are held."""
        row = np.searchsorted(self.times, times, side="right") - 1
        np.clip(row, 0, len(self.spans) - 1, out=row)
        span = self.spans[row]
        u = np.clip((times - self.times[row]) / span, 0.0, 1.0)
        rest = 1.0 - u
        both = u * rest
        return Eased(
            row,
            u * u * u * (10.0 + u * (6.0 * u - 15.0)),
            30.0 * both * both / span,
            60.0 * both * (1.0 - 2.0 * u) / (span * span),
        )

    def value(self, name: str, at: Eased) -> Floats:
        """A channel."""
        column = _COLUMN[name]
        value: Floats = self.before[column][at.row] + self.change[column][at.row] * at.ease
        return value

    def constant(self, name: str) -> float | None:
        """The value of a channel that never changes here; None when it does."""
        column = _COLUMN[name]
        first = float(self.before[column][0])
        if np.any(self.change[column]) or np.any(self.before[column] != first):
            return None
        return first

    def rate(self, name: str, at: Eased) -> Floats:
        """Its first derivative, per s."""
        rate: Floats = self.change[_COLUMN[name]][at.row] * at.ease_rate
        return rate

    def acceleration(self, name: str, at: Eased) -> Floats:
        """Its second derivative, per s^2."""
        acc: Floats = self.change[_COLUMN[name]][at.row] * at.ease_acc
        return acc

    def activity_at(self, times: Floats) -> NDArray[np.uint8]:
        """What the person does; between keyframes that differ it changes half-way."""
        at = self.ease(times)
        here: NDArray[np.uint8] = self.activity[at.row + (at.ease > 0.5)]
        return here
