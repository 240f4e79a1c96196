"""What up is, in the axes of a sensor, when the body it is worn on is upright."""

import math
from itertools import pairwise
from typing import Any

import numpy as np

from domain.samples import Floats

#: It is learnt in steps of this: a mean of all steps so far, later of about the last ones [J].
_STEP_S, _STEPS = 60, 30
_NOTHING = [0.0, 0.0, 0.0]


class UprightAxis:
    """Given by a calibration, or learnt: bodies that move about are upright on the whole.

    Learnt, it is the first second's direction for the first minute, then the mean of the minutes, then
    of the last half hour or so; a night in bed takes as long to be forgotten.
    """

    def __init__(self, given: tuple[float, float, float] | None) -> None:
        self._given = given is not None
        self._axis = list(_NOTHING if given is None else given)
        self._step = 0  # number of the step that is being summed
        self._sum = list(_NOTHING)
        self._mean = list(_NOTHING)
        self._steps = 0

    def follow(self, seconds: Floats, up: Floats) -> Floats:
        """(3, m) what up is when upright, as learnt before each second. up: (3, m) finite."""
        m = len(seconds)
        if self._given:
            return np.array(self._axis)[:, None].repeat(m, axis=1)
        out = np.empty((3, m))
        numbers = np.floor(seconds / _STEP_S)
        cuts = [0, *((numbers[1:] != numbers[:-1]).nonzero()[0] + 1).tolist(), m]
        for start, end in pairwise(cuts):
            number = int(numbers[start])
            if number != self._step:
                self._close_step()
                self._step = number
            if self._axis == _NOTHING:
                self._axis = _unit(up[:, start].tolist())
            out[:, start:end] = np.array(self._axis)[:, None]
            part = np.empty((3, end - start + 1))
            part[:, 0], part[:, 1:] = self._sum, up[:, start:end]
            # In order, so that any chunks give the same bits.
            self._sum = np.add.accumulate(part, axis=1)[:, -1].tolist()
        return out

    def _close_step(self) -> None:
        step = _unit(self._sum)
        self._sum = list(_NOTHING)
        if step == _NOTHING:
            return
        self._steps = min(self._steps + 1, _STEPS)
        self._mean = [a + (b - a) / self._steps for a, b in zip(self._mean, step, strict=True)]
        mean = _unit(self._mean)
        if mean != _NOTHING:
            self._axis = mean

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {
            "axis": None if self._given else self._axis,
            "step": self._step,
            "sum": self._sum,
            "mean": self._mean,
            "steps": self._steps,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave of one made alike."""
        if not self._given:
            self._axis = _three(saved["axis"])
        self._step, self._steps = int(saved["step"]), int(saved["steps"])
        self._sum, self._mean = _three(saved["sum"]), _three(saved["mean"])


def _unit(vector: list[float]) -> list[float]:
    x, y, z = vector
    length = math.sqrt(x * x + y * y + z * z)
    return [x / length, y / length, z / length] if length > 1e-9 else list(_NOTHING)


def _three(values: Any) -> list[float]:
    x, y, z = (float(value) for value in values)
    return [x, y, z]
