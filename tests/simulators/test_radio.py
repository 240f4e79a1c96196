import asyncio
import gc
from collections.abc import AsyncIterator

import psutil
import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)
from bleak_retry_connector import BleakNotFoundError, establish_connection
from bumble import att, gatt

from collector.drivers.contract import BATTERY_LEVEL, BATTERY_SERVICE
from simulators.peripheral import Peripheral
from simulators.radio import BumbleClient, BumbleScanner, BumbleWorld
from tests.simulators.conftest import (
    ADDRESS,
    CONTROL,
    DATA,
    LABEL,
    SERVICE,
    FastClock,
    PlainEncoder,
    Ramp,
    find,
    scanning,
    until,
)
from tests.virtual_time import now_s

pytestmark = pytest.mark.virtual_time


def plain(world: BumbleWorld, *, speed: float = 20.0) -> Peripheral:
    return Peripheral(
        world,
        address=ADDRESS,
        encoder=PlainEncoder(),
        source=Ramp(),
        clock=FastClock(speed),
        speed=speed,
        advertising_interval_s=0.02,
    )


@pytest.fixture
async def sensor(world: BumbleWorld) -> AsyncIterator[Peripheral]:
    async with plain(world) as sensor:
        yield sensor


async def test_a_scan_reports_name_address_strength_and_every_kind_of_data(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    async with scanning(world) as heard:
        await until(lambda: len(heard) >= 2)
    device, data = heard[0]
    assert device.address == ADDRESS
    assert device.name == data.local_name == "Plain 1"
    assert data.manufacturer_data == {0x1234: b"\x01\x02"}
    assert data.rssi == -60
    # once each, though an advertisement and its scan response both carry them
    assert sorted(data.service_uuids) == ["0000180d-0000-1000-8000-00805f9b34fb", SERVICE]
    assert heard[1][0] is device


async def test_a_scan_for_a_service_hears_only_who_advertises_it(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    async with scanning(world, [BATTERY_SERVICE]) as others, scanning(world, [SERVICE]) as ours:
        await until(lambda: len(ours) >= 3)
    assert others == []


async def test_a_stopped_scanner_hears_nothing_while_another_goes_on(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    async with scanning(world) as first:
        async with scanning(world) as second:
            await until(lambda: len(second) >= 1)
        known, enough = len(second), len(first) + 2
        await until(lambda: len(first) >= enough)
        assert len(second) == known
        assert world.listeners == 1
    assert world.listeners == 0


async def test_stopping_a_scanner_twice_does_no_harm(world: BumbleWorld) -> None:
    scanner = BleakScanner(backend=BumbleScanner, world=world)
    await scanner.start()
    await scanner.stop()
    await scanner.stop()
    assert world.listeners == 0


async def test_a_world_that_is_off_has_no_bluetooth() -> None:
    scanner = BleakScanner(backend=BumbleScanner, world=BumbleWorld())
    with pytest.raises(BleakBluetoothNotAvailableError):
        await scanner.start()


async def test_the_services_come_with_properties_and_descriptors(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    async with BleakClient(await find(world), backend=BumbleClient) as client:
        assert client.name == "Plain 1"
        control = client.services.get_characteristic(CONTROL)
        assert control is not None
        assert set(control.properties) == {"read", "write", "write-without-response", "indicate"}
        assert control.service_uuid == SERVICE
        assert [d.uuid[4:8] for d in control.descriptors] == ["2902"]
        assert client.services.get_service(BATTERY_SERVICE) is not None


async def test_a_client_may_ask_for_some_services_only(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    client = BleakClient(await find(world), services=[BATTERY_SERVICE], backend=BumbleClient)
    async with client:
        assert [service.uuid for service in client.services] == [BATTERY_SERVICE]


async def test_the_mtu_is_247_and_writes_without_response_may_fill_it(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    async with BleakClient(await find(world), backend=BumbleClient) as client:
        assert client.mtu_size == 247
        control = client.services.get_characteristic(CONTROL)
        assert control is not None
        assert control.max_write_without_response_size == 244
    assert client.mtu_size == 23


async def test_a_value_longer_than_the_mtu_is_read_whole(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    async with BleakClient(await find(world), backend=BumbleClient) as client:
        assert len(await client.read_gatt_char(LABEL)) == 300


@pytest.mark.parametrize("response", [True, False])
async def test_a_write_arrives_and_is_answered_by_indication(
    world: BumbleWorld, sensor: Peripheral, *, response: bool
) -> None:
    answers: list[bytes] = []
    async with BleakClient(await find(world), backend=BumbleClient) as client:
        await client.start_notify(CONTROL, lambda _, value: answers.append(bytes(value)))
        await client.write_gatt_char(CONTROL, b"hello", response=response)
        await until(lambda: answers == [b"ok hello"])
        await client.stop_notify(CONTROL)
        await client.write_gatt_char(CONTROL, b"again", response=True)
        await asyncio.sleep(0.05)
    assert answers == [b"ok hello"]
    assert isinstance(sensor.encoder, PlainEncoder)
    assert sensor.encoder.heard == [(CONTROL, b"hello"), (CONTROL, b"again")]


async def test_notifications_come_to_their_own_callback_as_bytearrays(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    frames: list[tuple[str, bytearray]] = []
    async with BleakClient(await find(world), backend=BumbleClient) as client:
        await client.start_notify(DATA, lambda source, value: frames.append((source.uuid, value)))
        await client.write_gatt_char(CONTROL, b"go", response=True)
        await until(lambda: len(frames) >= 3)
    assert {uuid for uuid, _ in frames} == {DATA}
    assert all(type(value) is bytearray and len(value) == 8 + 5 * 6 for _, value in frames)


async def test_a_second_subscription_to_one_characteristic_is_refused(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    async with BleakClient(await find(world), backend=BumbleClient) as client:
        await client.start_notify(DATA, lambda *_: None)
        with pytest.raises(BleakError, match="already"):
            await client.start_notify(DATA, lambda *_: None)


async def test_gatt_errors_keep_their_code(world: BumbleWorld, sensor: Peripheral) -> None:
    async with BleakClient(await find(world), backend=BumbleClient) as client:
        with pytest.raises(BleakGATTProtocolError) as reading:
            await client.read_gatt_char(CONTROL)
        with pytest.raises(BleakGATTProtocolError) as writing:
            await client.write_gatt_char(CONTROL, b"refuse", response=True)
        with pytest.raises(BleakGATTProtocolError) as forbidden:
            await client.read_gatt_char(DATA)
        assert len(await client.read_gatt_char(BATTERY_LEVEL)) == 1
    assert reading.value.code == writing.value.code == BleakGATTProtocolErrorCode.UNLIKELY_ERROR
    assert forbidden.value.code == BleakGATTProtocolErrorCode.READ_NOT_PERMITTED


async def test_a_lost_link_is_told_at_once_and_can_be_disconnected_harmlessly(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    told: list[BleakClient] = []
    client = BleakClient(await find(world), told.append, backend=BumbleClient)
    await client.connect()
    began = now_s()
    await sensor.drop()
    await until(lambda: bool(told))
    assert now_s() - began < 0.5
    assert told == [client]
    assert not client.is_connected
    with pytest.raises(BleakError):
        await client.read_gatt_char(BATTERY_LEVEL)
    await client.disconnect()
    await client.disconnect()
    assert told == [client]
    assert world.links == 0


async def test_a_disconnect_that_was_asked_for_is_told_too_as_on_bluez(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    told: list[BleakClient] = []
    async with BleakClient(await find(world), told.append, backend=BumbleClient) as client:
        await until(lambda: sensor.connected)
    assert told == [client]
    await until(lambda: not sensor.connected)


async def test_a_link_lost_during_a_request_ends_the_request(world: BumbleWorld) -> None:
    async def never(_connection: object) -> bytes:
        await asyncio.sleep(60)
        return b""

    device = await world.add_device(ADDRESS, "slow")
    slow = gatt.Characteristic(
        LABEL,
        gatt.Characteristic.Properties.READ,
        att.Attribute.Permissions.READABLE,
        att.AttributeValue(never),
    )
    device.add_service(gatt.Service(SERVICE, [slow]))
    await device.start_advertising(advertising_interval_min=50, advertising_interval_max=50)
    async with BleakClient(await find(world), backend=BumbleClient) as client:
        reading = asyncio.create_task(client.read_gatt_char(LABEL))
        await asyncio.sleep(0.05)
        began = now_s()
        await world.remove_device(ADDRESS)
        with pytest.raises(BleakError, match="disconnected"):
            await reading
        assert now_s() - began < 0.5
    for task in asyncio.all_tasks():  # the request that Bumble's server still serves
        if "on_att_read_request" in repr(task) or "run_in_task" in repr(task):
            task.cancel()


async def test_an_unknown_address_is_not_found_at_once(world: BumbleWorld) -> None:
    client = BleakClient("C0:FF:EE:00:00:99", backend=BumbleClient, world=world)
    began = now_s()
    with pytest.raises(BleakDeviceNotFoundError):
        await client.connect()
    assert now_s() - began < 0.1


async def test_a_sensor_out_of_range_times_out_and_connects_when_it_is_back(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    device = await find(world)
    await sensor.vanish()
    client = BleakClient(device, backend=BumbleClient)
    began = now_s()
    with pytest.raises(TimeoutError):
        await client.connect()
    assert now_s() - began < 1.0
    await sensor.appear()
    await client.connect()
    assert client.is_connected
    await client.disconnect()


async def test_a_cancelled_attempt_leaves_nothing_pending(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    device = await find(world)
    await sensor.vanish()
    client = BleakClient(device, backend=BumbleClient)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await client.connect()
    await sensor.appear()
    await asyncio.sleep(0.25)
    assert not sensor.connected
    await client.connect()
    await client.disconnect()


async def test_attempts_to_two_sensors_queue_up(world: BumbleWorld, sensor: Peripheral) -> None:
    other = Peripheral(
        world,
        address="C0:FF:EE:00:00:02",
        encoder=PlainEncoder(),
        source=Ramp(),
        clock=FastClock(1.0),
    )
    async with other:
        clients = [
            BleakClient(await find(world, one.address), backend=BumbleClient)
            for one in (sensor, other)
        ]
        await asyncio.gather(*(client.connect() for client in clients))
        assert sensor.connected
        assert other.connected
        assert world.links == 2
        await asyncio.gather(*(client.disconnect() for client in clients))


async def test_establish_connection_runs_without_a_dbus(
    world: BumbleWorld, sensor: Peripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
    told: list[BleakClient] = []
    device = await find(world)
    began = now_s()
    client = await establish_connection(
        BleakClient, device, "Plain 1", disconnected_callback=told.append, backend=BumbleClient
    )
    assert now_s() - began < 2.0
    await sensor.drop()
    await until(lambda: told == [client])
    await client.disconnect()


async def test_establish_connection_gives_an_absent_sensor_up_after_its_attempts(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    device = await find(world)
    await sensor.vanish()
    began = now_s()
    with pytest.raises(BleakNotFoundError):
        await establish_connection(
            BleakClient, device, "Plain 1", max_attempts=2, backend=BumbleClient
        )
    assert now_s() - began < 4.0


async def test_fifty_reconnects_leave_no_task_listener_link_or_descriptor(
    world: BumbleWorld, sensor: Peripheral
) -> None:
    device = await find(world)
    process = psutil.Process()

    async def session() -> None:
        frames: list[bytearray] = []
        lost = asyncio.Event()
        client = await establish_connection(
            BleakClient,
            device,
            "Plain 1",
            disconnected_callback=lambda _: lost.set(),
            backend=BumbleClient,
        )
        await client.start_notify(CONTROL, lambda *_: None)
        await client.start_notify(DATA, lambda _, value: frames.append(value))
        await client.write_gatt_char(CONTROL, b"go", response=True)
        await until(lambda: len(frames) >= 1)
        await sensor.drop()
        async with asyncio.timeout(2):
            await lost.wait()
        await client.disconnect()

    def held() -> tuple[int, int, int, int]:
        gc.collect()
        central = world._central
        assert central is not None
        listeners = sum(len(central.listeners(event)) for event in central.event_names())
        return len(asyncio.all_tasks()), process.num_fds(), listeners, world.links

    await session()
    await asyncio.sleep(0.05)
    before = held()
    for _ in range(50):
        await session()
    await asyncio.sleep(0.05)
    assert held() == before
    server = sensor._station._device
    assert server is not None
    assert not server.gatt_server.subscribers
    assert not server.gatt_server.pending_confirmations
    assert not server.connections


async def test_a_world_that_stops_takes_the_links_with_it(world: BumbleWorld) -> None:
    told: list[BleakClient] = []
    async with plain(world):
        client = BleakClient(await find(world), told.append, backend=BumbleClient)
        await client.connect()
        await world.stop()
        await until(lambda: bool(told))
        await client.disconnect()
    assert not world.running
    assert world.links == 0


async def test_an_address_is_given_once(world: BumbleWorld, sensor: Peripheral) -> None:
    with pytest.raises(ValueError, match="taken"):
        await plain(world).start()
