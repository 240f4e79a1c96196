"""A service's storing and sending as a process of its own, to be killed: writes blocks and forwards them.

Prints the end of what is committed, a line a commit. Arguments: the file, the server's address, the database.
"""

import asyncio
import sys
import time
from pathlib import Path

import numpy as np

from domain.posture import COLUMNS, FrameBlock
from storage.contract import Batch
from storage.influx.forwarder import Forwarder
from storage.influx.settings import InfluxSettings
from storage.influx.store import InfluxStore

T0 = 1_790_035_200
BLOCK = 20


def block(start: int) -> FrameBlock:
    """Frames whose values follow from their times."""
    times = np.arange(start, start + BLOCK)
    columns = {name: np.full(BLOCK, np.nan) for name in COLUMNS[1:]}
    columns |= {name: np.zeros(BLOCK) for name in ("quality", "source")}
    columns["activity"] = times % 6
    columns["lean_deg"] = (times % 1000) / 100
    return FrameBlock(wearer="ada", times=times, **columns)


async def store_and_send(store: InfluxStore, settings: InfluxSettings) -> None:
    async def write() -> None:
        latest = store.latest("ada")
        at = T0 if latest is None else latest.time + 1
        while True:
            await asyncio.to_thread(store.write, Batch(frames=(block(at),)), now=time.time() - 90)
            at += BLOCK
            print(at, flush=True)
            await asyncio.sleep(0.003)

    async def quick(seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.02))

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        group.create_task(Forwarder(store, store.server, settings, sleep=quick).run())


if __name__ == "__main__":
    asked = InfluxSettings(
        url=sys.argv[2], database=sys.argv[3], local_days=36500, outbox_days=3650
    )
    with InfluxStore(Path(sys.argv[1]), asked) as opened:
        asyncio.run(store_and_send(opened, asked))
