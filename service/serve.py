"""The running service: store, collector, engine, API, under one task group, and an orderly end."""

import asyncio
import contextlib
import logging
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from api import views
from api.app import create_app
from api.contract import Figure, Keeping, Labels, Seeding
from api.exposure import check_exposed
from api.leans import LeanHub
from api.live import LiveHub
from api.samples import SampleHub
from api.server import Server, listen
from collector.collector import Collector
from collector.radio import Radio
from domain.errors import ConflictError
from domain.link import SensorStatus
from domain.people import Calibration, Sensor, Wearer
from domain.samples import SampleBlock
from domain.surroundings import Surroundings
from service.airs import Airs
from service.calendar_feed import CalendarFeed
from service.channels import ChannelNeeds
from service.day_keeping import DayKeeping
from service.desktop import Desktop
from service.engine import Engine
from service.export_jobs import ExportJobs
from service.leaning import Leaning
from service.leftovers import Left
from service.linklog import link_log
from service.made_up import MadeUpTime, is_made_up
from service.pairing import Pairing
from service.people import Heed, People, wearers_in_force
from service.plan import ServicePlan
from service.pruning import Pruning
from service.replayed import ReplayedTime
from service.telling import Telling
from service.timebase import Timebase
from service.view import LiveView
from service.wishes import Wishes
from storage.contract import Batch, Store

_log = logging.getLogger(__name__)

TICK_S = 1.0
START_TIMEOUT_S = 15.0


class Service:
    """One run of the service. `serve` returns after `stop` was called; the store stays open.

    `on_ready(url)` is called once the page is there. `beside` coroutines run in the same task group;
    each gets the service. `listener` is a socket that listens already, by default one of the plan's
    host and port.
    """

    def __init__(
        self,
        plan: ServicePlan,
        *,
        store: Store,
        radio: Radio,
        timebase: Timebase,
        listener: socket.socket | None = None,
    ) -> None:
        self._plan = plan
        self._store = store
        self._timebase = timebase
        check_exposed(plan.exposure, store.tokens(), time.time())
        if listener is None:
            listener = listening(plan.exposure.host, plan.port, anywhere=True)
        self._listener = listener
        host, port = self._listener.getsockname()[:2]
        name = f"[{host}]" if ":" in host else host
        self.url = f"{plan.exposure.scheme}://{name}:{port}/"
        wearers = wearers_in_force(plan.wearers, store)
        for wearer in wearers:
            store.put_wearer(wearer)
        for sensor in plan.sensors:
            # What the file says of a sensor is so from this start on.
            fixed = sensor.id in plan.fixed
            store.put_sensor(sensor, since=timebase.now() if fixed else sensor.paired_at)
        self._hub = LiveHub(int(time.time() * 1000))
        self.view = LiveView(
            hub=self._hub,
            timebase=timebase,
            drivers=plan.drivers,
            sensors=plan.sensors,
            calibrations=plan.calibrations,
            simulated=plan.simulated,
            sitting_limit_s=plan.alerts.sitting_limit_s,
            links=self._links,
            made_up=MadeUpTime.of(store.assignments()),
            replayed=ReplayedTime.of(store.states()),
            keeping=Keeping(plan.retention, plan.encrypted, plan.data_dir),
        )
        self.engine = Engine(
            store=store,
            now=timebase.now,
            speed=timebase.speed,
            wearers=wearers,
            sensors=plan.sensors,
            calibrations=plan.calibrations,
            analysis=plan.analysis,
            alerts=plan.alerts,
            announce=self._announce,
            keep_samples=plan.retention.raw_days > 0,
        )
        self.view.attach(self.engine)
        self.people = People(
            store=store,
            writer=self.engine.writer,
            now=timebase.now,
            configured=plan.wearers,
            heed=Heed(
                left=self.engine.left,
                joined=self._joined,
                known=self._known,
                gone=self._gone,
            ),
        )
        self.engine.on_erased = self.people.stay
        self._desktop = Desktop() if plan.heeds_desktop else None
        self._calendars = {
            wearer.id: CalendarFeed(
                wearer.id, plan.calendars[wearer.id], ZoneInfo(wearer.timezone), timebase.now
            )
            for wearer in wearers
            if wearer.id in plan.calendars
        }
        self.wishes = self.view.wishes = Wishes(
            store=store,
            writer=self.engine.writer,
            now=timebase.now,
            wearers=wearers,
            base=plan.alerts,
            heed=self.engine.heed,
            outside=self._outside,
        )
        self.telling = Telling(
            plan.channels,
            ChannelNeeds(
                wearers=wearers,
                answers=self.view,
                identify=lambda sensor: self.collector.identify(sensor),
                sensors_of=self.engine.sensors_of,
                open_alerts=self.engine.open_alerts,
                language=lambda wearer: self.wishes.settings(wearer).language,
                held=self.wishes.held,
            ),
            store=store,
            writer=self.engine.writer,
            timebase=timebase,
        )
        self.view.forgetting = (self.people.forget, self.wishes.forget, self.telling.forget)
        self._radio = radio
        made_up = [] if plan.simulated else [each for each in plan.sensors if is_made_up(each.id)]
        self.collector = Airs(
            self._collector(radio, [each for each in plan.sensors if each not in made_up]),
            make=lambda other: self._collector(other, ()),
            clock=timebase.now,
            made_up=made_up,
        )
        self.pairing = Pairing(
            store=store,
            writer=self.engine.writer,
            collector=self.collector,
            now=timebase.now,
            drivers=plan.drivers,
            wearers=self.people.ids,
            sensors=plan.sensors,
            calibrations=plan.calibrations,
            on_worn=self._worn,
            speed=timebase.speed,
            simulated=plan.simulated,
            fixed=plan.fixed,
        )
        self._samples, leans = SampleHub(), LeanHub()
        self._leaning = Leaning(leans, self.engine, plan.analysis)
        self._exports = ExportJobs(store, plan.exports_folder, timebase.now)
        self.view.more_figures = self._figures
        self.view.exports = self._exports
        app = create_app(
            store=store,
            service=self.view,
            live=self._hub,
            keeper=self.pairing,
            wishes=self.wishes,
            people=self.people,
            exporter=self._exports,
            samples=self._samples,
            leans=leans,
            exposure=plan.exposure,
            channels=self.telling,
        )
        self._server = Server(app, self._hub, self._samples, leans, exposure=plan.exposure)
        self._linklog = link_log(plan.sensors, store, timebase)
        self._stop = asyncio.Event()

    def _collector(self, radio: Radio, sensors: Sequence[Sensor]) -> Collector:
        return Collector(
            radio,
            sensors,
            clock=self._timebase.now,
            on_block=self._take,
            on_status=self._on_link,
            drivers=self._plan.drivers.named,
            timings=self._plan.timings,
            not_before=lambda sensor: self.engine.judged_until(sensor.wearer),
        )

    def stop(self) -> None:
        """Ask for an orderly end; may be called more than once, and from a signal handler."""
        self._stop.set()

    async def write(self, batch: Batch) -> None:
        """Write a batch of its own through the one writer. Raises StoreError."""
        await self.engine.writer.write(batch)

    def seeding(self, progress: Seeding | None) -> None:
        """How far made-up history is; None when there is none under way."""
        self.view.seeding = progress

    async def serve(
        self,
        *,
        on_ready: Callable[[str], None] = lambda url: None,
        beside: Sequence[Callable[["Service"], Awaitable[None]]] = (),
    ) -> None:
        """Run until `stop`. What was accepted is committed before this returns."""
        with self._radio.listening(self.pairing.hear):
            await self._run_all(on_ready, beside)

    async def _run_all(
        self,
        on_ready: Callable[[str], None],
        beside: Sequence[Callable[["Service"], Awaitable[None]]],
    ) -> None:
        async with asyncio.TaskGroup() as group:
            writer = group.create_task(self.engine.writer.run(), name="writer")
            collecting = group.create_task(self.collector.run(), name="collector")
            ticking = group.create_task(self._tick(), name="tick")
            pruning = group.create_task(
                Pruning(self.engine.writer, self._timebase.now, self._plan.retention).run(),
                name="prune",
            )
            keeping = group.create_task(
                DayKeeping(self._store, self._timebase.now).run(), name="keep"
            )
            serving = group.create_task(self._server.serve(sockets=[self._listener]), name="http")
            exporting = group.create_task(self._exports.run(), name="exports")
            feeds = [
                group.create_task(feed.run(), name="calendar") for feed in self._calendars.values()
            ]
            telling = group.create_task(self.telling.run(), name="telling")
            if self._desktop is not None:
                feeds.append(group.create_task(self._desktop.run(), name="desktop"))
            guests = [group.create_task(_run(each, self), name="guest") for each in beside]
            async with asyncio.timeout(START_TIMEOUT_S):
                while not (self._server.started or serving.done()):  # noqa: ASYNC110 - uvicorn has a flag only
                    await asyncio.sleep(0.02)
            on_ready(self.url)
            stopped = group.create_task(self._stop.wait(), name="stop")
            await asyncio.wait({stopped, serving}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            for task in (*guests, *feeds, ticking, pruning, keeping, exporting, telling):
                task.cancel()
            await self.pairing.close()
            collecting.cancel()  # sensors are stopped politely, what they sent is taken
            await asyncio.wait({collecting, exporting, telling, *guests})
            self._server.should_exit = True
            await asyncio.wait({serving})
            writer.cancel()
            await asyncio.wait({writer})
            last = self._linklog.look(self._timebase.now(), self._links())
            self.engine.writer.add(readings=(*last, *self._linklog.finish()))
            await self.engine.writer.close()

    def _outside(self, wearer: str) -> Surroundings:
        feed = self._calendars.get(wearer)
        # With several wearers nobody knows whose screen it is.
        desktop = self._desktop if len(self.people.ids) == 1 else None
        return Surroundings(
            busy_until=None if feed is None else feed.busy_until(),
            do_not_disturb=None if desktop is None else desktop.do_not_disturb,
            screen_locked=None if desktop is None else desktop.screen_locked,
        )

    def _joined(self, wearer: Wearer, left: Left) -> None:
        self.engine.join(wearer, left)
        self.wishes.know(wearer)
        self.telling.know(wearer)

    def _known(self, wearer: Wearer) -> None:
        self.engine.know(wearer)
        self.wishes.know(wearer)
        self.telling.know(wearer)
        if wearer.id in self._calendars:
            self._calendars[wearer.id].zone = ZoneInfo(wearer.timezone)

    def _gone(self, wearer: str) -> None:
        self.engine.leave(wearer)
        self.wishes.leave(wearer)
        self.telling.leave(wearer)

    def _announce(self, event: str, thing: object) -> None:
        self.view.announce(event, thing)  # first of all: it is what a page waits for
        self.telling.announce(thing)

    def _figures(self) -> Sequence[Figure]:
        waiting = {"samples": self.collector.waiting, "deliveries": self.telling.waiting}
        dropped: dict[Labels, float] = {(): self.collector.dropped}
        return (
            Figure(
                "sitwell_queue_depth",
                "What waits: blocks of samples to be measured, deliveries to be made.",
                {(("queue", name),): each for name, each in waiting.items()},
            ),
            Figure(
                "sitwell_samples_dropped_total",
                "Samples too fast to measure.",
                dropped,
                counts=True,
            ),
        )

    def _links(self) -> Mapping[str, SensorStatus]:
        return {status.sensor: status for status in self.collector.statuses()}

    def _take(self, block: SampleBlock) -> None:
        self.pairing.take(block)
        self.engine.take(block)
        self._samples.publish(block)
        self._leaning.take(block)

    def _worn(self, sensors: Sequence[Sensor], calibrations: Mapping[str, Calibration]) -> None:
        self.engine.mount(sensors, calibrations)
        self.view.worn(sensors, calibrations)

    def _on_link(self, _status: SensorStatus) -> None:
        self.view.announce_links()

    async def _tick(self) -> None:
        while True:
            links = self._links()
            self.wishes.tick()
            self.engine.tick(links)
            self.view.announce_links()
            readings = self._linklog.look(self._timebase.now(), links)
            self.engine.writer.add(readings=readings)
            problem = self.collector.problem
            if problem is None:
                self.view.trouble.pop("radio", None)
            else:
                self.view.trouble["radio"] = problem
            if self.view.health_changed():
                store = await asyncio.to_thread(self._store.health)
                health = views.health_model(self.view, store, self.pairing.sensors())
                self._hub.publish("health", health)
            await asyncio.sleep(TICK_S)


def listening(host: str, port: int, *, anywhere: bool = False) -> socket.socket:
    """A listening socket; port 0 takes a free one. anywhere: see api.server.

    Raises InputError, ConflictError when it is taken.
    """
    try:
        return listen(host, port, anywhere=anywhere)
    except ConflictError as error:
        raise ConflictError(
            f"{error}. Is Sitwell running already? Stop it, or choose another port with --port "
            "(0 takes any free one)."
        ) from error


async def _run(guest: Callable[[Service], Awaitable[None]], service: Service) -> None:
    await guest(service)


def stop_on_signals(service: Service) -> None:
    """Ctrl-C and a polite kill end the service in order."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        # Windows loops have no signal handlers; there Ctrl-C arrives as KeyboardInterrupt.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, service.stop)
