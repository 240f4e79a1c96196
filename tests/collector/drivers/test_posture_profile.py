import re
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.drivers import posture_profile
from collector.drivers.contract import (
    FIRMWARE_REVISION,
    MANUFACTURER_NAME,
    MODEL_NUMBER,
    Advertisement,
    Read,
    Started,
    Write,
)
from collector.drivers.posture_profile import (
    CLOCK_MODULUS_US,
    DATA,
    IDENTIFY,
    INFO,
    SERVICE,
    BoardInfo,
    PostureProfileDriver,
    PostureProfileEncoder,
)
from collector.stream import SensorStream
from domain.errors import HandshakeError, PayloadError
from domain.samples import DeviceBlock, Notification, SampleBlock
from tests.collector.drivers.conftest import Link

PAGE = (Path(__file__).resolve().parents[3] / "docs/open-profile.md").read_text(encoding="utf-8")
EXAMPLES = {
    name: bytes.fromhex(text)
    for name, text in re.findall(r"```example ([^\n]+)\n([^`]+)\n```", PAGE)
}
GYRO = BoardInfo.from_bytes(EXAMPLES["info with gyro"])
PLAIN = BoardInfo.from_bytes(EXAMPLES["info without gyro"])
FRAME = EXAMPLES["frame with gyro"]


def heard(name=None, uuids=()):
    return Advertisement("AA:BB:CC:DD:EE:FF", name, -60, 0.0, service_uuids=uuids)


def informed(info=GYRO):
    driver = PostureProfileDriver()
    assert driver.start() == (Read(INFO),)
    assert driver.feed(INFO, bytes(info), 0.0) == ()
    return driver


def packed(version=1, flags=0, n=2, acc=8192.0, gyro=0.0, rate=50.0):
    return struct.pack("<BBBBfff", version, flags, n, 0, acc, gyro, rate)


# --- the page ------------------------------------------------------------------------------------


def test_the_examples_of_the_page_are_the_vectors(vectors):
    frames = {frame["name"]: frame for frame in vectors("posture-profile")["frames"]}
    shown = {name: value for name, value in EXAMPLES.items() if name.startswith("frame")}
    assert len(shown) == 4
    for name, payload in shown.items():
        frame = frames[name]
        assert bytes.fromhex(frame["hex"]) == payload
        ((channel, info),) = frame["before"]
        kind = "info without gyro" if name.endswith("without gyro") else "info with gyro"
        assert (channel, bytes.fromhex(info)) == (INFO, EXAMPLES[kind])
    assert {name for name, frame in frames.items() if "error" not in frame} == set(shown)


def test_the_infos_of_the_page_say_what_the_page_says_of_them():
    assert BoardInfo(1, 2, 8192.0, pytest.approx(16.384, abs=1e-6), 50.0) == GYRO
    assert BoardInfo(0, 3, 16384.0, 0.0, 12.5) == PLAIN
    for name, info in (("info with gyro", GYRO), ("info without gyro", PLAIN)):
        assert bytes(info) == EXAMPLES[name]


def test_the_identifiers_and_sizes_of_the_page_are_those_of_the_driver():
    for word, uuid in (
        ("service", SERVICE),
        ("data", DATA),
        ("info", INFO),
        ("identify", IDENTIFY),
    ):
        assert f"| {word} | `{uuid}` |" in PAGE
    assert "**version 1**" in PAGE
    assert posture_profile.VERSION == 1
    assert "9 + 6·n bytes, or 9 + 12·n" in PAGE
    assert (PLAIN.frame_size, GYRO.frame_size) == (9 + 6 * 3, 9 + 12 * 2)


def test_the_frame_sizes_that_the_page_recommends_fit_the_link_they_are_for():
    assert "(28 samples, or 14 with a" in PAGE
    for samples, gyro in ((28, 0.0), (14, 16.0)):
        assert BoardInfo(0, samples, 1.0, gyro, 50.0).frame_size <= 182
        assert BoardInfo(0, samples + 1, 1.0, gyro, 50.0).frame_size > 182
    assert (
        BoardInfo(0, 1, 1.0, 0.0, 50.0).frame_size <= 20 < BoardInfo(0, 1, 1.0, 1.0, 1).frame_size
    )


# --- the driver ----------------------------------------------------------------------------------


def test_it_serves_the_profile_by_its_service_or_its_name_and_nothing_else():
    assert PostureProfileDriver.matches(heard(uuids=(SERVICE,)))
    assert PostureProfileDriver.matches(heard("Posture-1A2B"))
    for name in (None, "", "Posture", "Posture-1a2b", "Posture-1A2B3", "My Posture-1A2B"):
        assert not PostureProfileDriver.matches(heard(name))


def test_frames_before_the_scales_are_known_give_nothing_and_the_first_after_says_started():
    driver = PostureProfileDriver()
    driver.start()
    assert driver.feed(DATA, FRAME, 0.0) == ()
    driver.feed(INFO, bytes(GYRO), 0.0)
    started, block = driver.feed(DATA, FRAME, 0.0)
    assert started == Started(50.0)
    assert isinstance(block, DeviceBlock)
    assert len(driver.feed(DATA, FRAME, 0.0)) == 1


@pytest.mark.parametrize(
    "info",
    [
        b"",
        packed(version=2),
        packed(version=0),
        packed()[:15],
        packed(n=0),
        packed(acc=0.0),
        packed(acc=float("nan")),
        packed(acc=float("inf")),
        packed(gyro=-1.0),
        packed(gyro=float("nan")),
        packed(rate=0.0),
        packed(rate=2000.0),
        packed(rate=float("nan")),
    ],
)
def test_an_info_of_another_version_or_outside_the_table_is_a_refusal(info):
    with pytest.raises(HandshakeError):
        PostureProfileDriver().feed(INFO, info, 0.0)


def test_unknown_flags_and_what_follows_the_info_are_ignored():
    info = packed(flags=0xFE) + b"later"
    assert BoardInfo.from_bytes(info) == BoardInfo(0xFE, 2, 8192.0, 0.0, 50.0)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        FRAME[:8],
        FRAME + b"\0",
        FRAME[:-1],
        b"\x02" + FRAME[1:],
        FRAME[:8] + b"\x03" + FRAME[9:],
    ],
)
def test_a_frame_that_is_not_what_the_info_says_is_a_payload_error(frame):
    with pytest.raises(PayloadError):
        informed().feed(DATA, frame, 0.0)


@settings(deadline=None, derandomize=True)
@given(payload=st.binary(max_size=40), channel=st.sampled_from([DATA, INFO, "else"]))
def test_any_info_and_any_frame_give_events_or_a_device_error(payload, channel):
    driver = informed()
    try:
        driver.feed(channel, payload, 0.0)
    except (PayloadError, HandshakeError):
        return
    assert channel in (DATA, INFO)


@settings(deadline=None, derandomize=True)
@given(tail=st.binary(min_size=15, max_size=15), frame=st.binary(max_size=40))
def test_an_info_of_any_numbers_is_refused_or_decodes_frames(tail, frame):
    try:
        info = BoardInfo.from_bytes(b"\x01" + tail)
    except HandshakeError:
        return
    head = b"\x01" + frame[:7].ljust(7, b"\0") + bytes((info.samples_per_frame,))
    driver = informed(info)
    *_, block = driver.feed(DATA, head.ljust(info.frame_size, b"\x5a"), 0.0)
    assert len(block) == info.samples_per_frame


def test_a_board_says_by_its_flags_whether_it_can_show_itself():
    write = Write(IDENTIFY, b"\x05")
    assert PostureProfileDriver().identify() == (write,)
    assert informed(GYRO).identify() == (write,)
    assert informed(PLAIN).identify() == ()


def test_dt_0_means_the_nominal_spacing():
    _, block = informed(PLAIN).feed(DATA, EXAMPLES["frame without gyro"], 0.0)
    np.testing.assert_allclose(np.diff(block.device_times), 0.08)


# --- both sides ----------------------------------------------------------------------------------


def through_a_stream(encoder, frames, lose=()):
    """What a stream makes of frames of a level board, begun so near to both wraps as `encoder` says."""
    stream = SensorStream("board", PostureProfileDriver)
    stream.reconnected()
    stream.feed(Notification("board", INFO, encoder.read(INFO), 0.0))
    blocks = []
    for index, start in enumerate(frames):
        times = start + np.arange(encoder.chunk) / encoder.rate_hz
        (sent,) = encoder.samples(times, np.tile([0.0, 0.0, 1.0], (encoder.chunk, 1)), None)
        if index not in lose:
            outputs = stream.feed(Notification("board", DATA, sent.payload, 1000.0 + times[-1]))
            blocks += [output for output in outputs if isinstance(output, SampleBlock)]
    return stream, blocks


def test_the_frame_number_wraps_after_256_frames_and_loses_nothing():
    encoder = PostureProfileEncoder()
    stream, blocks = through_a_stream(encoder, np.arange(600) * 0.2)
    assert (stream.counters.received, stream.counters.lost) == (6000, 0)
    assert {block.lost_before for block in blocks} == {0}


def test_a_loss_of_more_frames_than_there_are_numbers_is_counted_by_the_clock():
    lost = range(100, 700)
    stream, blocks = through_a_stream(PostureProfileEncoder(), np.arange(1000) * 0.2, lost)
    assert (stream.counters.received, stream.counters.lost) == (4000, 6000)
    assert max(block.lost_before for block in blocks) == 6000


def test_the_clock_wraps_after_71_minutes_and_time_goes_on():
    start_s = CLOCK_MODULUS_US * 1e-6 - 20.1  # a frame lies across the wrap
    stream, blocks = through_a_stream(PostureProfileEncoder(), start_s + np.arange(200) * 0.2)
    assert (stream.counters.received, stream.counters.lost) == (2000, 0)
    np.testing.assert_allclose(np.diff(np.concatenate([b.times for b in blocks])), 0.02, atol=1e-3)


def test_a_loss_across_both_wraps_is_counted_to_the_sample():
    start_s = CLOCK_MODULUS_US * 1e-6 - 51.0  # the 255th frame of the twin begins at the wrap
    lost = range(253, 259)
    frames = start_s + np.arange(400) * 0.2
    stream, _ = through_a_stream(PostureProfileEncoder(), frames, lost)
    assert (stream.counters.received, stream.counters.lost) == (3940, 60)


@pytest.mark.parametrize("frames_before", [300, 330, 360, 390])
def test_a_board_that_was_reset_is_heard_from_its_first_frame_on(frames_before):
    stream, _ = through_a_stream(PostureProfileEncoder(), np.arange(frames_before) * 0.2)
    before = stream.counters
    encoder, reset_at = PostureProfileEncoder(), 1000.0 + frames_before * 0.2 + 8.0
    stream.reconnected()
    stream.feed(Notification("board", INFO, encoder.read(INFO), reset_at))
    for start in np.arange(100) * 0.2:
        times = start + np.arange(10) / 50
        (sent,) = encoder.samples(times, np.tile([0.0, 0.0, 1.0], (10, 1)), None)
        stream.feed(Notification("board", DATA, sent.payload, reset_at + times[-1]))
    assert stream.counters.received - before.received == 1000
    assert stream.counters.duplicates == 0


def test_a_board_without_gyroscope_and_slower_than_dt_can_say_is_read_too():
    encoder = PostureProfileEncoder(10.0, 4, gyro=False)
    link = Link(PostureProfileDriver(), encoder).start()
    link.stream(np.tile([0.1, -0.2, 0.9], (8, 1)))
    assert len(link.blocks) == 2
    assert all(block.gyro_dps is None for block in link.blocks)
    assert [block.sequence for block in link.blocks] == [0, 4]
    np.testing.assert_allclose(link.acc_g(), np.tile([0.1, -0.2, 0.9], (8, 1)), atol=1e-4)
    np.testing.assert_allclose(np.diff(link.device_times()), 0.1, atol=1e-6)


def test_the_simulated_board_shows_itself_and_tells_who_made_it(connect):
    link = connect("posture-profile").start()
    link.perform(link.driver.identify())
    assert link.encoder.shown_s == 5
    for uuid in (MANUFACTURER_NAME, MODEL_NUMBER, FIRMWARE_REVISION):
        assert link.encoder.read(uuid)


def test_values_beyond_the_range_saturate(connect):
    link = connect("posture-profile").start()
    link.stream(np.tile([9.0, -9.0, 1.0], (10, 1)))
    np.testing.assert_allclose(link.acc_g()[0], [4.0, -4.0, 1.0], atol=2e-4)
