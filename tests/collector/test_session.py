"""The session's state machine against a radio that does what the test says."""

import asyncio
import contextlib
import logging
import struct

import pytest
from scripted import ADDRESS, BEACON, CONTROL, DATA, ScriptedRadio, ToyBeacon, ToyDriver, sensor

from collector.drivers.contract import ALERT_LEVEL, BATTERY_LEVEL, Write
from collector.session import Session
from collector.stream import SensorStream
from collector.timings import Timings
from domain.errors import (
    ConflictError,
    LinkTimeoutError,
    PeerNotFoundError,
    RadioUnavailableError,
    UnsupportedError,
)
from domain.link import LinkReason, LinkState
from tests.virtual_time import now_s

pytestmark = pytest.mark.virtual_time

QUICK = Timings(
    silent_after_s=0.15,
    handshake_s=0.2,
    stop_s=0.1,
    absent_after_s=0.0,
    stable_s=0.0,
    backoff_first_s=0.02,
    backoff_cap_s=0.04,
)


class Running:
    """A session in a task of its own, with what came out of it."""

    def __init__(self, driver=ToyDriver, timings=QUICK):
        self.radio = ScriptedRadio()
        self.blocks, self.statuses = [], []
        self.stream = SensorStream(ADDRESS, driver)
        self.session = Session(
            sensor(driver.name),
            self.stream,
            self.radio,
            clock=lambda: 1_763_805_600.0 + now_s(),
            on_block=self.blocks.append,
            on_status=self.statuses.append,
            timings=timings,
            uniform=lambda: 0.0,
        )

    async def __aenter__(self):
        self.task = asyncio.create_task(self.session.run())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_):
        await self.cancel()

    async def cancel(self):
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    @property
    def states(self):
        states = [status.state.value for status in self.statuses]
        return [s for k, s in enumerate(states) if k == 0 or s != states[k - 1]]

    async def until(self, state, *, heard=True):
        async with asyncio.timeout(3.0):
            while self.session.status.state is not state:
                if heard:
                    self.radio.advertise()
                await asyncio.sleep(0.002)

    async def told(self, **what):
        """Wait until the status says so."""
        async with asyncio.timeout(3.0):
            while {name: getattr(self.session.status, name) for name in what} != what:
                await asyncio.sleep(0.002)

    async def streaming(self, first=0):
        """The connection, once `first` and on have made it stream."""
        self.radio.connected.clear()
        async with asyncio.timeout(3.0):
            while not self.radio.connected.is_set():
                self.radio.advertise()
                await asyncio.sleep(0.002)
        connection = self.radio.connections[-1]
        while DATA not in connection.subscribed:
            await asyncio.sleep(0.002)
        connection.send(first)
        await self.until(LinkState.STREAMING)
        return connection


async def test_a_sensor_that_is_heard_is_connected_started_and_streams():
    async with Running() as running:
        connection = await running.streaming()
        assert connection.writes == [b"GO"]
        assert running.states == ["scanning", "connecting", "starting", "streaming"]
        status = running.session.status
        assert (status.received, status.rate_hz, status.reconnects) == (10, 50.0, 0)
        assert status.reason == ""


async def test_callbacks_are_registered_before_the_first_command_is_written():
    async with Running() as running:
        running.radio.answer = b"OK"
        connection = await running.streaming()
        assert set(connection.subscribed) == {"control", "data"}


async def test_a_drop_is_closed_backed_off_and_recovered_and_what_was_missed_is_counted():
    async with Running() as running:
        first = await running.streaming()
        first.drop()
        second = await running.streaming(first=35)
        assert first.closed and second is not first
        assert [block.lost_before for block in running.blocks] == [0, 25]
        status = running.session.status
        assert (status.received, status.lost, status.reconnects) == (20, 25, 1)
        assert "backing_off" in running.states


async def test_notifications_that_came_before_a_drop_are_not_lost_with_it():
    async with Running() as running:
        connection = await running.streaming()
        connection.send(10)
        connection.send(20)
        connection.drop()
        await running.until(LinkState.BACKING_OFF)
        assert sum(map(len, running.blocks)) == 30


async def test_a_connected_but_silent_sensor_is_disconnected_and_connected_again():
    async with Running() as running:
        first = await running.streaming()
        second = await running.streaming(first=100)
        assert first.closed and second is not first
        assert "silent" in running.states
        silent = next(s for s in running.statuses if s.state is LinkState.SILENT)
        assert "silent for 0.15 s" in silent.reason


async def test_a_sensor_that_never_starts_to_send_is_given_up_after_the_handshake_time():
    async with Running() as running:
        running.radio.answer = None
        running.radio.advertise()
        await running.until(LinkState.BACKING_OFF)
        assert "no samples within 0.2 s" in running.session.status.reason
        assert running.radio.connections[0].closed


async def test_a_refused_handshake_says_why_and_is_tried_again():
    async with Running() as running:
        running.radio.answer = b"NO"
        await running.until(LinkState.BACKING_OFF)
        assert running.session.status.reason == "toy: refused"
        running.radio.answer = b"OK"
        await running.streaming()
        assert all(c.closed for c in running.radio.connections[:-1])


async def test_a_sensor_without_the_characteristic_is_refused_by_name():
    async with Running() as running:
        running.radio.characteristics = {"control"}
        await running.until(LinkState.BACKING_OFF)
        assert "has no characteristic data" in running.session.status.reason


class TwoKindsDriver(ToyDriver):
    """Of a family that has one pair of characteristics or the other, and is spoken to over both."""

    optional = (DATA, "other data", "other control")

    def subscriptions(self):
        return (CONTROL, DATA, "other data")

    def start(self):
        return (Write("other control", b"GO"), Write(CONTROL, b"GO"))


async def test_what_a_driver_can_do_without_is_neither_subscribed_nor_written_where_it_is_missing():
    async with Running(TwoKindsDriver) as running:
        connection = await running.streaming()
        assert set(connection.subscribed) == {CONTROL, DATA}
        assert connection.writes == [b"GO"]


async def test_a_sensor_that_has_nothing_to_subscribe_to_is_refused_although_each_is_optional():
    class Optional(TwoKindsDriver):
        def subscriptions(self):
            return (DATA, "other data")

    async with Running(Optional) as running:
        running.radio.characteristics = {CONTROL}
        await running.until(LinkState.BACKING_OFF)
        assert running.session.status.reason == "toy: the sensor has none of data, other data"


async def test_a_sensor_that_halts_its_stream_is_started_anew():
    async with Running() as running:
        connection = await running.streaming()
        connection.subscribed["control"](b"HALT")
        await running.until(LinkState.BACKING_OFF)
        assert "asked to" in running.session.status.reason
        await running.streaming(first=50)


async def test_what_a_broken_off_connection_left_unread_is_counted_as_lost_not_fed_to_the_next_one():
    async with Running() as running:
        connection = await running.streaming()
        connection.subscribed["control"](b"HALT")
        connection.send(10)
        await running.until(LinkState.BACKING_OFF)
        await running.streaming(first=50)
        assert [block.lost_before for block in running.blocks] == [0, 40]


async def test_a_link_full_of_garbage_is_as_good_as_silent():
    async with Running() as running:
        connection = await running.streaming()
        async with asyncio.timeout(3.0):
            while not connection.closed:
                connection.subscribed[DATA](b"junk")
                await asyncio.sleep(0.01)
        assert "silent" in running.states


async def test_the_answer_of_a_read_comes_back_through_the_driver():
    async with Running() as running:
        running.radio.answer = b"ASK"
        await running.streaming()
        assert running.session.status.rate_hz == 50.0


@pytest.mark.parametrize(
    "error",
    [
        PeerNotFoundError("does not answer"),
        LinkTimeoutError("took too long"),
        RadioUnavailableError("powered_off", "Bluetooth is switched off."),
    ],
)
async def test_a_failed_connection_backs_off_with_its_reason_and_is_tried_again(error):
    async with Running() as running:
        running.radio.refusals.append(error)
        await running.until(LinkState.BACKING_OFF)
        assert running.session.status.reason == str(error)
        await running.streaming()


async def test_attempts_in_vain_wait_longer_and_longer_until_the_sensor_has_streamed(monkeypatch):
    attempts = []

    def delay(attempt, uniform, **limits):
        attempts.append(attempt)
        return 0.0

    monkeypatch.setattr("collector.session.delay_s", delay)
    async with Running() as running:
        running.radio.refusals.extend([PeerNotFoundError("gone")] * 3)
        connection = await running.streaming()
        assert attempts == [1, 2, 3]
        connection.drop()
        await running.streaming(first=20)
        assert attempts == [1, 2, 3, 1]


async def test_a_sensor_out_of_range_stays_scanning_and_says_so(monkeypatch):
    monkeypatch.setattr("collector.session.LOOK_S", 0.01)
    async with Running() as running:
        await asyncio.sleep(0.05)
        status = running.session.status
        assert status.state is LinkState.SCANNING and "out of range" in status.reason
        assert running.radio.connecting == 0
        assert running.radio.freed == [ADDRESS], "once: its link may be one that we left behind"


async def test_without_a_radio_the_reason_is_the_radios(monkeypatch):
    monkeypatch.setattr("collector.session.LOOK_S", 0.01)
    async with Running() as running:
        running.radio.problem = RadioUnavailableError("no_adapter", "There is no adapter.")
        await asyncio.sleep(0.05)
        assert running.session.status.reason == "There is no adapter."


async def test_the_battery_service_is_read_and_subscribed_where_the_driver_leaves_it():
    async with Running() as running:
        running.radio.characteristics.add(BATTERY_LEVEL)
        connection = await running.streaming()
        assert running.session.status.battery_percent == 87.0
        connection.subscribed[BATTERY_LEVEL](b"\x56")
        connection.subscribed[BATTERY_LEVEL](b"\xff")
        connection.send(10)
        await running.told(battery_percent=86.0)
        assert running.session.status.bad_payloads == 1


async def test_broken_payloads_are_counted_and_change_nothing():
    async with Running() as running:
        connection = await running.streaming()
        connection.subscribed[DATA](b"junk")
        connection.send(10)
        await running.told(bad_payloads=1, received=20, lost=0)


@pytest.mark.parametrize(
    "state",
    ["scanning", "connecting", "starting", "streaming", "backing_off"],
)
async def test_a_session_stops_cleanly_in_every_state(state):
    async with Running() as running:
        running.radio.connect_hangs = state == "connecting"
        if state == "starting":
            running.radio.answer = None
        if state == "backing_off":
            running.radio.refusals.extend([PeerNotFoundError("gone")] * 1000)
        if state == "streaming":
            await running.streaming()
        elif state != "scanning":
            await running.until(LinkState(state))
        async with asyncio.timeout(1.0):
            await running.cancel()
        assert running.session.status.state is LinkState.STOPPED
        assert all(connection.closed for connection in running.radio.connections)
        assert running.radio.listeners == []


async def test_a_stop_while_streaming_is_said_to_the_sensor_before_the_link_is_closed():
    async with Running() as running:
        connection = await running.streaming()
        await running.cancel()
        assert connection.writes == [b"GO", b"STOP"] and connection.closed


async def test_a_stop_that_the_sensor_does_not_answer_is_bounded():
    async with Running() as running:
        connection = await running.streaming()
        running.radio.writes_hang = True
        async with asyncio.timeout(1.0):
            await running.cancel()
        assert connection.closed


async def test_an_outage_is_logged_once_and_its_end_once(caplog):
    caplog.set_level(logging.INFO, logger="collector.standing")
    async with Running() as running:
        connection = await running.streaming()
        running.radio.refusals.extend([PeerNotFoundError("gone")] * 3)
        connection.drop()
        await running.streaming(first=10)
    messages = [record.getMessage() for record in caplog.records]
    assert len([m for m in messages if "lost" in m]) == 1
    assert len(messages) == 2 and "streaming again" in messages[1]


async def test_an_error_that_nobody_foresaw_ends_the_session():
    class Broken(ToyDriver):
        def feed(self, characteristic, payload, now):
            raise RuntimeError("a bug")

    running = Running(Broken)
    task = asyncio.create_task(running.session.run())
    await asyncio.sleep(0)
    running.radio.advertise()
    with pytest.raises(RuntimeError, match="a bug"):
        await asyncio.wait_for(task, 2.0)
    assert running.radio.connections[0].closed


async def test_a_beacon_streams_falls_silent_and_comes_back_without_a_connection():
    async with Running(ToyBeacon) as running:

        def send(number):
            running.radio.advertise(manufacturer_data={0x1234: struct.pack("<H", number)})

        for number in (5, 5, 6):
            send(number)
        await running.until(LinkState.STREAMING, heard=False)
        await running.until(LinkState.SILENT, heard=False)
        send(9)
        await running.until(LinkState.STREAMING, heard=False)
        status = running.session.status
        assert (status.received, status.lost, status.rssi_dbm) == (3, 2, -50)
        assert running.radio.connecting == 0
        assert BEACON in running.stream.driver.subscriptions()


class BlinkingDriver(ToyDriver):
    def identify(self):
        return (Write("control", b"BLINK"),)


async def test_a_sensor_that_can_blink_shows_which_one_it_is_while_it_streams():
    async with Running(BlinkingDriver) as running:
        connection = await running.streaming()
        await running.session.identify()
        assert connection.writes == [b"GO", b"BLINK"]
        connection.send(10)
        await running.told(received=20)


async def test_a_sensor_with_the_immediate_alert_service_is_alerted():
    async with Running() as running:
        running.radio.characteristics.add(ALERT_LEVEL)
        connection = await running.streaming()
        await running.session.identify()
        assert connection.writes == [b"GO", b"\x02"]


async def test_a_sensor_without_light_and_buzzer_says_that_it_cannot_show_itself():
    async with Running() as running:
        await running.streaming()
        with pytest.raises(UnsupportedError, match="my toy cannot show itself: a Toy has no light"):
            await running.session.identify()


@pytest.mark.parametrize("state", ["scanning", "starting", "dropped", "backing_off"])
async def test_a_sensor_that_is_not_connected_cannot_be_asked_which_one_it_is(state):
    async with Running(BlinkingDriver) as running:
        if state == "starting":
            running.radio.writes_hang = True
            await running.until(LinkState.STARTING)
        elif state in ("dropped", "backing_off"):
            connection = await running.streaming()
            connection.drop()
            if state == "backing_off":
                await running.until(LinkState.BACKING_OFF, heard=False)
        with pytest.raises(ConflictError, match="my toy is not connected"):
            await running.session.identify()


async def test_every_reason_has_its_word():
    async with Running() as running:

        async def told(word):
            async with asyncio.timeout(3.0):
                while running.statuses[-1].reason_code is not word:
                    running.radio.advertise()
                    await asyncio.sleep(0.001)

        connection = await running.streaming()
        assert running.session.status.reason_code is LinkReason.NONE
        connection.drop()
        await told(LinkReason.PEER_LOST)
        running.radio.refusals.extend([RadioUnavailableError("powered_off", "It is off.")] * 9)
        await told(LinkReason.RADIO_OFF)
        running.radio.refusals.clear()
        running.radio.answer = b"NO"
        await told(LinkReason.HANDSHAKE)
        running.radio.characteristics = {"control"}
        await told(LinkReason.MISSING)


async def test_a_silent_sensor_has_the_word_for_it():
    async with Running() as running:
        await running.streaming()
        async with asyncio.timeout(3.0):
            while running.states[-1] != "backing_off":
                await asyncio.sleep(0.002)
        codes = [(s.state.value, s.reason_code.value) for s in running.statuses[-2:]]
        assert codes == [("silent", "silent"), ("backing_off", "silent")]


async def test_a_full_adapter_is_given_more_time_than_the_first_back_off(monkeypatch):
    waited = []

    async def sleep(seconds, result=None, *, real=asyncio.sleep):
        waited.append(seconds)
        return await real(min(seconds, 0.01), result)

    async with Running() as running:
        error = LinkTimeoutError("no free connection slot", link_reason=LinkReason.NO_SLOTS)
        running.radio.refusals.append(error)
        monkeypatch.setattr("collector.session.asyncio.sleep", sleep)
        await running.streaming()
        assert max(waited) == 4.0


async def test_services_that_lack_something_are_looked_at_anew_but_once_until_the_sensor_streamed():
    async with Running() as running:

        async def connected(times):
            wanted = len(running.radio.connections) + times
            async with asyncio.timeout(3.0):
                while len(running.radio.connections) < wanted:
                    running.radio.advertise()
                    await asyncio.sleep(0.002)

        running.radio.characteristics = {"control"}
        await connected(3)
        assert running.radio.forgotten == [ADDRESS]
        running.radio.characteristics = {"control", "data"}
        connection = await running.streaming()
        running.radio.characteristics = {"control"}
        connection.drop()
        await connected(3)
        assert running.radio.forgotten == [ADDRESS, ADDRESS]
