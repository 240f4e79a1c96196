import numpy as np
import pytest

from collector.drivers.contract import Advertisement, Started, Write
from collector.drivers.microbit import (
    DATA,
    PERIOD,
    PERIODS_MS,
    SERVICE,
    MicroBitDriver,
    MicroBitEncoder,
    period_write,
)
from domain.errors import HandshakeError, InputError, PayloadError
from tests.collector.drivers.conftest import Link

FACE_UP = bytes.fromhex("0000000018fc")  # -1000 mg on z


def heard(name=None, uuids=()):
    return Advertisement("AA:BB:CC:DD:EE:FF", name, -60, 0.0, service_uuids=uuids)


def test_it_is_known_by_its_name_or_its_service():
    assert MicroBitDriver.matches(heard("BBC micro:bit [zogeg]"))
    assert MicroBitDriver.matches(heard("BBC micro:bit"))
    assert MicroBitDriver.matches(heard(None, (SERVICE,)))
    assert not MicroBitDriver.matches(heard("micro"))


@pytest.mark.parametrize("period_ms", [0, 3, 21, 100, 65535, -1])
def test_a_period_that_it_does_not_have_is_never_written_and_0_least_of_all(period_ms):
    with pytest.raises(InputError):
        period_write(period_ms)


@pytest.mark.parametrize("period_ms", PERIODS_MS)
def test_a_period_that_it_has_is_written_as_two_bytes(period_ms):
    assert period_write(period_ms) == Write(PERIOD, period_ms.to_bytes(2, "little"))


def test_everything_that_a_driver_ever_writes_is_an_allowed_period(connect):
    link = connect("microbit").start()
    link.stream(np.tile([0.0, 0.0, 1.0], (20, 1)))
    link.stop()
    link.start()
    assert link.written
    for write in link.written:
        assert write.characteristic == PERIOD
        assert int.from_bytes(write.payload, "little") in PERIODS_MS


def test_a_board_dies_of_a_period_of_0():
    with pytest.raises(InputError, match="crashes"):
        MicroBitEncoder().written(PERIOD, b"\0\0")


def test_a_board_with_other_periods_takes_the_nearest_and_that_is_its_rate():
    link = Link(MicroBitDriver(), MicroBitEncoder((10, 40, 80))).start()
    link.stream(np.tile([0.0, 0.0, 1.0], (3, 1)))
    assert [e.rate_hz for e in link.of(Started)] == [100.0]
    assert {block.rate_hz for block in link.blocks} == {100.0}


def test_samples_of_an_unknown_period_are_not_passed_on():
    driver = MicroBitDriver()
    driver.start()
    assert driver.feed(DATA, FACE_UP, 0.0) == ()
    driver.feed(PERIOD, b"\x14\0", 0.1)
    assert len(driver.feed(DATA, FACE_UP, 0.2)) == 1


@pytest.mark.parametrize("payload", [b"", b"\x14", b"\x14\0\0", b"\0\0", b"\xff\xff"])
def test_a_period_that_is_none_ends_the_handshake(payload):
    driver = MicroBitDriver()
    driver.start()
    with pytest.raises(HandshakeError):
        driver.feed(PERIOD, payload, 0.0)


@pytest.mark.parametrize("size", [0, 5, 7])
def test_an_acceleration_has_6_bytes(size):
    with pytest.raises(PayloadError):
        MicroBitDriver().feed(DATA, bytes(size), 0.0)


def test_a_rest_reads_1_g_along_up_though_the_board_counts_it_downwards(connect):
    link = connect("microbit").start()
    (sent,) = link.encoder.samples(np.array([0.0]), np.array([[0.0, 0.0, 1.0]]), None)
    assert sent.payload == FACE_UP
    (block,) = link.driver.feed(DATA, FACE_UP, 0.0)
    np.testing.assert_allclose(block.acc_g, [[0, 0, 1]])


def test_the_axes_stay_a_right_handed_frame():
    # +1000 on an axis is the right edge down, the logo up, the display down, by the gestures.
    driver = MicroBitDriver()
    driver.start()
    driver.feed(PERIOD, b"\x14\0", 0.0)
    units = np.eye(3) * 1000
    axes = [driver.feed(DATA, row.astype("<i2").tobytes(), 0.0)[0].acc_g[0] for row in units]
    right, logo, out = -axes[0], axes[1], -axes[2]
    np.testing.assert_allclose(np.cross(right, logo), out)


def test_the_guide_speaks_of_pairing():
    assert any("pair" in limit for limit in MicroBitDriver.guide.limits)
