"""The command line: what a stranger sees first. Heavy imports live inside the commands."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from domain import __version__
from domain.errors import (
    DeviceError,
    InputError,
    LinkError,
    SitwellError,
    StoreError,
)

EXIT_CODES: tuple[tuple[type[SitwellError], int], ...] = (
    (InputError, 2),
    (LinkError, 3),
    (StoreError, 4),
    (DeviceError, 5),
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
        "3 Bluetooth, 4 the store, 5 the sensor. Sitwell is not a medical device."
    ),
)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="The TOML file; without it the default place is looked at."),
]
DataDirOption = Annotated[
    Path | None, typer.Option("--data-dir", help="The folder that keeps everything.")
]
HostOption = Annotated[
    str | None, typer.Option("--host", help="Address to listen on; only this machine can reach it.")
]
PortOption = Annotated[
    int | None, typer.Option("--port", min=0, max=65535, help="Port; 0 takes any free one.")
]
SimulatedOption = Annotated[
    bool, typer.Option("--simulated", help="Use a simulated person and sensors instead.")
]
OnePoseOption = Annotated[
    bool, typer.Option("--one-pose", help="Only the upright pose; limits are then general.")
]
ReadyOption = Annotated[
    bool, typer.Option("--yes", help="Ask nothing, and do not wait for Enter before each pose.")
]
SensorArgument = Annotated[str, typer.Argument(help="A paired sensor: its address or its name.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")]


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


def _log_to_stderr(verbose: bool) -> None:
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for noisy in ("bumble", "bleak", "bleak_retry_connector", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.INFO if verbose else logging.ERROR)


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
    _log_to_stderr(verbose)
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
    _log_to_stderr(verbose)
    from service.commands.run import run_service

    run_service(config, host=host, port=port, data_dir=data_dir)


@app.command()
def scan(
    seconds: Annotated[
        float, typer.Option("--seconds", min=1, max=600, help="How long to listen.")
    ] = 8.0,
    everything: Annotated[
        bool, typer.Option("--all", help="Also list devices no driver knows.")
    ] = False,
    simulated: SimulatedOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """List the sensors in range, live: address, name, driver, signal, what they measure."""
    _log_to_stderr(verbose)
    from service.commands.scan import run_scan

    run_scan(seconds, everything=everything, simulated=simulated, config=config)


@app.command()
def pair(
    address: Annotated[
        str | None,
        typer.Argument(help="The sensor's address, as `sitwell scan` lists it; asked without."),
    ] = None,
    placement: Annotated[
        str | None,
        typer.Option(
            "--placement", help="Where you wear it: upper_back, thigh, ...; asked without."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="What you call the sensor.")] = None,
    wearer: Annotated[str, typer.Option("--wearer", help="Who wears it.")] = "me",
    key: Annotated[
        str, typer.Option("--key", help="The key of a sensor that encrypts, in hex digits.")
    ] = "",
    one_pose: OnePoseOption = False,
    uncalibrated: Annotated[
        bool, typer.Option("--no-calibration", help="Leave the poses for later.")
    ] = False,
    assume_ready: ReadyOption = False,
    simulated: SimulatedOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Pair a sensor: choose it, say where it is worn, check its signal, and hold two poses.

    The service must be stopped; while it runs, sensors are paired over its API.
    """
    _log_to_stderr(verbose)
    from service.commands.pair import PairOptions, run_pair
    from service.commands.posing import Posing

    run_pair(
        PairOptions(
            posing=Posing(one_pose, assume_ready),
            address=address,
            placement=placement,
            name=name,
            wearer=wearer,
            key_hex=key,
            calibrate=not uncalibrated,
            simulated=simulated,
            config=config,
            data_dir=data_dir,
        )
    )


@app.command()
def sensors(config: ConfigOption = None, data_dir: DataDirOption = None) -> None:
    """List the paired sensors: where each is worn, by whom, and whether it is calibrated."""
    from service.commands.sensors import run_sensors

    run_sensors(config, data_dir)


@app.command()
def unpair(
    sensor: SensorArgument, config: ConfigOption = None, data_dir: DataDirOption = None
) -> None:
    """Read a sensor no longer. What it measured is kept."""
    from service.commands.sensors import run_unpair

    run_unpair(sensor, config, data_dir)


@app.command()
def identify(
    sensor: SensorArgument,
    simulated: SimulatedOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Have a paired sensor blink or buzz, where it can: which one is it?"""
    _log_to_stderr(verbose)
    from service.commands.sensors import run_identify

    run_identify(sensor, config, data_dir, simulated=simulated)


@app.command()
def calibrate(
    sensor: SensorArgument,
    one_pose: OnePoseOption = False,
    assume_ready: ReadyOption = False,
    simulated: SimulatedOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Teach a paired sensor your upright and your slouch anew, eight seconds each.

    Refuses with the reason when you moved or the poses are too alike. The service must be stopped.
    """
    _log_to_stderr(verbose)
    from service.commands.calibrate import CalibrateOptions, run_calibrate
    from service.commands.posing import Posing

    run_calibrate(
        CalibrateOptions(
            sensor=sensor,
            posing=Posing(one_pose, assume_ready),
            simulated=simulated,
            config=config,
            data_dir=data_dir,
        )
    )


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
    _log_to_stderr(verbose)
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
    _log_to_stderr(verbose)
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
