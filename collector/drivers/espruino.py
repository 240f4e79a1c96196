"""Bangle.js and Puck.js: they run JavaScript, so Sitwell sends them the script that sends samples.

The console is the Nordic UART service: 6E400002 is written to, in pieces of 20 bytes, 6E400003 notifies.
Ctrl-C clears what stands in the input line, and a line that begins with 10 (hex) is not echoed. What
the console says besides (prompts, results, an app's own output) shares the way; the script's lines are
`~`, a frame in base64, and a line end, so that a torn one costs itself alone.

A frame, little-endian, ours: kind u8 (1 Bangle, 2 Puck), samples n u8, running number of the first
sample u16, its time u32 in ms modulo 2**31 (what Espruino's integers hold), battery u8 in percent, 00, n
times 3 (Bangle) or 6 (Puck) x i16, and the sum of all bytes before, u16. Acceleration is 8192 a g: what a
Puck's LSM6DS3TR gives at the 4 g Espruino sets, and what Bangle's `accel` events in g are turned to; a
Puck's gyroscope is 8.75 mdps a count (its data sheet, at 245 deg/s).
Source: the reference of Espruino (Bangle, Puck, E) and its sources.
"""

import base64
import binascii
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
from collector.drivers.counts import to_counts
from collector.drivers.twins import SimpleTwin
from domain.errors import HandshakeError, InputError, PayloadError
from domain.placement import Placement
from domain.samples import BatteryReading, DeviceBlock, Floats

SERVICE: Final = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
WRITE: Final = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"
NOTIFY: Final = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"

PIECE: Final = 20  # bytes; an ATT notification or write of the smallest MTU
_HEAD = struct.Struct("<BBHIBB")
_SUM = struct.Struct("<H")
SEQUENCE_MODULUS: Final = 2**16
MODULUS_MS: Final = 2**31
_BANGLE, _PUCK = 1, 2
_COLUMNS: Final = {_BANGLE: 3, _PUCK: 6}
#: Bangle polls its accelerometer every 80 ms; of a Puck's rates the first with a margin for its link.
RATES_HZ: Final = {_BANGLE: 12.5, _PUCK: 26.0}
SAMPLES: Final = (
    5  # a frame: one packet a sample would end at about 45 a second (Espruino issue 2349)
)
_PER_G = 8192
_DPS = 0.00875
_MARK = b"~"
_LONGEST_LINE = 256  # a Puck's frame makes 101

_QUIET = "\x10"
#: setPollInterval also ends the power saving that polls a still watch ten times more rarely. The script
#: ends with the link, or the sensor would measure for nobody until it is empty; the samples that were
#: not taken meanwhile have numbers all the same.
_SCRIPT = (
    "(function(){"
    "var o=global.sitwell,p=typeof Puck!='undefined',w=p?6:3,i=0,b=255,"
    f"d=new DataView(new ArrayBuffer({_HEAD.size}+{SAMPLES}*w*2+2)),u=new Uint8Array(d.buffer),"
    "r=p?26:12.5,m=o?Math.max(0,Math.round((getTime()-o.t)*r)-1):0,"
    "s={c:o?(o.c+m)&65535:0,t:getTime(),l:0};"
    "if(o)o.stop();global.sitwell=s;"
    "function bye(){NRF.removeListener('disconnect',s.stop);}"
    "function f(v){"
    "if(!i){if(!(s.l++%100))b=E.getBattery();"
    f"d.setUint8(0,p?2:1);d.setUint8(1,{SAMPLES});d.setUint16(2,s.c,true);"
    "d.setUint32(4,Math.round(getTime()*1000)%2147483648,true);d.setUint8(8,b);}"
    "for(var j=0;j<w;j++)"
    f"d.setInt16({_HEAD.size}+2*(i*w+j),E.clip(Math.round(v[j]),-32768,32767),true);"
    "s.t=getTime();s.c=(s.c+1)&65535;"
    f"if(++i<{SAMPLES})return;"
    "i=0;var e=u.length-2;d.setUint16(e,0,true);d.setUint16(e,E.sum(u),true);"
    "Bluetooth.println('~'+btoa(u));}"
    "if(p){"
    "var g=function(a){f([a.acc.x,a.acc.y,a.acc.z,a.gyro.x,a.gyro.y,a.gyro.z]);};"
    "s.stop=function(){bye();Puck.removeListener('accel',g);Puck.accelOff();};"
    "Puck.on('accel',g);Puck.accelOn(r);"
    "}else{"
    "var h=function(a){f([a.x*8192,a.y*8192,a.z*8192]);};"
    "s.stop=function(){bye();Bangle.removeListener('accel',h);Bangle.setOptions({powerSave:true});};"
    "Bangle.on('accel',h);Bangle.setPollInterval(80);"
    "}"
    "NRF.on('disconnect',s.stop);"
    "})()"
)
START_LINE: Final = f"\x03{_QUIET}{_SCRIPT}\n".encode("ascii")
STOP_LINE: Final = f"\x03{_QUIET}if(global.sitwell)sitwell.stop()\n".encode("ascii")
IDENTIFY_LINE: Final = (
    f"{_QUIET}if(typeof Puck!='undefined')digitalPulse(LED1,1,1000);else Bangle.buzz(500)\n"
).encode("ascii")


class EspruinoDriver:
    """The host's side of one connection."""

    name: ClassVar[str] = "espruino"
    title: ClassVar[str] = "Bangle.js or Puck.js"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro", "battery")
    guide: ClassVar[Guide] = Guide(
        models=("Bangle.js", "Bangle.js 2", "Puck.js v2"),
        placements=(Placement.UPPER_BACK, Placement.STERNUM, Placement.THIGH, Placement.WRIST),
        wear="A Puck.js under a clip or body tape between the shoulder blades; a Bangle.js on the wrist.",
        limits=(
            "On the wrist a watch tells whether you move, not how you sit.",
            "Bluetooth must be on and programmable in the watch's settings; one connection at a time.",
            "A Bangle.js polls 12.5 times a second while worn so, which shortens its battery's life.",
            "A Bangle.js has no gyroscope, the first Puck.js has no accelerometer.",
            "The script is gone when the watch restarts; nothing is stored on it.",
        ),
        source="the reference and the sources of Espruino",
    )

    def __init__(self) -> None:
        self._pending = b""
        self._started = False
        self._battery: int | None = None

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the name it is delivered with; the Nordic UART is everybody's."""
        return (advertisement.name or "").startswith(("Bangle.js", "Puck.js"))

    @classmethod
    def measures_of(cls, advertisement: Advertisement) -> tuple[str, ...]:
        """A Bangle.js has no gyroscope."""
        turns = (advertisement.name or "").startswith("Puck.js")
        return tuple(word for word in cls.measures if turns or word != "gyro")

    def subscriptions(self) -> tuple[str, ...]:
        """The console."""
        return (NOTIFY,)

    def start(self) -> tuple[Command, ...]:
        """Send the script; it takes the place of one that still runs, and counts on from it."""
        self._forget()
        return _typed(START_LINE)

    def stop(self) -> tuple[Command, ...]:
        """Take the script's listener away."""
        return _typed(STOP_LINE)

    def identify(self) -> tuple[Command, ...]:
        """A Bangle buzzes, a Puck lights its red LED."""
        return _typed(IDENTIFY_LINE)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract. What else the console says is passed over; an error before the first
        sample is the script's."""
        if characteristic != NOTIFY:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        *lines, rest = (self._pending + payload).split(b"\n")
        self._pending = rest[-_LONGEST_LINE:]
        events: list[Event] = []
        torn: PayloadError | None = None
        for line in lines:
            # before the mark: a prompt, or the beginning of a line that was torn
            _, mark, frame = line.rstrip(b"\r").rpartition(_MARK)
            if mark:
                try:
                    events += self._frame(frame)
                except PayloadError as error:
                    torn = error
            elif not self._started and b"Uncaught" in frame:
                said = frame[:80].decode("ascii", "replace")
                raise HandshakeError(self.name, f"the script does not run: {said}")
        if torn is not None and not events:
            raise torn
        return tuple(events)

    def _forget(self) -> None:
        self._pending = b""
        self._started = False
        self._battery = None

    def _frame(self, line: bytes) -> list[Event]:
        try:
            frame = base64.b64decode(line, validate=True)
        except binascii.Error as error:
            raise PayloadError(self.name, "a torn line", line) from error
        if len(frame) < _HEAD.size + _SUM.size:
            raise PayloadError(self.name, "a torn line", line)
        kind, n, number, ms, battery, _ = _HEAD.unpack_from(frame)
        columns = _COLUMNS.get(kind, 0)
        size = _HEAD.size + 2 * columns * n + _SUM.size
        (total,) = _SUM.unpack_from(frame, len(frame) - _SUM.size)
        if not columns or not n or len(frame) != size or total != sum(frame[: -_SUM.size]) % 2**16:
            raise PayloadError(self.name, "a torn line", line)
        values = np.frombuffer(frame, "<i2", n * columns, _HEAD.size).reshape(n, columns)
        rate_hz = RATES_HZ[kind]
        block = DeviceBlock(
            device_times=ms / 1000 + np.arange(n) / rate_hz,
            acc_g=values[:, :3] / _PER_G,
            gyro_dps=values[:, 3:] * _DPS if columns > 3 else None,
            rate_hz=rate_hz,
            sequence=number,
            sequence_modulus=SEQUENCE_MODULUS,
            device_modulus_s=MODULUS_MS / 1000,
        )
        events: list[Event] = [] if self._started else [Started(rate_hz)]
        self._started = True
        events.append(block)
        if battery != self._battery and battery <= 100:
            self._battery = battery
            events.append(BatteryReading(float(battery)))
        return events


def _typed(line: bytes) -> tuple[Write, ...]:
    """`line` in pieces, each acknowledged: the console's input overflows when they come too fast."""
    return tuple(Write(WRITE, line[at : at + PIECE]) for at in range(0, len(line), PIECE))


class _EspruinoEncoder(SimpleTwin):
    """The sensor's side: a console that knows three lines, and the script as it runs."""

    driver: ClassVar[str] = "espruino"
    _kind: ClassVar[int]
    _name: ClassVar[str]

    def __init__(self, percent: int = 76) -> None:
        self.rate_hz = RATES_HZ[self._kind]
        self.chunk = SAMPLES
        self.full_scale_g = 2**15 / _PER_G
        self.resolution_g = 1 / _PER_G
        self.gyro_full_scale_dps: float | None = 245.0 if self._kind == _PUCK else None
        self._percent = percent
        self._number = 0
        self._streaming = False
        self._input = b""

    def advertisement(self) -> AdvertisedData:
        """The name with the end of the address, as they have it."""
        return AdvertisedData(name=self._name)

    def gatt(self) -> tuple[GattService, ...]:
        """The console."""
        return (
            GattService(
                SERVICE,
                (
                    GattCharacteristic(WRITE, ("write", "write_without_response")),
                    GattCharacteristic(NOTIFY, ("notify",)),
                ),
            ),
        )

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Take keystrokes; a line that is not one of the driver's is an error of its own. Raises
        InputError for another characteristic."""
        if characteristic != WRITE:
            raise InputError(f"nothing is written to {characteristic}")
        answers: list[Sent] = []
        self._input = (self._input + payload).rpartition(b"\x03")[2]
        while b"\n" in self._input:
            line, _, self._input = self._input.partition(b"\n")
            if line == START_LINE[1:-1]:
                self._streaming = True
            elif line == STOP_LINE[1:-1]:
                self._streaming = False
            elif line != IDENTIFY_LINE[:-1]:
                answers += _said(b"Uncaught SyntaxError: Got ? expected EOF\r\n>")
        return tuple(answers)

    @property
    def streaming(self) -> bool:
        """Whether the script's listener is there."""
        return self._streaming

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """One line, in as many notifications as it takes."""
        values = to_counts(acc_g, _PER_G, "<i2")
        if self._kind == _PUCK:
            turns = np.zeros_like(acc_g) if gyro_dps is None else gyro_dps
            values = np.hstack([values, to_counts(turns, 1 / _DPS, "<i2")])
        ms = round(float(device_times[0]) * 1000) % MODULUS_MS
        head = _HEAD.pack(self._kind, len(values), self._number, ms, self._percent, 0)
        self._number = (self._number + len(values)) % SEQUENCE_MODULUS
        frame = head + values.astype("<i2").tobytes()
        frame += _SUM.pack(sum(frame) % 2**16)
        return tuple(_said(_MARK + base64.b64encode(frame) + b"\r\n"))

    def disconnected(self) -> None:
        """The script ends; a half-typed line stays until it is cleared."""
        self._streaming = False


def _said(text: bytes) -> list[Sent]:
    return [Sent(NOTIFY, text[at : at + PIECE]) for at in range(0, len(text), PIECE)]


class BangleEncoder(_EspruinoEncoder):
    """A Bangle.js 2."""

    _kind = _BANGLE
    _name = "Bangle.js 1a2b"


class PuckEncoder(_EspruinoEncoder):
    """A Puck.js v2."""

    _kind = _PUCK
    _name = "Puck.js 3c4d"
