"""Recordings: what is written is read, what is played is what was live, what is broken is said by line."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import ADDRESS, CONTROL, DATA, ToyDriver, payload, sensor

from collector.drivers.contract import BATTERY_LEVEL
from collector.player import Player
from collector.recording import (
    LinkEvent,
    RecordedSensor,
    Recorder,
    RecordingFile,
    SensorAdded,
)
from collector.stream import SensorStream
from domain.errors import HandshakeError, NotFoundError, RecordingError
from domain.placement import Placement
from domain.samples import BatteryReading, Notification, SampleBlock

STARTED = 1_763_805_600.123
OTHER = "C0:FF:EE:00:00:02"


def toys(name):
    if name != "toy":
        raise NotFoundError("driver", name)
    return ToyDriver


def lived(path, *, redact, seed=3):
    """Minutes of a toy sensor with loss, drops, garbage and a refusal, recorded; what was live."""
    rng = np.random.default_rng(seed)
    stream = SensorStream(ADDRESS, ToyDriver)
    recorder = Recorder(path, [sensor()], started=STARTED, redact=redact)
    blocks = []

    def feed(characteristic, octets, now):
        notification = Notification(ADDRESS, characteristic, octets, now)
        recorder.notification(notification)
        try:
            blocks.extend(o for o in stream.feed(notification) if isinstance(o, SampleBlock))
        except HandshakeError:
            recorder.link(ADDRESS, "disconnected", now)

    now = STARTED
    for connection in range(4):
        now = STARTED + 100.0 * connection + rng.uniform(0.0, 3.0)
        recorder.link(ADDRESS, "connected", now)
        stream.reconnected()
        feed(CONTROL, b"OK", now)
        for k in range(300):
            index = connection * 5000 + k * 10
            now = STARTED + (index + 10) / 50.0 * 1.003 + rng.uniform(0.0, 0.04)
            if rng.random() > 0.05:
                feed(DATA, payload(index), now)
            if rng.random() < 0.02:
                feed(DATA, b"junk", now)
        feed(BATTERY_LEVEL, b"\x40", now)
        if connection == 2:
            feed(CONTROL, b"NO", now)
        recorder.link(ADDRESS, "disconnected", now)
    recorder.close()
    return blocks, stream


def test_a_replay_gives_bit_for_bit_the_samples_that_were_live(tmp_path):
    path = tmp_path / "walk.jsonl"
    live, stream = lived(path, redact=False)
    player = Player(RecordingFile(path), drivers=toys)
    played = list(player.replay())
    blocks = [output for _, _, output in played if isinstance(output, SampleBlock)]
    assert len(blocks) == len(live) > 1000
    for one, other in zip(blocks, live, strict=True):
        assert (one.sensor, one.rate_hz, one.lost_before) == (
            other.sensor,
            other.rate_hz,
            other.lost_before,
        )
        assert one.times.tobytes() == other.times.tobytes()
        assert one.acc_g.tobytes() == other.acc_g.tobytes()
    assert player.counters[ADDRESS] == stream.counters
    assert stream.counters.lost > 0 and stream.counters.bad_payloads > 0
    assert player.refused == 1
    assert sum(output == BatteryReading(64.0) for _, _, output in played) == 4


@settings(max_examples=50, deadline=None)
@given(started=st.floats(1.2e9, 4e9), after_s=st.floats(0.0, 1e6))
def test_any_arrival_time_is_kept_to_the_last_bit(tmp_path_factory, started, after_s):
    path = tmp_path_factory.mktemp("times") / "t.jsonl"
    recorder = Recorder(path, [sensor()], started=started, redact=False)
    notification = Notification(ADDRESS, DATA, b"\x01", started + after_s)
    recorder.notification(notification)
    recorder.close()
    assert list(RecordingFile(path).entries()) == [notification]


def test_a_redacted_recording_tells_neither_addresses_nor_names(tmp_path):
    path = tmp_path / "shared.jsonl"
    address = bytes.fromhex(ADDRESS.replace(":", ""))
    recorder = Recorder(path, [sensor()], started=STARTED)
    recorder.add(sensor(address=OTHER), STARTED + 1.0)
    recorder.notification(Notification(ADDRESS, DATA, b"\x05" + address + b"\x06", STARTED + 2.0))
    recorder.notification(Notification(OTHER, DATA, address[::-1], STARTED + 3.0))
    recorder.link(OTHER, "connected", STARTED + 4.0)
    recorder.close()
    text = path.read_text().lower()
    for secret in (ADDRESS.lower(), OTHER.lower(), address.hex(), "my toy", '"me"'):
        assert secret not in text
    file = RecordingFile(path)
    assert file.redacted
    toy = RecordedSensor("sensor-1", "toy", "sensor-1", Placement.UPPER_BACK, "wearer-1")
    assert file.sensors == (toy,)
    added, first, second, event = file.entries()
    assert isinstance(added, SensorAdded) and added.sensor.id == "sensor-2"
    assert first.payload == b"\x05\x02\x00\x00\x00\x00\x01\x06"
    assert second.payload == b"\x01\x00\x00\x00\x00\x02"
    assert event == LinkEvent("sensor-2", "connected", STARTED + 4.0)


def test_a_torn_last_line_is_left_out_and_counted(tmp_path):
    path = tmp_path / "torn.jsonl"
    lived(path, redact=True)
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    file = RecordingFile(path)
    n = len(list(file.entries()))
    assert file.torn_lines == 1
    path.write_bytes(whole)
    assert len(list(file.entries())) == n + 1 and file.torn_lines == 0


def good_lines(tmp_path):
    path = tmp_path / "good.jsonl"
    recorder = Recorder(path, [sensor()], started=STARTED, redact=False)
    recorder.notification(Notification(ADDRESS, DATA, b"\x01", STARTED))
    recorder.close()
    return path.read_text().splitlines()


@pytest.mark.parametrize(
    ("change", "line", "problem"),
    [
        ({}, 2, "t is no time"),
        ({"t": "soon"}, 2, "t is no time"),
        ({"t": float("nan")}, 2, "t is no time"),
        ({"t": 1, "sensor": "who", "channel": "x", "payload": ""}, 2, "has not listed"),
        ({"t": 1, "sensor": ADDRESS, "event": "exploded"}, 2, "unknown event"),
        ({"t": 1, "sensor": ADDRESS, "channel": "x", "payload": "zz"}, 2, "hexadecimal"),
        ({"t": 1, "sensor": ADDRESS, "payload": "00"}, 2, "channel is missing"),
        ([1, 2], 2, "no JSON object"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, change, line, problem):
    lines = good_lines(tmp_path)
    path = tmp_path / "bad.jsonl"
    path.write_text("\n".join([lines[0], json.dumps(change), *lines[1:]]) + "\n")
    with pytest.raises(RecordingError, match=problem) as caught:
        list(RecordingFile(path).entries())
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("", "no JSON"),
        ("hello", "no JSON"),
        ('{"format":"other"}', "no recording"),
        ('{"format":"sitwell-recording","version":9}', "version 9"),
        ('{"format":"sitwell-recording","version":1,"started":1}', "lists no sensors"),
    ],
)
def test_a_file_that_is_no_recording_is_refused(tmp_path, header, problem):
    path = tmp_path / "other.txt"
    path.write_text(header + "\n")
    with pytest.raises(RecordingError, match=problem):
        RecordingFile(path)


def test_a_recording_is_never_written_over(tmp_path):
    path = tmp_path / "once.jsonl"
    Recorder(path, [], started=STARTED).close()
    with pytest.raises(RecordingError, match="cannot be written"):
        Recorder(path, [], started=STARTED)


def test_what_was_flushed_is_there_while_the_recorder_is_open(tmp_path):
    path = tmp_path / "live.jsonl"
    recorder = Recorder(path, [sensor()], started=STARTED)
    recorder.notification(Notification(ADDRESS, DATA, b"\x01", STARTED))
    recorder.flush()
    assert len(list(RecordingFile(path).entries())) == 1
    recorder.close()


def test_a_recording_of_an_unknown_driver_is_refused_before_anything_is_played(tmp_path):
    path = tmp_path / "unknown.jsonl"
    Recorder(path, [sensor(driver="martian")], started=STARTED).close()
    with pytest.raises(NotFoundError, match="martian"):
        Player(RecordingFile(path), drivers=toys)


async def test_playing_takes_the_time_divided_by_the_speed_and_may_begin_now(tmp_path, monkeypatch):
    path = tmp_path / "short.jsonl"
    recorder = Recorder(path, [sensor()], started=STARTED, redact=False)
    recorder.link(ADDRESS, "connected", STARTED)
    for k in range(10):
        octets = b"S" + struct.pack("<IB", k * 50, 50)
        recorder.notification(Notification(ADDRESS, DATA, octets, STARTED + k + 1))
    recorder.close()
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    monkeypatch.setattr("collector.player.asyncio.sleep", sleep)
    heard = []
    player = Player(RecordingFile(path), start=5e8, drivers=toys)
    await player.play(lambda name, at, what: heard.append((at, what.times[-1])), speed=10.0)
    assert [at for at, _ in heard] == [5e8 + k + 1 for k in range(10)]
    assert heard[-1][1] == pytest.approx(5e8 + 10, abs=0.1)
    assert slept[-1] == pytest.approx(1.0, abs=0.05)
    slept.clear()
    await Player(RecordingFile(path), drivers=toys).play(lambda *_: None, speed=None)
    assert max(slept, default=0.0) == 0.0
    with pytest.raises(ValueError, match="speed"):
        await player.play(lambda *_: None, speed=0.0)
