import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.drivers.bthome import CHANNEL, UUID, BTHomeDriver
from collector.drivers.bthome_encoder import BTHomeEncryptedEncoder
from collector.drivers.bthome_encryption import Freshness, Seal
from collector.drivers.bthome_objects import LENGTHS, objects_in, quantity
from collector.drivers.contract import Advertisement
from collector.drivers.registry import driver_factory, driver_named
from collector.stream import SensorStream
from domain.errors import HandshakeError, InputError, PayloadError
from domain.link import LinkReason
from domain.samples import BatteryReading, DeviceBlock, Notification
from simulators.advertising import compose

ADDRESS = "54:48:E6:8F:80:A5"
KEY = bytes.fromhex("231d39c1d7cc1ab1aee224cd096db932")
#: The worked example of bthome.io's page on encryption: 25.06 deg C and 50.55 %.
EXAMPLE = bytes.fromhex("41a47266c95f730011223378237214")


def axes(x=0, y=0, z=9_806_650):
    return b"".join(b"\x63" + struct.pack("<i", value) for value in (x, y, z))


def plain(packet=None, rest=None):
    head = b"" if packet is None else bytes((0, packet % 256))
    return b"\x40" + head + (axes() if rest is None else rest)


def sealed(counter, objects=None, *, key=KEY, address=ADDRESS):
    return Seal(address, key).closed(0x41, axes() if objects is None else objects, counter)


def heard(payload):
    return Advertisement(ADDRESS, None, -60, 0.0, service_data={UUID: payload})


def keyed():
    return BTHomeDriver.with_key(ADDRESS, KEY)


def fed(driver, *payloads, every_s=1.0):
    """The blocks of payloads heard one a second."""
    found = []
    for k, payload in enumerate(payloads):
        events = driver.feed(CHANNEL, payload, 1.7e9 + k * every_s)
        found.append([event for event in events if isinstance(event, DeviceBlock)])
    return found


# --- objects ---------------------------------------------------------------------------------


def test_the_shared_vectors_agree(shared_vectors):
    for vector in shared_vectors("bthome").values():
        found = objects_in(bytes.fromhex(vector["frame_hex"])[1:])
        assert [what for what, _ in found] == [what for what, _ in vector["expected"]]
        for (what, value), (_, expected) in zip(found, vector["expected"], strict=True):
            if what in (0x00, 0x01, 0x3F, 0x51, 0x52, 0x63):
                assert quantity(what, value) == pytest.approx(expected)
            else:
                assert int.from_bytes(value, "little") == expected


@pytest.mark.parametrize(
    ("hex_", "expected"),
    [
        ("518756", 22.151),
        ("528756", 22.151),
        ("630057d0ff", -3.123456),
        ("3f020c", 307.4),
        ("0161", 97),
    ],
)
def test_quantities_have_the_scales_and_signs_of_the_format(hex_, expected):
    ((what, value),) = objects_in(bytes.fromhex(hex_))
    assert quantity(what, value) == pytest.approx(expected)


def test_every_documented_object_is_as_long_as_documented():
    lengths = {what: length for what, length in LENGTHS.items() if length is not None}
    assert set(LENGTHS) - set(lengths) == {0x53, 0x54}
    everything = [*range(0x30), 0x3A, *range(0x3C, 0x65), 0xF0, 0xF1, 0xF2]
    assert sorted(LENGTHS) == everything
    # Spot checks of every family: bthome.io's table, column "data type".
    known = {
        0x02: 2,
        0x04: 3,
        0x0F: 1,
        0x2D: 1,
        0x2E: 1,
        0x3C: 2,
        0x3E: 4,
        0x42: 3,
        0x46: 1,
        0x4B: 3,
        0x4C: 4,
    }
    known |= {
        0x50: 4,
        0x55: 4,
        0x57: 1,
        0x5A: 2,
        0x5B: 4,
        0x60: 1,
        0x62: 4,
        0xF0: 2,
        0xF1: 4,
        0xF2: 3,
    }
    assert {what: lengths[what] for what in known} == known


@given(values=st.lists(st.tuples(st.sampled_from(sorted(LENGTHS)), st.binary(max_size=20))))
def test_objects_of_any_lengths_are_cut_apart_and_an_unknown_one_ends_them(values):
    data, expected = b"", []
    for what, octets in values:
        length = LENGTHS[what]
        value = octets if length is None else octets[:length].ljust(length, b"\x07")
        data += bytes((what,)) + (bytes((len(value),)) if length is None else b"") + value
        expected.append((what, value))
    assert objects_in(data) == expected
    assert objects_in(data + b"\xee\x63") == expected


@pytest.mark.parametrize("data", [b"\x63\x00\x00", b"\x01", b"\x53", b"\x53\x05abc"])
def test_an_object_that_is_cut_short_is_said_so(data):
    with pytest.raises(ValueError, match="cut short"):
        objects_in(data)


# --- plain frames ----------------------------------------------------------------------------


def test_it_serves_what_sends_acceleration_and_what_is_encrypted_but_no_thermometer():
    assert BTHomeDriver.matches(heard(plain(1)))
    assert BTHomeDriver.matches(heard(b"\x44\x00\x01" + axes()))
    assert BTHomeDriver.matches(heard(bytes.fromhex("40518756")))
    assert BTHomeDriver.matches(heard(EXAMPLE))
    assert not BTHomeDriver.matches(heard(bytes.fromhex("4002ca0903bf13")))
    assert not BTHomeDriver.matches(heard(bytes.fromhex("40004e0164050000002d013f0000")))
    assert not BTHomeDriver.matches(heard(b"\x20" + axes()))
    assert not BTHomeDriver.matches(heard(b""))
    assert not BTHomeDriver.matches(heard(b"\x40\x63"))


def test_signed_acceleration_three_times_is_a_vector_in_g():
    ((block,),) = fed(BTHomeDriver(), plain(0, axes(9_806_650, -4_903_325, 0)))
    np.testing.assert_allclose(block.acc_g, [[1.0, -0.5, 0.0]])
    assert block.gyro_dps is None


@pytest.mark.parametrize("count", [1, 2, 4])
def test_another_number_of_axes_is_no_vector(count):
    with pytest.raises(PayloadError, match=f"{count} axes"):
        BTHomeDriver().feed(CHANNEL, b"\x40" + (axes() * 2)[: 5 * count], 0.0)


@pytest.mark.parametrize("payload", ["40518756", "40518756518756518756", "400009015c518756528756"])
def test_of_acceleration_without_a_sign_no_direction_is_made_and_the_reason_is_given(payload):
    with pytest.raises(HandshakeError, match="no sign"):
        BTHomeDriver().feed(CHANNEL, bytes.fromhex(payload), 0.0)


def test_beside_a_vector_what_has_no_sign_is_passed_over():
    rest = bytes.fromhex("518756528756") + axes()
    ((first,), second) = fed(BTHomeDriver(), plain(0, rest), plain(1, bytes.fromhex("518756")))
    np.testing.assert_allclose(first.acc_g, [[0.0, 0.0, 1.0]])
    assert first.gyro_dps is None
    assert second == []


def test_the_packet_id_tells_repeats_and_counts_the_samples_over_its_end():
    found = fed(BTHomeDriver(), *[plain(k) for k in (254, 254, 255, 255, 255, 256, 258)])
    assert [len(blocks) for blocks in found] == [1, 0, 1, 0, 0, 1, 1]
    assert [b.sequence for blocks in found for b in blocks] == [254, 255, 0, 2]


def test_packets_without_acceleration_are_no_lost_samples():
    stream = SensorStream("dev", BTHomeDriver)
    stream.reconnected()
    thermometer = bytes.fromhex("02ca09")
    for k in range(600):
        if k % 50 == 7:
            continue  # samples that are missed
        rest = thermometer if k % 3 == 1 and k % 50 != 7 else None
        stream.feed(Notification("dev", CHANNEL, plain(k, rest), 1.7e9 + k))
        stream.feed(Notification("dev", CHANNEL, plain(k, rest), 1.7e9 + k + 0.01))
    missed = len(range(7, 600, 50))
    assert (
        stream.counters.lost == missed
    )  # of packets that were missed none is known to be no sample
    assert stream.counters.received == len([k for k in range(600) if k % 3 != 1 and k % 50 != 7])


def test_a_device_with_an_interval_of_its_own_is_counted_by_its_packets_and_stamped_on_arrival():
    stream = SensorStream("dev", BTHomeDriver)
    stream.reconnected()
    lost = 0
    for k in [*range(40), *range(55, 90)]:
        at = 1.7e9 + 2.5 * k
        (block,) = stream.feed(Notification("dev", CHANNEL, plain(k), at))
        assert block.times[0] == pytest.approx(at, abs=1e-3)
        lost += block.lost_before
    assert lost == 15


def test_without_a_packet_id_bytes_and_time_tell_the_repeats():
    driver = BTHomeDriver()
    assert [len(b) for b in fed(driver, plain(), plain(), every_s=0.02)] == [1, 0]
    assert [len(b) for b in fed(driver, plain(rest=axes(1)), plain(rest=axes(2)))] == [1, 1]


def test_the_battery_is_told_when_it_changes():
    driver = BTHomeDriver()
    told = [
        driver.feed(CHANNEL, plain(k, bytes((0x01, percent)) + axes()), 1.7e9 + k)[:-1]
        for k, percent in enumerate((80, 80, 79, 101))
    ]
    assert told == [(BatteryReading(80.0),), (), (BatteryReading(79.0),), ()]


def test_with_the_battery_goes_whether_it_is_being_charged():
    driver, told = BTHomeDriver(), []
    for k, charging in enumerate((0, 0, 1, 1)):
        objects = bytes((0x01, 80, 0x16, charging)) + axes()
        told.append(driver.feed(CHANNEL, plain(k, objects), 1.7e9 + k)[:-1])
    assert told == [(BatteryReading(80.0, False),), (), (BatteryReading(80.0, True),), ()]


# --- encrypted frames ------------------------------------------------------------------------


def test_the_documented_example_of_encryption_decrypts_and_encrypts():
    seal = Seal(ADDRESS, KEY)
    assert seal.opened(EXAMPLE) == (bytes.fromhex("02ca0903bf13"), 0x33221100)
    assert seal.closed(0x41, bytes.fromhex("02ca0903bf13"), 0x33221100) == EXAMPLE
    assert keyed().feed(CHANNEL, EXAMPLE, 0.0) == ()  # a thermometer


def test_an_encrypted_sensor_without_its_key_asks_for_it():
    with pytest.raises(HandshakeError, match="is encrypted: give its key") as refused:
        BTHomeDriver().feed(CHANNEL, sealed(1), 0.0)
    assert refused.value.link_reason is LinkReason.ENCRYPTED


def test_with_its_key_it_is_counted_by_its_counter_or_by_its_packet_ids():
    found = fed(keyed(), sealed(7), sealed(7), sealed(8), sealed(11))
    assert [b.sequence for blocks in found for b in blocks] == [7, 8, 11]
    assert {b.sequence_modulus for blocks in found for b in blocks} == {2**32}
    found = fed(keyed(), *[sealed(9 + k, bytes((0, 255 + k & 255)) + axes()) for k in range(2)])
    assert [b.sequence for blocks in found for b in blocks] == [255, 0]


@pytest.mark.parametrize(
    ("key", "address"), [(bytes(16), ADDRESS), (KEY, "54:48:E6:8F:80:A6")], ids=["key", "address"]
)
def test_a_wrong_key_or_address_is_a_bad_payload_and_soon_the_reason_of_the_sensor(key, address):
    driver = BTHomeDriver.with_key(address, key)
    for k in range(2):
        with pytest.raises(PayloadError, match="cannot be decrypted"):
            driver.feed(CHANNEL, sealed(k), 0.0)
    with pytest.raises(HandshakeError, match="cannot be decrypted: its key"):
        driver.feed(CHANNEL, sealed(3), 0.0)


def test_a_strange_frame_between_good_ones_is_a_bad_payload_and_no_more():
    driver = keyed()
    for k in range(20):
        assert len(driver.feed(CHANNEL, sealed(k), 1.7e9 + k)) == 1
        with pytest.raises(PayloadError, match="cannot be decrypted"):
            driver.feed(CHANNEL, sealed(k + 1, key=bytes(16)), 1.7e9 + k)


@pytest.mark.parametrize("octet", range(1, 24))
def test_one_changed_octet_is_not_believed(octet):
    frame = bytearray(sealed(5))
    frame[octet] ^= 0x10
    with pytest.raises(PayloadError):
        keyed().feed(CHANNEL, bytes(frame), 0.0)


def test_with_a_key_what_is_not_encrypted_is_not_believed():
    with pytest.raises(PayloadError, match="not encrypted"):
        keyed().feed(CHANNEL, plain(3), 0.0)


def test_frames_that_are_played_again_are_refused():
    driver = keyed()
    fed(driver, *[sealed(100 + k) for k in range(10)])
    for counter in (103, 101, 108, 102):
        with pytest.raises(PayloadError, match="old frame"):
            driver.feed(CHANNEL, sealed(counter), 1.7e9 + 20)
    assert len(driver.feed(CHANNEL, sealed(110), 1.7e9 + 21)) == 1


def test_a_sensor_with_new_batteries_is_believed_after_five_frames():
    freshness = Freshness()
    assert freshness.accepts(5000)
    taken = []
    for counter in (0, 1, 1, 2, 3, 4, 5):
        taken.append(not freshness.is_repeat(counter) and freshness.accepts(counter))
    assert taken == [False, False, False, False, False, True, True]


@pytest.mark.parametrize(
    ("address", "key"),
    [(ADDRESS, b""), (ADDRESS, bytes(15)), (ADDRESS, bytes(32)), ("2F1C-0A", KEY), ("", KEY)],
)
def test_a_key_that_cannot_be_one_and_an_address_that_is_none_are_refused(address, key):
    with pytest.raises(InputError):
        BTHomeDriver.with_key(address, key)


@given(payload=st.binary(max_size=40), flags=st.sampled_from([0x40, 0x41, 0x44, 0x45, None]))
@settings(deadline=None, derandomize=True)
def test_with_a_key_any_bytes_give_events_or_a_device_error(payload, flags):
    driver = keyed()
    if flags is not None:
        payload = bytes((flags,)) + payload
    with contextlib.suppress(PayloadError, HandshakeError):
        assert isinstance(driver.feed(CHANNEL, payload, 0.0), tuple)
    assert isinstance(driver.opened(CHANNEL, payload), bytes)
    assert len(driver.feed(CHANNEL, sealed(2**31), 1.0)) == 1


# --- without encryption, for a recording -----------------------------------------------------


def test_opened_frames_give_a_driver_without_a_key_the_same_samples():
    frames = [sealed(k) for k in (250, 251, 251, 252, 255, 256, 258, 300)]
    opener, open_driver = keyed(), BTHomeDriver()
    live = fed(keyed(), *frames)
    opened = [opener.opened(CHANNEL, frame) for frame in frames]
    replayed = fed(open_driver, *opened)
    assert [len(blocks) for blocks in live] == [len(blocks) for blocks in replayed]
    for (one,), (other,) in zip(filter(None, live), filter(None, replayed), strict=True):
        assert one.acc_g.tobytes() == other.acc_g.tobytes()
        assert one.sequence % 256 == other.sequence


def test_what_the_key_does_not_open_becomes_no_frame_at_all():
    opener = keyed()
    assert opener.opened(CHANNEL, sealed(9, key=bytes(16))) == b"\x41"
    assert opener.opened(CHANNEL, plain(3)) == plain(3)
    with pytest.raises(PayloadError):
        BTHomeDriver().feed(CHANNEL, b"\x41", 0.0)


# --- keys and twins --------------------------------------------------------------------------


def test_the_driver_of_a_sensor_is_made_with_its_key():
    make = driver_factory(driver_named("bthome"), ADDRESS, KEY.hex())
    assert make() is not make()
    assert len(make().feed(CHANNEL, sealed(1), 0.0)) == 1
    assert driver_factory(driver_named("bthome"), ADDRESS) is BTHomeDriver


@pytest.mark.parametrize(
    ("driver", "key"), [("bthome", "xy"), ("bthome", "00ff"), ("ruuvitag", "00" * 16)]
)
def test_a_key_that_its_driver_cannot_use_is_refused(driver, key):
    with pytest.raises(InputError):
        driver_factory(driver_named(driver), ADDRESS, key)


def test_the_encrypted_twin_fits_into_one_advertisement_and_hides_its_motion():
    twin = BTHomeEncryptedEncoder()
    still = twin.samples(np.zeros(2), np.array([[0.0, 0.0, 1.0]] * 2), None)
    assert still[0].payload[1:16] != still[1].payload[1:16]
    data = twin.advertisement()
    assert len(compose(data)) - (2 + len(data.name)) <= 31
