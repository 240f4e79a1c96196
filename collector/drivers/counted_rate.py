"""The rate of a sensor that does not say it: counted from its arrivals once a connection."""

from typing import Final

#: How long is counted: links hand samples over in clumps of up to 0.05 s, which is then 2.5 %.
COUNTED_S: Final = 2.0
#: Nearer than this a counted rate is the nominal one; the clock fit bears 5 %.
NEAR: Final = 0.04
#: A count beyond these shares of the nominal rate is a link that stalled, not a rate.
BELIEVABLE: Final = (0.2, 5.0)


class CountedRate:
    """`nominal` until COUNTED_S of arrivals were seen, then what they say, for good.

    nominal: rates in Hz that the sensor is known to have, the one to begin with first: the lowest, for
    too high a rate makes losses out of nothing.
    """

    def __init__(self, *nominal: float) -> None:
        self.rate_hz = nominal[0]
        self._nominal = nominal
        self._since: float | None = None
        self._counted = 0
        self._settled = False

    def count(self, now: float) -> float:
        """Take in one sample that arrived at `now` (host Unix time, s); the rate that holds, Hz."""
        if self._settled:
            return self.rate_hz
        if self._since is None or not 0.0 <= now - self._since < 2 * COUNTED_S:
            self._since, self._counted = now, 0
            return self.rate_hz
        self._counted += 1
        elapsed_s = now - self._since
        if elapsed_s >= COUNTED_S:
            self._settle(self._counted / elapsed_s)
        return self.rate_hz

    def _settle(self, seen_hz: float) -> None:
        self._settled = True
        nearest_hz = min(self._nominal, key=lambda rate_hz: abs(rate_hz - seen_hz))
        if abs(seen_hz - nearest_hz) <= NEAR * nearest_hz:
            self.rate_hz = nearest_hz
        elif BELIEVABLE[0] <= seen_hz / nearest_hz <= BELIEVABLE[1]:
            self.rate_hz = round(seen_hz, 1)
