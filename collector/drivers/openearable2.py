"""OpenEarable 2: tells how its records are laid out, and is read by that.

Once a connection the list of sensors is read and each is asked for its scheme until one has an
acceleration in three floats of a known unit; its rate nearest to 50 Hz is then set by `[sensor][index
of the rate][1]`. Times are u64 us of the earable's own clock, of the first sample of a record.
Source: OpenEarable/open-earable-2, doc/protocols/wire-contract-baseline.md and its wire vectors.

Trap: the bone conduction sensor too has a group called ACCELEROMETER, in i16 of "g", which are raw
counts of no stated scale. Whole numbers of g or m/s2 cannot be; such a sensor is passed over.
"""

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
    Read,
    Sent,
    Write,
)
from collector.drivers.counts import measurable, quantised
from collector.drivers.first_block import FirstBlock
from collector.drivers.openearable_scheme import Record, Scheme
from collector.drivers.showing import Showing
from collector.drivers.twins import SimpleTwin
from domain.errors import HandshakeError, InputError, PayloadError
from domain.placement import Placement
from domain.samples import DeviceBlock, Floats

SENSOR_SERVICE: Final = "34c2e3bb-34aa-11eb-adc1-0242ac120002"
DATA: Final = "34c2e3bc-34aa-11eb-adc1-0242ac120002"
CONFIG: Final = "34c2e3be-34aa-11eb-adc1-0242ac120002"
PARSE_SERVICE: Final = "caa25cb7-7e1b-44f2-adc9-e8c06c9ced43"
LIST: Final = "caa25cb9-7e1b-44f2-adc9-e8c06c9ced43"
REQUEST: Final = "caa25cba-7e1b-44f2-adc9-e8c06c9ced43"
RESPONSE: Final = "caa25cbb-7e1b-44f2-adc9-e8c06c9ced43"
LED_SERVICE: Final = "81040a2e-4819-11ee-be56-0242ac120002"
LED_RGB: Final = "81040e7a-4819-11ee-be56-0242ac120002"
LED_STATE: Final = "81040e7b-4819-11ee-be56-0242ac120002"

WANTED_HZ: Final = 50.0
NAME: Final = "OpenEarable-"
STANDARD_GRAVITY: Final = 9.80665  # m/s2, 3rd CGPM 1901

_OFF, _BLUETOOTH = 0, 1
_STATUS, _CUSTOM = b"\x00", b"\x01"
_BLUE = b"\x00\x00\xff"
_PER_G: Final = {"g": 1.0, "mg": 1000.0} | dict.fromkeys(
    ("m/s^2", "m/s2", "m/s²", "m/s/s"), STANDARD_GRAVITY
)
_PER_DPS: Final = {"rad/s": float(np.pi / 180)} | dict.fromkeys(
    ("dps", "deg/s", "°/s", "degrees/s"), 1.0
)


class OpenEarable2Driver:
    """The host's side of one connection."""

    name: ClassVar[str] = "openearable2"
    title: ClassVar[str] = "OpenEarable 2"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro")
    guide: ClassVar[Guide] = Guide(
        models=("OpenEarable 2",),
        placements=(Placement.HEAD,),
        wear="In the ear; one of the two is enough.",
        limits=(
            "The head tells how the neck bends, and little of the back.",
            "It is told from the first OpenEarable by what it advertises; one that was renamed is not found.",
        ),
        source="OpenEarable/open-earable-2, doc/protocols and tests/protocol_contracts",
    )

    def __init__(self) -> None:
        self._showing = Showing()
        self._first = FirstBlock()
        self._forget()

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By its name; the first OpenEarable, called the same, advertises the sensor service."""
        named = (advertisement.name or "").startswith(NAME)
        return named and SENSOR_SERVICE not in advertisement.service_uuids

    def subscriptions(self) -> tuple[str, ...]:
        """The records."""
        return (DATA,)

    def start(self) -> tuple[Command, ...]:
        """Ask which sensors there are."""
        self._forget()
        return (Read(LIST),)

    def stop(self) -> tuple[Command, ...]:
        """Switch the sensor off that was switched on."""
        return () if self._scheme is None else (self._configure(self._scheme, _OFF),)

    def identify(self) -> tuple[Command, ...]:
        """Light the lamp in blue; it goes back to its own signs some seconds later."""
        self._showing.begin(Write(LED_STATE, _STATUS))
        return (Write(LED_STATE, _CUSTOM), Write(LED_RGB, _BLUE))

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract. A list or a scheme that cannot be read is a refusal."""
        if characteristic == LIST:
            return self._listed(payload)
        if characteristic == RESPONSE:
            return self._answered(payload)
        if characteristic != DATA:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if self._scheme is None:
            return ()  # a stream that somebody else has left switched on
        record = self._scheme.record(payload)
        if record is None:
            return self._showing.due(now)
        block = self._block(record)
        if not measurable(block.acc_g, block.gyro_dps):
            raise PayloadError(self.name, "values that the sensor cannot measure", payload)
        if block.device_times is not None and not (np.diff(block.device_times) > 0).all():
            raise PayloadError(self.name, "times that cannot be told apart", payload)
        ending = self._showing.due(now)
        return (*ending, *self._first.told((block,)))

    def _forget(self) -> None:
        self._unasked: list[int] = []
        self._asked: int | None = None
        self._scheme: Scheme | None = None
        self._acc: tuple[list[int], float] = ([], 1.0)
        self._gyro: tuple[list[int], float] | None = None
        self._index = 0
        self._first = FirstBlock()

    def _listed(self, payload: bytes) -> tuple[Event, ...]:
        if not payload or payload[0] != len(payload) - 1:
            raise HandshakeError(self.name, f"no list of sensors: {payload[:16].hex() or 'empty'}")
        self._unasked = list(payload[1:])
        return self._ask()

    def _ask(self) -> tuple[Event, ...]:
        if not self._unasked:
            raise HandshakeError(self.name, "none of its sensors streams an acceleration")
        self._asked = self._unasked.pop(0)
        return (Write(REQUEST, bytes((self._asked,))), Read(RESPONSE))

    def _answered(self, payload: bytes) -> tuple[Event, ...]:
        if self._asked is None:
            return ()
        scheme = Scheme.from_bytes(payload)
        if scheme.sensor != self._asked:
            raise HandshakeError(self.name, f"asked for {self._asked}, told of {scheme.sensor}")
        acc = _triplet(scheme, "ACC", _PER_G)
        if acc is None or not scheme.streams:
            return self._ask()
        if not scheme.rates_hz:
            raise HandshakeError(self.name, f"{scheme.name!r} does not say its rates")
        self._asked, self._scheme = None, scheme
        self._acc, self._gyro = acc, _triplet(scheme, "GYR", _PER_DPS)
        off_hz = [abs(rate_hz - WANTED_HZ) for rate_hz in scheme.rates_hz]
        self._index = off_hz.index(min(off_hz))
        return (self._configure(scheme, _BLUETOOTH),)

    def _configure(self, scheme: Scheme, where: int) -> Write:
        return Write(CONFIG, bytes((scheme.sensor, self._index, where)))

    def _block(self, record: Record) -> DeviceBlock:
        assert self._scheme is not None
        columns, per_g = self._acc
        gyro = None
        if self._gyro is not None:
            gyro = record.values[:, self._gyro[0]] / self._gyro[1]
        times = record.first_s + np.arange(len(record.values), dtype=np.float64) * record.spacing_s
        return DeviceBlock(
            device_times=times,
            acc_g=record.values[:, columns] / per_g,
            gyro_dps=gyro,
            rate_hz=self._scheme.rates_hz[self._index],
        )


def _triplet(
    scheme: Scheme, group: str, per_unit: dict[str, float]
) -> tuple[list[int], float] | None:
    """Where x, y, z of a group are in a sample, and how many of its units make one of ours."""
    found: dict[str, int] = {}
    for index, one in enumerate(scheme.components):
        known = one.unit.lower() in per_unit and not (one.whole and one.unit != "mg")
        if one.group.upper().startswith(group) and known:
            found.setdefault(one.name.upper(), index)
    if not {"X", "Y", "Z"} <= set(found):
        return None
    columns = [found[axis] for axis in "XYZ"]
    units = {scheme.components[index].unit.lower() for index in columns}
    return (columns, per_unit[units.pop()]) if len(units) == 1 else None


class OpenEarable2Encoder(SimpleTwin):
    """The earable's side: three sensors, the last of which is the one with 9 axes; +-2 g, 2000 deg/s.

    chunk: samples of one record. light: the colour of the lamp, None while it shows its own signs.
    """

    driver: ClassVar[str] = "openearable2"

    def __init__(self, chunk: int = 5) -> None:
        self.rate_hz = WANTED_HZ
        self.chunk = chunk
        self.full_scale_g = 2.0
        self.resolution_g = 1e-4  # a count is 6.1e-5 g, and is rounded once more to f32 of m/s2
        self.gyro_full_scale_dps: float | None = 2000.0
        self.light: bytes | None = None
        self._streaming = False
        self._response = b""

    def advertisement(self) -> AdvertisedData:
        """The name; the audio services that it advertises too are not simulated."""
        return AdvertisedData(name=f"{NAME}1A2B")

    def gatt(self) -> tuple[GattService, ...]:
        """Sensors, their schemes, and the lamp."""
        return (
            GattService(
                SENSOR_SERVICE,
                (GattCharacteristic(CONFIG, ("write",)), GattCharacteristic(DATA, ("notify",))),
            ),
            GattService(
                PARSE_SERVICE,
                (
                    GattCharacteristic(LIST, ("read",)),
                    GattCharacteristic(REQUEST, ("write",)),
                    GattCharacteristic(RESPONSE, ("read", "notify")),
                ),
            ),
            GattService(
                LED_SERVICE,
                tuple(GattCharacteristic(uuid, ("write",)) for uuid in (LED_RGB, LED_STATE)),
            ),
        )

    def read(self, characteristic: str) -> bytes:
        """The list, or the scheme that was asked for; raises InputError for anything else."""
        if characteristic == LIST:
            return bytes((len(_SCHEMES), *_SCHEMES))
        if characteristic == RESPONSE:
            return self._response
        raise InputError(f"{characteristic} cannot be read")

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Look a scheme up, switch the sensor on or off, or light the lamp."""
        if characteristic == REQUEST and len(payload) == 1:
            self._response = _SCHEMES.get(payload[0], b"")
        elif characteristic == CONFIG and len(payload) == 3 and payload[0] == _IMU:
            self._streaming = bool(payload[2] & _BLUETOOTH)
            self.rate_hz = _RATES_HZ[min(payload[1], len(_RATES_HZ) - 1)]
        elif characteristic == LED_RGB:
            self.light = payload
        elif characteristic == LED_STATE and payload == _STATUS:
            self.light = None
        return ()

    @property
    def streaming(self) -> bool:
        """Once it was switched on; it goes on without a link."""
        return self._streaming

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """One record: m/s2, deg/s, and a magnetometer that points nowhere."""
        gyro = np.zeros_like(acc_g) if gyro_dps is None else gyro_dps
        values = np.hstack(
            (
                quantised(acc_g, self.full_scale_g) * STANDARD_GRAVITY,
                quantised(gyro, 2000.0),
                np.zeros_like(acc_g),
            )
        )
        data = values.astype("<f4").tobytes()
        if len(values) > 1:
            data += struct.pack("<H", round(1e6 / self.rate_hz))
        first_us = round(float(device_times[0]) * 1e6)
        return (Sent(DATA, struct.pack("<BBQ", _IMU, len(data), first_us) + data),)


def _text(text: str) -> bytes:
    return bytes((len(text),)) + text.encode()


def _scheme(
    sensor: int, name: str, components: tuple[tuple[int, str, str, str], ...], highest: int
) -> bytes:
    parts = [bytes((sensor,)), _text(name), bytes((len(components),))]
    parts += [bytes((kind,)) + b"".join(map(_text, strings)) for kind, *strings in components]
    parts += [bytes((0x13, len(_RATES_HZ), 0, highest)), struct.pack("<6f", *_RATES_HZ)]
    return b"".join(parts)


_RATES_HZ: Final = (25.0, 50.0, 100.0, 200.0, 400.0, 800.0)
_IMU, _OPTICAL, _BONE = 0, 6, 7
_I16, _F32 = 2, 6
#: As the firmware has them: the IMU comes last here, so that a host has to look for it.
_SCHEMES: Final = {
    _OPTICAL: _scheme(
        _OPTICAL, "Skin Temperature Sensor", ((_F32, "OPTICAL_TEMPERATURE_SENSOR", "T", "C"),), 0
    ),
    _BONE: _scheme(
        _BONE,
        "Bone Conduction Accelerometer",
        tuple((_I16, "ACCELEROMETER", axis, "g") for axis in "XYZ"),
        2,
    ),
    _IMU: _scheme(
        _IMU,
        "9-Axis IMU",
        tuple(
            (_F32, group, axis, unit)
            for group, unit in (
                ("ACCELEROMETER", "m/s^2"),
                ("GYROSCOPE", "dps"),
                ("MAGNETOMETER", "uT"),
            )
            for axis in "XYZ"
        ),
        2,
    ),
}
