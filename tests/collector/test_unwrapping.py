"""Clocks that wrap: every sample is accounted for, over wraps, silences, connections and restarts."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import ADDRESS, DATA, ToyDriver

from collector.stream import SensorStream
from domain.samples import DeviceBlock, Notification, SampleBlock

EPOCH = 1_763_805_600.0
RATE_HZ, CHUNK = 50.0, 25
U16_MS, U32_US, U32_MS = 65.536, 2**32 * 1e-6, 2**32 * 1e-3
EVERY_CLOCK = pytest.mark.parametrize(
    "modulus_s", [U16_MS, U32_US, U32_MS], ids=["u16-ms", "u32-us", "u32-ms"]
)
DRIFTS = pytest.mark.parametrize("drift", [-0.01, 0.0, 0.01])


class WrappingDriver(ToyDriver):
    """Passes on blocks that were put into its hands: the payload is a number of `air`."""

    air: list[DeviceBlock] = []  # noqa: RUF012 - the air is one for all connections

    def feed(self, characteristic, payload, now):
        return (self.air[int.from_bytes(payload, "big")],)


@dataclass
class Wearable:
    """A sensor whose clock wraps, drifts, and begins at `reads_s`; sample k is taken at k / rate of it."""

    modulus_s: float
    drift: float = 0.0
    reads_s: float = 0.0
    counted: int = 0
    jitter_s: float = 0.03
    errors: list[tuple[float, float]] = field(default_factory=list)  # host s, error s

    def __post_init__(self):
        self.host_s = EPOCH
        self.zero_sample, self.zero_host_s = 0, EPOCH
        self.k = 0
        self.rng = np.random.default_rng(7)
        WrappingDriver.air = []
        self.stream = SensorStream(ADDRESS, WrappingDriver)
        self.stream.reconnected()
        self.blocks: list[SampleBlock] = []

    def taken_at(self, k):
        return self.zero_host_s + (k - self.zero_sample) / RATE_HZ * (1.0 + self.drift)

    def reboot(self, at_host_s, reads_s):
        self.zero_sample, self.zero_host_s, self.reads_s = self.k, at_host_s, reads_s

    def play(self, seconds, *, heard=True, delay_s=0.0):
        """Sample for so many seconds; the blocks are lost on the air unless `heard`."""
        end = self.taken_at(self.k) + seconds
        if not heard:  # weeks may pass
            self.k += CHUNK * (int(seconds / (1.0 + self.drift) * RATE_HZ) // CHUNK)
            return
        while self.taken_at(self.k + CHUNK - 1) < end:
            index = self.k - self.zero_sample + np.arange(CHUNK)
            device_s = self.reads_s + index / RATE_HZ
            device_s = device_s - (device_s[0] - device_s[0] % self.modulus_s)
            taken = self.taken_at(self.k + np.arange(CHUNK))
            arrival = max(self.host_s, taken[-1] + delay_s + self.rng.uniform(0, self.jitter_s))
            self.feed(device_s, taken, arrival)

    def feed(self, device_s, taken, arrival):
        self.host_s = arrival
        WrappingDriver.air.append(
            DeviceBlock(
                device_s,
                np.zeros((CHUNK, 3)),
                None,
                RATE_HZ,
                sequence=self.k % self.counted if self.counted else None,
                sequence_modulus=self.counted,
                device_modulus_s=self.modulus_s,
            )
        )
        payload = (len(WrappingDriver.air) - 1).to_bytes(4, "big")
        outputs = self.stream.feed(Notification(ADDRESS, DATA, payload, arrival))
        self.k += CHUNK
        for block in outputs:
            assert isinstance(block, SampleBlock)
            self.blocks.append(block)
            self.errors.append((arrival, float(np.abs(block.times - taken).max())))

    def worst_s(self, since_s):
        return max(error for at, error in self.errors if at >= since_s)

    @property
    def accounted(self):
        counters = self.stream.counters
        return counters.received + counters.lost


@EVERY_CLOCK
@DRIFTS
@pytest.mark.parametrize("counted", [0, 256])
def test_a_clock_that_wraps_goes_on_and_nothing_is_taken_for_lost(modulus_s, drift, counted):
    sensor = Wearable(modulus_s, drift, reads_s=modulus_s - 61.3, counted=counted)
    sensor.play(200.0)
    assert sensor.stream.counters.lost == 0
    assert sensor.accounted == sensor.k
    assert all(block.lost_before == 0 for block in sensor.blocks)
    assert sensor.worst_s(EPOCH + 60.0) < 0.02


@EVERY_CLOCK
@DRIFTS
@pytest.mark.parametrize(
    ("reconnects", "wraps"), [(True, 0.4), (True, 1.0), (True, 3.3), (False, 0.4), (False, 3.3)]
)
def test_an_outage_of_any_length_is_counted_to_the_sample(modulus_s, drift, reconnects, wraps):
    sensor = Wearable(modulus_s, drift, reads_s=modulus_s - 40.0)
    sensor.play(90.0)
    sensor.play(wraps * modulus_s, heard=False)
    if reconnects:
        sensor.stream.reconnected()
    back_s = sensor.taken_at(sensor.k)
    sensor.play(60.0)
    if wraps * modulus_s < 5 * U32_US:
        assert sensor.accounted == sensor.k
    else:  # weeks: the drift of the first 90 s is known to some 0.1 %, the wraps are still told
        assert sensor.accounted == pytest.approx(sensor.k, rel=0.005)
    assert sensor.worst_s(back_s + 1.0) < 0.03


@EVERY_CLOCK
@pytest.mark.parametrize("reads_s", [0.0, 3.0, 0.5])
@pytest.mark.parametrize("outage_s", [5.0, 47.0, 300.0])
def test_a_restart_is_one_and_not_minutes_of_loss(modulus_s, reads_s, outage_s):
    sensor = Wearable(modulus_s, 0.003, reads_s=0.37 * modulus_s)
    sensor.play(120.0)
    before, end_s = sensor.accounted, sensor.host_s
    sensor.reboot(end_s + outage_s, reads_s)
    sensor.stream.reconnected()
    sensor.play(60.0)
    lost = sensor.accounted - before - 60.0 / 1.003 * RATE_HZ
    assert lost == pytest.approx(outage_s * RATE_HZ, abs=2.5 * RATE_HZ)
    # Judged by its own clock, the loss would be what is left of the modulus.
    assert sensor.worst_s(end_s + outage_s + 15.0) < 0.03


@DRIFTS
def test_where_the_clock_reads_what_it_would_have_anyway_a_restart_costs_at_most_the_mismatch(
    drift,
):
    for reads_s in np.arange(0.0, U16_MS, 3.1):
        sensor = Wearable(U16_MS, drift)
        sensor.play(60.0)
        before, end_s = sensor.accounted, sensor.host_s
        sensor.reboot(end_s + 20.0, float(reads_s))
        sensor.stream.reconnected()
        sensor.play(20.0)
        lost_s = (sensor.accounted - before) / RATE_HZ - 20.0 / (1.0 + drift)
        assert lost_s == pytest.approx(20.0, abs=2.5)


def test_an_outage_too_long_for_the_known_drift_is_a_new_clock_and_the_host_tells_the_loss():
    sensor = Wearable(U16_MS, 0.004)
    sensor.play(8.0)
    sensor.play(3600.0, heard=False)
    sensor.stream.reconnected()
    back_s = sensor.taken_at(sensor.k)
    sensor.play(10.0)
    assert sensor.accounted == pytest.approx(sensor.k, rel=0.005)
    assert sensor.errors[-1][1] < 0.1
    assert sensor.worst_s(back_s) < 0.1


def test_a_stall_longer_than_a_wrap_in_one_connection_is_no_loss_when_every_block_comes_after_it():
    sensor = Wearable(U16_MS)
    sensor.play(60.0)
    sensor.host_s += 80.0  # nothing arrives before this
    sensor.play(120.0)
    assert sensor.stream.counters.lost == 0
    assert sensor.accounted == sensor.k


def test_a_block_that_comes_twice_around_the_wrap_is_a_duplicate():
    sensor = Wearable(U16_MS, reads_s=U16_MS - 10.1)
    for _ in range(60):
        sensor.play(0.51)
        payload = (len(WrappingDriver.air) - 1).to_bytes(4, "big")
        again = Notification(ADDRESS, DATA, payload, sensor.host_s)
        assert sensor.stream.feed(again) == ()
    assert sensor.stream.counters.duplicates == 60 * CHUNK
    assert sensor.stream.counters.lost == 0


def test_the_host_clock_may_be_set_while_the_samples_follow_each_other():
    sensor = Wearable(U16_MS)
    sensor.play(60.0)
    sensor.play(60.0, delay_s=3600.0)
    assert sensor.stream.counters.lost == 0


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    modulus_s=st.sampled_from([0.25, U16_MS, U32_US, U32_MS, 1e300]),
    steps=st.lists(
        st.tuples(st.floats(allow_nan=True, width=64), st.floats(-1e5, 1e6), st.booleans()),
        max_size=10,
    ),
)
def test_whatever_the_stamps_are_blocks_increase_or_are_counted_as_bad(modulus_s, steps):
    sensor = Wearable(modulus_s)
    last, now = -np.inf, EPOCH
    for first_s, host_step_s, again in steps:
        if again:
            sensor.stream.reconnected()
        now += host_step_s
        WrappingDriver.air.append(
            DeviceBlock(
                first_s + np.arange(3) / RATE_HZ,
                np.zeros((3, 3)),
                None,
                RATE_HZ,
                device_modulus_s=modulus_s,
            )
        )
        payload = (len(WrappingDriver.air) - 1).to_bytes(4, "big")
        for block in sensor.stream.feed(Notification(ADDRESS, DATA, payload, now)):
            assert block.times[0] > last
            last = float(block.times[-1])
