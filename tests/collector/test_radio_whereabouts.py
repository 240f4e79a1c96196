"""Which adapter tells of a sensor that several hear, and over which it is reached."""

from bleak.backends.device import BLEDevice

from collector.radio_whereabouts import KNOWN_DEVICES, STALE_S, Heard, Whereabouts

ADDRESS = "C0:FF:EE:00:00:01"


def heard(adapter, rssi_dbm, at, address=ADDRESS):
    return Heard(adapter, BLEDevice(address, None, {}), rssi_dbm, at)


def adapters(whereabouts, address=ADDRESS):
    return [way.adapter for way in whereabouts.ways_to(address)]


def test_an_advertisement_that_two_adapters_hear_is_told_by_the_first_alone():
    whereabouts = Whereabouts()
    told = [whereabouts.hear(heard(f"hci{k % 2}", -60, k * 0.1)) for k in range(6)]
    assert told == [True, False] * 3


def test_the_other_adapter_tells_when_the_first_has_lost_the_sensor():
    whereabouts = Whereabouts()
    assert whereabouts.hear(heard("hci0", -60, 0.0))
    assert not whereabouts.hear(heard("hci1", -60, STALE_S - 0.1))
    assert whereabouts.hear(heard("hci1", -60, STALE_S))
    assert not whereabouts.hear(heard("hci0", -60, STALE_S + 0.1)), "it is not handed back"


def test_the_other_adapter_tells_at_once_when_the_first_is_gone():
    whereabouts = Whereabouts()
    whereabouts.hear(heard("hci0", -60, 0.0))
    whereabouts.hear(heard("hci1", -60, 0.1))
    whereabouts.forget("hci0")
    assert whereabouts.hear(heard("hci1", -60, 0.2))
    assert adapters(whereabouts) == ["hci1"]


def test_a_sensor_is_reached_over_the_adapter_that_hears_it_best():
    whereabouts = Whereabouts()
    whereabouts.hear(heard("hci0", -80, 0.0))
    whereabouts.hear(heard("hci1", -50, 0.1))
    assert adapters(whereabouts) == ["hci1", "hci0"]


def test_an_adapter_that_has_not_heard_it_for_long_is_no_way_to_a_sensor():
    whereabouts = Whereabouts()
    whereabouts.hear(heard("hci0", -80, 0.0))
    whereabouts.hear(heard("hci1", -50, 0.1))
    whereabouts.hear(heard("hci0", -80, 0.1 + STALE_S))
    assert adapters(whereabouts) == ["hci0"]


def test_a_sensor_that_nobody_heard_has_no_way_to_it():
    whereabouts = Whereabouts()
    whereabouts.hear(heard("hci0", -60, 0.0))
    whereabouts.forget("hci0")
    assert adapters(whereabouts) == adapters(whereabouts, "C0:FF:EE:00:00:02") == []


def test_the_oldest_of_too_many_devices_are_forgotten():
    whereabouts = Whereabouts()
    for k in range(KNOWN_DEVICES + 1):
        whereabouts.hear(heard(None, -60, k * 0.01, address=f"device {k}"))
    assert adapters(whereabouts, "device 0") == []
    assert adapters(whereabouts, "device 1") == [None]
