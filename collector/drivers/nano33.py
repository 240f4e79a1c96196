"""Arduino Nano 33 BLE Sense with the stock sketch of the web dashboard.

Acceleration in g and turning in deg/s, 3 x f32 little-endian each, whenever the chip has a new value:
119 Hz on the first revision (LSM9DS1), 99.84 Hz on the second (BMI270), by the rates that Arduino's
libraries Arduino_LSM9DS1 and Arduino_BMI270_BMM150 report. Source: the dashboard's sketch.
"""

from typing import ClassVar, Final

from collector.drivers.contract import AdvertisedData, Advertisement, Guide
from collector.drivers.loop_board import LoopBoard, LoopTwin
from domain.placement import Placement

SERVICE: Final = "6fbe1da7-0000-44de-92c4-bb6e04fb0212"
ACC: Final = "6fbe1da7-3001-44de-92c4-bb6e04fb0212"
GYRO: Final = "6fbe1da7-3002-44de-92c4-bb6e04fb0212"
RATES_HZ: Final = (99.84, 119.0)


class Nano33Driver(LoopBoard):
    """The host's side of one connection."""

    name: ClassVar[str] = "nano33"
    title: ClassVar[str] = "Arduino Nano 33 BLE Sense (dashboard sketch)"
    acc: ClassVar[str] = ACC
    gyro: ClassVar[str] = GYRO
    acc_first: ClassVar[bool] = True
    rates_hz: ClassVar[tuple[float, ...]] = RATES_HZ
    most: ClassVar[tuple[float, float]] = (32.0, 4000.0)
    guide: ClassVar[Guide] = Guide(
        models=("Arduino Nano 33 BLE Sense", "Arduino Nano 33 BLE Sense Rev2"),
        placements=(Placement.UPPER_BACK, Placement.LOWER_BACK, Placement.SEAT),
        wear="In a small case on a clip at the collar or the belt, with a battery; it must not turn.",
        limits=(
            "Needs the sketch of Arduino's web dashboard on the board.",
            "No clock and no counter: lost samples are estimated from the host's clock.",
            "It says nothing of its battery.",
        ),
        source="Arduino's sketch of the Nano 33 BLE Sense web dashboard",
    )

    @classmethod
    def matches(cls, advertisement: Advertisement) -> bool:
        """By the sketch's service, or by a name such as BLESense-1A2B."""
        named = (advertisement.name or "").startswith("BLESense-")
        return named or SERVICE in advertisement.service_uuids


class Nano33Encoder(LoopTwin):
    """The board's side: +-4 g and +-2000 deg/s, one pass of the loop a sample."""

    driver: ClassVar[str] = "nano33"
    service: ClassVar[str] = SERVICE
    host: ClassVar[type[LoopBoard]] = Nano33Driver

    def advertisement(self) -> AdvertisedData:
        """The sketch's service, and the name in the scan response."""
        return AdvertisedData(name="BLESense-1A2B", service_uuids=(SERVICE,))
