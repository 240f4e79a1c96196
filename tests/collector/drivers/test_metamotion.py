import numpy as np
import pytest

from collector.drivers import metamotion
from collector.drivers.contract import Advertisement, Identifies, Repeat, Started, Write
from collector.drivers.metamotion import (
    COUNTS_PER_DPS,
    COUNTS_PER_G,
    NOTIFY,
    SERVICE,
    WRITE,
    MetaMotionDriver,
    battery,
    mac_address,
    vectors,
)
from collector.drivers.registry import driver_for
from domain.errors import HandshakeError, PayloadError
from domain.samples import BatteryReading, DeviceBlock

TWINS = pytest.mark.parametrize("twin", ["metamotion-bmi160", "metamotion-bmi270"])


def heard(name, services=()):
    return Advertisement("E8:C9:8F:52:7B:07", name, -60, 0.0, service_uuids=services)


def answered(acc, gyro):
    """A driver whose questions were answered, and the bytes it writes then."""
    driver = MetaMotionDriver()
    driver.start()
    driver.feed(NOTIFY, bytes.fromhex(acc), 0.0)
    events = driver.feed(NOTIFY, bytes.fromhex(gyro), 0.0)
    assert all(isinstance(event, Write) and event.characteristic == WRITE for event in events)
    return driver, [event.payload.hex() for event in events]


def test_it_serves_the_makers_service_under_any_name():
    assert MetaMotionDriver.matches(heard("MetaWear"))
    assert MetaMotionDriver.matches(heard("my back", (SERVICE,)))
    assert not MetaMotionDriver.matches(heard("Metabolism"))
    assert driver_for(heard("MetaWear")) is MetaMotionDriver


def test_the_shared_vectors_agree(shared_vectors):
    found = shared_vectors("metamotion")
    assert found
    for name, vector in found.items():
        payload, expected = bytes.fromhex(vector["frame_hex"]), vector["expected"]
        if name.startswith("ACC"):
            got = vectors(payload, COUNTS_PER_G[4 if "+-4 g" in name else 8])
        elif name.startswith("GYRO"):
            got = vectors(payload, COUNTS_PER_DPS[500 if "500" in name else 1000])
        elif name == "battery":
            got = battery(payload)
        else:
            assert mac_address(payload) == expected
            continue
        np.testing.assert_allclose(got, expected, atol=vector["tolerance"])


def test_the_vectors_of_other_ranges_agree(vectors):
    seen = 0
    for frame in vectors("metamotion")["frames"]:
        payload = bytes.fromhex(frame["hex"])
        if "range_g" in frame:
            got, wanted = (
                metamotion.vectors(payload, COUNTS_PER_G[frame["range_g"]]),
                frame["acc_g"],
            )
        elif "range_dps" in frame:
            got, wanted = (
                metamotion.vectors(payload, COUNTS_PER_DPS[frame["range_dps"]]),
                frame["gyro_dps"],
            )
        elif "millivolts" in frame:
            got, wanted = battery(payload), (frame["battery_percent"], frame["millivolts"])
        elif "address" in frame:
            assert mac_address(payload) == frame["address"]
            continue
        else:
            continue
        np.testing.assert_allclose(got, wanted, atol=0.0011)
        seen += 1
    assert seen == 4


def test_the_bmi160_is_set_to_50_hz_and_8_g_and_packed_data():
    _, written = answered("03800101", "13800001")
    for command in ("03032708", "031c01", "03020100", "030101"):
        assert command in written
    for command in ("13032700", "130701", "13020100", "130101"):
        assert command in written


def test_the_bmi270_has_other_registers_and_settings():
    _, written = answered("03800400", "13800100")
    for command in ("0303a702", "030501", "03020100", "030101"):
        assert command in written
    for command in ("13032700", "130501", "13020100", "130101"):
        assert command in written


def test_what_was_left_running_is_ended_before_the_start():
    _, written = answered("03800400", "13800100")
    for standby, start in (("030100", "030101"), ("130100", "130101")):
        assert written.index(standby) < written.index(start)
    assert "030400" in written  # samples one by one, beside the packed ones
    assert "130400" in written


def test_the_gyroscope_is_started_first_so_that_no_acceleration_is_without_it():
    _, written = answered("03800400", "13800100")
    assert written.index("130101") < written.index("030101") == len(written) - 1


def test_the_order_of_the_answers_plays_no_part():
    assert answered("13800001", "03800101")[1] == answered("03800101", "13800001")[1]


def test_without_a_gyroscope_accelerations_come_at_once():
    driver, written = answered("03800101", "1380")
    assert not [command for command in written if command.startswith("13")]
    driver.feed(NOTIFY, bytes.fromhex("03800101"), 0.0)
    started, block = driver.feed(NOTIFY, bytes.fromhex("031c") + bytes(18), 0.0)
    assert started == Started(50.0)
    assert block.gyro_dps is None


def test_a_gyroscope_without_packed_data_is_left_out():
    _, written = answered("03800101", "13800000")
    assert not [command for command in written if command.startswith("13")]


@pytest.mark.parametrize(
    ("acc", "words"),
    [("03800001", "kind 0"), ("03800301", "kind 3"), ("0380", "none"), ("03800100", "too old")],
)
def test_another_chip_or_old_firmware_is_a_handshake_error_in_words(acc, words):
    driver = MetaMotionDriver()
    driver.start()
    driver.feed(NOTIFY, bytes.fromhex("13800001"), 0.0)
    with pytest.raises(HandshakeError, match=words):
        driver.feed(NOTIFY, bytes.fromhex(acc), 0.0)


@TWINS
def test_the_handshake_ends_in_paired_samples(connect, twin):
    link = connect(twin).start()
    assert link.encoder.streaming
    rng = np.random.default_rng(1)
    acc, gyro = rng.uniform(-4, 4, (30, 3)), rng.uniform(-900, 900, (30, 3))
    link.stream(acc, gyro)
    assert link.of(Started) == [Started(50.0)]
    np.testing.assert_allclose(link.acc_g(), acc, atol=0.00013)
    got = np.concatenate([block.gyro_dps for block in link.blocks])
    np.testing.assert_allclose(got, gyro, atol=0.031)


@TWINS
def test_there_is_no_stamp_and_no_count(connect, twin):
    link = connect(twin).start()
    link.stream(np.tile([0.0, 0.0, 1.0], (6, 1)))
    assert all(block.device_times is None and block.sequence is None for block in link.blocks)


@TWINS
def test_a_lost_rotation_costs_its_own_three_samples_their_gyroscope(connect, twin):
    link = connect(twin).start()
    link.stream(np.tile([0.0, 0.0, 1.0], (18, 1)), np.ones((18, 3)), lose=lambda i: i == 5)
    assert [block.gyro_dps is None for block in link.blocks] == [
        False,
        False,
        True,
        False,
        False,
        False,
    ]


@TWINS
def test_the_stop_puts_both_chips_to_standby(connect, twin):
    link = connect(twin).start()
    link.stop()
    assert not link.encoder.streaming
    assert link.encoder.samples(np.arange(3) / 50, np.zeros((3, 3)), None) == ()
    assert {w.payload.hex() for w in link.written[-6:]} >= {"030100", "130100"}


def test_a_stop_before_the_chip_is_known_writes_nothing():
    driver = MetaMotionDriver()
    driver.start()
    assert driver.stop() == ()


@TWINS
def test_what_streams_on_after_a_lost_link_is_ignored_until_it_is_set_anew(connect, twin):
    link = connect(twin).start()
    link.encoder.disconnected()
    driver = MetaMotionDriver()
    driver.start()
    for sent in link.encoder.samples(np.arange(3) / 50, np.ones((3, 3)), None):
        assert driver.feed(sent.characteristic, sent.payload, 0.0) == ()


def test_samples_count_from_when_the_settings_are_known_to_hold():
    driver, written = answered("03800101", "1380")
    frame = bytes.fromhex("031c") + bytes(18)
    # Until the second answer a frame may be of a connection before, in another range.
    assert driver.feed(NOTIFY, frame, 0.0) == ()
    assert written[-2:] == ["0380", "030101"]
    driver.feed(NOTIFY, bytes.fromhex("03800101"), 0.0)
    assert len(driver.feed(NOTIFY, frame, 0.0)) == 2


def test_the_battery_is_asked_for_again_and_again():
    (repeat,) = [c for c in MetaMotionDriver().start() if isinstance(c, Repeat)]
    assert repeat.command == Write(WRITE, bytes.fromhex("118c"))
    (reading,) = MetaMotionDriver().feed(NOTIFY, bytes.fromhex("118c633410"), 0.0)
    assert reading == BatteryReading(99.0)


@TWINS
def test_the_led_flashes_green_when_asked_which_one_it_is(connect, twin):
    link = connect(twin).start()
    assert isinstance(link.driver, Identifies)
    link.perform(link.driver.identify())
    assert link.encoder.flashes == 1
    assert link.encoder.streaming
    written = [w.payload.hex() for w in link.written[-3:]]
    assert written == ["020201", "020300021f00000032000000f40100000a", "020101"]


@pytest.mark.parametrize("payload", ["", "03", "118c65", "118cff3410", "010101", "fe80"])
def test_what_was_not_asked_for_is_a_payload_error(payload):
    driver, _ = answered("03800101", "13800001")
    with pytest.raises(PayloadError):
        driver.feed(NOTIFY, bytes.fromhex(payload), 0.0)


def test_the_rest_of_what_other_applications_left_running_is_ignored():
    driver, _ = answered("03800101", "13800001")
    for payload in ("03800101", "030416c494a22ad0", "03800400", "1380"):
        assert driver.feed(NOTIFY, bytes.fromhex(payload), 0.0) == ()


def test_pure_decoders_take_whole_samples_only():
    for payload in (b"", b"\x03\x04" + bytes(5), b"\x03\x04" + bytes(7)):
        with pytest.raises(PayloadError):
            vectors(payload, 1.0)
    with pytest.raises(PayloadError):
        mac_address(b"\x11\x8b\x01")
    with pytest.raises(PayloadError):
        MetaMotionDriver().feed("elsewhere", b"", 0.0)


def test_a_frame_that_was_fed_before_the_start_is_no_block():
    events = MetaMotionDriver().feed(NOTIFY, bytes.fromhex("031c") + bytes(18), 0.0)
    assert not [event for event in events if isinstance(event, DeviceBlock)]
