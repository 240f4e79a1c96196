import struct

import numpy as np
import pytest

from collector.clock import ClockFit
from collector.drivers.contract import BATTERY_LEVEL, Advertisement, Repeat, Started, Write
from collector.drivers.movesense import (
    ADVERTISED,
    COMMAND,
    DATA,
    MODULUS_S,
    PATH,
    SERVICE,
    MovesenseDriver,
    MovesenseEncoder,
    result_code,
)
from collector.drivers.registry import driver_for
from domain.errors import HandshakeError, PayloadError
from domain.samples import BatteryReading, DeviceBlock

G = 9.80665


def heard(name, services=()):
    return Advertisement("0C:8C:DC:00:00:01", name, -60, 0.0, service_uuids=services)


def message(stamp_ms, acc, gyro, kind=2, reference=0x49):
    vectors = np.array([*acc, *gyro], "<f4").tobytes()
    return bytes((kind, reference)) + struct.pack("<I", stamp_ms) + vectors


def started():
    driver = MovesenseDriver()
    driver.start()
    return driver


def test_it_serves_movesense_names_and_the_service():
    assert MovesenseDriver.matches(heard("Movesense 210330000123"))
    assert MovesenseDriver.matches(heard(None, (SERVICE,)))
    assert not MovesenseDriver.matches(heard("MoveSense-X95"))
    # The short number is of the whole maker: its sports watches have it too.
    assert not MovesenseDriver.matches(heard("Suunto 9", (ADVERTISED,)))
    assert driver_for(heard("Movesense 1")) is MovesenseDriver


def test_the_start_subscribes_imu6_at_52_hz_with_a_reference_that_is_not_zero():
    subscribe, *_ = MovesenseDriver().start()
    assert isinstance(subscribe, Write)
    assert subscribe.characteristic == COMMAND
    assert subscribe.payload[0] == 1
    assert subscribe.payload[1] != 0
    assert subscribe.payload[2:] == b"Meas/IMU6/52"


def test_the_battery_is_asked_for_again_by_its_path():
    (again,) = [c for c in MovesenseDriver().start() if isinstance(c, Repeat)]
    assert isinstance(again.command, Write)
    assert again.command.payload[2:] == b"/System/Energy/Level\0"


def test_accelerations_all_come_before_rates():
    acc, gyro = [(0, 0, G), (G, 0, 0), (0, G, 0)], [(1, 2, 3), (4, 5, 6), (7, 8, 9)]
    (*_, block) = started().feed(DATA, message(0, acc, gyro), 0.0)
    np.testing.assert_allclose(block.acc_g, [[0, 0, 1], [1, 0, 0], [0, 1, 0]], atol=1e-6)
    np.testing.assert_allclose(block.gyro_dps, gyro)


def test_metres_per_second_squared_become_g():
    (*_, block) = started().feed(DATA, message(0, [(0, 0, 19.6133)], [(0, 0, 0)]), 0.0)
    np.testing.assert_allclose(block.acc_g, [[0, 0, 2]], atol=1e-6)


def test_the_stamp_is_milliseconds_and_wraps_after_49_7_days():
    assert pytest.approx(49.71, abs=0.01) == MODULUS_S / 86400
    (*_, block) = started().feed(DATA, message(2**32 - 1, [(0, 0, G)] * 2, [(0, 0, 0)] * 2), 0.0)
    assert block.device_modulus_s == MODULUS_S
    np.testing.assert_allclose(block.device_times, [4294967.295, 4294967.295 + 1 / 52])


def test_data_in_two_parts_are_put_together_before_they_are_read(connect):
    link = connect("movesense")
    link.encoder = MovesenseEncoder(chunk=16)
    link.start()
    acc = np.linspace(-1, 1, 48).reshape(16, 3)
    sent = link.encoder.samples(np.arange(16) / 52, acc, acc * 100)
    assert [one.payload[0] for one in sent] == [2, 3, 3]
    assert all(len(one.payload) <= 161 - 3 for one in sent)
    events = [link.driver.feed(DATA, one.payload, 0.0) for one in sent]
    assert events[:2] == [(), ()]
    (block,) = events[2]
    np.testing.assert_allclose(block.acc_g, acc, atol=link.encoder.resolution_g)
    np.testing.assert_allclose(block.gyro_dps, acc * 100, atol=0.07)


def test_a_lost_continuation_costs_its_own_samples_alone(connect):
    link = connect("movesense")
    link.encoder = MovesenseEncoder(chunk=8)
    link.start()
    link.stream(np.tile([0.0, 0.1, 0.9], (32, 1)), lose=lambda i: i == 3)
    assert [len(block) for block in link.blocks] == [8, 8, 8]
    assert np.diff(link.device_times()).max() == pytest.approx(9 / 52, abs=2e-3)


def test_a_lost_first_part_leaves_a_rest_that_is_no_frame(connect):
    link = connect("movesense")
    link.encoder = MovesenseEncoder(chunk=8)
    link.start()
    first, rest = link.encoder.samples(np.arange(8) / 52, np.zeros((8, 3)), None)
    with pytest.raises(PayloadError):
        link.driver.feed(DATA, rest.payload, 0.0)
    link.driver.feed(DATA, first.payload, 0.0)
    (block,) = link.driver.feed(DATA, rest.payload, 0.0)
    assert len(block) == 8


def test_data_without_end_are_no_frame():
    driver = started()
    part = b"\x49" + bytes(240)
    for kind in (2, *[3] * 16):
        assert driver.feed(DATA, bytes((kind,)) + part, 0.0) == ()
    with pytest.raises(PayloadError, match="without end"):
        driver.feed(DATA, b"\x03" + part, 0.0)


@pytest.mark.parametrize(
    ("code", "words"), [(404, "no combined"), (409, "busy"), (507, "no free place"), (418, "418")]
)
@pytest.mark.parametrize("order", ["big", "little"])
def test_a_refusal_is_a_handshake_error_with_words_that_help(code, words, order):
    with pytest.raises(HandshakeError, match=words) as caught:
        started().feed(DATA, b"\x01\x49" + code.to_bytes(2, order), 0.0)
    assert caught.value.code == code


def test_codes_are_read_in_either_byte_order():
    assert result_code(b"\x01\xfb") == 507
    assert result_code(b"\xc8\x00") == result_code(b"\x00\xc8") == 200
    assert result_code(b"\xff\xff") is None
    assert result_code(b"\x01") is None
    for code in range(200, 600):
        assert result_code(code.to_bytes(2, "big")) == code
        if code not in (257, 258, 513, 514):  # read both ways, and no codes of HTTP's
            assert result_code(code.to_bytes(2, "little")) == code


def test_a_fifth_subscription_is_refused_with_507_high_byte_first():
    encoder = MovesenseEncoder()
    for reference in range(1, 5):
        encoder.written(COMMAND, bytes((1, reference)) + b"Meas/Acc/13")
    (refused,) = encoder.written(COMMAND, b"\x01\x05" + PATH)
    assert refused.payload == bytes.fromhex("010501fb")
    assert not encoder.streaming
    encoder.written(COMMAND, b"\x02\x01")
    (accepted,) = encoder.written(COMMAND, b"\x01\x05" + PATH)
    assert result_code(accepted.payload[2:]) == 200
    assert encoder.streaming


def test_it_has_started_with_the_result_or_without_one_with_the_first_data():
    driver = started()
    assert driver.feed(DATA, b"\x01\x49\xc8\x00", 0.0) == (Started(52.0),)
    (only,) = driver.feed(DATA, message(0, [(0, 0, G)], [(0, 0, 0)]), 0.0)
    assert isinstance(only, DeviceBlock)
    silent = started()
    first, block = silent.feed(DATA, message(0, [(0, 0, G)], [(0, 0, 0)]), 0.0)
    assert first == Started(52.0)
    assert isinstance(block, DeviceBlock)


def test_subscriptions_vanish_with_the_link_and_are_made_anew(connect):
    link = connect("movesense").start()
    assert link.encoder.streaming
    link.encoder.disconnected()
    assert not link.encoder.streaming
    assert link.encoder.samples(np.arange(4) / 52, np.zeros((4, 3)), None) == ()
    link.start()
    assert link.encoder.streaming


def test_the_stop_ends_the_subscription_and_its_result_starts_nothing(connect):
    link = connect("movesense").start()
    link.events.clear()
    link.stop()
    assert not link.encoder.streaming
    assert link.events == []


def test_the_battery_comes_by_its_path_or_from_the_standard_service(connect):
    link = connect("movesense").start()
    assert link.batteries == [90.0, 90.0]
    driver = started()
    assert driver.feed(DATA, b"\x01\x45\x90\x01", 0.0) == ()  # 400: some firmware has no path
    assert driver.feed(BATTERY_LEVEL, b"\x32", 0.0) == (BatteryReading(50.0),)
    with pytest.raises(PayloadError):
        driver.feed(DATA, b"\x01\x45\xc8\x00\xff", 0.0)
    with pytest.raises(PayloadError):
        driver.feed(BATTERY_LEVEL, b"", 0.0)


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x02", b"\x07\x49", b"\x02\x48" + bytes(28), b"\x01\x49\x00", b"\x01\x49\xff\xff"],
)
def test_what_is_no_message_is_a_payload_error(payload):
    with pytest.raises(PayloadError):
        started().feed(DATA, payload, 0.0)


def test_a_sample_that_is_no_number_is_a_payload_error():
    with pytest.raises(PayloadError):
        started().feed(DATA, message(0, [(np.nan, 0, 0)], [(0, 0, 0)]), 0.0)
    with pytest.raises(PayloadError):
        started().feed("elsewhere", b"", 0.0)


def test_its_clock_is_fitted_to_the_hosts(connect):
    link = connect("movesense").start()
    link.stream(np.tile([0.0, 0.0, 1.0], (520, 1)))
    fit = ClockFit()
    times = [fit.push(block.device_times, 1000.0 + block.device_times[-1]) for block in link.blocks]
    error_s = np.concatenate(times) - 1000.0 - link.device_times()
    assert np.abs(error_s).max() < 0.02
