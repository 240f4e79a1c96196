"""What the double must show of BlueZ, or the tests on it would prove nothing: two traps of bleak on it."""

import asyncio

import pytest

from collector import radio_connection
from domain.link import LinkReason

POLAR = "polar-h10"
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"


@pytest.fixture
def forgetful(monkeypatch):
    """A radio that does not disconnect its clients after a drop."""

    async def dispose(client, address):
        clients.append(client)

    clients = []
    monkeypatch.setattr(radio_connection, "dispose", dispose)
    return clients


async def test_a_client_that_is_not_disconnected_after_a_drop_keeps_its_bus_connection(
    bench, forgetful
):
    async with bench([POLAR]) as b:
        await b.more(POLAR, 50)
        before, descriptors = await b.bluez.clients(), b.descriptors()
        for _ in range(3):
            b.stations[POLAR].lose_link()
            await b.down(POLAR)
            await b.more(POLAR, 20)
        # one for each drop, and a descriptor at either end: the bus is another process
        assert await b.bluez.clients() == before + 3
        assert b.descriptors() == descriptors + 3
        await b.stop()
        for client in forgetful:
            await client.disconnect()


async def test_a_client_that_is_not_disconnected_after_a_drop_multiplies_the_notifications(
    bench, forgetful
):
    async with bench([POLAR]) as b:
        await b.more(POLAR, 50)
        for drops in (1, 2, 3):
            b.stations[POLAR].lose_link()
            await b.down(POLAR)
            await b.more(POLAR, 20)
            assert b.registrations(POLAR) == drops + 1
        before = b.multiplied(POLAR)
        await b.more(POLAR, 100)
        assert b.multiplied(POLAR) > before
        await b.stop()
        for client in forgetful:
            await client.disconnect()


async def test_a_registration_dies_with_the_bus_connection_that_made_it(bench):
    async with bench([POLAR]) as b:
        await b.more(POLAR, 50)
        link = b.stations[POLAR].link
        assert b.registrations(POLAR) == 1
        await b.stop()
        await asyncio.sleep(0.05)
        assert not any(link._registered.values())


async def test_a_characteristic_that_is_not_where_it_was_is_an_invalid_handle(bench):
    async with bench([POLAR]) as b:
        await b.more(POLAR, 50)
        b.stations[POLAR].new_firmware(0x0060)
        connection = b.collector._session(b.address(POLAR))._conversation._connection
        with pytest.raises(radio_connection.HandshakeError) as caught:
            await connection.read(BATTERY)
        assert (caught.value.code, caught.value.link_reason) == (0x01, LinkReason.MISSING)
