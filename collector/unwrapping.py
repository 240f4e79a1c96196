"""Device clocks that wrap, made to go on: the host's elapsed time says how often they did."""

from dataclasses import replace

import numpy as np

from collector.loss import LONGEST_CLOCK_S
from domain.samples import DeviceBlock

#: Device and host may disagree by so much about an outage: delays of the blocks before and after it.
MISMATCH_S = 2.0
#: And by this share of it: crystals are within 1 %, a drift that was learnt within a tenth of that.
SHARE, LEARNT_SHARE = 0.02, 0.002


class ClockUnwrapping:
    """Turns the modulo times of one sensor into continuing ones, over all its connections.

    Limits: in a connection, a hole is placed on the wrap that is nearest to the host's elapsed time,
    and what follows the last block without one goes on from it, however late it comes. A first
    block after an outage is judged more strictly: see `unwrap`.
    """

    def __init__(self) -> None:
        self._end_s: float | None = None
        self._arrived_at = 0.0
        self._fresh = False

    def reconnected(self) -> None:
        """The next block is the first of a new connection."""
        self._fresh = True

    def unwrap(
        self, block: DeviceBlock, now: float, *, slope: float, learnt: bool
    ) -> tuple[DeviceBlock, bool]:
        """`block` in continuing time, and whether the clock is another one than before.

        now: host Unix s of arrival. slope: host seconds per device second; learnt: whether it was
        fitted, or is a guess. It is another clock when, after an outage, no number of wraps explains
        the host's elapsed time, or the outage was too long for its drift to tell wraps apart: the
        sensor restarted, or may have. Blocks without wrapping times are answered as they are.
        """
        modulus_s, times = block.device_modulus_s, block.device_times
        if not modulus_s > 0.0 or times is None or self._end_s is None or len(times) == 0:
            return block, False
        end_s = float(times[-1])
        if not (np.abs(times) < LONGEST_CLOCK_S).all():  # false for NaN
            return block, False  # the ledger refuses it
        elapsed_s = max(0.0, now - self._arrived_at) / slope
        step_s = (end_s - self._end_s) % modulus_s
        if self._fresh or step_s > 1.5 * len(block) / block.rate_hz:
            step_s += modulus_s * round((elapsed_s - step_s) / modulus_s)
        wraps = round((self._end_s + step_s - end_s) / modulus_s)
        tolerance_s = MISMATCH_S + (LEARNT_SHARE if learnt else SHARE) * elapsed_s
        another = self._fresh and (
            abs(elapsed_s - step_s) > tolerance_s or tolerance_s > modulus_s / 4
        )
        if wraps:
            block = replace(block, device_times=times + wraps * modulus_s)
        return block, another

    def taken(self, end_s: float, now: float) -> None:
        """A block that ends at `end_s` of the continuing time was accepted."""
        self._end_s, self._arrived_at, self._fresh = end_s, now, False
