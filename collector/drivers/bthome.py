"""BTHome v2: devices that say everything in their advertisements, in an open format.

Service data of UUID FCD2: an info byte (bit 0 encrypted, bit 2 sends on events only, bits 5 to 7 the
version, 2), then objects. Of acceleration only object 0x63, i32 in 1e-6 m/s2, three times for x, y and z,
has a sign; 0x51 has none, be it a magnitude or three axes, and neither has the gyroscope 0x52, so no
direction is made of them. Source: bthome.io; bthome-ble 3.25 (MIT) and its tests.
"""

from collections.abc import Sequence
from typing import ClassVar, Final, Self

import numpy as np

from collector.drivers.bthome_encryption import Freshness, Seal
from collector.drivers.bthome_objects import (
    ACCELERATION,
    ACCELERATION_UNSIGNED,
    BATTERY,
    CHARGING,
    PACKET_ID,
    objects_in,
    quantity,
)
from collector.drivers.contract import Advertisement, Event, Guide, service_data_channel
from collector.drivers.twins import Advertiser
from collector.drivers.unnumbered import Unnumbered
from domain.errors import HandshakeError, PayloadError
from domain.link import LinkReason
from domain.placement import Placement
from domain.samples import BatteryReading, DeviceBlock, Floats

UUID: Final = "0000fcd2-0000-1000-8000-00805f9b34fb"
CHANNEL: Final = service_data_channel(UUID)
INFO: Final = 2 << 5
ENCRYPTED: Final = 1
STANDARD_GRAVITY: Final = 9.80665  # m/s2, CGPM 1901
#: Devices choose their own interval and do not tell it; samples are stamped on arrival.
RATE_HZ: Final = 1.0
_PACKETS, _FRAMES = 2**8, 2**32  # where the packet id and the counter of encrypted frames wrap
_WRONG_KEY_FRAMES = 3


class BTHomeDriver(Advertiser):
    """One device; encrypted ones through `with_key`."""

    name: ClassVar[str] = "bthome"
    title: ClassVar[str] = "BTHome device"
    measures: ClassVar[tuple[str, ...]] = ("acc", "battery")
    guide: ClassVar[Guide] = Guide(
        models=("Any BTHome v2 device that sends signed acceleration (object 0x63) three times",),
        placements=(Placement.SEAT, Placement.UPPER_BACK),
        wear="Fix it to the chair's back, or clip it into a collar, any side up.",
        limits=(
            "It must send its acceleration about once a second: slow tilt, no movement and no steps.",
            "Acceleration without a sign (object 0x51) tells no direction and is not used.",
            "A Shelly BLU Door/Window tells its rotation only when it opens or closes: no posture.",
            "An encrypted device needs its key, and cannot be read on macOS, which hides addresses.",
        ),
        source="bthome.io: BTHome v2, format and encryption",
    )

    def __init__(self) -> None:
        self._seal: Seal | None = None
        self._freshness = Freshness()
        self._hearings = Unnumbered(RATE_HZ)
        self._last: tuple[int, int] | None = None  # number and its modulus
        self._others = 0  # numbered frames without acceleration
        self._battery: BatteryReading | None = None
        self._moves = False  # a vector was heard
        self._sealed_frames = 0  # in a row that the key does not open; negative once one was

    @classmethod
    def with_key(cls, address: str, key: bytes) -> Self:
        """The driver for the encrypted device at `address`; raises InputError, see Seal."""
        driver = cls()
        driver._seal = Seal(address, key)
        return driver

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By what it sends: any acceleration, or what only its key can tell; thermometers are no match."""
        payload = advertisement.service_data.get(UUID, b"")
        if not payload or payload[0] & ~0x1F != INFO:
            return False
        if payload[0] & ENCRYPTED:
            return True
        try:
            found = {what for what, _ in objects_in(payload[1:])}
        except ValueError:
            return False
        return bool(found & {ACCELERATION, ACCELERATION_UNSIGNED})

    def subscriptions(self) -> tuple[str, ...]:
        """BTHome's service data."""
        return (CHANNEL,)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract. HandshakeError: encrypted and no key, or nothing it sends can be used."""
        if characteristic != CHANNEL:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if not payload or payload[0] & ~0x1F != INFO:
            raise PayloadError(self.name, "no BTHome of version 2", payload)
        data, counter = payload[1:], None
        if payload[0] & ENCRYPTED:
            data, counter = self._opened(payload)
            if self._freshness.is_repeat(counter):
                return ()
            if not self._freshness.accepts(counter):
                raise PayloadError(self.name, "an old frame again, by its counter", payload)
        elif self._seal is not None:
            raise PayloadError(self.name, "not encrypted, though there is a key", payload)
        try:
            objects = objects_in(data)
        except ValueError as error:
            raise PayloadError(self.name, str(error), payload) from error
        return self._events(objects, counter, payload, now)

    def opened(self, characteristic: str, payload: bytes) -> bytes:
        """See Keyed. The number by which frames are told apart goes on as a packet id."""
        if characteristic != CHANNEL or not payload or not payload[0] & ENCRYPTED:
            return payload
        inside = None if self._seal is None else self._seal.opened(payload)
        if inside is None:
            return payload[:1]
        data, counter = inside
        if not self._freshness.is_repeat(counter) and not self._freshness.accepts(counter):
            return payload[:1]
        if not _numbered(data):
            data = bytes((PACKET_ID, counter % _PACKETS)) + data
        return bytes((payload[0] & ~ENCRYPTED,)) + data

    def _opened(self, payload: bytes) -> tuple[bytes, int]:
        if len(payload) < 2:
            raise PayloadError(self.name, "no whole frame", payload)
        if self._seal is None:
            problem = "the sensor is encrypted: give its key"
            raise HandshakeError(self.name, problem, link_reason=LinkReason.ENCRYPTED)
        inside = self._seal.opened(payload)
        if inside is not None:
            self._sealed_frames = -1
            return inside
        problem = "cannot be decrypted: its key is another, or its address"
        if self._sealed_frames >= 0:
            self._sealed_frames += 1
            if self._sealed_frames >= _WRONG_KEY_FRAMES:
                raise HandshakeError(self.name, problem, link_reason=LinkReason.ENCRYPTED)
        raise PayloadError(self.name, problem, payload)

    def _events(
        self,
        objects: Sequence[tuple[int, bytes]],
        counter: int | None,
        payload: bytes,
        now: float,
    ) -> tuple[Event, ...]:
        values = [quantity(what, value) for what, value in objects if what == ACCELERATION]
        if len(values) not in (0, 3):
            raise PayloadError(self.name, f"{len(values)} axes of acceleration, not 3", payload)
        number = _number(objects, counter)
        if number is not None and number == self._last:
            return ()
        self._last = number
        events = self._battery_events(objects)
        if values:
            self._moves = True
            acc_g = np.array([values]) / STANDARD_GRAVITY
            return (*events, *self._blocks(acc_g, number, payload, now))
        self._others += 1
        if not self._moves and any(what == ACCELERATION_UNSIGNED for what, _ in objects):
            raise HandshakeError(
                self.name,
                "its acceleration has no sign (object 0x51), which tells no direction; "
                "object 0x63 would",
            )
        return events

    def _blocks(
        self, acc_g: Floats, number: tuple[int, int] | None, payload: bytes, now: float
    ) -> tuple[DeviceBlock, ...]:
        if number is None:
            return self._hearings.sample(payload, acc_g, now)
        count, modulus = number
        return (
            DeviceBlock(
                device_times=np.array([now]),
                acc_g=acc_g,
                gyro_dps=None,
                rate_hz=RATE_HZ,
                sequence=(count - self._others) % modulus,
                sequence_modulus=modulus,
            ),
        )

    def _battery_events(self, objects: Sequence[tuple[int, bytes]]) -> tuple[Event, ...]:
        percent = next((quantity(what, value) for what, value in objects if what == BATTERY), None)
        if percent is None or percent > 100.0:
            return ()
        charging = next((value != b"\0" for what, value in objects if what == CHARGING), None)
        reading = BatteryReading(percent, charging)
        if reading == self._battery:
            return ()
        self._battery = reading
        return (reading,)


def _numbered(data: bytes) -> bool:
    """Whether there is a packet id among the objects, as far as they can be read."""
    try:
        return any(what == PACKET_ID for what, _ in objects_in(data))
    except ValueError:
        return True


def _number(objects: Sequence[tuple[int, bytes]], counter: int | None) -> tuple[int, int] | None:
    """What tells one frame from the next, and where it wraps: the packet id, else the counter."""
    for what, value in objects:
        if what == PACKET_ID:
            return value[0], _PACKETS
    return None if counter is None else (counter, _FRAMES)
