import numpy as np
import pytest

from collector.drivers.contract import Advertisement
from collector.drivers.ruuvitag import CHANNEL, COMPANY, SEQUENCE_MODULUS, RuuviTagDriver
from collector.stream import SensorStream
from domain.errors import PayloadError
from domain.samples import Notification

VALID = bytes.fromhex("0512fc5394c37c0004fffc040cac364200cdcbb8334c884f")
FORMAT_3 = bytes.fromhex("03291a1ece1efc18f94202ca0b53")


def heard(company, data):
    return Advertisement("CB:B8:33:4C:88:4F", None, -70, 0.0, manufacturer_data={company: data})


def with_sequence(number, payload=VALID):
    return payload[:16] + number.to_bytes(2, "big") + payload[18:]


def test_it_serves_formats_5_and_3_of_its_company_and_nothing_else():
    assert RuuviTagDriver.matches(heard(COMPANY, VALID))
    assert RuuviTagDriver.matches(heard(COMPANY, FORMAT_3))
    assert not RuuviTagDriver.matches(heard(COMPANY, b"\x08" + VALID[1:]))
    assert not RuuviTagDriver.matches(heard(COMPANY, b""))
    assert not RuuviTagDriver.matches(heard(0x006B, VALID))


def test_the_shared_vectors_agree(shared_vectors):
    for vector in shared_vectors("ruuvi").values():
        payload = bytes.fromhex(vector["frame_hex"])
        (block,) = RuuviTagDriver().feed(CHANNEL, payload, 0.0)
        expected = vector["expected"]
        if "acc_mg" in expected:
            np.testing.assert_allclose(block.acc_g[0] * 1000, expected["acc_mg"])
        assert block.sequence == expected.get("seq")


def test_an_advertisement_heard_many_times_is_one_sample():
    driver = RuuviTagDriver()
    given = [len(driver.feed(CHANNEL, with_sequence(n), 0.0)) for n in (7, 7, 7, 8, 8, 10)]
    assert given == [1, 0, 0, 1, 0, 1]


def test_without_a_sequence_only_the_very_same_bytes_are_a_repeat():
    driver = RuuviTagDriver()
    uncounted = with_sequence(0xFFFF)
    other = uncounted[:7] + b"\x00\x05" + uncounted[9:]
    given = [driver.feed(CHANNEL, p, 0.0) for p in (uncounted, uncounted, other, uncounted)]
    assert [len(events) for events in given] == [1, 0, 1, 1]
    assert given[0][0].sequence is None


def test_a_tag_that_does_not_count_and_lies_still_goes_on_giving_samples():
    driver = RuuviTagDriver()
    heard_at = [100.0, 100.003, 101.285, 101.29, 102.57, 105.14]
    blocks = [driver.feed(CHANNEL, FORMAT_3, now) for now in heard_at]
    assert [len(events) for events in blocks] == [1, 0, 1, 0, 1, 1]


def test_what_a_tag_has_not_counted_is_stamped_on_arrival_and_losses_are_told_from_the_gaps():
    stream = SensorStream("tag", RuuviTagDriver)
    stream.reconnected()
    lost = []
    for k in (0, 1, 2, 3, 6, 7, 9):  # the interval of its firmware is not the nominal one
        payload = FORMAT_3[:-1] + bytes((k,))
        (block,) = stream.feed(Notification("tag", CHANNEL, payload, 1.7e9 + 1.1 * k))
        lost.append(block.lost_before)
        assert block.times[0] == pytest.approx(1.7e9 + 1.1 * k, abs=1e-3)
    assert lost == [0, 0, 0, 0, 2, 0, 1]


def test_a_tag_whose_firmware_is_updated_while_it_is_heard_begins_to_count():
    stream = SensorStream("tag", RuuviTagDriver)
    for k, payload in enumerate((FORMAT_3, VALID, with_sequence(206), with_sequence(208))):
        stream.feed(Notification("tag", CHANNEL, payload, 1.7e9 + 1.285 * k))
    assert (stream.counters.received, stream.counters.lost) == (4, 1)


@pytest.mark.parametrize("axis", [6, 8, 10])
def test_format_3_knows_no_invalid_axis_and_its_axes_are_twos_complement(axis):
    payload = FORMAT_3[:axis] + b"\x80\x01" + FORMAT_3[axis + 2 :]
    (block,) = RuuviTagDriver().feed(CHANNEL, payload, 0.0)
    assert block.acc_g[0, (axis - 6) // 2] == -32.767
    assert np.isfinite(block.acc_g).all()


def test_one_invalid_axis_makes_the_whole_direction_unknown():
    payload = VALID[:9] + b"\x80\x00" + VALID[11:]
    (block,) = RuuviTagDriver().feed(CHANNEL, payload, 0.0)
    assert np.all(np.isnan(block.acc_g))


def test_no_percentage_is_made_of_a_voltage():
    assert "battery" not in RuuviTagDriver.measures
    assert len(RuuviTagDriver().feed(CHANNEL, VALID, 0.0)) == 1


@pytest.mark.parametrize("payload", [b"", VALID[:-1], VALID + b"\x00", b"\x03" + VALID[1:]])
def test_anything_but_the_bytes_of_a_format_is_a_payload_error(payload):
    with pytest.raises(PayloadError):
        RuuviTagDriver().feed(CHANNEL, payload, 0.0)


def test_the_simulated_tag_counts_over_its_end_without_ever_saying_invalid(connect):
    link = connect("ruuvitag")
    link.encoder._sequence = SEQUENCE_MODULUS - 3
    link.stream(np.tile([0.0, 0.1, 0.99], (5, 1)))
    assert [block.sequence for block in link.blocks] == [65533, 65534, 0, 1, 2]
    assert {block.sequence_modulus for block in link.blocks} == {65535}


def test_the_simulated_tag_advertises_its_last_sample(connect):
    link = connect("ruuvitag")
    link.stream([[0.1, -0.2, 0.9]])
    advertised = link.encoder.advertisement().manufacturer_data[COMPANY]
    (block,) = RuuviTagDriver().feed(CHANNEL, advertised, 0.0)
    assert RuuviTagDriver.matches(heard(COMPANY, advertised))
    np.testing.assert_allclose(block.acc_g, [[0.1, -0.2, 0.9]])


def test_values_beyond_the_range_saturate_and_nan_is_sent_as_invalid(connect):
    link = connect("ruuvitag")
    link.stream([[5.0, -5.0, 1.0], [np.nan, 0.0, 1.0]])
    np.testing.assert_allclose(link.blocks[0].acc_g, [[2.0, -2.0, 1.0]])
    assert np.all(np.isnan(link.blocks[1].acc_g))
