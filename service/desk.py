"""One wearer at work: the pipeline that measures, the policy that decides and the watch over their
sensors, with saved state."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from alerts.policy import FRESH_S, Policy, Said
from alerts.sensors import GAP_S, SensorWatch
from alerts.settings import AlertSettings, BreakLimits
from analysis.pipeline import Mounted, Output, Pipeline
from analysis.settings import AnalysisSettings
from domain.alerts import Alert
from domain.decisions import Decision
from domain.episodes import Episode
from domain.errors import StateError
from domain.link import SensorStatus
from domain.people import Calibration, Sensor, Wearer
from domain.posture import FrameBlock, WearerStatus
from domain.samples import SampleBlock
from domain.surroundings import NOTHING_KNOWN, Surroundings

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Findings:
    """What one push brought."""

    frames: FrameBlock
    episodes: tuple[Episode, ...]
    alerts: tuple[Alert, ...]
    decisions: tuple[Decision, ...] = ()


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
        saved_watch: bytes | None = None,
    ) -> None:
        self.wearer = wearer
        self._zone = ZoneInfo(wearer.timezone)
        self._fresh_s = FRESH_S * speed
        self._gap_s = GAP_S * speed
        self._breaks = BreakLimits(analysis.partial_break_s, analysis.full_break_s)
        self.sensors = tuple(sensors)
        self.around: Surroundings = NOTHING_KNOWN
        self.alerts = alerts
        self.resumed = False
        self.pipeline = self._pipeline(saved_pipeline, analysis)
        self.policy = self._policy(saved_policy, alerts)
        self.watch = self._watch(saved_watch, alerts)

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
        last = self._decide(self.pipeline.finish(), now)
        said = self.look((), {}, now)
        return replace(
            last,
            alerts=(*last.alerts, *said.alerts),
            decisions=(*last.decisions, *said.decisions),
        )

    def know(self, wearer: Wearer) -> None:
        """The wearer is called otherwise, or lives by another time zone."""
        self.wearer = wearer
        self._zone = ZoneInfo(wearer.timezone)

    def adopt(self, settings: AlertSettings) -> None:
        """Go by these settings of alerts from now on."""
        self.alerts = settings
        self.policy.adopt(settings)
        self.watch.adopt(settings)

    def look(
        self, sensors: Sequence[Sensor], links: Mapping[str, SensorStatus], now: float
    ) -> Said:
        """What there is to say of the wearer's `sensors`; call it once a second while they are read."""
        now = self._moment(now)
        status = self.status()
        fresh = status is not None and abs(now - (status.time + 1)) <= self._fresh_s
        return self.watch.push(
            now,
            sensors,
            links,
            activity=status.activity if status is not None and fresh else None,
            local=self._local(now),
            around=replace(self.around, spoken_at=self.policy.said_at),
        )

    def open_alerts(self) -> tuple[Alert, ...]:
        """Alerts that still go on, about posture and about sensors."""
        return (*self.policy.open_alerts(), *self.watch.open_alerts())

    def acknowledge(self, alert_id: str, now: float, *, fine: bool) -> Alert:
        """Silence an open alert; `fine` closes it. Raises NotFoundError, ConflictError."""
        return self._teller(alert_id).acknowledge(alert_id, self._answered_at(now), fine=fine)

    def snooze(self, alert_id: str, until: float, now: float) -> Alert:
        """Silence an open alert until `until`. Raises NotFoundError, ConflictError, InputError."""
        moment = self._answered_at(now)
        return self._teller(alert_id).snooze(alert_id, until + moment - now, moment)

    def status(self) -> WearerStatus | None:
        """What is so as of the last frame."""
        return self.pipeline.status()

    @property
    def references(self) -> Mapping[str, Calibration]:
        """By sensor, what its angles are measured from now: given, or learnt from wearing it."""
        return self.pipeline.references

    def states(self) -> dict[str, bytes | None]:
        """What a restart needs, by store key."""
        return {
            pipeline_key(self.wearer.id): self.pipeline.save(),
            policy_key(self.wearer.id): self.policy.save(),
            watch_key(self.wearer.id): self.watch.save(),
        }

    def local_day(self, now: float) -> date:
        """The wearer's calendar day at `now`."""
        return self._local(now).date()

    def _local(self, now: float) -> datetime:
        return datetime.fromtimestamp(now, self._zone)

    def _decide(self, output: Output, now: float) -> Findings:
        now = self._moment(now)
        said = self.policy.push(
            now,
            self.status(),
            output.episodes,
            local=self._local(now),
            frames=output.frames,
            around=replace(self.around, spoken_at=self.watch.said_at),
        )
        return Findings(output.frames, output.episodes, said.alerts, said.decisions)

    def _moment(self, now: float) -> float:
        """The time in which alerts are decided: that of the data while they are fresh, so that a recording
        is decided on as it was live; and when they are further ahead than anything fresh can be: then the
        machine's clock was set back, while the sensors' went on, and nobody may go without a word for an
        hour because of that. Else the machine's."""
        status = self.status()
        if status is None or now - (status.time + 1) > self._fresh_s:
            return now
        return float(status.time + 1)

    def _answered_at(self, now: float) -> float:
        """The time of an answer: the machine's, and never before what it answers."""
        return max(now, self._moment(now))

    def _teller(self, alert_id: str) -> Policy | SensorWatch:
        of_sensors = any(alert.id == alert_id for alert in self.watch.open_alerts())
        return self.watch if of_sensors else self.policy

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

    def _watch(self, saved: bytes | None, settings: AlertSettings) -> SensorWatch:
        if saved is not None:
            try:
                return SensorWatch.load(saved, self.wearer.id, settings, gap_s=self._gap_s)
            except StateError as error:
                _log.error(
                    "the watch over the sensors of %s starts anew: %s", self.wearer.id, error
                )
        return SensorWatch(self.wearer.id, settings, gap_s=self._gap_s)


def pipeline_key(wearer: str) -> str:
    """Store key of a wearer's saved pipeline."""
    return f"pipeline/{wearer}"


def policy_key(wearer: str) -> str:
    """Store key of a wearer's saved alert policy."""
    return f"policy/{wearer}"


def watch_key(wearer: str) -> str:
    """Store key of the saved watch over a wearer's sensors."""
    return f"sensors/{wearer}"
