"""The collector between its sessions and the consumer."""

import asyncio
import contextlib

import pytest
from scripted import ADDRESS, DATA, ScriptedRadio, ToyDriver, sensor

from collector.collector import Collector
from domain.errors import ConflictError, NotFoundError

pytestmark = pytest.mark.virtual_time


async def test_a_burst_of_a_sensor_that_catches_up_is_taken_in_few_turns_of_the_loop():
    radio, blocks = ScriptedRadio(), []
    collector = Collector(
        radio,
        [sensor()],
        clock=lambda: 1_763_805_600.0,
        on_block=blocks.append,
        drivers=lambda _: ToyDriver,
        queue_blocks=64,
    )
    task = asyncio.create_task(collector.run())
    async with asyncio.timeout(3.0):
        while not (radio.connections and DATA in radio.connections[-1].subscribed):
            radio.advertise()
            await asyncio.sleep(0.001)
    for burst in range(20):
        for k in range(48):
            radio.connections[-1].send(10 * (48 * burst + k))
        for _ in range(4):
            await asyncio.sleep(0)
    async with asyncio.timeout(3.0):
        while len(blocks) + collector.dropped // 10 < 960:
            await asyncio.sleep(0.001)
    assert collector.dropped == 0
    assert [block.lost_before for block in blocks] == [0] * 960
    assert collector.status(ADDRESS).received == 9600
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_only_a_sensor_that_is_there_and_connected_can_be_asked_which_one_it_is():
    collector = Collector(
        ScriptedRadio(),
        [sensor()],
        clock=lambda: 1_763_805_600.0,
        on_block=lambda block: None,
        drivers=lambda _: ToyDriver,
    )
    with pytest.raises(NotFoundError):
        await collector.identify("C0:00:00:00:00:99")
    with pytest.raises(ConflictError):
        await collector.identify(ADDRESS)
