"""SensorTile.box and other boards that speak STMicroelectronics' BlueST protocol.

The UUID of a characteristic says what it carries, `<mask>-0001-11e1-ac36-0002a5d5c51b`: a notification is
a stamp u16 and then the features of the mask from its highest bit down. Acceleration is 3 x i16 mg,
turning 3 x i16 0.1 deg/s, the battery i16 0.1 %, i16 mV, i16 mA, u8 state. Little-endian. Sources:
BlueSTSDK_Android (BlueST-SDK.md, its features and advertisement filter), BlueSTSDK_Python.

Neither says what a stamp counts. ST's firmware does: milliseconds shifted right by three (FP-SNS-STBOX1,
FP-SNS-ALLMEMS1, BLE_Manager), so a tick is 8 ms and stamps begin anew after 524.288 s.
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
)
from collector.drivers.counts import to_counts, triplets
from collector.drivers.first_block import FirstBlock
from collector.drivers.tick_clock import TickClock
from collector.drivers.twins import SimpleTwin
from domain.errors import PayloadError
from domain.placement import Placement
from domain.samples import BatteryReading, DeviceBlock, Floats

SERVICE: Final = "00000000-0001-11e1-9ab4-0002a5d5c51b"
ACC, GYRO, MAG, BATTERY = 0x00800000, 0x00400000, 0x00200000, 0x00020000

_WANTED = ACC | GYRO | MAG

TICK_S: Final = 0.008
TICKS: Final = 2**16
#: FP-SNS-STBOX1 sends motion every 50 ms; others are learnt.
RATES_HZ: Final = (20.0, 25.0, 50.0, 100.0)

#: Bytes of the features that can be told apart in a common characteristic.
_SIZES: Final = {ACC: 6, GYRO: 6, MAG: 6, BATTERY: 7}
_UUID = re.compile(r"([0-9a-f]{8})-0001-11e1-ac36-0002a5d5c51b")
_ST = 0x0030
_ACC_PER_G, _GYRO_PER_DPS = 1000.0, 10.0
#: Device ids of BlueST-SDK.md: boards of ST, Nucleo and its relatives.
_DEVICES = frozenset((*range(0x01, 0x14), *range(0x7A, 0x93), 0x9A))


def characteristic(mask: int) -> str:
    """The characteristic that carries the features of `mask`."""
    return f"{mask:08x}-0001-11e1-ac36-0002a5d5c51b"


MOTION: Final = characteristic(_WANTED)
CHARGE: Final = characteristic(BATTERY)


def layout(mask: int) -> dict[int, int]:
    """Where each feature begins in a notification of `mask`, and under 0 where it ends.

    Raises ValueError for a feature whose size is not known here.
    """
    at, places = 2, {}
    for bit in (1 << i for i in reversed(range(32))):
        if mask & bit:
            if bit not in _SIZES:
                raise ValueError(f"feature {bit:08x}")
            places[bit] = at
            at += _SIZES[bit]
    return {**places, 0: at}


class BlueSTDriver:
    """The host's side of one connection; the board streams what is subscribed to."""

    name: ClassVar[str] = "bluest"
    title: ClassVar[str] = "ST SensorTile.box and BlueST boards"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc", "gyro", "battery")
    guide: ClassVar[Guide] = Guide(
        models=("SensorTile.box", "SensorTile.box PRO", "SensorTile", "BlueCoin", "STWIN"),
        placements=(Placement.UPPER_BACK, Placement.LOWER_BACK, Placement.SEAT),
        wear="On a clip at the collar or the belt; it must not turn against the body.",
        limits=(
            "Needs firmware that streams acceleration, turning and magnetic field together, as ST's do.",
            "About 20 samples a second, stamped to 8 ms.",
            "Boards without a battery feature say nothing of their battery.",
        ),
        source="STMicroelectronics' BlueST protocol, BlueST-SDK.md",
    )
    #: Nucleo boards run from a cable.
    optional: ClassVar[tuple[str, ...]] = (CHARGE,)

    def __init__(self) -> None:
        self._open = False
        self._forget()

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By ST's manufacturer data, version 2, or by those of version 1 that promise what is read.

        Version 1 has no company: its first bytes, 01 and the board, stand where one is looked for.
        """
        for company, data in advertisement.manufacturer_data.items():
            if company == _ST:
                if len(data) in (6, 12) and data[0] == 0x02:
                    return True
            elif company & 0xFF == 0x01 and company >> 8 in _DEVICES and len(data) in (4, 10):
                mask = int.from_bytes(data[:4], "big")
                said = data[4:].hex(":").upper()
                heard = advertisement.address.upper()
                # Without an address that agrees it may be anybody's four bytes: all three are wanted.
                known = said == heard or (":" not in heard and bool(said))
                if mask & ACC if known else not said and mask & _WANTED == _WANTED:
                    return True
        return False

    def subscriptions(self) -> tuple[str, ...]:
        """Motion and, where there is one, the battery."""
        return (MOTION, CHARGE)

    def start(self) -> tuple[Command, ...]:
        """Nothing: subscribing is enough; what was sent before is left out."""
        self._forget()
        self._open = True
        return ()

    def stop(self) -> tuple[Command, ...]:
        """Nothing: unsubscribing is enough."""
        return ()

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract. The very same notification twice is one."""
        found = _UUID.fullmatch(characteristic)
        if found is None:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        try:
            places = layout(int(found[1], 16))
        except ValueError as error:
            raise PayloadError(self.name, f"of no known layout: {error}", payload) from error
        if len(payload) != places[0]:
            raise PayloadError(self.name, f"{len(payload)} bytes, not {places[0]}", payload)
        events: tuple[Event, ...] = ()
        if ACC in places and self._open:
            events += self._sample(payload, places)
        if BATTERY in places:
            (level,) = struct.unpack_from("<h", payload, places[BATTERY])
            events += (BatteryReading(min(max(level / 10, 0.0), 100.0)),)
        return events

    def _forget(self) -> None:
        self._clock = TickClock(TICK_S, TICKS, *RATES_HZ)
        self._last: bytes | None = None
        self._first = FirstBlock()

    def _sample(self, payload: bytes, places: dict[int, int]) -> tuple[Event, ...]:
        if payload == self._last:
            return ()
        self._last = payload
        (stamp,) = struct.unpack_from("<H", payload)
        gyro = None
        if GYRO in places:
            gyro = triplets(payload, "<i2", offset=places[GYRO], count=1) / _GYRO_PER_DPS
        time_s = self._clock.time_s(stamp)
        block = DeviceBlock(
            device_times=np.array([time_s]),
            acc_g=triplets(payload, "<i2", offset=places[ACC], count=1) / _ACC_PER_G,
            gyro_dps=gyro,
            rate_hz=self._clock.rate_hz,
            device_modulus_s=self._clock.modulus_s,
        )
        return self._first.told((block,))


class BlueSTEncoder(SimpleTwin):
    """A SensorTile.box: +-4 g, +-2000 deg/s, 20 samples a second, its battery every 5 s.

    version: of its advertisement, 1 or 2. mac: the address that it repeats in it, none when empty.
    ahead_s: what its clock shows at power-on; stamps begin anew 524.288 s after 0 of it.
    """

    driver: ClassVar[str] = "bluest"

    def __init__(self, version: int = 2, mac: bytes = b"", ahead_s: float = 100.0) -> None:
        self.rate_hz = RATES_HZ[0]
        self.chunk = 1
        self.full_scale_g = 4.0
        self.resolution_g = 1 / _ACC_PER_G
        self.gyro_full_scale_dps: float | None = 2000.0
        self._version = version
        self._mac = mac
        self._ahead_s = ahead_s
        self._sent = 0

    def advertisement(self) -> AdvertisedData:
        """Name and manufacturer data: board 06, and what it can do (1) or its firmware (2)."""
        if self._version == 1:
            data = (ACC | GYRO | MAG | BATTERY).to_bytes(4, "big")
            return AdvertisedData(name="AM1V330", manufacturer_data={0x0601: data + self._mac})
        data = bytes((0x02, 0x06, 0x0C, 0, 0, 0)) + self._mac
        return AdvertisedData(name="BLEPnP", manufacturer_data={_ST: data})

    def gatt(self) -> tuple[GattService, ...]:
        """The service of features, as far as they are motion and battery."""
        both = tuple(GattCharacteristic(uuid, ("notify",)) for uuid in (MOTION, CHARGE))
        return (GattService(SERVICE, both),)

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """One notification a sample, and now and then the battery."""
        gyro = np.zeros_like(acc_g) if gyro_dps is None else gyro_dps
        sent: list[Sent] = []
        acc = to_counts(np.clip(acc_g, -self.full_scale_g, self.full_scale_g), _ACC_PER_G, "<i2")
        turning = to_counts(np.clip(gyro, -2000.0, 2000.0), _GYRO_PER_DPS, "<i2")
        for time_s, acc_row, gyro_row in zip(device_times, acc, turning, strict=True):
            # A clock of whole milliseconds, shifted; the little more is for times such as 0.95 s.
            clock_ms = int((float(time_s) + self._ahead_s) * 1000 + 1e-6)
            stamp = struct.pack("<H", (clock_ms >> 3) % TICKS)
            sent.append(Sent(MOTION, stamp + acc_row.tobytes() + gyro_row.tobytes() + bytes(6)))
            if self._sent % 100 == 0:
                sent.append(Sent(CHARGE, stamp + struct.pack("<hhhB", 874, 3950, -12, 1)))
            self._sent += 1
        return tuple(sent)
