"""WitMotion WT901 family: streams by itself, 20-byte frames without time, counter or checksum.

Frames: `55 61` and 9 x i16 little-endian (acceleration, rate, angles), or `55 71`, a register number
and 8 registers. Commands are 5 bytes. Source: the vendor's WT901BLECL manual and its samples.

A notification may carry part of a frame or several. With nothing but two header bytes to go by,
a frame counts as one only when the next header follows it 20 bytes later, and is never made of the
halves of two. The last frame of a notification need not wait for that when it follows a frame
that counts and ends where the notification ends, lying within it: these are one piece of the
stream, and what comes next cannot change them. The sensor's own notifications are like that.
"""

import re
import struct
from typing import ClassVar, Final

import numpy as np

from collector.drivers.contract import (
    AdvertisedData,
    Advertisement,
    Command,
    Event,
    GattCharacteristic,
    GattService,
    Guide,
    Sent,
    Started,
    Write,
)
from collector.drivers.twins import SimpleTwin
from domain.errors import InputError, PayloadError
from domain.placement import Placement
from domain.samples import BatteryReading, DeviceBlock, Floats

# The vendor's own base: it ends in 9a34fb, where Bluetooth's ends in 9b34fb.
SERVICE: Final = "0000ffe5-0000-1000-8000-00805f9a34fb"
NOTIFY: Final = "0000ffe4-0000-1000-8000-00805f9a34fb"
WRITE: Final = "0000ffe9-0000-1000-8000-00805f9a34fb"
# Units that speak Classic Bluetooth too have Microchip's (once ISSC's) UART instead, which is everybody's.
DUAL_SERVICE: Final = "49535343-fe7d-4ae5-8fa9-9fafd205e455"
DUAL_NOTIFY: Final = "49535343-1e4d-4bd9-ba61-23c647249616"
DUAL_WRITE: Final = "49535343-8841-43f4-a8d4-ecbe34729bb3"
_WRITES = {NOTIFY: WRITE, DUAL_NOTIFY: DUAL_WRITE}

#: WT901..., WT9011..., WT931..., BWT901..., HWT901..., WTSDCL: two letters alone are anybody's.
_NAME = re.compile(r"[BH]?WT(?:9\d\d|SDCL)")

FRAME_SIZE: Final = 20
_HEADS = (b"\x55\x61", b"\x55\x71")
_SAMPLE, _REGISTERS = _HEADS
_FULL_SCALE = (16.0, 2000.0, 180.0)  # g, deg/s, deg at 2**15

_UNLOCK = bytes((0xFF, 0xAA, 0x69, 0x88, 0xB5))  # opens the registers for 10 s
_SAVE = bytes((0xFF, 0xAA, 0x00, 0x00, 0x00))
_RETURN_RATE, _BATTERY, _READ = 0x03, 0x64, 0x27
RATES_HZ: Final = {
    0x01: 0.2,
    0x02: 0.5,
    0x03: 1.0,
    0x04: 2.0,
    0x05: 5.0,
    0x06: 10.0,
    0x07: 20.0,
    0x08: 50.0,
    0x09: 100.0,
    0x0A: 200.0,
}
_WANTED = 0x08

#: Volts and percent, linear between: the vendor's Android sample, getEqPercent.
_BATTERY_V = (3.40, 3.50, 3.68, 3.70, 3.73, 3.77, 3.79, 3.82, 3.87, 3.93, 3.96, 3.99)
_BATTERY_PERCENT = (0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 75.0, 90.0, 100.0)

_BATTERY_EVERY_S = 600.0
#: Without an answer to the rate register the rate is counted over this time. Firmware that does
#: not answer was not met, but a lost answer must not keep the samples back for ever.
_COUNT_RATE_S = 3.0


class WitMotionDriver:
    """The host's side of one connection; no sample is passed on before the rate is known."""

    name: ClassVar[str] = "witmotion"
    title: ClassVar[str] = "WitMotion WT901 family"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro", "battery")
    guide: ClassVar[Guide] = Guide(
        models=("WT901BLECL", "BWT901BLE5.0CL", "WT9011DCL"),
        placements=(Placement.UPPER_BACK, Placement.STERNUM, Placement.THIGH, Placement.HEAD),
        wear="Under a strap or body tape between the shoulder blades, at the breastbone or on the thigh.",
        limits=(
            "No clock, no counter and no checksum: lost samples are estimated from the host's clock.",
            "As delivered it sends 10 samples a second; Sitwell sets 50 once, which the sensor keeps.",
        ),
        source="the vendor's manual WT901BLECL and its samples",
    )
    #: A unit has one pair of these or the other.
    optional: ClassVar[tuple[str, ...]] = (*_WRITES, *_WRITES.values())

    def __init__(self) -> None:
        self._forget()

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the vendor's service, or by a name such as WT901BLE67 or BWT901BLE5.0."""
        named = _NAME.match(advertisement.name or "") is not None
        return named or SERVICE in advertisement.service_uuids

    def subscriptions(self) -> tuple[str, ...]:
        """What carries samples and register answers, of both kinds of units."""
        return tuple(_WRITES)

    def start(self) -> tuple[Command, ...]:
        """Ask for the rate that holds, and the battery; what the rate is decides whether one is set."""
        self._forget()
        return tuple(
            Write(characteristic, _read_command(register), response=False)
            for characteristic in _WRITES.values()
            for register in (_RETURN_RATE, _BATTERY)
        )

    def stop(self) -> tuple[Command, ...]:
        """Nothing: the sensor streams for as long as someone listens."""
        self._forget()
        return ()

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; `now` only spaces the battery questions and counts the rate."""
        if characteristic not in _WRITES:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        self._to = _WRITES[characteristic]
        waited = len(self._pending)
        frames, skipped = self._cut(payload)
        events: list[Event] = []
        samples: list[bytes] = []
        for frame in frames:
            if frame.startswith(_SAMPLE):
                samples.append(frame)
            else:
                events += self._register(frame)
        if samples:
            events += self._samples(samples, now)
        self._torn += skipped
        self._synced |= bool(frames)
        # Who subscribes in the middle of a frame hears its rest first: that is no fault.
        begins = not self._synced and self._torn < FRAME_SIZE
        if skipped > waited and not events and not frames and not begins:
            raise PayloadError(self.name, f"{skipped} bytes belong to no frame", payload)
        return tuple(events)

    def _forget(self) -> None:
        self._to = WRITE
        self._pending = b""
        self._follows = False  # what is pending begins where a frame ended
        self._synced = False
        self._torn = 0
        self._rate_hz: float | None = None
        self._set = False
        self._counted = 0
        self._counted_since: float | None = None
        self._battery_asked_at: float | None = None

    def _cut(self, payload: bytes) -> tuple[list[bytes], int]:
        """Whole frames out of the stream, and how many bytes were passed over."""
        stream = self._pending + payload
        frames: list[bytes] = []
        at = skipped = 0
        while at < len(stream):
            head = stream[at : at + 2]
            if at + FRAME_SIZE + 2 > len(stream) and any(
                known.startswith(head) for known in _HEADS
            ):
                break  # it may be a frame: what follows will tell
            following = stream[at + FRAME_SIZE : at + FRAME_SIZE + 2]
            self._follows = head in _HEADS and following in _HEADS
            if self._follows:
                frames.append(stream[at : at + FRAME_SIZE])
                at += FRAME_SIZE
            else:
                at += 1
                skipped += 1
        rest = stream[at:]
        if self._follows and len(rest) == FRAME_SIZE <= len(payload) and rest[:2] in _HEADS:
            frames.append(rest)
            rest = b""
        self._pending = rest
        return frames, skipped

    def _register(self, frame: bytes) -> list[Event]:
        number, first = struct.unpack_from("<HH", frame, 2)
        if number == _BATTERY:
            return [BatteryReading(battery_percent(first / 100))]
        if number == _RETURN_RATE and first in RATES_HZ:
            return self._rate(RATES_HZ[first])
        return []

    def _rate(self, rate_hz: float) -> list[Event]:
        """Start at the wanted rate, or at what holds when that could not be set; set it once.

        Setting writes the sensor's flash, which wears: once in its life is enough.
        """
        known_before = self._rate_hz is not None
        if not known_before and not self._set and rate_hz != RATES_HZ[_WANTED]:
            self._set, self._counted_since = True, None
            return [
                self._write(_UNLOCK),
                self._write(bytes((0xFF, 0xAA, _RETURN_RATE, _WANTED, 0x00))),
                self._write(_SAVE),
                self._write(_read_command(_RETURN_RATE)),
            ]
        self._rate_hz = rate_hz
        return [] if known_before else [Started(rate_hz)]

    def _samples(self, frames: list[bytes], now: float) -> list[Event]:
        events: list[Event] = []
        if self._rate_hz is None:
            events += self._count(len(frames), now)
        if self._rate_hz is not None:
            values = np.frombuffer(b"".join(frame[2:] for frame in frames), "<i2").reshape(-1, 9)
            acc_g = values[:, 0:3] * (_FULL_SCALE[0] / 2**15)
            gyro_dps = values[:, 3:6] * (_FULL_SCALE[1] / 2**15)
            events.append(DeviceBlock(None, acc_g, gyro_dps, self._rate_hz))
        if self._battery_asked_at is None:
            self._battery_asked_at = now  # by start()
        elif not 0 <= now - self._battery_asked_at < _BATTERY_EVERY_S:
            self._battery_asked_at = now
            events.append(self._write(_read_command(_BATTERY)))
        return events

    def _write(self, payload: bytes) -> Write:
        # The vendor's write characteristic takes commands without response.
        return Write(self._to, payload, response=False)

    def _count(self, n: int, now: float) -> list[Event]:
        """Take the rate from the frames themselves once enough of them have come."""
        if self._counted_since is None or now < self._counted_since:
            self._counted, self._counted_since = 0, now
            return []
        self._counted += n
        elapsed_s = now - self._counted_since
        if elapsed_s < _COUNT_RATE_S:
            return []
        seen_hz = self._counted / elapsed_s
        return self._rate(min(RATES_HZ.values(), key=lambda rate_hz: abs(rate_hz - seen_hz)))


def battery_percent(volts: float) -> float:
    """The vendor's own percentage for a battery voltage."""
    return float(np.interp(volts, _BATTERY_V, _BATTERY_PERCENT))


def _read_command(register: int) -> bytes:
    return bytes((0xFF, 0xAA, _READ, register, 0x00))


class WitMotionEncoder(SimpleTwin):
    """The sensor's side: a byte stream that notifications cut wherever it suits them.

    rate_hz: the saved return rate it wakes up with; 50 as a host has left it, 10 as delivered. It and
    chunk change when the host sets another. dual: it speaks Classic Bluetooth too. Raises InputError for
    a rate the sensor does not have.
    """

    driver: ClassVar[str] = "witmotion"

    #: Lengths of successive notifications: whole frames, halves, headers torn apart.
    CUTS: ClassVar[tuple[int, ...]] = (20, 31, 9, 1, 59, 40, 13, 67)

    def __init__(self, rate_hz: float = 50.0, *, dual: bool = False) -> None:
        self._uuids = (DUAL_SERVICE, DUAL_NOTIFY, DUAL_WRITE) if dual else (SERVICE, NOTIFY, WRITE)
        codes = {rate: code for code, rate in RATES_HZ.items()}
        if rate_hz not in codes:
            raise InputError(f"no return rate of {rate_hz:g} Hz")
        self.full_scale_g = _FULL_SCALE[0]
        self.resolution_g = _FULL_SCALE[0] / 2**15
        self.gyro_full_scale_dps: float | None = _FULL_SCALE[1]
        self._registers = {_RETURN_RATE: codes[rate_hz], _BATTERY: 393}
        self._unlocked = False
        self._cut = 0
        self._set_rate()

    def advertisement(self) -> AdvertisedData:
        """The name and the service."""
        return AdvertisedData(name="WT901BLE67", service_uuids=self._uuids[:1])

    def gatt(self) -> tuple[GattService, ...]:
        """The service, the vendor's own or Microchip's."""
        service, notify, write = self._uuids
        out = GattCharacteristic(notify, ("notify",))
        into = GattCharacteristic(write, ("write", "write_without_response"))
        return (GattService(service, (out, into)),)

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Set a register once unlocked, or answer with eight of them in the stream."""
        if characteristic != self._uuids[2] or len(payload) != 5 or payload[:2] != b"\xff\xaa":
            return ()
        register, value = payload[2], payload[3] | payload[4] << 8
        if payload == _UNLOCK:
            self._unlocked = True
        elif register == _READ:
            values = [self._registers.get((value + i) & 0xFFFF, 0) for i in range(8)]
            return self._notifications(_REGISTERS + struct.pack("<9H", value, *values))
        elif payload == _SAVE:
            self._unlocked = False
        elif self._unlocked and register == _RETURN_RATE and value in RATES_HZ:
            self._registers[register] = value
            self._set_rate()
        return ()

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """Notifications of all lengths; a serial bridge sends what is left when nothing follows at once."""
        gyro = np.zeros((len(acc_g), 3)) if gyro_dps is None else gyro_dps
        x, y, z = np.nan_to_num(np.asarray(acc_g)).T
        tilt = np.degrees(
            np.column_stack((np.arctan2(y, z), np.arctan2(-x, np.hypot(y, z)), np.zeros(len(x))))
        )
        columns = np.hstack((_counts(acc_g, 0), _counts(gyro, 1), _counts(tilt, 2)))
        return self._notifications(b"".join(_SAMPLE + row.tobytes() for row in columns))

    def disconnected(self) -> None:
        """The registers are locked again; the settings stay."""
        self._unlocked = False

    def _notifications(self, stream: bytes) -> tuple[Sent, ...]:
        sent: list[Sent] = []
        while stream:
            size = self.CUTS[self._cut % len(self.CUTS)]
            sent.append(Sent(self._uuids[1], stream[:size]))
            stream = stream[size:]
            self._cut += 1
        return tuple(sent)

    def _set_rate(self) -> None:
        self.rate_hz = RATES_HZ[self._registers[_RETURN_RATE]]
        self.chunk = max(1, round(self.rate_hz / 10))


def _counts(values: Floats, scale: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """Quantised and saturated to 16 bits; a sample that is no number is sent as zero."""
    counts = np.rint(np.nan_to_num(values, nan=0.0) / _FULL_SCALE[scale] * 2**15)
    return np.clip(counts, -(2**15), 2**15 - 1).astype("<i2")
