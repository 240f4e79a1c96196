"""The engine: samples of every sensor in, measured and decided per wearer, kept and made known."""

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from alerts.settings import AlertSettings
from analysis.glance import LeanBy
from analysis.pipeline import Mounted
from analysis.settings import AnalysisSettings
from api.principal import acting
from domain.alerts import Alert
from domain.errors import ConflictError, NotFoundError
from domain.link import SensorStatus
from domain.people import Calibration, Sensor, Wearer
from domain.posture import WearerStatus
from domain.samples import SampleBlock
from domain.surroundings import NOTHING_KNOWN, Surroundings
from service.auditing import erasure
from service.desk import Desk, Findings, pipeline_key, policy_key, watch_key
from service.leftovers import Left, closed_alerts, closed_episodes, left_of
from service.mounting import mounted
from service.noting import ContextNotes
from service.writer import StoreWriter
from storage.contract import Store
from storage.erased import Erased

#: Seconds that wait for samples are closed as unknown after this. It is longer than the watchdog of a
#: silent link (10 s), because radio that was disturbed delivers what it held back; the page has told of
#: the silence long before.
GRACE_S = 12.0
#: The file is written anew, which takes seconds for a year.
ERASE_TIMEOUT_S = 1800.0
Announce = Callable[[str, object], None]


class Engine:
    """Everything between the collector and the API. Lives on the event loop; nothing here blocks.

    announce(event, data): called with ("now", WearerStatus), ("episode", Episode), ("alert", Alert).
    keep_samples: raw samples are stored too.
    `speed` scales what is meant in wall seconds, because simulated time may run faster.
    """

    def __init__(
        self,
        *,
        store: Store,
        now: Callable[[], float],
        speed: float,
        wearers: Sequence[Wearer],
        sensors: Sequence[Sensor],
        calibrations: Mapping[str, Calibration],
        analysis: AnalysisSettings,
        alerts: AlertSettings,
        announce: Announce,
        keep_samples: bool = False,
    ) -> None:
        self._store = store
        self._now = now
        self._grace_s = GRACE_S * speed
        self._announce = announce
        self._keep_samples = keep_samples
        self._speed = speed
        self._analysis = analysis
        self._alerts = alerts
        self._sensors = {sensor.id: sensor for sensor in sensors}
        self._people = {wearer.id: wearer for wearer in wearers}
        #: Told in the writer's thread that all there was of a wearer is erased; those who stay come back.
        self.on_erased: Callable[[str], None] = self._stay
        self._desks: dict[str, Desk] = {}
        #: State of wearers without a desk: for when they wear a sensor, None for what is to be forgotten.
        self._resting: dict[str, bytes | None] = {}
        self._heeded: dict[str, tuple[AlertSettings, Surroundings]] = {}
        for wearer in wearers:
            worn = self._worn(wearer.id, calibrations)
            saved = {key: store.state(key) for key in _state_keys(wearer.id)}
            if worn:
                self._desks[wearer.id] = self._desk(wearer.id, worn, saved)
            else:  # nothing to measure yet: the wearer is known and has no desk
                self._resting |= saved
        self.writer = StoreWriter(store, now=now, states=self._states)
        self.unplaced_blocks = 0
        #: The second after the last frame, of wearers who have one.
        self._judged_until: dict[str, int] = {}
        self._contexts = ContextNotes(analysis)
        for wearer_id in self._people:
            self._close_leftovers(wearer_id)
            latest = store.latest(wearer_id)
            if latest is not None:
                self._judged_until[wearer_id] = latest.time + 1
            since = self._next_second(wearer_id)
            self._contexts.know(store.contexts(wearer_id, since, since + 1))
            self._note_context(wearer_id, since)

    def take(self, block: SampleBlock) -> None:
        """Samples of a paired sensor; those of any other are counted and left."""
        sensor = self._sensors.get(block.sensor)
        if sensor is None:
            self.unplaced_blocks += 1
            return
        if self._keep_samples:
            self.writer.add(samples=(block,))
        desk = self._desks[sensor.wearer]
        self._publish(desk, desk.push(block, self._now()))

    def mount(self, sensors: Sequence[Sensor], calibrations: Mapping[str, Calibration]) -> None:
        """These are worn from now on. Bouts and clocks of a wearer go on over a change of sensors; who
        wears none any more is closed as cut short. Sensors of wearers that are not known are left."""
        now = self._now()
        self._sensors = {sensor.id: sensor for sensor in sensors if sensor.wearer in self._people}
        for wearer in self._people:
            worn, desk = self._worn(wearer, calibrations), self._desks.get(wearer)
            if worn == list(desk.sensors if desk else ()):
                continue
            saved = self._resting if desk is None else desk.states()
            if worn:
                if desk is not None:
                    self._judged_until[wearer] = self._next_second(wearer)
                desk = self._desks[wearer] = self._desk(wearer, worn, saved)
                self._note_context(wearer, self._next_second(wearer))
                # What the change itself ended, before anything else may change or stop.
                self._publish(desk, desk.advance(now - self._grace_s, now))
            elif desk is not None:
                self._publish(desk, desk.finish(now))
                self._judged_until[wearer] = self._next_second(wearer)
                self._resting |= {**desk.states(), pipeline_key(wearer): None}
                del self._desks[wearer]
            for key in _state_keys(wearer) if worn else ():
                self._resting.pop(key, None)

    def tick(self, links: Mapping[str, SensorStatus] | None = None) -> None:
        """Once a second: close what no sample will come for any more, and let the policy see time pass.

        links: the state of every sensor's link; None when no sensor is being read.
        """
        now = self._now()
        for wearer, desk in self._desks.items():
            self._publish(desk, desk.advance(now - self._grace_s, now))
            if links is not None:
                said = desk.look(self.sensors_of(wearer), links, now)
                self.writer.add(alerts=said.alerts, decisions=said.decisions)
                self._announce_all("alert", said.alerts)

    def heed(self, wearer: str, settings: AlertSettings, around: Surroundings) -> None:
        """What is said to the wearer goes by these from now on."""
        self._heeded[wearer] = settings, around
        desk = self._desks.get(wearer)
        if desk is not None:
            desk.around = around
            if settings != desk.alerts:
                desk.adopt(settings)

    def status(self, wearer: str) -> WearerStatus | None:
        """What is so as of the wearer's last frame, None before the first. Raises NotFoundError."""
        self._check(wearer)
        desk = self._desks.get(wearer)
        return None if desk is None else desk.status()

    def lean_by(self, wearer: str) -> LeanBy | None:
        """What gives the wearer's lean now, None where it is not known as of the last frame."""
        desk = self._desks.get(wearer)
        status = None if desk is None else desk.status()
        if desk is None or status is None or math.isnan(status.lean_deg):
            return None
        return desk.pipeline.lean_by

    def wearers(self) -> tuple[str, ...]:
        """The ids of all wearers."""
        return tuple(self._people)

    def know(self, wearer: Wearer) -> None:
        """A wearer is called otherwise, or lives by another time zone."""
        self._people[wearer.id] = wearer
        desk = self._desks.get(wearer.id)
        if desk is not None:
            desk.know(wearer)

    def left(self, wearer: str) -> Left:
        """What an earlier run left of one who is to join; reads the store. Raises StoreError."""
        return left_of(self._store, wearer, _state_keys(wearer), self._now())

    def join(self, wearer: Wearer, left: Left) -> None:
        """One more wearer, who wears nothing yet."""
        self._people[wearer.id] = wearer
        self._resting |= left.states
        if left.judged_until is not None:
            self._judged_until[wearer.id] = left.judged_until
        self.writer.add(episodes=left.episodes, alerts=left.alerts)

    def leave(self, wearer: str) -> None:
        """One wearer less, who wears nothing and of whom nothing is stored."""
        del self._people[wearer]
        for key in _state_keys(wearer):
            self._resting.pop(key, None)
        self._judged_until.pop(wearer, None)
        self._heeded.pop(wearer, None)
        self._contexts.forget(wearer)

    def judged_until(self, wearer: str) -> int | None:
        """The end of the last second of the wearer that was judged, also in an earlier run; None before
        the first. Samples of before are late."""
        desk, stored = self._desks.get(wearer), self._judged_until.get(wearer)
        status = None if desk is None else desk.status()
        known = [
            *([] if stored is None else [stored]),
            *([] if status is None else [status.time + 1]),
        ]
        return max(known, default=None)

    def sensors_of(self, wearer: str) -> tuple[Sensor, ...]:
        """The wearer's sensors. Raises NotFoundError."""
        self._check(wearer)
        return tuple(sensor for sensor in self._sensors.values() if sensor.wearer == wearer)

    def open_alerts(self) -> tuple[Alert, ...]:
        """Alerts that still go on, of every wearer."""
        return tuple(alert for desk in self._desks.values() for alert in desk.open_alerts())

    async def acknowledge(self, alert_id: str, *, fine: bool) -> Alert:
        """Silence an alert; on return it is committed.

        Raises NotFoundError, ConflictError, StoreError.
        """
        desk = await self._desk_of_alert(alert_id)
        return await self._commit(desk.acknowledge(alert_id, self._now(), fine=fine))

    async def snooze(self, alert_id: str, minutes: float) -> Alert:
        """Silence an alert for `minutes`; on return it is committed.

        Raises NotFoundError, ConflictError, StoreError.
        """
        now = self._now()
        desk = await self._desk_of_alert(alert_id)
        return await self._commit(desk.snooze(alert_id, now + 60 * minutes, now))

    async def erase(self, wearer: str, start: int | None, end: int | None) -> Erased:
        """Erase what there is of a wearer, or [start, end); on return no file holds it any more.

        Raises ConflictError while they wear a sensor, StoreError.
        """
        if any(sensor.wearer == wearer for sensor in self._sensors.values()):
            raise ConflictError(
                f"{wearer} is being measured, and what is open would be written again: unpair their "
                "sensors first, or stop Sitwell and use `sitwell store erase`"
            )
        for key in _state_keys(wearer):
            self._resting.pop(key, None)
        self._judged_until.pop(wearer, None)
        self._contexts.forget(wearer)
        await self.writer.commit()  # what is still owed of the past
        who = acting.get()  # the writer's thread does not know

        def erase() -> Erased:
            erased = self._store.erase(wearer, start, end)
            if start is None and end is None:
                self.on_erased(wearer)
            self._store.add_audit(erasure(self._now(), who, erased, start, end))
            return erased

        return await self.writer.change(erase, timeout_s=ERASE_TIMEOUT_S)

    def _stay(self, wearer: str) -> None:
        if wearer in self._people:
            self._store.put_wearer(self._people[wearer])

    def _next_second(self, wearer: str) -> int:
        """The first second of the wearer that is not judged yet, or one long before any is."""
        desk = self._desks.get(wearer)
        status = None if desk is None else desk.status()
        if status is not None:
            return status.time + 1
        return self._judged_until.get(wearer, int(self._now() - self._grace_s))

    def _note_context(self, wearer: str, since: int) -> None:
        """Keep what the seconds from `since` on are judged by, when it is something new."""
        desk = self._desks.get(wearer)
        if desk is not None:
            sensors = self.sensors_of(wearer)
            self.writer.add(contexts=self._contexts.note(wearer, since, sensors, desk.references))

    def _worn(self, wearer: str, calibrations: Mapping[str, Calibration]) -> list[Mounted]:
        return [
            mounted(sensor.id, sensor.driver, sensor.placement, calibrations.get(sensor.id))
            for sensor in self._sensors.values()
            if sensor.wearer == wearer
        ]

    def _desk(self, wearer: str, worn: list[Mounted], saved: Mapping[str, bytes | None]) -> Desk:
        alerts, around = self._heeded.get(wearer, (self._alerts, NOTHING_KNOWN))
        desk = Desk(
            self._people[wearer],
            worn,
            analysis=self._analysis,
            alerts=alerts,
            speed=self._speed,
            saved_pipeline=saved.get(pipeline_key(wearer)),
            saved_policy=saved.get(policy_key(wearer)),
            saved_watch=saved.get(watch_key(wearer)),
        )
        desk.around = around
        return desk

    def _close_leftovers(self, wearer: str) -> None:
        """Due with the first commit: what this run does not go on with is open no longer."""
        desk, now = self._desks.get(wearer), self._now()
        known = [] if desk is None else [alert.id for alert in desk.open_alerts()]
        resumed = desk is not None and desk.resumed
        self.writer.add(
            episodes=() if resumed else closed_episodes(self._store, wearer, now),
            alerts=closed_alerts(self._store, wearer, known, now),
        )

    async def _commit(self, alert: Alert) -> Alert:
        self.writer.add(alerts=(alert,))
        self._announce("alert", alert)
        await self.writer.commit()
        return alert

    def _publish(self, desk: Desk, findings: Findings) -> None:
        self.writer.add(
            findings.frames, findings.episodes, findings.alerts, decisions=findings.decisions
        )
        if len(findings.frames):
            status = desk.status()
            if status is not None:
                self._note_context(desk.wearer.id, status.time + 1)
                self._announce("now", status)
        self._announce_all("episode", findings.episodes)
        self._announce_all("alert", findings.alerts)

    def _announce_all(self, event: str, things: Iterable[object]) -> None:
        for thing in things:
            self._announce(event, thing)

    def _states(self) -> Mapping[str, bytes | None]:
        states = dict(self._resting)
        for desk in self._desks.values():
            states |= desk.states()
        return states

    def _check(self, wearer: str) -> None:
        if wearer not in self._people:
            raise NotFoundError("wearer", wearer)

    async def _desk_of_alert(self, alert_id: str) -> Desk:
        for desk in self._desks.values():
            if any(alert.id == alert_id for alert in desk.open_alerts()):
                return desk
        await asyncio.to_thread(self._store.alert, alert_id)
        raise ConflictError("this alert is closed")


def _state_keys(wearer: str) -> tuple[str, ...]:
    return pipeline_key(wearer), policy_key(wearer), watch_key(wearer)
