"""The hub of raw samples: blocks of each sensor to whoever watches it, as they come.

Nobody waits for anybody: who is too slow loses the oldest blocks and is told how many samples that were.
"""

from api.answer import Answer
from api.watchers import Watcher, Watchers
from domain.samples import SampleBlock

#: Blocks that wait for one client: half a minute of a sensor that sends twice a second.
QUEUE_BLOCKS = 64
MAX_CLIENTS = 16


class Samples(Answer):
    """Samples of one sensor as they were measured. times: Unix s of the service's clock; acc_g and
    gyro_dps: a row of x, y, z in the sensor's own axes for each time, gyro_dps null without a gyro.
    lost_before: samples lost on the air before these; skipped: samples this client was too slow for."""

    sensor: str
    times: list[float]
    acc_g: list[tuple[float, float, float]]
    gyro_dps: list[tuple[float, float, float]] | None
    lost_before: int
    skipped: int


def samples_of(block: SampleBlock, skipped: int) -> Samples:
    """The message of a block; digits beyond what any sensor resolves are left out."""
    gyro = block.gyro_dps
    return Samples(
        sensor=block.sensor,
        times=[round(float(time), 4) for time in block.times],
        acc_g=[_row(row) for row in block.acc_g.tolist()],
        gyro_dps=None if gyro is None else [_row(row) for row in gyro.tolist()],
        lost_before=block.lost_before,
        skipped=skipped,
    )


def _row(row: list[float]) -> tuple[float, float, float]:
    x, y, z = (round(value, 5) for value in row)
    return x, y, z


class SampleClient(Watcher[SampleBlock, Samples]):
    """One reader of one sensor."""

    def __init__(self, sensor: str) -> None:
        super().__init__(sensor, QUEUE_BLOCKS)
        self._skipped = 0

    def _message(self, item: SampleBlock) -> Samples:
        skipped, self._skipped = self._skipped, 0
        return samples_of(item, skipped)

    def _lose(self, item: SampleBlock) -> None:
        self._skipped += len(item.times)


class SampleHub(Watchers[SampleClient]):
    """Blocks to every client that watches their sensor."""

    def __init__(self) -> None:
        super().__init__(SampleClient)

    def publish(self, block: SampleBlock) -> None:
        """Offer a block to those who watch its sensor; never waits."""
        self.offer(block.sensor, block)
