import numpy as np
import pytest

from collector.drivers.contract import Advertisement
from collector.drivers.minew import CHANNEL, UUID, MinewDriver
from domain.errors import PayloadError
from domain.samples import BatteryReading, DeviceBlock

FRAME = bytes.fromhex("a10364ff8000000080aabbccddeeff")
INFO = bytes.fromhex("a10864aabbccddeeff504c5553")


def heard(payload, uuid=UUID):
    return Advertisement("AC:23:3F:A0:00:01", None, -70, 0.0, service_data={uuid: payload})


def test_the_shared_vectors_agree(shared_vectors):
    for vector in shared_vectors("minew").values():
        block, battery = MinewDriver().feed(CHANNEL, bytes.fromhex(vector["frame_hex"]), 0.0)
        np.testing.assert_allclose(block.acc_g[0], vector["expected"]["g"])
        assert battery == BatteryReading(vector["expected"]["batt"])


def test_it_serves_the_acceleration_frame_and_no_other_user_of_its_uuid():
    assert MinewDriver.matches(heard(FRAME))
    for payload in (b"", INFO, FRAME[:-1], b"\xa2" + FRAME[1:]):
        assert not MinewDriver.matches(heard(payload))
    assert not MinewDriver.matches(heard(FRAME, "0000fcd2-0000-1000-8000-00805f9b34fb"))


def test_its_other_frames_are_neither_samples_nor_faults():
    driver = MinewDriver()
    driver.feed(CHANNEL, FRAME, 0.0)
    assert driver.feed(CHANNEL, INFO, 0.5) == ()


def test_the_battery_is_told_when_it_changes_and_only_as_a_percentage():
    driver = MinewDriver()
    told = []
    for at, percent in enumerate((100, 100, 99, 0xFF, 99)):
        payload = FRAME[:2] + bytes((percent,)) + FRAME[3:]
        events = driver.feed(CHANNEL, payload, float(at))
        told += [event.percent for event in events if isinstance(event, BatteryReading)]
        assert sum(isinstance(event, DeviceBlock) for event in events) == 1
    assert told == [100.0, 99.0]


@pytest.mark.parametrize("payload", [b"", b"\xa1", b"\x10\x00", FRAME + b"\x00", FRAME[:9]])
def test_anything_but_a_frame_of_minews_is_a_payload_error(payload):
    with pytest.raises(PayloadError):
        MinewDriver().feed(CHANNEL, payload, 0.0)


def test_the_simulated_beacon_advertises_its_last_sample(connect):
    link = connect("minew")
    link.stream([[0.5, -0.25, 0.75]])
    advertised = link.encoder.advertisement()
    assert MinewDriver.matches(heard(advertised.service_data[UUID]))
    np.testing.assert_allclose(link.acc_g(), [[0.5, -0.25, 0.75]])
