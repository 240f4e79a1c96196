"""CPU of eight sensors of 100 Hz through bleak's real BlueZ backend and the whole service.

Over Bluetooth: eight sensors of 100 Hz with gyro, two on each of four wearers, through bleak's real BlueZ
backend, driver, clock, pipeline, store and one live page. The host alone is measured: the sensors, with the
double of bluetoothd that the tests use, are another process, and the D-Bus daemon a third. `bleak alone` is
the control: the same notifications come to a callback that does nothing. What is left out is bluetoothd
itself and the kernel.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from collector.drivers.contract import Encoder
from collector.drivers.nano33 import Nano33Encoder
from collector.drivers.posture_profile import PostureProfileEncoder
from domain.people import Calibration, Sensor, Wearer
from domain.placement import Placement
from simulators.sensor import SensorModel

ROOT = Path(__file__).resolve().parents[1]
WEARERS = 4
PLACEMENTS = (Placement.UPPER_BACK, Placement.THIGH)
#: What all sensors send in a second; counting begins when they do, and must find them at it.
SENT_HZ = {"packed": 80.0, "loose": 1600.0}
WARM_S, ALL_WITHIN_S, NEARLY = 15.0, 120.0, 0.9
COUNTED = "notifications"
KINDS = {"packed": "ten samples a notification", "loose": "two notifications a sample"}

sys.path[:0] = [str(ROOT / "tests" / "bluez"), str(ROOT / "tests" / "collector")]


def available() -> bool:
    """Whether this machine has what is needed."""
    return sys.platform.startswith("linux") and shutil.which("dbus-daemon") is not None


def measure(kind: str, host: str, seconds: float = 30.0) -> dict[str, float]:
    """Per cent of a core and resident MB of the host, `service` or `bleak`; `kind` as in `encoder`.

    notifications_hz: what all sensors together sent to it. Raises RuntimeError when that is not what
    they should send, for then the machine has no time for them and the figures mean nothing.
    """
    from bluez_bus import PrivateBus  # type: ignore[import-not-found]  # beside the tests

    with tempfile.TemporaryDirectory() as folder:
        bus = PrivateBus(Path(folder))
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus.address}
        bus.start()
        try:
            with (
                _process(environment, "air", kind, folder),
                _process(environment, host, kind, folder) as (process, said),
            ):
                page = said and urllib.request.urlopen(f"{said}api/v1/live", timeout=10)
                watched = psutil.Process(process.pid)
                _until_all_send(folder, SENT_HZ[kind])
                time.sleep(WARM_S)
                first, before, began = _counted(folder), watched.cpu_times(), time.monotonic()
                time.sleep(seconds)
                last, after, ended = _counted(folder), watched.cpu_times(), time.monotonic()
                if page:
                    page.close()
                sent_hz = (last - first) / (ended - began)
                if sent_hz < NEARLY * SENT_HZ[kind]:
                    raise RuntimeError(
                        f"the sensors sent {sent_hz:.0f} times a second: too busy a machine"
                    )
                busy = (after.user + after.system) - (before.user + before.system)
                return {
                    "cpu_percent": 100 * busy / (ended - began),
                    "rss_mb": watched.memory_info().rss / 1e6,
                    "notifications_hz": sent_hz,
                }
        finally:
            bus.kill()


def rows() -> list[tuple[str, str, str]]:
    """What, figure and bar of each row of the page; none where it cannot be measured."""
    if not available():
        return []
    found = []
    for kind, words in KINDS.items():
        alone, whole = measure(kind, "bleak"), measure(kind, "service")
        share = whole["cpu_percent"] / alone["cpu_percent"]
        figure = (
            f"{whole['cpu_percent']:.1f} % of a core, {whole['rss_mb']:.0f} MB; bleak alone "
            f"{alone['cpu_percent']:.1f} % ({share:.1f} times)"
        )
        what = f"8 sensors of 100 Hz, {words} ({whole['notifications_hz']:,.0f} notifications a second)"
        found.append((what, figure, "25 %"))
    return found


def encoder(kind: str) -> Encoder:
    """The twin for one of KINDS."""
    return Nano33Encoder() if kind == "loose" else PostureProfileEncoder(100.0, 10)


@dataclass(frozen=True, slots=True)
class _Worn:
    sensor: Sensor
    model: SensorModel
    calibration: Calibration


def _worn(kind: str, wearer: int) -> list[_Worn]:
    from analysis.calibration import calibrate
    from service.person import scripted_person
    from simulators.body import ScriptedBody
    from simulators.sensor import calibration_poses, typical_sensor

    now, twin, found = float(int(time.time())), encoder(kind), []
    body = scripted_person(wearer + 1, int(now), "UTC").body
    assert isinstance(body, ScriptedBody)
    for k, placement in enumerate(PLACEMENTS):
        address = f"C0:00:00:00:{wearer:02X}:{k + 1:02X}"
        model = typical_sensor(
            10 * wearer + k,
            body,
            placement,
            rate_hz=twin.rate_hz,
            power_on=now,
            full_scale_g=twin.full_scale_g,
            resolution_g=twin.resolution_g,
            gyro_full_scale_dps=twin.gyro_full_scale_dps,
        )
        upright, slouch = calibration_poses(model, body)
        calibration = calibrate(upright, slouch, sensor=address, placement=placement, made_at=now)
        sensor = Sensor(address, twin.driver, address, f"w{wearer}", placement, now, simulated=True)
        found.append(_Worn(sensor, model, calibration))
    return found


def _until_all_send(folder: str, sent_hz: float) -> None:
    deadline = time.monotonic() + ALL_WITHIN_S
    while time.monotonic() < deadline:
        first, began = _counted(folder), time.monotonic()
        time.sleep(2.0)
        if (_counted(folder) - first) / (time.monotonic() - began) >= NEARLY * sent_hz:
            return
    raise RuntimeError("not all sensors stream: too busy a machine")


def _counted(folder: str) -> int:
    return int((Path(folder) / COUNTED).read_text())


@contextlib.contextmanager
def _process(
    environment: dict[str, str], *arguments: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and, once it is ready, the address it said it serves, if it did."""
    command = [sys.executable, "-m", "benchmarks.bluetooth", *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process, _ready(process.stdout)
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        process.stdout.close()


def _ready(lines: IO[str]) -> str:
    for line in lines:
        if line.startswith(("http", "ready")):
            return line.strip().removeprefix("ready")
    raise RuntimeError("the process ended before it was ready")


async def _air(kind: str, folder: Path) -> None:
    from bluez_double import Bluez  # type: ignore[import-not-found]  # beside the tests
    from bluez_station import BluezStation  # type: ignore[import-not-found]  # beside the tests

    from simulators.airspace import BumbleWorld
    from simulators.peripheral import Peripheral

    bluez = Bluez()
    bluez.hci0.slots = WEARERS * len(PLACEMENTS)
    await bluez.start(os.environ["DBUS_SYSTEM_BUS_ADDRESS"])
    stations = []
    async with contextlib.AsyncExitStack() as stack:
        for wearer in range(WEARERS):
            for worn in _worn(kind, wearer):
                peripheral = Peripheral(
                    BumbleWorld(),  # never switched on: the sensor's radio is the double's
                    address=worn.sensor.id,
                    encoder=encoder(kind),
                    source=worn.model,
                    clock=time.time,
                )
                station = BluezStation(bluez, worn.sensor.id, peripheral, rssi_dbm=-60)
                peripheral._station = station  # noqa: SLF001 - the station's double
                stations.append(station)
                await stack.enter_async_context(peripheral)
        print("ready", flush=True)
        while True:
            sent = sum(station.sent.total() for station in stations)
            (folder / f"{COUNTED}.new").write_text(str(sent))
            (folder / f"{COUNTED}.new").replace(folder / COUNTED)
            await asyncio.sleep(0.1)


async def _bleak(kind: str, _folder: Path) -> None:
    from bleak import BleakClient, BleakScanner

    from collector.drivers.registry import driver_named

    driver = driver_named(encoder(kind).driver)()
    async with contextlib.AsyncExitStack() as stack:
        for wearer in range(WEARERS):
            for worn in _worn(kind, wearer):
                device = await BleakScanner.find_device_by_address(worn.sensor.id, timeout=20.0)
                assert device is not None
                client = await stack.enter_async_context(BleakClient(device))
                for characteristic in driver.subscriptions():
                    await client.start_notify(characteristic, lambda _, __: None)
        print("ready", flush=True)
        await asyncio.sleep(3600.0)


async def _service(kind: str, folder: Path) -> None:
    from collector.radio import Radio
    from service.plan import ServicePlan
    from service.serve import Service, stop_on_signals
    from service.store_file import open_store
    from service.timebase import Timebase

    worn = [each for wearer in range(WEARERS) for each in _worn(kind, wearer)]
    store = open_store(folder / "store")
    plan = ServicePlan(
        wearers=tuple(Wearer(f"w{k}", f"Wearer {k}", "UTC") for k in range(WEARERS)),
        sensors=tuple(each.sensor for each in worn),
        calibrations={each.sensor.id: each.calibration for each in worn},
    )
    service = Service(plan, store=store, radio=Radio(clock=time.time), timebase=Timebase())
    stop_on_signals(service)
    await service.serve(on_ready=lambda url: print(url, flush=True))
    store.close()


def main() -> None:
    """Measure and print, or be one of the processes."""
    if len(sys.argv) == 4:
        be = {"air": _air, "bleak": _bleak, "service": _service}[sys.argv[1]]
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(be(sys.argv[2], Path(sys.argv[3])))
        return
    for row in rows():
        print(" | ".join(row), flush=True)


if __name__ == "__main__":
    main()
