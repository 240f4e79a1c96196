"""The bus of the simulated radio ends under its users, and comes back."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError
from bumble.device import Device

from collector.drivers.contract import BATTERY_LEVEL
from simulators.peripheral import Peripheral
from simulators.radio import BumbleClient, BumbleScanner, BumbleWorld
from tests.simulators.conftest import (
    ADDRESS,
    FastClock,
    PlainEncoder,
    Ramp,
    find,
    scanning,
    until,
)

pytestmark = pytest.mark.virtual_time

DOWN_S = 0.2


@pytest.fixture
async def sensor(world: BumbleWorld) -> AsyncIterator[Peripheral]:
    async with Peripheral(
        world,
        address=ADDRESS,
        encoder=PlainEncoder(),
        source=Ramp(),
        clock=FastClock(20.0),
        speed=20.0,
        advertising_interval_s=0.02,
    ) as sensor:
        yield sensor


async def test_every_link_ends_and_its_user_is_told_once(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    told: list[BleakClient] = []
    client = BleakClient(await find(world), told.append, backend=BumbleClient)
    await client.connect()
    await world.restart_bus(0.0)
    await until(lambda: not sensor.connected)
    assert told == [client]
    assert not client.is_connected
    with pytest.raises(BleakError):
        await client.read_gatt_char(BATTERY_LEVEL)
    await client.disconnect()
    assert world.links == 0


async def test_a_scanner_goes_deaf_is_not_told_and_cannot_be_stopped_any_more(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    heard: list[str] = []
    scanner = BleakScanner(
        lambda device, _: heard.append(device.address), backend=BumbleScanner, world=world
    )
    await scanner.start()
    await until(lambda: bool(heard))
    await world.restart_bus(0.0)
    heard.clear()
    await asyncio.sleep(0.2)
    assert heard == []
    with pytest.raises(EOFError):
        await scanner.stop()
    assert world.listeners == 0
    async with scanning(world) as again:
        await until(lambda: bool(again))


async def test_nothing_can_be_begun_until_the_bus_is_back(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    device = await find(world)
    restart = asyncio.create_task(world.restart_bus(DOWN_S))
    await until(lambda: world.bus is None)
    with pytest.raises(FileNotFoundError):
        await BleakClient(device, backend=BumbleClient).connect()
    with pytest.raises(FileNotFoundError):
        await BleakScanner(backend=BumbleScanner, world=world).start()
    await restart
    async with BleakClient(await find(world), backend=BumbleClient) as client:
        assert await client.read_gatt_char(BATTERY_LEVEL)


async def test_what_is_under_way_ends_with_the_bus(world: BumbleWorld, sensor: Peripheral) -> None:
    device = await find(world)
    await sensor.vanish()
    connecting = asyncio.create_task(BleakClient(device, backend=BumbleClient).connect())
    queued = asyncio.create_task(BleakClient(device, backend=BumbleClient).connect())
    await asyncio.sleep(0.05)
    await world.restart_bus(DOWN_S)
    done = await asyncio.gather(connecting, queued, return_exceptions=True)
    assert [type(error) for error in done] == [TimeoutError, EOFError]
    await sensor.appear()
    # The moment that there is a link, before its services are discovered.
    linked, server = asyncio.Event(), sensor._station._device
    assert server is not None
    server.once(Device.EVENT_CONNECTION, lambda _: linked.set())
    connecting = asyncio.create_task(BleakClient(device, backend=BumbleClient).connect())
    await linked.wait()
    await world.restart_bus(0.0)
    with pytest.raises((EOFError, BleakError)):
        await connecting
    await until(lambda: not sensor.connected)
    assert world.links == 0


async def test_a_world_that_is_off_has_no_bus_to_restart() -> None:
    with pytest.raises(RuntimeError):
        await BumbleWorld().restart_bus(0.0)
