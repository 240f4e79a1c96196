"""A redacted recording, replayed elsewhere, gives the frames and episodes that were live, bit for bit."""

import asyncio
import json
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest

from alerts.settings import AlertSettings
from analysis.settings import AnalysisSettings
from collector.collector import Collector
from collector.player import Player
from collector.recording import Recorder, RecordingFile
from domain.errors import RecordingError
from domain.people import Wearer
from domain.samples import SampleBlock
from service.air import SIMULATED_PERSON, simulated_radio
from service.commands.record import RecordOptions, run_record
from service.commands.replay import Replay, settings_of
from service.config import parse_config
from service.desk import Desk, Findings
from service.mounting import mounted
from service.simulation import DEMO_SENSORS, Simulation
from simulators.body import ScriptedBody
from simulators.days import demo_script
from tests.virtual_time import now_s

LIVE_S = 14.0
NOON = 1_795_435_200.0
ME = Wearer("me", "Me", "UTC")
UNUSUAL = AnalysisSettings(slouch_delay_s=30)


class Kept(Replay):
    """A replay that keeps what it finds instead of counting it."""

    def __init__(self, *args: object, **words: object) -> None:
        self.found: list[Findings] = []
        super().__init__(*args, **words)  # type: ignore[arg-type]  # passed on as they come

    def keep(self, found: Findings) -> None:
        self.found.append(found)


def clock() -> float:
    return NOON + now_s()


async def live(path: Path) -> list[Findings]:
    """A simulated person for some seconds, recorded and analysed at once, with a lost link."""
    now = clock()
    script = demo_script(SIMULATED_PERSON, now, midnight_s=now, lead_s=3600)
    body = ScriptedBody.of(SIMULATED_PERSON, script)
    worn = [(sensor, sensor.model(body, now)) for sensor in DEMO_SENSORS]
    calibrations = {sensor.address: sensor.calibration(body, now) for sensor in DEMO_SENSORS}
    sensors = [sensor.paired("me", now) for sensor in DEMO_SENSORS]
    desk = Desk(
        ME,
        [mounted(s.id, s.driver, s.placement, calibrations[s.id]) for s in sensors],
        analysis=UNUSUAL,
        alerts=AlertSettings(),
    )
    found: list[Findings] = []

    def take(block: SampleBlock) -> None:
        found.append(desk.push(block, clock()))

    recorder = Recorder(
        path, sensors, started=now, calibrations=calibrations, settings=asdict(UNUSUAL)
    )
    async with Simulation(worn, clock=clock) as simulation:
        collector = Collector(
            simulated_radio(simulation, clock),
            sensors,
            clock=clock,
            on_block=take,
            recorder=recorder,
        )
        running = asyncio.create_task(collector.run())
        await asyncio.sleep(LIVE_S / 2)
        await simulation.peripherals[sensors[0].id].drop()
        await asyncio.sleep(LIVE_S / 2)
        running.cancel()
        await asyncio.wait({running})
    found.append(desk.finish(clock()))
    return found


def columns(found: list[Findings]) -> dict[str, np.ndarray]:
    """Every column of all frames; the wearer, who is a pseudonym, left out."""
    blocks = [each.frames for each in found if len(each.frames)]
    names = [each.name for each in fields(blocks[0]) if each.name != "wearer"]
    whole = {name: [getattr(block, name) for block in blocks] for name in names}
    return {name: np.concatenate(parts) for name, parts in whole.items()}


@pytest.mark.virtual_time
async def test_what_was_live_comes_out_of_the_file_to_the_last_bit(tmp_path: Path) -> None:
    path = tmp_path / "desk.jsonl"
    seen = await live(path)
    recording = RecordingFile(path)
    assert recording.redacted
    assert all(sensor.address not in path.read_text() for sensor in DEMO_SENSORS)
    replay = Kept(
        Player(recording),
        parse_config({}),
        analysis=settings_of(recording),
        calibrations={s.id: s.calibration for s in recording.sensors},
        store=None,
    )
    for sensor, at, played in Player(recording).replay():
        replay.take(sensor, at, played)
    replay.finish(clock())
    before, after = columns(seen), columns(replay.found)
    assert len(before["times"]) > LIVE_S / 2
    assert np.isfinite(before["lean_deg"]).any()
    assert before.keys() == after.keys()
    for name, column in before.items():
        np.testing.assert_array_equal(after[name], column, err_msg=name)
    episodes = [(e.kind, e.start, e.end, e.peak, e.mean, e.dose) for f in seen for e in f.episodes]
    again = [
        (e.kind, e.start, e.end, e.peak, e.mean, e.dose) for f in replay.found for e in f.episodes
    ]
    np.testing.assert_equal(again, episodes)


def test_the_settings_of_a_recording_are_those_it_was_made_with(tmp_path: Path) -> None:
    path = tmp_path / "desk.jsonl"
    Recorder(path, [], started=0.0, settings=asdict(UNUSUAL)).close()
    assert settings_of(RecordingFile(path)) == UNUSUAL
    other = tmp_path / "other.jsonl"
    Recorder(other, [], started=0.0, settings={"slouch_delay_s": -1, "of_the_future": 1}).close()
    with pytest.raises(RecordingError, match="slouch_delay_s"):
        settings_of(RecordingFile(other))
    bare = tmp_path / "bare.jsonl"
    Recorder(bare, [], started=0.0).close()
    assert settings_of(RecordingFile(bare)) == AnalysisSettings()


@pytest.mark.slow
def test_a_disk_that_is_full_ends_the_recording_with_what_is_in_it(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    flushed = 0

    def flush(self: Recorder) -> None:
        nonlocal flushed
        flushed += 1
        if flushed > 4:
            raise RecordingError("desk.jsonl", "cannot be written: No space left on device")

    monkeypatch.setattr(Recorder, "flush", flush)
    options = RecordOptions(tmp_path / "desk.jsonl", seconds=3600, simulated=True)
    with pytest.raises(RecordingError, match="No space left"):
        run_record(options)  # for an hour, if it did not end here
    assert "then the recording ended" in capsys.readouterr().out


@pytest.mark.virtual_time
async def test_a_sensor_that_joined_a_recording_later_is_replayed_from_then_on(
    tmp_path: Path,
) -> None:
    whole, parted = tmp_path / "whole.jsonl", tmp_path / "parted.jsonl"
    await live(whole)
    lines = whole.read_text().splitlines()
    header = json.loads(lines[0])
    joined = {"t": 0.0, "add": header["sensors"].pop()}
    parted.write_text("\n".join([json.dumps(header), json.dumps(joined), *lines[1:], ""]))

    recording = RecordingFile(parted)
    player = Player(recording)
    calibrations = {s.id: s.calibration for s in recording.sensors if s.calibration is not None}
    replay = Replay(
        player,
        parse_config({}),
        analysis=settings_of(recording),
        calibrations=calibrations,
        store=None,
    )
    await player.play(replay.take, speed=None)
    replay.finish(recording.started + LIVE_S)
    assert len(recording.sensors) == 1
    assert all(each.received for each in player.counters.values())
    assert set(player.counters) == {"sensor-1", "sensor-2"}
    assert replay.frames >= LIVE_S - 5
