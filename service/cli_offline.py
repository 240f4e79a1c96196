"""The commands about what was measured before: files of others, and history anew."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli_options import ConfigOption, DataDirOption, VerboseOption, log_to_stderr

offline_app = typer.Typer()

PLACES = "upper_back, sternum, waist, lower_back, thigh, wrist, head or seat"


@offline_app.command()
def analyse(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="CSV (also .gz), Parquet, NPZ, CWA, or a file of sitwell record. Several sensors: "
            "thigh=legs.csv upper_back=back.csv. Several files of one sensor are its parts.",
        ),
    ],
    placement: Annotated[
        str | None, typer.Option("--placement", help=f"Where it was worn: {PLACES}.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="A new folder for frames, episodes, days and manifest."),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="Of what is written: csv, parquet or json.")
    ] = "csv",
    columns: Annotated[
        str,
        typer.Option(
            "--columns", help="Columns by name or number, where the names do not say: t=1,ax=X,..."
        ),
    ] = "",
    acc_unit: Annotated[
        str | None, typer.Option("--acc-unit", help="g, mg or m/s2; else seen in the numbers.")
    ] = None,
    gyro_unit: Annotated[
        str | None, typer.Option("--gyro-unit", help="deg/s or rad/s; else seen where it can be.")
    ] = None,
    time_unit: Annotated[
        str | None, typer.Option("--time-unit", help="s, ms, us or ns; else seen in the numbers.")
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate", min=0.1, max=10000, help="Rows come so many times a second, evenly."
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--start", help="When the first row was, where the file does not say: 2026-11-30T09:00."
        ),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(
            "--timezone",
            help="Cuts the days, and is that of times without one; else this machine's.",
        ),
    ] = None,
    skip_lines: Annotated[
        int, typer.Option("--skip-lines", min=0, help="Lines of a CSV before its header.")
    ] = 0,
    upright: Annotated[
        list[str] | None,
        typer.Option(
            "--upright",
            help="When the wearer was upright (a thigh: stood), in seconds or moments: 3..11, or "
            "upper_back=3..11.",
        ),
    ] = None,
    slouch: Annotated[
        list[str] | None, typer.Option("--slouch", help="When they slouched: 20..28.")
    ] = None,
    calibration: Annotated[
        Path | None,
        typer.Option("--calibration", help="Calibrations from a manifest of an earlier analysis."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of the analysis: slouch_delay_s=60; may repeat."),
    ] = None,
    wearer: Annotated[
        str | None, typer.Option("--wearer", help="Whose, in a file of sitwell record of several.")
    ] = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Measure recordings from files, of any sensor, with the code that runs live.

    Prints a table of days; with --out also writes every second, every episode and every day, and a
    manifest that says how they came about.
    """
    log_to_stderr(verbose)
    from service.commands.analyse import AnalyseOptions, run_analyse

    run_analyse(
        AnalyseOptions(
            files=tuple(files),
            placement=placement,
            out=out,
            form=form,
            columns=columns,
            acc_unit=acc_unit,
            gyro_unit=gyro_unit,
            time_unit=time_unit,
            rate_hz=rate,
            start=start,
            timezone=timezone,
            skip_lines=skip_lines,
            upright=tuple(upright or ()),
            slouch=tuple(slouch or ()),
            calibration=calibration,
            settings=tuple(settings or ()),
            wearer=wearer,
            config=config,
        )
    )


@offline_app.command()
def reanalyse(
    wearer: Annotated[
        str | None, typer.Option("--wearer", help="Only this wearer; else all with raw samples.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="From this day or moment on, as 2026-11-30T09:00.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Up to this day or moment.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count what would change.")
    ] = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Measure stored history anew from raw samples, where they were kept (storage.raw_days).

    Frames, rollups and episodes are replaced by what today's rules and your settings say, with the
    calibrations of each time; alerts and your answers stay. The service must be stopped.
    """
    log_to_stderr(verbose)
    from service.commands.reanalyse import ReanalyseOptions, run_reanalyse

    run_reanalyse(
        ReanalyseOptions(
            wearer=wearer, start=start, end=end, dry_run=dry_run, config=config, data_dir=data_dir
        )
    )
