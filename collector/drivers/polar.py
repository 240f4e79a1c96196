"""Polar H10, Verity Sense and OH1: a control point to start with, then frames in the sensor's clock.

The control point answers by indications, and only when both characteristics were subscribed
before the first command (Polar BLE SDK, issues 281 and 360). The H10 restarts its clock at 2019
after its battery was out: the clock is an offset clock like any other and never read as a date.
"""

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import ClassVar

import numpy as np

from collector.drivers import polar_control as pmd
from collector.drivers.contract import (
    BATTERY_LEVEL,
    Advertisement,
    Command,
    Event,
    Guide,
    Halted,
    Read,
    Started,
    Write,
)
from collector.drivers.counts import MOST_DPS, MOST_G
from collector.drivers.pairing import GyroPairing
from collector.drivers.polar_frames import (
    ACC,
    GYRO,
    Frame,
    acc_g,
    gyro_dps,
    is_of_others,
    parse_frame,
    sample_offsets_ns,
    usual_factor,
)
from domain.errors import HandshakeError, PayloadError
from domain.placement import Placement
from domain.samples import BatteryReading, DeviceBlock, Floats

COMPANY = 0x006B  # Bluetooth SIG assigned numbers: Polar Electro
_NAME = re.compile(r"Polar (?:H10|Sense|OH1)(?: |$)")  # then 8 digits of the device
_WORDS = {ACC: "the accelerometer", GYRO: "the gyroscope"}

#: Posture needs no more than 50 Hz, and the battery is spared.
_RATE_HZ = 50.0
_FASTEST_HZ = 1000  # the fastest that any of them has is 416
#: 8 g leaves the mg resolution as it is and does not clip a stumble; dps: all there is.
_RANGES = {ACC: 8, GYRO: 2000}
_LONGEST_ANSWER = 512  # bytes of settings over all continuations


class _Stage(Enum):
    IDLE = auto()
    FEATURES = auto()  # waits for the features
    SETTINGS = auto()  # waits for the settings of the first of `todo`
    STARTING = auto()  # waits for its start to be accepted
    STOPPING = auto()  # a stream was left running: waits for its stop, then starts it again
    STREAMING = auto()


@dataclass(slots=True)
class _Stream:
    """One measurement of this connection; `previous_ns` is kept for each frame type."""

    rate_hz: float
    settings: bytes
    full_scale: float
    factor: float | None = None
    running: bool = False
    stopped_before: bool = False
    previous_ns: dict[tuple[int, bool], int] = field(default_factory=dict)


class PolarDriver:
    """The host's side of one connection to a Polar sensor with an accelerometer."""

    name: ClassVar[str] = "polar"
    title: ClassVar[str] = "Polar H10, Verity Sense, OH1"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro", "battery")
    guide: ClassVar[Guide] = Guide(
        models=("Polar H10", "Polar Verity Sense", "Polar OH1"),
        placements=(Placement.STERNUM, Placement.UPPER_BACK, Placement.THIGH),
        wear=(
            "H10: the strap below the breastbone, moistened. Verity Sense and OH1: in their clip at the "
            "collar behind the neck, or in the armband around the thigh."
        ),
        limits=(
            "The H10 and the OH1 have no gyroscope: lean in movement is less exact than with a Verity Sense.",
            (
                "The H10 goes on for hours after it was taken off unless it was stopped; it drops the link "
                "45 s after the strap comes off."
            ),
            "With a Verity Sense's firmware before 2.2.6 the battery level stands still while it charges.",
            (
                "A phone app that holds the sensor keeps it from being found, unless two connections are "
                "switched on in Polar's app."
            ),
        ),
        source="Polar's BLE SDK, its documentation and tests",
    )

    def __init__(self) -> None:
        self._forget()

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By name; by the company while the name has not been heard, for it comes later on."""
        if advertisement.name:
            return _NAME.match(advertisement.name) is not None
        return COMPANY in advertisement.manufacturer_data

    @classmethod
    def measures_of(cls, advertisement: Advertisement) -> tuple[str, ...]:
        """Of the three a Verity Sense alone has a gyroscope."""
        turns = (advertisement.name or "").startswith("Polar Sense")
        return tuple(word for word in cls.measures if turns or word != "gyro")

    def subscriptions(self) -> tuple[str, ...]:
        """Control point and data, both before any command, and the battery."""
        return (pmd.CONTROL_POINT, pmd.DATA, BATTERY_LEVEL)

    def start(self) -> tuple[Command, ...]:
        """Ask what the sensor can measure; the rest follows from its answers."""
        self._forget()
        self._stage = _Stage.FEATURES
        return (Read(pmd.CONTROL_POINT), Read(BATTERY_LEVEL))

    def stop(self) -> tuple[Command, ...]:
        """Stop what was started: an H10 left streaming stays awake until its battery is empty."""
        started = [kind for kind in (ACC, GYRO) if kind in self._streams]
        self._forget()
        return tuple(_command(pmd.STOP, kind) for kind in started)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; the arrival time plays no part."""
        if characteristic == pmd.DATA:
            return self._data(payload)
        if characteristic == pmd.CONTROL_POINT:
            return self._control(payload)
        if characteristic == BATTERY_LEVEL:
            if len(payload) != 1 or payload[0] > 100:
                raise PayloadError(self.name, "no battery level", payload)
            return (BatteryReading(float(payload[0])),)
        raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)

    def _forget(self) -> None:
        self._stage = _Stage.IDLE
        self._todo: list[int] = []
        self._parameters = b""
        self._streams: dict[int, _Stream] = {}
        self._pairing: GyroPairing | None = None

    # --- control point -----------------------------------------------------------------------

    def _control(self, payload: bytes) -> tuple[Event, ...]:
        first = payload[0] if payload else None
        if first == pmd.FEATURES:
            return self._features(payload)
        if first == pmd.ANSWER:
            return self._answer(payload)
        if first == pmd.HALTED:
            return self._halted(payload)
        raise PayloadError(self.name, "no message of the control point", payload)

    def _features(self, payload: bytes) -> tuple[Event, ...]:
        if len(payload) < 2:
            raise PayloadError(self.name, "the features are cut short", payload)
        if self._stage is not _Stage.FEATURES:
            return ()
        if not payload[1] & 1 << ACC:
            self._forget()
            raise HandshakeError(self.name, "the sensor has no accelerometer to stream")
        # The gyroscope first, so that the accelerometer samples find their partners from the start.
        self._todo = [GYRO, ACC] if payload[1] & 1 << GYRO else [ACC]
        return self._ask()

    def _ask(self) -> tuple[Event, ...]:
        self._stage = _Stage.SETTINGS
        return (_command(pmd.GET_SETTINGS, self._todo[0]),)

    def _answer(self, payload: bytes) -> tuple[Event, ...]:
        answer = pmd.parse_answer(payload)
        awaited = {
            _Stage.SETTINGS: pmd.GET_SETTINGS,
            _Stage.STARTING: pmd.START,
            _Stage.STOPPING: pmd.STOP,
        }.get(self._stage)
        if answer.command != awaited or answer.kind != self._todo[0]:
            return ()  # late, or meant for another application on the same sensor
        stream = self._streams.get(answer.kind)
        if answer.status == pmd.ALREADY and self._stage is _Stage.STARTING:
            if stream is not None and not stream.stopped_before:
                # Left running by a connection that died, at settings nobody knows any more.
                stream.stopped_before = True
                self._stage = _Stage.STOPPING
                return (_command(pmd.STOP, answer.kind),)
        elif answer.status == pmd.ALREADY and self._stage is _Stage.STOPPING:
            return self._begin(answer.kind)
        if answer.status != pmd.OK:
            self._forget()
            why = pmd.STATUS_WORDS.get(answer.status, f"status {answer.status}")
            raise HandshakeError(
                self.name, f"{_WORDS[answer.kind]} was refused: {why}", code=answer.status
            )
        parameters = self._parameters + answer.parameters
        self._parameters = b""
        if len(parameters) > _LONGEST_ANSWER:
            raise PayloadError(self.name, "an answer without end", payload)
        if answer.more:
            self._parameters = parameters
            return ()
        if self._stage is _Stage.STOPPING:
            return self._begin(answer.kind)
        settings = pmd.parse_settings(parameters)
        if self._stage is _Stage.SETTINGS:
            return self._choose(answer.kind, settings)
        return self._accepted(answer.kind, settings)

    def _choose(self, kind: int, offered: pmd.Settings) -> tuple[Event, ...]:
        chosen = pmd.choose(offered, rate_hz=_RATE_HZ, range_wanted=_RANGES[kind])
        if not chosen or chosen[pmd.RATE][0] > _FASTEST_HZ:
            self._forget()
            raise HandshakeError(self.name, f"no rate that can be is offered for {_WORDS[kind]}")
        self._streams[kind] = _Stream(
            rate_hz=float(chosen[pmd.RATE][0]),
            settings=pmd.build_settings(chosen),
            full_scale=float(chosen.get(pmd.RANGE, (_RANGES[kind],))[0]),
        )
        return self._begin(kind)

    def _begin(self, kind: int) -> tuple[Event, ...]:
        self._stage = _Stage.STARTING
        return (_command(pmd.START, kind, self._streams[kind].settings),)

    def _accepted(self, kind: int, settings: pmd.Settings) -> tuple[Event, ...]:
        stream = self._streams[kind]
        stream.factor = pmd.factor_of(settings)
        stream.running = True
        del self._todo[0]
        if self._todo:
            return self._ask()
        self._stage = _Stage.STREAMING
        if GYRO in self._streams:
            self._pairing = GyroPairing(self._streams[ACC].rate_hz, self._streams[GYRO].rate_hz)
        return (Started(self._streams[ACC].rate_hz),)

    def _halted(self, payload: bytes) -> tuple[Event, ...]:
        if len(payload) < 2:
            raise PayloadError(self.name, "a stop of no measurement", payload)
        ended = [kind for kind in (ACC, GYRO) if kind in payload[1:] and kind in self._streams]
        if not ended:
            return ()
        rest = self._pairing.flush() if self._pairing is not None else []
        self._forget()
        return (*rest, Halted(f"the sensor stopped {' and '.join(_WORDS[k] for k in ended)}"))

    # --- data --------------------------------------------------------------------------------

    def _data(self, payload: bytes) -> tuple[Event, ...]:
        if is_of_others(payload):
            return ()
        frame = parse_frame(payload)
        stream = self._streams.get(frame.kind)
        if stream is None or not stream.running:
            return ()  # before the start was accepted, or after the stop: nobody knows its scale
        scale, most = (acc_g, MOST_G) if frame.kind == ACC else (gyro_dps, MOST_DPS)
        factor = stream.factor
        values = scale(frame, usual_factor(frame, stream.full_scale) if factor is None else factor)
        if not (np.abs(values) <= most).all():  # false for NaN
            raise PayloadError(self.name, "values that the sensor cannot measure", payload)
        form = (frame.frame_type, frame.compressed)
        if stream.previous_ns.get(form) == frame.stamp_ns:
            return ()  # the same notification delivered twice, as BlueZ does after a reconnect
        times = _times(frame, stream.rate_hz, stream.previous_ns.get(form))
        stream.previous_ns[form] = frame.stamp_ns
        if self._pairing is not None:
            push = self._pairing.push_acc if frame.kind == ACC else self._pairing.push_gyro
            return tuple(push(times, values))
        if frame.kind == GYRO:
            return ()  # its stream runs first and waits for the accelerometer
        return (DeviceBlock(times, values, None, stream.rate_hz),)


def _times(frame: Frame, rate_hz: float, previous_ns: int | None) -> Floats:
    offsets = sample_offsets_ns(frame.stamp_ns, len(frame.raw), rate_hz, previous_ns)
    return frame.stamp_ns / 1e9 + offsets / 1e9


def _command(command: int, kind: int, settings: bytes = b"") -> Write:
    return Write(pmd.CONTROL_POINT, bytes((command, kind)) + settings)
