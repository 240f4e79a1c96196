"""A host whose Bluetooth goes away and comes back: adapters, bluetoothd, the bus, and sleep."""

import asyncio
import logging

import pytest

from domain.errors import RadioUnavailableError
from domain.link import LinkReason, LinkState

POLAR, VERITY = "polar-h10", "polar-verity"


def streams(b, kind):
    return b.status(kind).state is LinkState.STREAMING


async def back_again(b, kind, samples=50):
    """The sensor streams again over one connection, accounted, and nothing has grown."""
    await b.more(kind, samples)
    assert b.radio.problem is None
    assert b.registrations(kind) == 1
    assert b.multiplied(kind) == 0


async def test_a_bluetoothd_that_dies_is_seen_at_once_and_taken_up_again_when_it_is_back(
    bench, caplog
):
    caplog.set_level(logging.INFO, logger="collector")
    async with bench([POLAR]) as b:
        await b.more(POLAR, 100)
        clients = await b.bluez.clients()
        for _ in range(3):
            b.bluez.die()
            await b.until(lambda: not streams(b, POLAR))
            await b.until(lambda: b.radio.problem is not None)
            assert b.radio.problem.link_reason is LinkReason.NO_SERVICE
            await b.until(lambda: b.reasons(POLAR)[-1] is LinkReason.NO_SERVICE)
            await b.calm()
            await b.bluez.come_back(b.bus.address)
            await back_again(b, POLAR)
        assert await b.bluez.clients() == clients
        assert b.bluez.hci0.discoverers and len(b.bluez.hci0.discoverers) == 1
        await b.stop()
        b.accounted(POLAR)
    told = [r.getMessage() for r in caplog.records if r.name.startswith("collector.radio")]
    assert [words.startswith("no radio: There is no Bluetooth service") for words in told] == [
        True,
        False,
    ] * 3


async def test_descriptors_do_not_grow_while_bluetoothd_and_the_bus_come_and_go(bench):
    async with bench([POLAR]) as b:
        await b.more(POLAR, 50)
        descriptors = b.descriptors()
        for _ in range(3):
            b.bluez.die()
            await b.calm()
            await b.bluez.come_back(b.bus.address)
            await b.more(POLAR, 30)
            b.bus.kill()
            b.bluez.die()
            await b.calm()
            b.bus.start()
            await b.bluez.come_back(b.bus.address)
            await b.more(POLAR, 30)
        assert b.descriptors() == descriptors


async def test_a_bus_that_dies_and_comes_back_at_the_same_address_is_taken_up_again(bench):
    async with bench([POLAR, "ruuvitag"]) as b:
        await b.more(POLAR, 100)
        b.bus.kill()
        b.bluez.die()
        await b.until(lambda: not streams(b, POLAR))
        await b.until(lambda: b.radio.problem is not None)
        assert b.radio.problem.link_reason is LinkReason.NO_SERVICE
        await b.calm()
        b.bus.start()
        await b.bluez.come_back(b.bus.address)
        await back_again(b, POLAR)
        await b.more("ruuvitag", 3)
        assert await b.bluez.clients() == 3
        await b.stop()
        b.accounted(POLAR)
        assert b.accounts["ruuvitag"].misses == []


async def test_an_adapter_that_is_switched_off_is_said_so_and_scans_when_it_is_on_again(bench):
    async with bench([POLAR]) as b:
        await b.more(POLAR, 100)
        clients = await b.bluez.clients()
        await b.bluez.hci0.power(False)
        await b.until(lambda: b.reasons(POLAR)[-1:] == [LinkReason.RADIO_OFF])
        assert b.status(POLAR).reason == "Bluetooth is switched off. Switch it on."
        with pytest.raises(RadioUnavailableError, match="switched off"):
            await b.radio.connect(b.address(POLAR), lambda: None)
        await b.bluez.hci0.power(True)
        await back_again(b, POLAR)
        assert await b.bluez.clients() == clients
        await b.stop()
        b.accounted(POLAR)


async def test_an_adapter_that_is_unplugged_is_said_so_and_taken_up_when_it_is_plugged_in(bench):
    async with bench([POLAR]) as b:
        await b.more(POLAR, 100)
        b.bluez.hci0.unplug()
        await b.until(lambda: b.reasons(POLAR)[-1:] == [LinkReason.NO_ADAPTER])
        assert b.status(POLAR).reason.startswith("There is no Bluetooth adapter.")
        b.bluez.hci0.plug()
        await back_again(b, POLAR)
        assert await b.bluez.clients() == 3
        await b.stop()
        b.accounted(POLAR)


async def test_a_host_that_slept_goes_on_with_the_night_counted_as_lost(bench):
    async with bench([POLAR]) as b:
        await b.more(POLAR, 100)
        before = b.accounts[POLAR].lost
        b.bluez.hci0.unplug()
        night_s = 600.0
        b.sleep(night_s)
        b.bluez.hci0.plug()
        await back_again(b, POLAR, 100)
        lost_s = (b.accounts[POLAR].lost - before) / b.status(POLAR).rate_hz
        assert night_s <= lost_s < night_s + 40.0
        assert abs(b.accounts[POLAR].errors_s[-1]) < 2.0
        await b.stop()
        b.accounted(POLAR)


async def test_a_scan_that_ended_and_told_nobody_is_begun_anew(bench):
    async with bench([POLAR], quiet_s=0.4) as b:
        await b.more(POLAR, 30)
        b.bluez.hci0.discoverers.clear()  # the kernel stopped, and bluetoothd believes that it scans
        b.stations[POLAR].lose_link()
        await b.more(POLAR, 50)
        assert b.bluez.hci0.discoveries >= 2


# --- two adapters ------------------------------------------------------------------------------


async def test_a_sensor_that_only_the_second_adapter_hears_is_connected_over_it(bench):
    async with bench([POLAR, VERITY], adapters=("hci0", "hci1")) as b:
        b.stations[POLAR].audible_on = {"hci1": -70}
        b.stations[VERITY].audible_on = {"hci0": -80, "hci1": -50}
        await b.more(POLAR, 50)
        await b.more(VERITY, 50)
        assert b.stations[POLAR].link.adapter.name == "hci1"
        assert b.stations[VERITY].link.adapter.name == "hci1", "which hears it best"


async def test_only_the_configured_adapter_is_used(bench):
    async with bench([POLAR], adapters=("hci0", "hci1"), use=("hci1",)) as b:
        await b.more(POLAR, 50)
        assert b.stations[POLAR].link.adapter.name == "hci1"
        assert b.bluez.hci0.discoveries == 0


async def test_a_configured_adapter_that_is_not_there_is_named(bench):
    async with bench([POLAR], adapters=("hci0", "hci1"), use=("hci7",)) as b:
        await b.until(lambda: b.radio.problem is not None)
        assert str(b.radio.problem).startswith("There is no Bluetooth adapter hci7.")
        await b.until(lambda: b.reasons(POLAR) == [LinkReason.NO_ADAPTER])
        assert b.bluez.hci0.discoveries == 0


@pytest.mark.parametrize("end", ["unplug", "power"])
async def test_when_one_of_two_adapters_dies_the_other_goes_on_and_takes_over(bench, end):
    async with bench([POLAR, VERITY], adapters=("hci0", "hci1")) as b:
        b.stations[POLAR].audible_on = {"hci0": -50, "hci1": -80}
        b.stations[VERITY].audible_on = {"hci1": -50}
        await b.more(POLAR, 50)
        await b.more(VERITY, 50)
        assert b.stations[POLAR].link.adapter.name == "hci0"
        if end == "unplug":
            b.bluez.hci0.unplug()
        else:
            await b.bluez.hci0.power(False)
        await b.down(POLAR)
        await b.more(POLAR, 50)
        assert b.stations[POLAR].link.adapter.name == "hci1"
        assert b.status(VERITY).reconnects == 0
        assert b.radio.problem is None
        await b.stop()
        b.accounted(POLAR)
        b.accounted(VERITY)


async def test_an_advertisement_that_two_adapters_hear_is_one_sample(bench):
    async with bench(["ruuvitag"], adapters=("hci0", "hci1"), speed=20.0) as b:
        b.stations["ruuvitag"].audible_on = {"hci0": -60, "hci1": -61}
        await b.more("ruuvitag", 20)
        assert b.duplicates("ruuvitag") == 0
        b.bluez.hci0.unplug()
        await b.more("ruuvitag", 10)
        assert b.accounts["ruuvitag"].misses == []


async def test_a_full_adapter_hands_the_sensor_to_the_other_one(bench):
    kinds = ["polar-h10", "polar-h10#2"]
    async with bench(kinds, adapters=("hci0", "hci1")) as b:
        b.bluez.hci0.slots = 1
        for kind in kinds:
            b.stations[kind].audible_on = {"hci0": -50, "hci1": -80}
        await b.more(kinds[0], 50)
        await b.more(kinds[1], 50)
        assert {b.stations[kind].link.adapter.name for kind in kinds} == {"hci0", "hci1"}
        assert LinkReason.NO_SLOTS not in [*b.reasons(kinds[0]), *b.reasons(kinds[1])]


async def test_a_radio_can_be_opened_for_a_moment_without_being_run(bench):
    async with bench([POLAR], start=False) as b:
        heard = []
        with b.radio.listening(heard.append):
            async with b.radio:
                await b.until_heard(heard)
        assert heard[0].address == b.address(POLAR)
        await asyncio.sleep(0.05)
        assert not b.radio.scanning and b.bluez.hci0.discoverers == set()
