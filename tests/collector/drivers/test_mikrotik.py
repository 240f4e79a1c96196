import numpy as np
import pytest

from collector.drivers.contract import Advertisement
from collector.drivers.mikrotik import CHANNEL, COMPANY, MikrotikDriver
from domain.errors import HandshakeError, PayloadError
from domain.placement import Placement
from domain.samples import BatteryReading, DeviceBlock

FRAME = bytes.fromhex("010010a90000fdff010000806be866000062")
ENCRYPTED = FRAME[:1] + b"\x01" + FRAME[2:]


def heard(payload, company=COMPANY):
    return Advertisement("DC:2C:6E:14:7B:DD", None, -70, 0.0, manufacturer_data={company: payload})


def test_the_shared_vectors_agree(shared_vectors):
    for vector in shared_vectors("mikrotik").values():
        block, battery = MikrotikDriver().feed(CHANNEL, bytes.fromhex(vector["frame_hex"]), 0.0)
        np.testing.assert_allclose(block.acc_g[0] * 9.80665, vector["expected"]["ms2"], atol=1e-9)
        assert battery == BatteryReading(vector["expected"]["batt"])


def test_an_axis_a_hair_below_zero_is_not_256_metres_per_second_squared():
    block, _ = MikrotikDriver().feed(CHANNEL, FRAME, 0.0)
    assert block.acc_g[0, 1] * 9.80665 == pytest.approx(-3 / 256)
    assert np.abs(block.acc_g).max() < 0.01


def test_the_salt_tells_a_repeat_from_a_new_measurement_of_the_same():
    driver = MikrotikDriver()
    salted = [FRAME[:2] + salt.to_bytes(2, "little") + FRAME[4:] for salt in (1, 1, 2, 2, 3)]
    blocks = [
        [event for event in driver.feed(CHANNEL, payload, at) if isinstance(event, DeviceBlock)]
        for at, payload in zip((0.0, 5.0, 5.1, 5.2, 6.0), salted, strict=True)
    ]
    assert [len(found) for found in blocks] == [1, 0, 1, 0, 1]
    assert blocks[2][0].device_times == 5.1


def test_an_encrypted_tag_is_recognised_and_says_what_to_do():
    assert MikrotikDriver.matches(heard(ENCRYPTED))
    with pytest.raises(HandshakeError, match="encrypted"):
        MikrotikDriver().feed(CHANNEL, ENCRYPTED, 0.0)


def test_it_serves_version_1_of_its_company_and_nothing_else():
    assert MikrotikDriver.matches(heard(FRAME))
    assert not MikrotikDriver.matches(heard(FRAME, 0x0499))
    assert not MikrotikDriver.matches(heard(b"\x02" + FRAME[1:]))
    assert not MikrotikDriver.matches(heard(FRAME[:-1]))


def test_people_are_told_that_it_shows_no_gravity_and_offered_the_chair_alone():
    assert MikrotikDriver.guide.placements == (Placement.SEAT,)
    assert "no tilt" in MikrotikDriver.guide.limits[0]


def test_a_battery_beyond_100_percent_is_not_believed():
    (block,) = MikrotikDriver().feed(CHANNEL, FRAME[:-1] + b"\xff", 0.0)
    assert isinstance(block, DeviceBlock)


@pytest.mark.parametrize("payload", [b"", FRAME[:-1], FRAME + b"\x00", b"\x00" + FRAME[1:]])
def test_anything_but_18_bytes_of_version_1_is_a_payload_error(payload):
    with pytest.raises(PayloadError):
        MikrotikDriver().feed(CHANNEL, payload, 0.0)


def test_the_simulated_tag_salts_every_sample_anew(connect):
    link = connect("mikrotik")
    link.stream(np.tile([0.1, -0.2, 0.9], (300, 1)))
    assert len(link.blocks) == 300
    np.testing.assert_allclose(link.acc_g()[-1], [0.1, -0.2, 0.9], atol=2e-4)
