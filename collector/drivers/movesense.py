"""Movesense HR+, HR2, MD and Flash through their GATT SensorData protocol (GSP).

Commands are `[command][reference][payload]` and the reference, never zero, comes back with every answer:
`01 ref code..` a result like HTTP's, `02 ref data..` data, `03 ref data..` the rest of data too long for the
MTU of 161. IMU6 data: u32 milliseconds of the first sample since power-on, then all accelerations
(3 x f32, m/s2) and after them all rates (3 x f32, deg/s), little-endian. Sources: Movesense's
gatt_sensordata_app and its description of the protocol; the documentation and tests of movesense-py.
"""

import struct
from typing import ClassVar, Final

import numpy as np

from collector.drivers.contract import (
    BATTERY_LEVEL,
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
    Started,
    Write,
)
from collector.drivers.counts import measurable, quantised, triplets
from collector.drivers.twins import SimpleTwin
from domain.errors import HandshakeError, PayloadError
from domain.placement import Placement
from domain.samples import BatteryReading, DeviceBlock, Floats

SERVICE: Final = "34802252-7185-4d5d-b431-630e7050e8f0"
COMMAND: Final = "34800001-7185-4d5d-b431-630e7050e8f0"
DATA: Final = "34800002-7185-4d5d-b431-630e7050e8f0"
#: What advertisements have room for, instead of SERVICE; Suunto's number in the SIG's list.
ADVERTISED: Final = "0000fdf3-0000-1000-8000-00805f9b34fb"

RATE_HZ: Final = 52.0
PATH: Final = b"Meas/IMU6/52"
#: Wants its final NUL, unlike the paths of a subscription.
ENERGY_PATH: Final = b"/System/Energy/Level\0"
MODULUS_S: Final = 2**32 / 1000  # the stamp is u32 ms: 49.7 days

_SUBSCRIBE, _UNSUBSCRIBE, _GET = 1, 2, 4
_RESULT, _DATA, _CONTINUED = 1, 2, 3
_IMU, _ENERGY = 0x49, 0x45  # references: any byte but zero
_STAMP = struct.Struct("<I")
_SAMPLE_SIZE = 24  # 3 x f32 of each kind
_STANDARD_GRAVITY = 9.80665  # m/s2 in 1 g: CGPM 1901
_LONGEST_DATA = 4096  # bytes over all continuations: 170 samples, three seconds
_BATTERY_EVERY_S = 600.0

_REFUSALS = {
    400: "the firmware does not understand the request: flash the GATT SensorData app",
    403: "the sensor does not permit it",
    404: "this firmware has no combined accelerometer and gyroscope at 52 Hz",
    409: "the sensor is busy: another measurement or a recording holds it",
    423: "the sensor is busy: another measurement or a recording holds it",
    501: "the firmware cannot do it: flash the GATT SensorData app",
    503: "the sensor is not ready yet",
    507: (
        "no free place for another subscription: end the other application on it, or take it off the "
        "strap for a minute so that it restarts"
    ),
}


class MovesenseDriver:
    """The host's side of one connection. Subscriptions vanish with the link: each one asks anew."""

    name: ClassVar[str] = "movesense"
    title: ClassVar[str] = "Movesense HR+, HR2, MD, Flash"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro", "battery")
    guide: ClassVar[Guide] = Guide(
        models=("Movesense HR+", "Movesense HR2", "Movesense MD", "Movesense Flash"),
        placements=(Placement.STERNUM, Placement.UPPER_BACK, Placement.WAIST, Placement.THIGH),
        wear=(
            "Snapped onto its chest strap below the breastbone, or with its clip or body tape between the "
            "shoulder blades."
        ),
        limits=(
            (
                "Its firmware must have the GATT SensorData service, as the standard one has from 2.3 on; "
                "Movesense's phone app flashes it in a minute. Other heart-rate firmware streams no motion."
            ),
            "It holds one connection at a time: a phone app that is connected keeps Sitwell out.",
            "Off its strap or clip it falls asleep; touching its studs or snapping it on wakes it.",
        ),
        source="Movesense's GATT SensorData protocol",
    )

    def __init__(self) -> None:
        self._begun = b""  # data whose rest has not come yet
        self._forget()

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By its name, `Movesense` and the serial number, or by the service where it is advertised."""
        name = advertisement.name or ""
        return name.startswith("Movesense ") or SERVICE in advertisement.service_uuids

    def subscriptions(self) -> tuple[str, ...]:
        """Results and data, and the standard battery, which not every firmware has."""
        return (DATA, BATTERY_LEVEL)

    def start(self) -> tuple[Command, ...]:
        """Subscribe the measurement; ask for the battery in both ways, for firmware differs."""
        self._forget()
        self._asked = True
        return (
            _command(_SUBSCRIBE, _IMU, PATH),
            Read(BATTERY_LEVEL),
            Repeat(_command(_GET, _ENERGY, ENERGY_PATH), _BATTERY_EVERY_S),
        )

    def stop(self) -> tuple[Command, ...]:
        """End the subscription: what is left running drains the coin cell."""
        self._forget()
        return (_command(_UNSUBSCRIBE, _IMU),)

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; the arrival time plays no part."""
        if characteristic == BATTERY_LEVEL:
            return (self._battery(payload),)
        if characteristic != DATA:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) < 2:
            raise PayloadError(self.name, "no type and no reference", payload)
        kind, reference, content = payload[0], payload[1], payload[2:]
        if kind == _RESULT:
            return self._result(reference, content, payload)
        if kind not in (_DATA, _CONTINUED) or reference != _IMU:
            raise PayloadError(self.name, "data that were not asked for", payload)
        if kind == _CONTINUED:
            if not self._begun:
                raise PayloadError(self.name, "a continuation of nothing", payload)
            content = self._begun + content
        self._begun = b""
        return self._data(content, payload)

    def _forget(self) -> None:
        self._asked = False  # whether the subscription waits for its result
        self._started = False
        self._begun = b""

    def _battery(self, content: bytes) -> BatteryReading:
        if len(content) != 1 or content[0] > 100:
            raise PayloadError(self.name, "no battery level", content)
        return BatteryReading(float(content[0]))

    def _result(self, reference: int, content: bytes, payload: bytes) -> tuple[Event, ...]:
        code = result_code(content)
        if code is None:
            raise PayloadError(self.name, "no result code", payload)
        if reference == _ENERGY:
            # Some firmware has no such path: then the standard service tells, if anything does.
            return (self._battery(content[2:]),) if code < 300 else ()
        if reference != _IMU or not self._asked:
            return ()  # of the end of a subscription, or of another application's
        self._asked = False
        if code < 300:
            return self._begin()
        why = _REFUSALS.get(code, "no reason is known")
        raise HandshakeError(self.name, f"the measurement was refused ({code}): {why}", code=code)

    def _begin(self) -> tuple[Event, ...]:
        if self._started:
            return ()
        self._started = True
        return (Started(RATE_HZ),)

    def _data(self, content: bytes, payload: bytes) -> tuple[Event, ...]:
        n, rest = divmod(len(content) - _STAMP.size, _SAMPLE_SIZE)
        if n < 0 or rest or n == 0:
            if len(content) > _LONGEST_DATA:
                raise PayloadError(self.name, "data without end", payload)
            self._begun = content  # a rest that is lost shows as a gap in the stamps
            return ()
        (stamp_ms,) = _STAMP.unpack_from(content)
        vectors = triplets(content, "<f4", offset=_STAMP.size)
        acc_g, gyro_dps = vectors[:n] / _STANDARD_GRAVITY, vectors[n:]
        if not measurable(acc_g, gyro_dps):
            raise PayloadError(self.name, "values that the sensor cannot measure", payload)
        block = DeviceBlock(
            device_times=stamp_ms / 1000 + np.arange(n) / RATE_HZ,
            acc_g=acc_g,
            gyro_dps=gyro_dps,
            rate_hz=RATE_HZ,
            device_modulus_s=MODULUS_S,
        )
        # The first firmware with the service says nothing to a subscription that succeeds.
        self._asked = False
        return (*self._begin(), block)


def result_code(content: bytes) -> int | None:
    """The code at the front of a result, None when there is none.

    The first firmware writes its one code, 507, big-endian; later firmware writes little-endian.
    No code from 200 to 599 can be read both ways and mean something else.
    """
    if len(content) < 2:
        return None
    codes = (int.from_bytes(content[:2], "big"), int.from_bytes(content[:2], "little"))
    return next((code for code in codes if 100 <= code < 600), None)


def _command(command: int, reference: int, content: bytes = b"") -> Write:
    return Write(COMMAND, bytes((command, reference)) + content)


class MovesenseEncoder(SimpleTwin):
    """The sensor's side: four places for subscriptions, which it empties when the link ends.

    chunk: samples in a message; as the sensor has it 4, from 7 on they need a continuation.
    """

    driver: ClassVar[str] = "movesense"

    MTU: ClassVar[int] = 161
    PLACES: ClassVar[int] = 4

    def __init__(self, chunk: int = 4) -> None:
        self.rate_hz = RATE_HZ
        self.chunk = chunk
        self.full_scale_g = 8.0  # as delivered
        self.resolution_g = self.full_scale_g / 2**15
        self.gyro_full_scale_dps: float | None = 2000.0
        self._subscribed: dict[int, bytes] = {}

    def advertisement(self) -> AdvertisedData:
        """The name with a serial number, and the short service number."""
        return AdvertisedData(name="Movesense 210330000123", service_uuids=(ADVERTISED,))

    def gatt(self) -> tuple[GattService, ...]:
        """The GATT SensorData service."""
        command = GattCharacteristic(COMMAND, ("write",))
        return (GattService(SERVICE, (command, GattCharacteristic(DATA, ("notify",)))),)

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Subscribe, unsubscribe, or answer the battery level."""
        if characteristic != COMMAND or len(payload) < 2 or not payload[1]:
            return ()
        command, reference, path = payload[0], payload[1], payload[2:].rstrip(b"\0")
        if command == _UNSUBSCRIBE:
            known = self._subscribed.pop(reference, None) is not None
            return (_result(reference, 200 if known else 404),)
        if command == _GET:
            if path.lstrip(b"/") != b"System/Energy/Level":
                return (_result(reference, 404),)
            return (_result(reference, 200, b"\x5a"),)
        if command != _SUBSCRIBE:
            return ()
        if reference not in self._subscribed and len(self._subscribed) >= self.PLACES:
            # Written the other way round than every other code.
            return (Sent(DATA, bytes((_RESULT, reference)) + (507).to_bytes(2, "big")),)
        if not path.lstrip(b"/").startswith(b"Meas/"):
            return (_result(reference, 404),)
        self._subscribed[reference] = path.lstrip(b"/")
        return (_result(reference, 200),)

    @property
    def streaming(self) -> bool:
        """Whether the measurement is subscribed."""
        return PATH in self._subscribed.values()

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """One message for every subscription of the measurement, in as many parts as it needs."""
        gyro = np.zeros((len(acc_g), 3)) if gyro_dps is None else gyro_dps
        stamp_ms = round(float(device_times[0]) * 1000) % 2**32
        acc = quantised(acc_g, self.full_scale_g) * _STANDARD_GRAVITY
        vectors = np.concatenate((acc, quantised(gyro, 2000.0))).astype("<f4")
        content = _STAMP.pack(stamp_ms) + vectors.tobytes()
        size = self.MTU - 3 - 2  # ATT's header, then type and reference
        parts = [content[at : at + size] for at in range(0, len(content), size)]
        return tuple(
            Sent(DATA, bytes((_CONTINUED if index else _DATA, reference)) + part)
            for reference, path in self._subscribed.items()
            if path == PATH
            for index, part in enumerate(parts)
        )

    def disconnected(self) -> None:
        """Nobody is subscribed any more."""
        self._subscribed.clear()


def _result(reference: int, code: int, content: bytes = b"") -> Sent:
    return Sent(DATA, bytes((_RESULT, reference)) + code.to_bytes(2, "little") + content)
