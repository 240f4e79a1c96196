import numpy as np
import pytest

from collector.drivers.contract import Advertisement
from collector.drivers.estimote import CHANNEL, UUID, EstimoteDriver
from domain.errors import PayloadError
from domain.samples import BatteryReading

HEAD = bytes.fromhex("22b8f1a2c3d4e5f607")
MOTION = HEAD + bytes.fromhex("000000400581010000004d")
AMBIENCE = HEAD + bytes.fromhex("0110f03ca2015a43c75a57")
CONNECTIVITY = bytes.fromhex("20") + MOTION[1:]


def heard(payload, uuid=UUID):
    return Advertisement("F0:00:00:00:00:09", None, -70, 0.0, service_data={uuid: payload})


def test_every_packet_of_estimotes_uuid_recognises_the_beacon():
    for payload in (MOTION, AMBIENCE, CONNECTIVITY):
        assert EstimoteDriver.matches(heard(payload))
    assert not EstimoteDriver.matches(heard(MOTION, "0000feaa-0000-1000-8000-00805f9b34fb"))


def test_127_is_two_g_with_its_sign():
    payload = MOTION[:10] + bytes((127, 0x81, 0x40)) + MOTION[13:]
    (block,) = EstimoteDriver().feed(CHANNEL, payload, 0.0)
    np.testing.assert_allclose(block.acc_g, [[2.0, -2.0, 128 / 127]])


def test_subframes_in_turn_give_samples_and_a_battery_once():
    driver = EstimoteDriver()
    events = [e for at in range(4) for p in (MOTION, AMBIENCE) for e in driver.feed(CHANNEL, p, at)]
    assert events.count(BatteryReading(87.0)) == 1
    assert len(events) == 5


@pytest.mark.parametrize("payload", [HEAD + bytes.fromhex("01") + bytes(9) + b"\xff"])
def test_a_battery_not_yet_measured_is_not_told(payload):
    assert EstimoteDriver().feed(CHANNEL, payload, 0.0) == ()


def test_version_0_has_errors_where_the_battery_is_later():
    assert EstimoteDriver().feed(CHANNEL, b"\x02" + AMBIENCE[1:], 0.0) == ()


def test_other_packets_of_the_family_are_neither_samples_nor_faults():
    assert EstimoteDriver().feed(CHANNEL, CONNECTIVITY, 0.0) == ()
    assert EstimoteDriver().feed(CHANNEL, MOTION[:9] + b"\x02" + MOTION[10:], 0.0) == ()


def test_a_still_beacon_goes_on_giving_samples_and_its_repeats_are_none():
    driver = EstimoteDriver()
    given = [
        len(driver.feed(CHANNEL, MOTION, second + echo))
        for second in range(5)
        for echo in (0, 0.02)
    ]
    assert given == [1, 0] * 5


@pytest.mark.parametrize(
    "payload", [b"", b"\x22", MOTION[:-1], MOTION + b"\x00", b"\x32" + MOTION[1:]]
)
def test_telemetry_that_is_not_described_is_a_payload_error(payload):
    with pytest.raises(PayloadError):
        EstimoteDriver().feed(CHANNEL, payload, 0.0)


def test_the_simulated_beacon_tells_both_subframes(connect):
    link = connect("estimote")
    link.stream([[0.1, -0.2, 0.9], [5.0, -5.0, 0.9]])
    np.testing.assert_allclose(link.acc_g()[0], [0.1, -0.2, 0.9], atol=0.008)
    np.testing.assert_allclose(link.acc_g()[1, :2], [2.0, -2.0])
    assert link.batteries == [90.0]
