"""Pairs accelerometer and gyroscope frames that are numbered, each kind on its own."""

from collections import deque
from typing import Final, NamedTuple

from domain.samples import Floats

NUMBERS: Final = 2**16  # of frames, until their u16 wraps


class Paired(NamedTuple):
    """An accelerometer frame with its number, and the gyroscope frame beside it, None when it was lost."""

    number: int
    acc_g: Floats
    gyro_dps: Floats | None


class NumberPairing:
    """Pairs frames of two characteristics that are numbered each on its own.

    How far apart the two counts are is learnt from the order of arrival, once: it is right to within
    a frame. From there on the numbers tell, whatever is lost or late.
    """

    _WAITING = 2  # accelerometer frames that wait for late rotations
    _KEPT = 4  # gyroscope frames that wait for late accelerations
    _STRANGE = 6  # gyroscope frames without a partner, on end: a count was set back

    def __init__(self) -> None:
        self._ahead: int | None = None  # gyroscope number - accelerometer number
        self._acc: deque[tuple[int, Floats]] = deque()
        self._gyro: dict[int, Floats] = {}
        self._strange = 0

    def push_acc(self, number: int, acc_g: Floats) -> list[Paired]:
        """Take an accelerometer frame; answers those that are ready, in order."""
        self._acc.append((number, acc_g))
        return self._ready()

    def push_gyro(self, number: int, gyro_dps: Floats) -> list[Paired]:
        """Take a gyroscope frame; answers the accelerometer frames that are ready, in order."""
        self._gyro.pop(number, None)
        self._gyro[number] = gyro_dps
        while len(self._gyro) > self._KEPT:
            del self._gyro[next(iter(self._gyro))]
        if self._strange >= self._STRANGE:
            self._ahead, self._strange = None, 0
        if self._ahead is None and self._acc:
            self._ahead = _difference(number, self._acc[-1][0])
            if abs(self._ahead) <= 1:
                self._ahead = 0  # they count in step, and one came a little before the other
        self._strange += 1
        return self._ready()

    def _ready(self) -> list[Paired]:
        ready: list[Paired] = []
        while self._acc:
            number, acc_g = self._acc[0]
            gyro_dps = None
            if self._ahead is not None:
                gyro_dps = self._gyro.pop((number + self._ahead) % NUMBERS, None)
            if gyro_dps is not None:
                self._strange = 0
            elif len(self._acc) <= self._WAITING:
                break
            self._acc.popleft()
            ready.append(Paired(number, acc_g, gyro_dps))
        return ready


def _difference(a: int, b: int) -> int:
    """a - b of two numbers that wrap, the nearer way round."""
    return (a - b + NUMBERS // 2) % NUMBERS - NUMBERS // 2
