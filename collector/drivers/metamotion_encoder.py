"""The MetaMotion's side of its bytes: what its simulated twins are made of."""

from typing import ClassVar

import numpy as np

from collector.drivers.contract import (
    INFORMATION_SERVICE,
    MODEL_NUMBER,
    AdvertisedData,
    GattCharacteristic,
    GattService,
    Sent,
)
from collector.drivers.counts import to_counts
from collector.drivers.metamotion import (
    ACC,
    BATTERY,
    BMI160,
    BMI270,
    CONFIG,
    COUNTS_PER_DPS,
    COUNTS_PER_G,
    GYRO,
    INFORMATION,
    INTERRUPT,
    LED,
    NOTIFY,
    PACKED,
    POWER,
    RANGE_DPS,
    RANGE_G,
    RATE_HZ,
    SERVICE,
    SETTINGS,
    WRITE,
    Chip,
)
from domain.errors import InputError
from domain.samples import Floats


class _Encoder:
    """The sensor's side. Settings, and what is subscribed, outlast the link, as they do until a reset."""

    driver: ClassVar[str] = "metamotion"
    connects: ClassVar[bool] = True

    chip: ClassVar[Chip]
    information: ClassVar[dict[int, bytes]]
    model: ClassVar[bytes]

    def __init__(self) -> None:
        self.rate_hz = RATE_HZ
        self.chunk = PACKED
        self.full_scale_g = float(RANGE_G)
        self.resolution_g = 1 / COUNTS_PER_G[RANGE_G]
        self.gyro_full_scale_dps: float | None = 2**15 / COUNTS_PER_DPS[RANGE_DPS]
        self._registers: dict[tuple[int, int], bytes] = {}
        self.flashes = 0

    def advertisement(self) -> AdvertisedData:
        """The name as delivered, and the maker's service."""
        return AdvertisedData(name="MetaWear", service_uuids=(SERVICE,))

    def gatt(self) -> tuple[GattService, ...]:
        """The maker's service, and the model number."""
        write = GattCharacteristic(WRITE, ("write", "write_without_response"))
        return (
            GattService(SERVICE, (write, GattCharacteristic(NOTIFY, ("notify",)))),
            GattService(INFORMATION_SERVICE, (GattCharacteristic(MODEL_NUMBER, ("read",)),)),
        )

    def read(self, characteristic: str) -> bytes:
        """The model number; raises InputError for anything else."""
        if characteristic != MODEL_NUMBER:
            raise InputError(f"{characteristic} cannot be read")
        return self.model

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        """Set a register, or answer with one."""
        if characteristic != WRITE or len(payload) < 2:
            return ()
        module, register = payload[0], payload[1]
        if register == INFORMATION:
            return (Sent(NOTIFY, payload[:2] + self.information.get(module, b"")),)
        if payload == bytes((SETTINGS, BATTERY)):
            return (Sent(NOTIFY, bytes((SETTINGS, BATTERY, 90)) + (4012).to_bytes(2, "little")),)
        self._registers[module, register] = payload[2:]
        self.flashes += payload == b"\x02\x01\x01" and (LED, 0x03) in self._registers
        return ()

    @property
    def streaming(self) -> bool:
        """Whether packed accelerations are subscribed, sampled, and set as the driver expects them."""
        return self._runs(ACC, self.chip.acc_packed, self.chip.acc_config)

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        """A notification of accelerations, and one of rotations."""
        chip, sent = self.chip, []
        if self.streaming:
            sent.append(_sent(ACC, chip.acc_packed, acc_g, COUNTS_PER_G[RANGE_G]))
        if self._runs(GYRO, chip.gyro_packed, chip.gyro_config):
            gyro = np.zeros((len(acc_g), 3)) if gyro_dps is None else gyro_dps
            sent.append(_sent(GYRO, chip.gyro_packed, gyro, COUNTS_PER_DPS[RANGE_DPS]))
        return tuple(sent)

    def disconnected(self) -> None:
        """Nothing changes: it would go on for whoever connects next."""

    def _runs(self, module: int, packed: int, config: bytes) -> bool:
        wanted = {POWER: b"\x01", INTERRUPT: b"\x01\x00", packed: b"\x01", CONFIG: config}
        return all(self._registers.get((module, register)) == v for register, v in wanted.items())


def _sent(module: int, register: int, values: Floats, per_unit: float) -> Sent:
    return Sent(NOTIFY, bytes((module, register)) + to_counts(values, per_unit, "<i2").tobytes())


class MetaMotionBMI160Encoder(_Encoder):
    """A MetaMotionR, RL or C."""

    chip = BMI160
    information: ClassVar[dict[int, bytes]] = {ACC: b"\x01\x01", GYRO: b"\x00\x01"}
    model = b"5"


class MetaMotionBMI270Encoder(_Encoder):
    """A MetaMotionS."""

    chip = BMI270
    information: ClassVar[dict[int, bytes]] = {ACC: b"\x04\x00", GYRO: b"\x01\x00"}
    model = b"8"
