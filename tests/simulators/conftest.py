"""A clock that runs fast, a source whose values tell their index, and the smallest possible protocol."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest
from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from collector.drivers.contract import (
    AdvertisedData,
    GattCharacteristic,
    GattService,
    Sent,
)
from domain.errors import InputError
from domain.samples import Floats
from simulators.radio import BumbleScanner, BumbleWorld
from tests.virtual_time import now_s

EPOCH = 1_790_000_000.0
ADDRESS = "C0:FF:EE:00:00:01"

SERVICE = "9a000000-1111-4222-8333-444455556666"
CONTROL = "9a000001-1111-4222-8333-444455556666"
DATA = "9a000002-1111-4222-8333-444455556666"
LABEL = "9a000003-1111-4222-8333-444455556666"

STEP_G = 0.002
SPAN_G = 1.8  # what the narrowest full scale, 2 g, can carry


class FastClock:
    """Unix time that runs `speed` times as fast as the loop's and can be pushed forward."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._zero = now_s()
        self._pushed_s = 0.003  # no sensor is switched on at the very moment of a sample

    def __call__(self) -> float:
        return EPOCH + self._pushed_s + (now_s() - self._zero) * self.speed

    def push(self, seconds: float) -> None:
        self._pushed_s += seconds


class Ramp:
    """Sample i is (i % columns, i // columns) steps and 1 g; its clock starts at 1000 s.

    step_g: 2 mg, or more for a sensor with coarser numbers; columns fill 1.8 g.
    """

    def __init__(
        self,
        rate_hz: float = 50.0,
        *,
        gyro: bool = False,
        lost: frozenset[int] = frozenset(),
        step_g: float = STEP_G,
    ) -> None:
        self.rate_hz = rate_hz
        self._gyro = gyro
        self._lost = lost
        self._step_g = step_g

    def samples(self, first_index: int, n: int) -> tuple[Floats, Floats, Floats | None]:
        index = np.arange(first_index, first_index + n)
        columns = int(SPAN_G / self._step_g)
        steps = np.column_stack((index % columns, index // columns, np.full(n, 1 / self._step_g)))
        acc_g = steps * self._step_g
        gyro_dps = acc_g * 50.0 if self._gyro else None
        return 1000.0 + index / self.rate_hz, acc_g, gyro_dps

    def index_at(self, true_time: float) -> int:
        return int((true_time - EPOCH) * self.rate_hz)

    def true_time(self, index: int) -> float:
        return EPOCH + index / self.rate_hz

    def is_lost(self, packet_index: int) -> bool:
        return packet_index in self._lost


def index_of(
    acc_g: Floats, step_g: float = STEP_G, *, directions: bool = False
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """The indices that a Ramp's samples tell; `directions`: their length was lost, but z was 1 g."""
    whole = acc_g / acc_g[:, 2:] if directions else acc_g
    steps = np.rint(whole[:, :2] / step_g).astype(np.int64)
    return steps[:, 0] + int(SPAN_G / step_g) * steps[:, 1]


@dataclass
class PlainEncoder:
    """Says "go" and "ok" by indication, then frames of the device time and six bytes a sample."""

    driver: ClassVar[str] = "plain"
    connects: ClassVar[bool] = True
    rate_hz: float = 50.0
    chunk: int = 5
    full_scale_g: float = 16.0
    resolution_g: float = 0.001
    gyro_full_scale_dps: float | None = None
    streaming: bool = False
    links_ended: int = 0
    heard: list[tuple[str, bytes]] = field(default_factory=list)

    def advertisement(self) -> AdvertisedData:
        return AdvertisedData(
            name="Plain 1",
            service_uuids=(SERVICE, "0000180d-0000-1000-8000-00805f9b34fb"),
            manufacturer_data={0x1234: b"\x01\x02"},
        )

    def gatt(self) -> tuple[GattService, ...]:
        return (
            GattService(
                SERVICE,
                (
                    GattCharacteristic(
                        CONTROL, ("read", "write", "write_without_response", "indicate")
                    ),
                    GattCharacteristic(DATA, ("notify",)),
                    GattCharacteristic(LABEL, ("read",)),
                ),
            ),
        )

    def read(self, characteristic: str) -> bytes:
        if characteristic == LABEL:
            return bytes(range(256)) + bytes(range(44))
        raise InputError("not to be read")

    def written(self, characteristic: str, payload: bytes) -> tuple[Sent, ...]:
        self.heard.append((characteristic, payload))
        if payload == b"go":
            self.streaming = True
        elif payload == b"halt":
            self.streaming = False
        elif payload == b"refuse":
            raise InputError("refused")
        return (Sent(CONTROL, b"ok " + payload),)

    def samples(
        self, device_times: Floats, acc_g: Floats, gyro_dps: Floats | None
    ) -> tuple[Sent, ...]:
        counts = np.rint(acc_g / self.resolution_g).astype("<i2")
        stamp = np.array(device_times[:1]).astype("<f8")
        return (Sent(DATA, stamp.tobytes() + counts.tobytes()),)

    def disconnected(self) -> None:
        self.streaming = False
        self.links_ended += 1


def decode_plain(payload: bytes) -> tuple[float, Floats]:
    """Device time of the first sample, and acc_g."""
    counts = np.frombuffer(payload[8:], "<i2").reshape(-1, 3)
    return float(np.frombuffer(payload[:8], "<f8")[0]), counts * 0.001


async def until(condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
    """Wait for a condition, at most `timeout_s`."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.002)


async def find(world: BumbleWorld, address: str = ADDRESS) -> BLEDevice:
    """The device as a bleak scan finds it."""
    device = await BleakScanner.find_device_by_address(
        address, timeout=3.0, backend=BumbleScanner, world=world
    )
    assert device is not None, f"{address} was not found"
    return device


@contextlib.asynccontextmanager
async def scanning(
    world: BumbleWorld, service_uuids: list[str] | None = None
) -> AsyncIterator[list[tuple[BLEDevice, AdvertisementData]]]:
    """What a bleak scanner reports while it runs."""
    heard: list[tuple[BLEDevice, AdvertisementData]] = []
    async with BleakScanner(
        lambda device, data: heard.append((device, data)),
        service_uuids,
        backend=BumbleScanner,
        world=world,
    ):
        yield heard


@pytest.fixture
async def world() -> AsyncIterator[BumbleWorld]:
    async with BumbleWorld(absent_after_s=0.2) as world:
        yield world
