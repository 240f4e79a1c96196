"""The rate of a sensor that does not say it: counted from its arrivals once a connection."""

from typing import Final

#: How long is counted: links hand samples over in clumps of up to 0.05 s, which is then 2.5 %.
COUNTED_S: Final = 2.0
#: Nearer than this a counted rate is the nominal one; the clock fit bears 5 %.
NEAR: Final = 0.04
#: A count beyond these shares of the nominal rate is a link that stalled, not a rate.
BELIEVABLE: Final = (0.2, 5.0)


class CountedRate:
    """`nominal` until arrivals said otherwise, then what they say, for good.

    A span of COUNTED_S that comes near a nominal rate is enough. Another rate is believed when two
    spans in a row come to it: what a link held up before the first arrival, and hands over at once,
    would make one span too fast, and samples that never were would be booked as lost ever after.

    nominal: rates in Hz that the sensor is known to have, the one to begin with first: the lowest, for
    too high a rate makes losses out of nothing.
    """

    def __init__(self, *nominal: float) -> None:
        self.rate_hz = nominal[0]
        self._nominal = nominal
        self._since: float | None = None
        self._counted = 0
        self._seen_hz: float | None = None
        self._settled = False

    def count(self, now: float) -> float:
        """Take in one sample that arrived at `now` (host Unix time, s); the rate that holds, Hz."""
        if self._settled:
            return self.rate_hz
        if self._since is None or not 0.0 <= now - self._since < 2 * COUNTED_S:
            self._since, self._counted, self._seen_hz = now, 0, None
            return self.rate_hz
        self._counted += 1
        elapsed_s = now - self._since
        if elapsed_s >= COUNTED_S:
            self._weigh(self._counted / elapsed_s)
            self._since, self._counted = now, 0
        return self.rate_hz

    def _weigh(self, seen_hz: float) -> None:
        before_hz, self._seen_hz = self._seen_hz, seen_hz
        nearest_hz = min(self._nominal, key=lambda rate_hz: abs(rate_hz - seen_hz))
        if abs(seen_hz - nearest_hz) <= NEAR * nearest_hz:
            self.rate_hz, self._settled = nearest_hz, True
        elif before_hz is not None and abs(seen_hz - before_hz) <= NEAR * before_hz:
            self._settled = True
            if BELIEVABLE[0] <= seen_hz / nearest_hz <= BELIEVABLE[1]:
                self.rate_hz = round((before_hz + seen_hz) / 2, 1)
