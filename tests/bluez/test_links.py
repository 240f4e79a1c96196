"""Links that break, hang and stumble on the real BlueZ backend."""

import asyncio
import logging
import time

import pytest

from collector import radio_connection
from collector.timings import Timings
from domain.link import LinkReason, LinkState

POLAR = "polar-h10"
FAILED = "org.bluez.Error.Failed"
#: As the bench's, with a watchdog that soon barks.
WATCHFUL = Timings(silent_after_s=0.6, absent_after_s=1.0, backoff_first_s=0.05)
IN_PROGRESS = ("org.bluez.Error.InProgress", "Operation already in progress")


async def test_a_sensor_is_heard_connected_and_streams_through_bluez(bench):
    async with bench([POLAR]) as b:
        await b.more(POLAR, 300)
        assert b.states(POLAR) == ["scanning", "connecting", "starting", "streaming"]
        assert b.status(POLAR).battery_percent is not None
        assert b.status(POLAR).rssi_dbm == -60
        await b.stop()
        b.accounted(POLAR)
        assert b.status(POLAR).state is LinkState.STOPPED
        assert not b.stations[POLAR].connected


async def test_twenty_drops_cost_no_descriptor_no_bus_connection_and_multiply_no_notification(
    bench,
):
    async with bench([POLAR], loss=0.02) as b:
        await b.more(POLAR, 100)
        descriptors, clients = b.descriptors(), await b.bluez.clients()
        for _ in range(20):
            b.stations[POLAR].lose_link()
            await b.down(POLAR)
            await b.more(POLAR, 30)
        assert b.descriptors() == descriptors
        assert await b.bluez.clients() == clients == 3  # the watch, bleak, and the one connection
        assert b.registrations(POLAR) == 1
        assert b.status(POLAR).reconnects == 20
        assert b.multiplied(POLAR) == 0
        await b.stop()
        b.accounted(POLAR)
        assert LinkReason.PEER_LOST in b.reasons(POLAR)


async def test_a_connect_that_is_in_progress_is_tried_again(bench):
    async with bench([POLAR]) as b:
        b.stations[POLAR].connect_script.extend([IN_PROGRESS] * 3)
        await b.more(POLAR, 100)
        assert b.stations[POLAR].connects == 1
        assert b.reasons(POLAR) == [LinkReason.ADAPTER_BUSY]
        assert "busy" in b.status_sentence(POLAR, LinkReason.ADAPTER_BUSY)


async def test_a_connect_that_is_aborted_by_the_host_is_tried_again_and_says_so(bench):
    async with bench([POLAR]) as b:
        b.stations[POLAR].connect_script.extend([(FAILED, "le-connection-refused")] * 4)
        await b.more(POLAR, 100)
        assert b.reasons(POLAR) == [LinkReason.PEER_LOST]
        assert "le-connection-refused" in b.status_sentence(POLAR, LinkReason.PEER_LOST)


async def test_a_connect_that_hangs_is_given_up_and_does_not_keep_the_others_waiting_for_ever(
    bench, monkeypatch
):
    monkeypatch.setattr(radio_connection, "CONNECT_S", 0.5)
    async with bench([POLAR, "polar-verity"]) as b:
        b.stations[POLAR].connect_script.extend(["hang", "hang"])
        await b.more("polar-verity", 100)
        await b.more(POLAR, 100)
        assert LinkReason.NO_ANSWER in b.reasons(POLAR)
        assert await b.bluez.clients() == 4


async def test_a_scan_that_is_in_progress_is_started_all_the_same_and_its_edges_are_logged_once(
    bench, caplog
):
    caplog.set_level(logging.INFO, logger="collector")
    async with bench([POLAR]) as b:
        b.bluez.hci0.discovery_script.extend([IN_PROGRESS] * 3)
        await b.more(POLAR, 100)
        assert b.bluez.hci0.discoveries == 1
        assert b.radio.problem is None
    told = [r.getMessage() for r in caplog.records if r.name == "collector.radio_scanner"]
    assert told == [
        "hci0: no radio: hci0: Bluetooth is busy with something else",
        "hci0: the radio is back",
    ]


async def test_a_scan_whose_stop_never_arrived_is_ended_before_the_next_one(bench):
    async with bench([POLAR]) as b:
        await b.more(POLAR, 50)
        scanner = b.radio._scanners["hci0"]
        scanner._scanner._backend._stop = None  # bleak believes that it does not scan
        await scanner.stop()
        await b.calm()
        b.stations[POLAR].lose_link()
        await b.down(POLAR)
        await b.more(POLAR, 50)
        assert b.radio.problem is None


async def test_a_link_that_is_up_and_silent_is_ended_by_the_watchdog(bench):
    async with bench([POLAR], timings=WATCHFUL) as b:
        await b.more(POLAR, 100)
        await b.peripherals[POLAR].silence(1e6)
        await b.until(lambda: "silent" in b.states(POLAR))
        assert b.stations[POLAR].connects == 1, "BlueZ saw nothing wrong with it"
        await b.more(POLAR, 100)
        assert b.stations[POLAR].connects == 2
        assert b.reasons(POLAR) == [LinkReason.SILENT]
        await b.stop()
        b.accounted(POLAR)


async def test_a_sensor_that_reboots_streams_again_and_is_accounted(bench):
    async with bench([POLAR]) as b:
        await b.more(POLAR, 100)
        await b.peripherals[POLAR].reboot()
        await b.more(POLAR, 100)
        assert b.status(POLAR).reconnects == 1
        assert b.multiplied(POLAR) == 0
        assert await b.bluez.clients() == 3


@pytest.mark.slow
async def test_a_disconnect_that_hangs_is_given_five_seconds_and_the_link_is_freed_afterwards(
    bench,
):
    async with bench([POLAR], timings=WATCHFUL) as b:
        await b.more(POLAR, 100)
        clients = await b.bluez.clients()
        b.stations[POLAR].disconnect_hangs = True
        await b.peripherals[POLAR].silence(1e6)
        await b.until(lambda: "silent" in b.states(POLAR))
        began = time.monotonic()
        await b.until(lambda: b.status(POLAR).state is LinkState.BACKING_OFF)
        assert 4.5 < time.monotonic() - began < 15.0
        assert await b.bluez.clients() == clients - 1, "what the client held is freed"
        assert b.stations[POLAR].connected, "the sensor itself is still held by BlueZ"
        b.stations[POLAR].disconnect_hangs = False
        await b.more(POLAR, 100)
        assert b.stations[POLAR].connects == 2
        assert await b.bluez.clients() == clients


async def test_a_link_that_a_killed_process_left_behind_is_freed(bench):
    async with bench([POLAR], start=False) as b:
        await b.leave_a_link(POLAR)
        assert b.stations[POLAR].connected
        b.begin()
        await b.more(POLAR, 100)
        assert LinkReason.NOT_HEARD in b.reasons(POLAR)
        assert b.stations[POLAR].connects == 2
        assert b.registrations(POLAR) == 1


@pytest.mark.parametrize("words", ["le-connection-concurrent-connection-limit"])
async def test_an_adapter_that_is_full_is_named_so_and_the_others_go_on(bench, words):
    async with bench(["polar-h10", "polar-h10#2", "polar-h10#3"]) as b:
        b.bluez.hci0.slots, b.bluez.hci0.no_slots = 2, words
        kinds = list(b.kinds)
        await b.until(lambda: sum(b.accounts[k].received > 50 for k in kinds) == 2)
        (left,) = [k for k in kinds if not b.accounts[k].received]
        await b.until(lambda: len(b.sentences(left, LinkReason.NO_SLOTS)) >= 2)
        assert "no free connection slot" in b.status_sentence(left, LinkReason.NO_SLOTS)
        for kind in kinds:
            if kind != left:
                await b.more(kind, 100)
                assert b.status(kind).reconnects == 0
        b.bluez.hci0.slots = 3
        await b.more(left, 100)


async def test_a_full_adapter_that_only_aborts_is_suspected_when_it_carries_three_links(
    bench, monkeypatch
):
    monkeypatch.setattr(radio_connection, "CONNECT_S", 0.5)
    kinds = ["polar-h10", "polar-h10#2", "polar-h10#3", "polar-h10#4"]
    async with bench(kinds) as b:
        b.bluez.hci0.slots, b.bluez.hci0.no_slots = 3, "le-connection-abort-by-local"
        await b.until(lambda: sum(b.accounts[k].received > 50 for k in kinds) == 3)
        (left,) = [k for k in kinds if not b.accounts[k].received]
        await b.until(lambda: b.sentences(left, LinkReason.NO_SLOTS))
        sentence = b.status_sentence(left, LinkReason.NO_SLOTS)
        assert "likely no free connection slot" in sentence and "3 sensors" in sentence
        b.bluez.hci0.slots = 4
        await b.more(left, 50)


async def test_nothing_is_left_behind_by_a_collector_that_ends(bench):
    async with bench([POLAR, "polar-verity"]) as b:
        await b.more(POLAR, 50)
        await b.more("polar-verity", 50)
        await b.stop()
        await asyncio.sleep(0.05)
        assert await b.bluez.clients() == 1  # bleak keeps its own for as long as the loop lives
        assert not any(station.connected for station in b.stations.values())
        assert b.bluez.hci0.discoverers == set()
