"""Listening to a sensor that only advertises: nothing is connected, nothing is asked."""

import asyncio

from collector.drivers.contract import (
    Advertisement,
    manufacturer_channel,
    service_data_channel,
)
from collector.intake import Intake
from collector.radio import Radio
from collector.standing import Standing
from collector.timings import LOOK_S
from domain.errors import first_line
from domain.link import LinkReason, LinkState


class Overhearing:
    """Takes what one sensor advertises."""

    def __init__(self, radio: Radio, intake: Intake, standing: Standing) -> None:
        self._radio = radio
        self._intake = intake
        self._standing = standing
        self._address = intake.stream.sensor

    async def hold(self) -> None:
        """Listen; ends by cancellation, or by a HandshakeError of the driver."""
        intake, loop = self._intake, asyncio.get_running_loop()
        intake.stream.reconnected()
        intake.record_link("connected")
        intake.expect_samples()
        with self._radio.listening(self._on_advertisement):
            while True:
                for _command in intake.take():
                    continue  # there is nobody to perform it with
                quiet_s = loop.time() - intake.block_at
                if intake.streaming_since is None:
                    self._standing.seek(self._radio.problem, quiet_s)
                elif quiet_s >= intake.patience_s:
                    self._fall_silent()
                intake.wake.clear()
                patience_s = LOOK_S if intake.streaming_since is None else intake.patience_s
                try:
                    async with asyncio.timeout(min(LOOK_S, patience_s)):
                        await intake.wake.wait()
                except TimeoutError:
                    continue

    def _fall_silent(self) -> None:
        problem = self._radio.problem
        if problem is None:
            words, reason = f"not heard for {self._intake.patience_s:g} s", LinkReason.NOT_HEARD
        else:
            words, reason = first_line(problem), problem.link_reason
        self._standing.become(LinkState.SILENT, words, reason)

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        if advertisement.address != self._address:
            return
        self._standing.note(rssi_dbm=advertisement.rssi_dbm)
        channels = {
            **{manufacturer_channel(c): p for c, p in advertisement.manufacturer_data.items()},
            **{service_data_channel(u): p for u, p in advertisement.service_data.items()},
        }
        for channel in self._intake.stream.driver.subscriptions():
            if channel in channels:
                self._intake.arrived(channel, bytes(channels[channel]), advertisement.received_at)
