import numpy as np
import pytest

from collector.drivers.contract import Advertisement, Repeat, Started, Write
from collector.drivers.muse import (
    ACC,
    CONTROL,
    GYRO,
    SEQUENCE_MODULUS,
    SERVICE,
    TELEMETRY,
    MuseDriver,
    MuseEncoder,
    encode,
    samples,
    telemetry,
)
from collector.drivers.registry import driver_for
from collector.stream import SensorStream
from domain.errors import PayloadError
from domain.samples import BatteryReading, Notification

G_PER_COUNT = 0.0000610352


def heard(name, services=()):
    return Advertisement("00:55:DA:B0:13:24", name, -60, 0.0, service_uuids=services)


def test_it_serves_the_makers_service_and_its_names():
    assert MuseDriver.matches(heard("Muse-1324"))
    assert MuseDriver.matches(heard("MuseS-8173"))
    assert MuseDriver.matches(heard(None, (SERVICE,)))
    assert not MuseDriver.matches(heard("Museum guide"))
    assert driver_for(heard("Muse-1324")) is MuseDriver


def test_the_shared_vectors_agree(shared_vectors):
    found = shared_vectors("muse")
    assert found
    for name, vector in found.items():
        payload, expected = bytes.fromhex(vector["frame_hex"]), vector["expected"]
        if name == "telemetry":
            np.testing.assert_allclose(telemetry(payload), expected, atol=1e-6)
        else:
            number, acc_g = samples(payload, G_PER_COUNT)
            assert number == expected["seq"]
            np.testing.assert_allclose(acc_g, expected["g"], atol=1e-6)


def test_the_vectors_of_single_frames_agree(vectors):
    seen = 0
    for frame in vectors("muse")["frames"]:
        payload = bytes.fromhex(frame["hex"])
        if "telemetry" in frame:
            np.testing.assert_allclose(telemetry(payload), frame["telemetry"], atol=1e-6)
            seen += 1
        elif "samples_g" in frame:
            number, acc_g = samples(payload, G_PER_COUNT)
            assert number == frame["number"]
            np.testing.assert_allclose(acc_g, frame["samples_g"], atol=1e-6)
            seen += 1
    assert seen == 3


def test_a_published_rotation_has_the_published_scale():
    _, gyro_dps = samples(bytes.fromhex("016d050c009d0073") + bytes(12), 0.0074768)
    np.testing.assert_allclose(gyro_dps[0], [9.6600256, 1.1738576, 0.859832], atol=1e-7)


def test_commands_are_length_ascii_and_a_line_feed():
    assert encode("d") == bytes.fromhex("02640a")
    assert encode("h") == bytes.fromhex("02680a")
    assert encode("k") == bytes.fromhex("026b0a")
    assert encode("p21") == bytes.fromhex("047032310a")
    assert encode("p1035") == bytes.fromhex("0670313033350a")


def test_the_start_halts_chooses_a_preset_and_goes_and_keeps_it_awake(connect):
    link = connect("muse").start()
    assert link.encoder.heard == ["h", "p21", "d", "k"]
    assert link.encoder.streaming
    assert all(w.characteristic == CONTROL and not w.response for w in link.written)
    (again,) = [c for c in link.driver.start() if isinstance(c, Repeat)]
    assert again.command == Write(CONTROL, bytes.fromhex("026b0a"), response=False)
    assert again.every_s <= 10


def test_without_a_preset_or_with_a_wrong_length_nothing_starts():
    encoder = MuseEncoder()
    encoder.written(CONTROL, encode("d"))
    assert not encoder.streaming
    encoder.written(CONTROL, encode("p21"))
    encoder.written(CONTROL, b"\x03d\n")
    assert not encoder.streaming
    encoder.written(CONTROL, encode("d"))
    assert encoder.streaming


def test_the_stop_halts(connect):
    link = connect("muse").start()
    link.stop()
    assert not link.encoder.streaming


@pytest.mark.parametrize("ahead", [0, 1, -1, 365 - 21101, 40_000])
def test_both_kinds_are_paired_however_far_apart_their_counts_are(connect, ahead):
    link = connect("muse")
    link.encoder = MuseEncoder(gyro_ahead=ahead)
    link.start()
    rng = np.random.default_rng(1)
    acc, gyro = rng.uniform(-1.9, 1.9, (60, 3)), rng.uniform(-240, 240, (60, 3))
    link.stream(acc, gyro)
    n = len(link.acc_g())
    assert n >= 60 - 3
    np.testing.assert_allclose(link.acc_g(), acc[:n], atol=3.1e-5)
    got = np.concatenate([b.gyro_dps for b in link.blocks if b.gyro_dps is not None])
    if abs(ahead) != 1:  # taken for counting in step: known to within a frame
        np.testing.assert_allclose(got, gyro, atol=0.004)
    assert link.of(Started) == [Started(52.0)]


def test_numbers_count_frames_of_three_samples_and_wrap(connect):
    link = connect("muse").start()
    link.encoder._number = 65533
    link.stream(np.tile([0.0, 0.0, 1.0], (12, 1)))
    assert [block.sequence for block in link.blocks] == [3 * 65534, 3 * 65535, 0, 3]
    assert {block.sequence_modulus for block in link.blocks} == {SEQUENCE_MODULUS} == {196608}
    assert all(block.device_times is None for block in link.blocks)


def test_every_lost_frame_is_counted_over_the_wrap_too():
    stream, encoder = SensorStream("muse", MuseDriver), MuseEncoder()
    stream.reconnected()
    encoder._number = 65500
    rest, now = np.tile([0.0, 0.0, 1.0], (3, 1)), 1_700_000_000.0
    for i in range(100):
        now += 3 / 52
        for sent in encoder.samples(np.arange(3) / 52, rest, rest):
            if i % 10 != 5:
                stream.feed(Notification("muse", sent.characteristic, sent.payload, now))
    assert (stream.counters.received, stream.counters.lost) == (270, 30)


def test_telemetry_tells_the_battery_and_never_more_than_full():
    full = bytes.fromhex("0001cc0007400f7f001b")
    assert MuseDriver().feed(TELEMETRY, full, 0.0) == (BatteryReading(100.0),)


def test_the_headband_tells_its_battery_when_it_starts(connect):
    assert connect("muse").start().batteries == [90.0]


@pytest.mark.parametrize(
    ("characteristic", "size"),
    [(ACC, 0), (ACC, 19), (ACC, 21), (GYRO, 8), (TELEMETRY, 9), (TELEMETRY, 21)],
)
def test_a_frame_of_another_length_is_a_payload_error(characteristic, size):
    with pytest.raises(PayloadError):
        MuseDriver().feed(characteristic, bytes(size), 0.0)


def test_the_brain_is_none_of_its_business():
    with pytest.raises(PayloadError):
        MuseDriver().feed(ACC.replace("273e000a", "273e0003"), bytes(20), 0.0)
    assert all("273e0003" not in uuid for uuid in MuseDriver().subscriptions())
