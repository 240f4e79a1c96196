"""InfiniTime, the firmware of the PineTime: its motion service, 3 x i16 little-endian, read and notified.

From firmware 1.15.0 on 1024 counts are 1 g; earlier ones send the counts of the chip as they are, and
of these the direction alone is taken: they are scaled to a length of 1 g. The firmware swaps x and y
for how the chip is mounted, which leaves the axes left-handed; on a wrist nothing depends on it.
Source: InfiniTime, doc/MotionService.md, MotionController.cpp and SystemTask.cpp.

The watch looks 10 times a second and notifies only what has changed, so that silence is samples like
the one before. The step count is read every second as a heartbeat: its answer says that the link lives,
and that what is missing until then was like the last value; it is filled in. The heartbeat is not the
motion value itself, for an answer may be handed over after a notification that followed it, and the
two could not be told apart.
"""

import re
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

#: Samples: fewer may still be on their way; more than a heartbeat explains is a link that stood still.
_FILL_LEAST, _FILL_MOST = 2, 30


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
        self._since = 0.0
        self._samples = 0

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
        if self._last is None:
            self._since, self._samples = now, -1  # the first sample is of the time itself
        self._last = payload
        # Should the watch run fast, its samples are not to be owed silence later.
        self._since = min(self._since, now - (self._samples + 1) / RATE_HZ)
        return self._block(payload, 1)

    def _beat(self, payload: bytes, now: float) -> tuple[Event, ...]:
        """Fill in what was alike; one who lay still from the start is asked for its value."""
        if len(payload) != _STEPS_SIZE:
            raise PayloadError(self.name, f"{len(payload)} bytes are no step count", payload)
        self._beats += 1
        if self._last is None:
            return (Read(MOTION),) if self._beats > 1 else ()
        missing = int((now - self._since) * RATE_HZ) - self._samples
        if missing > _FILL_MOST:
            self._since = now - self._samples / RATE_HZ
            return ()
        return self._block(self._last, missing) if missing >= _FILL_LEAST else ()

    def _block(self, payload: bytes, n: int) -> tuple[Event, ...]:
        self._samples += n
        block = DeviceBlock(None, np.repeat(self._acc_g(payload), n, axis=0), None, RATE_HZ)
        return self._first.told((block,))

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
