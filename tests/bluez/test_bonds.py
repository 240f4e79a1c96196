"""Sensors that want to be paired, and sensors whose services are not what BlueZ remembers."""

import logging

import pytest

from collector.drivers.contract import BATTERY_SERVICE
from domain.link import LinkReason, LinkState

POLAR = "polar-h10"


async def test_a_sensor_that_wants_to_be_paired_is_paired_once_and_streams(bench, caplog):
    caplog.set_level(logging.INFO, logger="collector")
    async with bench([POLAR]) as b:
        b.stations[POLAR].wants_pairing = True
        await b.more(POLAR, 50)
        assert b.reasons(POLAR) == []
        b.stations[POLAR].lose_link()
        await b.down(POLAR)
        await b.more(POLAR, 50)
        assert b.stations[POLAR].pairings == 1
        await b.stop()
        b.accounted(POLAR)
    assert sum("wants to be paired" in r.getMessage() for r in caplog.records) == 1


@pytest.mark.parametrize(
    "refusal", ["AuthenticationFailed", "AuthenticationRejected", "AuthenticationCanceled"]
)
async def test_a_pairing_that_is_refused_says_what_a_person_is_to_do(bench, refusal):
    async with bench([POLAR]) as b:
        b.stations[POLAR].wants_pairing = True
        b.stations[POLAR].pair_refusal = (f"org.bluez.Error.{refusal}", "Authentication Failed")
        await b.until(lambda: b.status(POLAR).state is LinkState.BACKING_OFF)
        assert b.reasons(POLAR) == [LinkReason.NEEDS_PAIRING]
        sentence = b.status_sentence(POLAR, LinkReason.NEEDS_PAIRING)
        assert f"bluetoothctl pair {b.address(POLAR)}" in sentence
        assert b.stations[POLAR].pairings == 1, "once for each connection"
        b.stations[POLAR].pair_refusal = None  # the person has switched its pairing mode on
        await b.more(POLAR, 50)


async def test_a_sensor_that_forgot_its_pairing_says_that_it_is_to_be_removed_here_too(bench):
    async with bench([POLAR]) as b:
        b.stations[POLAR].wants_pairing = True
        await b.more(POLAR, 50)
        b.stations[POLAR].forgot_pairing = True  # reset to as delivered; BlueZ has the old key
        b.stations[POLAR].lose_link()
        await b.until(lambda: LinkReason.NEEDS_PAIRING in b.reasons(POLAR))
        sentence = b.status_sentence(POLAR, LinkReason.NEEDS_PAIRING)
        assert "Remove it from the computer's Bluetooth settings" in sentence


async def test_a_sensor_with_other_firmware_is_discovered_anew(bench):
    async with bench([POLAR]) as b:
        await b.more(POLAR, 50)
        b.stations[POLAR].new_firmware(0x0060)  # the same services at other handles
        b.stations[POLAR].lose_link()
        await b.down(POLAR)
        await b.more(POLAR, 50)
        assert b.reasons(POLAR)[:2] == [LinkReason.PEER_LOST, LinkReason.MISSING]
        assert b.multiplied(POLAR) == 0
        assert await b.bluez.clients() == 3
        await b.stop()
        b.accounted(POLAR)


async def test_a_service_that_firmware_brings_or_takes_is_followed(bench):
    async with bench([POLAR]) as b:
        b.stations[POLAR].new_firmware(0x0010, without=BATTERY_SERVICE)
        await b.more(POLAR, 50)
        assert b.status(POLAR).battery_percent is None
        b.stations[POLAR].new_firmware(0x0060)
        b.stations[POLAR].lose_link()
        await b.down(POLAR)
        await b.more(POLAR, 50)
        assert b.status(POLAR).battery_percent is not None


async def test_a_bond_is_not_thrown_away_for_the_sake_of_stale_services(bench):
    async with bench([POLAR]) as b:
        b.stations[POLAR].wants_pairing = True
        await b.more(POLAR, 50)
        b.stations[POLAR].new_firmware(0x0060)
        b.stations[POLAR].lose_link()
        await b.until(lambda: LinkReason.MISSING in b.reasons(POLAR))
        await b.calm()
        assert b.bluez.hci0.devices[b.address(POLAR)].paired
        assert b.stations[POLAR].pairings == 1
