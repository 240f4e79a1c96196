"""`sitwell calibrate`: pair a sensor and learn the wearer's upright and slouch."""

import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from analysis.calibration import calibrate
from collector.discovery import Discovery, FoundDevice
from collector.radio import Radio
from domain.errors import InputError, NotFoundError, PeerNotFoundError
from domain.people import Calibration, Sensor
from domain.placement import KNOWLEDGE, Placement
from domain.samples import Recording
from service.air import Air, open_air
from service.capture import Capture, capturing
from service.commands.run import overridden
from service.config import Config, load_config
from service.serve import open_store
from simulators.body import Pose

SCAN_S = 8.0
LOOK_S = 0.25
POSE_S = 8.0
READY_S = 3


@dataclass(frozen=True, slots=True)
class CalibrateOptions:
    """What the command line said."""

    address: str
    placement: str
    name: str | None = None
    wearer: str = "me"
    one_pose: bool = False
    assume_ready: bool = False
    simulated: bool = False
    config: Path | None = None
    data_dir: Path | None = None


def run_calibrate(options: CalibrateOptions) -> None:
    """Pair and calibrate. Raises InputError (CalibrationRefused included), LinkError, StoreError."""
    config = overridden(load_config(options.config), data_dir=options.data_dir)
    placement = _placement(options.placement)
    if options.wearer not in {wearer.id for wearer in config.wearers}:
        raise NotFoundError("wearer", options.wearer)
    asyncio.run(_calibrate(options, config, placement))


def _placement(word: str) -> Placement:
    try:
        return Placement(word)
    except ValueError:
        raise InputError(f"no placement {word!r}; there are {', '.join(Placement)}") from None


async def _calibrate(options: CalibrateOptions, config: Config, placement: Placement) -> None:
    # A trial without a folder of its own leaves no trace among real sensors.
    trial = options.simulated and options.data_dir is None
    store = None if trial else open_store(config.data_dir)
    try:
        async with open_air(simulated=options.simulated, posing=True) as air:
            sensor = await _found(options, air.radio, placement)
            calibration = await _posed(options, air, sensor)
        if store is not None:
            for wearer in config.wearers:
                store.put_wearer(wearer)
            store.put_sensor(sensor)
            store.add_calibration(calibration)
    finally:
        if store is not None:
            store.close()
    _tell(sensor, calibration)


async def _found(options: CalibrateOptions, radio: Radio, placement: Placement) -> Sensor:
    print(f"Looking for {options.address} ...", flush=True)
    device = await _heard(radio, options.address.upper())
    if device is None:
        raise PeerNotFoundError(
            f"{options.address} was not heard in {SCAN_S:.0f} s; is it switched on, near, and not "
            "connected to a phone? `sitwell scan` lists what is in range."
        )
    if device.driver is None:
        raise NotFoundError("driver for", device.name or device.address)
    return Sensor(
        id=device.address,
        driver=device.driver,
        name=options.name or device.name or device.address,
        wearer=options.wearer,
        placement=placement,
        paired_at=time.time(),
        simulated=options.simulated,
    )


async def _heard(radio: Radio, address: str) -> FoundDevice | None:
    """The advertiser at `address`, as soon as its driver and name are known."""
    discovery, device = Discovery(), None
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SCAN_S
    with radio.listening(discovery.hear):
        await radio.start()
        try:
            while loop.time() < deadline:
                await asyncio.sleep(LOOK_S)
                heard = (d for d in discovery.devices() if d.address.upper() == address)
                device = next(heard, None)
                if device is not None and device.driver is not None and device.name:
                    break
        finally:
            await radio.stop()
    return device


async def _posed(options: CalibrateOptions, air: Air, sensor: Sensor) -> Calibration:
    trunk = KNOWLEDGE[sensor.placement].trunk
    async with capturing(air.radio, sensor, time.time) as capture:
        print(f"Connecting to {sensor.name} ...", flush=True)
        await capture.reached()
        upright = Pose.UPRIGHT if trunk else Pose.STANDING
        first = "Sit upright, as tall as is comfortable" if trunk else "Stand still"
        good = await _pose(options, air, capture, upright, first)
        slouch = None
        if trunk and not options.one_pose:
            slouch = await _pose(options, air, capture, Pose.SLOUCH, "Now slouch as you usually do")
    return calibrate(
        good, slouch, sensor=sensor.id, placement=sensor.placement, made_at=time.time()
    )


async def _pose(
    options: CalibrateOptions, air: Air, capture: Capture, pose: Pose, words: str
) -> Recording:
    if options.assume_ready:
        print(f"{words}. Starting in {READY_S} s, then hold still for {POSE_S:.0f} s.", flush=True)
        if air.posing is not None:
            air.posing.take(pose)
        await asyncio.sleep(READY_S)
    else:
        print(f"{words}, then press Enter and hold still for {POSE_S:.0f} s.", flush=True)
        if air.posing is not None:
            air.posing.take(pose)
        await asyncio.to_thread(sys.stdin.readline)
    print("Hold still ...", flush=True)
    return await capture.take(POSE_S)


def _tell(sensor: Sensor, calibration: Calibration) -> None:
    print(f"{sensor.name} is calibrated, worn at the {sensor.placement.words}.")
    if calibration.slouch_deg is not None:
        print(
            f"Your slouch leans {calibration.slouch_deg:.0f} deg over your upright; "
            f"the reference is good to {calibration.sigma_deg:.1f} deg."
        )
    elif KNOWLEDGE[sensor.placement].trunk:
        print("With one pose the general slouch limit of 8 deg is used.")
    if sensor.simulated:
        print("It was a simulated sensor: `sitwell run` reads real ones only.")
    else:
        print("It is paired: `sitwell run` reads it from now on.")
