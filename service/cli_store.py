"""The commands about the store itself."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli_options import ConfigOption, DataDirOption, VerboseOption, log_to_stderr

store_app = typer.Typer(
    name="store",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="What is kept: back it up, put it back, copy it, export it, erase it.",
)

YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@store_app.command()
def erase(
    wearer: Annotated[str, typer.Argument(help="The id of the wearer, as `me`.")],
    start: Annotated[
        str | None,
        typer.Option("--from", help="Only from this day or moment on: 2026-11-30T09:00."),
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Only up to this day or moment.")] = None,
    yes: YesOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Erase a wearer for good, or a range of their time: what was measured, and all made of it.

    Afterwards it is in none of the store's files; backups and exports that you made are yours to
    delete. The service must be stopped.
    """
    log_to_stderr(verbose)
    from service.commands.store_erase import EraseOptions, run_erase

    run_erase(EraseOptions(wearer, start, end, yes=yes, config=config, data_dir=data_dir))


@store_app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, for example sitwell-monday.db.")],
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Copy everything that is kept into one file. The service may run meanwhile."""
    log_to_stderr(verbose)
    from service.commands.store_backup import BackupOptions, run_backup

    run_backup(BackupOptions(file, config, data_dir))


@store_app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file made by `sitwell store backup`.")],
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Put a backup in the place of what is kept; what was there stays beside it under another name.

    The service must be stopped. The backup is looked through for damage first.
    """
    log_to_stderr(verbose)
    from service.commands.store_backup import BackupOptions, run_restore

    run_restore(BackupOptions(file, config, data_dir))


@store_app.command()
def copy(
    source: Annotated[
        str,
        typer.Option(
            "--from",
            help="What is read: a data folder, a file as sitwell.db, or influx:sitwell.toml.",
        ),
    ],
    target: Annotated[
        str, typer.Option("--to", help="What is written, made when it is not there.")
    ],
    verbose: VerboseOption = False,
) -> None:
    """Bring everything from one store into another, and compare them: counts and sums of all there is.

    Broken off, it goes on where it was when it is run again; run once more, it changes nothing. A
    service may have the first store, not the second one. `influx:` and a configuration file name the
    store of that configuration: its server for what is measured, its file for all else.
    """
    log_to_stderr(verbose)
    from service.commands.store_copy import run_copy

    run_copy(source, target)


@store_app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="ZIP", help="The zip to write, as mine.zip.")],
    wearer: Annotated[
        list[str] | None, typer.Option("--wearer", help="Only this wearer; may repeat.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="From this day or moment on: 2026-11-30T09:00.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Up to this day or moment.")] = None,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Write everything into one zip for other programs: tables as CSV and Parquet, and what they mean.

    Seconds, minutes, hours, episodes, alerts, diary, sensors and calibrations; raw samples stay. The
    service may run meanwhile. Parquet wants pyarrow: pip install "sitwell\\[research]".
    """
    log_to_stderr(verbose)
    from service.commands.store_export import ExportOptions, run_export

    run_export(
        ExportOptions(file, tuple(wearer or ()), start, end, config=config, data_dir=data_dir)
    )
