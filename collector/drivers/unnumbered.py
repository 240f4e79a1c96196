"""Advertisements that carry no running number: which hearings are samples, and of when.

One advertisement is reported several times (three channels, the scan response, a stack that repeats
what it knows when anything about the sensor changes), and a still sensor says the same again and again.
Bytes alone cannot tell the two; bytes and arrival times can.
"""

from typing import Final

import numpy as np

from domain.samples import DeviceBlock, Floats

#: Shares of the sensor's period. Within the first, hearings are one event on its channels; a repeat
#: that follows silence is the next event from the second on. Is the sensor heard in between, it
#: advertises faster than it measures: new bytes are waited for until the third.
_ECHO: Final = 0.1
_AGAIN: Final = 0.85
_OVERDUE: Final = 1.25


class Unnumbered:
    """The samples of one advertiser that measures `rate_hz` times a second and does not count.

    An advertisement is on the air the moment it is measured, within milliseconds, and for seconds
    nothing is heard where one is missed. So its arrival is given as the sensor's time: the samples
    stay where they belong, and a gap is counted by its length, neither of which holds when samples are
    laid end to end at the nominal rate.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._payload: bytes | None = None
        self._at = 0.0
        self._heard_between = False

    def sample(self, payload: bytes, acc_g: Floats, now: float) -> tuple[DeviceBlock, ...]:
        """`acc_g`, (1, 3), as a block of one sample, or nothing when `payload` was a repeat.

        now: Unix s of arrival; one before the last sample's is taken for a host clock set back.
        """
        periods = (now - self._at) * self._rate_hz
        if payload == self._payload and periods >= 0.0:
            if _ECHO < periods < _AGAIN:
                self._heard_between = True
            if periods < (_OVERDUE if self._heard_between else _AGAIN):
                return ()
        self._payload, self._at, self._heard_between = payload, now, False
        return (DeviceBlock(np.array([now]), acc_g, None, self._rate_hz),)
