"""What happens in the virtual machine: `sitwell run` reads sensors over BlueZ while everything fails.

    python3 -m tests.vm.inside.scenario REPORT

REPORT gets one JSON object a line, each with its `event`; the last one is `end`.
"""

import asyncio
import json
import logging
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tomli_w
from bumble.device import Connection, Device
from bumble.pairing import PairingConfig

from collector.drivers.registry import encoder_named
from domain.placement import Placement
from simulators.airspace import BumbleWorld
from simulators.handshake import started
from simulators.ledger import Fate, Ledger
from simulators.peripheral import Peripheral
from tests.vm.inside.adapter import plugged_in
from tests.vm.inside.machine import (
    Bluetooth,
    NotReadyError,
    Service,
    command,
    control,
    converse,
)
from tests.vm.inside.rest import Rest

CONFIG = "/etc/sitwell.toml"
PORT = 8765
PAIR_S = 150.0  # Python in software, a scan, a connection and the check of the signal
POLL_S = 0.5
ADVERTISING_INTERVAL_S = 0.25
RECOVERY_S = 100.0
QUIET_S = 2.0  # longer than any sensor's frame, shorter than any watchdog
OUT_OF_RANGE_S = 14.0
OFF_S = 6.0
PAUSE_S = 2.0  # longer than anything BlueZ is told to do at the keyboard takes
LOG_CHARS = 60_000


@dataclass(frozen=True, slots=True)
class Worn:
    """A simulated sensor: its kind, a random static address (the two highest bits are set; a Bumble
    sensor has no other), name and place; every how many packets it loses one, and how far its
    clock is off."""

    kind: str
    address: str
    name: str
    placement: Placement
    lose_every: int = 0
    drift: float = 0.0

    def peripheral(self, world: BumbleWorld, power_on: float) -> Peripheral:
        """The sensor itself."""
        rate_hz = started(encoder_named(self.kind)()).rate_hz
        seed = int(self.address[-2:], 16)
        return Peripheral(
            world,
            address=self.address,
            encoder=encoder_named(self.kind)(),
            source=Rest(rate_hz, power_on, seed=seed, lose_every=self.lose_every, drift=self.drift),
            clock=time.time,
            advertising_interval_s=ADVERTISING_INTERVAL_S,
        )


SENSORS = (
    Worn("polar-h10", "C4:51:77:3E:01:01", "Strap", Placement.STERNUM, 31, 0.004),
    Worn("witmotion", "D2:67:E5:00:01:02", "Puck", Placement.THIGH),
    Worn("movesense", "F1:0C:8C:00:01:03", "Pod", Placement.WAIST, 41, -0.003),
    Worn("ruuvitag", "E8:4F:4C:33:B8:CB", "Tag", Placement.SEAT),
)


@dataclass(frozen=True, slots=True)
class Account:
    """What the service says it got, and the newest sample the sensor sent, at a moment of quiet."""

    received: int
    lost: int
    sent_end: int


class Scenario:
    """The machine with everything running in it."""

    def __init__(self, report: Path) -> None:
        self._report = report.open("w", buffering=1)
        self._began = time.monotonic()
        self.bluetooth = Bluetooth()
        configure(Path(CONFIG))
        self.service = Service(Path(CONFIG), PORT)
        self.peripherals: dict[str, Peripheral] = {}
        self.seen: dict[str, None] = {}
        self.bonding = ""

    def tell(self, event: str, **facts: object) -> None:
        """One line of the report."""
        at_s = round(time.monotonic() - self._began, 1)
        self._report.write(json.dumps({"event": event, "at_s": at_s, **facts}) + "\n")

    @property
    def connecting(self) -> list[Peripheral]:
        return [p for p in self.peripherals.values() if p.encoder.connects]

    async def run(self) -> None:
        now = time.time()
        async with AsyncExitStack() as stack:
            world = await stack.enter_async_context(BumbleWorld())
            for worn in SENSORS:
                peripheral = worn.peripheral(world, now)
                self.peripherals[worn.address] = await stack.enter_async_context(peripheral)
            await stack.enter_async_context(plugged_in(world.link))
            await self.bluetooth.start()
            self.tell("booted", sensors={s.address: asdict(s) for s in SENSORS})
            await self.pair_at_the_keyboard(SENSORS[0])
            await self.service.start()
            await self.service.until_serving()
            for worn in SENSORS[1:]:
                await self.pair_over_the_api(worn)
            await self._play()

    async def _play(self) -> None:
        await self.phase("start", self.nothing)
        await self.account("before")
        self.tell("descriptors", when="before", kinds=self.service.descriptors())
        await self.phase("links lost", self.lose_links, self.connecting)
        await self.phase("sensor away and back", self.leave_and_return, self.connecting[:1])
        await self.phase("connected but silent", self.fall_silent, self.connecting[:1])
        await self.phase("bluetoothd killed", self.kill_bluetoothd, self.connecting)
        await self.phase("adapter off and on", self.switch_off_and_on, self.connecting)
        await self.phase("bus killed", self.kill_bus, self.connecting)
        await self.account("after")
        self.tell("descriptors", when="after", kinds=self.service.descriptors())
        self.tell("now", answer=await self.measured())
        await self.phase("sensor bonded", self.bond_and_lose, self.connecting[:1])
        known = await control("info", self.connecting[0].address)
        self.tell("bond", answer=self.bonding, known=known)
        await self.phase("sensor restarted", self.restart_sensor, self.connecting[:1])
        await self.phase("service killed", self.kill_service)
        self.tell("stopped", code=await self.service.end(signal.SIGINT))

    # --- pairing -----------------------------------------------------------------------------

    async def pair_at_the_keyboard(self, worn: Worn) -> None:
        """`sitwell pair`, before the service runs."""
        place = ("--placement", worn.placement.value, "--name", worn.name)
        words = ("pair", worn.address, *place, "--yes", "--no-calibration")
        code, said = await command("sitwell", *words, "--config", CONFIG, timeout_s=PAIR_S)
        self.tell("paired", address=worn.address, how="command line", code=code, said=said)

    async def pair_over_the_api(self, worn: Worn) -> None:
        """As a page does it: wait until the sensor is on the air, and ask for it."""
        async with asyncio.timeout(RECOVERY_S):
            while worn.address not in await self.on_the_air():
                await asyncio.sleep(POLL_S)
        wish = {"address": worn.address, "placement": worn.placement.value, "name": worn.name}
        status = await self.service.post("/sensors", wish)
        self.tell("paired", address=worn.address, how="API", code=status)

    async def on_the_air(self) -> set[str]:
        return {item["address"] for item in (await self.service.get("/discovery"))["items"]}

    # --- what goes wrong ---------------------------------------------------------------------

    async def nothing(self) -> None:
        """All is well."""

    async def lose_links(self) -> None:
        for sensor in self.connecting:
            await sensor.drop()

    async def leave_and_return(self) -> None:
        await self.connecting[0].vanish()
        await self.watch(OUT_OF_RANGE_S)
        await self.connecting[0].appear()

    async def fall_silent(self) -> None:
        await self.connecting[0].silence(600.0)  # it ends with the link

    async def kill_bluetoothd(self) -> None:
        await self.bluetooth.daemon.end(signal.SIGKILL)
        await self.watch(OFF_S)
        await self.bluetooth.daemon.start()

    async def switch_off_and_on(self) -> None:
        await control("power", "off")
        await self.watch(OFF_S)
        await control("power", "on")

    async def kill_bus(self) -> None:
        await self.bluetooth.bus.end(signal.SIGKILL)
        await self.bluetooth.daemon.end(signal.SIGKILL)
        await self.watch(OFF_S)
        await self.bluetooth.start_bus()
        await self.bluetooth.daemon.start()

    async def bond_and_lose(self) -> None:
        """Bond with the first sensor, and lose the link: the next one is encrypted with the kept key."""
        sensor = self.connecting[0]
        device = sensor._station._device
        assert device is not None
        device.pairing_config_factory = lambda _: PairingConfig(sc=True, mitm=False, bonding=True)
        device.on(Device.EVENT_CONNECTION, self.note_encryption)
        self.bonding = await converse(
            "agent off",
            "agent NoInputNoOutput",
            "pairable on",
            f"pair {sensor.address}",
            pause_s=PAUSE_S,
        )
        await sensor.drop()

    def note_encryption(self, connection: Connection) -> None:
        connection.on(
            Connection.EVENT_CONNECTION_ENCRYPTION_CHANGE,
            lambda: self.tell("encryption", on=bool(connection.encryption)),
        )

    async def restart_sensor(self) -> None:
        await self.connecting[0].reboot()

    async def kill_service(self) -> None:
        """BlueZ keeps the links of a process that was killed."""
        await self.service.end(signal.SIGKILL)
        await self.service.start()
        await self.service.until_serving()

    # --- what is looked at -------------------------------------------------------------------

    async def phase(
        self, name: str, act: Callable[[], Awaitable[None]], cut_off: Sequence[Peripheral] = ()
    ) -> None:
        """Do something to the sensors, and wait until all stream again.

        cut_off: those that lose their connection by it and must have made another one.
        """
        self.seen = {}
        reconnects: dict[str, int] = {}
        if self.service.alive and name != "start":
            before = await self.service.sensors()
            reconnects = {p.address: before[p.address]["reconnects"] for p in cut_off}
        began = time.monotonic()
        await act()
        acted_s = time.monotonic() - began
        since = await self.watch(0.0)

        def well() -> bool:
            return all(
                each["state"] == "streaming"
                and each["received"] > since[address]["received"]
                and each["reconnects"] > reconnects.get(address, -1)
                for address, each in latest.items()
            )

        latest, ended = since, time.monotonic()
        while not well() and time.monotonic() - ended < RECOVERY_S:
            await asyncio.sleep(POLL_S)
            latest = await self.watch(0.0)
        took_s = time.monotonic() - ended
        self.tell(
            "phase",
            name=name,
            well=well(),
            act_s=round(acted_s, 1),
            seconds=round(took_s, 1),
            seen=list(self.seen),
            sensors=latest,
        )

    def logs(self) -> dict[str, str]:
        """The ends of what the processes logged."""
        programs = (self.service, self.bluetooth.daemon, self.bluetooth.bus)
        return {
            p.log.name: p.log.read_text(errors="replace")[-LOG_CHARS:]
            for p in programs
            if p.log.exists()
        }

    async def watch(self, seconds: float) -> dict[str, dict[str, Any]]:
        """Note states, reasons and problems for so long; the sensors as they are then."""
        until = time.monotonic() + seconds
        while True:
            sensors = await self.service.sensors()
            problems = (await self.service.get("/health"))["problems"]
            for each in sensors.values():
                self.seen[f"{each['name']}: {each['state']}: {each['reason'] or ''}"] = None
            self.seen |= dict.fromkeys(f"service: {problem}" for problem in problems)
            if time.monotonic() >= until:
                return sensors
            await asyncio.sleep(POLL_S)

    async def account(self, when: str) -> None:
        """Compare books while no sample is under way: in a silence, or between two advertisements."""
        books = {}
        for address, sensor in self.peripherals.items():
            await (self.silenced(sensor) if sensor.encoder.connects else self.advertised(sensor))
            end = sent_end(sensor.ledger)
            counted = (await self.service.sensors())[address]
            if sent_end(sensor.ledger) != end:
                raise NotReadyError(f"{address} was not quiet for long enough")
            books[address] = asdict(Account(counted["received"], counted["lost"], end))
        self.tell("account", when=when, books=books)

    async def measured(self) -> dict[str, Any]:
        """What is so of the wearer, once the silences that the books asked for are over."""
        began = time.monotonic()
        while True:
            now: dict[str, Any] = await self.service.get("/wearers/me/now")
            if now["stale_s"] == 0 or time.monotonic() - began > RECOVERY_S:
                return now
            await asyncio.sleep(POLL_S)

    async def silenced(self, sensor: Peripheral) -> None:
        await sensor.silence(QUIET_S)
        await asyncio.sleep(QUIET_S / 2)

    async def advertised(self, sensor: Peripheral) -> None:
        """Return when what the sensor has just advertised was heard and counted, and the next is far off.

        What nobody hears is known to be lost with the next that is heard: until then books differ.
        """
        async with asyncio.timeout(RECOVERY_S):
            heard = False
            while not heard:
                before = (await self.service.sensors())[sensor.address]["received"]
                end = sent_end(sensor.ledger)
                while sent_end(sensor.ledger) == end:
                    await asyncio.sleep(0.05)
                await asyncio.sleep(0.5 / sensor.encoder.rate_hz)
                heard = (await self.service.sensors())[sensor.address]["received"] > before


def sent_end(ledger: Ledger) -> int:
    """One past the newest sample that was sent."""
    return max((span.end for span in ledger.spans if span.fate is Fate.SENT), default=0)


def configure(path: Path) -> None:
    """The configuration of a person who wears nothing yet."""
    path.write_text(tomli_w.dumps({"service": {"port": PORT, "data_dir": "/var/lib/sitwell"}}))


async def main(report: Path) -> int:
    """Play the scenario; what ends it early is in the report."""
    logging.basicConfig(level=logging.WARNING)
    scenario = Scenario(report)
    try:
        await scenario.run()
    except Exception:  # noqa: BLE001 - whatever it is, the machine outside is to be told
        scenario.tell("broken", trace=traceback.format_exc())
        return 1
    finally:
        scenario.tell("end", logs=scenario.logs())
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
