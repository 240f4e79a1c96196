"""Discovery: what is heard, merged, matched and sorted."""

import pytest
from scripted import ToyDriver

from collector.discovery import Discovery
from collector.drivers.contract import Advertisement


def heard(address, name=None, rssi_dbm=-60, **data):
    return Advertisement(address, name, rssi_dbm, 0.0, **data)


def test_a_name_that_comes_in_a_later_advertisement_finds_the_driver():
    discovery = Discovery([ToyDriver])
    discovery.hear(heard("A"))
    assert discovery.devices()[0].driver is None
    discovery.hear(heard("A", "Toy", -55))
    discovery.hear(heard("A", None, -58))
    (device,) = discovery.devices()
    assert (device.driver, device.title, device.name) == ("toy", "Toy", "Toy")
    assert (device.measures, device.rssi_dbm, device.times_heard) == (("acc",), -58, 3)


@pytest.mark.parametrize(
    ("name", "turns"),
    [
        ("Polar OH1 51773E01", False),
        ("Polar H10 51773E01", False),
        ("Polar Sense 51773E01", True),
        ("Bangle.js 1a2b", False),
        ("Puck.js 1a2b", True),
    ],
)
def test_of_several_models_of_a_driver_each_measures_what_it_can(name, turns):
    discovery = Discovery()
    discovery.hear(heard("A", name))
    (device,) = discovery.devices()
    assert ("gyro" in device.measures) is turns
    assert {"acc", "battery"} <= set(device.measures)


def test_sensors_come_first_and_the_nearest_of_them_on_top():
    discovery = Discovery([ToyDriver])
    discovery.hear(heard("A", "phone", -30))
    discovery.hear(heard("B", "Toy", -80))
    discovery.hear(heard("C", "Toy", -50))
    discovery.hear(heard("D", "Toy", None))
    assert [device.address for device in discovery.devices()] == ["C", "B", "D", "A"]


def test_data_of_several_advertisements_are_put_together():
    seen = []

    class Picky(ToyDriver):
        @classmethod
        def matches(cls, advertisement):
            seen.append(advertisement)
            return False

    discovery = Discovery([Picky])
    discovery.hear(heard("A", manufacturer_data={1: b"a"}, service_uuids=("u", "v")))
    discovery.hear(heard("A", manufacturer_data={2: b"b"}, service_uuids=("v", "w")))
    discovery.devices()
    assert seen[0].manufacturer_data == {1: b"a", 2: b"b"}
    assert seen[0].service_uuids == ("u", "v", "w")


def test_of_too_many_devices_the_one_unheard_for_longest_is_forgotten(monkeypatch):
    monkeypatch.setattr("collector.discovery.KNOWN_DEVICES", 3)
    discovery = Discovery([ToyDriver])
    for n in (1, 2, 3, 1, 4):
        discovery.hear(Advertisement(f"C0:0{n}", "Toy", -50, float(n)))
    assert {device.address for device in discovery.devices()} == {"C0:03", "C0:01", "C0:04"}


def test_what_was_not_heard_since_is_left_out_and_places_come_from_the_driver():
    discovery = Discovery([ToyDriver])
    discovery.hear(Advertisement("C0:01", "Toy", -50, 10.0))
    discovery.hear(Advertisement("C0:02", "Toy", -50, 20.0))
    (device,) = discovery.devices(since=15.0)
    assert (device.address, device.heard_at) == ("C0:02", 20.0)
    assert device.placements == ToyDriver.guide.placements
