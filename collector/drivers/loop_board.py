"""Boards whose sketch notifies acceleration and turning apart, in its loop, as three floats each.

There is no clock, no counter and no stated rate: the two halves of a sample are put together in the
order in which the loop sends them, and the rate is counted from the arrivals.
"""

import struct
from typing import ClassVar

import numpy as np

from collector.drivers.contract import (
    Command,
    Event,
    GattCharacteristic,
    GattService,
    Sent,
)
from collector.drivers.counted_rate import CountedRate
from collector.drivers.counts import quantised
from collector.drivers.first_block import FirstBlock
from collector.drivers.twins import SimpleTwin
from domain.errors import PayloadError
from domain.samples import DeviceBlock, Floats

_ROW = struct.Struct("<3f")


class LoopBoard:
    """The host's side of one connection. A subclass names the characteristics and the scales.

    acc_first: whether a pass of the loop sends acceleration before turning. rates_hz: see CountedRate.
    most: magnitudes that no axis of acceleration and of turning can have, as sent.
    """

    name: ClassVar[str]
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro")
    acc: ClassVar[str]
    gyro: ClassVar[str]
    acc_first: ClassVar[bool]
    rates_hz: ClassVar[tuple[float, ...]]
    most: ClassVar[tuple[float, float]]

    def __init__(self) -> None:
        self._open = False
        self._forget()

    def subscriptions(self) -> tuple[str, ...]:
        """Both halves of a sample."""
        return (self.acc, self.gyro)

    def start(self) -> tuple[Command, ...]:
        """Nothing: the sketch sends to whoever subscribes; what it sent before is left out."""
        self._forget()
        self._open = True
        return ()

    def stop(self) -> tuple[Command, ...]:
        """Nothing: unsubscribing is enough."""
        return ()

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; `now` counts the rate."""
        if characteristic not in (self.acc, self.gyro):
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) != _ROW.size:
            raise PayloadError(self.name, f"not three floats: {len(payload)} bytes", payload)
        # Of a single row Python's own floats cost a fifth of what arrays do.
        x, y, z = _ROW.unpack(payload)
        most = self.most[characteristic == self.gyro]
        if not (abs(x) < most and abs(y) < most and abs(z) < most):  # false for NaN
            raise PayloadError(self.name, "values that the sensor cannot measure", payload)
        if not self._open:
            return ()
        row = np.array([(x, y, z)])
        if characteristic == self.acc:
            return self._acceleration(row, now)
        return self._turning(row, now)

    def _forget(self) -> None:
        self._rate = CountedRate(*self.rates_hz)
        self._held: Floats | None = None
        self._first = FirstBlock()

    def _acceleration(self, row: Floats, now: float) -> tuple[Event, ...]:
        held, self._held = self._held, row if self.acc_first else None
        if not self.acc_first:
            return self._complete(row, held, now)
        # The turning that belongs to the one before never came.
        return () if held is None else self._complete(held, None, now)

    def _turning(self, row: Floats, now: float) -> tuple[Event, ...]:
        held, self._held = self._held, None if self.acc_first else row
        if not self.acc_first or held is None:
            return ()
        return self._complete(held, row, now)

    def _complete(self, acc: Floats, gyro: Floats | None, now: float) -> tuple[Event, ...]:
        rate_hz = self._rate.count(now)
        acc_g, gyro_dps = self.scaled(acc, np.full((1, 3), np.nan) if gyro is None else gyro)
        block = DeviceBlock(None, acc_g, gyro_dps, rate_hz)
        return self._first.told((block,))

    def scaled(self, acc: Floats, gyro: Floats) -> tuple[Floats, Floats]:
        """Rows as sent, (1, 3) each, in g and deg/s."""
        return acc, gyro


class LoopTwin(SimpleTwin):
    """The sensor's side: `passes` of the loop for every sample the chip takes."""

    service: ClassVar[str]
    host: ClassVar[type[LoopBoard]]
    passes: ClassVar[int] = 1

    def __init__(self) -> None:
        self.rate_hz = self.host.rates_hz[0]
        self.chunk = 1
        self.full_scale_g = 4.0
        self.resolution_g = self.full_scale_g / 2**15
        self.gyro_full_scale_dps: float | None = 2000.0

    def gatt(self) -> tuple[GattService, ...]:
        """The sketch's service, as far as it moves."""
        both = tuple(GattCharacteristic(uuid, ("notify",)) for uuid in self.host().subscriptions())
        return (GattService(self.service, both),)

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """Two notifications a pass, in the loop's order."""
        gyro = np.zeros_like(acc_g) if gyro_dps is None else gyro_dps
        sent: list[Sent] = []
        for acc_row, gyro_row in zip(acc_g, gyro, strict=True):
            acc, turning = self.sent_as(acc_row, gyro_row)
            pair = [Sent(self.host.acc, _floats(acc)), Sent(self.host.gyro, _floats(turning))]
            sent += (pair if self.host.acc_first else pair[::-1]) * self.passes
        return tuple(sent)

    def sent_as(self, acc_g: Floats, gyro_dps: Floats) -> tuple[Floats, Floats]:
        """What the sketch sends for (3,) g and (3,) deg/s: whole counts of the chip, in its units;
        0 for what is no number."""
        return quantised(acc_g, self.full_scale_g), quantised(gyro_dps, 2000.0)


def _floats(row: Floats) -> bytes:
    return row.astype("<f4").tobytes()
