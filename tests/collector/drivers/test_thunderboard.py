import numpy as np
import pytest

from collector.drivers.contract import Advertisement, Started
from collector.drivers.thunderboard import ACCELERATION, ORIENTATION, SERVICE, ThunderboardDriver
from domain.errors import PayloadError


def heard(name=None, uuids=()):
    return Advertisement("AA:BB:CC:DD:EE:FF", name, -60, 0.0, service_uuids=uuids)


def row(*mg):
    return np.array(mg, "<i2").tobytes()


@pytest.mark.parametrize(
    "name", ["Thunder Sense #32540", "Thunderboard #27036", "Thunder React #1"]
)
def test_it_is_known_by_the_names_of_its_kinds(name):
    assert ThunderboardDriver.matches(heard(name))


def test_it_is_known_by_its_service_and_not_by_thunder_alone():
    assert ThunderboardDriver.matches(heard(None, (SERVICE,)))
    assert not ThunderboardDriver.matches(heard("Thunder"))
    assert not ThunderboardDriver.matches(heard())


def test_a_thousand_is_1_g():
    block = ThunderboardDriver().feed(ACCELERATION, row(0, -500, 1000), 0.0)[-1]
    np.testing.assert_allclose(block.acc_g, [[0, -0.5, 1]])
    assert block.rate_hz == 5


@pytest.mark.parametrize("mg", [(0x7FFF, 0x7FFF, 0x7FFF), (0, 0, 0)])
def test_what_the_firmware_sends_for_want_of_a_measurement_is_none(mg):
    block = ThunderboardDriver().feed(ACCELERATION, row(*mg), 0.0)[-1]
    assert np.isnan(block.acc_g).all()


def test_one_axis_of_zero_is_a_measurement():
    block = ThunderboardDriver().feed(ACCELERATION, row(0, 0, 1), 0.0)[-1]
    np.testing.assert_allclose(block.acc_g, [[0, 0, 0.001]])


def test_it_starts_once_and_on_its_own(connect):
    link = connect("thunderboard").start()
    assert link.written == []
    link.stream(np.tile([0.0, 0.0, 1.0], (3, 1)))
    assert [e.rate_hz for e in link.of(Started)] == [5.0]
    assert isinstance(link.events[0], Started)


@pytest.mark.parametrize("size", [0, 5, 7])
def test_an_acceleration_has_6_bytes(size):
    with pytest.raises(PayloadError):
        ThunderboardDriver().feed(ACCELERATION, bytes(size), 0.0)


def test_the_orientation_is_not_taken_for_an_acceleration():
    with pytest.raises(PayloadError):
        ThunderboardDriver().feed(ORIENTATION, row(0, 0, 9000), 0.0)


def test_the_guide_says_how_to_see_that_the_scale_is_another():
    assert any("1 g" in limit for limit in ThunderboardDriver.guide.limits)
