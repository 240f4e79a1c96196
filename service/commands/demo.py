"""`sitwell demo`: a simulated person, two weeks of history, then live."""

import asyncio
import json
import time
import webbrowser
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from analysis.settings import AnalysisSettings
from collector.session import Timings
from domain.errors import ConfigError
from service.air import simulated_radio
from service.config import APP, DEFAULT_PORT, check_loopback, local_timezone
from service.export_jobs import exports_folder
from service.history import History
from service.person import DEMO_ALERTS, DemoPerson, scripted_person
from service.plan import ServicePlan
from service.recorded import person_from_file
from service.seed import seed_stretch
from service.serve import Service, listening, stop_on_signals
from service.simulation import Simulation
from service.store_file import open_store
from service.timebase import Timebase
from service.whereabouts import told
from storage.contract import Batch, Store
from storage.encryption import store_key

ANCHOR_KEY = "demo"
#: After a longer pause the person's day is made up anew instead of being gone on with.
RESUME_WITHIN_S = 3600


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the command line said."""

    host: str = "127.0.0.1"
    port: int | None = None
    data_dir: Path | None = None
    days: int = 14
    speed: float = 1.0
    seed: int = 1
    recording: Path | None = None
    placement: str = "thigh"
    standing: str | None = None
    slouching: str | None = None
    browser: bool = True


def run_demo(options: DemoOptions) -> None:
    """Serve until Ctrl-C. Raises InputError and StoreError before anything is started."""
    try:
        check_loopback(options.host)
    except ValueError as error:
        raise ConfigError("--host", str(error)) from error
    asyncio.run(_demo(options))


def demo_data_dir(options: DemoOptions) -> Path:
    """Where the demo keeps its data: never where real data are kept."""
    if options.data_dir is not None:
        return options.data_dir
    name = "demo" if options.recording is None else "demo-recording"
    return Path(platformdirs.user_data_dir(APP, appauthor=False)) / name


async def _demo(options: DemoOptions) -> None:
    store = open_store(demo_data_dir(options))
    try:
        # First of all, so that a port that is taken is told before a past is made up.
        listener = listening(options.host, DEFAULT_PORT if options.port is None else options.port)
        person, now = _person(options, store)
        timebase = Timebase(speed=options.speed, start=now)
        plan = ServicePlan(
            wearers=(person.wearer,),
            sensors=person.sensors,
            calibrations=person.calibrations,
            simulated=True,
            # Jitter of the wall is as much more in time that runs faster.
            analysis=AnalysisSettings(lag_s=min(10.0, 2.0 * options.speed)),
            alerts=DEMO_ALERTS,
            exports_dir=exports_folder(demo_data_dir(options)),
            data_dir=demo_data_dir(options),
            encrypted=store_key() is not None,
            # Waiting is meant in simulated seconds where it is about samples.
            timings=Timings(silent_after_s=max(2.0, 10.0 / options.speed)),
        )
        simulation = Simulation(person.worn, clock=timebase.now, speed=options.speed)
        radio = simulated_radio(simulation, timebase.now)
        service = Service(plan, store=store, radio=radio, timebase=timebase, listener=listener)
        stop_on_signals(service)
        days = 0 if options.recording is not None else options.days
        history = History(person, seed=options.seed, days=days, store=store)
        with told(demo_data_dir(options), service.url):
            async with simulation:
                await service.serve(
                    on_ready=lambda url: _greet(url, options),
                    beside=[history.make_up, person.announce_end],
                )
        again = "goes on from here" if options.recording is None else "plays it from the beginning"
        print(f"Stopped. The next `sitwell demo` {again}.")
    finally:
        store.close()


def _person(options: DemoOptions, store: Store) -> tuple[DemoPerson, float]:
    """Who is shown, and the time at which the service's clock starts."""
    timezone = local_timezone()
    wall = int(time.time())
    latest = store.latest("me")
    now = wall if latest is None else max(wall, latest.time + 2)
    if options.recording is not None:
        recorded = person_from_file(
            options.recording,
            options.placement,
            standing=options.standing,
            slouching=options.slouching,
            anchor=now,
            speed=options.speed,
            timezone=timezone,
        )
        _keep_calibrations(store, recorded)
        return recorded, float(now)
    anchor = _anchor(store, options.seed)
    if anchor is not None and latest is not None and now - latest.time <= RESUME_WITHIN_S:
        return scripted_person(options.seed, anchor, timezone), float(now)
    print("Making up today so far ...", flush=True)
    person = scripted_person(options.seed, now, timezone)
    begin, end = person.lead or (now, now)
    if latest is not None:
        begin = max(begin, latest.time + 1)
    made = seed_stretch(person.seed_plan(options.seed), person.body, begin, end, ends=False)
    store.put_wearer(person.wearer)
    _keep_calibrations(store, person)
    anchored = {"seed": options.seed, "anchor": now}
    store.write(
        Batch(
            frames=(made.frames,),
            episodes=made.episodes,
            alerts=made.alerts,
            states={**made.states, ANCHOR_KEY: json.dumps(anchored).encode()},
            contexts=made.contexts,
        ),
        now=float(now),
    )
    return person, float(now)


def _keep_calibrations(store: Store, person: DemoPerson) -> None:
    for calibration in person.calibrations.values():
        store.add_calibration(calibration)


def _anchor(store: Store, seed: int) -> int | None:
    saved = store.state(ANCHOR_KEY)
    if saved is None:
        return None
    fields = json.loads(saved)
    return int(fields["anchor"]) if fields["seed"] == seed else None


def _greet(url: str, options: DemoOptions) -> None:
    print(f"Sitwell is at {url}")
    who = "A recorded person" if options.recording is not None else "A simulated person"
    pace = "" if options.speed == 1.0 else f", {options.speed:g} times as fast as real time"
    print(f"{who} wears simulated sensors{pace}. Ctrl-C stops it.", flush=True)
    if options.browser:
        webbrowser.open(url)
