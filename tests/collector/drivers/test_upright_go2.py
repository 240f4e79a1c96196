import struct

import numpy as np
import pytest

from collector.drivers.contract import Advertisement, Started, Write
from collector.drivers.upright_go2 import ACCELERATION, VERDICT, UprightGo2Driver
from domain.errors import PayloadError
from domain.samples import DeviceBlock


def frame(x, y, z):
    return struct.pack("<3h", x, y, z)


def direction(payload):
    *_, block = UprightGo2Driver().feed(ACCELERATION, payload, 0.0)
    return block.acc_g[0]


def named(name):
    return Advertisement("C0:00:00:00:00:02", name, -60, 0.0)


def test_it_is_known_by_its_name_alone():
    assert UprightGo2Driver.matches(named("UprightGO2"))
    assert not UprightGo2Driver.matches(named("UprightGO"))
    assert not UprightGo2Driver.matches(named(None))


def test_the_acceleration_is_asked_for_once_with_01():
    assert UprightGo2Driver().start() == (Write(ACCELERATION, b"\x01"),)


@pytest.mark.parametrize("x", [-129, -128, -1, 127, 128, 255, 256, 384, 1023])
def test_numbers_with_a_low_byte_of_128_and_more_are_not_256_too_small(x):
    # (signed high byte << 8) + signed low byte, as a known reading has it, is wrong for half of them.
    shown = direction(frame(x, 1000, 0))
    assert shown[0] / shown[1] == pytest.approx(x / 1000)


def test_only_the_direction_is_told_whatever_the_scale():
    np.testing.assert_allclose(direction(frame(300, -400, 1200)), direction(frame(75, -100, 300)))
    assert np.linalg.norm(direction(frame(17, -4, 990))) == pytest.approx(1.0)
    assert UprightGo2Driver.measures == ("direction",)


def test_a_vector_of_no_length_has_no_direction():
    assert np.all(np.isnan(direction(bytes(6))))


def test_it_is_started_with_its_first_sample_and_once():
    driver = UprightGo2Driver()
    driver.start()
    first = driver.feed(ACCELERATION, frame(0, -900, 0), 0.0)
    second = driver.feed(ACCELERATION, frame(0, -900, 0), 0.3)
    assert [type(event) for event in (*first, *second)] == [Started, DeviceBlock, DeviceBlock]


@pytest.mark.parametrize(("real_hz", "told_hz"), [(3.0, 3.0), (2.95, 3.0), (3.4, 3.4), (2.5, 2.5)])
def test_about_three_a_second_is_counted(real_hz, told_hz):
    driver = UprightGo2Driver()
    driver.start()
    for n in range(20):
        *_, block = driver.feed(ACCELERATION, frame(0, -900, 0), 1000.0 + n / real_hz)
    assert block.rate_hz == told_hz


def test_its_own_verdict_is_neither_asked_for_nor_taken_for_a_sample():
    driver = UprightGo2Driver()
    assert VERDICT not in driver.subscriptions()
    with pytest.raises(PayloadError):
        driver.feed(VERDICT, b"\x02\x01\x01", 0.0)


@pytest.mark.parametrize("payload", [b"", b"\x02\x01\x01", bytes(5), bytes(7)])
def test_anything_but_three_numbers_is_a_payload_error(payload):
    with pytest.raises(PayloadError):
        UprightGo2Driver().feed(ACCELERATION, payload, 0.0)


def test_the_simulated_one_is_silent_until_it_is_asked_and_after_a_drop(connect):
    link = connect("upright-go2")
    assert not link.encoder.streaming
    link.start()
    assert link.encoder.streaming
    link.stream([[0.0, -0.8, 0.6]] * 3)
    np.testing.assert_allclose(link.acc_g(), [[0.0, -0.8, 0.6]] * 3, atol=1e-3)
    link.encoder.disconnected()
    assert not link.encoder.streaming
