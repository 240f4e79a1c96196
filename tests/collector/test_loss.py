"""The loss ledger, as the stream drives it: any pattern of loss, to the sample where that can be known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.clock import ClockFit
from collector.loss import LossLedger
from domain.samples import DeviceBlock

EPOCH = 1_763_805_600.0


class Feeder:
    """A ledger and a clock fit in a row, as in SensorStream."""

    def __init__(self) -> None:
        self.ledger, self.clock = LossLedger(), ClockFit()

    def feed(self, block: DeviceBlock, arrival: float):
        ledger, clock = self.ledger, self.clock
        late_s = clock.late_s(ledger.expected_end_s(block), arrival)
        since_s = None if clock.last is None else arrival - clock.last
        entry = ledger.enter(block, arrival, late_s, since_s, slope=clock.slope)
        if entry is not None:
            if entry.restarted:
                clock.restart()
            clock.push(entry.device_times, arrival)
        return entry


class Sender:
    """Blocks of `chunk` samples: what a sensor sends, with and without clock and counter."""

    def __init__(self, *, rate_hz=50.0, chunk=18, drift=0.0, clock=True, modulus=0, actual_hz=None):
        self.rate_hz, self.chunk, self.drift = rate_hz, chunk, drift
        self.actual_hz = actual_hz or rate_hz
        self.clock, self.modulus = clock, modulus
        self.device_zero_s, self.number_zero, self.first_index = 100.0, 0, 0

    def block(self, k: int) -> tuple[DeviceBlock, float]:
        """Block number k and the host time of its last sample."""
        index = k * self.chunk + np.arange(self.chunk)
        device = self.device_zero_s + (index - self.first_index) / self.actual_hz
        taken = EPOCH + (k * self.chunk + self.chunk - 1) / self.actual_hz * (1.0 + self.drift)
        number = (k * self.chunk - self.first_index + self.number_zero) % (self.modulus or 1)
        return (
            DeviceBlock(
                device_times=device if self.clock else None,
                acc_g=np.zeros((self.chunk, 3)),
                gyro_dps=None,
                rate_hz=self.rate_hz,
                sequence=number if self.modulus else None,
                sequence_modulus=self.modulus,
            ),
            taken,
        )


def sent_until(sender: Sender, first: int, last: int) -> int:
    return (last - first + 1) * sender.chunk


KINDS = [
    pytest.param({"clock": True}, id="clock"),
    pytest.param({"clock": True, "actual_hz": 50.4}, id="clock with a rate off by 0.8 %"),
    pytest.param({"clock": True, "modulus": 256}, id="clock and a byte counter"),
    pytest.param({"clock": False, "modulus": 65535}, id="counter"),
]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_received_plus_lost_is_sent_to_the_sample_for_any_pattern_of_loss(kind, data):
    sender = Sender(**kind, drift=data.draw(st.floats(-0.01, 0.01)))
    lost = data.draw(st.sets(st.integers(20, 200)))
    outage = data.draw(st.integers(0, 3000))
    again = data.draw(st.sets(st.integers(0, 200)))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    feeder = Feeder()
    arrived, last = 0, 0
    for k in [*range(200), *range(200 + outage, 220 + outage)]:
        if k == 200 + outage:
            feeder.ledger.reconnected()
        if k in lost and k < 199:
            continue
        block, taken = sender.block(k)
        at = taken + rng.uniform(0.0, 0.03)
        entry = feeder.feed(block, at)
        assert entry is not None and entry.skip == 0
        arrived, last = arrived + sender.chunk, k
        if k in again:
            assert feeder.feed(block, at + 0.001) is None
    ledger = feeder.ledger
    assert ledger.received == arrived
    assert ledger.received + ledger.lost == sent_until(sender, 0, last)


@pytest.mark.parametrize("actual_hz", [48.2, 49.0, 51.0, 52.4])
def test_a_rate_far_from_the_nominal_one_costs_no_sample_where_frames_after_a_gap_are_spaced_by_it(
    actual_hz,
):
    sender, feeder = Sender(chunk=36, actual_hz=actual_hz), Feeder()
    lost = {15, 30, 31, 60, *range(100, 400)}
    for k in range(450):
        if k == 400:
            feeder.ledger.reconnected()
        if k in lost:
            continue
        block, taken = sender.block(k)
        if k - 1 in lost:  # the sensor stamps the last sample, the driver has no stamp before it
            spaced = block.device_times[-1] - np.arange(36)[::-1] / 50.0
            block = DeviceBlock(spaced, block.acc_g, None, 50.0)
        feeder.feed(block, taken + 0.01)
    ledger = feeder.ledger
    assert (ledger.received, ledger.lost) == ((450 - len(lost)) * 36, len(lost) * 36)


def test_blocks_seen_before_are_dropped_and_counted_even_when_they_come_late():
    sender, feeder = Sender(), Feeder()
    for k in (0, 1, 2):
        feeder.feed(*sender.block(k))
    block, taken = sender.block(1)
    assert feeder.feed(block, taken + 0.8) is None
    assert feeder.ledger.duplicates == sender.chunk
    assert feeder.feed(*sender.block(3)).lost == 0


def test_the_samples_of_a_block_that_were_seen_are_cut_off():
    sender, feeder = Sender(), Feeder()
    first, taken = sender.block(0)
    feeder.feed(first, taken)
    device = np.concatenate([first.device_times[10:], first.device_times[-1] + [0.02, 0.04]])
    overlapping = DeviceBlock(device, np.zeros((10, 3)), None, 50.0)
    entry = feeder.feed(overlapping, taken + 0.04)
    assert (entry.skip, entry.lost, len(entry.device_times)) == (8, 0, 2)


@pytest.mark.parametrize("kind", [{"clock": True}, {"clock": False, "modulus": 65535}])
def test_a_sensor_that_restarted_during_an_outage_is_counted_by_the_hosts_time(kind):
    sender, feeder = Sender(**kind), Feeder()
    for k in range(200):
        feeder.feed(*sender.block(k))
    feeder.ledger.reconnected()
    sender.first_index, sender.device_zero_s = 400 * sender.chunk, 0.0
    for k in range(400, 440):
        block, taken = sender.block(k)
        feeder.feed(block, taken + 0.005)
    total = feeder.ledger.received + feeder.ledger.lost
    assert abs(total - 440 * sender.chunk) <= 2


@pytest.mark.parametrize("drift", [-0.007, 0.007])
def test_a_learnt_drift_counts_in_an_outage_of_minutes_without_clock_and_counter(drift):
    sender, feeder = Sender(clock=False, chunk=5, drift=drift), Feeder()
    for k in range(600):
        feeder.feed(*sender.block(k))
    feeder.ledger.reconnected()
    for k in range(2600, 2640):
        feeder.feed(*sender.block(k))
    assert abs(feeder.ledger.lost - 10_000) <= 2  # 70 samples by the nominal rate


@pytest.mark.parametrize("zero", [0, 60, 100, 200])
@pytest.mark.parametrize("clock", [True, False])
def test_a_short_counter_that_began_anew_in_an_outage_counts_no_sample_that_never_was(clock, zero):
    sender, feeder = Sender(clock=clock, chunk=1, modulus=256), Feeder()
    for k in range(2000):
        feeder.feed(*sender.block(k))
    feeder.ledger.reconnected()
    sender.first_index, sender.number_zero, sender.device_zero_s = 2400, zero, 0.0
    for k in range(2400, 2440):
        feeder.feed(*sender.block(k))
    assert abs(feeder.ledger.lost - 400) <= (100 if clock else 64)
    assert feeder.ledger.duplicates == 0


def test_a_stall_of_the_host_is_no_loss():
    sender, feeder = Sender(chunk=5, drift=0.004), Feeder()
    held_until = EPOCH + 63.0
    for k in range(1200):
        block, taken = sender.block(k)
        late = EPOCH + 60.0 < taken < held_until
        feeder.feed(block, held_until if late else taken + 0.002)
    assert feeder.ledger.lost == 0


def test_a_host_clock_set_back_is_no_loss():
    sender, feeder = Sender(chunk=5), Feeder()
    for k in range(1200):
        block, taken = sender.block(k)
        feeder.feed(block, taken - (3600.0 if k > 600 else 0.0))
    assert (feeder.ledger.lost, feeder.ledger.received) == (0, 6000)


@pytest.mark.parametrize("drift", [-0.007, 0.007])
@pytest.mark.parametrize(
    ("chunk", "share", "run"),
    [(1, 0.0, 0), (4, 0.05, 1), (1, 0.002, 25)],
    ids=["nothing lost", "5 % of packets of four", "half seconds now and then"],
)
def test_without_clock_and_counter_the_count_follows_the_arrivals_within_half_a_percent(
    drift, chunk, share, run
):
    sender, feeder = Sender(clock=False, chunk=chunk, drift=drift), Feeder()
    rng = np.random.default_rng(7)
    last_arrival, last, skip = 0.0, 0, 0
    for k in range(12_000 // chunk):
        block, taken = sender.block(k)
        if skip == 0 and k > 250 and rng.random() < share:
            skip = run
        if skip:
            skip -= 1
            continue
        last_arrival = max(last_arrival, taken + rng.uniform(0.0, 0.02))
        feeder.feed(block, last_arrival)
        last = k
    sent = sent_until(sender, 0, last)
    counted = feeder.ledger.received + feeder.ledger.lost
    assert abs(counted - sent) <= 0.005 * sent


def test_without_clock_and_counter_a_burst_is_no_loss_and_an_outage_is_one():
    sender, feeder = Sender(clock=False, chunk=1), Feeder()
    for k in [*range(1500), *range(2000, 3000)]:
        block, taken = sender.block(k)
        held = EPOCH + 20.0 < taken < EPOCH + 21.5
        if k == 2000:
            assert feeder.ledger.lost == 0
            feeder.ledger.reconnected()
        feeder.feed(block, EPOCH + 21.5 if held else taken + 0.001)
    assert abs(feeder.ledger.lost - 500) <= 2


def test_a_repeated_advertisement_is_a_duplicate_and_a_missed_one_is_lost():
    sender, feeder = Sender(clock=False, modulus=65535, rate_hz=1 / 1.285, chunk=1), Feeder()
    sender.number_zero = 65530
    for k in [0, 1, 2, 5, 6, 9, 10]:
        block, taken = sender.block(k)
        feeder.feed(block, taken)
        assert feeder.feed(block, taken + 0.3) is None
    assert (feeder.ledger.received, feeder.ledger.lost, feeder.ledger.duplicates) == (7, 4, 7)


@pytest.mark.parametrize(
    "times", [[1.0, 1.0], [2.0, 1.0], [1.0, np.nan], [np.inf, np.inf], [0.0, 1e-9], [0.0, 1e9]]
)
def test_device_times_that_are_no_clocks_are_refused(times):
    block = DeviceBlock(np.array(times), np.zeros((2, 3)), None, 50.0)
    with pytest.raises(ValueError, match="consecutive"):
        LossLedger().enter(block, EPOCH, None, None)


def test_a_sensor_may_begin_and_cease_to_number_its_samples():
    feeder = Feeder()
    counted, silent = Sender(modulus=65535, chunk=1, clock=False), Sender(chunk=1, clock=False)
    for k, sender in enumerate([silent, silent, counted, counted, silent, counted, counted]):
        feeder.feed(*sender.block(k))
    assert (feeder.ledger.received, feeder.ledger.lost) == (7, 0)


@pytest.mark.parametrize(
    ("interval_s", "chunk", "drift"), [(0.0296, 3, -0.01), (0.0302, 3, 0.01), (0.0487, 5, -0.01)]
)
def test_waiting_for_connection_events_is_no_loss_to_a_sensor_without_clock_and_counter(
    interval_s, chunk, drift
):
    # Two or so events make a packet, so that the wait creeps up over seconds and falls back.
    sender, feeder = Sender(clock=False, chunk=chunk, drift=drift), Feeder()
    for k in range(4000 // chunk):
        block, taken = sender.block(k)
        event = np.ceil((taken - EPOCH) / interval_s)
        feeder.feed(block, EPOCH + float(event) * interval_s)
    assert feeder.ledger.lost == 0
