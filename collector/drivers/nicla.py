"""Arduino Nicla Sense ME with the stock sketch of the web dashboard.

Turning and acceleration, 3 x f32 little-endian each, in every pass of the loop, new or not. The sketch
sends what the sensor hub counts, 4096 a g and 16.384 a deg/s (its ranges of +-8 g and +-2000 deg/s,
from memory); a fork sends g and deg/s. Source: Arduino's tutorial of the dashboard, docs.arduino.cc.

A pass that repeats all six values bit for bit is taken for the same sample. A still sensor is not eaten
by that: its noise moves one of six values nearly always, and where it does not (a hub that filters, a
simulated rest) one sample is passed on every HOLD_S, so that a still sensor is not a silent one. What
such a rest sent in between is not made up again; the stream may book it as lost.
"""

from typing import ClassVar, Final

import numpy as np

from collector.drivers.contract import AdvertisedData, Advertisement, Event, Guide
from collector.drivers.loop_board import LoopBoard, LoopTwin
from domain.placement import Placement
from domain.samples import Floats

SERVICE: Final = "19b10000-0000-537e-4f6c-d104768a1214"
ACC: Final = "19b10000-5001-537e-4f6c-d104768a1214"
GYRO: Final = "19b10000-6001-537e-4f6c-d104768a1214"
#: The rate is whatever the loop comes to; this is what it is taken for until it has been counted.
RATE_HZ: Final = 50.0
COUNTS_PER_G: Final = 4096.0
COUNTS_PER_DPS: Final = 2**15 / 2000.0
#: No acceleration in g is longer: 16 g on each axis. Counts are, but for a fall of 7 mg and less.
LONGEST_G: Final = 28.0
HOLD_S: Final = 4.0  # well within the 10 s after which a link counts as silent


class NiclaDriver(LoopBoard):
    """The host's side of one connection; whether it sends counts is seen from how long they are."""

    name: ClassVar[str] = "nicla"
    title: ClassVar[str] = "Arduino Nicla Sense ME (dashboard sketch)"
    acc: ClassVar[str] = ACC
    gyro: ClassVar[str] = GYRO
    acc_first: ClassVar[bool] = False
    rates_hz: ClassVar[tuple[float, ...]] = (RATE_HZ,)
    most: ClassVar[tuple[float, float]] = (2.0**15 + 1, 2.0**15 + 1)
    guide: ClassVar[Guide] = Guide(
        models=("Arduino Nicla Sense ME",),
        placements=(Placement.UPPER_BACK, Placement.STERNUM, Placement.HEAD),
        wear="With its battery in a small case on a clip or under body tape; it must not turn.",
        limits=(
            "Needs the sketch of Arduino's web dashboard on the board.",
            "Raw counts are taken as 4096 to 1 g: a hub set to another range than +-8 g reads wrong by that.",
            "How its turning is scaled was not checked on a board.",
            "No clock and no counter, and values are repeated: lost samples are estimates.",
            "It says nothing of its battery.",
        ),
        source="Arduino's tutorial of the Nicla Sense ME web dashboard, docs.arduino.cc",
    )

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the sketch's service, or by a name such as NiclaSenseME-1A2B."""
        named = (advertisement.name or "").startswith("NiclaSenseME-")
        return named or SERVICE in advertisement.service_uuids

    def _forget(self) -> None:
        super()._forget()
        self._counts = False
        self._last: tuple[bytes, bytes] | None = None
        self._passed_on_at = 0.0

    def _complete(self, acc: Floats, gyro: Floats | None, now: float) -> tuple[Event, ...]:
        values = acc.tobytes(), b"" if gyro is None else gyro.tobytes()
        waited_s = now - self._passed_on_at
        if self._repeated(*values) and 0.0 <= waited_s < HOLD_S:
            return ()
        self._last, self._passed_on_at = values, now
        return super()._complete(acc, gyro, now)

    def _repeated(self, acc: bytes, gyro: bytes) -> bool:
        """Whether a pass is the last one again; a turning that was lost says nothing against it."""
        if self._last is None or self._last[0] != acc:
            return False
        return gyro == self._last[1] or b"" in (gyro, self._last[1])

    def scaled(self, acc: Floats, gyro: Floats) -> tuple[Floats, Floats]:
        """Counts from the first value on that is too long for g."""
        self._counts = self._counts or float(np.linalg.norm(acc)) > LONGEST_G
        if not self._counts:
            return acc, gyro
        return acc / COUNTS_PER_G, gyro / COUNTS_PER_DPS


class NiclaEncoder(LoopTwin):
    """The board's side: raw counts at +-8 g and +-2000 deg/s, and three passes of the loop a sample."""

    driver: ClassVar[str] = "nicla"
    service: ClassVar[str] = SERVICE
    host: ClassVar[type[LoopBoard]] = NiclaDriver
    passes: ClassVar[int] = 3

    def __init__(self) -> None:
        super().__init__()
        self.full_scale_g = 8.0
        self.resolution_g = 1 / COUNTS_PER_G

    def advertisement(self) -> AdvertisedData:
        """The sketch's service, and the name in the scan response."""
        return AdvertisedData(name="NiclaSenseME-1A2B", service_uuids=(SERVICE,))

    def sent_as(self, acc_g: Floats, gyro_dps: Floats) -> tuple[Floats, Floats]:
        """Counts, unscaled, as the sketch sends them."""
        acc, gyro = super().sent_as(acc_g, gyro_dps)
        return acc * COUNTS_PER_G, gyro * COUNTS_PER_DPS
