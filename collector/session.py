"""The session with one sensor: a state machine that keeps its samples coming.

idle -> scanning -> connecting -> starting -> streaming -> (silent) -> backing_off -> scanning ...
A sensor that only advertises goes scanning -> streaming <-> silent. A session ends by cancellation, in
any state: what was started is stopped and disconnected, within bounds, and the state is stopped.
"""

import asyncio
import random
from collections.abc import Callable

from collector.backoff import delay_s
from collector.conversation import Conversation
from collector.drivers.contract import Advertisement
from collector.intake import Intake, Tape
from collector.overhearing import Overhearing
from collector.radio import Radio
from collector.standing import Standing
from collector.stream import SensorStream
from collector.timings import LOOK_S, Timings
from domain.errors import ConflictError, DeviceError, LinkError, PeerLostError, first_line
from domain.link import LinkReason, LinkState, SensorStatus
from domain.people import Sensor
from domain.samples import SampleBlock

FREE_AGAIN_S = 60.0  # a link that was left behind may resist: the disconnect hangs at times
_DOUBTFUL = (LinkReason.MISSING, LinkReason.HANDSHAKE)

__all__ = ["Session", "Tape", "Timings"]


class Session:
    """One sensor's link. `run` until cancelled; `status` at any time.

    clock: host Unix time, s. on_block: called with every block, in order. on_status: called when
    state, reason, battery or rate change. uniform: a draw from [0, 1) for the back-off.
    """

    def __init__(
        self,
        sensor: Sensor,
        stream: SensorStream,
        radio: Radio,
        *,
        clock: Callable[[], float],
        on_block: Callable[[SampleBlock], None],
        on_status: Callable[[SensorStatus], None] | None = None,
        tape: Tape | None = None,
        timings: Timings | None = None,
        uniform: Callable[[], float] = random.random,
    ) -> None:
        self.sensor = sensor
        self._radio = radio
        self._timings = timings or Timings()
        self._uniform = uniform
        self._attempt = 0
        self._services_doubted = False
        self._conversation: Conversation | None = None
        self._standing = Standing(
            sensor,
            stream,
            clock=clock,
            on_status=on_status,
            absent_after_s=self._timings.absent_after_s,
        )
        self._intake = Intake(
            stream,
            self._standing,
            clock=clock,
            on_block=on_block,
            tape=tape,
            timings=self._timings,
        )

    @property
    def status(self) -> SensorStatus:
        """What is known of the sensor now."""
        return self._standing.status

    @property
    def overruns(self) -> int:
        """Notifications that came faster than they were taken, and were counted as lost."""
        return self._intake.overruns

    async def run(self) -> None:
        """Keep the samples coming until cancelled."""
        self._standing.become(LinkState.SCANNING)
        try:
            while True:
                try:
                    if self._intake.stream.driver.connects:
                        await self._converse()
                    else:
                        await Overhearing(self._radio, self._intake, self._standing).hold()
                except (LinkError, DeviceError) as error:
                    await self._doubt_services(error.link_reason)
                    await self._back_off(first_line(error), error.link_reason)
        finally:
            self._standing.become(LinkState.STOPPED)

    async def identify(self) -> None:
        """Make the sensor show which one it is: blink, beep or buzz, while it streams.

        Raises ConflictError while the sensor is not connected, UnsupportedError when it has nothing
        to show itself with, HandshakeError when it refuses, a LinkError when it does not answer.
        """
        if self._conversation is None:
            raise ConflictError(f"{self.sensor.name} is not connected")
        await self._conversation.identify()

    async def _converse(self) -> None:
        """One connection, from being heard to its end; the end is always a LinkError or a DeviceError."""
        await self._until_heard()
        self._standing.become(LinkState.CONNECTING)
        connection = await self._radio.connect(self.sensor.id, self._intake.wake.set)
        conversation = Conversation(
            self.sensor, connection, self._intake, self._standing, self._timings
        )
        self._conversation = conversation
        polite = False
        try:
            with self._radio.listening(self._note_strength):
                await conversation.hold()
        except PeerLostError as error:
            if self._radio.problem is None:
                raise
            raise self._radio.problem from error  # what took all links took this one
        except asyncio.CancelledError:
            polite = True
            raise
        finally:
            self._conversation = None
            if polite and not connection.lost:
                await conversation.say_goodbye()
            await connection.close()
            self._intake.end()

    async def _until_heard(self) -> None:
        heard = asyncio.Event()

        def listener(advertisement: Advertisement) -> None:
            if advertisement.address == self.sensor.id:
                self._note_strength(advertisement)
                heard.set()

        waited_s, free_at_s = 0.0, self._timings.absent_after_s
        self._standing.seek(self._radio.problem, waited_s)
        with self._radio.listening(listener):
            while not heard.is_set():
                try:
                    async with asyncio.timeout(LOOK_S):
                        await heard.wait()
                except TimeoutError:
                    waited_s += LOOK_S
                    self._standing.seek(self._radio.problem, waited_s)
                    if waited_s >= free_at_s and self._radio.problem is None:
                        free_at_s = waited_s + FREE_AGAIN_S
                        await self._radio.free(self.sensor.id)

    def _note_strength(self, advertisement: Advertisement) -> None:
        # some sensors advertise while they are connected; of the others bleak knows no RSSI then
        if advertisement.address == self.sensor.id:
            self._standing.note(rssi_dbm=advertisement.rssi_dbm)

    async def _doubt_services(self, reason: LinkReason) -> None:
        """After other firmware the host may still believe in the old services: look again, but once."""
        if reason in _DOUBTFUL and not self._services_doubted:
            self._services_doubted = True
            await self._radio.forget(self.sensor.id)

    async def _back_off(self, reason: str, code: LinkReason) -> None:
        now = asyncio.get_running_loop().time()
        since = self._intake.streaming_since
        stable = since is not None and now - since >= self._timings.stable_s
        self._services_doubted = self._services_doubted and since is None
        self._attempt = 1 if stable else self._attempt + 1
        self._intake.streaming_since = None
        wait_s = delay_s(
            self._attempt,
            self._uniform(),
            first_s=self._timings.backoff_first_s,
            cap_s=self._timings.backoff_cap_s,
        )
        if code is LinkReason.NO_SLOTS:
            wait_s = max(wait_s, self._timings.no_slots_s)
        self._standing.become(LinkState.BACKING_OFF, reason, code)
        await asyncio.sleep(wait_s)
