"""The commands around sensors: scan, pair, sensors, identify, unpair, calibrate."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli_options import (
    ConfigOption,
    DataDirOption,
    OnePoseOption,
    ReadyOption,
    SensorArgument,
    SimulatedOption,
    VerboseOption,
    log_to_stderr,
)

sensor_app = typer.Typer()


@sensor_app.command()
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
    log_to_stderr(verbose)
    from service.commands.scan import run_scan

    run_scan(seconds, everything=everything, simulated=simulated, config_path=config)


@sensor_app.command()
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
    wearer: Annotated[
        str | None, typer.Option("--wearer", help="Who wears it, of several wearers.")
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(
            "--key-file",
            help="A file with the key of a sensor that encrypts, in hex digits; - asks for it.",
        ),
    ] = None,
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
    log_to_stderr(verbose)
    from service.commands.pair import PairOptions, run_pair
    from service.commands.posing import Posing
    from service.commands.secret import sensor_key

    run_pair(
        PairOptions(
            posing=Posing(one_pose, assume_ready),
            address=address,
            placement=placement,
            name=name,
            wearer=wearer or "",
            key_hex=sensor_key(key_file),
            calibrate=not uncalibrated,
            simulated=simulated,
            config=config,
            data_dir=data_dir,
        )
    )


@sensor_app.command()
def sensors(config: ConfigOption = None, data_dir: DataDirOption = None) -> None:
    """List the paired sensors: where each is worn, by whom, and whether it is calibrated."""
    from service.commands.sensors import run_sensors

    run_sensors(config, data_dir)


@sensor_app.command()
def unpair(
    sensor: SensorArgument, config: ConfigOption = None, data_dir: DataDirOption = None
) -> None:
    """Read a sensor no longer. What it measured is kept."""
    from service.commands.sensors import run_unpair

    run_unpair(sensor, config, data_dir)


@sensor_app.command()
def identify(
    sensor: SensorArgument,
    simulated: SimulatedOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Have a paired sensor blink or buzz, where it can: which one is it?"""
    log_to_stderr(verbose)
    from service.commands.sensors import run_identify

    run_identify(sensor, config, data_dir, simulated=simulated)


@sensor_app.command()
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
    log_to_stderr(verbose)
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
