"""Frames, samples and stores that fail on demand, for the parts of the service in one process."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from domain.errors import StoreUnavailableError
from domain.people import Sensor, Wearer
from domain.placement import Placement
from domain.posture import COLUMNS, FrameBlock
from domain.samples import SampleBlock
from storage.contract import Batch
from storage.sqlite import SqliteStore

T0 = 1_763_800_000
ME = Wearer("me", "Me", "Europe/Berlin")
CLIP = Sensor("A0:00:00:00:00:01", "polar", "Clip", "me", Placement.UPPER_BACK, 0.0)
BAND = Sensor("A0:00:00:00:00:02", "polar", "Band", "me", Placement.THIGH, 0.0)
RATE_HZ = 50.0


def frames(start: int, seconds: int, wearer: str = "me") -> FrameBlock:
    """`seconds` ordinary frames from `start` on."""
    columns = {name: np.zeros(seconds) for name in COLUMNS}
    columns["times"] = start + np.arange(seconds)
    return FrameBlock(wearer=wearer, **columns)


def samples(
    sensor: str, start: float, seconds: float, up: Sequence[float] = (0.0, 0.0, 1.0)
) -> SampleBlock:
    """A sensor at rest, with a little noise."""
    count = round(seconds * RATE_HZ)
    noise = np.random.default_rng(7).normal(0.0, 0.004, (count, 3))
    times = start + np.arange(count) / RATE_HZ
    return SampleBlock(sensor, times, np.asarray(up) + noise, None, RATE_HZ)


class FailingStore(SqliteStore):
    """A real store that refuses to write while `refuses`, and remembers what it was given."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.refuses = False
        self.asked = 0
        self.batches: list[Batch] = []

    def write(self, batch: Batch, *, now: float) -> None:
        self.asked += 1
        if self.refuses:
            raise StoreUnavailableError("the disk is full\nand more that nobody reads")
        super().write(batch, now=now)
        self.batches.append(batch)
