"""`sitwell reanalyse`: stored history anew from raw samples."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from analysis.version import ALGORITHM_VERSION
from domain.errors import NotFoundError
from service.commands.moments import minute, moment
from service.commands.progress import progress
from service.commands.replay import KIND_WORDS, duration
from service.commands.run import overridden
from service.config import Config, load_config, local_timezone
from service.reanalysis import Changes, reanalyse
from service.stores import open_alone
from storage.contract import Store


@dataclass(frozen=True, slots=True)
class ReanalyseOptions:
    """What the command line said. start, end: moments, in the wearer's time zone without one."""

    wearer: str | None = None
    start: str | None = None
    end: str | None = None
    dry_run: bool = False
    config: Path | None = None
    data_dir: Path | None = None


def run_reanalyse(options: ReanalyseOptions) -> None:
    """Measure anew and print what changed. Raises ConfigError, InputError, StoreError; while the service
    runs StoreHeldError, since one process writes the store."""
    config = overridden(load_config(options.config), data_dir=options.data_dir)
    with open_alone(config, "History is measured anew while the service is stopped") as store:
        for wearer in _wearers(store, options.wearer):
            _one(store, config, wearer, options)


def _wearers(store: Store, wanted: str | None) -> Sequence[str]:
    known = [wearer.id for wearer in store.wearers()]
    if wanted is None:
        with_samples = {each.sensor for each in store.samples_kept()}
        worn = [
            wearer
            for wearer in known
            if any(
                sensor.sensor in with_samples
                for context in store.contexts(wearer, 0, 2**40)
                for sensor in context.sensors
            )
        ]
        return worn or known[:1]
    if wanted not in known:
        raise NotFoundError("wearer", wanted)
    return [wanted]


def _one(store: Store, config: Config, wearer: str, options: ReanalyseOptions) -> None:
    zones = {each.id: each.timezone for each in store.wearers()}
    zone = zones.get(wearer) or local_timezone()
    with progress(f"Measuring {wearer} anew") as told:
        changes = reanalyse(
            store,
            wearer,
            config.analysis,
            start=moment("--from", options.start, zone),
            end=moment("--to", options.end, zone),
            dry_run=options.dry_run,
            now=time.time(),
            told=told,
        )
    _tell(changes, zone, dry_run=options.dry_run)


def _tell(changes: Changes, zone: str, *, dry_run: bool) -> None:
    console = Console(soft_wrap=not sys.stdout.isatty(), highlight=False)
    if not changes.spans:
        console.print(
            f"{changes.wearer}: nothing to do: where raw samples were kept, episodes go on beyond them."
        )
        return
    for start, end in changes.spans:
        console.print(f"{changes.wearer}: {minute(start, zone)} to {minute(end, zone)}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for head in ("BEFORE", "AFTER"):
        table.add_column(head, justify="right")
    table.add_row("seconds", *(f"{count:,}" for count in changes.frames))
    for activity, counts in changes.seconds.items():
        if any(counts):
            table.add_row(f"  {activity.word.replace('_', ' ')}", *(duration(c) for c in counts))
    for kind, counts in changes.episodes.items():
        if any(counts):
            table.add_row(KIND_WORDS[kind], *(f"{count:,}" for count in counts))
    console.print(table)
    told = f"{changes.changed_frames:,} of {max(changes.frames):,} seconds are judged otherwise"
    rules = f"by rules {ALGORITHM_VERSION}"
    if dry_run:
        console.print(f"{told} {rules}. Nothing was written: --dry-run.")
    else:
        console.print(f"{told} {rules}. Alerts and their answers are as they were.")
