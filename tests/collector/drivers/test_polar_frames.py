import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.drivers import polar_control as pmd
from collector.drivers.polar_frames import (
    ACC,
    GYRO,
    acc_g,
    build_compressed,
    build_raw_acc,
    gyro_dps,
    parse_frame,
    sample_offsets_ns,
)
from domain.errors import PayloadError

# The same examples everywhere, and no clock: other work may share the machine.
STEADY = settings(deadline=None, derandomize=True)

counts16 = st.lists(
    st.tuples(*[st.integers(-(2**15), 2**15 - 1)] * 3), min_size=1, max_size=300
).map(lambda rows: np.array(rows, np.int64))


def values_of(payload, factor, unit):
    frame = parse_frame(payload)
    if unit == "dps":
        return frame, gyro_dps(frame, factor)
    mg = acc_g(frame, factor) * 1000
    return frame, np.trunc(mg) if unit == "whole mg" else mg


def test_published_frames_decode_to_the_published_values(vectors):
    for vector in vectors("polar")["frames"]:
        frame, values = values_of(bytes.fromhex(vector["hex"]), vector["factor"], vector["unit"])
        assert frame.stamp_ns == vector["stamp_ns"], vector["name"]
        published = vector["values"]
        assert len(values) == vector.get("n", len(published)), vector["name"]
        np.testing.assert_allclose(
            values[: len(published)], published, rtol=1e-6, err_msg=vector["name"]
        )
        assert np.abs(values).max() < 8000


def test_published_sample_times_come_out(vectors):
    for vector in vectors("polar")["times"]:
        offsets = sample_offsets_ns(
            vector["stamp_ns"], vector["n"], vector["rate_hz"], vector["previous_ns"]
        )
        np.testing.assert_allclose(vector["stamp_ns"] + offsets, vector["times_ns"])


def test_published_settings_are_read_and_written_back(vectors):
    facts = vectors("polar")
    for vector in facts["settings"]:
        settings = pmd.parse_settings(bytes.fromhex(vector["hex"]))
        assert settings == {int(k): tuple(v) for k, v in vector["values"].items()}
        assert pmd.build_settings(settings).hex() == vector["hex"]
    for vector in facts["starts"]:
        settings = {int(k): tuple(v) for k, v in vector["values"].items()}
        assert bytes((pmd.START, ACC)) + pmd.build_settings(settings) == bytes.fromhex(
            vector["hex"]
        )


def test_the_shared_vectors_agree(shared_vectors):
    by_name = shared_vectors("polar")
    raw = by_name["ACC raw type1, first 2 samples of AccDataTest"]
    frame, mg = values_of(bytes.fromhex(raw["frame_hex"]), 1.0, "mg")
    assert frame.stamp_ns == raw["expected"]["ts"]
    np.testing.assert_allclose(mg, raw["expected"]["mg"], atol=1e-6)

    packed = by_name["ACC compressed type1 6-bit deltas"]
    frame, mg = values_of(bytes.fromhex(packed["frame_hex"]), 1.0, "mg")
    np.testing.assert_allclose(mg, packed["expected"]["mg"], atol=1e-6)
    # Its two samples lie half a nanosecond apart: at that rate the step is the frame's own.
    offsets = sample_offsets_ns(frame.stamp_ns, 2, 2e9, packed["args"]["previous_ts"])
    assert np.rint(frame.stamp_ns + offsets).tolist() == packed["expected"]["t"]

    gyro = by_name["GYRO compressed type0 3-bit deltas"]
    _, dps = values_of(bytes.fromhex(gyro["frame_hex"]), 1.0, "dps")
    np.testing.assert_allclose(dps, gyro["expected"], atol=1e-6)

    times = by_name["sample times from previous frame"]
    args = times["args"]
    offsets = sample_offsets_ns(args["ts"], args["samples"], 1.0, args["previous_ts"])
    np.testing.assert_allclose(args["ts"] + offsets, times["expected"])

    settings = by_name["settings TLV"]
    read = pmd.parse_settings(bytes.fromhex(settings["frame_hex"]))
    assert read == {int(k): tuple(v) for k, v in settings["expected"].items()}


@settings(STEADY)
@given(counts16, st.integers(0, 2**64 - 1))
def test_any_16_bit_samples_survive_compression_exactly(counts, stamp_ns):
    for kind, frame_type in ((ACC, 0), (ACC, 1), (GYRO, 0)):
        frame = parse_frame(build_compressed(kind, frame_type, stamp_ns, counts))
        assert (frame.kind, frame.frame_type, frame.compressed) == (kind, frame_type, True)
        assert frame.stamp_ns == stamp_ns
        np.testing.assert_array_equal(frame.raw, counts)


@settings(STEADY)
@given(counts16, st.integers(0, 2**64 - 1))
def test_any_16_bit_samples_survive_a_raw_frame_exactly(counts, stamp_ns):
    frame = parse_frame(build_raw_acc(stamp_ns, counts))
    np.testing.assert_array_equal(frame.raw, counts)
    np.testing.assert_allclose(acc_g(frame, 1.0), counts / 1000)


@settings(STEADY)
@given(
    st.lists(
        st.tuples(*[st.floats(-2000, 2000, width=32, allow_subnormal=False)] * 3),
        min_size=1,
        max_size=60,
    )
)
def test_floats_survive_the_deltas_over_their_bits_exactly(rows):
    floats = np.array(rows, np.float32)
    counts = floats.view(np.uint32).astype(np.int64)
    frame = parse_frame(build_compressed(GYRO, 1, 0, counts))
    np.testing.assert_array_equal(gyro_dps(frame, 1.0), floats.astype(float))


def test_raw_frames_of_8_and_24_bits_are_read_with_their_signs():
    header = bytes(9)
    bytes_each = bytes((ACC,)) + header[1:] + b"\x00" + bytes((0xFF, 0x02, 0x80))
    np.testing.assert_array_equal(parse_frame(bytes_each).raw, [[-1, 2, -128]])
    wide = bytes((ACC,)) + header[1:] + b"\x02" + b"\xff\xff\xff\x00\x01\x00\x00\x00\x80"
    np.testing.assert_array_equal(parse_frame(wide).raw, [[-1, 256, -(2**23)]])


def test_the_high_bits_of_the_type_byte_do_not_count():
    frame = bytearray(build_raw_acc(5, np.array([[1, 2, 3]])))
    frame[0] |= 0xC0
    assert parse_frame(bytes(frame)).kind == ACC


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"", "nothing"),
        (bytes((ACC, *bytes(8), 1)), "a header alone"),
        (bytes((ACC, *bytes(8), 1, 1, 2, 3)), "half a sample"),
        (bytes((ACC, *bytes(8), 0x81, 1, 2, 3)), "half a reference sample"),
        (bytes((ACC, *bytes(8), 0x81, *bytes(6), 6)), "a block header cut short"),
        (bytes((ACC, *bytes(8), 0x81, *bytes(6), 8, 2, 1)), "a block cut short"),
        (bytes((ACC, *bytes(8), 0x81, *bytes(6), 33, 1, *bytes(99))), "deltas too wide"),
        (bytes((ACC, *bytes(8), 0x81, *bytes(6), *(0, 255) * 9)), "more samples than can be"),
        (bytes((ACC, *bytes(8), 0x81, 0xFF, 0x7F, *bytes(4), 2, 1, 1, 0)), "beyond 16 bits"),
        (bytes((0, *bytes(8), 0, *bytes(3))), "an ECG"),
        (bytes((GYRO, *bytes(8), 1, *bytes(6))), "a raw gyroscope"),
        (bytes((ACC, *bytes(8), 3, *bytes(6))), "a frame type of the future"),
    ],
)
def test_what_is_no_frame_is_a_payload_error(payload, why):
    with pytest.raises(PayloadError):
        parse_frame(payload)


def test_after_a_lost_frame_the_nominal_period_is_used_and_the_gap_shows():
    second = 10**9
    stamps = [second, 2 * second, 4 * second]  # the frame at 3 s never came
    first = sample_offsets_ns(stamps[0], 50, 50.0, None)
    joined = sample_offsets_ns(stamps[1], 50, 50.0, stamps[0])
    after = sample_offsets_ns(stamps[2], 50, 50.0, stamps[1])
    np.testing.assert_allclose(first, joined)
    np.testing.assert_allclose(after, joined)
    gap_ns = (stamps[2] + after[0]) - stamps[1]
    assert gap_ns == pytest.approx(51 * second / 50)


def test_a_rate_that_is_a_little_off_is_followed_without_gaps_or_overlaps():
    second = 10**9
    for true_hz in (47.0, 49.5, 50.5, 53.0):
        step = second / true_hz
        offsets = sample_offsets_ns(round(200 * step), 100, 50.0, round(100 * step))
        np.testing.assert_allclose(np.diff(offsets), step, rtol=1e-6)


def test_a_clock_that_was_set_back_does_not_turn_time_around():
    offsets = sample_offsets_ns(10**9, 25, 50.0, 5 * 10**9)
    np.testing.assert_allclose(np.diff(offsets), 2e7)


def test_settings_of_a_newer_firmware_are_read_up_to_the_first_unknown_one():
    assert pmd.parse_settings(bytes.fromhex("00013400") + b"\x63\x01\xff") == {0: (52,)}


@pytest.mark.parametrize("cut", ["00", "000134", "0002340034", "0501000080"])
def test_settings_cut_short_are_a_payload_error(cut):
    with pytest.raises(PayloadError):
        pmd.parse_settings(bytes.fromhex(cut))


def test_of_what_is_offered_the_nearest_rate_and_range_and_the_finest_resolution_are_taken():
    offered = {
        pmd.RATE: (26, 52, 104),
        pmd.RESOLUTION: (8, 16),
        pmd.RANGE: (2, 4, 16),
        pmd.FACTOR: (1,),
    }
    chosen = pmd.choose(offered, rate_hz=50.0, range_wanted=8)
    assert chosen == {pmd.RATE: (52,), pmd.RESOLUTION: (16,), pmd.RANGE: (4,)}
    assert pmd.choose({pmd.RANGE: (8,)}, rate_hz=50.0, range_wanted=8) == {}
