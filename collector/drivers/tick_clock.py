"""Times of samples that are stamped in coarse ticks: smoothed to the spacing that the samples have.

A tick of 8 ms says when a sample of 20 Hz was taken to within a sixth of its period, and tells those of
100 Hz hardly apart. But samples are evenly spaced: the stamps only have to say how many periods have
passed, and to pull slowly at the phase.
"""

from typing import Final

#: Share of the difference from a stamp that is corrected at each sample.
PULL: Final = 0.1
#: Ticks that a stamp may be off before the phase is taken anew from it.
RESYNC_TICKS: Final = 1.5
#: Spacings from which the rate is learnt, and the lowest share of them that losses leave whole.
LEARN_FROM: Final = 40
WHOLE_SHARE: Final = 4
SLOWEST_HZ: Final = 1.0
#: Nearer than this a learnt rate is a nominal one.
NEAR: Final = 0.04


class TickClock:
    """One connection's stamps.

    tick_s, ticks: length of a tick, s, and the number after which stamps begin anew. nominal: rates in Hz
    that the sensor is known to have, the one to begin with first. rate_hz: the one that holds.
    """

    def __init__(self, tick_s: float, ticks: int, *nominal: float) -> None:
        self.rate_hz = nominal[0]
        self._nominal = nominal
        self._tick_s = tick_s
        self._ticks = ticks
        self._last: int | None = None
        self._stamped_s = 0.0
        self._time_s = 0.0
        self._spacings: list[int] | None = []

    @property
    def modulus_s(self) -> float:
        """Where the times begin anew."""
        return self._tick_s * self._ticks

    def time_s(self, stamp: int) -> float:
        """When the sample stamped `stamp` was taken: s of the sensor's clock, modulo `modulus_s`."""
        if self._last is None:
            # A stamp is rounded down: the middle of its tick is the best guess.
            self._stamped_s = self._time_s = (stamp + 0.5) * self._tick_s
        else:
            passed = (stamp - self._last) % self._ticks
            self._learn(passed)
            self._stamped_s += passed * self._tick_s
            self._step()
        self._last = stamp
        return self._time_s % self.modulus_s

    def _step(self) -> None:
        period_s = 1 / self.rate_hz
        periods = max(1, round((self._stamped_s - self._time_s) / period_s))
        expected_s = self._time_s + periods * period_s
        off_s = self._stamped_s - expected_s
        if abs(off_s) > RESYNC_TICKS * self._tick_s:
            # Never back: times of consecutive samples increase.
            self._time_s = max(self._stamped_s, self._time_s + 0.1 * period_s)
        else:
            self._time_s = expected_s + PULL * off_s

    def _learn(self, passed: int) -> None:
        if self._spacings is None:
            return
        self._spacings.append(passed)
        if len(self._spacings) < LEARN_FROM:
            # The shortest spacing so far tells 20 Hz from 100, which is what matters most meanwhile.
            shortest_hz = 1 / (max(1, min(self._spacings)) * self._tick_s)
            self.rate_hz = min(self._nominal, key=lambda rate_hz: abs(rate_hz - shortest_hz))
            return
        spacings, self._spacings = sorted(self._spacings), None
        # Lost samples make some spacings longer; those that are one period differ by a tick.
        longest = 1.5 * spacings[len(spacings) // WHOLE_SHARE] + 1
        whole = [spacing for spacing in spacings if spacing < longest]
        mean_s = sum(whole) / len(whole) * self._tick_s
        if not SLOWEST_HZ * mean_s <= 1 <= mean_s / self._tick_s:
            return  # noise, or more samples than ticks
        nearest_hz = min(self._nominal, key=lambda rate_hz: abs(rate_hz * mean_s - 1))
        near = abs(nearest_hz * mean_s - 1) <= NEAR
        self.rate_hz = nearest_hz if near else round(1 / mean_s, 1)
