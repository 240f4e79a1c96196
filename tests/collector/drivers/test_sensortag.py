import numpy as np
import pytest

from collector.drivers.contract import (
    FIRMWARE_REVISION,
    Advertisement,
    Identifies,
    Read,
    Started,
    Write,
)
from collector.drivers.sensortag import (
    ACC_CONFIG,
    ACC_DATA,
    ACC_PERIOD,
    ADVERTISED,
    MOVEMENT_CONFIG,
    MOVEMENT_DATA,
    MOVEMENT_PERIOD,
    MOVEMENT_SERVICE,
    SensorTag2541Driver,
    SensorTag2541Encoder,
    SensorTag2650Driver,
    SensorTag2650Encoder,
    counts_per_g,
)
from domain.errors import PayloadError
from tests.collector.drivers.conftest import Link

REST = [[0.0, 0.0, 1.0]]


def heard(name=None, uuids=()):
    return Advertisement("AA:BB:CC:DD:EE:FF", name, -60, 0.0, service_uuids=uuids)


@pytest.mark.parametrize("name", ["CC2650 SensorTag", "SensorTag 2.0"])
def test_the_later_names_are_the_cc2650_alone(name):
    assert SensorTag2650Driver.matches(heard(name))
    assert not SensorTag2541Driver.matches(heard(name))


@pytest.mark.parametrize("name", ["SensorTag", "TI BLE Sensor Tag"])
def test_the_earlier_names_are_the_cc2541_alone(name):
    assert SensorTag2541Driver.matches(heard(name))
    assert not SensorTag2650Driver.matches(heard(name))


@pytest.mark.parametrize("uuid", [ADVERTISED, MOVEMENT_SERVICE])
def test_a_cc2650_is_known_by_its_service_too(uuid):
    assert SensorTag2650Driver.matches(heard(None, (uuid,)))
    assert not SensorTag2541Driver.matches(heard(None, (uuid,)))


def test_the_range_is_set_to_8_g_and_the_period_to_the_shortest_100_ms():
    assert SensorTag2650Driver().start() == (
        Write(MOVEMENT_CONFIG, bytes.fromhex("7f02")),
        Write(MOVEMENT_PERIOD, bytes((10,))),
    )


def test_a_rest_is_1_g_with_the_range_that_is_set_and_would_be_4_g_with_the_widespread_7f_00(
    connect,
):
    link = connect("sensortag-cc2650").start()
    link.stream(REST)
    np.testing.assert_allclose(link.acc_g(), REST)
    link.encoder.written(MOVEMENT_CONFIG, bytes.fromhex("7f00"))
    assert link.encoder.full_scale_g == 2.0
    link.events.clear()
    link.stream(REST)
    np.testing.assert_allclose(link.acc_g(), [[0, 0, 4]])


def test_both_start_once_at_10_hz(connect):
    for word in ("sensortag-cc2650", "sensortag-cc2541"):
        link = connect(word).start()
        link.stream(np.tile(REST, (5, 1)))
        assert [e.rate_hz for e in link.of(Started)] == [10.0]
        assert isinstance(link.events[0], Started)


def test_both_are_switched_off_at_the_end(connect):
    for word in ("sensortag-cc2650", "sensortag-cc2541"):
        link = connect(word)
        assert not link.encoder.streaming
        link.start()
        assert link.encoder.streaming
        link.stop()
        assert not link.encoder.streaming


def test_a_cc2650_lights_up_and_stops_by_itself(connect):
    link = connect("sensortag-cc2650").start()
    assert isinstance(link.driver, Identifies)
    link.perform(link.driver.identify())
    assert link.encoder.lights == 3
    link.stream(np.tile(REST, (20, 1)))
    assert link.encoder.lights == 3
    link.stream(np.tile(REST, (20, 1)))
    assert link.encoder.lights == 0
    assert not isinstance(SensorTag2541Driver(), Identifies)


def test_a_cc2541_asks_for_its_firmware_before_it_starts():
    assert SensorTag2541Driver().start() == (
        Read(FIRMWARE_REVISION),
        Write(ACC_CONFIG, b"\x01"),
        Write(ACC_PERIOD, bytes((10,))),
    )


@pytest.mark.parametrize(
    ("firmware", "per_g"),
    [
        (b"1.5 (Oct 23 2013)", 16),
        (b"1.10", 16),
        (b"2.0\0", 16),
        (b"1.4 (Jul 12 2013)", 64),
        (b"0.9", 64),
        (b"", 16),
        (b"N.A.", 16),
        (b"\xff\x00", 16),
    ],
)
def test_the_firmware_decides_the_scale_of_a_cc2541(firmware, per_g):
    assert counts_per_g(firmware) == per_g
    link = Link(SensorTag2541Driver(), SensorTag2541Encoder(firmware)).start()
    link.stream(REST)
    np.testing.assert_allclose(link.acc_g(), REST)


def test_the_bytes_of_a_cc2541_are_signed_sixteenths():
    (_, block) = SensorTag2541Driver().feed(ACC_DATA, bytes.fromhex("f00810"), 0.0)
    np.testing.assert_allclose(block.acc_g, [[-1, 0.5, 1]])
    assert block.gyro_dps is None


@pytest.mark.parametrize("size", [0, 17, 19, 20])
def test_movement_data_have_18_bytes(size):
    with pytest.raises(PayloadError):
        SensorTag2650Driver().feed(MOVEMENT_DATA, bytes(size), 0.0)


def test_a_twin_that_lost_its_link_is_switched_off():
    encoder = SensorTag2650Encoder()
    encoder.written(MOVEMENT_CONFIG, bytes.fromhex("7f02"))
    encoder.disconnected()
    assert not encoder.streaming
