"""A sensor that only its description knows is read like any other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.drivers.contract import Advertisement, Driver, Started
from collector.drivers.described import describe, twin_of
from collector.drivers.description import Description
from collector.drivers.layout import ACC, GYRO, Layout
from domain.errors import ConfigError, PayloadError
from domain.samples import BatteryReading, DeviceBlock
from tests.collector.drivers.conftest import Link

NUS = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"
PLAIN = {
    "name": "plain",
    "match_name": "Plain",
    "characteristic": "ffe4",
    "sample": Layout("<3h", ACC),
    "rate_hz": 50.0,
    "acc_per_g": 4096.0,
}
FULL = {
    "name": "full",
    "match_service": "fff0",
    "characteristic": NUS,
    "start": (("fff1", b"\x01"), ("fff1", b"\x02\x03")),
    "stop": (("fff1", b"\x00"),),
    "header": Layout("<BIB", ("sequence", "time", "battery")),
    "sample": Layout(">3h3h", (*ACC, *GYRO)),
    "samples": 5,
    "rate_hz": 100.0,
    "acc_per_g": 8192.0,
    "gyro_per_dps": 16.4,
}
FLOATS = {
    **PLAIN,
    "name": "floats",
    "sample": Layout("<H3fxx", ("time", *ACC)),
    "acc_per_g": 9.80665,
}


def joined(description):
    return Link(describe(description)(), twin_of(description)())


def signal(n, seed=1):
    steps = np.random.default_rng(seed).normal(0, 0.02, (n, 3))
    return np.cumsum(steps, axis=0) + np.array([0, 0, 1])


@pytest.mark.parametrize("words", [PLAIN, FULL, FLOATS], ids=lambda words: words["name"])
def test_what_the_twin_sends_the_driver_reads_back(words):
    description = Description(**words)
    link = joined(description).start()
    acc_g, gyro_dps = signal(40), 100 * signal(40, 2)
    link.stream(acc_g, gyro_dps if description.turns else None)
    assert isinstance(link.driver, Driver)
    np.testing.assert_allclose(link.acc_g(), acc_g, atol=0.51 / description.acc_per_g)
    if description.turns:
        turned = np.concatenate([block.gyro_dps for block in link.blocks])
        np.testing.assert_allclose(turned, gyro_dps, atol=0.51 / 16.4)
    assert [event.rate_hz for event in link.of(Started)] == [description.rate_hz]


def test_start_and_stop_are_the_described_bytes_in_order():
    link = joined(Description(**FULL)).start()
    assert [write.payload for write in link.written] == [b"\x01", b"\x02\x03"]
    assert link.encoder.streaming
    link.stop()
    assert link.written[-1].payload == b"\x00"
    assert not link.encoder.streaming


def test_a_packet_counter_counts_its_samples_and_the_clock_says_where_it_wraps():
    link = joined(Description(**FULL)).start()
    link.stream(signal(15), signal(15))
    assert [block.sequence for block in link.blocks] == [0, 5, 10]
    assert {block.sequence_modulus for block in link.blocks} == {256 * 5}
    assert {block.device_modulus_s for block in link.blocks} == {2**32 / 1000}
    np.testing.assert_allclose(np.diff(link.device_times()), 0.01, atol=0.001)
    assert set(link.batteries) == {90.0}


def test_a_sample_clock_goes_on_past_its_wrap_inside_a_packet():
    description = Description(**{**FLOATS, "sample": Layout("<H3h", ("time", *ACC))})
    payload = b"".join(description.sample.build({"time": stamp}) for stamp in (65500, 65520, 4, 24))
    _, block = describe(description)().feed(description.characteristic, payload, 0.0)
    np.testing.assert_allclose(block.device_times, [65.5, 65.52, 65.54, 65.56])


def test_a_header_that_stamps_the_last_sample_counts_back_from_it():
    description = Description(**{**FULL, "stamps_last": True})
    head = description.header.build({"time": 20})
    payload = head + description.sample.size * 5 * b"\x00"
    _, block, _battery = describe(description)().feed(NUS, payload, 0.0)
    assert block.device_times[0] == pytest.approx(0.02 - 0.04 + 2**32 / 1000)
    assert block.device_times[-1] == pytest.approx(0.02 + 2**32 / 1000)


def test_it_is_recognised_by_its_service_its_name_or_both():
    def heard(name, *uuids):
        return Advertisement("a", name, None, 0.0, service_uuids=uuids)

    fff0 = "0000fff0-0000-1000-8000-00805f9b34fb"
    by_service, by_name = describe(Description(**FULL)), describe(Description(**PLAIN))
    both = describe(Description(**{**FULL, "match_name": "Full"}))
    assert by_service.matches(heard(None, fff0))
    assert not by_service.matches(heard("Full"))
    assert by_name.matches(heard("Plain 7"))
    assert not by_name.matches(heard("Toaster"))
    assert not by_name.matches(heard(None))
    assert both.matches(heard("Full 1", fff0))
    assert not both.matches(heard("Full 1"))


@pytest.mark.parametrize(
    ("change", "path", "problem"),
    [
        ({"name": "My board"}, "name", "small letters"),
        ({"match_name": ""}, "match_name", "is wanted"),
        ({"characteristic": "ffe"}, "characteristic", "no UUID"),
        ({"match_service": "toast"}, "match_service", "no UUID"),
        ({"start": (("x", b""),)}, "start", "no UUID"),
        ({"rate_hz": 0.0}, "rate_hz", "above 0"),
        ({"rate_hz": 1e9}, "rate_hz", "between"),
        ({"acc_per_g": float("nan")}, "acc_per_g", "above 0"),
        ({"time_unit_s": -1.0}, "time_unit_s", "above 0"),
        ({"sample": Layout("<2h", ("acc_x", "acc_y"))}, "sample_fields", "wants acc_x"),
        ({"sample": Layout("<4h", (*ACC, "gyro_x"))}, "sample_fields", "not all"),
        ({"sample": Layout("<6h", (*ACC, *GYRO))}, "gyro_per_dps", "is wanted"),
        ({"header": Layout("<h", ("acc_x",))}, "header_fields", "belongs into"),
        ({"header": Layout("<B", ("sequence",))}, "samples", "is wanted"),
        ({"header": Layout("<f", ("sequence",)), "samples": 1}, "header_fields", "whole number"),
        ({"samples": 300}, "samples", "between 0"),
        ({"samples": 200}, "samples", "no sensor can send"),
    ],
)
def test_a_description_that_cannot_be_is_refused_at_its_field(change, path, problem):
    with pytest.raises(ConfigError, match=problem) as refused:
        Description(**{**PLAIN, **change})
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("format_", "fields", "path", "problem"),
    [
        ("3h", ACC, "format", "begins with"),
        ("<3h", ("acc_x",), "fields", "1 names for the 3 values"),
        ("<3s", ("acc_x",), "format", "'s' is no type"),
        ("<3", (), "format", "names no value"),
        ("<h3", ("acc_x",), "format", "ends in the number 3"),
        ("<h", ("acceleration",), "fields", "no field 'acceleration'"),
        ("<2h", ("acc_x", "acc_x"), "fields", "twice"),
        ("<999h", (), "format", "at most 64"),
        ("", ("time",), "fields", "no format"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(format_, fields, path, problem):
    with pytest.raises(ConfigError, match=problem) as refused:
        Layout(format_, fields)
    assert refused.value.path == path


@settings(deadline=None, derandomize=True)
@given(payload=st.binary(max_size=100), words=st.sampled_from([PLAIN, FULL, FLOATS]))
def test_any_bytes_give_samples_or_a_payload_error(payload, words):
    description = Description(**words)
    driver = describe(description)()
    try:
        events = driver.feed(description.characteristic, payload, 0.0)
    except PayloadError:
        return
    assert all(isinstance(event, Started | DeviceBlock | BatteryReading) for event in events)


def test_numbers_that_are_none_are_unknown_and_times_that_are_none_are_refused():
    description = Description(**{**FLOATS, "sample": Layout("<4f", ("time", *ACC))})
    driver = describe(description)()
    nan, one = float("nan"), {"acc_x": 9.80665, "acc_z": float("inf")}
    _, block = driver.feed(
        description.characteristic, description.sample.build({"time": 1, **one}), 0
    )
    np.testing.assert_allclose(block.acc_g, [[1, 0, np.nan]])
    with pytest.raises(PayloadError, match="do not increase"):
        driver.feed(description.characteristic, description.sample.build({"time": nan}), 0)
