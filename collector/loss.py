"""Which samples of a sensor never came: counted from its numbers, its clock, or its arrivals.

A ledger outlives connections. What it can count, best first: a running number (exact, the time only
says how often it wrapped), device time and the learnt sample period (exact while the sensor's clock
continues), the host's time (an estimate: after a restart of the sensor, and for sensors that have
neither number nor clock; there, single samples lost steadily look like a slow crystal, up to the
few percent that the clock fit allows one).
"""

from dataclasses import dataclass
from math import ceil

import numpy as np

from domain.samples import DeviceBlock, Floats

DUPLICATE_S = 10.0  # times this far back are repeats of what was seen; further back, a restart
DUPLICATE_SAMPLES = 8  # the same for sensors that send less than one sample a second
EARLY_S = 2.0  # a gap in device time that ends this much before it is due: the clock was set
LATE_S = 120.0  # the first block of a connection later than this by its clock: another clock
LATE_SHARE = 0.02  # of the outage, for drift beyond what the fit knows
FAR_SHARE = 0.25  # of a number's range: after an outage, further from what is due it began anew
LONGEST_CLOCK_S = 1e11  # beyond, doubles no longer resolve the spacing of samples
LEARNT_BLOCKS = (
    10  # samples of so many blocks: a miscount of one does not shift a whole block by half
)
PERIOD_SAMPLES = 100_000  # memory of the learnt period
CONFIRM_S = 1.0  # without a clock: lateness must last, for a burst catches up
CONFIRM_BLOCKS = 4
CONFIRM_FLOOR_S = 0.05  # jitter of connection events: Linux asks for intervals of 30 to 50 ms
LEARNING_S = (
    25.0  # until then the clock fit has not learnt the drift, and a ramp is drift, not loss
)
LEARNING_LEAK = 0.012  # s per s of lateness put down to drift: crystals are within 1 %
LEAK = 0.0005  # the same once the drift is learnt


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger says of a block.

    skip: samples at its front that were seen before. lost: samples missing before the rest.
    device_times: (n - skip,) s in one continuous clock (the sensor's, or its sample count over the
    nominal rate). restarted: that clock does not continue the previous one.
    """

    skip: int
    lost: int
    device_times: Floats
    restarted: bool


class LossLedger:
    """Counts received, lost and repeated samples of one sensor over all its connections.

    received + lost is what the sensor sent between the first and the last sample received: exactly
    for sensors that number their samples or carry a clock that continues, else to the accuracy of
    the arrivals. duplicates: samples dropped because they had been seen.
    """

    def __init__(self) -> None:
        self.received = 0
        self.lost = 0
        self.duplicates = 0
        self._fresh = False
        self._rate_hz = 0.0
        self._end_s: float | None = None  # device time of the last sample
        self._next_number: int | None = None
        self._learnt_s = 0.0
        self._learnt_samples = 0
        self._began_at: float | None = None
        self._arrived_at = 0.0
        self._drift_s = 0.0
        self._late_since: float | None = None
        self._late_blocks = 0
        self._late_least_s = 0.0

    def reconnected(self) -> None:
        """The next block is the first of a new connection."""
        self._fresh = self._end_s is not None
        self._late_since = None

    def expected_end_s(self, block: DeviceBlock) -> float:
        """Device time of the block's last sample, supposing for a sensor without a clock no loss."""
        if block.device_times is not None:
            return float(block.device_times[-1])
        return float(self._continued(block)[-1])

    def enter(
        self,
        block: DeviceBlock,
        arrival: float,
        late_s: float | None,
        since_s: float | None,
        *,
        another_clock: bool = False,
        slope: float = 1.0,
    ) -> Entry | None:
        """Account for `block`; None when all of it was seen before.

        arrival: host Unix time. late_s: how much later than the clock fit expected its last sample
        (at `expected_end_s`) arrived, None when there is no fit. since_s: host seconds from the
        last sample passed on to this arrival, None for the first block. another_clock: it is known
        that the device times do not continue the ones before. slope: host seconds per device
        second, as far as the fit knows. Raises ValueError when the block is
        empty or its device times are not those of consecutive samples.
        """
        times = block.device_times
        late_s = None if late_s is None else late_s / slope
        since_s = None if since_s is None else since_s / slope
        if len(block) == 0:
            raise ValueError("a block without samples")
        if times is not None and not _consecutive(times, block.rate_hz):
            raise ValueError("device times are not those of consecutive samples")
        if self._end_s is None:
            self._began_at = arrival
            entry: Entry | None = Entry(0, 0, self._continued(block), restarted=False)
        elif block.sequence is not None and self._next_number is not None:
            entry = self._by_number(block, late_s, since_s, another_clock)
        elif times is not None:
            entry = self._by_clock(block, times, late_s, since_s, another_clock)
        else:
            entry = self._by_arrival(block, arrival, late_s)
        if entry is None:
            self.duplicates += len(block)
            return None
        self._commit(block, entry)
        self._arrived_at = arrival
        return entry

    @property
    def _period_s(self) -> float:
        if self._learnt_samples:
            return self._learnt_s / self._learnt_samples
        return 1.0 / self._rate_hz

    def _continued(self, block: DeviceBlock, lost: int = 0) -> Floats:
        """The block's own times, or times that count on from the last sample at the nominal rate."""
        if block.device_times is not None:
            return block.device_times
        start = -1.0 / block.rate_hz if self._end_s is None else self._end_s
        return start + np.arange(lost + 1, lost + 1 + len(block)) / block.rate_hz

    def _by_number(
        self,
        block: DeviceBlock,
        late_s: float | None,
        since_s: float | None,
        another_clock: bool,
    ) -> Entry | None:
        assert block.sequence is not None and self._next_number is not None
        restarted = False
        if block.device_times is None:
            expected = (late_s or 0.0) * block.rate_hz
        elif not another_clock and self._clock_continues(block.device_times, late_s):
            expected = self._missing(block.device_times)
        else:
            restarted = True
            expected = float(self._missing_by_host(block, since_s))
        ahead = block.sequence - self._next_number
        if modulus := block.sequence_modulus:
            ahead = ahead % modulus
            ahead += modulus * round((expected - ahead) / modulus)
        tolerance = 5.0 + LATE_S * block.rate_hz + 0.5 * abs(expected)
        if modulus and (self._fresh or restarted):
            tolerance = min(tolerance, modulus * FAR_SHARE)
        if restarted:
            tolerance = min(
                tolerance, (EARLY_S + LATE_SHARE * (since_s or 0.0)) * block.rate_hz + 1.0
            )
        repeats = max(DUPLICATE_S * block.rate_hz, DUPLICATE_SAMPLES)
        # Numbers that began anew with the clock may fall anywhere: none of them is a repeat.
        if abs(ahead - expected) > tolerance or -ahead > repeats or (restarted and ahead < 0):
            return self._restart(block, since_s)
        if ahead >= 0:
            return Entry(0, ahead, self._continued(block, ahead), restarted)
        if -ahead >= len(block):
            return None
        times = block.device_times
        kept = self._continued(block)[:ahead] if times is None else times[-ahead:]
        return Entry(-ahead, 0, kept, restarted)

    def _by_clock(
        self,
        block: DeviceBlock,
        times: Floats,
        late_s: float | None,
        since_s: float | None,
        another_clock: bool,
    ) -> Entry | None:
        assert self._end_s is not None
        if another_clock or not self._clock_continues(times, late_s):
            return self._restart(block, since_s)
        seen = int(np.searchsorted(times, self._end_s + 0.25 * self._period_s, side="right"))
        if seen == len(times):
            return None
        lost = 0 if seen else max(0, round(self._missing(times)))
        return Entry(seen, lost, times[seen:], restarted=False)

    def _clock_continues(self, times: Floats, late_s: float | None) -> bool:
        """Whether device times follow the ones seen: a repeat, or a step that the host's clock allows."""
        assert self._end_s is not None
        step_s = float(times[0]) - self._end_s
        if float(times[-1]) <= self._end_s:
            return not self._fresh and step_s > -DUPLICATE_S
        slack = LATE_SHARE * abs(step_s)
        if step_s > 1.5 * self._period_s and late_s is not None and late_s < -EARLY_S - slack:
            return False
        return not (self._fresh and late_s is not None and late_s > LATE_S + slack)

    def _missing(self, times: Floats) -> float:
        """Samples that fit between the last one and the first of `times`, not rounded.

        Once the period is learnt, from last sample to last sample: after a gap a driver that has one
        stamp for a frame can but space its samples nominally.
        """
        assert self._end_s is not None
        if self._learnt_samples >= LEARNT_BLOCKS * len(times):
            return (float(times[-1]) - self._end_s) / self._period_s - len(times)
        return (float(times[0]) - self._end_s) / self._period_s - 1.0

    def _missing_by_host(self, block: DeviceBlock, since_s: float | None) -> int:
        if since_s is None:
            return 0
        return max(0, round(since_s / self._period_s) - len(block))

    def _restart(self, block: DeviceBlock, since_s: float | None) -> Entry:
        lost = self._missing_by_host(block, since_s)
        return Entry(0, lost, self._continued(block, lost), restarted=True)

    def _by_arrival(self, block: DeviceBlock, arrival: float, late_s: float | None) -> Entry:
        """Steps of lateness that last are losses; what grows slowly is drift, what goes again delay."""
        late = 0.0 if late_s is None else late_s
        if self._fresh:
            lost = max(0, round(late * block.rate_hz))
            self._drift_s = 0.0
            # The count is an estimate, so its line begins anew: half a sample shows in the times.
            return Entry(0, lost, self._continued(block, lost), restarted=True)
        assert self._began_at is not None
        leak = LEAK if arrival - self._began_at > LEARNING_S else LEARNING_LEAK
        passed_s = max(0.0, arrival - self._arrived_at)
        self._drift_s = min(max(late, 0.0), self._drift_s + leak * passed_s)
        step_s = late - self._drift_s
        lost = 0
        if step_s < max(0.75 / block.rate_hz, CONFIRM_FLOOR_S):
            self._late_since = None
        elif self._late_since is None:
            self._late_since, self._late_blocks, self._late_least_s = arrival, 1, step_s
        else:
            self._late_blocks += 1
            self._late_least_s = min(self._late_least_s, step_s)
            lasted_s = arrival - self._late_since
            if lasted_s >= CONFIRM_S and self._late_blocks >= CONFIRM_BLOCKS:
                lost = round(self._late_least_s * block.rate_hz)
                self._late_since = None
        return Entry(0, lost, self._continued(block, lost), restarted=False)

    def _commit(self, block: DeviceBlock, entry: Entry) -> None:
        end_s = float(entry.device_times[-1])
        kept = len(block) - entry.skip
        if block.rate_hz != self._rate_hz:
            self._rate_hz, self._learnt_s, self._learnt_samples = block.rate_hz, 0.0, 0
        elif block.device_times is not None and self._end_s is not None and not entry.restarted:
            self._learn(end_s - self._end_s, kept + entry.lost)
        self._end_s = end_s
        # What a sensor that counts did not number cannot be counted on from.
        self._next_number = None if block.sequence is None else block.sequence + len(block)
        self.received += kept
        self.lost += entry.lost
        self.duplicates += entry.skip
        self._fresh = False

    def _learn(self, passed_s: float, samples: int) -> None:
        self._learnt_s += passed_s
        self._learnt_samples += samples
        if self._learnt_samples > PERIOD_SAMPLES:
            keep = ceil(self._learnt_samples / 2)
            self._learnt_s *= keep / self._learnt_samples
            self._learnt_samples = keep


def _consecutive(times: Floats, rate_hz: float) -> bool:
    """Whether spacings are within a factor of 100 of the nominal one: anything else is no clock."""
    if not (np.abs(times) < LONGEST_CLOCK_S).all():  # false for NaN
        return False
    spacings = np.diff(times) * rate_hz
    return bool(((spacings > 0.01) & (spacings < 100.0)).all())
