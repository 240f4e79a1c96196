"""One transaction a second: everything that is to be kept goes through here."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from domain.alerts import Alert
from domain.context import AnalysisContext
from domain.decisions import Decision
from domain.deliveries import Delivery
from domain.episodes import Episode
from domain.errors import StoreError, StoreUnavailableError, first_line
from domain.posture import FrameBlock
from domain.readings import LinkReading
from domain.retention import Retention
from domain.samples import SampleBlock
from service.counts import Counts
from storage.contract import Batch, Store

Result = TypeVar("Result")

_log = logging.getLogger(__name__)

COMMIT_INTERVAL_S = 1.0
#: While the store refuses, so many seconds of frames are kept in memory; then the oldest go, counted.
KEPT_FRAMES = 6 * 3600
#: And so many readings of links: of eight sensors for as long.
KEPT_READINGS = 8 * 6 * 60
#: And so many raw samples where those are kept: of two sensors of 50 Hz for an hour and a half.
KEPT_SAMPLES = 540_000
#: And so many deliveries, which are some dozens a day.
KEPT_DELIVERIES = 2000
#: And so many decisions, which are some hundreds a day at most.
KEPT_DECISIONS = 2000
WRITE_TIMEOUT_S = 60.0
DAY_S = 86_400


class StoreWriter:
    """Collects what one second brings and commits it together with the saved state.

    `states` is asked at every commit, so that the state in a transaction is the one that made its
    frames. A commit that fails keeps everything for the next one; `problem` is then its sentence.
    """

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], float],
        states: Callable[[], Mapping[str, bytes | None]],
    ) -> None:
        self._store = store
        self._now = now
        self._states = states
        self._frames: list[FrameBlock] = []
        self._episodes: dict[str, Episode] = {}
        self._alerts: dict[str, Alert] = {}
        self._readings: dict[tuple[str, int], LinkReading] = {}
        self._contexts: dict[tuple[str, int], AnalysisContext] = {}
        self._samples: tuple[SampleBlock, ...] = ()
        self._deliveries: dict[tuple[str, str], Delivery] = {}
        self._decisions: tuple[Decision, ...] = ()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
        self._lock = asyncio.Lock()
        self.problem: str | None = None
        self.counts = Counts()
        self.dropped_frames = 0
        self.dropped_samples = 0

    def add(
        self,
        frames: FrameBlock | None = None,
        episodes: tuple[Episode, ...] = (),
        alerts: tuple[Alert, ...] = (),
        readings: tuple[LinkReading, ...] = (),
        contexts: tuple[AnalysisContext, ...] = (),
        samples: tuple[SampleBlock, ...] = (),
        deliveries: tuple[Delivery, ...] = (),
        decisions: tuple[Decision, ...] = (),
    ) -> None:
        """Keep these for the next commit."""
        self.counts.see(alerts, decisions, deliveries)
        if frames is not None and len(frames):
            self._frames.append(frames)
        self._episodes.update((episode.id, episode) for episode in episodes)
        self._alerts.update((alert.id, alert) for alert in alerts)
        self._readings.update(((reading.sensor, reading.time), reading) for reading in readings)
        self._contexts.update(((context.wearer, context.since), context) for context in contexts)
        self._samples += samples
        self._deliveries.update(((each.announcement, each.channel), each) for each in deliveries)
        self._decisions += decisions

    @property
    def waiting_frames(self) -> int:
        """Seconds that are not written yet."""
        return sum(map(len, self._frames))

    async def run(self) -> None:
        """Commit once a second, for ever; a store that fails is tried again."""
        while True:
            await asyncio.sleep(COMMIT_INTERVAL_S)
            try:
                await self.commit()
            except StoreError:
                continue  # noted in `problem`, logged at its edge, everything is kept

    async def commit(self) -> None:
        """Write what is due in one transaction. Raises StoreError after keeping everything."""
        async with self._lock:
            frames, self._frames = self._frames, []
            episodes, self._episodes = self._episodes, {}
            alerts, self._alerts = self._alerts, {}
            readings, self._readings = self._readings, {}
            contexts, self._contexts = self._contexts, {}
            samples, self._samples = self._samples, ()
            deliveries, self._deliveries = self._deliveries, {}
            decisions, self._decisions = self._decisions, ()
            rest = (readings, contexts, samples, deliveries, decisions)
            if not (frames or episodes or alerts or any(rest)):
                return
            batch = Batch(
                frames=tuple(frames),
                episodes=tuple(episodes.values()),
                alerts=tuple(alerts.values()),
                states=dict(self._states()),
                readings=tuple(readings.values()),
                contexts=tuple(contexts.values()),
                samples=samples,
                deliveries=tuple(deliveries.values()),
                decisions=decisions,
            )
            try:
                await self._write(batch)
            except StoreError as error:
                self._keep(frames, episodes, alerts, readings)
                self._contexts = contexts | self._contexts
                kept = [*(deliveries | self._deliveries).items()][-KEPT_DELIVERIES:]
                self._deliveries = dict(kept)
                self._decisions = (*decisions, *self._decisions)[-KEPT_DECISIONS:]
                self._keep_samples(samples)
                if self.problem is None:
                    _log.error("the store refuses to write, all is kept in memory: %s", error)
                self.problem = first_line(error)
                raise
            if self.problem is not None:
                _log.warning("the store writes again")
                self.problem = None

    async def write(self, batch: Batch) -> None:
        """Write a batch of its own, after what is already under way. Raises StoreError."""
        async with self._lock:
            await self._write(batch)

    async def prune(self, kept: Retention, now: int) -> int:
        """Remove what is old between two commits; how many frames. Raises StoreError."""
        return await self.change(
            partial(
                self._store.prune,
                frames_before=now - kept.frames_days * DAY_S,
                readings_before=now - kept.readings_days * DAY_S,
                samples_before=now - kept.raw_days * DAY_S,
                deliveries_before=now - kept.deliveries_days * DAY_S,
                audit_before=now - kept.audit_days * DAY_S,
            )
        )

    async def change(self, work: Callable[[], Result], *, timeout_s: float | None = None) -> Result:
        """Have the writer's thread do `work` on the store, between two commits. Raises what it raises.

        Raises StoreUnavailableError when the store does not answer; it may still do the work then.
        """
        async with self._lock:
            return await self._answered(work, timeout_s)

    async def close(self) -> None:
        """Commit what is left and end the writer's thread."""
        try:
            await self.commit()
        finally:
            self._thread.shutdown(wait=True)

    async def _write(self, batch: Batch) -> None:
        # Should a write succeed after its time, writing the batch again changes nothing.
        await self._answered(partial(self._write_now, batch))

    async def _answered(self, work: Callable[[], Result], timeout_s: float | None = None) -> Result:
        patience_s = WRITE_TIMEOUT_S if timeout_s is None else timeout_s
        answer = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            async with asyncio.timeout(patience_s):
                return await asyncio.shield(answer)
        except TimeoutError as error:
            raise StoreUnavailableError(
                f"the store has not answered for {patience_s:.0f} s; is the disk healthy?"
            ) from error

    def _write_now(self, batch: Batch) -> None:
        self._store.write(batch, now=self._now())

    def _keep_samples(self, samples: tuple[SampleBlock, ...]) -> None:
        kept = [*samples, *self._samples]
        excess = sum(map(len, kept)) - KEPT_SAMPLES
        while excess > 0:
            oldest = len(kept.pop(0))
            self.dropped_samples += oldest
            excess -= oldest
        self._samples = tuple(kept)

    def _keep(
        self,
        frames: list[FrameBlock],
        episodes: dict[str, Episode],
        alerts: dict[str, Alert],
        readings: dict[tuple[str, int], LinkReading],
    ) -> None:
        self._frames = frames + self._frames
        self._episodes = episodes | self._episodes
        self._alerts = alerts | self._alerts
        self._readings = dict([*(readings | self._readings).items()][-KEPT_READINGS:])
        excess = sum(map(len, self._frames)) - KEPT_FRAMES
        while excess > 0 and self._frames:
            oldest = len(self._frames.pop(0))
            self.dropped_frames += oldest
            excess -= oldest
