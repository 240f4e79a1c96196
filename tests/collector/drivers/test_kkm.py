import numpy as np
import pytest

from collector.drivers.contract import Advertisement
from collector.drivers.kkm import CHANNEL, UUID, KKMDriver
from domain.errors import PayloadError
from domain.samples import DeviceBlock

BC08 = bytes.fromhex("21010b0c1318000021fffdfc12")
K9 = bytes.fromhex("21010f0e5befbb42d1ffc200000407")
K6P = bytes.fromhex("2101070e5b154f2169")  # thermometer and hygrometer, no accelerometer
EDDYSTONE_TLM = bytes.fromhex("20000be118000000003f000001a2")


def heard(payload, uuid=UUID):
    return Advertisement("DD:34:02:00:00:01", None, -70, 0.0, service_data={uuid: payload})


def test_the_shared_vectors_agree(shared_vectors):
    for vector in shared_vectors("kkm/bluecharm").values():
        (block,) = KKMDriver().feed(CHANNEL, bytes.fromhex(vector["frame_hex"]), 0.0)
        np.testing.assert_allclose(block.acc_g[0] * 1000, vector["expected"]["mg"])


def test_the_mask_says_where_the_acceleration_is():
    for payload, mg in ((BC08, (33, -3, -1006)), (K9, (-62, 0, 1031))):
        (block,) = KKMDriver().feed(CHANNEL, payload, 0.0)
        np.testing.assert_allclose(block.acc_g[0] * 1000, mg)


def test_the_numbers_are_milli_g_and_not_the_carriers_metres_per_second_squared():
    (block,) = KKMDriver().feed(CHANNEL, BC08, 0.0)
    assert np.linalg.norm(block.acc_g) == pytest.approx(1.0, abs=0.02)


def test_no_percentage_is_made_of_millivolts():
    assert "battery" not in KKMDriver.measures
    (event,) = KKMDriver().feed(CHANNEL, K9, 0.0)
    assert isinstance(event, DeviceBlock)


def test_a_beacon_without_an_accelerometer_is_not_served_and_no_fault():
    assert not KKMDriver.matches(heard(K6P))
    assert KKMDriver().feed(CHANNEL, K6P, 0.0) == ()


def test_a_k6_whose_mask_leaves_its_acceleration_out_is_served():
    payload = bytes.fromhex("2101070e5b16531f95fffcffec03eb")
    assert KKMDriver.matches(heard(payload))
    for other in (payload[:-1], payload + b"\0", payload[:2] + b"\x03" + payload[3:]):
        assert not KKMDriver.matches(heard(other))
        assert KKMDriver().feed(CHANNEL, other, 0.0) == ()


def test_eddystones_own_frames_are_neither_recognised_nor_faults():
    assert KKMDriver.matches(heard(BC08))
    assert KKMDriver.matches(heard(K9))
    for payload in (EDDYSTONE_TLM, b"", b"\x21", b"\x21\x02\x0b" + BC08[3:]):
        assert not KKMDriver.matches(heard(payload))
    assert KKMDriver().feed(CHANNEL, EDDYSTONE_TLM, 0.0) == ()


def test_other_frames_in_turn_do_not_make_a_repeat_new():
    driver = KKMDriver()
    given = [
        len(driver.feed(CHANNEL, payload, at / 10))
        for at, payload in enumerate((K9, EDDYSTONE_TLM, K9, EDDYSTONE_TLM, K9))
    ]
    assert given == [1, 0, 0, 0, 0]


@pytest.mark.parametrize("payload", [b"", b"\x21\x01", b"\x21\x02\x0b", BC08[:-1], BC08 + b"\x00"])
def test_a_sensor_frame_that_its_mask_does_not_explain_is_a_payload_error(payload):
    with pytest.raises(PayloadError):
        KKMDriver().feed(CHANNEL, payload, 0.0)


def test_the_simulated_beacon_advertises_its_last_sample(connect):
    link = connect("kkm")
    link.stream([[0.1, -0.2, 0.9]])
    assert KKMDriver.matches(heard(link.encoder.advertisement().service_data[UUID]))
    np.testing.assert_allclose(link.acc_g(), [[0.1, -0.2, 0.9]])
