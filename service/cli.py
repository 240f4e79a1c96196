"""The command line: what a stranger sees first. Heavy imports live inside the commands."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from domain import __version__
from domain.errors import (
    DeviceError,
    InputError,
    LinkError,
    RemoteError,
    SitwellError,
    StoreError,
)
from service.cli_access import access_app
from service.cli_beside import beside_app
from service.cli_explain import explain_app
from service.cli_offline import offline_app
from service.cli_options import (
    ConfigOption,
    DataDirOption,
    HostOption,
    PortOption,
    VerboseOption,
    log_to_stderr,
)
from service.cli_sensors import sensor_app
from service.cli_store import store_app

EXIT_CODES: tuple[tuple[type[SitwellError], int], ...] = (
    (InputError, 2),
    (LinkError, 3),
    (StoreError, 4),
    (DeviceError, 5),
    (RemoteError, 6),
)

app = typer.Typer(
    name="sitwell",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",  # flows paragraphs instead of keeping this file's line breaks
    pretty_exceptions_enable=False,
    help=(
        "Sitwell watches how you sit: a small Bluetooth motion sensor on your back or thigh, read on "
        "this machine, kept on this machine. Start with: sitwell demo"
    ),
    epilog=(
        "Exit codes: 0 done, 1 something unforeseen, 2 wrong input or configuration, "
        "3 Bluetooth, 4 the store, 5 the sensor, 6 the running service. Sitwell is not a medical device."
    ),
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"sitwell {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


@app.command()
def demo(
    host: HostOption = None,
    port: PortOption = None,
    data_dir: DataDirOption = None,
    days: Annotated[
        int, typer.Option("--days", min=0, max=365, help="Days of history to make up first.")
    ] = 14,
    speed: Annotated[
        float,
        typer.Option("--speed", min=1.0, max=120.0, help="Let simulated time run faster."),
    ] = 1.0,
    seed: Annotated[int, typer.Option("--seed", help="Which simulated person.")] = 1,
    recording: Annotated[
        Path | None,
        typer.Option(
            "--recording",
            help="Wear this instead: a CSV or NPZ of a real person (t, ax, ay, az[, gx, gy, gz]).",
        ),
    ] = None,
    placement: Annotated[
        str, typer.Option("--placement", help="Where the recording was worn.")
    ] = "thigh",
    standing: Annotated[
        str | None,
        typer.Option(
            "--standing",
            help="Seconds of the recording in which the person stands upright, as 3-11 (for a "
            "trunk, or sits upright); they calibrate it.",
        ),
    ] = None,
    slouching: Annotated[
        str | None,
        typer.Option(
            "--slouching",
            help="Seconds in which the person slouches, as 20-28: the second pose of a trunk.",
        ),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in your browser.")
    ] = True,
    verbose: VerboseOption = False,
) -> None:
    """Show everything with a simulated person: two weeks of history, then live.

    The simulated sensors speak their real protocols over an in-process Bluetooth link, so what you
    see went through the same code as a sensor of your own would. Nothing is mixed with real data.
    """
    log_to_stderr(verbose)
    from service.commands.demo import DemoOptions, run_demo

    run_demo(
        DemoOptions(
            host=host or "127.0.0.1",
            port=port,
            data_dir=data_dir,
            days=days,
            speed=speed,
            seed=seed,
            recording=recording,
            placement=placement,
            standing=standing,
            slouching=slouching,
            browser=browser,
        )
    )


@app.command()
def run(
    config: ConfigOption = None,
    host: HostOption = None,
    port: PortOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Read your sensors over this machine's Bluetooth and serve the dashboard.

    Needs no configuration: sensors paired with `sitwell pair` are known. Ctrl-C stops it; what
    was going on goes on when it starts again within a minute.
    """
    log_to_stderr(verbose)
    from service.commands.run import run_service

    run_service(config, host=host, port=port, data_dir=data_dir)


app.add_typer(sensor_app)
app.add_typer(explain_app)
app.add_typer(offline_app)
app.add_typer(store_app)
app.add_typer(access_app)
app.add_typer(beside_app)


@app.command()
def record(
    out: Annotated[Path, typer.Argument(help="The file to write, for example desk.jsonl.")],
    address: Annotated[
        list[str] | None,
        typer.Option("--sensor", help="Only this sensor; may repeat. Without it all known ones."),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=1, help="Stop after so long.")
    ] = None,
    keep_addresses: Annotated[
        bool, typer.Option("--keep-addresses", help="Do not replace addresses by pseudonyms.")
    ] = False,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="Record a simulated sensor.")
    ] = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Record the raw notifications of your sensors, for replay or a bug report."""
    log_to_stderr(verbose)
    from service.commands.record import RecordOptions, run_record

    run_record(
        RecordOptions(
            out=out,
            addresses=tuple(address or ()),
            seconds=seconds,
            redact=not keep_addresses,
            simulated=simulated,
            config=config,
            data_dir=data_dir,
        )
    )


@app.command()
def replay(
    recording: Annotated[Path, typer.Argument(help="A file made by `sitwell record`.")],
    speed: Annotated[
        float,
        typer.Option("--speed", min=0.0, help="1 is real time, 10 ten times as fast, 0 at once."),
    ] = 0.0,
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="Also keep frames and episodes in this folder."),
    ] = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Play a recording through drivers and analysis, and print what comes out."""
    log_to_stderr(verbose)
    from service.commands.replay import run_replay

    run_replay(recording, speed=speed or None, data_dir=data_dir, config=config)


@app.command()
def drivers(config: ConfigOption = None) -> None:
    """List the sensors Sitwell can read, and what each measures."""
    from service.commands.drivers import run_drivers

    run_drivers(config)


@app.command("config")
def show_config(config: ConfigOption = None) -> None:
    """Print the effective configuration as TOML: what the file says, and every default."""
    from service.commands.config import run_config

    run_config(config)


def main() -> None:
    """Entry point: run a command; a foreseen error is one line and an exit code, never a traceback."""
    try:
        app(prog_name="sitwell")
    except SitwellError as error:
        raise SystemExit(_told(error)) from None
    except ExceptionGroup as group:
        foreseen, other = group.split(SitwellError)
        if foreseen is None or other is not None:
            raise
        raise SystemExit(_told(_first(foreseen))) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _told(error: SitwellError) -> int:
    print(f"sitwell: {error}", file=sys.stderr)
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)


def _first(group: ExceptionGroup[SitwellError]) -> SitwellError:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first


if __name__ == "__main__":
    main()
