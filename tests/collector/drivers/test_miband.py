import numpy as np
import pytest

from collector.drivers.contract import Advertisement, Repeat, Started, Write
from collector.drivers.miband import (
    AUTHENTICATION,
    CONTROL,
    DATA,
    MiBandDriver,
    MiBandEncoder,
    encrypted,
)
from domain.errors import HandshakeError, InputError, PayloadError
from domain.link import LinkReason
from domain.samples import DeviceBlock
from tests.collector.drivers.conftest import Link

KEY = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
CHALLENGE = b"\x10\x02\x01" + bytes.fromhex("00112233445566778899aabbccddeeff")


def packet(counter, n=3):
    return counter.to_bytes(2, "little") + np.tile([0, 128, 0], n).astype("<i2").tobytes()


def blocks(events):
    return [event for event in events if isinstance(event, DeviceBlock)]


def sequences(*packets):
    driver = MiBandDriver()
    return [b.sequence for p in packets for b in blocks(driver.feed(DATA, p, 0.0))]


def test_the_shared_vectors_agree(shared_vectors):
    for vector in shared_vectors("miband").values():
        started, block = MiBandDriver().feed(DATA, bytes.fromhex(vector["frame_hex"]), 0.0)
        wanted = np.array(vector["expected"]["v"], dtype=float)
        assert isinstance(started, Started)
        np.testing.assert_allclose(block.acc_g, wanted / np.linalg.norm(wanted, axis=1)[:, None])
        assert block.sequence == 3 * vector["expected"]["n"]


@pytest.mark.parametrize(
    ("name", "serves"),
    [("MI Band 2", True), ("Mi Band 3", True), ("Mi Band HRX", True), ("Mi Smart Band 4", False),
     ("MI1S", False), (None, False)],
)  # fmt: skip
def test_only_the_generations_whose_handshake_this_is_are_served(name, serves):
    assert MiBandDriver.matches(Advertisement("C8:00:00:00:00:01", name, -60, 0.0)) is serves


def test_it_is_armed_again_and_again_and_asked_for_its_challenge():
    *arming, ask = MiBandDriver().start()
    assert [(r.command.characteristic, r.command.payload) for r in arming] == [
        (CONTROL, b"\x01\x01\x19"),
        (CONTROL, b"\x02"),
    ]
    assert all(isinstance(r, Repeat) and r.every_s < 60.0 for r in arming)
    assert (ask.characteristic, ask.payload) == (AUTHENTICATION, b"\x02\x00")


def test_packets_of_one_to_three_samples_are_counted_in_samples():
    assert sequences(packet(4), packet(5, 2), packet(6, 1), packet(7)) == [12, 15, 17, 18]


def test_a_packet_that_never_came_is_three_samples():
    assert sequences(packet(4), packet(7)) == [12, 21]


def test_a_packet_that_comes_twice_is_one_and_a_counter_that_begins_anew_no_loss():
    assert sequences(packet(400), packet(400), packet(1), packet(2)) == [1200, 1203, 1206]
    assert sequences(packet(65535), packet(0)) == [196605, 0]


@pytest.mark.parametrize("real_hz", [25.0, 50.0])
def test_its_rate_is_counted(real_hz):
    driver = MiBandDriver()
    for n in range(60):
        *_, block = driver.feed(DATA, packet(n), 1000.0 + 3 * n / real_hz)
    assert block.rate_hz == real_hz


def test_a_band_that_asks_for_its_key_is_a_refusal_that_says_so():
    with pytest.raises(HandshakeError, match="authentication"):
        MiBandDriver().feed(AUTHENTICATION, CHALLENGE, 0.0)


def test_a_band_that_streams_without_a_key_may_ask_as_it_likes():
    driver = MiBandDriver()
    driver.feed(DATA, packet(1), 0.0)
    assert driver.feed(AUTHENTICATION, CHALLENGE, 0.0) == ()
    assert driver.feed(AUTHENTICATION, b"\x10\x02\x04", 0.0) == ()


def test_the_challenge_goes_back_under_the_key():
    # FIPS 197, appendix C.1
    cipher = bytes.fromhex("69c4e0d86a7b0430d8cdb78070b4c55a")
    assert encrypted(KEY, CHALLENGE[3:]) == cipher
    (answer,) = MiBandDriver.with_key("", KEY).feed(AUTHENTICATION, CHALLENGE, 0.0)
    assert isinstance(answer, Write)
    assert (answer.characteristic, answer.payload) == (AUTHENTICATION, b"\x03\x00" + cipher)


def test_a_key_of_another_length_is_refused_before_it_is_used():
    with pytest.raises(InputError, match="16"):
        MiBandDriver.with_key("", KEY[:-1])


def keyed(driver, band_key):
    return Link(driver, MiBandEncoder(band_key))


def test_with_its_key_a_band_streams_from_the_answer_on():
    link = keyed(MiBandDriver.with_key("", KEY), KEY).start()
    assert link.encoder.streaming
    link.stream(np.tile([0.0, 0.6, 0.8], (6, 1)))
    np.testing.assert_allclose(link.acc_g(), np.tile([0.0, 0.6, 0.8], (6, 1)), atol=0.005)
    link.stop()
    assert not link.encoder.streaming


def test_with_another_key_it_does_not():
    link = keyed(MiBandDriver.with_key("", KEY), KEY[::-1])
    with pytest.raises(HandshakeError, match="another key"):
        link.start()
    assert not link.encoder.streaming


def test_without_a_key_it_does_not():
    link = keyed(MiBandDriver(), KEY)
    with pytest.raises(HandshakeError, match="pair it with its key") as refused:
        link.start()
    assert refused.value.link_reason is LinkReason.ENCRYPTED
    assert not link.encoder.streaming


def test_a_recording_can_be_read_without_the_key_and_does_not_hold_the_challenge():
    driver = MiBandDriver.with_key("", KEY)
    kept = [
        driver.opened(AUTHENTICATION, CHALLENGE),
        driver.opened(AUTHENTICATION, b"\x10\x03\x01"),
    ]
    without = MiBandDriver()
    for payload in kept:
        assert CHALLENGE[3:] not in payload
        assert not blocks(without.feed(AUTHENTICATION, payload, 0.0))
    assert driver.opened(DATA, packet(1)) == packet(1)


@pytest.mark.parametrize("payload", [b"", b"\x01", b"\x01\x00", packet(1)[:-1], packet(1, 4)])
def test_anything_but_a_counter_and_triplets_is_a_payload_error(payload):
    with pytest.raises(PayloadError):
        MiBandDriver().feed(DATA, payload, 0.0)


@pytest.mark.parametrize("payload", [b"", b"\x10", b"\x11\x02\x01", CHALLENGE[:-1]])
def test_an_answer_that_is_none_is_a_payload_error(payload):
    with pytest.raises(PayloadError):
        MiBandDriver.with_key("", KEY).feed(AUTHENTICATION, payload, 0.0)
