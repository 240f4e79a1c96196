"""Whole recordings through the very same pipeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np

from analysis.detail import Detail, detail
from analysis.first_pass import references
from analysis.given import Given, by_placement, expect, rate_hz
from analysis.intake import slices
from analysis.pipeline import Mounted, Output, Pipeline
from analysis.reasons import reasons
from analysis.settings import AnalysisSettings
from analysis.sheet import FrameSheet
from analysis.summary import summarise
from domain.episodes import Episode
from domain.faults import Fault
from domain.metrics import Metric
from domain.people import Calibration
from domain.placement import Placement
from domain.posture import FrameBlock
from domain.samples import Recording, SampleBlock

#: More bytes than what is made of a portion of samples at once.
_AT_HAND = 1 << 24
#: The wearer of a recording that names none.
WEARER = "recording"


@dataclass(frozen=True, eq=False)
class Analysis:
    """What `analyse` found.

    frames: one row a second, its columns by name (see FrameBlock). episodes: by id, each in its final
    form, by start. faults: what was wrong with the sensors, by start, `until` None where it stayed so;
    what they said then is not in the frames. calibration: what was used, by placement. detail: by
    placement, or None unless asked for. sensors: as they were worn. gyro: where those with a gyro are.
    unknown: see `reasons`, of the columns alone.
    """

    frames: FrameBlock
    episodes: tuple[Episode, ...]
    calibration: Mapping[str, Calibration]
    faults: tuple[Fault, ...]
    detail: Mapping[str, Detail] | None
    sensors: tuple[Mounted, ...]
    gyro: tuple[Placement, ...]
    unknown: Mapping[str, str]

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        """Every figure of the whole recording by its name; made when it is first asked for."""
        found = summarise(
            self.frames, self.episodes, self.sensors, gyro=self.gyro, reasons=self.unknown
        )
        return MappingProxyType({metric.name: metric for metric in found})

    @cached_property
    def reasons(self) -> Mapping[str, str]:
        """By the name of a column or a metric that could not be measured at all, a sentence to the wearer;
        also `calibration` where one was assumed, `slouch` where none can be told, and `bend` where a bow
        for a chair may count as one."""
        missing = {m.name: m.reason for m in self.metrics.values() if m.value is None}
        return MappingProxyType(missing | dict(self.unknown))


def analyse(
    recordings: Mapping[str, Recording],
    *,
    calibration: Calibration | Mapping[str, Calibration] | None = None,
    settings: AnalysisSettings | Mapping[str, float] | None = None,
    detail: bool = False,
) -> Analysis:
    """Analyse recordings of one wearer by placement (`upper_back`, `thigh`, ...), all in one clock.

    calibration: by placement, or one alone for the placement it was made for. settings: or values by
    name, the others at their defaults. detail: also angles at each sensor's own rate.

    Times may be Unix or from any zero, also negative. Samples up to 2 s out of order are sorted, of
    those with one time the first is kept. NaN among the values is allowed, such samples are
    left out. One sample is enough for a frame.

    Raises InputError, which says what to do: unknown placement, nothing or nothing usable to analyse,
    times that are not finite, go back further, repeat too often or are no seconds, acc_g in
    m/s^2, mg or without gravity, a calibration of another placement; ConfigError for a setting. A gyro that
    turns out not to fit the accelerometer is no error but a fault, and not used at all.
    """
    given = Given.of(recordings)
    known = by_placement(calibration, given.recordings)
    blocks = {Placement(block.sensor): block for block in given.blocks()}
    if settings is None:
        settings = AnalysisSettings()
    elif not isinstance(settings, AnalysisSettings):
        expect(settings, Mapping, "settings", "give AnalysisSettings or values by name")
        settings = AnalysisSettings.of(settings)
    bare = {place: block for place, block in blocks.items() if place not in known}
    known |= references(bare, settings)
    mounted = [Mounted(place.value, place, known.get(place)) for place in given.recordings]
    pipeline = Pipeline(WEARER, mounted, settings)
    frames, last = _run(pipeline, list(blocks.values()))
    found = pipeline.faults
    deaf = [f for f in found if f.kind.of_gyro and f.until is None]
    if deaf:  # known from the beginning, now that all of it was seen (decision 0016)
        given = given.without_gyros({fault.placement for fault in deaf})
        pipeline = Pipeline(WEARER, mounted, settings)
        frames, last = _run(pipeline, given.blocks())
        found = (*deaf, *pipeline.faults)
    faults = sorted(found, key=lambda f: (f.since, f.sensor, f.kind))
    return Analysis(
        frames=_shifted_frames(frames, given.shift_s),
        episodes=tuple(
            _shifted(episode, given.shift_s)
            for episode in sorted(last.values(), key=lambda e: (e.start, e.kind))
        ),
        calibration=MappingProxyType({place.value: one for place, one in known.items()}),
        faults=tuple(_fault_shifted(fault, given.shift_s) for fault in faults),
        detail=_details(given, known, settings) if detail else None,
        sensors=tuple(mounted),
        gyro=tuple(p for p, one in given.recordings.items() if one.gyro_dps is not None),
        unknown=MappingProxyType(reasons(frames, given.recordings, known, faults)),
    )


def _run(
    pipeline: Pipeline, blocks: Sequence[SampleBlock]
) -> tuple[FrameBlock, dict[str, Episode]]:
    """All frames, and each episode in its final form by its id."""
    _keep_at_hand()
    first = min((block.times[0] for block in blocks), default=0.0)
    span_s = max((block.times[-1] for block in blocks), default=0.0) - first
    sheet = FrameSheet(WEARER, int(min(span_s, sum(map(len, blocks)))) + 2)
    last: dict[str, Episode] = {}

    def take(out: Output) -> None:
        sheet.add(out.frames)
        last.update((episode.id, episode) for episode in out.episodes)

    for piece in slices(blocks):
        take(pipeline.push_together(piece))
    take(pipeline.finish())
    return sheet.frames(), last


def _keep_at_hand() -> None:
    """Have the C library keep the memory of one portion of samples for the next.

    glibc gives free memory back to the system from twice the largest block on that it has seen freed, and
    has then to be given it anew, page by page: a fifth of the time of an analysis. So it is shown a large
    one, which is never written to. Elsewhere this does nothing.
    """
    np.empty(_AT_HAND, dtype=np.uint8)


def _details(
    given: Given, known: Mapping[Placement, Calibration], settings: AnalysisSettings
) -> Mapping[str, Detail]:
    return MappingProxyType(
        {
            place.value: detail(one, rate_hz(one), known.get(place), settings, given.shift_s)
            for place, one in given.recordings.items()
        }
    )


def _shifted_frames(frames: FrameBlock, shift_s: int) -> FrameBlock:
    return replace(frames, times=frames.times - shift_s) if shift_s else frames


def _shifted(episode: Episode, shift_s: int) -> Episode:
    if not shift_s:
        return episode
    end = None if episode.end is None else episode.end - shift_s
    return replace(episode, start=episode.start - shift_s, end=end, id="")


def _fault_shifted(fault: Fault, shift_s: int) -> Fault:
    until = None if fault.until is None else fault.until - shift_s
    return replace(fault, since=fault.since - shift_s, until=until)
