"""Sensors that encrypt: read with their key, recorded without encryption, replayed by anybody."""

import asyncio
import contextlib

import numpy as np
import pytest
from scripted import ScriptedRadio

from collector.collector import Collector
from collector.drivers.bthome import CHANNEL, UUID
from collector.drivers.bthome_encoder import BTHomeEncryptedEncoder
from collector.drivers.contract import Advertisement
from collector.drivers.registry import driver_factory, driver_named
from collector.player import Player
from collector.recording import Recorder, RecordingFile
from collector.stream import SensorStream
from domain.errors import HandshakeError, InputError
from domain.people import Sensor
from domain.placement import Placement
from domain.samples import Notification, SampleBlock

pytestmark = pytest.mark.virtual_time

ADDRESS = "54:48:E6:8F:80:A5"
KEY_HEX = "231d39c1d7cc1ab1aee224cd096db932"
STARTED = 1_763_805_600.25


def paired(key_hex=KEY_HEX, driver="bthome"):
    return Sensor(ADDRESS, driver, "chair", "me", Placement.SEAT, 0.0, key_hex=key_hex)


def on_the_air(seconds=400, *, seed=5):
    """(arrival, payload): one sample a second, some missed, some heard twice, some not this sensor's."""
    rng = np.random.default_rng(seed)
    twin = BTHomeEncryptedEncoder(ADDRESS, KEY_HEX)
    other = BTHomeEncryptedEncoder(ADDRESS, "00" * 16)
    for k in range(seconds):
        row = np.array([[0.1, 0.2, 0.97]]) + rng.normal(0, 0.01, 3)
        (sent,) = twin.samples(np.array([float(k)]), row, None)
        at = STARTED + k + rng.uniform(0.0, 0.01)
        if rng.random() > 0.1:
            yield at, sent.payload
        if rng.random() < 0.3:
            yield at + 0.02, sent.payload
        if rng.random() < 0.05:
            yield at + 0.03, other.samples(np.zeros(1), row, None)[0].payload
    for payload in ("410011", "41", "4000", ""):
        yield STARTED + seconds, bytes.fromhex(payload)


def lived(path, *, redact, key_hex=KEY_HEX):
    sensor = paired(key_hex)
    stream = SensorStream(
        ADDRESS, driver_factory(driver_named(sensor.driver), ADDRESS, sensor.key_hex)
    )
    recorder = Recorder(path, [sensor], started=STARTED, redact=redact)
    recorder.link(ADDRESS, "connected", STARTED)
    stream.reconnected()
    blocks = []
    for at, payload in on_the_air():
        notification = Notification(ADDRESS, CHANNEL, payload, at)
        recorder.notification(notification)
        try:
            blocks += [o for o in stream.feed(notification) if isinstance(o, SampleBlock)]
        except HandshakeError:
            continue
    recorder.close()
    return blocks, stream


@pytest.mark.parametrize("redact", [True, False])
def test_a_recording_of_an_encrypted_sensor_replays_without_its_key(tmp_path, redact):
    path = tmp_path / "chair.jsonl"
    live, stream = lived(path, redact=redact)
    player = Player(RecordingFile(path))
    blocks = [out for _, _, out in player.replay() if isinstance(out, SampleBlock)]
    assert len(blocks) == len(live) > 300
    for one, other in zip(blocks, live, strict=True):
        assert one.times.tobytes() == other.times.tobytes()
        assert one.acc_g.tobytes() == other.acc_g.tobytes()
        assert one.lost_before == other.lost_before
    (counters,) = player.counters.values()
    assert counters == stream.counters
    assert counters.lost > 10 and counters.bad_payloads > 10


def test_a_redacted_recording_has_neither_key_nor_address_nor_anything_encrypted(tmp_path):
    path = tmp_path / "shared.jsonl"
    lived(path, redact=True)
    text = path.read_text().lower()
    assert KEY_HEX not in text
    assert ADDRESS.lower() not in text and ADDRESS.replace(":", "").lower() not in text
    for _, payload in on_the_air():
        assert len(payload) < 9 or payload.hex() not in text


def test_recorded_without_its_key_an_encrypted_sensor_stays_encrypted_and_replay_says_so(tmp_path):
    path = tmp_path / "locked.jsonl"
    live, _ = lived(path, redact=False, key_hex="")
    player = Player(RecordingFile(path))
    assert live == [] and list(player.replay()) == []
    assert player.refused > 300
    payloads = [e.payload for e in RecordingFile(path).entries() if isinstance(e, Notification)]
    assert payloads == [payload for _, payload in on_the_air()]


@pytest.mark.parametrize(
    ("key_hex", "told"),
    [
        (KEY_HEX, ""),
        ("", "bthome: the sensor is encrypted: give its key"),
        ("11" * 16, "bthome: cannot be decrypted: its key is another, or its address"),
    ],
    ids=["key", "no key", "another key"],
)
async def test_the_collector_reads_an_encrypted_sensor_with_its_key_and_asks_for_it_without(
    key_hex, told
):
    radio, blocks = ScriptedRadio(), []
    collector = Collector(radio, [paired(key_hex)], clock=lambda: STARTED, on_block=blocks.append)
    task = asyncio.create_task(collector.run())
    async with asyncio.timeout(3.0):
        while not radio.listeners:
            await asyncio.sleep(0.001)
    for at, payload in list(on_the_air(20))[:12]:
        for listener in list(radio.listeners):
            listener(Advertisement(ADDRESS, None, -60, at, service_data={UUID: payload}))
        await asyncio.sleep(0.001)
    async with asyncio.timeout(3.0):
        while not told and len(blocks) < 5:
            await asyncio.sleep(0.001)
    assert collector.status(ADDRESS).reason == told
    assert len(blocks) == 0 or not told
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def test_a_key_that_cannot_be_used_is_refused_before_anything_starts():
    for sensor in (paired("00ff"), paired("zz"), paired(KEY_HEX, "ruuvitag")):
        with pytest.raises(InputError):
            Collector(ScriptedRadio(), [sensor], clock=lambda: 0.0, on_block=lambda _: None)
