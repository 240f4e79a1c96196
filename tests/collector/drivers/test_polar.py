import struct

import numpy as np
import pytest

from collector.drivers import polar_control as pmd
from collector.drivers.contract import (
    BATTERY_LEVEL,
    Advertisement,
    Driver,
    Halted,
    Read,
    Started,
    Write,
)
from collector.drivers.polar import PolarDriver
from collector.drivers.polar_encoder import CLOCK_START_NS
from collector.drivers.polar_frames import ACC, GYRO, build_compressed, build_raw_acc
from domain.errors import HandshakeError, PayloadError

RNG = np.random.default_rng(7)


def swaying(n, scale=1.0, rate_hz=50.0):
    t = np.arange(n) / rate_hz
    return scale * np.column_stack((np.sin(t), np.cos(0.7 * t), np.sin(0.3 * t + 1)))


def advert(name=None, company=None):
    data = {} if company is None else {company: b"\x01"}
    return Advertisement("A0:9E:1A:00:00:01", name, -60, 0.0, manufacturer_data=data)


def answer(command, kind, status=0, more=0, parameters=b""):
    return bytes((0xF0, command, kind, status, more)) + parameters


def at_the_start_command(driver):
    """A driver whose start of the accelerometer is on its way."""
    driver.start()
    driver.feed(pmd.CONTROL_POINT, b"\x0f\x05", 0.0)
    offer = pmd.build_settings({pmd.RATE: (50,), pmd.RESOLUTION: (16,), pmd.RANGE: (8,)})
    (write,) = driver.feed(pmd.CONTROL_POINT, answer(1, ACC, parameters=offer), 0.0)
    return write


@pytest.mark.parametrize(
    "name", ["Polar H10 51773E01", "Polar Sense 0A1B2C3D", "Polar OH1 1234ABCD"]
)
def test_it_serves_the_sensors_of_its_families_by_name(name):
    assert PolarDriver.matches(advert(name))


def test_while_the_name_is_unheard_the_company_is_enough_and_another_name_is_not():
    assert PolarDriver.matches(advert(None, 0x006B))
    assert not PolarDriver.matches(advert("Polar Vantage V2 123", 0x006B))
    assert not PolarDriver.matches(advert("H10"))
    assert not PolarDriver.matches(advert())


def test_control_point_and_data_are_subscribed_before_the_first_command():
    assert PolarDriver().subscriptions()[:2] == (pmd.CONTROL_POINT, pmd.DATA)


def test_an_h10_is_started_at_50_hz_and_8_g_without_being_asked_for_a_gyroscope(connect):
    link = connect("polar-h10").start()
    assert link.of(Started) == [Started(50.0)]
    assert [write.payload.hex() for write in link.written] == [
        "0102",
        "02020001320001011000" + "02010800",
    ]
    assert link.batteries == [90.0]
    assert link.encoder.streaming


def test_a_verity_is_started_gyroscope_first_at_52_hz_with_all_channels(connect):
    link = connect("polar-verity").start()
    assert link.of(Started) == [Started(52.0)]
    assert [write.payload.hex() for write in link.written] == [
        "0105",
        "02050001340001011000" + "0201d007" + "040103",
        "0102",
        "02020001340001011000" + "02010800" + "040103",
    ]


def test_an_oh1_is_started_without_a_gyroscope(connect):
    link = connect("polar-oh1").start()
    link.stream(swaying(100))
    assert link.of(Started) == [Started(50.0)]
    assert all(block.gyro_dps is None for block in link.blocks)
    np.testing.assert_allclose(link.acc_g(), swaying(100), atol=8 / 2**16 + 1e-9)


def test_what_an_h10_streams_arrives_within_half_a_milligram_and_on_its_own_clock(connect):
    link = connect("polar-h10").start()
    acc = swaying(500)
    link.stream(acc)
    np.testing.assert_allclose(link.acc_g(), acc, atol=0.0005 + 1e-9)
    expected = CLOCK_START_NS / 1e9 + np.arange(1, 501) / 50
    np.testing.assert_allclose(link.device_times(), expected, atol=1e-6, rtol=0)
    assert {len(block) for block in link.blocks} == {25}


def test_a_frame_of_an_h10_fits_the_packet_of_a_usual_connection(connect):
    encoder = connect("polar-h10").start().encoder
    for rate_hz in (25, 50, 100, 200):
        encoder.disconnected()
        settings = pmd.build_settings(
            {pmd.RATE: (rate_hz,), pmd.RESOLUTION: (16,), pmd.RANGE: (8,)}
        )
        encoder.written(pmd.CONTROL_POINT, bytes((pmd.START, ACC)) + settings)
        assert encoder.rate_hz == rate_hz
        n = encoder.chunk
        (sent,) = encoder.samples(np.arange(n) / rate_hz, RNG.normal(0, 8, (n, 3)), None)
        assert len(sent.payload) <= 247 - 3


def test_a_compressed_frame_of_a_wild_verity_fits_the_packet_of_a_usual_connection(connect):
    encoder = connect("polar-verity").start().encoder
    n = encoder.chunk
    for sent in encoder.samples(
        np.arange(n) / 52, RNG.normal(0, 9, (n, 3)), RNG.normal(0, 2500, (n, 3))
    ):
        assert len(sent.payload) <= 247 - 3


def test_values_beyond_the_range_saturate_instead_of_wrapping(connect):
    for name in ("polar-h10", "polar-verity"):
        link = connect(name).start()
        n = link.encoder.chunk
        link.stream(np.full((n, 3), [30.0, -30.0, 1.0]), np.full((n, 3), [9000.0, -9000.0, 1.0]))
        assert link.acc_g()[:, 0] == pytest.approx(8.0, abs=0.001)
        assert link.acc_g()[:, 1] == pytest.approx(-8.0, abs=0.001)


def test_a_verity_pairs_every_sample_with_its_own_rotation(connect):
    link = connect("polar-verity").start()
    acc, gyro = swaying(520, 1.0, 52.0), swaying(520, 150.0, 52.0)
    link.stream(acc, gyro)
    np.testing.assert_allclose(link.acc_g(), acc, atol=8 / 2**16 + 1e-9)
    rotation = np.concatenate([block.gyro_dps for block in link.blocks])
    np.testing.assert_allclose(rotation, gyro, atol=2000 / 2**16 + 1e-6)


def test_a_lost_gyroscope_frame_leaves_its_samples_without_rotation_and_no_other(connect):
    link = connect("polar-verity").start()
    chunk = link.encoder.chunk
    acc, gyro = swaying(8 * chunk, 1.0, 52.0), swaying(8 * chunk, 150.0, 52.0)
    link.stream(
        acc, gyro, lose=lambda i: i == 7
    )  # acc, gyro, acc, gyro, ...: the fourth gyro frame
    np.testing.assert_allclose(link.acc_g(), acc, atol=0.001)
    have = np.concatenate([np.full(len(b), b.gyro_dps is not None) for b in link.blocks])
    missing = np.zeros(8 * chunk, bool)
    missing[3 * chunk : 4 * chunk] = True
    np.testing.assert_array_equal(have, ~missing)


def test_a_lost_frame_shows_as_a_gap_of_exactly_its_samples(connect):
    for name in ("polar-h10", "polar-oh1"):
        link = connect(name).start()
        link.stream(swaying(500), lose=lambda i: i in (5, 6, 13))
        steps = np.diff(link.device_times()) * 50
        missing = np.rint(steps).astype(int) - 1
        assert missing.sum() == 3 * 25
        assert sorted(missing[missing > 0]) == [25, 50]
        assert len(link.acc_g()) + missing.sum() == 500


def test_a_notification_delivered_twice_counts_once(connect):
    link = connect("polar-h10").start()
    frame = link.encoder.samples(np.arange(1, 26) / 50, swaying(25), None)[0].payload
    assert len(link.driver.feed(pmd.DATA, frame, 1.0)) == 1
    assert link.driver.feed(pmd.DATA, frame, 1.0) == ()


def test_frames_before_the_start_was_accepted_and_after_the_stop_are_left_alone(connect):
    link = connect("polar-h10")
    frame = build_raw_acc(10**9, np.array([[1, 2, 3]]))
    assert link.driver.feed(pmd.DATA, frame, 0.0) == ()
    link.start()
    link.stop()
    assert link.written[-1].payload == bytes.fromhex("0302")
    assert not link.encoder.streaming
    assert link.driver.feed(pmd.DATA, frame, 0.0) == ()


def test_both_streams_of_a_verity_are_stopped(connect):
    link = connect("polar-verity").start()
    link.stop()
    assert [write.payload.hex() for write in link.written[-2:]] == ["0302", "0305"]


def test_the_previous_frame_is_forgotten_at_the_stop(connect):
    link = connect("polar-h10").start()
    link.stream(swaying(50))
    link.stop()
    link.start()
    link.events.clear()
    link.device_time += 0.52  # less than one frame later: the step would seem to fit otherwise
    link.stream(swaying(25))
    np.testing.assert_allclose(np.diff(link.device_times()), 0.02, atol=1e-6)


def test_settings_that_come_in_several_indications_are_put_together():
    driver = PolarDriver()
    driver.start()
    driver.feed(pmd.CONTROL_POINT, b"\x0f\x05", 0.0)
    assert (
        driver.feed(
            pmd.CONTROL_POINT, answer(1, ACC, more=1, parameters=b"\x00\x02\x19\x00\x32"), 0.0
        )
        == ()
    )
    (write,) = driver.feed(
        pmd.CONTROL_POINT, answer(1, ACC, parameters=b"\x00\x01\x01\x10\x00\x02\x01\x08\x00"), 0.0
    )
    assert write == Write(pmd.CONTROL_POINT, bytes.fromhex("0202000132000101100002010800"))


def test_an_answer_that_never_ends_is_given_up():
    driver = PolarDriver()
    driver.start()
    driver.feed(pmd.CONTROL_POINT, b"\x0f\x05", 0.0)
    endless = answer(1, ACC, more=1, parameters=bytes(100))
    for _ in range(5):
        assert driver.feed(pmd.CONTROL_POINT, endless, 0.0) == ()
    with pytest.raises(PayloadError, match="without end"):
        driver.feed(pmd.CONTROL_POINT, endless, 0.0)


@pytest.mark.parametrize(
    ("status", "word"), [(10, "MTU"), (12, "state"), (13, "charger"), (99, "99")]
)
def test_a_refused_start_is_a_handshake_error_with_the_sensors_own_code(status, word):
    driver = PolarDriver()
    at_the_start_command(driver)
    with pytest.raises(HandshakeError, match=word) as caught:
        driver.feed(pmd.CONTROL_POINT, answer(2, ACC, status), 0.0)
    assert caught.value.code == status


def test_a_sensor_without_an_accelerometer_is_refused():
    driver = PolarDriver()
    driver.start()
    with pytest.raises(HandshakeError, match="no accelerometer"):
        driver.feed(pmd.CONTROL_POINT, b"\x0f\x01\x00", 0.0)


@pytest.mark.parametrize("offer", ["01011000", "0001000001011000", "000132ff01011000"])
def test_a_sensor_that_offers_no_rate_or_none_that_can_be_is_refused(offer):
    driver = PolarDriver()
    driver.start()
    driver.feed(pmd.CONTROL_POINT, b"\x0f\x04", 0.0)
    with pytest.raises(HandshakeError, match="no rate"):
        driver.feed(pmd.CONTROL_POINT, answer(1, ACC, parameters=bytes.fromhex(offer)), 0.0)


def test_a_stream_left_running_by_a_dead_connection_is_stopped_and_started_anew(connect):
    link = connect("polar-h10").start()
    link.events.clear()
    link.start()  # the sensor still streams: it answers "already in that state"
    assert [write.payload[0] for write in link.written[-3:]] == [2, 3, 2]
    assert link.of(Started) == [Started(50.0)]


def test_a_sensor_that_is_already_streaming_even_after_a_stop_is_refused():
    driver = PolarDriver()
    start = at_the_start_command(driver)
    assert driver.feed(pmd.CONTROL_POINT, answer(2, ACC, 6), 0.0)[0].payload == b"\x03\x02"
    assert driver.feed(pmd.CONTROL_POINT, answer(3, ACC, 6), 0.0) == (start,)
    with pytest.raises(HandshakeError):
        driver.feed(pmd.CONTROL_POINT, answer(2, ACC, 6), 0.0)


def test_an_unasked_stop_of_our_stream_halts_and_of_another_does_not(connect):
    link = connect("polar-h10").start()
    assert link.driver.feed(pmd.CONTROL_POINT, b"\x01\x00", 0.0) == ()
    (halted,) = link.driver.feed(pmd.CONTROL_POINT, b"\x01\x00\x02", 0.0)
    assert isinstance(halted, Halted)
    assert "accelerometer" in halted.reason
    frame = build_raw_acc(10**9, np.array([[1, 2, 3]]))
    assert link.driver.feed(pmd.DATA, frame, 0.0) == ()


def test_a_halt_gives_out_the_samples_that_waited_for_their_rotation(connect):
    link = connect("polar-verity").start()
    acc_frame, _ = link.encoder.samples(np.arange(1, 27) / 52, swaying(26), swaying(26))
    assert link.driver.feed(pmd.DATA, acc_frame.payload, 0.0) == ()
    block, halted = link.driver.feed(pmd.CONTROL_POINT, b"\x01\x05", 0.0)
    assert len(block) == 26
    assert block.gyro_dps is None
    assert isinstance(halted, Halted)


def test_late_and_foreign_answers_change_nothing():
    driver = PolarDriver()
    start = at_the_start_command(driver)
    for stray in (answer(3, ACC), answer(2, GYRO), answer(1, ACC), b"\x0f\x05", answer(5, 0, 1)):
        assert driver.feed(pmd.CONTROL_POINT, stray, 0.0) == ()
    assert driver.feed(pmd.CONTROL_POINT, answer(2, ACC), 0.0) == (Started(50.0),)
    assert start.response


def test_the_factor_of_the_start_answer_scales_compressed_samples():
    driver = PolarDriver()
    at_the_start_command(driver)
    factor = b"\x05\x01" + struct.pack("<f", 2.44e-4)
    driver.feed(pmd.CONTROL_POINT, answer(2, ACC, parameters=factor), 0.0)
    (block,) = driver.feed(
        pmd.DATA, build_compressed(ACC, 0, 10**9, np.array([[1905, 27376, -29282]])), 0.0
    )
    np.testing.assert_allclose(block.acc_g, [[0.46482, 6.679744, -7.144808]], rtol=1e-6)


def test_without_a_factor_counts_of_16_bits_are_taken_over_the_range_that_was_set():
    driver = PolarDriver()
    at_the_start_command(driver)
    driver.feed(pmd.CONTROL_POINT, answer(2, ACC), 0.0)
    # captured from a Verity Sense, issue 186 of the SDK: nearly 1 g, were it in mg nearly 4 g
    frame = bytes.fromhex("02965b065deeab7f09808ef1b9fb34fb")
    (block,) = driver.feed(pmd.DATA, frame, 0.0)
    np.testing.assert_allclose(block.acc_g, [[-0.90283, -0.267334, -0.299805]], atol=1e-5)
    (block,) = driver.feed(pmd.DATA, build_raw_acc(2**60, np.array([[0, 0, 1000]])), 0.0)
    np.testing.assert_allclose(block.acc_g, [[0, 0, 1]])


@pytest.mark.parametrize(
    "frame",
    [
        "00ea54a21842185b0800ff00",  # ECG
        "018b41101d90d7d40a00112233",  # PPG
        "03000000000000000000" + "46e8030a0006",  # beat to beat
        "06000000000000000080" + "010002000300",
    ],
)
def test_what_somebody_else_has_the_sensor_stream_is_passed_over(connect, frame):
    link = connect("polar-verity").start()
    assert link.driver.feed(pmd.DATA, bytes.fromhex(frame), 0.0) == ()


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 0.0, -1.0])
def test_a_factor_that_is_no_positive_number_is_a_payload_error(bad):
    driver = PolarDriver()
    at_the_start_command(driver)
    with pytest.raises(PayloadError):
        driver.feed(
            pmd.CONTROL_POINT, answer(2, ACC, parameters=b"\x05\x01" + struct.pack("<f", bad)), 0.0
        )


def test_a_rotation_that_is_no_number_is_a_payload_error(connect):
    link = connect("polar-verity").start()
    frame = build_compressed(GYRO, 1, 10**9, np.array([[0x7FC00000, 0, 0]]))
    with pytest.raises(PayloadError):
        link.driver.feed(pmd.DATA, frame, 0.0)


@pytest.mark.parametrize("payload", [b"", b"\x65", b"\x10\x10"])
def test_the_battery_is_one_byte_of_percent(payload):
    driver = PolarDriver()
    if payload == b"\x65" or len(payload) != 1:
        with pytest.raises(PayloadError):
            driver.feed(BATTERY_LEVEL, payload, 0.0)


def test_the_driver_reads_the_features_before_anything_else():
    assert PolarDriver().start()[0] == Read(pmd.CONTROL_POINT)
    assert isinstance(PolarDriver(), Driver)


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("", None),
        ("63", 1),
        ("01", 4),
        ("0100", 3),
        ("0302", 6),
        ("0202", 8),
        ("020200", 4),
        ("0202000163000101100002010800", 8),
        ("0202000132000101180002010800", 7),
        ("0202000132000101100002010900", 9),
        ("020200013200020102000401", 4),
        ("02020001320004010a", 11),
        ("0202000132000501000000" + "3f", 5),
    ],
)
def test_the_simulated_h10_refuses_wrong_commands_with_polars_codes(connect, command, status):
    encoder = connect("polar-h10").encoder
    sent = encoder.written(pmd.CONTROL_POINT, bytes.fromhex(command))
    assert [s.payload[3] for s in sent] == ([] if status is None else [status])
    assert not encoder.streaming


def test_the_simulated_streams_end_with_the_link_and_the_clock_goes_on(connect):
    link = connect("polar-h10").start()
    link.stream(swaying(50))
    link.encoder.disconnected()
    assert not link.encoder.streaming
    assert link.encoder.samples(np.array([1.0]), np.zeros((1, 3)), None) == ()
    link.device_time += 10.0
    link.start()
    link.stream(swaying(25))
    assert np.diff(link.device_times()).max() == pytest.approx(10.02, abs=1e-5)
