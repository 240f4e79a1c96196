"""`sitwell run` over the real BlueZ and Linux kernel: what it does while everything fails.

What happens is in tests/vm/inside/scenario.py, in a virtual machine; here is what must come of it.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from collector.drivers.registry import encoder_named
from tests.vm.inside.scenario import SENSORS
from tests.vm.virtual_machine import Report

#: By when all sensors stream again, s of the machine's time after the trouble is over.
AGAIN_WITHIN_S = {
    "start": 30.0,
    "links lost": 30.0,
    "sensor away and back": 45.0,
    "connected but silent": 45.0,  # 10 s of it until the watchdog says so
    "bluetoothd killed": 60.0,
    "adapter off and on": 60.0,
    "bus killed": 60.0,
    "sensor bonded": 45.0,
    "sensor restarted": 45.0,
    "service killed": 60.0,
}
#: What the API and the page say meanwhile.
SAID = {
    "links lost": "the link was lost",
    "sensor away and back": "not heard: out of range, asleep, switched off",
    "connected but silent": "connected, but silent for 10 s",
    "bluetoothd killed": "There is no Bluetooth service on this machine",
    "adapter off and on": "Bluetooth is switched off",
    "bus killed": "There is no Bluetooth service on this machine",
}
#: Sensors that send neither time nor number: their losses are estimated from arrivals.
ESTIMATED = {"witmotion"}
ESTIMATE_SHARE = 0.02
NEW_DESCRIPTORS = 2  # readers of the store open as they are needed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


def phase(report: Report, name: str) -> Mapping[str, Any]:
    found = [each for each in report.every("phase") if each["name"] == name]
    assert found, report.trouble()
    return found[0]


def test_the_scenario_comes_to_its_end(report: Report) -> None:
    assert report.ended, report.trouble()


def test_sensors_of_three_families_that_connect_and_one_that_advertises_take_part() -> None:
    encoders = [encoder_named(sensor.kind) for sensor in SENSORS]
    assert len({encoder.driver for encoder in encoders if encoder.connects}) >= 3
    assert any(not encoder.connects for encoder in encoders)


@pytest.mark.parametrize("sensor", SENSORS, ids=lambda sensor: sensor.kind)
def test_every_sensor_is_paired_at_the_keyboard_or_over_the_api(
    report: Report, sensor: Any
) -> None:
    (paired,) = [each for each in report.every("paired") if each["address"] == sensor.address]
    if paired["how"] == "API":
        assert paired["code"] == 201, paired
    else:
        assert paired["code"] == 0, paired
        assert "samples a second arrive" in paired["said"]
        assert "It is paired" in paired["said"]


@pytest.mark.parametrize("name", AGAIN_WITHIN_S)
def test_all_sensors_stream_again(report: Report, name: str) -> None:
    found = phase(report, name)
    assert found["well"], report.trouble()
    assert found["seconds"] <= AGAIN_WITHIN_S[name]
    assert {sensor["state"] for sensor in found["sensors"].values()} == {"streaming"}
    assert len(found["sensors"]) == len(SENSORS)


@pytest.mark.parametrize("name", SAID)
def test_the_api_says_meanwhile_what_is_wrong(report: Report, name: str) -> None:
    assert any(SAID[name] in line for line in phase(report, name)["seen"])


@pytest.mark.parametrize("sensor", SENSORS, ids=lambda sensor: sensor.kind)
def test_received_and_lost_are_what_the_sensor_sent_over_all_of_it(
    report: Report, sensor: Any
) -> None:
    books = {each["when"]: each["books"][sensor.address] for each in report.every("account")}
    assert set(books) == {"before", "after"}, report.trouble()
    before, after = books["before"], books["after"]
    sent = after["sent_end"] - before["sent_end"]
    received = after["received"] - before["received"]
    counted = received + after["lost"] - before["lost"]
    assert 0 < received < sent
    tolerance = ESTIMATE_SHARE * sent if encoder_named(sensor.kind).driver in ESTIMATED else 0
    assert abs(counted - sent) <= tolerance, (before, after)


def test_a_bonded_sensor_is_read_over_an_encrypted_link(report: Report) -> None:
    (bond,) = report.every("bond")
    assert "Pairing successful" in bond["answer"], bond
    assert "Bonded: yes" in bond["known"], bond
    assert "Connected: yes" in bond["known"], bond
    assert any(each["on"] for each in report.every("encryption"))


def test_no_descriptor_is_left_open(report: Report) -> None:
    kinds = {each["when"]: each["kinds"] for each in report.every("descriptors")}
    assert set(kinds) == {"before", "after"}, report.trouble()
    assert kinds["after"]["socket"] <= kinds["before"]["socket"], kinds
    grown = sum(kinds["after"].values()) - sum(kinds["before"].values())
    assert grown <= NEW_DESCRIPTORS, kinds


def test_the_wearer_is_measured_at_the_end_of_it_as_if_nothing_had_been(report: Report) -> None:
    (now,) = [each["answer"] for each in report.every("now")]
    assert now["stale_s"] == 0, now
    assert len(now["placements"]) == len(SENSORS)


def test_the_service_ends_in_order(report: Report) -> None:
    (stopped,) = report.every("stopped")
    assert stopped["code"] == 0
