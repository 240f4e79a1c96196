"""The event loop of the tests marked `virtual_time`."""

import asyncio
import time

import pytest

from tests.virtual_time import now_s

pytestmark = pytest.mark.virtual_time


async def test_an_hours_wait_takes_an_hour_and_no_time() -> None:
    began, wall = now_s(), time.monotonic()
    await asyncio.sleep(3600.0)
    assert now_s() - began == 3600.0
    assert time.monotonic() - wall < 60.0


async def test_what_takes_this_process_long_delays_nothing() -> None:
    async with asyncio.timeout(0.001):
        time.sleep(0.05)  # as a busy machine holds it up
        await asyncio.sleep(0.0005)


async def test_timers_come_in_their_order_at_their_moments() -> None:
    began, came = now_s(), []

    async def come(after_s: float) -> None:
        await asyncio.sleep(after_s)
        came.append((after_s, round(now_s() - began, 9)))

    await asyncio.gather(*(come(after_s) for after_s in (0.3, 0.1, 0.2)))
    assert came == [(0.1, 0.1), (0.2, 0.2), (0.3, 0.3)]


async def test_time_stands_still_while_a_thread_works() -> None:
    async with asyncio.timeout(0.001):
        await asyncio.to_thread(time.sleep, 0.05)
    assert now_s() < 0.001
