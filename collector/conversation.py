"""One connection to one sensor: subscribe, start, keep it going, and say goodbye."""

import asyncio
import logging
from functools import partial

from collector.drivers.contract import (
    ALERT_LEVEL,
    BATTERY_LEVEL,
    IMMEDIATE_ALERT_SERVICE,
    INFORMATION,
    Command,
    Identifies,
    Read,
    Repeat,
    Tolerates,
    Write,
)
from collector.intake import Intake
from collector.radio import Connection
from collector.standing import Standing
from collector.timings import Timings
from domain.errors import (
    ConflictError,
    DeviceError,
    HandshakeError,
    LinkError,
    LinkTimeoutError,
    PeerLostError,
    UnsupportedError,
)
from domain.link import LinkReason, LinkState
from domain.people import Sensor

HIGH_ALERT = b"\x02"  # Alert Level characteristic: GATT Specification Supplement, 3.10

_log = logging.getLogger(__name__)


class Conversation:
    """What is said over one connection; its end is always a LinkError or a DeviceError."""

    def __init__(
        self,
        sensor: Sensor,
        connection: Connection,
        intake: Intake,
        standing: Standing,
        timings: Timings,
    ) -> None:
        self._sensor = sensor
        self._connection = connection
        self._intake = intake
        self._driver = intake.stream.driver
        self._standing = standing
        self._timings = timings
        self._repeats: dict[Repeat, float] = {}
        self._started = False

    async def hold(self) -> None:
        """Have the sensor stream until the link ends, or the sensor is given up."""
        intake, loop = self._intake, asyncio.get_running_loop()
        commands = intake.stream.reconnected()
        self._driver = intake.stream.driver
        intake.record_link("connected")
        intake.expect_samples()
        self._standing.become(LinkState.STARTING)
        await self._subscribe()
        await self._inform()
        await self._perform(commands)
        self._started = True
        while True:
            for command in intake.take():
                if not self._connection.lost:
                    await self._perform((command,))
            await self._repeat()
            deadline = intake.block_at + intake.patience_s
            if self._connection.lost:
                raise PeerLostError("the link was lost")
            if loop.time() >= deadline:
                self._raise_silence()
            intake.wake.clear()
            try:
                async with asyncio.timeout_at(min([deadline, *self._repeats.values()])):
                    await intake.wake.wait()
            except TimeoutError:
                continue

    async def identify(self) -> None:
        """Make the sensor show which one it is.

        Raises ConflictError before the sensor is started and when the link is gone,
        UnsupportedError when the sensor has nothing to show itself with, HandshakeError when it
        refuses, a LinkError when it does not answer.
        """
        driver = self._driver
        if self._connection.lost or not self._started:
            raise ConflictError(f"{self._sensor.name} is not connected")
        if isinstance(driver, Identifies):
            await self._perform(driver.identify())
            self._intake.wake.set()
        elif self._connection.has(ALERT_LEVEL, IMMEDIATE_ALERT_SERVICE):
            await self._connection.write(
                ALERT_LEVEL, HIGH_ALERT, response=False, service=IMMEDIATE_ALERT_SERVICE
            )
        else:
            raise UnsupportedError(
                f"{self._sensor.name} cannot show itself: a {driver.title} has no light, buzzer or "
                "motor that a program can use. Shake the sensors one after the other instead"
            )

    async def say_goodbye(self) -> None:
        """Stop the stream politely; never raises a typed error, and is bounded."""
        try:
            async with asyncio.timeout(self._timings.stop_s):
                await self._perform(self._driver.stop())
        except (LinkError, DeviceError, TimeoutError) as error:
            _log.debug("%s: stopping: %s", self._sensor.id, error)

    def _raise_silence(self) -> None:
        intake = self._intake
        waited = f"{intake.patience_s:g} s"
        if intake.streaming_since is None:
            raise LinkTimeoutError(
                f"connected, but no samples within {waited}", link_reason=LinkReason.HANDSHAKE
            )
        reason = f"connected, but silent for {waited}"
        self._standing.become(LinkState.SILENT, reason, LinkReason.SILENT)
        raise LinkTimeoutError(reason, link_reason=LinkReason.SILENT)

    async def _subscribe(self) -> None:
        connection, driver, arrived = self._connection, self._driver, self._intake.arrived
        optional, heard = self._optional, False
        for characteristic in driver.subscriptions():
            if connection.has(characteristic):
                await connection.subscribe(characteristic, partial(arrived, characteristic))
                heard = True
            elif characteristic not in (BATTERY_LEVEL, *optional):
                raise HandshakeError(
                    driver.name,
                    f"the sensor has no characteristic {characteristic}",
                    link_reason=LinkReason.MISSING,
                )
        if not heard:
            raise HandshakeError(
                driver.name,
                f"the sensor has none of {', '.join(driver.subscriptions())}",
                link_reason=LinkReason.MISSING,
            )
        if "battery" in driver.measures or not connection.has(BATTERY_LEVEL):
            return  # the driver sees to it, or nobody can
        try:
            await connection.subscribe(BATTERY_LEVEL, partial(arrived, BATTERY_LEVEL))
        except HandshakeError as error:
            # readable on all, notified by some
            _log.debug("%s: battery: %s", self._sensor.id, error)
        await self._perform((Read(BATTERY_LEVEL),))

    @property
    def _optional(self) -> tuple[str, ...]:
        return self._driver.optional if isinstance(self._driver, Tolerates) else ()

    async def _inform(self) -> None:
        """Read who made the sensor and what runs on it; one that refuses keeps it to itself."""
        for characteristic in INFORMATION:
            if self._connection.has(characteristic):
                try:
                    payload = await self._connection.read(characteristic)
                except HandshakeError as error:
                    _log.debug("%s: information: %s", self._sensor.id, error)
                else:
                    self._intake.arrived(characteristic, payload)

    async def _repeat(self) -> None:
        """Perform what is due again."""
        now = asyncio.get_running_loop().time()
        for repeat in [repeat for repeat, due in self._repeats.items() if due <= now]:
            self._repeats[repeat] = now + repeat.every_s
            await self._perform((repeat.command,))

    async def _perform(self, commands: tuple[Command, ...]) -> None:
        for command in commands:
            if isinstance(command, Repeat):
                due = asyncio.get_running_loop().time() + command.every_s
                self._repeats[command] = due
                await self._perform((command.command,))
                continue
            if not self._connection.has(command.characteristic):
                if command.characteristic in (BATTERY_LEVEL, *self._optional):
                    continue
                if command.characteristic in INFORMATION:
                    self._intake.arrived(command.characteristic, b"")
                    continue
            match command:
                case Write():
                    await self._connection.write(
                        command.characteristic, command.payload, response=command.response
                    )
                case Read():
                    payload = await self._connection.read(command.characteristic)
                    self._intake.arrived(command.characteristic, payload)
