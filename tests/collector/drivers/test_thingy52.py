import numpy as np
import pytest

from collector.drivers.contract import Advertisement, Identifies, Read, Started, Write
from collector.drivers.showing import SHOWN_S
from collector.drivers.thingy52 import (
    CONFIGURATION_SERVICE,
    LED,
    MOTION_CONFIG,
    ONE_BREATH,
    RAW,
    Thingy52Driver,
    Thingy52Encoder,
)
from domain.errors import HandshakeError, InputError, PayloadError
from domain.samples import DeviceBlock

AT_50 = bytes.fromhex("e803f401f401320001")
AT_10 = bytes.fromhex("e803f401f4010a0001")
LEVEL = bytes.fromhex("000000000004") + bytes(12)


def heard(name=None, uuids=()):
    return Advertisement("AA:BB:CC:DD:EE:FF", name, -60, 0.0, service_uuids=uuids)


def test_it_is_known_by_its_service_or_its_first_name_and_a_thingy_53_is_not_meant():
    assert Thingy52Driver.matches(heard("Thingy"))
    assert Thingy52Driver.matches(heard("my own name", (CONFIGURATION_SERVICE,)))
    assert not Thingy52Driver.matches(heard("Thingy:53"))


def test_a_rate_of_50_hz_is_set_once_and_the_other_settings_stay(connect):
    link = connect("thingy52").start()
    assert [w.payload for w in link.written] == [AT_50]
    assert link.encoder.rate_hz == 50
    assert [e.rate_hz for e in link.of(Started)] == [50.0]
    link.start()
    assert len(link.written) == 1


def test_samples_of_an_unknown_rate_are_not_passed_on():
    driver = Thingy52Driver()
    driver.start()
    assert driver.feed(RAW, LEVEL, 0.0) == ()
    assert driver.feed(MOTION_CONFIG, AT_10, 0.0) == (
        Write(MOTION_CONFIG, AT_50),
        Read(MOTION_CONFIG),
    )
    assert driver.feed(RAW, LEVEL, 0.1) == ()
    driver.feed(MOTION_CONFIG, AT_50, 0.2)
    (block,) = driver.feed(RAW, LEVEL, 0.3)
    np.testing.assert_allclose(block.acc_g, [[0, 0, 1]])


def test_a_rate_that_cannot_be_set_is_taken_as_it_is():
    driver = Thingy52Driver()
    driver.start()
    driver.feed(MOTION_CONFIG, AT_10, 0.0)
    assert driver.feed(MOTION_CONFIG, AT_10, 0.1) == (Started(10.0),)


@pytest.mark.parametrize("payload", [b"", AT_50[:-1], AT_50 + b"\0"])
def test_a_configuration_of_another_size_ends_the_handshake(payload):
    driver = Thingy52Driver()
    driver.start()
    with pytest.raises(HandshakeError):
        driver.feed(MOTION_CONFIG, payload, 0.0)


@pytest.mark.parametrize("rate", ["0000", "0400", "c900", "ffff"])
def test_a_rate_that_its_firmware_does_not_have_is_no_rate(rate):
    driver = Thingy52Driver()
    driver.start()
    strange = bytes.fromhex(f"e803f401f401{rate}01")
    driver.feed(MOTION_CONFIG, strange, 0.0)
    with pytest.raises(HandshakeError):
        driver.feed(MOTION_CONFIG, strange, 0.0)


@pytest.mark.parametrize("size", [0, 17, 19])
def test_a_raw_frame_has_18_bytes(size):
    with pytest.raises(PayloadError):
        Thingy52Driver().feed(RAW, bytes(size), 0.0)


def test_it_shows_itself_by_one_breath_and_its_own_light_comes_back(connect):
    link = connect("thingy52").start()
    assert isinstance(link.driver, Identifies)
    own = link.encoder.led
    link.perform(link.driver.identify())
    assert link.encoder.led == ONE_BREATH
    link.stream(np.tile([0.0, 0.0, 1.0], (round((SHOWN_S - 0.5) * 50), 1)))
    assert link.encoder.led == ONE_BREATH
    link.stream(np.tile([0.0, 0.0, 1.0], (50, 1)))
    assert link.encoder.led == own
    assert [w.characteristic for w in link.written].count(LED) == 2


def test_a_light_that_is_not_understood_is_not_written_back():
    driver = Thingy52Driver()
    driver.start()
    driver.feed(MOTION_CONFIG, AT_50, 0.0)
    driver.feed(LED, b"\x09\x01", 0.0)
    assert driver.identify() == (Write(LED, ONE_BREATH),)
    events = [e for t in (0.0, 100.0) for e in driver.feed(RAW, LEVEL, t)]
    assert all(isinstance(e, DeviceBlock) for e in events)


@pytest.mark.parametrize("hz", [4, 201])
def test_the_twin_refuses_rates_that_the_firmware_refuses(hz):
    encoder = Thingy52Encoder()
    with pytest.raises(InputError):
        encoder.written(MOTION_CONFIG, AT_50[:6] + hz.to_bytes(2, "little") + b"\x01")
    assert encoder.rate_hz == 10


def test_fast_turns_saturate_at_the_11_bits_and_not_at_the_2000_of_the_chip(connect):
    link = connect("thingy52").start()
    link.stream([[0.0, 0.0, 1.0]], [[1500.0, -1500.0, 0.0]])
    np.testing.assert_allclose(link.blocks[0].gyro_dps, [[1023.96875, -1024.0, 0.0]])
