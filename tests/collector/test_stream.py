"""The stream: driver, ledger and clock in a row, over any number of connections."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import ADDRESS, CONTROL, DATA, ToyDriver, payload

from collector.drivers.contract import BATTERY_LEVEL, Started, Write
from collector.stream import SensorStream
from domain.errors import HandshakeError
from domain.samples import BatteryReading, DeviceBlock, Notification, SampleBlock

EPOCH = 1_763_805_600.0


def at(stream, characteristic, octets, now):
    return stream.feed(Notification(ADDRESS, characteristic, octets, now))


def test_a_connection_begins_with_a_fresh_driver_and_its_commands():
    stream = SensorStream(ADDRESS, ToyDriver)
    before = stream.driver
    assert stream.reconnected() == (Write(CONTROL, b"GO"),)
    assert stream.driver is not before
    assert at(stream, CONTROL, b"OK", EPOCH) == (Started(50.0),)
    assert stream.rate_hz == 50.0


def test_ledger_and_clock_outlive_the_connection():
    stream = SensorStream(ADDRESS, ToyDriver)
    stream.reconnected()
    (first,) = at(stream, DATA, payload(0), EPOCH)
    stream.reconnected()
    (second,) = at(stream, DATA, payload(500), EPOCH + 10.0)
    assert (first.lost_before, second.lost_before) == (0, 490)
    assert second.times[0] - first.times[-1] == pytest.approx(491 / 50.0, abs=1e-3)
    counters = stream.counters
    assert (counters.received, counters.lost) == (20, 490)
    assert stream.last_sample_at == second.times[-1]


def test_a_repeated_notification_gives_nothing_and_is_counted():
    stream = SensorStream(ADDRESS, ToyDriver)
    assert len(at(stream, DATA, payload(0), EPOCH)) == 1
    assert at(stream, DATA, payload(0), EPOCH) == ()
    assert stream.counters.duplicates == 10


class Numbered(ToyDriver):
    """Its samples carry their numbers."""

    measures = ("acc", "gyro")

    def feed(self, characteristic, payload, now):
        (block,) = super().feed(characteristic, payload, now)
        values = np.repeat(np.rint(block.device_times * 50.0)[:, None], 3, axis=1)
        return (DeviceBlock(block.device_times, values, -values, 50.0),)


def test_of_a_notification_that_was_seen_in_part_the_new_samples_are_passed_on():
    stream = SensorStream(ADDRESS, Numbered)
    at(stream, DATA, payload(0), EPOCH)
    (rest,) = at(stream, DATA, payload(6), EPOCH + 0.12)
    assert rest.acc_g[:, 0].tolist() == [10, 11, 12, 13, 14, 15]
    assert rest.gyro_dps[:, 0].tolist() == [-10, -11, -12, -13, -14, -15]
    assert (len(rest.times), rest.lost_before, stream.counters.duplicates) == (6, 0, 4)


def test_broken_payloads_are_counted_and_not_raised():
    stream = SensorStream(ADDRESS, ToyDriver)
    assert at(stream, DATA, b"junk", EPOCH) == ()
    assert at(stream, BATTERY_LEVEL, b"\xff", EPOCH) == ()
    assert stream.counters.bad_payloads == 2
    assert "level" in stream.last_bad_payload


def test_a_refusal_is_raised():
    with pytest.raises(HandshakeError):
        at(SensorStream(ADDRESS, ToyDriver), CONTROL, b"NO", EPOCH)


def test_the_standard_battery_level_is_understood_where_the_driver_leaves_it():
    stream = SensorStream(ADDRESS, ToyDriver)
    assert at(stream, BATTERY_LEVEL, b"\x2a", EPOCH) == (BatteryReading(42.0),)
    assert stream.battery_percent == 42.0


class Docked(ToyDriver):
    """Its battery tells whether it is being charged."""

    def feed(self, characteristic, payload, now):
        if payload[:1] == b"B":
            return (BatteryReading(50.0, {b"+": True, b"-": False}.get(payload[1:])),)
        return super().feed(characteristic, payload, now)


def test_samples_say_whether_their_sensor_was_being_charged_until_another_connection():
    stream, said = SensorStream(ADDRESS, Docked), []
    for number, what in enumerate(("B", "B+", "B", "B-", "B+", "again")):
        if what == "again":
            stream.reconnected()
        else:
            at(stream, CONTROL, what.encode(), EPOCH + number)
        (block,) = at(stream, DATA, payload(100 * number), EPOCH + 2.0 * number)
        told = block.charging
        said.append(None if told is None else set(told.tolist()))
    assert said == [None, {True}, {True}, {False}, {True}, None]


class Nonsense(ToyDriver):
    """Device times straight from the payload: a driver whose sensor lies about the time."""

    def feed(self, characteristic, payload, now):
        times = np.array(struct.unpack(f"<{len(payload) // 8}d", payload))
        return (DeviceBlock(times, np.zeros((len(times), 3)), None, 50.0),)


@settings(max_examples=150, deadline=None)
@given(
    blocks=st.lists(
        st.tuples(st.lists(st.floats(width=64), max_size=4), st.floats(-1e4, 1e4), st.booleans()),
        max_size=12,
    )
)
def test_whatever_times_a_sensor_gives_blocks_increase_or_are_counted_as_bad(blocks):
    stream = SensorStream(ADDRESS, Nonsense)
    last, now = -np.inf, EPOCH
    for times, step_s, again in blocks:
        if again:
            stream.reconnected()
        now += step_s
        for block in at(stream, DATA, struct.pack(f"<{len(times)}d", *times), now):
            assert isinstance(block, SampleBlock)
            assert block.times[0] > last
            last = float(block.times[-1])
