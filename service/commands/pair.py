"""`sitwell pair`: from a sensor in the hand to one that is worn, named, checked and calibrated."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from collector.discovery import FoundDevice
from collector.drivers.contract import Driver
from collector.drivers.registry import driver_factory
from domain.errors import (
    CalibrationRefused,
    ConflictError,
    InputError,
    NotFoundError,
    PeerNotFoundError,
    UnsupportedError,
)
from domain.people import Calibration, Sensor
from domain.placement import Placement
from service.air import Air, open_air
from service.auditing import about_sensor
from service.beside import COMMAND_LINE
from service.capture import Capture, capturing
from service.commands.posing import Posing, posed, tell_calibrated
from service.commands.run import all_sensors, overridden, sensor_store
from service.commands.scan import listen
from service.commands.terminal import answer, choice, confirmed
from service.config import Config, load_config
from service.pairing import check_place, checked_name
from service.people import wearers_in_force
from service.signal_check import SIGNAL_S, verdict
from storage.contract import Store

SCAN_S = 8.0


@dataclass(frozen=True, slots=True)
class PairOptions:
    """What the command line said; what it did not say is asked, unless `assume_ready`. wearer: empty for
    the only one there is."""

    posing: Posing
    address: str | None = None
    placement: str | None = None
    name: str | None = None
    wearer: str = ""
    key_hex: str = ""
    calibrate: bool = True
    simulated: bool = False
    config: Path | None = None
    data_dir: Path | None = None


def run_pair(options: PairOptions) -> None:
    """Pair a sensor. Raises InputError (CalibrationRefused included), LinkError, StoreError."""
    config = overridden(load_config(options.config), data_dir=options.data_dir)
    if options.placement is not None:
        placement_named(options.placement)
    if options.posing.assume_ready and (options.address is None or options.placement is None):
        raise InputError("with --yes nothing is asked: give the address and --placement")
    asyncio.run(_pair(options, config))


def placement_named(word: str) -> Placement:
    """The placement of this word. Raises InputError with those there are."""
    try:
        return Placement(word)
    except ValueError:
        raise InputError(f"no placement {word!r}; there are {', '.join(Placement)}") from None


async def _pair(options: PairOptions, config: Config) -> None:
    # A trial without a folder of its own leaves no trace among real sensors.
    trial = options.simulated and options.data_dir is None
    with nullcontext() if trial else sensor_store(config) as store:
        wearers = config.wearers if store is None else wearers_in_force(config.wearers, store)
        known = [wearer.id for wearer in wearers]
        if not options.wearer and len(known) == 1:
            options = replace(options, wearer=known[0])
        if not options.wearer:
            raise InputError(f"say whose it is with --wearer: {', '.join(known)}")
        if options.wearer not in known:
            raise InputError(
                f"no wearer {options.wearer!r}; there are {', '.join(known)}, [[wearers]] of the "
                "configuration adds one"
            )
        paired = () if store is None else all_sensors(config, store, simulated=options.simulated)
        for sensor in paired:
            if options.address is not None and sensor.id.upper() == options.address.upper():
                raise ConflictError(
                    f"{sensor.name} ({sensor.id}) is paired already, worn by {sensor.wearer} at the "
                    f"{sensor.placement.words}; `sitwell unpair` first, or `sitwell calibrate`"
                )
        async with open_air(
            config.bluetooth.adapters, simulated=options.simulated, posing=True
        ) as air:
            device = await _chosen(options, air, config, paired)
            sensor = await _worn(options, config, device, air, paired)
            async with capturing(air.radio, sensor, time.time, drivers=config.drivers) as capture:
                print(f"Connecting to {sensor.name} ...", flush=True)
                await capture.reached()
                await _shown(options, capture)
                print(verdict(await capture.checked(SIGNAL_S)), flush=True)
                _keep(store, config, sensor)
                calibration = await _calibrated(options, air, capture, sensor)
        if store is not None and calibration is not None:
            store.add_calibration(calibration)
            store.add_audit(about_sensor(time.time(), COMMAND_LINE, "calibrate", sensor))
    if calibration is not None:
        tell_calibrated(sensor, calibration)
    if sensor.simulated:
        print("It was a simulated sensor: `sitwell run` reads real ones only.")
    else:
        print("It is paired: `sitwell run` reads it from now on.")


async def _chosen(
    options: PairOptions, air: Air, config: Config, paired: Sequence[Sensor]
) -> FoundDevice:
    """The device that is meant: by its address, or picked from what is in range."""
    address = None if options.address is None else options.address.upper()
    while True:
        if address is not None:
            print(f"Looking for {options.address} ...", flush=True)
        else:
            print("Looking for sensors ...", flush=True)
        known = {sensor.id for sensor in paired}
        found = [
            device
            for device in await listen(
                air.radio, SCAN_S, config.drivers, until=address, passing=True
            )
            if device.driver is not None or device.address.upper() == address
        ]
        if address is not None:
            for device in found:
                if device.address.upper() == address:
                    return device
            raise PeerNotFoundError(
                f"{options.address} was not heard in {SCAN_S:.0f} s; is it switched on, near, and "
                "not connected to a phone? `sitwell scan` lists what is in range."
            )
        fresh = [device for device in found if device.address not in known]
        if fresh:
            lines = [_line(device) for device in fresh]
            picked = await choice("Which one?", [*lines, "look again"], default=0)
            if picked < len(fresh):
                return fresh[picked]
        elif not await confirmed(
            "No sensor that is not paired yet was heard. Switch it on, keep it near and away from "
            "phones that hold it. Look again?",
            default=True,
        ):
            raise PeerNotFoundError("no sensor was found to pair")


def _line(device: FoundDevice) -> str:
    signal = "" if device.rssi_dbm is None else f", {device.rssi_dbm} dBm"
    return f"{device.name or device.address} ({device.title}{signal}) {device.address}"


async def _worn(
    options: PairOptions,
    config: Config,
    device: FoundDevice,
    air: Air,
    paired: Sequence[Sensor],
) -> Sensor:
    """The sensor with its place and its name."""
    if device.driver is None:
        raise NotFoundError("driver for", device.name or device.address)
    driver = config.drivers.named(device.driver)
    sensor = Sensor(
        id=device.address,
        driver=driver.name,
        name=checked_name(options.name or device.name or device.address),
        wearer=options.wearer,
        placement=await _placement(options, driver, paired),
        paired_at=time.time(),
        simulated=options.simulated,
        key_hex=options.key_hex,
    )
    check_place(sensor, paired)
    driver_factory(driver, sensor.id, sensor.key_hex)
    if options.name is None and options.address is None:
        sensor = replace(sensor, name=await _called(sensor.name))
    if air.posing is not None and device.address not in {each.id for each in air.sensors}:
        raise NotFoundError("simulated sensor", device.address)
    return sensor


async def _placement(
    options: PairOptions, driver: type[Driver], paired: Sequence[Sensor]
) -> Placement:
    if options.placement is not None:
        return placement_named(options.placement)
    guide = driver.guide
    print(f"\n{guide.wear}")
    for limit in guide.limits:
        print(f"  Note: {limit}")
    taken = {sensor.placement for sensor in paired if sensor.wearer == options.wearer}
    rest = (place for place in Placement if place not in guide.placements)
    places = [place for place in (*guide.placements, *rest) if place not in taken]
    if not places:
        raise ConflictError(f"{options.wearer} wears a sensor at every place; unpair one first")
    return places[await choice("Where do you wear it?", [p.words for p in places], default=0)]


async def _called(name: str) -> str:
    """What the sensor is called; `name` when nothing else is said."""
    while True:
        said = await answer(f"What do you call it? [Enter for {name}]")
        if not said:
            return name
        try:
            return checked_name(said)
        except InputError as error:
            print(error)


async def _shown(options: PairOptions, capture: Capture) -> None:
    """Let the sensor show which one it is, when somebody is there to look."""
    if options.address is not None:
        return
    while await confirmed("Have it blink or buzz, to see that it is the right one?", default=False):
        try:
            await capture.identify()
        except (UnsupportedError, ConflictError) as error:
            print(error)
            return


def _keep(store: Store | None, config: Config, sensor: Sensor) -> None:
    if store is None:
        return
    for wearer in wearers_in_force(config.wearers, store):
        store.put_wearer(wearer)
    store.put_sensor(sensor, since=sensor.paired_at)
    store.add_audit(about_sensor(time.time(), COMMAND_LINE, "pair", sensor))


async def _calibrated(
    options: PairOptions, air: Air, capture: Capture, sensor: Sensor
) -> Calibration | None:
    """The calibration, tried again after a refusal for as long as somebody wants to."""
    if not options.calibrate:
        print("Not calibrated: `sitwell calibrate` does it later; until then lean is not known.")
        return None
    while True:
        try:
            return await posed(options.posing, air, capture, sensor)
        except CalibrationRefused as refused:
            if options.posing.assume_ready:
                raise
            print(refused)
            if not await confirmed("Try again?", default=True):
                print("It is paired and not calibrated: `sitwell calibrate` does it later.")
                return None
