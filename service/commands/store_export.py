"""`sitwell store export`: everything in one zip for other programs."""

import math
from dataclasses import dataclass
from pathlib import Path

from service.beside import note_command
from service.commands.moments import moment
from service.commands.progress import progress
from service.commands.run import overridden
from service.config import load_config, local_timezone
from service.exporting import export
from service.reading.parquet_table import INSTALL
from service.store_file import STORE_FILE
from storage.sqlite_reader import SqliteReader


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What the command line said. start, end: moments, in the zone of the first wearer without one."""

    file: Path
    wearers: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    config: Path | None = None
    data_dir: Path | None = None


def run_export(options: ExportOptions) -> None:
    """Write the zip, also while the service runs. Raises ConfigError, InputError, StoreError."""
    config = overridden(load_config(options.config), data_dir=options.data_dir)
    with SqliteReader.of(config.data_dir / STORE_FILE) as store:
        zones = {each.id: each.timezone for each in store.wearers()}
        zone = next((zones[each] for each in options.wearers if each in zones), local_timezone())
        start = moment("--from", options.start, zone)
        end = moment("--to", options.end, zone)
        with progress("Exporting") as told:
            done = export(
                store,
                options.file,
                wearers=options.wearers,
                start=None if start is None else math.floor(start),
                end=None if end is None else math.ceil(end),
                told=told,
            )
    what = "all there is" if start is None and end is None else "a range"
    for wearer in options.wearers or ("",):
        note_command(config, "export", what if wearer else f"{what}, of everybody", wearer=wearer)
    for name, rows in done.rows.items():
        print(f"{rows:>12,}  {name}")
    print(f"{options.file} holds these rows; README.md in it says how to read them.")
    if not done.parquet:
        print(f"Only as CSV: Parquet needs pyarrow, which is not installed: {INSTALL}")
