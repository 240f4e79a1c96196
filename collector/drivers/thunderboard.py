"""Silicon Labs Thunderboard: the IMU service of its demonstration firmware, 3 x i16 little-endian in mg.

It streams to whoever subscribes, 5 samples a second, without time or counter. 0x7FFF on every axis
says that there is no sensor, all zeros that nothing was gathered since the last. Source: docs.silabs.com,
IMU GATT service; gecko_sdk, sl_imu.c (1000 x g), sl_sensor_imu.c (5 Hz), sl_gatt_service_imu.c.
"""

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
from collector.drivers.twins import SimpleTwin
from domain.errors import PayloadError
from domain.placement import Placement
from domain.samples import DeviceBlock, Floats

SERVICE: Final = "a4e649f4-4be5-11e5-885d-feff819cdc9f"
ACCELERATION: Final = "c4c1f6e2-4be5-11e5-885d-feff819cdc9f"
ORIENTATION: Final = "b7c4b694-bee3-45dd-ba9f-f3b5e994f49a"

RATE_HZ: Final = 5.0
_PER_G = 1000
_INVALID, _NOTHING = b"\xff\x7f" * 3, bytes(6)
_NAMES = ("Thunderboard", "Thunder Sense", "Thunder React")


class ThunderboardDriver:
    """The host's side of one connection. The orientation is fused on the board and left alone."""

    name: ClassVar[str] = "thunderboard"
    title: ClassVar[str] = "Silicon Labs Thunderboard"
    connects: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("acc",)
    guide: ClassVar[Guide] = Guide(
        models=(
            "Thunderboard Sense 2",
            "Thunderboard BG22",
            "Thunderboard Sense",
            "Thunderboard React",
        ),
        placements=(Placement.UPPER_BACK, Placement.STERNUM, Placement.SEAT),
        wear="In a printed case under a strap or a clip, between the shoulder blades or at the breastbone.",
        limits=(
            "A bare board: it needs a case, and the demonstration firmware it is delivered with.",
            "5 samples a second: lean and lying, but no steps. It sends no turning rate.",
            "Where a rest does not read about 1 g the firmware is another one: do not rely on it.",
            "No clock and no counter: lost samples are estimated from the host's clock.",
        ),
        source="docs.silabs.com, Inertial Measurement Unit GATT service; SiliconLabs/gecko_sdk",
    )

    def __init__(self) -> None:
        self._first = FirstBlock()

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By a name such as `Thunder Sense #12345`, or by the IMU service."""
        name = advertisement.name or ""
        return name.startswith(_NAMES) or SERVICE in advertisement.service_uuids

    def subscriptions(self) -> tuple[str, ...]:
        """The acceleration."""
        return (ACCELERATION,)

    def start(self) -> tuple[Command, ...]:
        """Nothing to ask for: the subscription starts it."""
        self._first = FirstBlock()
        return ()

    def stop(self) -> tuple[Command, ...]:
        """Nothing: it stops when nobody is subscribed."""
        return ()

    def feed(self, characteristic: str, payload: bytes, now: float) -> tuple[Event, ...]:
        """See the contract; `now` is not used."""
        if characteristic != ACCELERATION:
            raise PayloadError(self.name, f"nothing is expected on {characteristic}", payload)
        if len(payload) != 6:
            raise PayloadError(self.name, f"{len(payload)} bytes are no acceleration", payload)
        acc_g = triplets(payload, "<i2") / _PER_G
        if payload in (_INVALID, _NOTHING):
            acc_g[:] = np.nan
        return self._first.told((DeviceBlock(None, acc_g, None, RATE_HZ),))


class ThunderboardEncoder(SimpleTwin):
    """The board's side."""

    driver: ClassVar[str] = "thunderboard"

    def __init__(self) -> None:
        self.rate_hz = RATE_HZ
        self.chunk = 1
        self.full_scale_g = 2.0
        self.resolution_g = 1 / _PER_G
        self.gyro_full_scale_dps: float | None = None

    def advertisement(self) -> AdvertisedData:
        """Its name with the last digits of its address."""
        return AdvertisedData(name="Thunder Sense #32540")

    def gatt(self) -> tuple[GattService, ...]:
        """Of the IMU service what is notified."""
        notified = (ACCELERATION, ORIENTATION)
        return (GattService(SERVICE, tuple(GattCharacteristic(u, ("notify",)) for u in notified)),)

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """A notification a sample."""
        acc = np.clip(acc_g, -self.full_scale_g, self.full_scale_g)
        return tuple(Sent(ACCELERATION, row.tobytes()) for row in to_counts(acc, _PER_G, "<i2"))
