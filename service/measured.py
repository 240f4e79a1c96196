"""Recordings from files, measured: by `analysis.analyse`, or, Sitwell's own, as `sitwell replay` would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.given import rate_hz
from analysis.offline import analyse
from analysis.reasons import reasons
from analysis.settings import AnalysisSettings
from analysis.track import Mounted
from collector.player import Player
from collector.recording import RecordingFile
from domain.episodes import Episode
from domain.errors import InputError
from domain.faults import Fault
from domain.people import Calibration
from domain.placement import Placement
from domain.posture import FrameBlock
from domain.samples import Recording, SampleBlock
from service.commands.replay import Replay
from service.config import Config
from service.desk import Findings
from service.reading.files import SourceFile, sha256_of


@dataclass(frozen=True, slots=True)
class MeasuredSensor:
    """What was read of one sensor. start, end: Unix s of its first and last sample."""

    placement: str
    rate_hz: float
    samples: int
    start: float
    end: float
    gyro: bool
    files: tuple[SourceFile, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Frames and closed episodes of one wearer, and all that made them what they are."""

    frames: FrameBlock
    episodes: tuple[Episode, ...]
    reasons: Mapping[str, str]
    calibration: Mapping[str, Calibration]
    settings: AnalysisSettings
    sensors: tuple[MeasuredSensor, ...]
    faults: tuple[Fault, ...]
    worn: tuple[Mounted, ...]

    @property
    def gyro(self) -> tuple[Placement, ...]:
        """Where the sensors with a gyro are."""
        return tuple(Placement(sensor.placement) for sensor in self.sensors if sensor.gyro)


def measured(
    recordings: Mapping[str, tuple[Recording, tuple[SourceFile, ...]]],
    calibration: Mapping[str, Calibration],
    settings: AnalysisSettings,
) -> Measured:
    """Recordings by placement. Raises InputError."""
    found = analyse(
        {place: recording for place, (recording, _) in recordings.items()},
        calibration=calibration,
        settings=settings,
    )
    sensors = tuple(
        MeasuredSensor(
            placement=place,
            rate_hz=rate_hz(recording),
            samples=len(recording.times),
            start=float(recording.times.min()),
            end=float(recording.times.max()),
            gyro=recording.gyro_dps is not None,
            files=files,
        )
        for place, (recording, files) in recordings.items()
    )
    return Measured(
        found.frames,
        found.episodes,
        found.unknown,
        found.calibration,
        settings,
        sensors,
        found.faults,
        found.sensors,
    )


class _Collected(Replay):
    """A replay that keeps the frames and episodes of one wearer."""

    def __init__(self, player: Player, config: Config, wearer: str, **words: object) -> None:
        self.found: list[Findings] = []
        self.wearer = wearer
        super().__init__(player, config, **words)  # type: ignore[arg-type]  # passed on

    def keep(self, found: Findings) -> None:
        if found.frames.wearer == self.wearer:
            self.found.append(found)


def measured_recording(
    path: Path,
    config: Config,
    *,
    wearer: str | None,
    settings: AnalysisSettings,
    calibration: Mapping[str, Calibration],
) -> Measured:
    """A recording of `sitwell record`, played through drivers and analysis as `sitwell replay` does.

    wearer: whose, needed when several wore sensors. calibration: by placement, in place of the
    recording's own. Raises RecordingError, InputError.
    """
    recording = RecordingFile(path)
    player = Player(recording, drivers=config.drivers.named)
    wearers = sorted({sensor.wearer for sensor in recording.sensors})
    if wearer is None and len(wearers) > 1:
        raise InputError(f"{path} is of {', '.join(wearers)}: say whose with --wearer")
    whose = wearer or next(iter(wearers), "")
    worn = {sensor.id: sensor for sensor in recording.sensors if sensor.wearer == whose}
    if not worn:
        raise InputError(f"nobody called {whose!r} is in {path}; there are {', '.join(wearers)}")
    used = {s.id: calibration.get(s.placement.value, s.calibration) for s in worn.values()}
    calibrations = {sensor: one for sensor, one in used.items() if one is not None}
    replay = _Collected(
        player, config, whose, analysis=settings, calibrations=calibrations, store=None
    )
    seen: dict[str, _Seen] = {}
    at = recording.started
    for sensor, at, played in player.replay():
        if isinstance(played, SampleBlock):
            seen.setdefault(sensor, _Seen()).add(played)
        replay.take(sensor, at, played)
    replay.finish(at)
    last = {episode.id: episode for found in replay.found for episode in found.episodes}
    frames = FrameBlock.join(whose, [found.frames for found in replay.found])
    worn = {sensor.id: sensor for sensor in player.sensors.values() if sensor.wearer == whose}
    placed = {sensor.placement: seen.get(sensor.id, _Seen()) for sensor in worn.values()}
    given = {worn[sensor].placement: one for sensor, one in calibrations.items()}
    source = _source(path, placed)
    faults = replay.faults(whose)
    return Measured(
        frames,
        tuple(sorted(last.values(), key=lambda e: (e.start, e.kind))),
        reasons(frames, {place: one.outline() for place, one in placed.items()}, given, faults),
        {place.value: one for place, one in given.items()},
        settings,
        tuple(one.sensor(place, (source,)) for place, one in placed.items()),
        faults,
        tuple(Mounted(place.value, place, given.get(place)) for place in placed),
    )


class _Seen:
    """What came of one sensor of a recording."""

    def __init__(self) -> None:
        self.samples, self.start, self.end, self.rate_hz = 0, float("nan"), float("nan"), 1.0
        self.gyro = False

    def add(self, block: SampleBlock) -> None:
        if not len(block):
            return
        self.start = self.start if self.samples else float(block.times[0])
        self.samples += len(block)
        self.end, self.rate_hz = float(block.times[-1]), block.rate_hz
        self.gyro = self.gyro or block.gyro_dps is not None

    def outline(self) -> Recording:
        """As little of a recording as tells what kind it is."""
        return Recording(np.empty(0), np.empty((0, 3)), np.empty((0, 3)) if self.gyro else None)

    def sensor(self, place: Placement, files: tuple[SourceFile, ...]) -> MeasuredSensor:
        return MeasuredSensor(
            place.value, self.rate_hz, self.samples, self.start, self.end, self.gyro, files
        )


def _source(path: Path, placed: Mapping[Placement, _Seen]) -> SourceFile:
    return SourceFile(
        path=str(path),
        format="sitwell-recording",
        bytes=path.stat().st_size,
        sha256=sha256_of(path),
        rows=sum(seen.samples for seen in placed.values()),
        columns={},
        acc_unit="g",
        gyro_unit="deg/s" if any(seen.gyro for seen in placed.values()) else None,
        time_unit="s",
    )


def is_recording(paths: Sequence[Path]) -> bool:
    """Whether these are recordings of Sitwell's own, by their names."""
    return any(path.suffix.lower() == ".jsonl" for path in paths)
