"""Two fakes that talk to each other: a driver and an encoder joined in memory."""

import json
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from collector.drivers.contract import (
    BATTERY_LEVEL,
    INFORMATION,
    Command,
    Driver,
    Encoder,
    Event,
    Read,
    Repeat,
    Sent,
    Write,
)
from collector.drivers.registry import ENCODERS, driver_of
from domain.samples import BatteryReading, DeviceBlock

ROOT = Path(__file__).resolve().parents[3]


def answer(encoder: Encoder, read: Read) -> bytes:
    """What a read brings: the peripheral's battery, nothing for information that is not there."""
    if read.characteristic == BATTERY_LEVEL:
        return b"\x5a"
    has = {c.uuid for service in encoder.gatt() for c in service.characteristics}
    if read.characteristic in INFORMATION and read.characteristic not in has:
        return b""
    return encoder.read(read.characteristic)


def answers(encoder: Encoder, command: Command) -> tuple[Sent, ...]:
    """What one command brings, in order; a repeated one is performed once."""
    if isinstance(command, Repeat):
        command = command.command
    if isinstance(command, Write):
        return encoder.written(command.characteristic, command.payload)
    return (Sent(command.characteristic, answer(encoder, command)),)


class Link:
    """A connection without a radio: writes reach the encoder, what it sends reaches the driver."""

    def __init__(self, driver: Driver, encoder: Encoder) -> None:
        self.driver = driver
        self.encoder = encoder
        self.events: list[Event] = []
        self.written: list[Write] = []
        self.now = 1_700_000_000.0
        self.device_time = 0.0

    def start(self) -> "Link":
        self.perform(self.driver.start())
        return self

    def stop(self) -> None:
        self.perform(self.driver.stop())

    def perform(self, commands: Iterable[Event]) -> None:
        queue = deque(commands)
        while queue:
            command = queue.popleft()
            if isinstance(command, Repeat):
                command = command.command
            if isinstance(command, Read):
                value = answer(self.encoder, command)
                queue.extend(self._deliver(command.characteristic, value))
            elif isinstance(command, Write):
                self.written.append(command)
                for sent in self.encoder.written(command.characteristic, command.payload):
                    queue.extend(self._deliver(sent.characteristic, sent.payload))

    def _deliver(self, characteristic: str, payload: bytes) -> list[Event]:
        events = self.driver.feed(characteristic, payload, self.now)
        self.events += [e for e in events if not isinstance(e, Read | Write)]
        return [e for e in events if isinstance(e, Read | Write)]

    def stream(
        self, acc_g: Any, gyro_dps: Any = None, lose: Callable[[int], bool] = lambda i: False
    ) -> None:
        """Send samples in the encoder's own chunks; `lose` says which notifications go missing."""
        acc_g = np.asarray(acc_g, dtype=float)
        at = count = 0
        while at < len(acc_g):
            rate_hz, chunk = self.encoder.rate_hz, self.encoder.chunk
            n = min(chunk, len(acc_g) - at)
            times = self.device_time + np.arange(1, n + 1) / rate_hz
            self.device_time = float(times[-1])
            self.now += n / rate_hz
            rows = slice(at, at + n)
            gyro = None if gyro_dps is None else np.asarray(gyro_dps, dtype=float)[rows]
            for sent in self.encoder.samples(times, acc_g[rows], gyro):
                if not lose(count):
                    self.perform(self._deliver(sent.characteristic, sent.payload))
                count += 1
            at += n

    @property
    def blocks(self) -> list[DeviceBlock]:
        return [event for event in self.events if isinstance(event, DeviceBlock)]

    @property
    def batteries(self) -> list[float]:
        return [event.percent for event in self.events if isinstance(event, BatteryReading)]

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def acc_g(self) -> Any:
        return np.concatenate([block.acc_g for block in self.blocks])

    def device_times(self) -> Any:
        return np.concatenate([block.device_times for block in self.blocks])


@pytest.fixture
def connect() -> Callable[[str], Link]:
    """A driver and the named simulated sensor, joined and not yet started."""

    def build(name: str) -> Link:
        encoder = ENCODERS[name]()
        return Link(driver_of(encoder), encoder)

    return build


@pytest.fixture
def vectors() -> Callable[[str], Any]:
    """The facts of a driver, re-typed small, which every checkout has."""
    return lambda name: json.loads((ROOT / "tests/vectors" / f"{name}.json").read_text())


@pytest.fixture
def shared_vectors() -> Callable[[str], dict[str, Any]]:
    """The vectors of a sensor from the data beside the checkout, by name; skips where there are none."""
    path = ROOT.parent / "shared/sensors/vectors.json"

    def load(sensor: str) -> dict[str, Any]:
        if not path.exists():
            pytest.skip("the shared sensor vectors are not beside this checkout")
        found: dict[str, Any] = {}
        for vector in json.loads(path.read_text()):
            if vector["sensor"] == sensor:
                repeats = sum(name.split(" (")[0] == vector["name"] for name in found)
                name = f"{vector['name']} ({repeats + 1})" if repeats else vector["name"]
                assert name not in found
                found[name] = vector
        assert found, f"there are no vectors of {sensor}"
        return found

    return load
