"""Pairs accelerometer and gyroscope frames that carry neither time nor number, by the turns they take.

Both kinds come at one rate from one chip, so that they alternate. Which of them belongs to which is
known to within half a frame at best: the nearer one in time is taken. The accelerometer leads: every
one of its frames comes out once, in order, without a partner where that was lost.
"""

from typing import Final, TypeAlias

from domain.samples import Floats

#: An accelerometer frame (n, 3) and the gyroscope frame of its turn, None when it was lost.
Pair: TypeAlias = tuple[Floats, Floats | None]

#: Turns over which it is judged which of the neighbours is the nearer: two seconds and more.
_JUDGED_TURNS: Final = 40
#: The other neighbour must be nearer by this factor: changing over costs one frame its partner.
_NEARER: Final = 3.0


class TurnPairing:
    """At first a gyroscope frame belongs to the accelerometer frame before it."""

    def __init__(self) -> None:
        self._acc_first = True
        self._acc: Floats | None = None  # waits for the gyroscope frame behind it
        self._gyro: Floats | None = None  # waits for the accelerometer frame behind it
        self._heard: tuple[str, float] | None = None
        self._turns = 0
        self._gap_s = {"acc": 0.0, "gyro": 0.0}  # sums, by the kind that ended the gap

    def push_acc(self, acc: Floats, now: float) -> list[Pair]:
        """Take an accelerometer frame that came at `now`, host s; answers the pairs that are ready."""
        ready = self._hear("acc", now)
        if self._acc is not None:
            ready.append((self._acc, None))  # its partner was lost
        if self._acc_first:
            self._acc = acc
        else:
            ready.append((acc, self._gyro))
            self._acc = self._gyro = None
        return ready

    def push_gyro(self, gyro: Floats, now: float) -> list[Pair]:
        """Take a gyroscope frame that came at `now`, host s; answers the pairs that are ready."""
        ready = self._hear("gyro", now)
        if not self._acc_first:
            self._gyro = gyro  # one that still waits has lost its partner
        elif self._acc is not None:
            ready.append((self._acc, gyro))
            self._acc = None
        return ready

    def _hear(self, kind: str, now: float) -> list[Pair]:
        """Measure the gap that `kind` ends; change over when the other neighbour is the nearer one."""
        if self._heard is not None and self._heard[0] != kind:
            self._gap_s[kind] += max(0.0, now - self._heard[1])
            self._turns += 1
        self._heard = (kind, now)
        if self._turns < _JUDGED_TURNS:
            return []
        behind, before = self._gap_s["gyro"], self._gap_s["acc"]
        if not self._acc_first:
            behind, before = before, behind
        self._turns, self._gap_s = 0, {"acc": 0.0, "gyro": 0.0}
        if behind <= _NEARER * before:
            return []
        left = [] if self._acc is None else [(self._acc, None)]
        self._acc_first = not self._acc_first
        self._acc = self._gyro = None
        return [*left]
