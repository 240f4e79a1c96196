"""Simulated BTHome devices, plain and encrypted: the side of the device of collector.drivers.bthome."""

from typing import ClassVar

import numpy as np

from collector.drivers.bthome import CHANNEL, ENCRYPTED, INFO, RATE_HZ, STANDARD_GRAVITY, UUID
from collector.drivers.bthome_encryption import Seal
from collector.drivers.bthome_objects import ACCELERATION, BATTERY, PACKET_ID
from collector.drivers.contract import AdvertisedData, Sent
from collector.drivers.counts import to_counts
from collector.drivers.twins import AdvertisingTwin
from domain.samples import Floats


class BTHomeEncoder(AdvertisingTwin):
    """A device that numbers its packets and tells its battery; NaN becomes 0."""

    driver: ClassVar[str] = "bthome"

    def __init__(self, percent: int = 93) -> None:
        self.rate_hz = RATE_HZ
        self.chunk = 1
        self.full_scale_g = 8.0
        self.resolution_g = 1e-6 / STANDARD_GRAVITY
        self.gyro_full_scale_dps: float | None = None
        self._percent = percent
        self._count = 0
        self._row: Floats = np.array([0.0, 0.0, 1.0])

    def advertisement(self) -> AdvertisedData:
        """The last sample as service data."""
        return AdvertisedData(name="DIY posture", service_data={UUID: self._frame()})

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """One packet a sample."""
        sent = []
        for row in acc_g:
            self._count += 1
            self._row = row
            sent.append(Sent(CHANNEL, self._frame()))
        return tuple(sent)

    def _frame(self) -> bytes:
        head = bytes((INFO, PACKET_ID, self._count % 2**8, BATTERY, self._percent))
        return head + self._acceleration()

    def _acceleration(self) -> bytes:
        row = np.clip(self._row, -self.full_scale_g, self.full_scale_g)
        counts = to_counts(row, 1e6 * STANDARD_GRAVITY, "<i4")
        return b"".join(bytes((ACCELERATION,)) + count.tobytes() for count in counts)


class BTHomeEncryptedEncoder(BTHomeEncoder):
    """A device that encrypts: then nothing but the acceleration fits into an advertisement's 31 octets.

    address: the one it is at, which its frames depend on. key_hex: its key.
    """

    def __init__(
        self,
        address: str = "54:48:E6:8F:80:A5",
        key_hex: str = "231d39c1d7cc1ab1aee224cd096db932",
    ) -> None:
        super().__init__()
        self.address = address
        self.key_hex = key_hex

    def _frame(self) -> bytes:
        seal = Seal(self.address, bytes.fromhex(self.key_hex))
        return seal.closed(INFO | ENCRYPTED, self._acceleration(), self._count)
