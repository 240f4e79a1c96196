"""`sitwell store erase`: a wearer, or a range of their time, for good."""

import asyncio
import math
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InputError, NotFoundError, ServerError, first_line
from service.auditing import counted, erasure
from service.commands.moments import minute, moment
from service.commands.run import overridden
from service.commands.terminal import confirmed
from service.config import Config, load_config, local_timezone
from service.export_jobs import exports_folder
from service.stores import open_alone, send_owed
from storage.contract import Store
from storage.erased import Erased
from storage.sqlite import SqliteStore


@dataclass(frozen=True, slots=True)
class EraseOptions:
    """What the command line said. start, end: moments, in the wearer's time zone without one."""

    wearer: str
    start: str | None = None
    end: str | None = None
    yes: bool = False
    config: Path | None = None
    data_dir: Path | None = None


def run_erase(options: EraseOptions) -> None:
    """Show what there is, ask, erase. Raises ConfigError, InputError, StoreError; while the service runs
    StoreHeldError, since it would write what it holds again."""
    config = overridden(load_config(options.config), data_dir=options.data_dir)
    with open_alone(
        config,
        "Or leave it running, unpair the wearer's sensors and erase over its API: "
        "DELETE /api/v1/wearers/ID/data",
    ) as store:
        zones = {each.id: each.timezone for each in store.wearers()}
        zone = zones.get(options.wearer) or local_timezone()
        start, end = _range(options, zone)
        what = _told(store, options.wearer, start, end, zone)
        print(what)
        if not options.yes and not asyncio.run(
            confirmed("This cannot be undone. Erase it?", default=False)
        ):
            print("Nothing was erased.")
            return
        print("Erasing, and writing the file anew ...", flush=True)
        # What the service was asked to export and was killed before it could remove.
        shutil.rmtree(exports_folder(config.data_dir), ignore_errors=True)
        erased = store.erase(options.wearer, start, end)
        store.add_audit(erasure(time.time(), "command line", erased, start, end))
        _tell(erased)
        if config.storage.metrics == "influx":
            print(_at_the_server(config, store, whole=start is None and end is None))


def _range(options: EraseOptions, zone: str) -> tuple[int | None, int | None]:
    start = moment("--from", options.start, zone)
    end = moment("--to", options.end, zone)
    if start is not None and end is not None and end <= start:
        raise InputError("the range is empty: --to is not after --from")
    return (
        None if start is None else math.floor(start),
        None if end is None else math.ceil(end),
    )


def _told(store: Store, wearer: str, start: int | None, end: int | None, zone: str) -> str:
    """A sentence on what would go. Raises NotFoundError when nothing is known of the wearer."""
    first, last = 0 if start is None else start, 2**40 if end is None else end
    hours = store.series(wearer, first, min(last, 2**33), 3600)
    sensors = [sensor.name for sensor in store.sensors() if sensor.wearer == wearer]
    known = any(each.id == wearer for each in store.wearers())
    if not (known or len(hours.times) or sensors or store.latest(wearer)):
        raise NotFoundError("wearer", wearer)
    parts = [f"{hours.seconds.sum() / 3600:,.1f} hours measured"]
    if len(hours.times):
        begin = max(int(hours.times[0]), first)
        until = min(int(hours.times[-1]) + 3600, last)
        parts[0] += f" between {minute(begin, zone)} and {minute(until, zone)}"
    episodes = store.episodes(wearer, first, last)
    alerts = store.alerts(wearer, start=first, end=last, limit=2**40)
    parts += [f"{len(episodes):,} episodes", f"{len(alerts):,} alerts"]
    if start is None and end is None:
        who = f"all of {wearer}, and {wearer} as a wearer"
        parts += [f"the sensors {', '.join(sensors)}"] if sensors else []
    else:
        who = f"what {wearer} did in this time"
    return f"To be erased is {who}: {'; '.join(parts)}; and the raw samples, readings and calibrations of it."


def _at_the_server(config: Config, store: SqliteStore, *, whole: bool) -> str:
    """A wearer is gone there before they are here; the removal of a range is owed, and goes now."""
    url = config.storage.influx.url
    if not whole:
        refused = _dead_letters(store)
        try:
            send_owed(config, store)
        except ServerError as error:
            return (
                f"The server {url} still has it: {first_line(error)}. What is to be removed there is noted, "
                "and goes as soon as the service runs and reaches it."
            )
        if _dead_letters(store) > refused:
            return f"The server {url} refused to remove it, or part of it; remove it there by hand."
    return f"The server {url} has it no more."


def _dead_letters(store: SqliteStore) -> int:
    forwarding = store.health().forwarding
    return 0 if forwarding is None else forwarding.dead_letters


def _tell(erased: Erased) -> None:
    print(f"Erased: {counted(erased)}.")
    print(
        "The store's files hold no trace of it. Backups and exports you made are yours to delete."
    )
