"""What the running service shows of itself: the API's view, and the announcements of the live stream."""

from collections.abc import Callable, Mapping, Sequence

from api import models, views
from api.contract import Figure, Keeping, Seeding, ServiceHealth
from api.live import LiveHub
from collector.drivers.registry import Drivers
from domain.alerts import Alert
from domain.episodes import Episode
from domain.errors import NotFoundError
from domain.link import LinkState, SensorStatus
from domain.people import Calibration, Sensor
from domain.placement import Placement
from domain.posture import WearerStatus
from service.engine import Engine
from service.export_jobs import ExportJobs
from service.made_up import MadeUpTime
from service.replayed import ReplayedTime
from service.timebase import Timebase
from service.wishes import Wishes
from storage.erased import Erased

#: A streaming sensor's figures are told so often; a change of its state is told at once.
SENSOR_INTERVAL_S = 5.0
#: Chunks of some sensors are a second long: silence counts from here.
FLOWING_S = 2.5


class LiveView:
    """Implements api.contract.ServiceView, and publishes what changes to the hub.

    links() gives the state of every link. `seeding` and `trouble` are set by whoever causes them;
    trouble maps a stable word to a sentence for the wearer. `exports` are removed with who is erased, and
    `forgetting` is told of them.
    """

    def __init__(
        self,
        *,
        hub: LiveHub,
        timebase: Timebase,
        drivers: Drivers,
        sensors: Sequence[Sensor],
        calibrations: Mapping[str, Calibration],
        simulated: bool,
        sitting_limit_s: int,
        links: Callable[[], Mapping[str, SensorStatus]],
        keeping: Keeping,
        made_up: MadeUpTime,
        replayed: ReplayedTime,
    ) -> None:
        self._hub = hub
        self._timebase = timebase
        self._drivers = drivers
        self._sensors = {sensor.id: sensor for sensor in sensors}
        self._calibrations = calibrations
        self._simulated = simulated
        self._sitting_limit_s = sitting_limit_s
        self._links = links
        self._keeping = keeping
        self._made_up = made_up
        self._replayed = replayed
        self._told: dict[str, tuple[LinkState, float]] = {}
        self._told_health: ServiceHealth | None = None
        self._engine: Engine | None = None
        self.started_at = timebase.now()
        self.seeding: Seeding | None = None
        self.wishes: Wishes | None = None
        self.trouble: dict[str, str] = {}
        self.exports: ExportJobs | None = None
        self.more_figures: Callable[[], Sequence[Figure]] = tuple
        self.forgetting: tuple[Callable[[str], None], ...] = ()

    def worn(self, sensors: Sequence[Sensor], calibrations: Mapping[str, Calibration]) -> None:
        """These are worn from now on; everybody is told of their links anew."""
        before, self._sensors = self._sensors, {sensor.id: sensor for sensor in sensors}
        self._calibrations = dict(calibrations)
        self._made_up.worn(sensors, self.now())
        self._told.clear()
        for sensor in before.values():
            now = self._sensors.get(sensor.id)
            if now is None or now.wearer != sensor.wearer:
                gone = models.SensorGone(id=sensor.id, wearer=sensor.wearer)
                self._hub.publish("gone", gone, wearer=sensor.wearer)
        changed = set(before.values()) ^ set(self._sensors.values())
        for wearer in sorted({sensor.wearer for sensor in changed}):
            self._hub.publish("now", views.now_model(self, wearer), wearer=wearer)
        self.announce_links()

    def attach(self, engine: Engine) -> None:
        """The engine whose findings are shown."""
        self._engine = engine

    @property
    def speed(self) -> float:
        """How fast the service's clock runs against the wall's."""
        return self._timebase.speed

    @property
    def simulated(self) -> bool:
        """Whether what is on the air, or any sensor, is made up."""
        return self._simulated or any(sensor.simulated for sensor in self._sensors.values())

    def simulated_in(self, wearer: str, start: float, end: float) -> bool:
        """See api.contract.ServiceView."""
        return self._simulated or self._made_up.overlaps(wearer, start, end)

    def replayed_in(self, wearer: str, start: float, end: float) -> bool:
        """See api.contract.ServiceView."""
        return self._replayed.overlaps(wearer, start, end)

    def replayed_of(self, wearer: str) -> Sequence[tuple[int, int]]:
        """See api.contract.ServiceView."""
        return self._replayed.of_wearer(wearer)

    def now(self) -> float:
        """The present time, Unix s."""
        return self._timebase.now()

    def figures(self) -> Sequence[Figure]:
        """See api.contract.ServiceView."""
        writer = self._attached.writer
        dropped = "Seconds that memory had no room for."
        return (
            *writer.counts.figures(),
            Figure(
                "sitwell_frames_waiting", "Seconds not written yet.", {(): writer.waiting_frames}
            ),
            Figure(
                "sitwell_frames_dropped_total", dropped, {(): writer.dropped_frames}, counts=True
            ),
            *self.more_figures(),
        )

    def keeping(self) -> Keeping:
        """See api.contract.ServiceView."""
        return self._keeping

    def health(self) -> ServiceHealth:
        """How the service is."""
        problems = [*self.trouble.values()]
        if self._attached.writer.problem is not None:
            problems.append(
                f"The store refuses to write: {self._attached.writer.problem}. "
                "Everything is kept in memory until it does."
            )
        if self._attached.writer.dropped_frames:
            problems.append(
                f"{self._attached.writer.dropped_frames} s of frames are lost, because the store "
                "refused for longer than memory lasts."
            )
        if not self._sensors:
            problems.append(
                "No sensor is paired yet: the page finds, places and calibrates one, or starts a "
                "simulated one; so does the API, and `sitwell pair` while the service is stopped."
            )
        return ServiceHealth(tuple(problems), self.seeding)

    def sensor_statuses(self) -> Mapping[str, SensorStatus]:
        """The state of every link."""
        return self._links()

    def driver_title(self, driver: str) -> str:
        """The driver's name for people."""
        try:
            return self._drivers.named(driver).title
        except NotFoundError:
            return driver

    def status(self, wearer: str) -> WearerStatus | None:
        """What is so as of the last frame."""
        try:
            return self._attached.status(wearer)
        except NotFoundError:
            return None

    def stale_s(self, wearer: str) -> float | None:
        """Seconds since the last frame ended, 0 while data flow."""
        status = self.status(wearer)
        if status is None:
            return None
        age_s = self.now() - (status.time + 1)
        return 0.0 if age_s <= FLOWING_S * self.speed else round(age_s, 1)

    def placements(self, wearer: str) -> Sequence[Placement]:
        """Where the wearer's sensors are worn."""
        return [s.placement for s in self._sensors.values() if s.wearer == wearer]

    def sitting_limit_s(self, wearer: str) -> int:
        """When the wearer is told that they have sat."""
        if self.wishes is None:
            return self._sitting_limit_s
        return self.wishes.settings(wearer).sitting_limit_s

    def open_alerts(self) -> Sequence[Alert]:
        """Alerts that still go on."""
        return self._attached.open_alerts()

    async def acknowledge(self, alert_id: str, *, fine: bool) -> Alert:
        """See api.contract.ServiceView."""
        alert = await self._attached.acknowledge(alert_id, fine=fine)
        if fine and self.wishes is not None:
            await self.wishes.fine(alert)
        return alert

    async def snooze(self, alert_id: str, minutes: int) -> Alert:
        """See api.contract.ServiceView."""
        return await self._attached.snooze(alert_id, minutes)

    async def erase(self, wearer: str, start: int | None, end: int | None) -> Erased:
        """See api.contract.ServiceView."""
        if self.exports is not None:
            await self.exports.remove_all(wearer)  # what was exported tells of it too
        erased = await self._attached.erase(wearer, start, end)
        if start is None and end is None:
            self._made_up.forget(wearer)
            self._replayed.forget(wearer)
        for forget in self.forgetting:
            forget(wearer)
        return erased

    def announce(self, event: str, thing: object) -> None:
        """Publish what the engine found."""
        match thing:
            case WearerStatus():
                model = views.now_model(self, thing.wearer, thing)
                self._hub.publish("now", model, wearer=thing.wearer)
            case Episode():
                episode = views.episode_model(thing, self.now(), self)
                self._hub.publish("episode", episode, wearer=thing.wearer)
            case Alert():
                self._hub.publish("alert", views.alert_model(thing), wearer=thing.wearer)
            case _:
                raise TypeError(f"{event}: {type(thing).__name__} cannot be announced")

    def announce_links(self) -> None:
        """Publish the sensors whose state changed, and streaming ones every few seconds."""
        now = self._timebase.now()
        for sensor_id, status in self._links().items():
            sensor = self._sensors.get(sensor_id)
            told = self._told.get(sensor_id)
            if sensor is None:
                continue
            due = told is None or now - told[1] >= SENSOR_INTERVAL_S * self.speed
            if told is None or told[0] is not status.state or due:
                self._told[sensor_id] = (status.state, now)
                calibration = self._calibrations.get(sensor_id)
                model = views.sensor_model(self, sensor, calibration, status)
                self._hub.publish("sensor", model, wearer=sensor.wearer)

    def health_changed(self) -> bool:
        """Whether the health is another one than when this was last asked."""
        health = self.health()
        changed = health != self._told_health
        self._told_health = health
        return changed

    @property
    def _attached(self) -> Engine:
        if self._engine is None:
            raise RuntimeError("the view is shown before its engine was attached")
        return self._engine
