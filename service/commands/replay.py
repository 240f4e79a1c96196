"""`sitwell replay`: a recording through drivers and analysis."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from analysis.settings import AnalysisSettings
from collector.player import Played, Player
from collector.recording import RecordedSensor, RecordingFile
from domain.context import AnalysisContext
from domain.episodes import Episode, EpisodeKind
from domain.errors import ConfigError, RecordingError, StoreHeldError
from domain.faults import Fault
from domain.people import Calibration, Sensor, Wearer
from domain.posture import Activity, FrameBlock
from domain.samples import SampleBlock
from service.config import Config, load_config, local_timezone
from service.desk import Desk, Findings, pipeline_key, policy_key
from service.mounting import in_force, mounted
from service.plan import calibrations_in_force
from service.replayed import ReplayedTime, Span
from service.store_file import STORE_FILE, open_store
from storage.contract import Batch, Store

_WRITE_EVERY = 200
#: A sensor's first sample may be dated some seconds before the recording heard of it.
_EARLIER_S = 60


class Replay:
    """Everything a recording brings, wearer by wearer; kept in `store` when there is one.

    calibrations: by sensor; they win over those of the recording.
    """

    def __init__(
        self,
        player: Player,
        config: Config,
        *,
        analysis: AnalysisSettings,
        calibrations: dict[str, Calibration],
        store: Store | None,
    ) -> None:
        self._player = player
        self._config = config
        self._analysis = analysis
        self._calibrations = calibrations
        self._store = store
        self._batches: list[Findings] = []
        self.frames = 0
        self.seconds = dict.fromkeys(Activity, 0)
        self.episodes: dict[str, Episode] = {}
        self._worn: dict[str, RecordedSensor] = {}
        self._desks: dict[str, Desk] = {}
        self._replayed = ReplayedTime() if store is None else ReplayedTime.of(store.states())
        self._wear(player.recording.sensors, player.recording.started)

    def take(self, sensor: str, at: float, played: Played) -> None:
        """One thing out of the recording."""
        if isinstance(played, SampleBlock):
            if sensor not in self._worn:  # it came later, and all that is known goes on
                self._wear([self._player.sensors[sensor]], at)
            self.keep(self._desks[self._worn[sensor].wearer].push(played, at))

    def finish(self, at: float) -> None:
        """The recording ends: what is open is cut short."""
        for desk in self._desks.values():
            self.keep(desk.finish(at))
        self._write(at)

    def faults(self, wearer: str) -> tuple[Fault, ...]:
        """What was found wrong with the wearer's sensors, by start; ask once, at the end."""
        found = self._desks[wearer].pipeline.faults
        return tuple(sorted(found, key=lambda f: (f.since, f.sensor, f.kind)))

    def _wear(self, sensors: Sequence[RecordedSensor], since: float) -> None:
        self._worn |= {sensor.id: sensor for sensor in sensors}
        for name in sorted({sensor.wearer for sensor in sensors}):
            before = self._desks.get(name)
            saved = {} if before is None else before.states()
            wearer = Wearer(name, name, local_timezone())
            self._desks[name] = Desk(
                wearer,
                [
                    mounted(
                        s.id, s.driver, s.placement, self._calibrations.get(s.id) or s.calibration
                    )
                    for s in self._worn.values()
                    if s.wearer == name
                ],
                analysis=self._analysis,
                alerts=self._config.alerts,
                saved_pipeline=saved.get(pipeline_key(name)),
                saved_policy=saved.get(policy_key(name)),
            )
            if self._store is not None:
                self._store.put_wearer(wearer)
                status = None if before is None else before.status()
                begun = int(since) - _EARLIER_S if status is None else status.time + 1
                self._store.write(Batch(contexts=(self._context(name, begun),)), now=since)
        for s in sensors:
            if self._store is not None:
                self._store.put_sensor(_paired(s, since))

    def _context(self, wearer: str, since: int) -> AnalysisContext:
        worn = [s for s in self._worn.values() if s.wearer == wearer]
        own = {s.id: s.calibration for s in worn if s.calibration is not None}
        sensors = [_paired(s, float(since)) for s in worn]
        return in_force(wearer, since, sensors, {**own, **self._calibrations}, self._analysis)

    def keep(self, found: Findings) -> None:
        """What one push brought; told, and stored where there is a store."""
        self.frames += len(found.frames)
        self._count(found.frames)
        for episode in found.episodes:
            self.episodes[episode.id] = episode
            print(line_of(episode), flush=True)
        for alert in found.alerts:
            print(f"{_clock(alert.last_said_at)}  alert     {alert.message}", flush=True)
        if self._store is not None and (
            len(found.frames) or found.episodes or found.alerts or found.decisions
        ):
            self._batches.append(found)
            if len(self._batches) >= _WRITE_EVERY:
                self._write(float(found.frames.times[-1]) if len(found.frames) else 0.0)

    def _count(self, frames: FrameBlock) -> None:
        for activity in Activity:
            self.seconds[activity] += int((frames.activity == activity).sum())

    def _write(self, now: float) -> None:
        if self._store is None or not self._batches:
            return
        states: dict[str, bytes] = {}
        for found in self._batches:
            for frames in (found.frames,) if len(found.frames) else ():
                span = Span(int(frames.times[0]), int(frames.times[-1]) + 1)
                states |= self._replayed.add(frames.wearer, span)
        self._store.write(
            Batch(
                frames=tuple(f.frames for f in self._batches if len(f.frames)),
                episodes=tuple(e for f in self._batches for e in f.episodes),
                alerts=tuple(a for f in self._batches for a in f.alerts),
                decisions=tuple(d for f in self._batches for d in f.decisions),
                states=states,
            ),
            now=now,
        )
        self._batches.clear()


def _paired(s: RecordedSensor, since: float) -> Sensor:
    return Sensor(s.id, s.driver, s.name, s.wearer, s.placement, since)


def run_replay(
    path: Path, *, speed: float | None, data_dir: Path | None, config: Path | None
) -> None:
    """Play and print. Raises RecordingError, ConfigError, StoreError."""
    settings = load_config(config)
    recording = RecordingFile(path)
    store = None if data_dir is None else open_store(data_dir)
    try:
        calibrations = _calibrations(store, recording, settings.data_dir)
        player = Player(recording, drivers=settings.drivers.named)
        analysis = settings.analysis if config is not None else settings_of(recording)
        replay = Replay(player, settings, analysis=analysis, calibrations=calibrations, store=store)
        many = len(recording.sensors)
        print(f"{path}: recorded {_day(recording.started)}, {many} sensor{'s' * (many != 1)}")
        asyncio.run(_play(player, replay, speed))
    finally:
        if store is not None:
            store.close()
    _sum_up(player, replay)


async def _play(player: Player, replay: Replay, speed: float | None) -> None:
    last = player.recording.started

    def take(sensor: str, at: float, played: Played) -> None:
        nonlocal last
        last = at
        replay.take(sensor, at, played)

    await player.play(take, speed=speed)
    replay.finish(last)


def settings_of(recording: RecordingFile) -> AnalysisSettings:
    """The settings that the recording was made with; those it does not know are the defaults.

    Raises RecordingError for a value that cannot be.
    """
    default = AnalysisSettings()
    known = {knob.name: type(getattr(default, knob.name)) for knob in fields(default)}
    given = {
        name: known[name](value) for name, value in recording.settings.items() if name in known
    }
    try:
        return AnalysisSettings(**given)
    except ConfigError as error:
        raise RecordingError(str(recording.path), str(error), line=1) from error


def _calibrations(
    store: Store | None, recording: RecordingFile, data_dir: Path
) -> dict[str, Calibration]:
    """The recording's own, or those of `store`, or of the service's store when that can be opened."""
    recorded = {s.id: s.calibration for s in recording.sensors if s.calibration is not None}
    if recorded or recording.redacted:
        return recorded
    sensors = [
        Sensor(s.id, s.driver, s.name, s.wearer, s.placement, 0.0) for s in recording.sensors
    ]
    if store is not None:
        return calibrations_in_force(store, sensors, at=recording.started)
    if not (data_dir / STORE_FILE).exists():
        return {}
    try:
        own = open_store(data_dir)
    except StoreHeldError:
        print("The store is in use, so calibrations are left out. Stop the service to use them.")
        return {}
    try:
        return calibrations_in_force(own, sensors, at=recording.started)
    finally:
        own.close()


def _sum_up(player: Player, replay: Replay) -> None:
    for sensor, counters in player.counters.items():
        print(
            f"{sensor}: {counters.received} samples, {counters.lost} lost, "
            f"{counters.bad_payloads} notifications unreadable"
        )
    parts = [f"{a.word} {duration(s)}" for a, s in replay.seconds.items() if s]
    print(f"{duration(replay.frames)} of frames: {', '.join(parts) or 'nothing'}")
    if player.recording.torn_lines:
        print("The last line of the file was cut off and is left out.")


def line_of(episode: Episode) -> str:
    """One line on an episode that opened or closed."""
    word = KIND_WORDS[episode.kind]
    if episode.open:
        return f"{_clock(episode.start)}  {word:<16} begins"
    lasted = duration(episode.lasted_s(episode.start))
    cut = ", cut short by the end of data" if episode.censored else ""
    angle = episode.kind in _IN_DEG and math.isfinite(episode.peak)
    peak = f", {_IN_DEG[episode.kind]} {abs(episode.peak):.0f} deg" if angle else ""
    return f"{_clock(episode.start)}  {word:<16} lasted {lasted}{peak}{cut}"


#: How the kinds are called in a line of text.
KIND_WORDS: Final[Mapping[EpisodeKind, str]] = {
    EpisodeKind.SITTING: "sitting",
    EpisodeKind.BREAK: "break",
    EpisodeKind.SLOUCH: "slouch",
    EpisodeKind.NOT_WORN: "not worn",
    EpisodeKind.SHIFT: "posture change",
    EpisodeKind.BEND: "bend",
    EpisodeKind.HELD_BEND: "held bend",
    EpisodeKind.SIDE_BEND: "bend to the side",
    EpisodeKind.TWIST: "twist",
    EpisodeKind.TURN: "turn",
}
_IN_DEG: Final[Mapping[EpisodeKind, str]] = {
    EpisodeKind.SLOUCH: "up to",
    EpisodeKind.SHIFT: "by",
    EpisodeKind.BEND: "up to",
    EpisodeKind.HELD_BEND: "up to",
    EpisodeKind.SIDE_BEND: "up to",
    EpisodeKind.TWIST: "up to",
    EpisodeKind.TURN: "by",
}


def duration(seconds: float) -> str:
    """52 min, 4 h 10, 38 s."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d}"


def _clock(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).astimezone().strftime("%H:%M:%S")


def _day(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
