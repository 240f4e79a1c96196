import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.drivers import openearable1, openearable2
from collector.drivers.contract import Advertisement, Read, Started, Write
from collector.drivers.openearable1 import OpenEarable1Driver
from collector.drivers.openearable2 import (
    CONFIG,
    DATA,
    LED_RGB,
    LED_STATE,
    LIST,
    REQUEST,
    RESPONSE,
    OpenEarable2Driver,
    OpenEarable2Encoder,
)
from collector.drivers.openearable_scheme import Component, Scheme
from collector.drivers.showing import SHOWN_S
from collector.stream import SensorStream
from domain.errors import HandshakeError, PayloadError
from domain.samples import DeviceBlock, Notification
from tests.collector.drivers.conftest import Link

G = 9.80665
#: OpenEarable/open-earable-2, tests/protocol_contracts/wire_vectors.json
SCHEME = bytes.fromhex("0601540106016701780143130200010000803f00000040")
SINGLE = bytes.fromhex("060408070605040302010000c03f")
BATCH = bytes.fromhex("060a08070605040302010000c03f000000c0e803")
TIME_S = 72623859790.382856


def text(value):
    return bytes((len(value.encode()),)) + value.encode()


def scheme(sensor=0, components=(), options=0x13, rates=(25.0, 50.0, 100.0), highest=2, name="S"):
    parts = [bytes((sensor,)), text(name), bytes((len(components),))]
    for kind, group, axis, unit in components:
        parts.append(bytes((kind,)) + text(group) + text(axis) + text(unit))
    parts.append(bytes((options,)))
    if options & 0x10:
        parts.append(bytes((len(rates), 0, highest)) + struct.pack(f"<{len(rates)}f", *rates))
    return b"".join(parts)


def axes(kind, group, unit, names="XYZ"):
    return tuple((kind, group, axis, unit) for axis in names)


def told(*schemes):
    """A driver, and what it asks for when its earable has these sensors."""
    driver = OpenEarable2Driver()
    assert driver.start() == (Read(LIST),)
    answers = {one[0]: one for one in schemes}
    asked = []
    events = driver.feed(LIST, bytes((len(schemes), *answers)), 0.0)
    while events:
        asked += [event for event in events if isinstance(event, Write)]
        if Read(RESPONSE) not in events:
            break
        events = driver.feed(RESPONSE, answers[events[0].payload[0]], 0.0)
    return driver, asked


IMU = scheme(0, axes(6, "ACCELEROMETER", "m/s^2") + axes(6, "GYROSCOPE", "dps"))
BONE = scheme(7, axes(2, "ACCELEROMETER", "g"))


def heard(name=None, uuids=()):
    return Advertisement("AA:BB:CC:DD:EE:FF", name, -60, 0.0, service_uuids=uuids)


def test_the_two_generations_are_told_apart_by_the_service_the_first_one_advertises():
    first = heard("OpenEarable-1A2B", (openearable1.SERVICE,))
    second = heard("OpenEarable-1A2B", ("0000184e-0000-1000-8000-00805f9b34fb",))
    assert OpenEarable1Driver.matches(first)
    assert not OpenEarable2Driver.matches(first)
    assert OpenEarable2Driver.matches(second)
    assert not OpenEarable1Driver.matches(second)
    for other in (heard(), heard("NICLA-1A2B", (openearable1.SERVICE,)), heard("Earable")):
        assert not OpenEarable1Driver.matches(other)
        assert not OpenEarable2Driver.matches(other)


# --- the first -----------------------------------------------------------------------------------


def record1(sensor=0, time_ms=1000, values=(0, 0, G, 1, 2, 3, 0, 0, 0)):
    data = struct.pack(f"<{len(values)}f", *values)
    return struct.pack("<BBI", sensor, len(data), time_ms) + data


def test_the_first_is_switched_on_at_50_hz_and_off_with_a_rate_of_zero():
    driver = OpenEarable1Driver()
    assert driver.start() == (Write(openearable1.CONFIG, bytes.fromhex("000000484200000000")),)
    assert driver.stop() == (Write(openearable1.CONFIG, bytes(9)),)


def test_the_first_sends_metres_per_second_squared():
    driver = OpenEarable1Driver()
    started, block = driver.feed(openearable1.DATA, record1(), 0.0)
    assert started == Started(50.0)
    np.testing.assert_allclose(block.acc_g, [[0, 0, 1]], atol=1e-6)
    np.testing.assert_allclose(block.gyro_dps, [[1, 2, 3]])
    assert block.device_times[0] == 1.0


def test_the_first_ones_clock_wraps_after_49_days_without_a_loss():
    stream = SensorStream("ear", OpenEarable1Driver)
    stream.reconnected()
    for i in range(200):
        payload = record1(time_ms=(2**32 - 2000 + 20 * i) % 2**32)
        stream.feed(Notification("ear", openearable1.DATA, payload, 1000.0 + i * 0.02))
    stream.disconnected()
    assert (stream.counters.received, stream.counters.lost) == (200, 0)


def test_records_of_the_first_ones_other_sensors_are_not_samples():
    assert OpenEarable1Driver().feed(openearable1.DATA, record1(1, values=(1, 2)), 0.0) == ()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        record1()[:-1],
        record1() + b"\0",
        record1(values=(0, 0, G)),
        record1(values=(np.nan, 0, G, 0, 0, 0, 0, 0, 0)),
        record1(values=(0, 0, 1e30, 0, 0, 0, 0, 0, 0)),
    ],
)
def test_what_is_no_record_of_the_first_is_a_payload_error(payload):
    with pytest.raises(PayloadError):
        OpenEarable1Driver().feed(openearable1.DATA, payload, 0.0)


# --- schemes and records of the second -----------------------------------------------------------


def test_the_scheme_of_the_wire_vectors_is_read():
    found = Scheme.from_bytes(SCHEME)
    assert found == Scheme(6, "T", (Component("<f4", "g", "x", "C"),), True, (1.0, 2.0))


def test_the_records_of_the_wire_vectors_decode_by_their_scheme(shared_vectors):
    found = Scheme.from_bytes(SCHEME)
    single, batch = found.record(SINGLE), found.record(BATCH)
    assert single.values.tolist() == [[1.5]]
    assert batch.values.tolist() == [[1.5], [-2.0]]
    assert single.first_s == batch.first_s == pytest.approx(TIME_S, abs=2e-5)
    assert (single.spacing_s, batch.spacing_s) == (0.0, pytest.approx(1e-3))
    for vector in shared_vectors("openearable2").values():
        record = found.record(bytes.fromhex(vector["frame_hex"]))
        expected = vector["expected"]
        assert record.values[:, 0].tolist() == expected["v"]
        assert record.first_s == pytest.approx(expected["ts"] * 1e-6)
        assert bool(record.spacing_s) == (expected["period"] is not None)


def test_rates_are_there_only_when_the_options_say_so_and_only_those_bluetooth_can_carry():
    assert Scheme.from_bytes(scheme(options=0x03)).rates_hz == ()
    assert Scheme.from_bytes(scheme(highest=1)).rates_hz == (25.0, 50.0)
    assert not Scheme.from_bytes(scheme(options=0x12)).streams


def test_values_of_every_type_are_read():
    kinds = ((0, "<b"), (1, "<B"), (2, "<h"), (3, "<H"), (4, "<i"), (5, "<I"), (6, "<f"), (7, "<d"))
    found = Scheme.from_bytes(scheme(3, tuple((kind, "G", "v", "") for kind, _ in kinds)))
    values = [-5, 250, -30000, 60000, -(2**31), 2**32 - 1, 1.5, -2.25]
    data = b"".join(
        struct.pack(code, value) for (_, code), value in zip(kinds, values, strict=True)
    )
    record = found.record(struct.pack("<BBQ", 3, len(data), 0) + data)
    assert record.values.tolist() == [values]


@pytest.mark.parametrize("cut", range(len(SCHEME)))
def test_a_scheme_that_is_cut_off_anywhere_is_a_refusal(cut):
    with pytest.raises(HandshakeError):
        Scheme.from_bytes(SCHEME[:cut])


@pytest.mark.parametrize(
    "payload",
    [
        SCHEME + b"\0",
        scheme(components=((8, "A", "X", "g"),)),
        scheme(rates=(float("nan"), 50.0)),
        scheme(rates=(0.0,)),
        scheme(rates=(float("inf"),)),
    ],
)
def test_a_scheme_that_says_what_cannot_be_is_a_refusal(payload):
    with pytest.raises(HandshakeError):
        Scheme.from_bytes(payload)


@settings(deadline=None, derandomize=True)
@given(payload=st.binary(max_size=60))
def test_any_scheme_is_read_or_refused(payload):
    try:
        Scheme.from_bytes(payload)
    except HandshakeError:
        return


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        SINGLE[:-1],
        SINGLE + b"\0",
        BATCH[:1] + b"\x08" + BATCH[2:-2],  # two samples without their period
        BATCH[:-2] + b"\0\0",
        SINGLE[:1] + b"\0" + SINGLE[2:10],
    ],
)
def test_what_is_no_record_of_its_scheme_is_a_payload_error(payload):
    with pytest.raises(PayloadError):
        Scheme.from_bytes(SCHEME).record(payload)


def test_records_of_other_sensors_are_none():
    assert Scheme.from_bytes(SCHEME).record(b"\x07" + SINGLE[1:]) is None


# --- the handshake of the second -----------------------------------------------------------------


def test_schemes_are_asked_for_until_one_has_an_acceleration_and_its_rate_is_set():
    _, asked = told(SCHEME, IMU)
    assert asked == [
        Write(REQUEST, b"\x06"),
        Write(REQUEST, b"\x00"),
        Write(CONFIG, b"\x00\x01\x01"),
    ]


def test_the_raw_counts_of_the_bone_conduction_sensor_are_passed_over_though_it_says_g():
    _, asked = told(BONE, IMU)
    assert asked[-1] == Write(CONFIG, b"\x00\x01\x01")
    with pytest.raises(HandshakeError, match="none of its sensors"):
        told(BONE)


@pytest.mark.parametrize(
    "one",
    [
        scheme(0, axes(6, "GYROSCOPE", "dps")),
        scheme(0, axes(6, "ACCELEROMETER", "furlongs")),
        scheme(0, axes(6, "ACCELEROMETER", "g", "XY")),
        scheme(0, axes(6, "ACCELEROMETER", "g"), options=0x12),
        scheme(0, (*axes(6, "ACC", "g", "XY"), (6, "ACC", "Z", "m/s^2"))),
    ],
    ids=["no accelerometer", "unknown unit", "two axes", "only to its card", "mixed units"],
)
def test_an_earable_without_an_acceleration_to_stream_is_refused(one):
    with pytest.raises(HandshakeError, match="none of its sensors"):
        told(one)


def test_a_sensor_without_rates_is_refused():
    with pytest.raises(HandshakeError, match="rates"):
        told(scheme(0, axes(6, "ACCELEROMETER", "g"), options=0x03))


@pytest.mark.parametrize("listed", [b"", b"\x00", b"\x02\x00", b"\x01\x00\x01"])
def test_a_list_that_is_none_or_empty_is_refused(listed):
    driver = OpenEarable2Driver()
    driver.start()
    with pytest.raises(HandshakeError):
        driver.feed(LIST, listed, 0.0)


def test_the_scheme_of_another_sensor_than_was_asked_for_is_refused():
    driver = OpenEarable2Driver()
    driver.start()
    driver.feed(LIST, b"\x01\x07", 0.0)
    with pytest.raises(HandshakeError, match="asked for 7"):
        driver.feed(RESPONSE, IMU, 0.0)


@pytest.mark.parametrize(
    ("rates", "highest", "index", "rate_hz"),
    [
        ((10.0, 104.0), 1, 0, 10.0),
        ((12.5, 26.0, 52.0), 2, 2, 52.0),
        ((12.5, 26.0, 52.0), 1, 1, 26.0),
    ],
)
def test_the_rate_nearest_to_50_hz_that_bluetooth_carries_is_set(rates, highest, index, rate_hz):
    one = scheme(0, axes(6, "ACCELEROMETER", "g"), rates=rates, highest=highest)
    driver, asked = told(one)
    assert asked[-1] == Write(CONFIG, bytes((0, index, 1)))
    started, block = driver.feed(DATA, record2(0, 1, (0.0, 0.0, 1.0)), 0.0)
    assert started == Started(rate_hz)
    assert block.rate_hz == rate_hz
    assert driver.stop() == (Write(CONFIG, bytes((0, index, 0))),)


def record2(sensor, time_us, *rows, period_us=20000):
    data = b"".join(struct.pack(f"<{len(row)}f", *row) for row in rows)
    if len(rows) > 1:
        data += struct.pack("<H", period_us)
    return struct.pack("<BBQ", sensor, len(data), time_us) + data


@pytest.mark.parametrize(
    ("unit", "one_g"), [("g", 1.0), ("mg", 1000.0), ("m/s^2", G), ("m/s2", G), ("M/S^2", G)]
)
def test_the_unit_of_the_scheme_is_what_counts(unit, one_g):
    driver, _ = told(scheme(4, axes(6, "Accelerometer", unit)))
    _, block = driver.feed(DATA, record2(4, 5_000_000, (0, 0, one_g)), 0.0)
    np.testing.assert_allclose(block.acc_g, [[0, 0, 1]], atol=1e-6)
    assert block.gyro_dps is None


def test_axes_are_found_by_name_wherever_they_are_and_radians_become_degrees():
    one = scheme(
        4,
        (
            (6, "GYROSCOPE", "Z", "rad/s"),
            (6, "TEMPERATURE", "T", "C"),
            *axes(6, "ACC", "g", "ZYX"),
            (6, "GYROSCOPE", "X", "rad/s"),
            (6, "GYROSCOPE", "Y", "rad/s"),
        ),
    )
    driver, _ = told(one)
    _, block = driver.feed(DATA, record2(4, 0, (np.pi, 37.0, 0.3, 0.2, 0.1, np.pi / 2, 0.0)), 0.0)
    np.testing.assert_allclose(block.acc_g, [[0.1, 0.2, 0.3]], atol=1e-6)
    np.testing.assert_allclose(block.gyro_dps, [[90.0, 0.0, 180.0]], atol=1e-4)


def test_the_period_of_a_batch_spaces_its_samples():
    driver, _ = told(IMU)
    rest = (0, 0, G, 0, 0, 0)
    payload = record2(0, 3_000_000, rest, rest, rest, period_us=19_900)
    _, block = driver.feed(DATA, payload, 0.0)
    np.testing.assert_allclose(block.device_times, [3.0, 3.0199, 3.0398])
    assert block.device_modulus_s == 0.0


def test_records_before_the_scheme_is_known_and_of_other_sensors_give_nothing():
    driver = OpenEarable2Driver()
    driver.start()
    assert driver.feed(DATA, record2(0, 0, (0, 0, G, 0, 0, 0)), 0.0) == ()
    driver, _ = told(IMU)
    assert driver.feed(DATA, record2(6, 0, (36.5,)), 0.0) == ()


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_accelerations_that_cannot_be_are_a_payload_error(value):
    driver, _ = told(IMU)
    with pytest.raises(PayloadError):
        driver.feed(DATA, record2(0, 0, (0, value, G, 0, 0, 0)), 0.0)


def test_the_config_of_the_wire_vectors_is_the_layout_that_is_written():
    driver, asked = told(scheme(6, axes(6, "ACC", "g")))
    sensor, index, where = bytes.fromhex("060103")
    assert asked[-1] == Write(CONFIG, bytes((sensor, index, where & 1)))
    assert driver.name == "openearable2"


# --- the simulated ones --------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 5])
def test_the_simulated_earable_sends_single_samples_and_batches(chunk):
    link = Link(OpenEarable2Driver(), OpenEarable2Encoder(chunk)).start()
    asked = [w.payload for w in link.written if w.characteristic == REQUEST]
    assert asked == [b"\x06", b"\x07", b"\x00"]
    link.stream(np.tile([0.1, -0.2, 0.9], (10, 1)), np.tile([10.0, 20.0, -30.0], (10, 1)))
    np.testing.assert_allclose(link.acc_g(), np.tile([0.1, -0.2, 0.9], (10, 1)), atol=1e-4)
    assert {len(block) for block in link.blocks} == {chunk}
    np.testing.assert_allclose(np.diff(link.device_times()), 0.02, atol=1e-6)


def test_the_lamp_lights_and_goes_back_to_its_own_signs(connect):
    link = connect("openearable2").start()
    link.perform(link.driver.identify())
    assert link.encoder.light == b"\x00\x00\xff"
    assert [w.characteristic for w in link.written[-2:]] == [LED_STATE, LED_RGB]
    link.stream(np.tile([0.0, 0.0, 1.0], (50 * int(SHOWN_S + 1), 1)))
    assert link.encoder.light is None
    assert link.of(DeviceBlock)


def test_the_simulated_first_stops_with_its_link_and_the_second_goes_on(connect):
    first, second = connect("openearable1").start(), connect("openearable2").start()
    for link in (first, second):
        link.encoder.disconnected()
    assert not first.encoder.streaming
    assert second.encoder.streaming
    second.stop()
    assert not second.encoder.streaming


def test_the_earable_of_the_simulation_has_the_services_of_its_kind():
    uuids = {one.uuid for one in OpenEarable2Encoder().gatt()}
    assert uuids == {
        openearable2.SENSOR_SERVICE,
        openearable2.PARSE_SERVICE,
        openearable2.LED_SERVICE,
    }
