"""The hub of raw samples: blocks of each sensor to whoever watches it, as they come.

Nobody waits for anybody: who is too slow loses the oldest blocks and is told how many samples that were.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from api.answer import Answer
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


class SampleClient:
    """One reader of one sensor; iterate it to the end, which comes when the hub closes."""

    def __init__(self, sensor: str) -> None:
        self.sensor = sensor
        self._queue: deque[SampleBlock] = deque()
        self._skipped = 0
        self._closed = False
        self._wake = asyncio.Event()

    def offer(self, block: SampleBlock) -> None:
        """Queue a block; a full queue loses its oldest."""
        if len(self._queue) == QUEUE_BLOCKS:
            self._skipped += len(self._queue.popleft().times)
        self._queue.append(block)
        self._wake.set()

    def close(self) -> None:
        """No more will come."""
        self._closed = True
        self._wake.set()

    async def __aiter__(self) -> AsyncIterator[Samples]:
        while not self._closed:
            if self._queue:
                skipped, self._skipped = self._skipped, 0
                yield samples_of(self._queue.popleft(), skipped)
            else:
                self._wake.clear()
                await self._wake.wait()


class SampleHub:
    """Blocks to every client that watches their sensor. Used on the event loop only."""

    def __init__(self) -> None:
        self._clients: dict[str, set[SampleClient]] = {}
        self._closed = False

    @property
    def clients(self) -> int:
        """How many read now."""
        return sum(map(len, self._clients.values()))

    def publish(self, block: SampleBlock) -> None:
        """Offer a block to those who watch its sensor; never waits."""
        for client in self._clients.get(block.sensor, ()):
            client.offer(block)

    def subscribe(self, sensor: str) -> SampleClient:
        """A client of `sensor` from now on; hand it to `unsubscribe`."""
        client = SampleClient(sensor)
        self._clients.setdefault(sensor, set()).add(client)
        if self._closed:
            client.close()
        return client

    def unsubscribe(self, client: SampleClient) -> None:
        """The client has gone."""
        watching = self._clients.get(client.sensor, set())
        watching.discard(client)
        if not watching:
            self._clients.pop(client.sensor, None)

    def close(self) -> None:
        """End every stream; later subscribers end at once."""
        self._closed = True
        for watching in self._clients.values():
            for client in watching:
                client.close()
