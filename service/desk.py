"""One wearer at work: the pipeline that measures and the policy that decides, with saved state."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from alerts.policy import FRESH_S, Policy
from alerts.settings import AlertSettings, BreakLimits
from analysis.pipeline import Mounted, Output, Pipeline
from analysis.settings import AnalysisSettings
from domain.alerts import Alert
from domain.episodes import Episode
from domain.errors import StateError
from domain.people import Wearer
from domain.posture import FrameBlock, WearerStatus
from domain.samples import SampleBlock

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Findings:
    """What one push brought."""

    frames: FrameBlock
    episodes: tuple[Episode, ...]
    alerts: tuple[Alert, ...]


class Desk:
    """Samples in, frames, episodes and alerts out; time is an argument.

    `saved` is what `states` gave before: with it the desk goes on in the middle of a sit. State that
    cannot be read is logged and left; the desk then starts anew rather than not at all. `resumed` says
    whether the measuring goes on from saved state. `speed` scales what the policy takes for fresh,
    because simulated time may run faster than the wall.
    """

    def __init__(
        self,
        wearer: Wearer,
        sensors: Sequence[Mounted],
        *,
        analysis: AnalysisSettings,
        alerts: AlertSettings,
        speed: float = 1.0,
        saved_pipeline: bytes | None = None,
        saved_policy: bytes | None = None,
    ) -> None:
        self.wearer = wearer
        self._zone = ZoneInfo(wearer.timezone)
        self._fresh_s = FRESH_S * speed
        self._breaks = BreakLimits(analysis.partial_break_s, analysis.full_break_s)
        self.sensors = tuple(sensors)
        self.resumed = False
        self.pipeline = self._pipeline(saved_pipeline, analysis)
        self.policy = self._policy(saved_policy, alerts)

    def push(self, block: SampleBlock, now: float) -> Findings:
        """Take samples of one of the wearer's sensors."""
        return self.push_together([block], now)

    def push_together(self, blocks: Sequence[SampleBlock], now: float) -> Findings:
        """Take blocks of several sensors that cover the same time: none is late for the others' sake."""
        output = self.pipeline.push_together(blocks)
        if not len(output.frames) and not output.episodes:
            return Findings(output.frames, (), ())
        return self._decide(output, now)

    def advance(self, until: float, now: float) -> Findings:
        """No sample before `until` will come any more; what was waiting for one is closed."""
        return self._decide(self.pipeline.advance(until), now)

    def finish(self, now: float) -> Findings:
        """The data end here: what is open is closed as cut short."""
        return self._decide(self.pipeline.finish(), now)

    def status(self) -> WearerStatus | None:
        """What is so as of the last frame."""
        return self.pipeline.status()

    def states(self) -> dict[str, bytes | None]:
        """What a restart needs, by store key."""
        return {
            pipeline_key(self.wearer.id): self.pipeline.save(),
            policy_key(self.wearer.id): self.policy.save(),
        }

    def local_day(self, now: float) -> date:
        """The wearer's calendar day at `now`."""
        return datetime.fromtimestamp(now, self._zone).date()

    def _decide(self, output: Output, now: float) -> Findings:
        day = self.local_day(now)
        alerts = self.policy.push(now, self.status(), output.episodes, day=day)
        return Findings(output.frames, output.episodes, alerts)

    def _pipeline(self, saved: bytes | None, settings: AnalysisSettings) -> Pipeline:
        if saved is not None:
            try:
                pipeline = Pipeline.load(saved, self.wearer.id, self.sensors, settings)
            except StateError as error:
                _log.error(
                    "%s starts anew, its saved state cannot be used: %s", self.wearer.id, error
                )
            else:
                self.resumed = True
                return pipeline
        return Pipeline(self.wearer.id, self.sensors, settings)

    def _policy(self, saved: bytes | None, settings: AlertSettings) -> Policy:
        if saved is not None:
            try:
                return Policy.load(
                    saved, self.wearer.id, settings, breaks=self._breaks, fresh_s=self._fresh_s
                )
            except StateError as error:
                _log.error("alerts of %s start anew: %s", self.wearer.id, error)
        return Policy(self.wearer.id, settings, breaks=self._breaks, fresh_s=self._fresh_s)


def pipeline_key(wearer: str) -> str:
    """Store key of a wearer's saved pipeline."""
    return f"pipeline/{wearer}"


def policy_key(wearer: str) -> str:
    """Store key of a wearer's saved alert policy."""
    return f"policy/{wearer}"
