"""`sitwell record`: raw notifications into a file."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from collector.collector import Collector
from collector.recording import Recorder
from domain.errors import InputError
from domain.people import Calibration, Sensor
from domain.samples import SampleBlock
from service.air import open_air
from service.commands.calibrate import sensor_called
from service.commands.run import all_sensors, overridden, sensor_store
from service.config import Config, load_config
from service.plan import calibrations_in_force

LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class RecordOptions:
    """What the command line said."""

    out: Path
    addresses: tuple[str, ...] = ()
    seconds: float | None = None
    redact: bool = True
    simulated: bool = False
    config: Path | None = None
    data_dir: Path | None = None


def run_record(options: RecordOptions) -> None:
    """Record until the time is over or Ctrl-C. Raises InputError, RecordingError, StoreError."""
    if options.out.exists():
        raise InputError(f"{options.out} is there already; choose another name or remove it first")
    config = overridden(load_config(options.config), data_dir=options.data_dir)
    paired, calibrations = ((), {}) if options.simulated else _paired(config)
    asyncio.run(_record(options, config, paired, calibrations))


def _paired(config: Config) -> tuple[tuple[Sensor, ...], dict[str, Calibration]]:
    with sensor_store(config) as store:
        sensors = all_sensors(config, store)
        calibrations = calibrations_in_force(store, sensors)
    if not sensors:
        raise InputError("no sensor is paired yet; `sitwell pair` pairs one")
    return sensors, calibrations


async def _record(
    options: RecordOptions,
    config: Config,
    paired: tuple[Sensor, ...],
    calibrations: Mapping[str, Calibration],
) -> None:
    async with open_air(config.bluetooth.adapters, simulated=options.simulated) as air:
        sensors = _chosen(options.addresses, paired or air.sensors)
        recorder = Recorder(
            options.out,
            sensors,
            started=time.time(),
            redact=options.redact,
            drivers=config.drivers.named,
            calibrations=calibrations,
            settings=asdict(config.analysis),
        )
        samples = 0

        def count(block: SampleBlock) -> None:
            nonlocal samples
            if collector.recording_problem is None:
                samples += len(block)

        collector = Collector(
            air.radio,
            sensors,
            clock=time.time,
            on_block=count,
            recorder=recorder,
            drivers=config.drivers.named,
        )
        print(f"Recording {', '.join(s.name for s in sensors)} into {options.out}", flush=True)
        print("Ctrl-C stops it." if options.seconds is None else f"For {options.seconds:g} s.")
        async with asyncio.TaskGroup() as group:
            task = group.create_task(collector.run(), name="collector")
            await _until_over(options.seconds, collector)
            statuses = collector.statuses()
            task.cancel()
    if collector.recording_problem is not None:
        print(f"{samples} samples are in {options.out}, then the recording ended.")
        raise collector.recording_problem
    for status in statuses:
        told = f" ({status.reason})" if status.reason else ""
        print(f"{status.sensor}: {status.received} samples, {status.lost} lost{told}")
    print(f"{samples} samples in {options.out}; `sitwell replay {options.out}` plays them.")


def _chosen(addresses: tuple[str, ...], sensors: tuple[Sensor, ...]) -> tuple[Sensor, ...]:
    chosen = dict.fromkeys(sensor_called(address, sensors) for address in addresses)
    return tuple(chosen) or sensors


async def _until_over(seconds: float | None, collector: Collector) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not stop.is_set() and collector.recording_problem is None:  # noqa: ASYNC110 - of two parts
                await asyncio.sleep(LOOK_S)
