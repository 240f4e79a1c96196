"""The bounded queue: it keeps the newest, and the data says what is missing."""

import asyncio

import numpy as np
import pytest

from collector.handover import BlockQueue
from domain.samples import SampleBlock

pytestmark = pytest.mark.virtual_time


def block(sensor, start, n=5, lost=0):
    times = start + np.arange(n) / 50.0
    return SampleBlock(sensor, times, np.zeros((n, 3)), None, 50.0, lost)


def test_blocks_come_out_in_order():
    queue = BlockQueue(4)
    for start in (0.0, 1.0, 2.0):
        queue.put(block("a", start))
    assert [queue.get_nowait().times[0] for _ in range(3)] == [0.0, 1.0, 2.0]
    assert queue.get_nowait() is None and queue.dropped == 0


def test_what_is_dropped_is_counted_and_told_by_the_next_block_of_the_same_sensor():
    queue = BlockQueue(3)
    queue.put(block("a", 0.0, lost=2))
    queue.put(block("b", 0.0))
    for start in (1.0, 2.0, 3.0):
        queue.put(block("a", start, lost=1))
    assert (len(queue), queue.dropped) == (3, 10)
    a, *rest = (queue.get_nowait() for _ in range(3))
    assert (a.sensor, a.lost_before) == ("a", 1 + 5 + 2)
    assert [r.lost_before for r in rest] == [1, 1]
    queue.put(block("b", 1.0))
    assert queue.get_nowait().lost_before == 5


def test_every_sample_put_in_comes_out_or_is_told():
    queue = BlockQueue(2)
    taken = 0
    for k in range(100):
        queue.put(block("a", float(k)))
        if k % 7 == 0:
            out = queue.get_nowait()
            taken += len(out) + out.lost_before
    while (out := queue.get_nowait()) is not None:
        taken += len(out) + out.lost_before
    assert taken == 500 and queue.dropped > 0


async def test_the_consumer_waits_until_there_is_something():
    queue = BlockQueue(2)
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    assert not waiting.done()
    queue.put(block("a", 0.0))
    assert (await waiting).sensor == "a"
