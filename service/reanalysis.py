"""Stored history anew: frames, rollups and episodes from the raw samples, by today's rules.

What is replaced are spans for which raw samples were kept, and no stored episode lies across their
edges: it would be cut, or told twice. So what still goes on is left to the service.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace

from analysis.pipeline import Mounted, Output, Pipeline
from analysis.settings import AnalysisSettings
from analysis.version import ALGORITHM_VERSION
from domain.context import AnalysisContext, SensorInForce
from domain.episodes import Episode, EpisodeKind
from domain.errors import InputError
from domain.people import Calibration
from domain.posture import Activity, FrameBlock
from domain.samples import SampleBlock
from service.mounting import mounted
from storage.contract import Batch, SamplesKept, Store

#: Samples of so many seconds are worked on together.
WINDOW_S = 3600
#: A hole this long in the raw samples may hold frames that cannot be made anew. It is above the longest
#: for which the analysis goes on (bridge_s, 60 s) and below what anybody turns keeping off for [J].
HOLE_S = 120.0
#: The rules may look back so far: not worn is found after an hour and a half at most (not_worn_s).
LOOK_BACK_S = 2 * 3600
#: So long before the asked range the rules begin, to know the wearer by then [J].
WARM_UP_S = 24 * 3600
#: Seconds that are replaced in one transaction, at the least, where there are more.
PART_S = 6 * 3600

Told = Callable[[float, float], None]


@dataclass(slots=True)
class Changes:
    """What a re-analysis of one wearer did, or would do. spans: what was replaced, Unix s."""

    wearer: str
    spans: list[tuple[int, int]] = field(default_factory=list)
    frames: tuple[int, int] = (0, 0)
    seconds: dict[Activity, tuple[int, int]] = field(default_factory=dict)
    episodes: dict[EpisodeKind, tuple[int, int]] = field(default_factory=dict)
    changed_frames: int = 0

    def count(self, before: FrameBlock, after: FrameBlock) -> None:
        """Frames of one span as they were and as they are."""
        self.frames = self.frames[0] + len(before), self.frames[1] + len(after)
        for activity in Activity:
            was, now = self.seconds.get(activity, (0, 0))
            was += int((before.activity == activity).sum())
            now += int((after.activity == activity).sum())
            self.seconds[activity] = was, now
        earlier = dict(zip(before.times.tolist(), before.activity.tolist(), strict=True))
        later = dict(zip(after.times.tolist(), after.activity.tolist(), strict=True))
        seconds = earlier.keys() | later.keys()
        self.changed_frames += sum(earlier.get(s, -1) != later.get(s, -1) for s in seconds)

    def count_episodes(self, before: Sequence[Episode], after: Sequence[Episode]) -> None:
        """Episodes that began in one span."""
        was, now = (Counter(each.kind for each in found) for found in (before, after))
        for kind in EpisodeKind:
            old, new = self.episodes.get(kind, (0, 0))
            self.episodes[kind] = old + was[kind], new + now[kind]


def reanalyse(
    store: Store,
    wearer: str,
    settings: AnalysisSettings,
    *,
    start: float | None = None,
    end: float | None = None,
    dry_run: bool = False,
    now: float = 0.0,
    told: Told = lambda done, of: None,
) -> Changes:
    """Make the wearer's history of [start, end) anew from raw samples, each part in one transaction.

    Everything where None. The calibrations are those in force at each time. Again it changes nothing;
    broken off, whole parts are done and the next run does the rest. dry_run: only count. told: is told
    seconds done and in all.

    Raises InputError when no raw samples are there to do it from, StoreError.
    """
    contexts = store.contexts(wearer, 0, 2**40)
    kept = _kept(store, contexts)
    if not kept:
        raise InputError(
            f"no raw samples of {wearer!r} were kept, and without them nothing can be measured anew. "
            "Set storage.raw_days to keep them from now on"
        )
    first = min(each.start for each in kept)
    last = max(each.end for each in kept)
    changes = Changes(wearer)
    wanted = (first if start is None else start, math.inf if end is None else end)
    for stretch in _stretches(store, kept, first, last):
        span = _span(store, wearer, stretch, wanted)
        if span is not None:
            changes.spans.append(span)
    if not changes.spans:
        return changes
    begin = max(first, changes.spans[0][0] - WARM_UP_S)
    ends = changes.spans[-1][1] + LOOK_BACK_S
    run = _Run(store, wearer, settings, contexts, changes, dry_run=dry_run, now=now)
    for until in run.windows(begin, min(last, ends)):
        told(until - begin, min(last, ends) - begin)
    return changes


class _Run:
    """One pass over a wearer's samples; what is settled is written on the way."""

    def __init__(
        self,
        store: Store,
        wearer: str,
        settings: AnalysisSettings,
        contexts: Sequence[AnalysisContext],
        changes: Changes,
        *,
        dry_run: bool,
        now: float,
    ) -> None:
        self._store, self._wearer, self._settings = store, wearer, settings
        self._contexts, self._changes = contexts, changes
        self._dry_run, self._now = dry_run, now
        self._calibrations: dict[str, list[Calibration]] = {}
        self._frames: list[FrameBlock] = []
        self._episodes: dict[str, Episode] = {}
        self._pipeline: Pipeline | None = None
        self._worn: list[Mounted] = []
        self._left = list(changes.spans)

    def windows(self, start: float, end: float) -> Iterator[float]:
        """Go through [start, end]; yields the time that each window reached."""
        at = start
        for n, context in enumerate(self._contexts):
            later = [c.since for c in self._contexts[n + 1 : n + 2]]
            until = min(end + 1, *later) if later else end + 1
            if until <= at:
                continue
            self._mount(context, at)
            while at < until:
                stop = min(at + WINDOW_S, until)
                self._push(context, at, stop)
                at = stop
                self._settle(at - LOOK_BACK_S)
                yield min(at, end)
        if self._pipeline is not None:
            self._take(self._pipeline.finish())
        self._settle(math.inf)

    def _mount(self, context: AnalysisContext, at: float) -> None:
        worn = [self._mounted(sensor) for sensor in context.sensors]
        if worn == self._worn:
            return  # something else changed: the settings, or what the rules learnt by themselves
        self._worn = worn
        if self._pipeline is None:
            self._pipeline = Pipeline(self._wearer, worn, self._settings)
            return
        self._take(self._pipeline.advance(at))
        saved = self._pipeline.save()
        self._pipeline = Pipeline.load(saved, self._wearer, worn, self._settings)

    def _mounted(self, sensor: SensorInForce) -> Mounted:
        return mounted(sensor.sensor, sensor.driver, sensor.placement, self._calibration(sensor))

    def _calibration(self, sensor: SensorInForce) -> Calibration | None:
        if sensor.reference is None:
            return None
        if sensor.sensor not in self._calibrations:
            self._calibrations[sensor.sensor] = self._store.calibrations(sensor.sensor)
        made_at = sensor.reference.made_at
        history = self._calibrations[sensor.sensor]
        return next((each for each in history if each.made_at == made_at), None)

    def _push(self, context: AnalysisContext, start: float, end: float) -> None:
        blocks: list[SampleBlock] = []
        for sensor in context.sensors:
            blocks += self._store.samples(sensor.sensor, start, end)
        if blocks and self._pipeline is not None:
            self._take(self._pipeline.push_together(blocks))

    def _take(self, output: Output) -> None:
        if len(output.frames):
            self._frames.append(output.frames)
        self._episodes |= {episode.id: episode for episode in output.episodes}

    def _settle(self, before: float) -> None:
        """Replace what can no longer change: nothing before `before` does, and no episode is open there."""
        opened = [float(e.start) for e in self._episodes.values() if e.open]
        edge = min([before, *opened])
        while self._left and self._left[0][0] < edge:
            start, end = self._left[0]
            done = end if end <= edge else math.floor(edge)
            if done <= start or (done < end and done - start < PART_S):
                break
            self._replace(start, done)
            self._left[0] = (done, end)
            if done == end:
                del self._left[0]
        self._forget(self._left[0][0] if self._left else math.inf)

    def _replace(self, start: int, end: int) -> None:
        joined = FrameBlock.join(self._wearer, self._frames)
        frames = joined.select((joined.times >= start) & (joined.times < end))
        found = [e for e in self._episodes.values() if start <= e.start < end]
        before = self._store.frames(self._wearer, start, end)
        known = [e for e in self._store.episodes(self._wearer, start, end) if e.start >= start]
        self._changes.count(before, frames)
        self._changes.count_episodes(known, found)
        if not self._dry_run:
            batch = Batch(
                frames=(frames,), episodes=tuple(found), contexts=tuple(self._anew(start, end))
            )
            self._store.replace(self._wearer, start, end, batch, now=self._now)

    def _anew(self, start: int, end: int) -> Iterator[AnalysisContext]:
        """What the frames of the span now go by, and, from its end on, what the others still do."""
        held = self._store.contexts(self._wearer, start, end + 1)
        for context in held:
            if context.since >= end:
                continue
            yield replace(
                context,
                since=max(context.since, start),
                algorithm_version=ALGORITHM_VERSION,
                settings=asdict(self._settings),
            )
        if held and held[-1].since < end:
            yield replace(held[-1], since=end)

    def _forget(self, before: float) -> None:
        self._frames = [block for block in self._frames if block.times[-1] >= before]
        self._episodes = {
            key: e for key, e in self._episodes.items() if e.open or e.start >= before
        }


def _kept(store: Store, contexts: Sequence[AnalysisContext]) -> list[SamplesKept]:
    worn = {sensor.sensor for context in contexts for sensor in context.sensors}
    return [each for each in store.samples_kept() if each.sensor in worn]


def _stretches(
    store: Store, kept: Sequence[SamplesKept], first: float, last: float
) -> list[tuple[float, float]]:
    """From and to of what the raw samples cover without a long hole."""
    spans = sorted(s for each in kept for s in store.sample_spans(each.sensor, first, last + 1))
    out: list[tuple[float, float]] = []
    for begin, end in spans:
        if out and begin - out[-1][1] <= HOLE_S:
            out[-1] = out[-1][0], max(out[-1][1], end)
        else:
            out.append((begin, end))
    return out


def _span(
    store: Store, wearer: str, stretch: tuple[float, float], wanted: tuple[float, float]
) -> tuple[int, int] | None:
    """The seconds of the stretch that are wanted and across whose edges no stored episode lies."""
    start = math.floor(max(stretch[0], wanted[0]))
    end = math.floor(min(stretch[1] + 1, wanted[1]))
    while start < end:
        there = store.episodes(wearer, start, end)
        over = [e for e in there if e.start < start]
        beyond = [e.start for e in there if e.end is None or e.end > end]
        if not over and not beyond:
            return start, end
        if any(e.end is None for e in over):
            return None
        start = max([start, *(e.end for e in over if e.end is not None)])
        end = min([end, *beyond])
    return None
