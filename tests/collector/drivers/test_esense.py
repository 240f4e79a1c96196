import numpy as np
import pytest

from collector.drivers.contract import Advertisement, Read, Started, Write
from collector.drivers.esense import (
    BATTERY,
    CONTROL,
    DEFAULT_CONFIG,
    FACTORY_OFFSET,
    IMU,
    IMU_CONFIG,
    START,
    STOP,
    ESenseDriver,
    ESenseEncoder,
    answer_data,
    command,
    factory_offset_g,
)
from domain.errors import HandshakeError, PayloadError
from tests.collector.drivers.conftest import Link

CONFIG = bytes.fromhex("59200406080806")


def packet(gyro, acc, index=0):
    body = b"\x0c" + np.array([*gyro, *acc], ">i2").tobytes()
    return bytes((0x55, index, sum(body) & 0xFF)) + body


def begun(config=CONFIG):
    driver = ESenseDriver()
    driver.start()
    driver.feed(IMU_CONFIG, config, 0.0)
    return driver


def one(driver, payload):
    (block,) = driver.feed(IMU, payload, 0.0)
    return block


def test_it_is_known_by_its_name():
    def heard(name):
        return Advertisement("AA:BB:CC:DD:EE:FF", name, -60, 0.0)

    assert ESenseDriver.matches(heard("eSense-0332"))
    assert not ESenseDriver.matches(heard("eSense"))
    assert not ESenseDriver.matches(heard(None))


def test_commands_are_those_of_the_specification():
    assert bytes.fromhex("5335020132") == START
    assert bytes.fromhex("5302020000") == STOP
    assert command(0x59, DEFAULT_CONFIG) == CONFIG


def test_the_shared_vectors_agree(shared_vectors):
    vectors = shared_vectors("esense")
    assert vectors
    for vector in vectors.values():
        frame = bytes.fromhex(vector["frame_hex"])
        assert command(frame[0], frame[3:]) == bytes.fromhex(vector["expected"])
        assert answer_data(frame, frame[0], len(frame) - 3) == frame[3:]


def test_the_ranges_are_asked_for_before_sampling_starts():
    assert ESenseDriver().start() == (Read(IMU_CONFIG), Write(CONTROL, START))


def test_it_starts_once_and_stops_politely(connect):
    link = connect("esense")
    assert not link.encoder.streaming
    link.start()
    assert link.encoder.streaming
    link.stream(np.tile([0.0, 0.0, 1.0], (3, 1)))
    assert [e.rate_hz for e in link.of(Started)] == [50.0]
    link.stop()
    assert not link.encoder.streaming


def test_numbers_are_big_endian():
    block = one(begun(), bytes.fromhex("5500" + "4d" + "0c" + "000100000000" + "200000002000"))
    np.testing.assert_allclose(block.acc_g, [[1, 0, 1]])
    np.testing.assert_allclose(block.gyro_dps, [[1 / 65.5, 0, 0]])


@pytest.mark.parametrize("low", [0x7F, 0x80, 0xFF])
def test_the_low_byte_is_not_signed_so_that_nothing_jumps_by_256(low):
    block = one(begun(), packet((0x0100 | low, 0, 0), (0x2000 | low, -0x2000 + low, 0)))
    np.testing.assert_allclose(block.acc_g * 8192, [[0x2000 + low, -0x2000 + low, 0]])
    np.testing.assert_allclose(block.gyro_dps * 65.5, [[0x0100 + low, 0, 0]])


def test_a_slow_ramp_has_no_step_in_it():
    driver = begun()
    got = [one(driver, packet((0, 0, 0), (n, 0, 0))).acc_g[0, 0] for n in range(-600, 600)]
    np.testing.assert_allclose(np.diff(got), 1 / 8192)


@pytest.mark.parametrize("position", range(2, 16))
def test_one_wrong_bit_is_seen_by_the_checksum(position):
    payload = bytearray(packet((1, -2, 3), (-4, 5, 8192)))
    payload[position] ^= 0x10
    with pytest.raises(PayloadError):
        begun().feed(IMU, bytes(payload), 0.0)


def test_the_checksum_covers_the_length_and_not_the_index():
    payload = packet((1, 2, 3), (4, 5, 6), index=200)
    assert sum(payload[3:]) & 0xFF == payload[2]
    assert one(begun(), payload).sequence == 200


@pytest.mark.parametrize(
    "payload", [b"", packet((0, 0, 0), (0, 0, 0))[:-1], b"\x56" + packet((0, 0, 0), (0, 0, 0))[1:]]
)
def test_anything_but_a_packet_is_a_payload_error(payload):
    with pytest.raises(PayloadError):
        begun().feed(IMU, payload, 0.0)


def test_the_index_counts_samples_modulo_256(connect):
    link = connect("esense").start()
    link.stream(np.tile([0.0, 0.0, 1.0], (258, 1)), lose=lambda i: i == 100)
    sequences = [block.sequence for block in link.blocks]
    assert sequences[98:102] == [98, 99, 101, 102]
    assert sequences[-3:] == [255, 0, 1]
    assert {block.sequence_modulus for block in link.blocks} == {256}


@pytest.mark.parametrize(("acc", "per_g"), [(0, 16384), (1, 8192), (2, 4096), (3, 2048)])
@pytest.mark.parametrize(("gyro", "per_dps"), [(0, 131), (1, 65.5), (2, 32.8), (3, 16.4)])
def test_the_ranges_come_from_the_configuration_and_are_not_crossed(acc, per_g, gyro, per_dps):
    config = bytes((6, gyro << 3 | 1, 0xE0 | acc << 3, 6))
    block = one(begun(command(0x59, config)), packet((1000, 0, 0), (0, 0, 1000)))
    np.testing.assert_allclose(block.acc_g[0, 2], 1000 / per_g)
    np.testing.assert_allclose(block.gyro_dps[0, 0], 1000 / per_dps)
    link = Link(ESenseDriver(), ESenseEncoder(config)).start()
    link.stream([[0.0, 0.0, 1.0]], [[100.0, 0.0, 0.0]])
    np.testing.assert_allclose(link.acc_g(), [[0, 0, 1]], atol=1e-3)
    np.testing.assert_allclose(link.blocks[0].gyro_dps, [[100, 0, 0]], atol=0.1)


@pytest.mark.parametrize(
    "payload", [b"", CONFIG[:-1], CONFIG + b"\0", b"\x58" + CONFIG[1:], CONFIG[:-1] + b"\x07"]
)
def test_a_configuration_that_cannot_be_read_ends_the_handshake_for_a_scale_is_not_guessed(payload):
    driver = ESenseDriver()
    driver.start()
    with pytest.raises(HandshakeError):
        driver.feed(IMU_CONFIG, payload, 0.0)


def test_samples_of_an_unknown_scale_are_not_passed_on():
    driver = ESenseDriver()
    driver.start()
    assert driver.feed(IMU, packet((0, 0, 0), (0, 0, 8192)), 0.0) == ()


def test_no_percentage_is_made_of_a_voltage():
    assert "battery" not in ESenseDriver.measures
    assert int.from_bytes(answer_data(ESenseEncoder().read(BATTERY), None, 2), "big") == 3950


def test_the_factory_offset_has_2048_to_the_g_in_the_last_six_bytes():
    data = bytes.fromhex("000100020003" + "0800fc000001")
    assert factory_offset_g(command(0x54, data)) == (1.0, -0.5, 1 / 2048)
    assert factory_offset_g(ESenseEncoder().read(FACTORY_OFFSET)) == (0.0, 0.0, 0.0)
    with pytest.raises(PayloadError):
        factory_offset_g(command(0x54, data)[:-1] + b"\x02")


def test_the_twin_does_not_hear_a_start_with_a_wrong_checksum():
    encoder = ESenseEncoder()
    encoder.written(CONTROL, bytes.fromhex("5336020132"))
    assert not encoder.streaming
