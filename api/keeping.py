"""What the API needs to pair, move, show and calibrate sensors while the service runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from collector.discovery import FoundDevice
from collector.drivers.contract import Driver
from domain.link import LinkReason
from domain.people import Calibration, Sensor
from domain.placement import Placement


@dataclass(frozen=True, slots=True)
class PairingRequest:
    """What is to be worn, by whom and where. driver: a stored name, None to go by what it advertises;
    key_hex: the secret of a sensor that encrypts."""

    address: str
    wearer: str
    placement: Placement
    name: str | None = None
    driver: str | None = None
    key_hex: str = ""


@dataclass(frozen=True, slots=True)
class PoseTaken:
    """A pose that was held: `seconds` of samples of it are kept for a calibration until `keeps_until`."""

    pose: str
    seconds: float
    keeps_until: float


@dataclass(frozen=True, slots=True)
class Deafness:
    """There is no radio: why, as a word and as a sentence for people."""

    reason: LinkReason
    sentence: str


class SensorKeeper(Protocol):
    """Sensors as they come and go. Every method is called on the event loop and must not block it.

    Every one that names a sensor raises NotFoundError; those that write raise StoreError.
    """

    def drivers(self) -> Sequence[type[Driver]]:
        """What can be read."""
        ...

    def sensors(self) -> Sequence[Sensor]:
        """All that are paired and read here. The store may keep others: of trials, of strangers."""
        ...

    def sensor(self, sensor_id: str) -> Sensor:
        """A paired sensor."""
        ...

    def calibration(self, sensor_id: str) -> Calibration | None:
        """Its calibration in force."""
        ...

    def found(self) -> Sequence[FoundDevice]:
        """What was on the air in the last minute; a sensor that is connected does not advertise."""
        ...

    def deafness(self) -> Deafness | None:
        """Why nothing can be heard at all; None when there is a radio."""
        ...

    async def pair(self, request: PairingRequest) -> Sensor:
        """Read a sensor from now on. Raises NotFoundError (address not heard and no driver named,
        wearer, driver), ConflictError (paired already, its place is taken), InputError (key)."""
        ...

    async def simulate(self, wearer: str, placements: Sequence[Placement]) -> Sequence[Sensor]:
        """Start simulated sensors on a simulated person, calibrated, in the wearer's name.

        Raises NotFoundError (wearer), ConflictError: all is simulated already, a place is taken, the wearer
        wears real sensors, or there are real measurements of theirs.
        """
        ...

    async def change(
        self,
        sensor_id: str,
        *,
        name: str | None = None,
        wearer: str | None = None,
        placement: Placement | None = None,
    ) -> Sensor:
        """Rename, move or hand over; None leaves as it is. A calibration does not move along.

        Raises NotFoundError, ConflictError.
        """
        ...

    async def unpair(self, sensor_id: str) -> None:
        """Read it no longer; what it measured stays."""
        ...

    async def identify(self, sensor_id: str) -> None:
        """Have it blink or buzz. Raises ConflictError when it is not connected or cannot, LinkError."""
        ...

    async def take_pose(self, sensor_id: str, pose: str) -> PoseTaken:
        """Keep the next seconds of samples as `upright` (standing, for a thigh) or `slouch`.

        Raises CalibrationRefused when the samples stop or the wearer moved, ConflictError when none come.
        """
        ...

    async def calibrate(self, sensor_id: str) -> Calibration:
        """The calibration of the poses taken last, in force at once. Raises ConflictError without an
        upright pose, CalibrationRefused."""
        ...
