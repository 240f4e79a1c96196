"""InfiniTime, the firmware of the PineTime: its motion service, 3 x i16 little-endian, read and notified.

From firmware 1.15.0 on 1024 counts are 1 g; earlier ones send the counts of the chip as they are, and
of these the direction alone is taken: they are scaled to a length of 1 g. The firmware swaps x and y
for how the chip is mounted, which leaves the axes left-handed; on a wrist nothing depends on it.
Source: InfiniTime, doc/MotionService.md, MotionController.cpp and SystemTask.cpp.

The watch looks 10 times a second and notifies only what has changed, so that silence is samples like
the one before. The step count is read every second as a heartbeat: its answer says that the link lives,
and that what is missing was like the last value; it is filled in. The heartbeat is not the
motion value itself, for an answer may be handed over after a notification that followed it, and the
two could not be told apart; nor is the latest silence filled in, for what the radio held up may yet come.

How many looks a silence was is told by when what follows it came: see Looks.
"""

import re
from collections import deque
from math import floor
from typing import ClassVar, Final

import numpy as np

from collector.drivers.contract import (
    ALERT_LEVEL,
    FIRMWARE_REVISION,
    IMMEDIATE_ALERT_SERVICE,
    INFORMATION_SERVICE,
    MANUFACTURER_NAME,
    MODEL_NUMBER,
    AdvertisedData,
    Advertisement,
    Command,
    Event,
    GattCharacteristic,
    GattService,
    Guide,
    Read,
    Repeat,
    Sent,
)
from collector.drivers.counts import to_counts, triplets
from collector.drivers.first_block import FirstBlock
from collector.drivers.twins import SimpleTwin
from domain.errors import InputError, PayloadError
from domain.placement import Placement
from domain.samples import DeviceBlock, Floats

SERVICE: Final = "00030000-78fc-48fe-8e23-433b3a1942d0"
STEPS: Final = "00030001-78fc-48fe-8e23-433b3a1942d0"
MOTION: Final = "00030002-78fc-48fe-8e23-433b3a1942d0"
_HEART_RATE_SERVICE = "0000180d-0000-1000-8000-00805f9b34fb"

RATE_HZ: Final = 10.0
HEARTBEAT_S: Final = 1.0
_FRAME_SIZE, _STEPS_SIZE = 6, 4
_PER_G = 1024
_SCALED_SINCE = (1, 15)
_VERSION = re.compile(rb"\s*v?(\d{1,4})\.(\d{1,4})(?:\.|\s|\0|$)")

#: Samples: a silence longer than heartbeats explain is a link that stood still, and what it hid is lost.
_FILL_MOST = 30
#: Arrivals from which the looks' times are told, two seconds of a lively watch.
_ZEROS = 20
#: Silence is filled in once it is this old: a link that is disturbed for half a second delivers after it.
_FILL_AFTER_S = 0.6
#: What comes within this was sent together: looks are twice as far apart.
_TOGETHER_S = 0.5 / RATE_HZ
#: What comes within this after another, and not with it, is of the next look.
_NEXT_S = 1.5 / RATE_HZ


class Looks:
    """Numbers the looks of a sensor that takes `rate_hz` a second and tells only of some, by arrivals.

    A value arrives after its look, by less than a period unless the radio was disturbed. So the earliest
    arrivals, each less its look's time, show when look 0 was; the latest of them are followed as the
    sensor's clock drifts.
    """

    def __init__(self, rate_hz: float) -> None:
        self._period_s = 1.0 / rate_hz
        self._zeros: deque[float] = deque(maxlen=_ZEROS)
        self._last = -1

    def ahead(self, now: float) -> int:
        """How many looks there were until `now` after the last one taken; at least 1 before the first."""
        if not self._zeros:
            return 1
        return floor((now - min(self._zeros)) / self._period_s) - self._last

    def take(self, n: int, now: float | None = None) -> None:
        """The next `n` looks; now: when the value of the last of them arrived, if one did."""
        self._last += n
        if now is not None:
            self._zeros.append(now - self._last * self._period_s)


class InfiniTimeDriver:
    """The host's side of one connection; no sample is passed on before the firmware is known."""

    name: ClassVar[str] = "infinitime"
    title: ClassVar[str] = "PineTime with InfiniTime"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc",)
    guide: ClassVar[Guide] = Guide(
        models=("PineTime",),
        placements=(Placement.WRIST,),
        wear="On the wrist, as a watch.",
        limits=(
            "A wrist says nothing of the back: it counts steps and breaks beside another sensor.",
            "Firmware before 1.15.0 tells the direction alone, not how strong: no steps. Update it.",
            "At most 10 samples a second; unchanged ones are not sent but filled in.",
            "While it is connected here, its phone cannot be.",
        ),
        source="InfiniTimeOrg/InfiniTime, doc/MotionService.md",
    )

    def __init__(self) -> None:
        self._scaled: bool | None = None
        self._last: bytes | None = None
        self._first = FirstBlock()
        self._beats = 0
        self._looks = Looks(RATE_HZ)
        self._held: list[bytes] = []  # came together after a silence, see _motion
        self._held_at = 0.0

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By its name; the motion service is not advertised."""
        return advertisement.name == "InfiniTime" or SERVICE in advertisement.service_uuids

    def subscriptions(self) -> tuple[str, ...]:
        """The motion values."""
        return (MOTION,)

    def start(self) -> tuple[Command, ...]:
        """Which firmware it is, then the heartbeat."""
        self._scaled, self._last, self._beats = None, None, 0
        self._first = FirstBlock()
        self._looks, self._held = Looks(RATE_HZ), []
        return (Read(FIRMWARE_REVISION), Repeat(Read(STEPS), HEARTBEAT_S))

    def stop(self) -> tuple[Command, ...]:
        """Nothing: it sends to whoever is subscribed."""
        return ()

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; `now` tells at a heartbeat how many samples were alike."""
        if characteristic == FIRMWARE_REVISION:
            self._scaled = is_scaled(payload)
            return ()
        if characteristic == STEPS:
            return self._beat(payload, now)
        if characteristic != MOTION:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) != _FRAME_SIZE:
            raise PayloadError(self.name, f"{len(payload)} bytes are no motion value", payload)
        if self._scaled is None:
            return ()
        return self._motion(payload, now)

    def _motion(self, payload: bytes, now: float) -> tuple[Event, ...]:
        """A value that came after silence is one that changed at last, or the first of many that were held
        up: what comes next tells."""
        blocks: list[DeviceBlock] = []
        since_s = now - self._held_at
        if self._held and abs(since_s) >= _TOGETHER_S:
            # The next look, if this is its value, is told more surely by it than by the end of a delay.
            blocks += self._settled(now, later=1) if 0.0 < since_s < _NEXT_S else self._settled()
        if self._held or self._looks.ahead(now) > 1:
            self._held.append(payload)
            self._held_at = now
        else:
            self._looks.take(1, now)
            blocks += self._block([payload])
            self._last = payload
        return self._first.told(blocks)

    def _beat(self, payload: bytes, now: float) -> tuple[Event, ...]:
        """Fill in what was alike; one who lay still from the start is asked for its value."""
        if len(payload) != _STEPS_SIZE:
            raise PayloadError(self.name, f"{len(payload)} bytes are no step count", payload)
        self._beats += 1
        if self._last is None:
            return (Read(MOTION),) if self._beats > 1 else ()
        blocks: list[DeviceBlock] = []
        if self._held and abs(now - self._held_at) >= _NEXT_S:
            blocks += self._settled()
        missing = 0 if self._held else self._looks.ahead(now - _FILL_AFTER_S)
        blocks += self._alike(missing)
        return self._first.told(blocks)

    def _settled(self, now: float | None = None, later: int = 0) -> list[DeviceBlock]:
        """What was held up belongs to the latest looks, one each; before it nothing had changed.

        now, later: a time that is known to be `later` looks after the last of them.
        """
        held, self._held = self._held, []
        at = self._held_at if now is None else now
        blocks = self._alike(self._looks.ahead(at) - later - len(held))
        self._looks.take(len(held), self._held_at)
        self._last = held[-1]
        return [*blocks, *self._block(held)]

    def _alike(self, n: int) -> list[DeviceBlock]:
        """Samples like the last one; of more than a heartbeat explains nothing is known."""
        if n <= 0:
            return []
        self._looks.take(n)
        return [] if n > _FILL_MOST or self._last is None else self._block([self._last] * n)

    def _block(self, payloads: list[bytes]) -> list[DeviceBlock]:
        acc_g = np.concatenate([self._acc_g(payload) for payload in payloads])
        return [DeviceBlock(None, acc_g, None, RATE_HZ)]

    def _acc_g(self, payload: bytes) -> Floats:
        counts = triplets(payload, "<i2")
        if self._scaled:
            return counts / _PER_G
        length = float(np.linalg.norm(counts))
        return counts / length if length > 0 else np.full_like(counts, np.nan)


def is_scaled(firmware: bytes) -> bool:
    """Whether a firmware string is of 1.15 or later; one that tells no version is taken for older."""
    found = _VERSION.match(firmware)
    return found is not None and (int(found[1]), int(found[2])) >= _SCALED_SINCE


class InfiniTimeEncoder(SimpleTwin):
    """The watch's side. firmware: its version; before 1.15 it counts as `counts_per_g` says."""

    driver: ClassVar[str] = "infinitime"

    def __init__(self, firmware: bytes = b"1.15.0", counts_per_g: int = _PER_G) -> None:
        self._per_g = counts_per_g
        self._information = {
            FIRMWARE_REVISION: firmware,
            MODEL_NUMBER: b"PineTime",
            MANUFACTURER_NAME: b"PINE64",
        }
        self.rate_hz = RATE_HZ
        self.chunk = 1
        self.full_scale_g = 2.0
        self.resolution_g = 1 / counts_per_g
        self.gyro_full_scale_dps: float | None = None
        self.alerts: list[int] = []
        self.steps = 0
        self._motion = to_counts(np.array([0.0, 0.0, 1.0]), counts_per_g, "<i2").tobytes()

    def advertisement(self) -> AdvertisedData:
        """Its name and the heart rate service."""
        return AdvertisedData(name="InfiniTime", service_uuids=(_HEART_RATE_SERVICE,))

    def gatt(self) -> tuple[GattService, ...]:
        """Motion, device information, and the alert by which it shows itself."""
        information = tuple(GattCharacteristic(uuid, ("read",)) for uuid in self._information)
        alert = GattCharacteristic(ALERT_LEVEL, ("write_without_response",))
        motion = tuple(GattCharacteristic(uuid, ("read", "notify")) for uuid in (STEPS, MOTION))
        return (
            GattService(SERVICE, motion),
            GattService(INFORMATION_SERVICE, information),
            GattService(IMMEDIATE_ALERT_SERVICE, (alert,)),
        )

    def read(self, characteristic: str) -> bytes:
        """The step count, the last motion value or a string; raises InputError for anything else."""
        if characteristic == MOTION:
            return self._motion
        if characteristic == STEPS:
            return self.steps.to_bytes(_STEPS_SIZE, "little")
        if characteristic not in self._information:
            raise InputError(f"{characteristic} cannot be read")
        return self._information[characteristic]

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Buzz at the alert level."""
        if characteristic == ALERT_LEVEL and payload:
            self.alerts.append(payload[0])
        return ()

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """A notification for each sample that differs from the one before."""
        sent = []
        acc = np.clip(acc_g, -self.full_scale_g, self.full_scale_g)
        for row in to_counts(acc, self._per_g, "<i2"):
            if row.tobytes() != self._motion:
                self._motion = row.tobytes()
                sent.append(Sent(MOTION, self._motion))
        return tuple(sent)
