"""What the radio makes of a stack that stumbles, over bleak and Bumble."""

import asyncio

import pytest
from bleak.exc import BleakError
from over_bumble import Bench

from collector import radio as radio_module
from collector.radio import Radio
from domain.errors import PeerLostError
from simulators.radio import BumbleClient, BumbleScanner

pytestmark = pytest.mark.virtual_time


class StumblingClient(BumbleClient):
    """Its first `stumbles` connections break off while the services are discovered, as on BlueZ."""

    stumbles = 1

    async def connect(self, pair, **kwargs):
        await super().connect(pair, **kwargs)
        if type(self).stumbles:
            type(self).stumbles -= 1
            await self.disconnect()
            raise BleakError("failed to discover services, device disconnected")


class BriefClient(BumbleClient):
    """Connects and is gone again before anybody can use it."""

    async def connect(self, pair, **kwargs):
        await super().connect(pair, **kwargs)
        await self.disconnect()


async def until(condition):
    async with asyncio.timeout(3.0):
        while not condition():
            await asyncio.sleep(0.01)


async def heard(bench, client):
    """A radio of the bench's world that has heard the sensor."""
    await bench.stop()
    radio = Radio(
        clock=bench.clock,
        scanner_kwargs={"backend": BumbleScanner, "world": bench.world},
        client_kwargs={"backend": client},
    )
    addresses = set()
    with radio.listening(lambda advertisement: addresses.add(advertisement.address)):
        await radio.start()
        await until(lambda: bench.address("polar-h10") in addresses)
    return radio


async def test_a_link_that_came_at_the_second_attempt_is_not_taken_for_the_first_that_broke_off():
    async with Bench(["polar-h10"]) as bench:
        StumblingClient.stumbles = 1
        radio = await heard(bench, StumblingClient)
        losses = []
        connection = await radio.connect(bench.address("polar-h10"), lambda: losses.append(1))
        assert StumblingClient.stumbles == 0
        assert not connection.lost and losses == []
        await bench.peripherals["polar-h10"].drop()
        await until(lambda: connection.lost)
        assert losses == [1], "told once, when the link really ends"
        await connection.close()
        await radio.stop()


async def test_a_link_that_is_gone_before_it_can_be_used_is_an_error_not_a_connection():
    async with Bench(["polar-h10"]) as bench:
        radio = await heard(bench, BriefClient)
        losses = []
        with pytest.raises(PeerLostError, match="at once"):
            await radio.connect(bench.address("polar-h10"), lambda: losses.append(1))
        assert losses == [] and bench.world.links == 0
        await radio.stop()


async def test_a_client_that_goes_on_after_it_was_closed_is_not_listened_to():
    async with Bench(["polar-h10"]) as bench:
        radio = await heard(bench, BumbleClient)
        connection = await radio.connect(bench.address("polar-h10"), lambda: None)
        got, late = [], []
        real = connection._client.start_notify

        async def spied(characteristic, callback, **kwargs):
            late.append(callback)
            await real(characteristic, callback, **kwargs)

        connection._client.start_notify = spied
        battery = "00002a19-0000-1000-8000-00805f9b34fb"
        await connection.subscribe(battery, got.append)
        late[0](None, bytearray(b"\x50"))
        await connection.close()
        late[0](None, bytearray(b"\x51"))
        assert got == [b"\x50"]
        await radio.stop()


async def test_a_client_that_lost_its_peer_is_disconnected_all_the_same():
    async with Bench(["polar-h10"]) as bench:
        radio = await heard(bench, BumbleClient)
        connection = await radio.connect(bench.address("polar-h10"), lambda: None)
        disconnected = []
        real = connection._client.disconnect

        async def spied():
            disconnected.append(connection.lost)
            await real()

        connection._client.disconnect = spied
        await bench.peripherals["polar-h10"].drop()
        await until(lambda: connection.lost)
        await connection.close()
        assert disconnected == [True], "on BlueZ it would keep its bus and double what comes next"
        await radio.stop()


@pytest.mark.parametrize("failure", [None, OSError(111, "refused"), KeyError("org.bluez.Device1")])
async def test_freeing_a_stale_link_asks_bluez_and_never_raises(monkeypatch, failure):
    asked = []

    async def close(address):
        asked.append(address)
        if failure is not None:
            raise failure

    monkeypatch.setattr(radio_module, "close_stale_connections_by_address", close)
    await Radio(clock=lambda: 0.0).free("C0:01")
    await Radio(clock=lambda: 0.0, client_kwargs={"backend": BumbleClient}).free("C0:02")
    assert asked == ["C0:01"]


async def test_without_a_bluetooth_service_the_problem_is_one_plain_sentence_and_goes_when_there_is_one(
    monkeypatch, tmp_path
):
    pytest.importorskip("dbus_fast")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'no-bus'}")
    async with Bench([]) as bench:
        await bench.stop()
        radio = Radio(clock=bench.clock, retry_s=0.02)
        task = asyncio.create_task(radio.run())
        await until(lambda: radio.problem is not None)
        assert radio.problem.reason == "no_service"
        assert str(radio.problem).startswith("There is no Bluetooth service on this machine")
        radio._scanner_kwargs = {"backend": BumbleScanner, "world": bench.world}
        await until(lambda: radio.scanning)
        assert radio.problem is None
        task.cancel()
        await asyncio.wait({task})
