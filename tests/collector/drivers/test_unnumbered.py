import numpy as np
import pytest

from collector.drivers.unnumbered import Unnumbered
from collector.stream import SensorStream
from domain.samples import Notification

START = 1_790_000_000.0
UP = np.array([[0.0, 0.0, 1.0]])


def taken(hearings, rate_hz=1.0):
    """The times of the (s, payload) hearings that were samples."""
    sensor = Unnumbered(rate_hz)
    return [at for at, said in hearings if sensor.sample(said, UP, START + at)]


def test_new_bytes_are_a_sample_whenever_they_come():
    assert taken([(0.0, b"a"), (0.02, b"b"), (0.03, b"a")]) == [0.0, 0.02, 0.03]


def test_one_event_on_its_channels_and_its_scan_response_is_one_sample():
    event = [0.0, 0.001, 0.002, 0.04]
    hearings = [(n + at, b"a%d" % n) for n in range(5) for at in event]
    assert taken(hearings) == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_a_still_sensor_keeps_giving_samples_at_its_rate_through_echoes_and_jitter():
    jitter = np.random.default_rng(1).uniform(0.0, 0.01, 500)
    events = np.arange(500) + np.cumsum(jitter) - jitter  # 0 to 10 ms are added to every interval
    hearings = [(at + echo, b"still") for at in events for echo in (0.0, 0.001, 0.03)]
    assert taken(hearings) == list(events)


def test_a_sensor_that_advertises_faster_than_it_measures_gives_its_measurements_alone():
    hearings = [(tick / 10, b"%d" % (tick // 10)) for tick in range(200)]
    assert taken(hearings) == [float(n) for n in range(20)]


def test_the_same_sensor_is_not_forgotten_when_it_is_still():
    times = taken([(tick / 10, b"still") for tick in range(1000)])
    assert np.all(np.diff(times) >= 1.0)
    assert np.all(np.diff(times) < 1.4)


def test_a_host_clock_set_back_does_not_silence_it():
    assert taken([(0.0, b"a"), (-3600.0, b"a"), (-3599.9, b"a"), (-3599.0, b"a")]) == [
        0.0, -3600.0, -3599.0,
    ]  # fmt: skip


class _Advertiser:
    """The least that a stream needs: everything heard is a sample if Unnumbered says so."""

    name, measures, connects = "least", ("acc",), False

    def __init__(self):
        self._hearings = Unnumbered(1.0)

    def start(self):
        return ()

    def subscriptions(self):
        return ("air",)

    def feed(self, characteristic, payload, now):
        return self._hearings.sample(payload, UP, now)


@pytest.mark.parametrize("missed", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("still", [False, True])
def test_received_and_lost_are_what_was_sent_and_samples_stay_where_they_belong(missed, still):
    draw = np.random.default_rng(7)
    stream = SensorStream("s", _Advertiser)
    stream.reconnected()
    sent_at, late_s, last = START, [], 0
    for n in range(1500):
        sent_at += 1.0 + draw.uniform(0.0, 0.01)
        if n and draw.random() < missed:
            continue
        last = n + 1
        payload = b"still" if still else b"%d" % n
        arrival = sent_at + draw.exponential(0.003)
        for echo in (0.0, 0.002, 0.04):
            for block in stream.feed(Notification("s", "air", payload, arrival + echo)):
                late_s.append(abs(block.times[-1] - sent_at))
    counts = stream.counters
    assert counts.duplicates == 0
    assert counts.received == len(late_s)
    assert counts.received + counts.lost == pytest.approx(last, abs=2)
    assert np.quantile(late_s, 0.95) < 0.02
